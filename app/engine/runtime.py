"""The engine room's door: an instance's state and one input give the next state and what followed.

`apply` is pure: the same arguments give the same bytes, in any thread, at any time; the clock is the input's recorded
time, ids are positions, and numbers continue the case's counters in order of appearance.
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain.errors import InputRefused
from app.domain.events import Consequence, Input, InstanceStarted, TokensMoved, VariablesSet
from app.domain.numbers import Numbers
from app.engine import state as states
from app.engine.definitions import Definition
from app.engine.expressions import Fuel
from app.engine.inputs import INPUTS
from app.engine.stepping import Stepping
from app.feel.codec import to_tagged
from app.feel.errors import FeelValueError
from app.feel.values import normalise

MAX_STEPS = 20_000
MAX_INSTANCES = 1_000
"""Instances of one case, each beyond which begins with an incident: messages that start each other never end."""
_ABSENT = object()


@dataclass(frozen=True)
class Applied:
    """What an input led to: the new state, the consequences in order, the counters after it."""

    state: bytes
    consequences: tuple[Consequence, ...]
    numbers: Numbers
    finished: bool


def start(
    definition: Definition,
    started: InstanceStarted,
    at: datetime,
    numbers: Numbers,
    case_id: str,
    *,
    max_steps: int = MAX_STEPS,
) -> Applied:
    """Begin an instance at its none start event, or at the start event that `started` names; raises InputRefused."""
    element = _start_element(definition, started)
    turn = Stepping(definition, at, numbers, case_id, max_steps)
    root = turn.tree.plant()
    root.notes["start"] = element
    if started.limits:
        root.notes["limits"] = {name: int(figure) for name, figure in started.limits.items()}
        turn.fuel = Fuel.of(started.limits)
    if numbers.instance > MAX_INSTANCES:
        root.notes["stop"] = f"{MAX_INSTANCES} instances in one case"
    variables = _values(started.variables)
    result = definition.elements[element].result
    if started.message is not None and result is not None:
        variables = {**variables, result: dict(variables)}
    turn.write(root, variables)
    root.wake("enter")
    return _finish(turn, {})


def apply(
    definition: Definition,
    state: bytes,
    input: Input,  # noqa: A002 - the word of the house for an event that the world caused
    at: datetime,
    numbers: Numbers,
    case_id: str,
    *,
    max_steps: int = MAX_STEPS,
) -> Applied:
    """Feed one input to an instance; raises InputRefused for what is not open, and nothing for what then fails."""
    turn = Stepping(definition, at, numbers, case_id, max_steps)
    turn.ends = states.load(turn.tree, state)
    turn.fuel = Fuel.of(turn.tree.task_tree.notes.get("limits", {}))
    before = dict(turn.tree.task_tree.data)
    receive = INPUTS.get(type(input))
    if receive is None:
        raise InputRefused(f"Expected an input to an instance, but got {input.type}")
    try:
        receive(turn, input)
    except FeelValueError as foreign:
        raise InputRefused(f"Expected values of FEEL in {input.type}, but: {foreign}") from foreign
    return _finish(turn, before)


def _start_element(definition: Definition, started: InstanceStarted) -> str:
    process = definition.process
    if started.process != process:
        raise InputRefused(f"Expected an instance of {process}, but got {started.process}")
    if started.start_element is None:
        found = definition.graph.start_of(process)
        if found is None:
            raise InputRefused(
                f"Expected a none start event in {process}, but it starts by message, signal or timer"
            )
        return found.id
    element = definition.elements.get(started.start_element)
    if element is None or element.type != "startEvent" or element.scope != process:
        raise InputRefused(f"Expected a start event of {process}, but got {started.start_element}")
    return element.id


def _values(values: dict[str, object]) -> dict[str, object]:
    try:
        return dict(normalise(values))
    except FeelValueError as foreign:
        raise InputRefused(f"Expected values of FEEL as variables, but: {foreign}") from foreign


def _finish(turn: Stepping, before: dict[str, object]) -> Applied:
    if not turn.finished:
        turn.go()
    data = turn.tree.task_tree.data
    changed = {
        name: data[name]
        for name in sorted(turn.written)
        if before.get(name, _ABSENT) is _ABSENT or to_tagged(before[name]) != to_tagged(data[name])
    }
    consequences: list[Consequence] = []
    if turn.moves:
        consequences.append(TokensMoved(turn.moves))
    if changed:
        consequences.append(VariablesSet(changed))
    consequences += turn.events
    if turn.finished and not turn.cancelled:
        consequences.append(turn.completed())
    saved = states.save(turn.tree, turn.ends, finished=turn.finished)
    return Applied(saved, tuple(consequences), turn.numbers, turn.finished)
