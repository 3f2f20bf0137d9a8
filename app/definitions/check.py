"""Every static finding of a bundle, all at once: diagrams, decisions, manifest, forms, handlers, references."""

from collections.abc import Collection, Iterator, Mapping

from app.definitions import (
    bundle_findings,
    decision_findings,
    foreign,
    form_findings,
    manifest,
    manifest_findings,
)
from app.definitions.diagrams import Diagram, read_diagrams
from app.domain.bundles import Bundle
from app.domain.definitions import DefinitionFacts, Finding
from app.engine import findings as engine_findings


def check(bundle: Bundle, handlers: Collection[str] | None = None) -> list[Finding]:
    """Give every finding of a bundle, by file and element; an empty list is a sound bundle.

    `handlers` are the registered names; without them it is not said whether a handler exists.
    """
    diagrams = read_diagrams(bundle)
    foreign_texts = list(_foreign(diagrams))
    replaced = {(finding.file, finding.element) for finding in foreign_texts}
    found = [*foreign_texts]
    for finding in engine_findings.examine(bundle):
        element = finding.element or ""
        if finding.code != "feel" or (finding.file, element) not in replaced:
            found.append(
                Finding(
                    finding.file, element, finding.severity, finding.code, finding.message, finding.way_out
                )
            )
    found.extend(manifest_findings.examine(bundle, diagrams))
    found.extend(_references(bundle, diagrams))
    found.extend(_starts(diagrams.get(bundle.process)))
    found.extend(_handlers(diagrams, handlers))
    for name, data in bundle.named(".dmn").items():
        found.extend(decision_findings.examine(name, data))
    for name, data in bundle.named(".json").items():
        found.extend(form_findings.examine(name, data, handlers or ()))
    found.extend(bundle_findings.examine(bundle, diagrams, handlers))
    return sorted(dict.fromkeys(found), key=lambda finding: (finding.file, finding.element, finding.code))


def facts(bundle: Bundle) -> DefinitionFacts:
    """Give what the house keeps of a definition; raises DefinitionInvalid where its manifest cannot be used."""
    read = manifest.load_manifest(bundle)
    diagrams = read_diagrams(bundle)
    diagram = diagrams.get(bundle.process)
    return DefinitionFacts(
        process=bundle.process,
        kind=read.kind,
        titles={"it": read.title.of("it"), "en": read.title.of("en")},
        lanes={name: lane.kind for name, lane in read.lanes.items()},
        record={key: entry.path for key, entry in read.record.items()},
        title_path=read.title_path,
        states=dict(read.reached),
        message_starts=dict(diagram.message_starts) if diagram else {},
        start_who=read.start.who,
        start_role=read.start.role,
        start_under=read.start.under,
        start_state=read.start.state,
        start_config=read.start.config,
        start_from=read.start.sender,
        number_prefix=read.prefix,
        number_first=read.first,
        reserved=read.reserved,
        appointed=[name for name, lane in read.lanes.items() if lane.appointed],
        blind={inner: outer for each in diagrams.values() for inner, outer in each.blind.items()},
    )


def _foreign(diagrams: Mapping[str, Diagram]) -> Iterator[Finding]:
    for diagram in diagrams.values():
        for text in diagram.expressions:
            if foreign.is_foreign(text.text):
                message = f"Expected FEEL in {text.place}, but found {text.text[:120]!r}."
                yield Finding(
                    diagram.file,
                    text.element,
                    "error",
                    "foreign_expression",
                    message,
                    foreign.way_out(text.text),
                )


def _starts(diagram: Diagram | None) -> Iterator[Finding]:
    """Refuse a start event that nobody would ever start the process from."""
    for element, kind in diagram.unserved_starts.items() if diagram else ():
        message = f"Expected a start by a person or a message, but {element} waits for a {kind}, which starts nothing here."
        way_out = f"Start with a message, or with a none start event and a {kind} catch event behind it."
        yield Finding(diagram.file if diagram else "", element, "error", "unserved_start", message, way_out)


def _references(bundle: Bundle, diagrams: Mapping[str, Diagram]) -> Iterator[Finding]:
    there = {name.removeprefix("forms/").removesuffix(".json") for name in bundle.named(".json")}
    used = {offer.form for offer in manifest.manifest_of(bundle).messages.values()}
    for diagram in diagrams.values():
        used.update(diagram.forms.values())
        for element, form in diagram.forms.items():
            if form not in there:
                message = f"Expected the form {form}, but the bundle has no forms/{form}.json."
                yield Finding(
                    diagram.file,
                    element,
                    "error",
                    "form_missing",
                    message,
                    f"Add forms/{diagram.process}/{form}.json.",
                )
    for form in sorted(there - used):
        message = f"Expected an element that asks the form {form}, but none does."
        yield Finding(
            f"forms/{form}.json", "", "warning", "form_unused", message, "Remove the file from the bundle."
        )


def _handlers(diagrams: Mapping[str, Diagram], known: Collection[str] | None) -> Iterator[Finding]:
    if known is None:
        return
    for diagram in diagrams.values():
        for element, handler in diagram.handlers.items():
            if handler not in known:
                names = ", ".join(sorted(known)) or "none"
                message = f"Expected a registered handler, but there is no {handler!r}; there are: {names}."
                yield Finding(
                    diagram.file,
                    element,
                    "error",
                    "handler_unknown",
                    message,
                    "Register it, or correct the name.",
                )
