"""Which files of a case somebody may read now: one question for its pages, its tasks and for the files themselves."""

from collections.abc import Callable

from app.domain.actors import Actor
from app.domain.cases import Document
from app.services import blind, invitations, sides
from app.store.queries import Queries


def documents(reader: Queries, case_id: str, by: Actor) -> list[Document]:
    """Give the files of a case that the actor may read now, in order of arrival."""
    shut = _shut(reader, case_id, by)
    return [document for document in reader.documents_of(case_id) if not shut(document)]


def is_hidden(reader: Queries, document: Document, by: Actor) -> bool:
    """Tell whether a file of a case that the actor may see is not theirs to read, or not yet."""
    return _shut(reader, document.case_id, by)(document)


def _shut(reader: Queries, case_id: str, by: Actor) -> Callable[[Document], bool]:
    unread, inside = blind.closed(reader, case_id, by), sides.reserved(reader, case_id, by)
    return lambda d: invitations.hidden(d, by) or unread.hides(d) or inside.hides(d)
