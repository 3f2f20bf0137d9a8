"""What the rest of a bundle needs to know of its BPMN: elements, lanes, references, expressions, message starts."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from app.definitions.markup import BPMN, PRATICA, each, local, namespace, parse, pratica
from app.domain.bundles import Bundle
from app.domain.errors import DefinitionInvalid

_FEEL_ATTRIBUTES = ("due", "key", "collection", "outputElement")
_FEEL_ELEMENTS = (
    "conditionExpression",
    "timeDate",
    "timeDuration",
    "timeCycle",
    "completionCondition",
    "loopCardinality",
)


@dataclass(frozen=True)
class Text:
    """An expression in a diagram: the element it belongs to, where it stands, and what is written."""

    element: str
    place: str
    text: str


@dataclass(frozen=True)
class Diagram:
    """One process of a BPMN file; `forms` and `handlers` map an element to the name it refers to.

    `rules` are its business rule tasks. `blind` maps the tasks that a blind activity gives to somebody to its id.

    `unserved_starts` are start events by a trigger that the house does not start processes from, with the trigger.
    """

    file: str
    process: str
    elements: frozenset[str] = frozenset()
    lanes: tuple[str, ...] = ()
    forms: dict[str, str] = field(default_factory=dict)
    handlers: dict[str, str] = field(default_factory=dict)
    rules: frozenset[str] = frozenset()
    expressions: tuple[Text, ...] = ()
    message_starts: dict[str, str] = field(default_factory=dict)
    has_plain_start: bool = False
    unserved_starts: dict[str, str] = field(default_factory=dict)
    blind: dict[str, str] = field(default_factory=dict)


def read_diagrams(bundle: Bundle) -> dict[str, Diagram]:
    """Give the processes of a bundle's diagrams by id; files that cannot be read are left out."""
    diagrams: dict[str, Diagram] = {}
    for name, data in bundle.named(".bpmn").items():
        try:
            root = parse(name, data)
        except DefinitionInvalid:
            continue
        messages = {str(m.get("id")): str(m.get("name") or m.get("id")) for m in each(root, "message")}
        for process in each(root, "process"):
            diagrams.setdefault(str(process.get("id")), _diagram(name, process, messages))
    return diagrams


def _is_blind(node: etree._Element) -> bool:
    return any(
        pratica(loop, "blind") in {"true", "1"}
        for loop in each(node, "multiInstanceLoopCharacteristics")
        if loop.getparent() is node
    )


def _blind(nodes: list[etree._Element]) -> dict[str, str]:
    blind = [node for node in nodes if _is_blind(node)]
    given = [node for node in nodes if pratica(node, "assignee")]
    return {str(one.get("id")): str(node.get("id")) for node in blind for one in given if _within(one, node)}


def _within(inner: etree._Element, node: etree._Element) -> bool:
    return inner is node or any(above is node for above in inner.iterancestors())


def _diagram(file: str, process: etree._Element, messages: dict[str, str]) -> Diagram:
    nodes = [node for node in process.iter() if namespace(node) == BPMN and node.get("id")]
    starts = [node for node in process if local(node) == "startEvent"]
    triggered = {str(node.get("id")): list(each(node, "messageEventDefinition")) for node in starts}
    return Diagram(
        file=file,
        process=str(process.get("id")),
        elements=frozenset(str(node.get("id")) for node in nodes),
        lanes=tuple(dict.fromkeys(str(lane.get("name") or lane.get("id")) for lane in each(process, "lane"))),
        forms={str(n.get("id")): pratica(n, "form") for n in nodes if pratica(n, "form")},
        handlers={str(n.get("id")): pratica(n, "handler") for n in nodes if pratica(n, "handler")},
        blind=_blind(nodes),
        rules=frozenset(str(n.get("id")) for n in nodes if local(n) == "businessRuleTask"),
        expressions=tuple(text for node in nodes for text in _texts(node)),
        message_starts={
            messages.get(str(found[0].get("messageRef")), str(found[0].get("messageRef"))): element
            for element, found in triggered.items()
            if found
        },
        has_plain_start=any(not _trigger(node) for node in starts),
        unserved_starts={
            str(node.get("id")): kind
            for node in starts
            for kind in ("timer", "signal")
            if list(each(node, f"{kind}EventDefinition"))
        },
    )


def _trigger(start: etree._Element) -> bool:
    return any(local(child).endswith("EventDefinition") for child in start)


def _texts(node: etree._Element) -> Iterator[Text]:
    """Give the expressions that belong to a node itself, not to the elements inside it."""
    element = str(node.get("id"))
    for name in _FEEL_ATTRIBUTES:
        if pratica(node, name):
            yield Text(element, f"pratica:{name}", _bare(pratica(node, name)))
    for child in node.iterdescendants():
        owner = next((a for a in child.iterancestors() if a.get("id") and namespace(a) == BPMN), None)
        if owner is not node:
            continue
        if namespace(child) == PRATICA and child.get("value"):
            yield Text(
                element,
                f"pratica:{local(child)} {child.get('name', '')}".strip(),
                _bare(str(child.get("value"))),
            )
        elif namespace(child) == BPMN and (
            local(child) in _FEEL_ELEMENTS
            or (local(child) == "script" and node.get("scriptFormat") == "feel")
        ):
            yield Text(element, local(child), _bare("".join(child.itertext())))


def _bare(text: str) -> str:
    text = text.strip()
    return text[1:].strip() if text.startswith("=") else text
