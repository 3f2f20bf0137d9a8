"""Files of a case: checked against their names, stored by content, readable by those who may see the case."""

from dataclasses import dataclass
from hashlib import sha256

from app.domain import policy
from app.domain.actors import Actor
from app.domain.cases import Document
from app.domain.errors import NotAllowed, NotFound
from app.services import invitations, media, readable, screening
from app.services.house import House
from app.services.tasks import split
from app.services.use_case import query, use_case
from app.store.queries import Queries
from app.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Wanted:
    """What a field takes: suffixes (`.pdf`) or media types (`image/*`), all that the house takes if none; bytes at most."""

    accept: tuple[str, ...] = ()
    most: int | None = None


def add(house: House, case_id: str, name: str, data: bytes, by: Actor) -> Document:
    """Add an upload to a case; DocumentRefused if it is too large, empty, harmful, or not what its name says.

    NotAllowed unless the actor is a party, or has something to do in the case: reading it is not enough.
    """
    _require_concerned(house, case_id, by)
    media_type = looked_into(house, name, data, house.settings.document_limit)
    return _add(house, case_id, name, data, media_type, by)


@query
def _require_concerned(house: House, reader: Queries, case_id: str, by: Actor) -> None:
    if by.is_system:
        return
    if not reader.may_see(by, case_id):
        raise NotFound(f"Expected a case {case_id} that {by.name} may see, but there is none.")
    roles = reader.roles(case_id, by.id)
    if roles or any("complete" in policy.allowed(by, task, roles) for task in reader.tasks_of(case_id)):
        return
    raise NotAllowed(
        f"Expected a party of {case_id}, or someone with a task there, but {by.name} is neither.",
        reason="not_concerned",
    )


@use_case
def _add(
    house: House, uow: UnitOfWork, case_id: str, name: str, data: bytes, media_type: str, by: Actor
) -> Document:
    uow.lock_case(case_id)
    known = known_in(uow, case_id, name, data, by)
    return known or uow.add_document(case_id, media.safe_name(name), media_type, data, by.id)


def attach(house: House, task_id: str, name: str, data: bytes, by: Actor, wanted: Wanted) -> Document:
    """Add an upload to the case of a task that the actor may complete; a file that the case has is not added again.

    DocumentRefused if it is not what the field wants, or harmful; TaskNotOpen, TaskTaken or NotAllowed if it would be a new
    document and the actor may not complete the task.
    """
    _require_visible(house, task_id, by)
    limit = min(house.settings.document_limit, wanted.most or house.settings.document_limit)
    media_type = looked_into(house, name, data, limit, wanted.accept)
    return _attach(house, task_id, name, data, media_type, by)


@query
def _require_visible(house: House, reader: Queries, task_id: str, by: Actor) -> None:
    if not reader.may_see(by, split(task_id)[0]):
        raise NotFound(f"Expected a task {task_id} that {by.name} may see, but there is none.")


@use_case
def _attach(
    house: House, uow: UnitOfWork, task_id: str, name: str, data: bytes, media_type: str, by: Actor
) -> Document:
    case_id, number = split(task_id)
    uow.lock_case(case_id)
    known = known_in(uow, case_id, name, data, by)
    if known is not None:
        return known
    policy.require(by, "complete", uow.task(case_id, number), uow.roles(case_id, by.id))
    return uow.add_document(case_id, media.safe_name(name), media_type, data, by.id)


def looked_into(house: House, name: str, data: bytes, limit: int, accept: tuple[str, ...] = ()) -> str:
    """Give the media type of an upload that may be kept; no transaction is open, since a scanner may take its time."""
    media_type = media.checked(name, data, limit, accept)
    screening.screen(name, data, media_type, house.settings.clamd)
    return media_type


def known_in(uow: UnitOfWork, case_id: str, name: str, data: bytes, by: Actor) -> Document | None:
    """Give the document of a locked case that has this name and these bytes, among those that the actor may read.

    Who acts by a link reads what came by it; files of others stay theirs, though they be equal.
    """
    same = (media.safe_name(name), sha256(data).hexdigest())
    found = [d for d in uow.documents(case_id) if (d.name, d.sha256) == same]
    if invitations.is_invited(by.id):
        return next((d for d in found if d.added_by == by.id), None)
    return next((d for d in found if not readable.is_hidden(uow, d, by)), None)


@query
def read(house: House, reader: Queries, document_id: str, by: Actor) -> tuple[Document, bytes]:
    """Give a document and its bytes; NotFound for those who may not see its case."""
    document = reader.document(document_id)
    if (
        document is None
        or not reader.may_see(by, document.case_id)
        or readable.is_hidden(reader, document, by)
    ):
        raise NotFound(f"Expected a document {document_id} that {by.name} may see, but there is none.")
    return document, house.blobs.read(document.sha256)
