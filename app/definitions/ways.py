"""The way of a token through a diagram until it rests, with part of the variables unknown."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from app.definitions import expressions
from app.definitions.reads import CLOCK, reads
from app.dmn.errors import DmnError
from app.domain.errors import FormTooCostly
from app.engine.definitions import Definition
from app.engine.diagram import Element, Flow
from app.feel import FeelError

MOST_STEPS = 400
_UNKNOWN = object()
_TASKS = frozenset({"userTask", "manualTask"})


@dataclass(frozen=True)
class Rest:
    """Where a way rests: `kind` is task, machine, wait or end; `name` is the diagram's, often empty at an end."""

    kind: str
    element: str
    name: str


@dataclass(frozen=True)
class Seen:
    """The variables that a token sees. Of those in `unknown` only the places in `known` can be read.

    `blind`: the token has rested meanwhile, and any variable may be another one by then.
    """

    values: Mapping[str, Any]
    unknown: frozenset[str]
    known: frozenset[tuple[str, ...]] = frozenset()
    blind: bool = False

    def value(self, text: str, now: datetime) -> Any:
        """Evaluate an expression; `_UNKNOWN` where it reads what is not known, or fails."""
        try:
            if not all(self._is_known(place) for place in reads(text)):
                return _UNKNOWN
            return expressions.value(text, self.values, now)
        except (FeelError, FormTooCostly):
            return _UNKNOWN

    def _is_known(self, place: tuple[str, ...]) -> bool:
        if self.blind or place[0] in CLOCK:
            return False
        if place[0] not in self.unknown:
            return True
        return any(place[: len(way)] == way for way in self.known)

    def with_value(self, name: str, value: Any) -> "Seen":
        """Give the variables after one was set, to a value or to what nobody knows."""
        known = frozenset(way for way in self.known if way[0] != name)
        if value is _UNKNOWN:
            return replace(self, unknown=self.unknown | {name}, known=known)
        return replace(self, values={**self.values, name: value}, unknown=self.unknown - {name}, known=known)


@dataclass(frozen=True)
class _At:
    """A token at an element; `via` is the flow that brought it, `rested` says that it rested before."""

    element: str
    seen: Seen
    via: str = ""
    rested: bool = False


