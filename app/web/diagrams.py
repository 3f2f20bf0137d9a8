"""What the pages need to know of a bundle's diagrams, read from its BPMN and DMN without trusting it."""

from collections.abc import Mapping
from functools import lru_cache

from lxml import etree
from markupsafe import Markup

from app.definitions import diagram as drawing
from app.definitions.decision_tables import tables
from app.definitions.manifest import manifest_of
from app.definitions.markup import pratica
from app.domain.bundles import Bundle
from app.domain.errors import DefinitionInvalid, NotFound

bpmn = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def _parsed(data: bytes) -> etree._Element | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None


def files(bundle: Bundle) -> list[str]:
    """Give the names of a bundle's diagrams, the process's own first."""
    own = f"{bundle.process}.bpmn"
    return sorted(bundle.named(".bpmn"), key=lambda name: (name != own, name))


@lru_cache(maxsize=256)
def _names_in(data: bytes) -> dict[str, str]:
    root = _parsed(data)
    if root is None:
        return {}
    found = {}
    for element in root.iter(f"{bpmn}*"):
        identity, name = element.get("id"), element.get("name")
        if identity and name:
            found[identity] = " ".join(name.split())
    return found


def names(bundle: Bundle) -> dict[str, str]:
    """Give the names of a bundle's elements by id; an element without a name is left out."""
    return {key: name for file in files(bundle) for key, name in _names_in(bundle.files[file]).items()}


def flows(bundle: Bundle) -> dict[str, tuple[str, str]]:
    """Give the elements that each sequence flow of a bundle leads from and to, by the flow's id."""
    return {key: ends for file in files(bundle) for key, ends in _flows_in(bundle.files[file]).items()}


@lru_cache(maxsize=256)
def _flows_in(data: bytes) -> dict[str, tuple[str, str]]:
    root = _parsed(data)
    found = () if root is None else root.iter(f"{bpmn}sequenceFlow")
    return {flow.get("id", ""): (flow.get("sourceRef", ""), flow.get("targetRef", "")) for flow in found}


def words(bundle: Bundle, language: str, *, applicant: bool) -> dict[str, str]:
    """Give what a bundle calls its process, elements, decisions, lanes, states and words, in a language."""
    manifest = manifest_of(bundle)
    lanes = {lane.name: lane.label.of(language) for lane in manifest.lanes.values()}
    states = {
        state.name: (state.applicant if applicant else state.office).of(language)
        for state in manifest.states.values()
    }
    decisions = {table.id: table.name for table in tables(bundle).values()}
    said = {key: getattr(text, "en" if language == "en" else "it") for key, text in manifest.words.items()}
    own = {bundle.process: manifest.title.of(language)}
    drawn = {key: said.get(name) or name for key, name in names(bundle).items()}
    found = {**decisions, **drawn, **own}
    for layer in (said, lanes, states):
        found |= {key: word for key, word in layer.items() if word}
    return {key: word for key, word in found.items() if word}


def keys(bundle: Bundle, language: str) -> dict[str, str]:
    """Give what the keys of the record are called, those that have a label."""
    said = words(bundle, language, applicant=False)
    entries = manifest_of(bundle).record.items()
    named = {key: entry.label.of(language) or said.get(key, "") for key, entry in entries}
    return {key: label for key, label in named.items() if label}


def results(bundle: Bundle) -> dict[str, tuple[str, ...]]:
    """Give, for each variable that tasks set, the forms that ask for it."""
    found: dict[str, tuple[str, ...]] = {}
    for file in files(bundle):
        for result, form in _results_in(bundle.files[file]):
            found[result] = (*found.get(result, ()), form)
    return found


@lru_cache(maxsize=256)
def _results_in(data: bytes) -> tuple[tuple[str, str], ...]:
    root = _parsed(data)
    tasks = () if root is None else root.iter(f"{bpmn}userTask", f"{bpmn}manualTask")
    return tuple(
        (pratica(task, "result"), pratica(task, "form"))
        for task in tasks
        if pratica(task, "result") and pratica(task, "form")
    )


def spoken_file(bundle: Bundle, file: str, language: str) -> bytes:
    """Give a diagram with the names of its elements and lanes in a language, to be drawn; nothing else is changed."""
    root, said = _parsed(bundle.files[file]), words(bundle, language, applicant=False)
    if root is None:
        return bundle.files[file]
    for element in root.iter(f"{bpmn}*"):
        name = element.get("name")
        key = str(element.get("processRef") or element.get("id") or "")
        if name:
            element.set("name", said.get(name if element.tag == f"{bpmn}lane" else key) or name)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def picture(
    bundle: Bundle,
    file: str,
    marks: Mapping[str, str],
    counts: Mapping[str, int] | None = None,
    language: str = "it",
) -> Markup:
    """Draw a diagram as SVG; nothing for a bundle whose BPMN cannot be drawn."""
    try:
        said = Bundle(bundle.process, {**bundle.files, file: spoken_file(bundle, file, language)})
        drawn = drawing.svg(said, file, marks, counts, language)
    except (DefinitionInvalid, NotFound, KeyError):
        return Markup("")
    return Markup(drawn)  # noqa: S704 (our own drawing, built as a tree that escapes every text)
