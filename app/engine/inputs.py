"""The inputs an instance takes: one function each, in one table."""

from collections.abc import Callable
from typing import Any

from app.domain.errors import ElementFailed, InputRefused
from app.domain.events import (
    IncidentResolved,
    Input,
    InstanceCancelled,
    InstanceHeld,
    JobCompleted,
    JobFailed,
    MessageReceived,
    SignalReceived,
    TaskCompleted,
    TimerFired,
)
from app.engine import events
from app.engine.stepping import Stepping
from app.engine.tree import Token


def _open(turn: Stepping, kind: str, number: int) -> Token:
    for token in turn.tree.walk():
        if token.notes.get(kind) == number:
            return token
    raise InputRefused(f"Expected {kind} {number} to be open, but it is not")


def _fail(turn: Stepping, token: Token, fault: ElementFailed) -> None:
    turn.open_incident(token, fault.kind, str(fault))


def _task_completed(turn: Stepping, done: TaskCompleted) -> None:
    token = _open(turn, "task", done.task)
    turn.deposit(token, token.element, done.values)
    del token.notes["task"]
    token.wake("done")


def _job_completed(turn: Stepping, done: JobCompleted) -> None:
    token = _open(turn, "job", done.job)
    del token.notes["job"]
    if done.result is None and token.element.result is None:
        token.wake("done")
        return
    try:
        turn.deposit(token, token.element, done.result)
    except ElementFailed as fault:
        _fail(turn, token, fault)
    else:
        token.wake("done")


def _job_failed(turn: Stepping, failed: JobFailed) -> None:
    token = _open(turn, "job", failed.job)
    del token.notes["job"]
    if failed.error_code is None:
        _fail(turn, token, ElementFailed("job", failed.message))
        return
    try:
        events.throw_error(turn, token, failed.error_code, failed.message)
    except ElementFailed as fault:
        _fail(turn, token, fault)


def _timer_fired(turn: Stepping, fired: TimerFired) -> None:
    events.fire(turn, _open(turn, "timer", fired.timer), None)


def _message_received(turn: Stepping, received: MessageReceived) -> None:
    token = _open(turn, "wait", received.wait)
    kind, name, _ = token.notes["awaits"]
    if (kind, name) != ("message", received.name):
        raise InputRefused(
            f"Expected the {kind} {name} at wait {received.wait}, but got the message {received.name}"
        )
    events.fire(turn, token, received.payload)


def _signal_received(turn: Stepping, received: SignalReceived) -> None:
    waiting = [token for token in turn.tree.walk() if _awaits_signal(token, received.name)]
    if not waiting:
        raise InputRefused(f"Expected a wait for the signal {received.name}, but none is open")
    for token in waiting:
        if not token.gone and _awaits_signal(token, received.name):
            events.fire(turn, token, received.payload)


def _awaits_signal(token: Token, name: str) -> bool:
    return "wait" in token.notes and token.notes["awaits"][:2] == ["signal", name]


def _incident_resolved(turn: Stepping, resolved: IncidentResolved) -> None:
    token = _open(turn, "incident", resolved.incident)
    turn.write(token, resolved.variables)
    del token.notes["incident"]
    token.retry()
    for held in turn.tree.walk():
        if held.notes.get("held") == resolved.incident:
            del held.notes["held"]
            held.retry()


def _instance_cancelled(turn: Stepping, _cancelled: InstanceCancelled) -> None:
    root = turn.tree.task_tree
    turn.disarm(root)
    for token in root.live():
        turn.cancel(token)
    turn.close(root)
    turn.finished = turn.cancelled = True


def _instance_held(turn: Stepping, held: InstanceHeld) -> None:
    turn.tree.task_tree.notes["stop"] = held.limit


INPUTS: dict[type[Input], Callable[[Stepping, Any], None]] = {
    TaskCompleted: _task_completed,
    JobCompleted: _job_completed,
    JobFailed: _job_failed,
    TimerFired: _timer_fired,
    MessageReceived: _message_received,
    SignalReceived: _signal_received,
    IncidentResolved: _incident_resolved,
    InstanceCancelled: _instance_cancelled,
    InstanceHeld: _instance_held,
}
