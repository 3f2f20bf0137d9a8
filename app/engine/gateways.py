"""Gateways and the choice of flows (BPMN 2.0.2, 10.6 and 13.4); joins count tokens per incoming flow."""

import itertools
from collections import defaultdict

from app.domain.errors import ElementFailed
from app.engine import events
from app.engine.diagram import Flow
from app.engine.tree import Token
from app.engine.turn import Place, Turn

First = dict[tuple[int, str], Token]
Waiting = dict[tuple[int, str], list[Token]]
Places = dict[int, dict[Place, None]]
"""For each scope where its tokens are; a dict and no set, since the order of what is looked at counts as work."""


def parallel(turn: Turn, token: Token) -> bool | None:
    """Wait until each incoming flow has brought a token; then one token goes on for them all."""
    incoming = turn.graph.incoming[token.element.id]
    if len(incoming) == 1:
        return True
    brought = _by_flow(turn, token)
    if len(brought) < len(incoming):
        return None
    _merge(turn, token, brought)
    return True


def inclusive(turn: Turn, token: Token) -> bool | None:
    """Pass with one incoming flow; with several, wait until `fire_inclusive` finds that nothing more can come."""
    return None if token.element.id in turn.graph.inclusive_joins else True


def fire_inclusive(turn: Turn) -> bool:
    """Fire the first inclusive join that is enabled, once nothing else can move; False where none is.

    What is looked at is work of the input and counts towards its steps.
    """
    joins = turn.graph.inclusive_joins
    if not joins:
        return False
    first, waiting, places = _survey(turn, joins)
    for (scope, join), token in first.items():
        brought = {token.notes["via"]: token}
        for other in waiting[scope, join]:
            brought.setdefault(other.notes["via"], other)
        if _is_enabled(turn, scope, join, brought, places[scope]):
            _merge(turn, token, brought)
            token.wake("done")
            return True
    return False


def event_based(turn: Turn, token: Token) -> None:
    """Listen for every event behind the gateway; the first that comes decides."""
    behind = [(flow, turn.graph.elements[flow.target]) for flow in turn.graph.outgoing[token.element.id]]
    planned = [(flow, events.plan(turn, element, token)) for flow, element in behind]
    for flow, each in planned:
        arm = token.listen(turn.tree.node(flow.target), {"via": flow.id})
        events.await_plan(turn, arm, each)


def choose(turn: Turn, token: Token) -> list[Flow]:
    """Give the flows that a finished token takes; raises ElementFailed where it would be stuck."""
    element = token.element
    flows = turn.graph.outgoing[element.id]
    if element.type == "eventBasedGateway":
        return [turn.graph.flows[token.notes["chosen"]]]
    if element.type == "parallelGateway" or not flows:
        return flows
    if element.type == "exclusiveGateway":
        taken = next(([flow] for flow in flows if not flow.default and _holds(turn, token, flow)), [])
    else:
        taken = [flow for flow in flows if not flow.default and _holds(turn, token, flow)]
    taken = taken or [flow for flow in flows if flow.default]
    if not taken:
        conditions = ", ".join(f"{flow.id}: {flow.condition}" for flow in flows)
        raise ElementFailed(
            "no_flow", f"Expected a condition to be true behind {element.id}, but none is ({conditions})"
        )
    return taken


def _holds(turn: Turn, token: Token, flow: Flow) -> bool:
    if flow.condition is None:
        return True
    value = turn.evaluate(flow.condition, token.parent)
    if isinstance(value, bool):
        return value
    raise ElementFailed(
        "condition",
        f"Expected true or false from {flow.condition!r} on flow {flow.id}, but got {value!r:.80}",
    )


def _waits_at(token: Token, gateway: str) -> bool:
    waiting = token.notes.get("phase", "enter") == "enter"
    return token.element.id == gateway and waiting and not token.is_arm


def _by_flow(turn: Turn, token: Token) -> dict[str, Token]:
    """Map incoming flows to the first token each brought to the gateway; the token itself stands for its flow."""
    found = {token.notes["via"]: token}
    beside = token.parent.children
    turn.work += len(beside)
    for other in beside:
        if _waits_at(other, token.element.id):
            found.setdefault(other.notes["via"], other)
    return found


def _merge(turn: Turn, token: Token, brought: dict[str, Token]) -> None:
    for other in brought.values():
        if other is not token:
            turn.close(other)
            turn.move("left", other.element.id)
            other.remove()


def _survey(turn: Turn, joins: frozenset[str]) -> tuple[First, Waiting, Places]:
    """Look at each token once: who waits at which join, which of them without an incident first, who is where."""
    first: First = {}
    waiting: Waiting = defaultdict(list)
    places: Places = defaultdict(dict)
    for token in turn.tree.walk():
        turn.work += 1
        if token.parent is None or token.is_arm:
            continue
        scope, id_ = token.parent.id, token.element.id
        waits = id_ in joins and _waits_at(token, id_)
        places[scope][id_, waits] = None
        if waits:
            waiting[scope, id_].append(token)
            if not token.failed:
                first.setdefault((scope, id_), token)
    return first, waiting, places


def _is_enabled(
    turn: Turn, scope: int, join: str, brought: dict[str, Token], places: dict[Place, None]
) -> bool:
    """Tell whether no token can still come by an empty flow, unless it can also come by one that has a token.

    The place that was in the way last time is asked first: as a rule it still is.
    """
    filled = turn.graph.mask(join, brought)
    known = turn.in_the_way.get((scope, join))
    likely = [known] if known in places else []
    for place in itertools.chain(likely, places):
        turn.work += 1
        if _blocks(turn, join, place, filled):
            turn.in_the_way[scope, join] = place
            return False
    return True


def _blocks(turn: Turn, join: str, place: Place, filled: int) -> bool:
    id_, waits = place
    if id_ == join and waits:
        return False
    at = [flow.target for flow in turn.graph.outgoing[join]] if id_ == join else [id_]
    reach, ahead = turn.graph.reach(join), 0
    for each in at:
        ahead |= reach.get(each, 0)
    return ahead & ~filled != 0 and ahead & filled == 0
