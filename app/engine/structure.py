"""Rules about the drawn structure: each yields what an element breaks (BPMN 2.0.2, 7.6, 10.5 and 10.6)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.engine.diagram import ACTIVITIES, EVENTS, GATEWAYS, PEOPLE, Element
from app.engine.graph import Graph
from app.engine.vocabulary import SCOPES


@dataclass(frozen=True)
class Fault:
    """What is wrong with an element, and the way out."""

    code: str
    message: str
    way_out: str
    severity: str = "error"


Rule = Callable[[Element, Graph], Iterator[Fault]]
KINDS = {
    "startEvent": ("none", "message", "signal", "timer"),
    "intermediateCatchEvent": ("message", "signal", "timer", "link"),
    "intermediateThrowEvent": ("none", "message", "signal", "escalation", "link"),
    "endEvent": ("none", "message", "signal", "error", "escalation", "terminate"),
    "boundaryEvent": ("message", "signal", "timer", "error", "escalation"),
}
EVENT_SUB_PROCESS = ("message", "signal", "timer", "error", "escalation")
CATCHING = frozenset({"message", "signal", "timer"})


def flow_in(element: Element, graph: Graph) -> Iterator[Fault]:
    """An element is reached by a flow, unless it begins something."""
    incoming = graph.incoming[element.id]
    begins = element.type in {"startEvent", "boundaryEvent", "process"} or element.by_event
    linked = element.type == "intermediateCatchEvent" and element.trigger.kind == "link"
    if begins and incoming:
        message = f"Expected no flow into {element.id}, but {incoming[0].id} leads there"
        yield Fault("flow_in", message, "Lead the flow to the element behind it")
    if not begins and not linked and not incoming:
        message = f"Expected a flow that leads to {element.id}, but it is never reached"
        yield Fault("unreached", message, "Draw a flow to it, or remove it")


def flow_out(element: Element, graph: Graph) -> Iterator[Fault]:
    """Flows leave where they may, with conditions where they are read."""
    outgoing = graph.outgoing[element.id]
    link = element.type == "intermediateThrowEvent" and element.trigger.kind == "link"
    if outgoing and (element.type in {"endEvent", "process"} or element.by_event or link):
        yield Fault(
            "flow_out",
            f"Expected no flow out of {element.id}, but {outgoing[0].id} leaves it",
            "Remove the flow",
        )
    unread = element.type in {"parallelGateway", "eventBasedGateway"} | EVENTS
    for flow in outgoing:
        if unread and (flow.condition is not None or flow.default):
            message = f"Expected no condition on {flow.id}, but flows out of {element.id} are always taken"
            yield Fault("condition_unread", message, "Put an exclusive or inclusive gateway before it")
        elif flow.default and flow.condition is not None:
            message = (
                f"Expected no condition on the default flow {flow.id}, but it has one that is never read"
            )
            yield Fault("condition_unread", message, "Remove the condition, or the default marker")
    if element.type in {"exclusiveGateway", "inclusiveGateway"} and len(outgoing) > 1:
        for flow in outgoing if element.default is None or any(flow.default for flow in outgoing) else ():
            if flow.condition is None and not flow.default:
                message = f"Expected a condition on {flow.id}, but it has none and is not the default flow"
                yield Fault("no_condition", message, "Write a condition, or mark the flow as default")
    if element.type in GATEWAYS and not outgoing:
        message = f"Expected a flow out of the gateway {element.id}, but there is none"
        yield Fault("no_flow", message, "Draw the flow, or use an end event")


def default_flow(element: Element, graph: Graph) -> Iterator[Fault]:
    """A default flow is one of those that leave the element."""
    if element.default is not None and not any(flow.default for flow in graph.outgoing[element.id]):
        message = f"Expected the default flow of {element.id} to leave it, but {element.default or 'nothing'} does not"
        yield Fault("default", message, "Mark one of its own flows as default, or remove the marker")


def flow_ends(element: Element, graph: Graph) -> Iterator[Fault]:
    """A flow stays in its scope, and ends at something."""
    for flow in graph.outgoing[element.id]:
        target = graph.elements.get(flow.target)
        if target is None or target.scope != element.scope:
            message = f"Expected {flow.id} to lead to an element beside {element.id}, but it leads to {flow.target or 'nothing'}"
            yield Fault("flow_end", message, "Lead the flow to an element of the same process or sub-process")


def event_kind(element: Element, graph: Graph) -> Iterator[Fault]:
    """An event is of a kind that its place allows."""
    if element.type not in EVENTS:
        return
    kind, allowed = element.trigger.kind, KINDS[element.type]
    holder = graph.elements[element.scope]
    if element.type == "startEvent" and holder.type == "subProcess":
        allowed = EVENT_SUB_PROCESS if holder.by_event else ("none",)
    if kind not in allowed:
        message = f"Expected one of {', '.join(allowed)} as the kind of {element.type} {element.id}, but it is {kind}"
        yield Fault("event_kind", message, "Choose another kind of event")
        return
    if element.trigger.dangling is not None:
        message = f"Expected {element.id} to refer to a defined {kind}, but nothing has the id {element.trigger.dangling!r:.80}"
        way_out = f"Choose or create the {kind} of the event"
        if kind in {"error", "escalation"} and element.type not in {"endEvent", "intermediateThrowEvent"}:
            way_out += f", or remove {kind}Ref to catch all"
        yield Fault("dangling" if kind in {"error", "escalation"} else "no_reference", message, way_out)
        return
    nameless = element.trigger.name is None
    throws = element.type in {"endEvent", "intermediateThrowEvent"}
    named = kind in {"message", "signal", "link"} or (throws and kind in {"error", "escalation"})
    if named and nameless:
        message = f"Expected {element.id} to refer to a {kind}, but it refers to none that is defined"
        yield Fault("no_reference", message, f"Choose or create the {kind} of the event")
    if kind == "error" and not element.interrupting:
        message = f"Expected an interrupting error event, but {element.id} does not interrupt"
        yield Fault(
            "not_interrupting", message, "Make the event interrupting: an error always ends its activity"
        )


def starts(element: Element, graph: Graph) -> Iterator[Fault]:
    """A process or sub-process begins in one place."""
    if element.type not in {"process", "subProcess"}:
        return
    events = [other for other in graph.within[element.id] if other.type == "startEvent"]
    plain = [other for other in events if other.trigger.kind == "none"]
    if not events:
        yield Fault(
            "no_start", f"Expected a start event in {element.id}, but it has none", "Draw a start event"
        )
    elif element.by_event and len(events) > 1:
        yield Fault(
            "starts",
            f"Expected one start event in {element.id}, but it has {len(events)}",
            "Draw one for each event",
        )
    elif len(plain) > 1:
        message = f"Expected one start event without a trigger in {element.id}, but it has {len(plain)}"
        yield Fault("starts", message, "Draw one start event and a gateway behind it")
    elif element.type == "process" and any(other.trigger.kind == "timer" for other in events):
        message = f"Expected {element.id} to be started by people, messages or signals, but the clock is to start it"
        way_out = "Start it by a message that another instance throws behind its timer"
        yield Fault("timer_start", message, way_out, "warning")


def boundary(element: Element, graph: Graph) -> Iterator[Fault]:
    """A boundary event sits on an activity beside it."""
    if element.type != "boundaryEvent":
        return
    host = graph.elements.get(element.attached_to or "")
    if host is None or host.type not in ACTIVITIES | SCOPES or host.scope != element.scope or host.by_event:
        message = (
            f"Expected {element.id} to sit on an activity, but it sits on {element.attached_to or 'nothing'}"
        )
        yield Fault("boundary", message, "Attach the event to a task or sub-process")
    elif element.trigger.kind == "escalation" and host.type not in {"subProcess", "callActivity"} | SCOPES:
        message = f"Expected an escalation to be caught on a sub-process or call, but {element.id} sits on {host.id}"
        yield Fault("boundary", message, "Use a message or an error")


def event_gateway(element: Element, graph: Graph) -> Iterator[Fault]:
    """Behind an event-based gateway there are events that wait, each reached by it alone."""
    if element.type != "eventBasedGateway":
        return
    for flow in graph.outgoing[element.id]:
        target = graph.elements.get(flow.target)
        waits = target is not None and target.type in {"intermediateCatchEvent", "receiveTask"}
        if target is None or not waits or target.trigger.kind not in CATCHING:
            message = f"Expected a message, signal or timer event behind {element.id}, but {flow.id} leads to {flow.target}"
            yield Fault("event_gateway", message, "Put a catch event or a receive task there")
        elif len(graph.incoming[flow.target]) > 1 or graph.boundaries[flow.target] or target.loop is not None:
            message = f"Expected {flow.target} behind {element.id} to be reached by one flow, without boundary or loop"
            yield Fault("event_gateway", message, "Give the gateway a catch event of its own")


def links(element: Element, graph: Graph) -> Iterator[Fault]:
    """A link goes from throw events to one catch event of the same name beside them."""
    if element.trigger.kind != "link":
        return
    alike = [other for other in graph.within[element.scope] if other.trigger == element.trigger]
    catches = sum(other.type == "intermediateCatchEvent" for other in alike)
    if catches != 1 or len(alike) == catches:
        message = f"Expected one catch and at least one throw of the link {element.trigger.name!r} beside {element.id}"
        yield Fault(
            "link", f"{message}, but found {catches} and {len(alike) - catches}", "Give both the same name"
        )


def lane(element: Element, _graph: Graph) -> Iterator[Fault]:
    """Work for people lies in the lane of its candidate group."""
    if element.type in PEOPLE and element.lane is None:
        message = f"Expected {element.id} to lie in a lane, but it lies in none, so that nobody may claim it"
        yield Fault("no_lane", message, "Draw the lane of its candidate group around it", "warning")


FLOW_RULES: tuple[Rule, ...] = (flow_in, flow_out, default_flow, flow_ends, event_gateway)
"""Rules about the flows of an element: without ids they would blame its neighbours."""

PLACE_RULES: tuple[Rule, ...] = (*FLOW_RULES, event_kind)
"""Rules that would say of what is refused already that it is of no kind, or lies where nothing leads."""

RULES: tuple[Rule, ...] = (
    flow_in,
    flow_out,
    default_flow,
    flow_ends,
    event_kind,
    starts,
    boundary,
    event_gateway,
    links,
    lane,
)
