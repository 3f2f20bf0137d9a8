"""A loop's thousandth turn leaves what its tenth left: counted, not timed."""

import importlib.util
from pathlib import Path

import orjson
import pytest
from drawing import bundle, flows, process, script, tasks
from playing import Played

from app.domain.events import TaskCompleted
from app.engine.stepping import Stepping
from app.engine.tree import Token

_PATH = Path(__file__).parents[2] / "benchmarks" / "growth.py"
_SPEC = importlib.util.spec_from_file_location("growth_benchmark", _PATH)
growth = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(growth)


def shape_of(state: bytes) -> list[object]:
    """Give a state without the figures that count turns."""
    saved = orjson.loads(state)
    for token in saved["tokens"]:
        token[3].pop("task", None)
        token[4].pop("n", None)
    return [saved]


@pytest.mark.parametrize("shape", growth.SHAPES)
def test_the_state_of_turn_1000_is_that_of_turn_10(shape):
    loop = growth.definition(shape)
    early = growth.after(loop, 10)
    late = growth.after(loop, 1000)
    assert shape_of(early.state) == shape_of(late.state)
    assert len(late.state) - len(early.state) <= 8


@pytest.mark.parametrize("shape", growth.SHAPES)
def test_turn_300_makes_as_many_tokens_and_runs_as_many_steps_as_turn_10(shape, monkeypatch):
    loop = growth.definition(shape)
    counted = {"tokens": 0, "steps": 0}
    create, run = Token.__init__, Stepping.run

    def creating(self, *args, **kwargs):
        counted["tokens"] += 1
        create(self, *args, **kwargs)

    def running(self, token):
        counted["steps"] += 1
        return run(self, token)

    applied = growth.after(loop, 10)
    monkeypatch.setattr(Token, "__init__", creating)
    monkeypatch.setattr(Stepping, "run", running)
    seen = []
    for _ in range(300):
        counted.update(tokens=0, steps=0)
        applied = growth.turn(loop, applied)
        seen.append(dict(counted))
    assert all(each == seen[0] for each in seen)


def test_a_chain_of_a_thousand_scripts_is_not_too_deep():
    names = [f"x{n}" for n in range(1000)]
    body = "".join(script(name, "n + 1", "n") for name in names) + flows(" -> ".join(["s", *names, "e"]))
    played = Played(bundle(process(body)), n=0)
    assert played.finished
    assert played.variables["n"] == 1000


def test_two_hundred_rounds_within_one_input_leave_one_token():
    body = (
        tasks("t")
        + script("x", "n + 1", "n")
        + flows("m -> x -> q\nq -> m: n &lt; 200").replace("&amp;lt;", "&lt;")
    )
    body = (
        '<bpmn:exclusiveGateway id="m"/><bpmn:exclusiveGateway id="q" default="q_t"/>'
        + body
        + flows("s -> m\nq -> t -> e")
    )
    played = Played(bundle(process(body)), n=0)
    assert played.at_elements() == ["t"]
    assert len(orjson.loads(played.state)["tokens"]) == 2
    played.feed(TaskCompleted(1))
