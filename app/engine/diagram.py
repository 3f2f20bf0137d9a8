"""What is drawn, as plain records: elements, flows, events and loops of one or more processes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ACTIVITIES = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "scriptTask",
        "serviceTask",
        "businessRuleTask",
        "sendTask",
        "receiveTask",
        "subProcess",
        "callActivity",
    }
)
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"})
EVENTS = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
PEOPLE = frozenset({"userTask", "manualTask"})


@dataclass(frozen=True)
class Flow:
    """A sequence flow; one without an id in the file is named `source->target`."""

    id: str
    source: str
    target: str
    condition: str | None = None
    default: bool = False


@dataclass(frozen=True)
class Trigger:
    """What an event throws or catches.

    `kind` is none, message, signal, timer, error, escalation, terminate or link; `name` the message's, signal's or
    link's name, or the code of an error or escalation (None catches all); `dangling` a reference to what is not defined. A
    timer has `form` (timeDate, timeDuration, timeCycle) and `text`.
    """

    kind: str
    name: str | None = None
    form: str | None = None
    text: str | None = None
    dangling: str | None = None


@dataclass(frozen=True)
class Loop:
    """The marker of an activity that runs several times; `kind` is parallel, sequential or standard.

    While a `blind` one goes on, no run sees what the others give.
    """

    kind: str
    collection: str | None = None
    cardinality: str | None = None
    element: str | None = None
    output_collection: str | None = None
    output_element: str | None = None
    until: str | None = None
    condition: str | None = None
    test_before: bool = False
    maximum: int | None = None
    blind: bool = False


@dataclass(frozen=True)
class Element:
    """A node of the diagram; `scope` is the id of the process or sub-process that holds it."""

    id: str
    name: str
    type: str
    process_id: str
    scope: str
    file: str
    lane: str | None = None
    form: str | None = None
    result: str | None = None
    decision: str | None = None
    handler: str | None = None
    due: str | None = None
    assignee: str | None = None
    key: str | None = None
    script: str | None = None
    called: str | None = None
    inputs: tuple[tuple[str, str], ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()
    trigger: Trigger = Trigger("none")
    interrupting: bool = True
    attached_to: str | None = None
    by_event: bool = False
    default: str | None = None
    loop: Loop | None = None

    def expressions(self) -> list[tuple[str, str]]:
        """Give every FEEL text of the element with the place it stands in; timers are not among them."""
        named = [
            ("pratica:due", self.due),
            ("pratica:assignee", self.assignee),
            ("pratica:key", self.key),
            ("script", self.script),
        ]
        named += [(f"pratica:input {name}", text) for name, text in self.inputs]
        named += [(f"pratica:output {name}", text) for name, text in self.outputs]
        if self.loop is not None:
            named += [
                ("pratica:collection", self.loop.collection),
                ("loopCardinality", self.loop.cardinality),
                ("pratica:outputElement", self.loop.output_element),
                ("completionCondition", self.loop.until),
                ("loopCondition", self.loop.condition),
            ]
        return [(place, text) for place, text in named if text is not None]


@dataclass
class Process:
    """One drawn process with everything in it, at any depth; `nameless` where an element has no id."""

    id: str
    name: str
    file: str
    executable: bool = True
    nameless: bool = False
    elements: dict[str, Element] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    repeated: list[Element] = field(default_factory=list)

    def within(self, scope: str) -> list[Element]:
        """Give the elements that lie directly in a scope, in the order of the file."""
        return [element for element in self.elements.values() if element.scope == scope]


Processes = Mapping[str, Process]
