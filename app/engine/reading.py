"""From BPMN XML to records: tolerant, so that every fault of a file is found at once."""

import re
from collections import Counter
from collections.abc import Iterator

from lxml.etree import _Element as Node

from app.engine.diagram import EVENTS, Element, Flow, Loop, Process, Trigger
from app.engine.parsing import BPMN, PRATICA, expression, is_bpmn, local, text_of, truth
from app.engine.vocabulary import CHILDREN, FLOW_NODES, SCOPES

REFERENCES = {"message": "name", "signal": "name", "error": "errorCode", "escalation": "escalationCode"}
_WITHIN = CHILDREN["subProcess"] - FLOW_NODES
TIMER_FORMS = ("timeDate", "timeDuration", "timeCycle")


def processes(name: str, root: Node) -> list[Process]:
    """Read every process of a file that has something drawn in it."""
    drawn = [node for node in root.iterfind(f"{BPMN}process") if any(_is_flow_node(child) for child in node)]
    return [_Reader(name, root, node).read() for node in drawn]


def definitions_of(event: Node) -> list[Node]:
    """Give the event definitions drawn in an event, and references to shared ones."""
    return [child for child in event if is_bpmn(child) and "ventDefinition" in local(child)]


def is_count(text: str) -> bool:
    """Tell whether a text is a whole number that can be a loopMaximum."""
    return re.fullmatch(r"\s*[0-9]{1,9}\s*", text) is not None


def _is_drawn(node: Node) -> bool:
    """Whether a node stands where something runs; what is refused is read too, so that its neighbours are not blamed."""
    if not isinstance(node.tag, str) or _is_flow_node(node):
        return isinstance(node.tag, str)
    return node.get("id") is not None and local(node) not in _WITHIN


def _is_flow_node(node: Node) -> bool:
    return is_bpmn(node) and local(node) in FLOW_NODES


class _Reader:
    def __init__(self, file: str, root: Node, process: Node) -> None:
        self.file = file
        self.node = process
        self.named = _names(root)
        self.lanes = _lanes(process)
        self.unnamed: Counter[str] = Counter()
        id_ = process.get("id") or file
        executable = truth(process, "isExecutable", default=True)
        self.process = Process(id_, process.get("name") or id_, file, executable)

    def read(self) -> Process:
        self._scope(self.node, self.process.id, None)
        return self.process

    def _scope(self, holder: Node, scope: str, lane: str | None) -> None:
        defaults = {(node.get("id"), node.get("default")) for node in holder}
        for node in holder:
            if is_bpmn(node) and local(node) == "sequenceFlow":
                self.process.flows.append(self._flow(defaults, node))
            elif _is_drawn(node):
                element = self._element(node, scope, lane)
                self.process.nameless |= not node.get("id")
                if self.process.elements.setdefault(element.id, element) is not element:
                    self.process.repeated.append(element)
                if element.type == "subProcess" or element.type in SCOPES:
                    self._scope(node, element.id, element.lane)

    def _flow(self, defaults: set[tuple[str | None, str | None]], node: Node) -> Flow:
        source, target = node.get("sourceRef", ""), node.get("targetRef", "")
        id_ = node.get("id")
        condition = text_of(node.find(f"{BPMN}conditionExpression"))
        if id_ is None:
            self.unnamed[f"{source}->{target}"] += 1
            alike = self.unnamed[f"{source}->{target}"]
            return Flow(f"{source}->{target}" + (f"#{alike}" if alike > 1 else ""), source, target, condition)
        default = (source, id_) in defaults
        return Flow(id_, source, target, condition, default)

    def _element(self, node: Node, scope: str, lane: str | None) -> Element:
        id_ = node.get("id") or f"{local(node)}@{node.sourceline}"
        script = text_of(node.find(f"{BPMN}script"))
        cancel = truth(node, "cancelActivity", default=True) and truth(node, "isInterrupting", default=True)
        own = {name: node.get(f"{PRATICA}{name}") for name in ("form", "result", "decision", "handler")}
        return Element(
            id=id_,
            name=node.get("name") or "",
            type=local(node) if is_bpmn(node) else "foreign",
            process_id=self.process.id,
            scope=scope,
            file=self.file,
            lane=self.lanes.get(id_, lane),
            due=expression(node.get(f"{PRATICA}due")),
            assignee=expression(node.get(f"{PRATICA}assignee")),
            key=expression(node.get(f"{PRATICA}key")),
            script=script,
            called=(node.get("calledElement") or "").rpartition(":")[2] or None,
            inputs=tuple(_entries(node, "input")),
            outputs=tuple(_entries(node, "output")),
            trigger=self._trigger(node),
            interrupting=cancel,
            attached_to=node.get("attachedToRef"),
            by_event=truth(node, "triggeredByEvent", default=False),
            default=node.get("default"),
            loop=_loop(node),
            **own,
        )

    def _trigger(self, node: Node) -> Trigger:
        if local(node) in {"sendTask", "receiveTask"}:
            message = node.get("messageRef")
            return self._referring("message", message) if message else Trigger("none")
        definitions = definitions_of(node) if local(node) in EVENTS else []
        if not definitions:
            return Trigger("none")
        kind = local(definitions[0]).removesuffix("EventDefinition")
        if kind == "timer":
            return _timer(definitions[0])
        if kind == "link":
            return Trigger(kind, definitions[0].get("name"))
        return self._referring(kind, definitions[0].get(f"{kind}Ref"))

    def _referring(self, kind: str, reference: str | None) -> Trigger:
        if reference is None:
            return Trigger(kind)
        name = self.named.get((kind, reference.strip().rpartition(":")[2]))
        return Trigger(kind, name, dangling=reference if name is None else None)


