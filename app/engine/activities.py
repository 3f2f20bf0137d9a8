"""Activities: work for people, machines, decisions and scopes (BPMN 2.0.2, 10.3 and 13.3)."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from app.dmn.evaluation import Decided
from app.domain.errors import ElementFailed
from app.domain.events import DecisionEvaluated, JobOpened, TaskOpened
from app.engine import events, expressions
from app.engine.timing import ROME
from app.engine.tree import Token
from app.engine.turn import Turn
from app.feel.values import Function

MAX_CALLS = 20


def open_task(turn: Turn, token: Token) -> None:
    """Open a task for the people of the lane."""
    element = token.element
    due = _due(element.id, turn.evaluate(element.due, token)) if element.due else None
    assignee = turn.evaluate(element.assignee, token) if element.assignee else None
    if assignee is not None and not (isinstance(assignee, str) and "\0" not in assignee):
        raise ElementFailed(
            "assignee", f"Expected a person's id as pratica:assignee, but got {assignee!r:.80}"
        )
    item = token.data.get(element.loop.element or "") if element.loop else None
    number = turn.number("task", token)
    opened = TaskOpened(number, element.id, element.name, element.lane, element.form, due, item, assignee)
    turn.emit(opened)


def open_job(turn: Turn, token: Token) -> None:
    """Open a job for the handler; the engine itself never calls one."""
    inputs = turn.inputs(token)
    number = turn.number("job", token)
    turn.emit(JobOpened(number, token.element.id, token.element.handler or "", inputs))


def send(turn: Turn, token: Token) -> bool | None:
    """Throw a message, or open a job where a handler does the sending."""
    if token.element.handler is None:
        return events.throw(turn, token)
    open_job(turn, token)
    return None


def receive(turn: Turn, token: Token) -> None:
    """Wait for the event of the element itself."""
    events.await_plan(turn, token, events.plan(turn, token.element, token))


def run_script(turn: Turn, token: Token) -> bool:
    """Evaluate the script and set what it gives."""
    element = token.element
    turn.deposit(token, element, turn.evaluate(element.script or "", token))
    return True


def decide(turn: Turn, token: Token) -> bool:
    """Evaluate a DMN decision, and set its output."""
    element = token.element
    inputs = turn.inputs(token) if element.inputs else dict(turn.read(token))
    decision = element.decision or ""
    result = expressions.decide(turn.definition.decisions[decision], decision, inputs, turn.at, turn.fuel)
    turn.deposit(token, element, result.output)
    read, matched = dict(result.inputs), list(result.matched)
    required = [_required(step) for step in result.trace[:-1]]
    evaluated = DecisionEvaluated(
        element.id, decision, read, matched, result.output, required, list(result.warnings)
    )
    turn.emit(evaluated)
    return True


def _required(step: Decided) -> dict[str, Any]:
    """Give a decision on the way as the history keeps it; a function, which cannot be kept, as its name."""
    output = step.output.label if isinstance(step.output, Function) else step.output
    return {
        "decision": step.identity,
        "inputs": dict(step.inputs),
        "matched": [Decimal(number) for number in step.matched],
        "output": output,
    }


def open_scope(turn: Turn, token: Token) -> bool | None:
    """Begin a process, a sub-process or an event sub-process at its start event."""
    planned = events.scope_arms(turn, token)
    start = token.notes.get("start")
    if start is None:
        found = turn.graph.start_of(token.element.id)
        if found is None:
            return True  # a sub-process that only listens has nothing to do
        start = found.id
    token.notes.pop("start", None)
    events.arm(turn, token, planned)
    turn.arrive(token, start)
    return None


def call(turn: Turn, token: Token) -> None:
    """Begin a called process with variables of its own."""
    element = token.element
    depth, scope = 0, token
    while scope.parent is not None:
        scope = scope.parent
        depth += scope.element.type == "callActivity" and scope.element.loop is None
    if depth >= MAX_CALLS:
        raise ElementFailed(
            "call_depth", f"Expected at most {MAX_CALLS} calls within each other at {element.id}"
        )
    variables = turn.inputs(token) if element.inputs else dict(turn.read(token))
    process = token.enter(turn.tree.node(element.called or ""))
    process.data = variables


def give_back(turn: Turn, token: Token) -> bool:
    """Take over what a called process leaves: by its output mapping, as one context, or everything."""
    element = token.element
    process = token.live()[0]
    if element.outputs:
        given = {name: turn.evaluate_with(text, process.data) for name, text in element.outputs}
        turn.write(token, given)
    else:
        turn.deposit(token, element, dict(process.data))
    process.remove()
    return True


def pass_through(_turn: Turn, _token: Token) -> bool:
    """Do nothing: a start event, a plain task, an event that was met."""
    return True


def end(turn: Turn, token: Token) -> bool | None:
    """Do what the end event does, and note it where it ends the instance's own process."""
    done = events.throw(turn, token)
    if done and token.parent.parent is None and token.element.id not in turn.ends:
        turn.ends.append(token.element.id)
    return done


def _due(id_: str, value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return (value if value.tzinfo is not None else value.replace(tzinfo=ROME)).astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(0), ROME).astimezone(UTC)
    if value is None:
        return None
    raise ElementFailed("due", f"Expected a date as pratica:due of {id_}, but got {value!r:.80}")


def result_of(value: Any) -> Mapping[str, Any] | Any:
    """Give a handler's result; nothing at all counts as an empty context."""
    return {} if value is None else value
