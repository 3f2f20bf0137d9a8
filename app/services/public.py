"""What everybody may read of a case, without an account: no more than its own manifest says, in the states that it names."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.definitions.manifest import Manifest, labels, manifest_of
from app.domain.bundles import Bundle
from app.domain.cases import Case, Document
from app.domain.errors import NotFound
from app.services.house import House
from app.services.use_case import query
from app.store.queries import Queries


@dataclass(frozen=True)
class Shown:
    """A case as everybody may read it: `label` is its state in the public's words, `together` what such cases are called.

    Its record holds the keys that the manifest shows and no others; `documents` are (key, document).
    """

    case: Case
    label: str
    together: str
    bundle: Bundle
    documents: list[tuple[str, Document]]


@query
def shown(house: House, reader: Queries, language: str) -> list[Shown]:
    """Give every case that is shown to everybody, the newest first within its kind."""
    latest = reader.latest_definitions()
    kinds = dict.fromkeys(row.facts.kind for row in latest if manifest_of(reader.bundle(row.bundle)).public)
    found = (_shown(reader, case, language) for kind in kinds for case in reversed(reader.cases(kind)))
    return [one for one in found if one is not None]


@query
def view(house: House, reader: Queries, case_id: str, language: str) -> Shown:
    """Show a case to everybody; NotFound where nothing of it is public now."""
    return _public(reader, case_id, language)


@query
def read(
    house: House, reader: Queries, case_id: str, document_id: str, language: str
) -> tuple[Document, bytes]:
    """Give a document that a public case shows, and its bytes; NotFound for every other."""
    for _, document in _public(reader, case_id, language).documents:
        if document.id == document_id:
            return document, house.blobs.read(document.sha256)
    raise NotFound(f"Expected a document {document_id} that {case_id} shows, but there is none.")


def _public(reader: Queries, case_id: str, language: str) -> Shown:
    case = next(iter(reader.cases_named([case_id])), None)
    found = _shown(reader, case, language) if case else None
    if found is None:
        raise NotFound(f"Expected a case {case_id} that everybody may read, but there is none.")
    return found


def _shown(reader: Queries, case: Case, language: str) -> Shown | None:
    """Give what a case shows by the manifest of the instance it began with; None where that is nothing."""
    first = next(iter(reader.instances_of(case.id)), None)
    if first is None:
        return None
    bundle = reader.bundle(first.bundle)
    manifest = manifest_of(bundle)
    if case.state not in manifest.public.states:
        return None
    label = labels([bundle]).state(case.state, language, applicant=True)
    together = manifest.public.title.of(language)
    documents = list(_documents(reader, case, manifest))
    return Shown(_narrowed(case, manifest), label, together, bundle, documents)


def _narrowed(case: Case, manifest: Manifest) -> Case:
    keys = (*manifest.public.facts, *manifest.public.tables)
    record = {key: case.record[key] for key in keys if case.record.get(key) is not None}
    return Case(case.id, case.kind, case.state, case.opened_at, title=case.title, record=record)


def _documents(reader: Queries, case: Case, manifest: Manifest) -> Iterator[tuple[str, Document]]:
    held = {document.id: document for document in reader.documents_of(case.id)}
    for key in manifest.public.documents:
        named = case.record.get(key)
        for one in named if isinstance(named, list) else [named]:
            if one in held:
                yield key, held[one]
