"""Events: what waits, what is thrown, and what happens when a thing waited for comes (BPMN 2.0.2, 10.5 and 13.5)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.domain.errors import ElementFailed
from app.domain.events import MessageThrown, SignalThrown, TimerSet, WaitClosed, WaitOpened
from app.engine.diagram import ACTIVITIES, Element
from app.engine.timing import Schedule, is_literal, schedule
from app.engine.tree import Token
from app.engine.turn import Turn

LONGEST_NAME = 200
"""Characters of a key or a name that the house looks things up by: an index has no room for a novel."""

LISTENING = frozenset({"message", "signal", "timer"})


@dataclass(frozen=True)
class Awaited:
    """A message with its correlation key, or a signal."""

    kind: str
    name: str
    key: str | None


Plan = Schedule | Awaited


def plan(turn: Turn, element: Element, token: Token) -> Plan:
    """Evaluate what an event is to wait for, before anything is opened; raises FeelError and ElementFailed."""
    trigger = element.trigger
    if trigger.kind == "timer":
        text = trigger.text or ""
        value = text if is_literal(text) else turn.evaluate(text, token)
        return schedule(trigger.form or "", value, turn.at)
    key = None
    if trigger.kind == "message":
        key = turn.case_id if element.key is None else _key(element, turn.evaluate(element.key, token))
    return Awaited(trigger.kind, trigger.name or "", key)


def await_plan(turn: Turn, token: Token, planned: Plan) -> None:
    """Open at a token what was planned: a timer or a wait."""
    id_ = token.element.id
    if isinstance(planned, Awaited):
        number = turn.number("wait", token)
        token.notes["awaits"] = [planned.kind, planned.name, planned.key]
        turn.emit(WaitOpened(number, id_, planned.kind, planned.name, planned.key))
        return
    number = turn.number("timer", token)
    if planned.every is not None:
        token.notes["cycle"] = [planned.due.isoformat(), planned.left, planned.every]
    turn.emit(TimerSet(number, id_, planned.due))


def arms_of(turn: Turn, token: Token) -> list[tuple[Element, Plan]]:
    """Plan what listens while an activity goes on: its boundary events of the kinds that wait."""
    if token.notes.get("armed"):
        return []
    boundaries = turn.graph.boundaries[token.element.id]
    return [(e, plan(turn, e, token.parent)) for e in boundaries if e.trigger.kind in LISTENING]


def scope_arms(turn: Turn, token: Token) -> list[tuple[Element, Plan]]:
    """Plan what listens while a scope goes on: the start events of its event sub-processes."""
    starts = turn.graph.event_starts(token.element.id)
    return [(e, plan(turn, e, token)) for e in starts if e.trigger.kind in LISTENING]


def arm(turn: Turn, token: Token, planned: list[tuple[Element, Plan]]) -> None:
    """Begin to listen."""
    for element, each in planned:
        await_plan(turn, token.listen(turn.tree.node(element.id), {}), each)
    if planned:
        token.notes["armed"] = True


def fire(turn: Turn, token: Token, payload: dict[str, Any] | None) -> None:
    """Go on from the token whose timer, message or signal has come."""
    element = token.element
    _met(turn, token)
    if not token.is_arm:
        _deposit(turn, token, element, payload)
        token.wake("done")
    elif token.parent.element.type == "eventBasedGateway":
        gateway = token.parent
        _deposit(turn, gateway, element, payload)
        gateway.notes["chosen"] = token.notes["via"]
        turn.disarm(gateway)
        gateway.wake("done")
    else:
        host = token.parent
        if not element.interrupting:
            _again(turn, token)
        catch(turn, host, element, payload)


def catch(turn: Turn, host: Token, element: Element, payload: dict[str, Any] | None) -> None:
    """Start at a boundary event of an activity, or at an event sub-process of a scope."""
    if element.type == "boundaryEvent":
        scope = host.parent
        _deposit(turn, scope, element, payload)
        if element.interrupting:
            turn.cancel(host)
        turn.arrive(scope, element.id)
        return
    _deposit(turn, host, element, payload)
    if element.interrupting:
        turn.disarm(host)
        for token in host.live():
            turn.cancel(token)
    turn.arrive(host, element.scope, start=element.id)


def throw(turn: Turn, token: Token) -> bool | None:
    """Do what a throw or end event does; None where the thrower itself was interrupted."""
    trigger = token.element.trigger
    if trigger.kind == "message":
        key = token.element.key
        named = None if key is None else _key(token.element, turn.evaluate(key, token))
        turn.emit(MessageThrown(token.element.id, trigger.name or "", named, turn.inputs(token)))
    elif trigger.kind == "signal":
        turn.emit(SignalThrown(token.element.id, trigger.name or "", turn.inputs(token)))
    elif trigger.kind == "error":
        throw_error(turn, token, trigger.name or "", token.element.name)
    elif trigger.kind == "escalation":
        _throw_up(turn, token, "escalation", trigger.name or "", token.element.name)
    elif trigger.kind == "terminate":
        for other in token.parent.live():
            if other is not token:
                turn.cancel(other)
    return None if token.gone else True


def throw_error(turn: Turn, token: Token, code: str, message: str) -> None:
    """Give a BPMN error to the innermost that catches it; raises ElementFailed where nothing does."""
    if not _throw_up(turn, token, "error", code, message):
        raise ElementFailed(
            "uncaught_error", f"Expected something to catch the error {code}, but nothing does: {message}"
        )


def _throw_up(turn: Turn, token: Token, kind: str, code: str, message: str) -> bool:
    found = _catcher(turn, token, kind, code)
    if found is None:
        return False
    host, element = found
    catch(turn, host, element, {"code": code, "message": message} if element.result else None)
    return True


def _catcher(turn: Turn, token: Token, kind: str, code: str) -> tuple[Token, Element] | None:
    graph = turn.graph
    while token.parent is not None:
        if token.element.type in ACTIVITIES and not token.is_body:
            element = _match(graph.boundaries[token.element.id], kind, code)
            if element is not None:
                return token, element
        scope = token.parent
        if not token.element.by_event and _is_scope(scope):
            element = _match(graph.event_starts(scope.element.id), kind, code)
            if element is not None:
                return scope, element
        token = scope
    return None


def _match(elements: list[Element], kind: str, code: str) -> Element | None:
    alike = [element for element in elements if element.trigger.kind == kind]
    exact = (element for element in alike if element.trigger.name == code)
    return next(exact, next((element for element in alike if element.trigger.name is None), None))


def _is_scope(token: Token) -> bool:
    if token.element.type == "process":
        return True
    return token.element.type == "subProcess" and (token.element.loop is None or token.is_body)


def _met(turn: Turn, token: Token) -> None:
    token.notes.pop("timer", None)
    wait = token.notes.pop("wait", None)
    if wait is not None:
        turn.emit(WaitClosed(wait, token.element.id))


def _again(turn: Turn, token: Token) -> None:
    cycle = token.notes.pop("cycle", None)
    awaits = token.notes.pop("awaits", None)
    planned: Plan | None = None
    if cycle is not None:
        due, left, every = cycle
        planned = Schedule(datetime.fromisoformat(due), left, every).next()
    elif awaits is not None:
        planned = Awaited(*awaits)
    if planned is None:
        token.remove()
    else:
        await_plan(turn, token, planned)


def _deposit(turn: Turn, token: Token, element: Element, payload: dict[str, Any] | None) -> None:
    if payload is not None:
        turn.deposit(token, element, payload)


def _key(element: Element, value: Any) -> str:
    text = format(value.normalize(), "f") if isinstance(value, Decimal) else value
    if isinstance(text, str) and len(text) <= LONGEST_NAME and "\0" not in text:
        return text
    if isinstance(text, str):
        raise ElementFailed(
            "key",
            f"Expected a pratica:key of {element.id} of at most {LONGEST_NAME} characters and no U+0000",
        )
    raise ElementFailed(
        "key", f"Expected a text or a number as pratica:key of {element.id}, but got {value!r:.80}"
    )