class Ways:
    """Follows tokens from one completed element on; one object for one question."""

    def __init__(self, definition: Definition, now: datetime) -> None:
        self.definition, self.graph, self.now = definition, definition.graph, now
        self.rests: dict[Rest, None] = {}
        self._todo: list[_At] = []
        self._brought: dict[str, set[str]] = defaultdict(set)
        self._open: dict[str, _At] = {}
        self._split = False

    def from_element(self, element: str, seen: Seen) -> tuple[Rest, ...] | None:
        """Give where the way rests after an element is left, in the order of the drawing; None where it cannot be told."""
        if not self._leave(_At(element, seen)):
            return None
        steps = 0
        while self._todo:
            steps += 1
            at = self._todo.pop(0)
            if (steps > MOST_STEPS or not self._enter(at)) and not at.rested:
                return None
        if any(not at.rested for at in self._open.values()):
            return None
        return tuple(self.rests)

    def _rest(self, at: _At, kind: str) -> bool:
        element = self.graph.elements[at.element]
        self.rests.setdefault(Rest(kind, element.id, element.name))
        return True

    def _enter(self, at: _At) -> bool:
        """Take a token as far as its element lets it; False where that cannot be told."""
        element = self.graph.elements[at.element]
        if element.loop is not None and not self._repeats(at, element):
            return False
        if element.handler is not None:
            return self._machine(at, element)
        step = self._steps.get(element.type)
        return step(self, at, element) if step else self._throw(at, element)

    def _task(self, at: _At, _element: Element) -> bool:
        return self._rest(at, "task")

    def _throw(self, at: _At, element: Element) -> bool:
        """Pass an element that keeps nothing; what it throws must not come back to this very process."""
        thrown = element.trigger
        if thrown.kind == "link" and element.type == "intermediateThrowEvent":
            return self._leave(replace(at, element=self.graph.links[element.scope, thrown.name].id))
        others = (e.trigger for e in self.graph.elements.values() if e.id != element.id)
        heard = thrown.kind in {"signal", "message"} and any(
            (other.kind, other.name) == (thrown.kind, thrown.name) for other in others
        )
        return not heard and self._leave(at)

    def _repeats(self, at: _At, element: Element) -> bool:
        """Tell whether an activity with a marker is surely entered at least once."""
        loop = element.loop
        if loop is None or loop.collection is None:
            return loop is None
        value = at.seen.value(loop.collection, self.now)
        return isinstance(value, list) and bool(value)

    # --- leaving ---

    def _leave(self, at: _At) -> bool:
        """Send a token on by the flows that the engine would take; False where a condition cannot be told."""
        flows = self.graph.outgoing[at.element]
        element = self.graph.elements[at.element]
        if not flows:
            return element.type in _TASKS
        taken = flows if element.type == "parallelGateway" else self._chosen(at, element, flows)
        self._split = self._split or len(taken) > 1
        self._todo += [replace(at, element=flow.target, via=flow.id) for flow in taken]
        return bool(taken)

    def _chosen(self, at: _At, element: Element, flows: list[Flow]) -> list[Flow]:
        taken = []
        for flow in flows:
            if flow.default:
                continue
            holds = True if flow.condition is None else at.seen.value(flow.condition, self.now)
            if not isinstance(holds, bool):
                return []
            if holds and element.type == "exclusiveGateway":
                return [flow]
            taken += [flow] if holds else []
        return taken or [flow for flow in flows if flow.default]

    def _gateway(self, at: _At, element: Element) -> bool:
        incoming = self.graph.incoming[element.id]
        if element.type == "eventBasedGateway":
            arms = [replace(at, element=flow.target) for flow in self.graph.outgoing[element.id]]
            return all(self._rest(arm, "wait") for arm in arms)
        if len(incoming) == 1:
            return self._leave(at)
        if element.type == "inclusiveGateway":
            return False
        self._brought[element.id].add(at.via)
        self._open[element.id] = at
        if len(self._brought[element.id]) < len(incoming):
            return True
        del self._open[element.id]
        return self._leave(at)

    # --- activities ---

    def _script(self, at: _At, element: Element) -> bool:
        return self._set(at, element, at.seen.value(element.script or "null", self.now))

    def _rule(self, at: _At, element: Element) -> bool:
        return self._set(at, element, self._decided(at.seen, element))

    def _set(self, at: _At, element: Element, value: Any) -> bool:
        """Set what an element gives; beside other tokens nobody can tell who sets it last."""
        value = _UNKNOWN if self._split else value
        if element.result is not None:
            return self._leave(replace(at, seen=at.seen.with_value(element.result, value)))
        if not isinstance(value, Mapping):
            return self._leave(replace(at, seen=replace(at.seen, blind=True)))
        seen = at.seen
        for name, inner in value.items():
            seen = seen.with_value(str(name), inner)
        return self._leave(replace(at, seen=seen))

    def _decided(self, seen: Seen, element: Element) -> Any:
        model = self.definition.decisions[element.decision or ""]
        given = {name: seen.value(text, self.now) for name, text in element.inputs}
        if not given or any(value is _UNKNOWN for value in given.values()):
            return _UNKNOWN
        try:
            if any(CLOCK & part.logic.names for part in model.decisions):
                return _UNKNOWN
            return expressions.decide(model, element.decision or "", given, self.now)
        except (DmnError, FeelError, FormTooCostly):
            return _UNKNOWN

    def _machine(self, at: _At, element: Element) -> bool:
        """Name what the machine does, and go on unless a boundary event may take the token elsewhere."""
        self._rest(at, "machine")
        if self.graph.boundaries[element.id] or element.loop is not None:
            return True
        self._leave(replace(at, seen=replace(at.seen, blind=True), rested=True))
        return True

    def _wait(self, at: _At, element: Element) -> bool:
        link = element.trigger.kind == "link"
        return self._leave(at) if link else self._rest(at, "wait")

    # --- scopes and ends ---

    def _scope(self, at: _At, element: Element) -> bool:
        start = self.graph.start_of(element.called or element.id)
        if start is None:
            return False
        seen = at.seen
        if element.type == "callActivity" and element.inputs:
            given = {name: at.seen.value(text, self.now) for name, text in element.inputs}
            lost = frozenset(name for name, value in given.items() if value is _UNKNOWN)
            seen = Seen({n: v for n, v in given.items() if n not in lost}, lost, blind=at.seen.blind)
        if element.loop is not None:
            seen = replace(seen, unknown=seen.unknown | {element.loop.element or ""})
        return self._leave(replace(at, element=start.id, seen=seen))

    def _end(self, at: _At, element: Element) -> bool:
        """Name an end of the process itself; from one within a scope go on where that is the scope's only token."""
        if element.scope == self.definition.process:
            return self._rest(at, "end")
        caught = self._caught(element)
        if caught is not None:
            return self._leave(replace(at, element=caught.id, seen=replace(at.seen, blind=True)))
        outer = self._left(element.scope)
        if element.trigger.kind != "none" or outer is None or self._split:
            return self._rest(at, "end") if element.name else False
        seen = at.seen if outer.type == "subProcess" else replace(at.seen, blind=True)
        return self._leave(replace(at, element=outer.id, seen=seen))

    def _caught(self, element: Element) -> Element | None:
        """Give the one boundary event that takes what an error or escalation end throws, where it stops its scope."""
        thrown = element.trigger
        if thrown.kind not in {"error", "escalation"}:
            return None
        found = [
            each
            for each in self.graph.boundaries.get(element.scope, ())
            if each.trigger.kind == thrown.kind and each.trigger.name in {None, thrown.name}
        ]
        return found[0] if len(found) == 1 and found[0].interrupting else None

    def _left(self, scope: str) -> Element | None:
        """Give the activity that is over when one token of its scope ends; None where there may be others."""
        inner = self.graph.elements.get(scope)
        if inner is not None and inner.type == "process":
            callers = [e for e in self.graph.elements.values() if e.called == scope]
            inner = callers[0] if len(callers) == 1 else None
        if inner is None or inner.loop is not None or self.graph.event_starts(scope):
            return None
        return None if any(self._may_split(each) for each in self.graph.within[scope]) else inner

    def _may_split(self, element: Element) -> bool:
        exclusive = element.type in {"exclusiveGateway", "eventBasedGateway"}
        aside = element.attached_to is not None and not element.interrupting
        return aside or (not exclusive and len(self.graph.outgoing[element.id]) > 1)

    _steps: ClassVar[dict[str, Callable[[Any, _At, Element], bool]]] = {
        "userTask": _task,
        "manualTask": _task,
        "receiveTask": _wait,
        "intermediateCatchEvent": _wait,
        "subProcess": _scope,
        "callActivity": _scope,
        "endEvent": _end,
        "scriptTask": _script,
        "businessRuleTask": _rule,
        "parallelGateway": _gateway,
        "inclusiveGateway": _gateway,
        "eventBasedGateway": _gateway,
    }
    """What an element of a type does to a token; others let it pass."""
