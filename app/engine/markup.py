"""Faults that the XML alone shows: what is refused, what is only drawn, what stands where nothing reads it."""

from collections import Counter
from collections.abc import Iterator

from lxml.etree import QName
from lxml.etree import _Element as Node

from app.engine import foreign, vocabulary
from app.engine.diagram import EVENTS, Element
from app.engine.parsing import (
    BPMN,
    MAX_ELEMENTS,
    MAX_FLOWS,
    PRATICA,
    is_bpmn,
    is_feel,
    is_truth,
    local,
    truth,
)
from app.engine.reading import definitions_of, is_count
from app.engine.reports import Finding
from app.engine.vocabulary import FLOW_NODES

_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def examine(file: str, root: Node) -> Iterator[Finding]:
    """Give the findings of a whole file that need no knowledge of its flow."""
    for tags, limit in ((FLOW_NODES, MAX_ELEMENTS), (frozenset(["sequenceFlow"]), MAX_FLOWS)):
        drawn = [node for node in root.iter() if is_bpmn(node) and local(node) in tags]
        if len(drawn) > limit:
            what = "flows" if limit == MAX_FLOWS else "elements"
            message = f"Expected at most {limit} {what} in one diagram, but {file} has {len(drawn)}"
            yield Finding(file, None, "error", "too_many", message, "Split the process with call activities.")
    for node in root.iterfind(f".//{BPMN}messageFlow"):
        message = (
            f"Expected messages to be named in events, but the message flow {node.get('id')} is only drawn"
        )
        way_out = "Refer to the same <message> from a throw event and a catch event."
        yield Finding(file, node.get("id"), "warning", "message_flow", message, way_out)
    for part in root:
        if is_bpmn(part) and local(part) in {"process", "message", "signal", "error", "escalation"}:
            for node in part.iter():
                if is_bpmn(node):
                    yield from _node(file, node)


def _node(file: str, node: Node) -> Iterator[Finding]:
    tag, id_ = local(node), id_of(node)
    parent = node.getparent()
    if tag in vocabulary.REFUSED or _is_unknown(tag, parent):
        yield _refused(file, id_, node)
    if tag in vocabulary.NOT_EXECUTED:
        message = f"Expected variables, lanes and mappings, but <{tag}> is only drawn"
        yield Finding(file, id_, "warning", "only_drawn", message, f"{vocabulary.NOT_EXECUTED[tag]}.")
    if tag in vocabulary.LOOP_REFUSED:
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
    if tag in FLOW_NODES and not node.get("id"):
        message = f"Expected an id on the <{tag}> in line {node.sourceline}, but it has none"
        yield Finding(file, id_, "error", "no_id", message, "Open and save the file in the studio.")
    if tag in vocabulary.EXPRESSIONS:
        yield from _expression(file, id_, node)
    yield from _children(file, id_, node)
    for key, value in node.attrib.items():
        yield from _attribute(file, id_, node, key, value)


def _refused(file: str, id_: str | None, node: Node) -> Finding:
    tag, parent = local(node), node.getparent()
    holder = local(parent) if parent is not None else ""
    if holder in {"process", "subProcess"} | vocabulary.SCOPES | EVENTS and tag not in FLOW_NODES:
        message = f"Expected an element that is executed, but <{tag}> is not"
        way_out = vocabulary.REFUSED.get(tag, "Remove it from the diagram")
        return Finding(file, id_, "error", "not_executed", message, f"{way_out}.")
    message = f"Expected in <{holder}> what BPMN has there, but found <{tag}>, which nothing reads"
    way_out = vocabulary.REFUSED.get(tag, "Move it to where it belongs, or remove it")
    return Finding(file, id_, "error", "unread", message, f"{way_out}.")


def _children(file: str, id_: str | None, node: Node) -> Iterator[Finding]:
    tag = local(node)
    if tag == "extensionElements":
        yield from _extensions(file, id_, node)
        return
    inside = [child for child in node if isinstance(child.tag, str)]
    if tag in vocabulary.CHILDREN:
        for child in inside:
            if not is_bpmn(child):
                yield foreign.misplaced(file, child.get("id", id_), child)
    for group in vocabulary.ONCE:
        found = [local(child) for child in inside if is_bpmn(child) and local(child) in group]
        if len(found) > 1:
            message = f"Expected at most one of {', '.join(sorted(group))} in <{tag}> {id_ or ''}, but found {', '.join(found)}"
            yield Finding(file, id_, "error", "twice", message, "Keep one, and remove the others.")


def _extensions(file: str, id_: str | None, node: Node) -> Iterator[Finding]:
    names: Counter[tuple[str, str]] = Counter()
    for entry in node:
        if isinstance(entry.tag, str) and entry.tag.startswith(PRATICA):
            yield from _own_entry(file, id_, node.getparent(), entry)
            names[local(entry), entry.get("name", "")] += 1
        elif isinstance(entry.tag, str):
            yield from foreign.extension(file, id_, entry)
    for (kind, name), count in names.items():
        if count > 1:
            message = f"Expected one <pratica:{kind}> named {name} on {id_}, but it has {count}"
            yield Finding(file, id_, "error", "twice", message, "Keep one, and rename or remove the others.")


