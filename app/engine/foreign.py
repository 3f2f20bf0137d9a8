"""What diagrams hold for other engines: it is not read, and what of ours takes its place is named."""

from collections.abc import Iterator

from lxml.etree import QName
from lxml.etree import _Element as Node

from app.engine.parsing import BPMN, PRATICA, local
from app.engine.reports import Finding

HARMLESS = (
    "http://www.w3.org/",
    "http://bpmn.io/",
    "http://www.omg.org/spec/BPMN/non-normative/",
    "http://camunda.org/schema/modeler/",
)
"""Namespaces of editors and of XML itself: they change nothing of what runs."""

OURS = PRATICA[1:-1].rpartition("/")[0] + "/"
"""What our own namespace begins with, in any version."""

_HANDLER = "Name the handler in pratica:handler"
_MAPPING = "Name inputs with <pratica:input> and what comes back with pratica:result or <pratica:output>"
_FORM = "Name the form in pratica:form"
_LANE = "Put the task into the lane of its candidate group"
_LOOP = "Name the list in pratica:collection and the item in pratica:element of the loop marker"
_LISTENER = "Draw what the listener does as a task"
_CALL = "Name the called process in calledElement"

CHANGES = {
    **dict.fromkeys(["in", "out", "ioMapping", "inputOutput", "inputParameter", "outputParameter"], _MAPPING),
    **dict.fromkeys(
        ["executionListener", "taskListener", "executionListeners", "taskListeners", "eventListener"],
        _LISTENER,
    ),
    **dict.fromkeys(["preScript", "postScript"], "Draw the script as a script task"),
    **dict.fromkeys(["taskDefinition", "connector", "serviceTaskOperator", "field"], _HANDLER),
    **dict.fromkeys(["calledDecision", "calledDecisionId"], "Name the decision in pratica:decision"),
    "script": "Write the expression into <bpmn:script>",
    "subscription": "Name the awaited value in pratica:key of the element that waits",
    "processVariableCorrelation": "Name the awaited value in pratica:key of the element that waits",
    "messagePayload": "Name what the message carries with <pratica:input>",
    "messageVariable": "Name the variable in pratica:result",
    "loopCharacteristics": _LOOP,
    "calledElement": _CALL,
}
"""Extension elements of others without which the process means something else, with what takes their place."""

REPLACED = {
    **dict.fromkeys(["assignee", "assignmentDefinition"], "Name the person in pratica:assignee"),
    **dict.fromkeys(["candidateGroups", "candidateUsers", "potentialStarter"], _LANE),
    **dict.fromkeys(
        ["formKey", "formRef", "formData", "formDefinition", "formProperty", "formJsonSchemaFilename"], _FORM
    ),
    **dict.fromkeys(["dueDate", "taskSchedule", "followUpDate"], "Name the date in pratica:due"),
    **dict.fromkeys(["class", "delegateExpression", "expression", "topic", "type"], _HANDLER),
    **dict.fromkeys(["resultVariable", "resultVariableName"], "Name the variable in pratica:result"),
    **dict.fromkeys(["decisionRef", "mapDecisionResult"], "Name the decision in pratica:decision"),
    **dict.fromkeys(["collection", "elementVariable"], _LOOP),
    **dict.fromkeys(["calledElementBinding", "calledElementVersion", "caseRef"], _CALL),
}
"""Attributes and extension elements of others that only say who, when or where, with what takes their place."""

_REMOVE = "Remove it, or say it with elements and attributes of BPMN and pratica"


def attribute(file: str, id_: str | None, key: str) -> Iterator[Finding]:
    """Give the finding of an attribute in a namespace that is neither ours nor harmless."""
    name = QName(key)
    if name.namespace is None or name.namespace == PRATICA[1:-1] or name.namespace.startswith(HARMLESS):
        return
    if name.namespace.startswith(OURS):
        yield _other_version(file, id_, name.namespace)
        return
    message = f"Expected attributes of BPMN or pratica, but {name.localname} of {name.namespace} is not read"
    yield Finding(file, id_, "warning", "foreign", message, f"{REPLACED.get(name.localname, _REMOVE)}.")


def extension(file: str, id_: str | None, node: Node) -> Iterator[Finding]:
    """Give the finding of an extension element that is neither ours nor harmless."""
    namespace, name = QName(node).namespace or "", local(node)
    if namespace.startswith(HARMLESS):
        return
    if namespace.startswith(OURS) or node.prefix == "pratica":
        yield _other_version(file, id_, namespace)
        return
    severity = "error" if name in CHANGES else "warning"
    message = f"Expected extensions of pratica, but <{name}> of {namespace or 'no namespace'} is not read"
    way_out = CHANGES.get(name) or REPLACED.get(name, _REMOVE)
    yield Finding(file, id_, severity, "foreign_extension", message, f"{way_out}.")


def misplaced(file: str, id_: str | None, node: Node) -> Finding:
    """Give the finding of an element of another namespace that stands where BPMN has its own."""
    namespace = QName(node).namespace or "no namespace"
    parent = node.getparent()
    message = f"Expected elements of BPMN in <{local(parent) if parent is not None else ''}>, but found <{local(node)}> of {namespace}"
    way_out = "Put it into <bpmn:extensionElements>, or remove it."
    if namespace == PRATICA[1:-1]:
        way_out = "Put it into <bpmn:extensionElements>."
    elif "bpmn" in namespace.lower() or namespace == "no namespace":
        way_out = f"Write it in the namespace {BPMN[1:-1]}: export the diagram as BPMN 2.0 XML."
    return Finding(file, id_, "error", "unread", message, way_out)


def _other_version(file: str, id_: str | None, namespace: str) -> Finding:
    message = f"Expected the namespace {PRATICA[1:-1]} for pratica, but found {namespace or 'none'}"
    return Finding(
        file, id_, "error", "namespace", message, "Correct the xmlns:pratica at the top of the file."
    )
