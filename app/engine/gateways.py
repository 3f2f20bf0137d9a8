"""Gateways and the choice of flows (BPMN 2.0.2, 10.6 and 13.4); joins count tokens per incoming flow."""

from app.domain.errors import ElementFailed
from app.engine import events
from app.engine.diagram import Flow
from app.engine.tree import Token
from app.engine.turn import Turn


def parallel(turn: Turn, token: Token) -> bool | None:
    """Wait until each incoming flow has brought a token; then one token goes on for them all."""
    incoming = turn.graph.incoming[token.element.id]
    if len(incoming) == 1:
        return True
    brought = _by_flow(token)
    if len(brought) < len(incoming):
        return None
    _merge(turn, token, brought)
    return True


def inclusive(turn: Turn, token: Token) -> bool | None:
    """Pass with one incoming flow; with several, wait until `fire_inclusive` finds that nothing more can come."""
    return None if token.element.id in turn.graph.inclusive_joins else True


def fire_inclusive(turn: Turn) -> bool:
    """Fire the first inclusive join that is enabled, once nothing else can move; False where none is."""
    joins = turn.graph.inclusive_joins
    if not joins:
        return False
    tried: set[tuple[int, str]] = set()
    for token in turn.tree.walk():
        id_ = token.element.id
        if id_ not in joins or token.failed or not _waits_at(token, id_) or (token.parent.id, id_) in tried:
            continue
        tried.add((token.parent.id, id_))
        brought = _by_flow(token)
        if _enabled(turn, token, brought):
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


def _by_flow(token: Token) -> dict[str, Token]:
    """Map incoming flows to the first token each brought to the gateway; the token itself stands for its flow."""
    found = {token.notes["via"]: token}
    for other in token.parent.children:
        if _waits_at(other, token.element.id):
            found.setdefault(other.notes["via"], other)
    return found


def _merge(turn: Turn, token: Token, brought: dict[str, Token]) -> None:
    for other in brought.values():
        if other is not token:
            turn.close(other)
            turn.move("left", other.element.id)
            other.remove()


def _enabled(turn: Turn, token: Token, brought: dict[str, Token]) -> bool:
    """Tell whether no token can still come by an empty flow, unless it can also come by one that has a token."""
    join = token.element.id
    reach = turn.graph.reach(join)
    filled = set(brought)
    for other in token.parent.live():
        if _waits_at(other, join):
            continue
        at = [f.target for f in turn.graph.outgoing[join]] if other.element.id == join else [other.element.id]
        ahead = frozenset().union(*(reach.get(id_, frozenset()) for id_ in at))
        if ahead - filled and not ahead & filled:
            return False
    return True