def _own_entry(file: str, id_: str | None, holder: Node | None, entry: Node) -> Iterator[Finding]:
    name, tag = local(entry), local(holder) if holder is not None else ""
    if tag not in vocabulary.OWN_ENTRIES.get(name, ()):
        known = " and ".join(
            f"<pratica:{each}> on {', '.join(sorted(tags))}" for each, tags in vocabulary.OWN_ENTRIES.items()
        )
        message = f"Expected {known}, but found <pratica:{name}> on <{tag}> {id_ or ''}, which nothing reads"
        yield Finding(file, id_, "error", "extension", message, "Correct its name, or remove it.")
    for key in sorted({str(key) for key in entry.attrib} - {"name", "value"}):
        message = f"Expected name and value on <pratica:{name}> of {id_}, but found {key}"
        yield Finding(file, id_, "error", "extension", message, "Correct the name of the attribute.")


def _attribute(file: str, id_: str | None, node: Node, key: str, value: str) -> Iterator[Finding]:
    name = QName(key)
    if name.namespace == PRATICA[1:-1]:
        yield from _own_attribute(file, id_, local(node), name.localname)
    elif name.namespace is not None:
        yield from foreign.attribute(file, id_, key)
    else:
        yield from _plain_attribute(file, id_, node, key, value)


def _plain_attribute(file: str, id_: str | None, node: Node, own: str, value: str) -> Iterator[Finding]:
    tag = local(node)
    known = vocabulary.ATTRIBUTES.get(tag)
    if known is not None and own not in known:
        message = (
            f"Expected one of {', '.join(sorted(known))} on <{tag}>, but found {own}, which nothing reads"
        )
        yield Finding(
            file, id_, "error", "unread", message, "Correct the name of the attribute, or remove it."
        )
    elif own in vocabulary.TRUTHS and not is_truth(value):
        message = f"Expected {own} to be true, false, 1 or 0, but {id_} has {value!r:.80}"
        yield Finding(file, id_, "error", "boolean", message, "Write true or false.")
    elif own == "operationRef" or (own == "implementation" and value not in vocabulary.TECHNOLOGIES):
        message = f"Expected what does the work in pratica:handler, but {id_} names it in {own}={value!r:.80}"
        way_out = "Name the handler in pratica:handler, or the person's form in pratica:form, and remove it."
        yield Finding(file, id_, "error", "unread", message, way_out)
    elif own == "loopMaximum" and not is_count(value):
        message = f"Expected a whole number as loopMaximum of {id_}, but it is {value!r:.80}"
        yield Finding(
            file, id_, "error", "loop_maximum", message, "Write a number, or count in the loopCondition."
        )
    elif own in vocabulary.PLAIN_VALUES and not _is_plain(node, own, value):
        message = f"Expected {own}={vocabulary.PLAIN_VALUES[own]!r}, but {id_} has {value!r:.80}"
        yield Finding(file, id_, "error", "not_executed", message, f"Remove {own}.")


def _is_plain(node: Node, name: str, value: str) -> bool:
    if name in vocabulary.TRUTHS:
        return not truth(node, name, default=False)
    return value.strip() == vocabulary.PLAIN_VALUES[name]


def _own_attribute(file: str, id_: str | None, tag: str, name: str) -> Iterator[Finding]:
    readers = vocabulary.OWN.get(name)
    if readers is None:
        message = f"Expected one of {', '.join(sorted(vocabulary.OWN))}, but found pratica:{name}"
        yield Finding(file, id_, "error", "attribute", message, "Correct the name of the attribute.")
    elif tag not in readers:
        message = f"Expected pratica:{name} on {', '.join(sorted(readers))}, but it is on <{tag}> {id_ or ''}, where nothing reads it"
        yield Finding(file, id_, "error", "misplaced", message, "Move it there, or remove it.")


def _expression(file: str, id_: str | None, node: Node) -> Iterator[Finding]:
    language = node.get("language")
    if language is not None and not is_feel(language):
        message = f"Expected FEEL in <{local(node)}> of {id_}, but its language is {language!r:.80}"
        yield Finding(
            file, id_, "error", "language", message, "Write the expression in FEEL, and remove language."
        )
    written = node.get(_XSI_TYPE)
    if written is not None:
        prefix, _, name = written.strip().rpartition(":")
        if name not in {"tFormalExpression", "tExpression"} or node.nsmap.get(prefix or None) != BPMN[1:-1]:
            message = f"Expected xsi:type tFormalExpression of BPMN on <{local(node)}> of {id_}, but it is {written!r:.80}"
            yield Finding(
                file,
                id_,
                "error",
                "language",
                message,
                'Write xsi:type="bpmn:tFormalExpression", or remove it.',
            )


def _is_unknown(tag: str, parent: Node | None) -> bool:
    if parent is None or not is_bpmn(parent):
        return False
    known = vocabulary.CHILDREN.get("subProcess" if local(parent) in vocabulary.SCOPES else local(parent))
    return known is not None and tag not in known and tag not in vocabulary.LOOP_REFUSED


def id_of(node: Node) -> str | None:
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
