"""What a file declares beside its processes: messages and their like, lanes, languages, and what is never run."""

from collections.abc import Iterator

from lxml.etree import QName
from lxml.etree import _Element as Node

from app.engine import foreign, vocabulary
from app.engine.parsing import BPMN, is_bpmn, is_feel, local
from app.engine.reports import Finding

_DRAWING = "http://www.omg.org/spec/BPMN/20100524/DI"
_XPATH = "http://www.w3.org/1999/XPath"


def examine(file: str, root: Node) -> Iterator[Finding]:
    """Give the findings of what stands at the top of a file, and of the lanes of its processes."""
    yield from _top(file, root)
    yield from _repeated(file, root)
    language = root.get("expressionLanguage")
    if language is not None and not is_feel(language):
        message = f"Expected expressions in FEEL, but expressionLanguage of {file} is {language!r:.80}"
        severity = "warning" if language == _XPATH else "error"  # XPath is what XML Schema fills in
        yield Finding(file, None, severity, "language", message, "Write FEEL, and remove expressionLanguage.")
    for node in root.iter(f"{BPMN}correlationKey", f"{BPMN}correlationProperty"):
        message = (
            f"Expected the awaited value in pratica:key, but <{local(node)}> {node.get('id')} is not read"
        )
        way_out = f"{vocabulary.REFUSED[local(node)]}, and remove it."
        yield Finding(file, node.get("id"), "error", "unread", message, way_out)
    for process in root.iterfind(f"{BPMN}process"):
        yield from _lanes(file, process)


def _top(file: str, root: Node) -> Iterator[Finding]:
    for part in root:
        tag = local(part)
        if not tag or QName(part).namespace == _DRAWING or tag in {"correlationProperty", "documentation"}:
            continue
        if not is_bpmn(part):
            yield foreign.misplaced(file, part.get("id"), part)
        elif tag in vocabulary.NOT_EXECUTED:
            message = f"Expected processes, but the <{tag}> {part.get('id')} is only drawn"
            way_out = f"{vocabulary.NOT_EXECUTED[tag]}."
            yield Finding(file, part.get("id"), "warning", "only_drawn", message, way_out)
        elif tag not in vocabulary.ROOT and not tag.endswith(
            ("EventDefinition", "onversation", "extensionElements")
        ):
            message = f"Expected a process and what it refers to, but found <{tag}>, which nothing reads"
            yield Finding(file, part.get("id"), "error", "unread", message, "Remove it from the file.")


def _repeated(file: str, root: Node) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for part in root:
        id_ = part.get("id") if is_bpmn(part) else None
        if id_ is not None and id_ in seen:
            message = (
                f"Expected {id_} to be the id of one thing, but a <{seen[id_]}> and a <{local(part)}> have it"
            )
            yield Finding(file, id_, "error", "declared_twice", message, "Give one of the two another id.")
        elif id_ is not None:
            seen[id_] = local(part)


def _lanes(file: str, process: Node) -> Iterator[Finding]:
    drawn = {node.get("id") for node in process.iter() if is_bpmn(node)}
    found: dict[str, Node] = {}
    for lane in process.iter(f"{BPMN}lane"):
        for reference in lane.iterfind(f"{BPMN}flowNodeRef"):
            id_ = (reference.text or "").strip().rpartition(":")[2]
            other = found.get(id_)
            if id_ not in drawn:
                message = f"Expected the elements of the lane {_name(lane)} in the process, but it names {id_ or 'nothing'}"
                yield Finding(
                    file,
                    lane.get("id"),
                    "warning",
                    "lane_ref",
                    message,
                    "Draw the lane anew around its elements.",
                )
            elif other is not None and _name(other) != _name(lane) and other not in lane.iterancestors():
                message = (
                    f"Expected {id_} to lie in one lane, but {_name(other)} and {_name(lane)} both name it"
                )
                yield Finding(
                    file, id_, "error", "two_lanes", message, "Draw it into the lane of its candidate group."
                )
            found[id_] = lane


def _name(lane: Node) -> str:
    return lane.get("name") or lane.get("id") or ""
