"""What must be said about a file's markup before its diagram is read: everything that would otherwise be lost."""

from collections.abc import Iterator

from lxml.etree import QName
from lxml.etree import _Element as Node

from app.engine.diagram import EVENTS, Element
from app.engine.parsing import BPMN, MAX_ELEMENTS, PRATICA, is_bpmn, local
from app.engine.reading import FLOW_NODES, definitions_of
from app.engine.reports import Finding

DRAWN_ONLY = frozenset(
    [
        "laneSet",
        "textAnnotation",
        "association",
        "group",
        "documentation",
        "extensionElements",
        "sequenceFlow",
        "incoming",
        "outgoing",
        "auditing",
        "monitoring",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "script",
        "conditionExpression",
        "ioSpecification",
        "property",
        "dataInputAssociation",
        "dataOutputAssociation",
        "potentialOwner",
        "performer",
        "humanPerformer",
        "resourceRole",
        "supportedInterfaceRef",
        "standardLoopCharacteristics",
        "multiInstanceLoopCharacteristics",
    ]
)
EVENT_DEFINITIONS = frozenset(["message", "signal", "timer", "error", "escalation", "terminate", "link"])
REFUSED = {
    "complexGateway": "Draw the rule with exclusive, inclusive and parallel gateways",
    "transaction": "Draw a sub-process with an error boundary event, and undo in the path behind it",
    "adHocSubProcess": "Draw the order, or parallel branches, in an ordinary sub-process",
    "compensateEventDefinition": "Draw the undoing as a path behind an error or message event",
    "cancelEventDefinition": "Use an error end event and an error boundary event",
    "conditionalEventDefinition": "Use a message or signal, or decide at an exclusive gateway",
    "eventDefinitionRef": "Write the event definition into the event itself",
}
NOT_EXECUTED = {
    "ioSpecification": "Name inputs with <pratica:input> and the result with pratica:result",
    "dataInputAssociation": "Variables are shared by the whole process: name inputs with <pratica:input>",
    "dataOutputAssociation": "Variables are shared by the whole process: name the result with pratica:result",
    "property": "Set the variable in a script task",
    "potentialOwner": "Put the task into the lane of its candidate group",
    "performer": "Put the task into the lane of its candidate group",
    "humanPerformer": "Put the task into the lane of its candidate group",
    "resourceRole": "Put the task into the lane of its candidate group",
}
LOOP_REFUSED = frozenset(
    ["loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem", "complexBehaviorDefinition"]
)
OWN_ATTRIBUTES = frozenset(
    [
        "form",
        "result",
        "due",
        "assignee",
        "handler",
        "decision",
        "key",
        "collection",
        "element",
        "outputCollection",
        "outputElement",
    ]
)
PLAIN_VALUES = {
    "isForCompensation": "false",
    "startQuantity": "1",
    "completionQuantity": "1",
    "instantiate": "false",
    "eventGatewayType": "Exclusive",
    "parallelMultiple": "false",
    "behavior": "All",
}


def examine(file: str, root: Node) -> Iterator[Finding]:
    """Give the findings of a whole file that need no knowledge of its flow."""
    drawn = [node for node in root.iter() if is_bpmn(node) and local(node) in FLOW_NODES]
    if len(drawn) > MAX_ELEMENTS:
        message = f"Expected at most {MAX_ELEMENTS} elements in one diagram, but {file} has {len(drawn)}"
        yield Finding(file, None, "error", "too_many", message, "Split the process with call activities.")
    for node in root.iterfind(f".//{BPMN}messageFlow"):
        message = (
            f"Expected messages to be named in events, but the message flow {node.get('id')} is only drawn"
        )
        way_out = "Refer to the same <message> from a throw event and a catch event."
        yield Finding(file, node.get("id"), "warning", "message_flow", message, way_out)
    for process in root.iterfind(f"{BPMN}process"):
        for node in process.iter():
            if is_bpmn(node):
                yield from _node(file, node)


