"""The graph of a definition's elements and flows, with what the engine asks of it again and again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from app.engine.diagram import Element, Flow


class Graph:
    """Elements and flows of all processes of a definition; ids are unique among them."""

    def __init__(self, elements: Mapping[str, Element], flows: Iterable[Flow]) -> None:
        self.elements = elements
        self.flows = {flow.id: flow for flow in flows}
        self.outgoing: dict[str, list[Flow]] = {id_: [] for id_ in elements}
        self.incoming: dict[str, list[Flow]] = {id_: [] for id_ in elements}
        self.within: dict[str, list[Element]] = {id_: [] for id_ in ["", *elements]}
        self.boundaries: dict[str, list[Element]] = {id_: [] for id_ in elements}
        for flow in self.flows.values():
            self.outgoing.get(flow.source, []).append(flow)
            self.incoming.get(flow.target, []).append(flow)
        for element in elements.values():
            self.within[element.scope].append(element)
            if element.attached_to in self.boundaries:
                self.boundaries[element.attached_to].append(element)
        self._reach: dict[str, dict[str, frozenset[str]]] = {}

    @cached_property
    def links(self) -> dict[tuple[str, str | None], Element]:
        """Map (scope, link name) to the catch event that goes on for the throw events of that name."""
        return {
            (element.scope, element.trigger.name): element
            for element in self.elements.values()
            if element.type == "intermediateCatchEvent" and element.trigger.kind == "link"
        }

    @cached_property
    def inclusive_joins(self) -> frozenset[str]:
        """Name the inclusive gateways with several incoming flows."""
        gateways = (e.id for e in self.elements.values() if e.type == "inclusiveGateway")
        return frozenset(id_ for id_ in gateways if len(self.incoming[id_]) > 1)

    def start_of(self, scope: str) -> Element | None:
        """Give the none start event of a process or sub-process."""
        starts = (e for e in self.within[scope] if e.type == "startEvent" and e.trigger.kind == "none")
        return next(starts, None)

    def event_starts(self, scope: str) -> list[Element]:
        """Give the start events of the event sub-processes that lie directly in a scope."""
        handlers = [e for e in self.within[scope] if e.type == "subProcess" and e.by_event]
        return [e for handler in handlers for e in self.within[handler.id] if e.type == "startEvent"]

    def reach(self, join: str) -> dict[str, frozenset[str]]:
        """Map elements to the incoming flows of a join that a token at them can come by without passing the join.

        An activity also reaches what its boundary events reach (BPMN 2.0.2, 13.4.3; computed once per join).
        """
        known = self._reach.get(join)
        if known is None:
            found: dict[str, set[str]] = defaultdict(set)
            for flow in self.incoming[join]:
                for element in self._upstream(flow.source, join):
                    found[element].add(flow.id)
            known = {element: frozenset(flows) for element, flows in found.items()}
            self._reach[join] = known
        return known

    def _upstream(self, start: str, join: str) -> set[str]:
        seen = {join}
        waiting = [start]
        while waiting:
            id_ = waiting.pop()
            if id_ not in seen:
                seen.add(id_)
                waiting += self._before(id_)
        return seen - {join}

    def _before(self, id_: str) -> list[str]:
        before = [flow.source for flow in self.incoming[id_]]
        element = self.elements[id_]
        if element.attached_to is not None:
            before.append(element.attached_to)
        if element.type == "intermediateCatchEvent" and element.trigger.kind == "link":
            before += [
                other.id
                for other in self.within[element.scope]
                if other.type == "intermediateThrowEvent" and other.trigger == element.trigger
            ]
        return before
