"""The graph of a definition's elements and flows, with what the engine asks of it again and again."""

import heapq
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
        self._reach: dict[str, dict[str, int]] = {}

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

    def mask(self, join: str, flows: Iterable[str]) -> int:
        """Give some incoming flows of a join as bits, in the order in which they lead there."""
        bits = {flow.id: 1 << index for index, flow in enumerate(self.incoming[join])}
        return sum(bits[id_] for id_ in flows)

    def reach(self, join: str) -> dict[str, int]:
        """Map elements to the incoming flows of a join (as bits) that a token at them can come by without passing it.

        An activity also reaches what its boundary events reach (BPMN 2.0.2, 13.4.3; computed once per join).
        """
        known = self._reach.get(join)
        if known is None:
            known = self._reach[join] = self._upstream(join)
        return known

    def ahead(self, first: Element) -> list[Element]:
        """Give an element and all that a token at it can come to within its process, in sub-processes too."""
        seen: dict[str, Element] = {}
        waiting = [first.id]
        while waiting:
            id_ = waiting.pop()
            if id_ not in seen:
                seen[id_] = self.elements[id_]
                waiting += self._after(id_) + [inner.id for inner in self.within[id_]]
        return list(seen.values())

    def _upstream(self, join: str) -> dict[str, int]:
        """Carry the bits of a join's flows upstream; what lies nearest to the ends goes first, so that they come together."""
        found: dict[str, int] = {}
        coming: dict[str, int] = {}
        for index, flow in enumerate(self.incoming[join]):
            coming[flow.source] = coming.get(flow.source, 0) | 1 << index
        waiting = [(self._ranks[id_], id_) for id_ in coming]
        heapq.heapify(waiting)
        while waiting:
            _, id_ = heapq.heappop(waiting)
            fresh = coming.pop(id_, 0) & ~found.get(id_, 0)
            if id_ == join or not fresh:
                continue
            found[id_] = found.get(id_, 0) | fresh
            for before in self._before(id_):
                if before not in coming:
                    heapq.heappush(waiting, (self._ranks[before], before))
                coming[before] = coming.get(before, 0) | fresh
        return found

    @cached_property
    def _ranks(self) -> dict[str, int]:
        """Number the elements so that, loops aside, each comes after all that it leads to."""
        ranks: dict[str, int] = {}
        seen: set[str] = set()
        for id_ in self.elements:
            waiting = [(id_, False)]
            while waiting:
                each, done = waiting.pop()
                if done:
                    ranks[each] = len(ranks)
                elif each not in seen:
                    seen.add(each)
                    waiting.append((each, True))
                    waiting += [(after, False) for after in self._after(each) if after not in seen]
        return ranks

    def _after(self, id_: str) -> list[str]:
        after = [flow.target for flow in self.outgoing[id_]] + [each.id for each in self.boundaries[id_]]
        element = self.elements[id_]
        if element.type == "intermediateThrowEvent" and element.trigger.kind == "link":
            after.append(self.links[element.scope, element.trigger.name].id)
        return after

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
