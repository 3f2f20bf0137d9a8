"""Rules about what an element says: its texts, its markers, its references."""

from collections.abc import Iterator
from datetime import UTC, datetime

from app.domain.errors import ElementFailed
from app.engine.diagram import EVENTS, Element, Loop
from app.engine.graph import Graph
from app.engine.structure import Fault, Rule
from app.engine.timing import is_literal, schedule
from app.engine.vocabulary import OWN

SOME_DAY = datetime(2020, 1, 1, tzinfo=UTC)
"""An instant to try a timer's text at: what fails on it fails on any."""

LOST = "Set pratica:outputCollection to the variable that receives the list of results"


def tasks(element: Element, _graph: Graph) -> Iterator[Fault]:
    """A task says what it does."""
    kind, id_ = element.type, element.id
    if kind == "serviceTask" and element.handler is None:
        message = f"Expected pratica:handler on the service task {id_}, but it has none"
        yield Fault("no_handler", message, "Name the handler, for example protocollo.registra")
    if kind == "scriptTask" and element.script is None:
        yield Fault(
            "no_script", f"Expected FEEL in the script task {id_}, but it is empty", "Write the expression"
        )
    if kind == "businessRuleTask" and element.decision is None:
        message = f"Expected pratica:decision on the business rule task {id_}, but it has none"
        yield Fault("no_decision", message, "Choose the decision of a DMN file of the bundle")
    if kind == "sendTask" and (element.handler is None) == (element.trigger.kind == "none"):
        message = f"Expected either a message or a pratica:handler on the send task {id_}, but it has both or neither"
        yield Fault("send", message, "Choose the message, or name the handler")
    if kind == "receiveTask" and element.trigger.kind == "none":
        yield Fault(
            "receive", f"Expected a message on the receive task {id_}, but it has none", "Choose the message"
        )
    if (
        kind in {"sendTask", "receiveTask"}
        and element.trigger.kind == "message"
        and element.trigger.name is None
    ):
        message = f"Expected {id_} to refer to a defined message, but nothing has the id {element.trigger.dangling!r:.80}"
        yield Fault("no_reference", message, "Choose or create the message")
    if kind == "task":
        message = f"Expected a task that says who or what does it, but {id_} is a plain task and does nothing"
        yield Fault("plain_task", message, "Make it a user, service, script or other task", "warning")


def calls(element: Element, graph: Graph) -> Iterator[Fault]:
    """A call activity calls a process of the bundle, which begins without an event."""
    if element.type != "callActivity":
        return
    process = graph.elements.get(element.called or "")
    if process is None or process.type != "process":
        message = f"Expected {element.id} to call a process of the bundle, but it calls {element.called or 'nothing'}"
        yield Fault(
            "unknown_process", message, "Put the called process beside this one, or correct calledElement"
        )
    elif graph.start_of(process.id) is None:
        message = f"Expected {process.id}, called by {element.id}, to have a start event without a trigger, but it has none"
        yield Fault("no_start", message, "Give the called process such a start event")


def timers(element: Element, _graph: Graph) -> Iterator[Fault]:
    """A timer says when, and what is written as ISO 8601 can come to pass."""
    text = element.trigger.text
    if element.trigger.kind != "timer":
        return
    if text is None:
        message = f"Expected a date, a duration or a cycle in the timer {element.id}, but it has none"
        yield Fault("no_timer", message, "Write ISO 8601 (PT15M, R/P3D) or a FEEL expression")
    elif is_literal(text):
        try:
            schedule(element.trigger.form or "", text, SOME_DAY)
        except ElementFailed as never:
            yield Fault(
                "timer_value", f"{never} in {element.id}", "Write ISO 8601 (PT15M, R/P3D, 2023-05-08)"
            )


def loops(element: Element, _graph: Graph) -> Iterator[Fault]:
    """A loop marker says how often, and where the results go."""
    loop = element.loop
    if loop is None:
        return
    if element.by_event:
        yield Fault(
            "loop",
            f"Expected no loop marker on the event sub-process {element.id}, but it has one",
            "Remove it",
        )
    if loop.kind == "standard":
        if loop.condition is None and loop.maximum is None:
            message = f"Expected a loopCondition or loopMaximum on {element.id}, but it has neither"
            yield Fault("loop", message, "Write the condition under which the loop goes on")
        return
    yield from _several(element, loop)


def _several(element: Element, loop: Loop) -> Iterator[Fault]:
    if (loop.collection is None) == (loop.cardinality is None):
        message = f"Expected either pratica:collection or loopCardinality on {element.id}, but it has both or neither"
        yield Fault("loop", message, "Name the list in pratica:collection")
    if element.result is not None and loop.output_collection is None:
        message = f"Expected the results of {element.id} to be kept, but each run sets {element.result} for itself alone"
        yield Fault("result_lost", message, LOST, "warning")
    if loop.blind and element.type not in {"userTask", "subProcess"}:
        message = (
            f"Expected pratica:blind on a user task or a sub-process, but {element.id} is a {element.type}"
        )
        yield Fault("blind", message, "Draw a sub-process around it")
    if loop.blind and loop.until is not None:
        message = f"Expected no completionCondition where {element.id} is blind, since it would be told by what others gave"
        yield Fault("blind", message, "Remove the condition, or pratica:blind")


def names(element: Element, _graph: Graph) -> Iterator[Fault]:
    """A mapping names its variable and has a value."""
    throws = element.type in {"endEvent", "intermediateThrowEvent"}
    if element.inputs and throws and element.trigger.kind not in {"message", "signal"}:
        message = f"Expected <pratica:input> where something is sent, but {element.id} sends nothing"
        yield Fault("extension", message, "Make it a message or signal event, or remove the inputs")
    for kind, entries in (("input", element.inputs), ("output", element.outputs)):
        for name, text in entries:
            if not name or not text:
                message = f"Expected a name and a value in each <pratica:{kind}> of {element.id}, but one lacks them"
                yield Fault("mapping", message, "Complete or remove the mapping")


def expressions(element: Element, graph: Graph) -> Iterator[tuple[str, str]]:
    """Give every FEEL text of an element and of the flows that leave it, with its place."""
    yield from element.expressions()
    text = element.trigger.text
    if text is not None and not is_literal(text):
        yield element.trigger.form or "timer", text
    for flow in graph.outgoing[element.id]:
        if flow.condition is not None:
            yield f"flow {flow.id}", flow.condition


def own(element: Element, graph: Graph) -> Iterator[Fault]:
    """An attribute of ours stands where it is read; what the tag alone shows is found in the markup."""
    kind, throws = element.trigger.kind, element.type in {"endEvent", "intermediateThrowEvent"}
    starts = element.type == "startEvent" and graph.elements[element.scope].type == "process"
    way_out = "Remove it, or make it an element that has one"
    if (
        element.key is not None
        and element.type in OWN["key"]
        and (kind != "message" or starts or element.handler is not None)
    ):
        message = (
            f"Expected pratica:key where a message is awaited or thrown, but {element.id} has no use for it"
        )
        yield Fault("misplaced", message, way_out)
    if element.result is not None:
        plain = element.type == "subProcess" and (element.loop is None or element.loop.kind == "standard")
        sends = element.type == "sendTask" and element.handler is None
        waits = element.type in EVENTS and not throws and kind in {"none", "timer", "link"}
        if plain or sends or waits:
            message = f"Expected pratica:result where something is given, but {element.id} gives nothing"
            yield Fault("result_unread", message, way_out, "warning")


RULES: tuple[Rule, ...] = (tasks, calls, timers, loops, names, own)