def _names(root: Node) -> dict[tuple[str, str], str]:
    """Map what events refer to (`message`, id) to the name or code that counts."""
    found: dict[tuple[str, str], str] = {}
    for kind, attribute in REFERENCES.items():
        for node in root.iterfind(f"{BPMN}{kind}"):
            id_ = node.get("id", "")
            found[kind, id_] = node.get(attribute) or node.get("name") or id_
    return found


def _lanes(process: Node) -> dict[str, str]:
    """Map element ids to the name of their innermost lane, which is the code of a role."""
    found: dict[str, str] = {}
    for lane in process.iter(f"{BPMN}lane"):
        name = lane.get("name") or lane.get("id") or ""
        for reference in lane.iterfind(f"{BPMN}flowNodeRef"):
            found[(reference.text or "").strip().rpartition(":")[2]] = name
    return found


def _entries(node: Node, kind: str) -> Iterator[tuple[str, str]]:
    extensions = node.find(f"{BPMN}extensionElements")
    for entry in extensions.iterfind(f"{PRATICA}{kind}") if extensions is not None else ():
        yield entry.get("name", ""), expression(entry.get("value")) or ""


def _timer(definition: Node) -> Trigger:
    for form in TIMER_FORMS:
        node = definition.find(f"{BPMN}{form}")
        if node is not None:
            return Trigger("timer", form=form, text=text_of(node))
    return Trigger("timer")


def _loop(node: Node) -> Loop | None:
    standard = node.find(f"{BPMN}standardLoopCharacteristics")
    if standard is not None:
        maximum = standard.get("loopMaximum", "")
        return Loop(
            "standard",
            condition=text_of(standard.find(f"{BPMN}loopCondition")),
            test_before=truth(standard, "testBefore", default=False),
            maximum=int(maximum) if is_count(maximum) else None,
        )
    several = node.find(f"{BPMN}multiInstanceLoopCharacteristics")
    if several is None:
        return None
    return Loop(
        "sequential" if truth(several, "isSequential", default=False) else "parallel",
        collection=expression(several.get(f"{PRATICA}collection")),
        cardinality=text_of(several.find(f"{BPMN}loopCardinality")),
        element=several.get(f"{PRATICA}element"),
        output_collection=several.get(f"{PRATICA}outputCollection"),
        output_element=expression(several.get(f"{PRATICA}outputElement")),
        until=text_of(several.find(f"{BPMN}completionCondition")),
        blind=truth(several, f"{PRATICA}blind", default=False),
    )
