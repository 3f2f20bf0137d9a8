"""What turn 10,000 of a loop costs against turn 10: time and bytes of state, for a plain loop and through blocks.

The states of both turns are kept, and one turn is then played from each by turns, so that the machine's moods meet both.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import Any

from app.domain.bundles import Bundle
from app.domain.events import InstanceStarted, TaskCompleted, TaskOpened
from app.domain.numbers import Numbers
from app.engine.definitions import Definition, load
from app.engine.runtime import Applied, apply, start

EARLY, LATE, SAMPLES, LIMIT = 10, 10_000, 400, 1.2
AT = datetime(2023, 5, 8, 7, 0, tzinfo=UTC)
SHAPES = {
    "plain": '<bpmn:userTask id="a"/>',
    "parallel": '<bpmn:parallelGateway id="f"/><bpmn:parallelGateway id="j"/><bpmn:userTask id="a"/><bpmn:userTask id="b"/>',
    "inclusive": '<bpmn:inclusiveGateway id="f"/><bpmn:inclusiveGateway id="j"/><bpmn:userTask id="a"/><bpmn:userTask id="b"/>',
    "subprocess": '<bpmn:subProcess id="a"><bpmn:startEvent id="si"/><bpmn:userTask id="t"/>'
    '<bpmn:sequenceFlow id="st" sourceRef="si" targetRef="t"/></bpmn:subProcess>',
}


def _flow(source: str, target: str, condition: str = "") -> str:
    when = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    return f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{when}</bpmn:sequenceFlow>'


def definition(shape: str) -> Definition:
    """Give a process that goes through a block again and again, adding one to `n` in each turn."""
    flows = _flow("s", "m") + _flow("c", "x") + _flow("x", "m", "n &lt; 1000000") + _flow("x", "e")
    if "Gateway" in SHAPES[shape]:
        condition = "n &gt;= 0" if shape == "inclusive" else ""
        flows += _flow("m", "f") + _flow("f", "a", condition) + _flow("f", "b", condition)
        flows += _flow("a", "j") + _flow("b", "j") + _flow("j", "c")
    else:
        flows += _flow("m", "a") + _flow("a", "c")
    body = (
        '<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="m"/><bpmn:exclusiveGateway id="x" default="x_e"/>'
        '<bpmn:scriptTask id="c" pratica:result="n"><bpmn:script>n + 1</bpmn:script></bpmn:scriptTask>'
        f'<bpmn:endEvent id="e"/>{SHAPES[shape]}{flows}'
    )
    text = (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:pratica="https://pratica.example/schema/bpmn/1.0">'
        f'<bpmn:process id="loop" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'
    )
    return load(Bundle("loop", {"loop.bpmn": text.encode()}))


def begin(loop: Definition) -> Applied:
    """Start the loop."""
    return start(loop, InstanceStarted("loop", loop.bundle_hash, variables={"n": 0}), AT, Numbers(), "C-1")


def turn(loop: Definition, before: Applied) -> Applied:
    """Complete every task that the last turn opened."""
    applied = before
    for opened in [each for each in before.consequences if isinstance(each, TaskOpened)]:
        applied = apply(loop, applied.state, TaskCompleted(opened.task), AT, applied.numbers, "C-1")
    return applied


def after(loop: Definition, turns: int) -> Applied:
    """Give what a number of turns leads to."""
    applied = begin(loop)
    for _ in range(turns):
        applied = turn(loop, applied)
    return applied


def _time(play: Callable[[], object]) -> float:
    before = perf_counter()
    play()
    return perf_counter() - before


def _ninety_fifth(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def measure(shape: str, late: int = LATE, samples: int = SAMPLES) -> list[dict[str, Any]]:
    """Give the ratios of one shape, each with the figure it stands beside."""
    loop = definition(shape)
    first, last = after(loop, EARLY), after(loop, late)
    early_times: list[float] = []
    late_times: list[float] = []
    for _ in range(samples):
        early_times.append(_time(lambda: turn(loop, first)))
        late_times.append(_time(lambda: turn(loop, last)))
    early, later = median(early_times), median(late_times)
    sizes = len(first.state), len(last.state)
    ratio = _ninety_fifth(late_times) / _ninety_fifth(early_times)
    beside = f"turn {EARLY}: {early * 1000:.3f} ms, turn {late}: {later * 1000:.3f} ms"
    return [
        _line(f"growth.{shape}.time", later / early, samples, ratio, beside),
        _line(
            f"growth.{shape}.bytes",
            sizes[1] / sizes[0],
            1,
            sizes[1] / sizes[0],
            f"turn {EARLY}: {sizes[0]} bytes, turn {late}: {sizes[1]} bytes",
        ),
    ]


def _line(name: str, value: float, n: int, p95: float, beside: str) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 3),
        "unit": "x",
        "limit": LIMIT,
        "n": n,
        "p95": round(p95, 3),
        "beside": beside,
    }


def run() -> list[dict[str, Any]]:
    """Measure every shape."""
    return [line for shape in SHAPES for line in measure(shape)]