def _node(file: str, node: Node) -> Iterator[Finding]:
    tag, id_ = local(node), _id_of(node)
    parent = node.getparent()
    if tag in REFUSED or _unknown(tag, parent):
        message = f"Expected an element that is executed, but <{tag}> is not"
        yield Finding(
            file, id_, "error", "not_executed", message, REFUSED.get(tag, "Remove it from the diagram") + "."
        )
    if tag in NOT_EXECUTED:
        message = f"Expected variables, lanes and mappings, but <{tag}> is only drawn"
        yield Finding(file, id_, "warning", "only_drawn", message, NOT_EXECUTED[tag] + ".")
    if tag in LOOP_REFUSED:
        message = f"Expected pratica:collection and pratica:outputCollection, but found <{tag}>"
        yield Finding(file, id_, "error", "loop_data", message, "Name the list in pratica:collection.")
    if tag in EVENTS and len(definitions_of(node)) > 1:
        message = f"Expected one event definition in {id_}, but it has {len(definitions_of(node))}"
        yield Finding(
            file, id_, "error", "multiple_events", message, "Draw one event for each, side by side."
        )
    if node.get("scriptFormat", "feel").rpartition("/")[2].lower() != "feel":
        message = f'Expected scriptFormat="feel" on {id_}, but it is {node.get("scriptFormat")}'
        yield Finding(file, id_, "error", "script_format", message, "Write the script in FEEL.")
    if tag in FLOW_NODES and node.get("id") is None:
        message = f"Expected an id on the <{tag}> in line {node.sourceline}, but it has none"
        yield Finding(file, id_, "error", "no_id", message, "Open and save the file in the studio.")
    yield from _attributes(file, node, id_)


def _attributes(file: str, node: Node, id_: str | None) -> Iterator[Finding]:
    for key, value in node.attrib.items():
        name = QName(key)
        if name.namespace == PRATICA[1:-1] and name.localname not in OWN_ATTRIBUTES:
            message = (
                f"Expected one of {', '.join(sorted(OWN_ATTRIBUTES))}, but found pratica:{name.localname}"
            )
            yield Finding(file, id_, "error", "attribute", message, "Correct the name of the attribute.")
        elif name.namespace is not None and name.namespace.split("/")[2:3] in _FOREIGN:
            message = (
                f"Expected attributes of BPMN or pratica, but {name.localname} of another engine is not read"
            )
            yield Finding(
                file, id_, "warning", "foreign", message, "Import the file: `pratica import` translates it."
            )
        elif name.namespace is None and PLAIN_VALUES.get(name.localname, value) != value:
            message = f"Expected {name.localname}={PLAIN_VALUES[name.localname]!r}, but {id_} has {value!r}"
            yield Finding(file, id_, "error", "not_executed", message, f"Remove {name.localname}.")


_FOREIGN = (
    ["camunda.org"],
    ["www.omg.org", "x"],
    ["flowable.org"],
    ["activiti.org"],
    ["www.spiffworkflow.org"],
)


def _unknown(tag: str, parent: Node | None) -> bool:
    if parent is None or not is_bpmn(parent):
        return False
    if tag.endswith("EventDefinition"):
        return local(parent) in EVENTS and tag.removesuffix("EventDefinition") not in EVENT_DEFINITIONS
    inside = local(parent) in {"process", "subProcess"}
    return inside and tag not in FLOW_NODES and tag not in DRAWN_ONLY


def _id_of(node: Node) -> str | None:
    """Give the id of the node itself or of the nearest node around it that has one."""
    current: Node | None = node
    while current is not None:
        if current.get("id") is not None and (
            local(current) in FLOW_NODES or local(current) == "sequenceFlow"
        ):
            return current.get("id")
        current = current.getparent()
    return node.get("id")


def repeated(elements: list[Element], names: list[tuple[str, str]]) -> Iterator[Finding]:
    """Give a finding for each id that stands for two things of one definition: history names things by id alone."""
    seen: dict[str, str] = {}
    for id_, file in [(element.id, element.file) for element in elements] + names:
        if id_ in seen:
            message = f"Expected {id_} to be the id of one thing, but {seen[id_]} and {file} both have it"
            yield Finding(file, id_, "error", "duplicate", message, "Give one of the two another id.")
        seen.setdefault(id_, file)
