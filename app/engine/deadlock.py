"""Deadlocks: every token waits at a join, and nothing that is open can bring another one or end the wait."""

from app.engine.diagram import Element
from app.engine.graph import Graph
from app.engine.tree import Token, Tree

OPEN = frozenset({"task", "job", "timer", "wait", "incident"})
JOINS = frozenset({"parallelGateway", "inclusiveGateway"})
BREAKING = frozenset({"error", "escalation"})
MAY_FAIL = frozenset({"serviceTask", "sendTask", "callActivity"})
"""Where a BPMN error may come from that is not drawn: a handler's, or one from within a called process."""


def stuck(tree: Tree, graph: Graph) -> Token | None:
    """Give the first token that waits at a join for ever; None while something open may still free one.

    What only listens is open too, but counts only where it may end the wait: an interrupting event, an event-based
    gateway's, or one whose path leads to such a join, to an error, an escalation, a call, a handler or an end of the scope.
    """
    waiting: list[Token] = []
    arms: list[Token] = []
    for token in tree.walk():
        if token.is_arm:
            arms.append(token)
        elif not OPEN.isdisjoint(token.notes):
            return None
        elif token.element.type in JOINS:
            waiting.append(token)
    if not waiting:
        return None
    joins = {token.element.id for token in waiting}
    asked = {(arm.element.id, arm.parent.element.type): arm for arm in arms}
    return None if any(_may_free(arm, graph, joins) for arm in asked.values()) else waiting[0]


def _may_free(arm: Token, graph: Graph, joins: set[str]) -> bool:
    element = arm.element
    if element.type not in {"boundaryEvent", "startEvent"} or element.interrupting:
        return True
    begins = element if element.type == "boundaryEvent" else graph.elements[element.scope]
    return any(each.id in joins or _breaks(each, begins.scope) for each in graph.ahead(begins))


def _breaks(element: Element, scope: str) -> bool:
    if element.type in MAY_FAIL:
        return True
    kind = element.trigger.kind
    throws = element.type in {"endEvent", "intermediateThrowEvent"}
    return throws and (kind in BREAKING or (kind == "terminate" and element.scope == scope))
