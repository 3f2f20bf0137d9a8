"""The port through which an inside handler touches the house."""

from datetime import datetime
from typing import Any

from app.domain.actors import system
from app.domain.cases import Case, Document
from app.domain.decisions import Decision
from app.domain.errors import HandlerError
from app.handling import DocumentId, Version
from app.services import parties
from app.services.decided import decisions_of
from app.store.unit_of_work import UnitOfWork


class InsideHouse:
    """Registers, documents, publications and case queries, in the transaction that records the handler's result."""

    def __init__(self, uow: UnitOfWork, case_id: str, key: str) -> None:
        self._uow = uow
        self.case_id, self.key = case_id, key

    @property
    def now(self) -> datetime:
        """The instant that the result is recorded at."""
        return self._uow.now

    def enter(self, register: str, body: dict[str, Any], year: int | None = None) -> int:
        """Enter `body` in a register and give its number; the same job twice gives the same number."""
        return self._uow.register(register, year).enter(body, f"{self.key}:{register}")

    def entered_at(self, register: str) -> datetime:
        """Give the instant of this job's entry in a register, which never lies before that of an earlier number."""
        return self._uow.register(register).at(f"{self.key}:{register}")

    def add_document(self, name: str, media_type: str, data: bytes) -> DocumentId:
        """Add a document to the case."""
        return DocumentId(self._uow.add_document(self.case_id, name, media_type, data, system.id).id)

    def read_document(self, document: DocumentId) -> bytes:
        """Give a document's bytes."""
        return self._uow.document_bytes(document)

    def documents(self) -> list[Document]:
        """Give the case's documents in order of arrival."""
        return self._uow.documents(self.case_id)

    def appoint(self, role: str, people: list[str]) -> None:
        """Give a case role to exactly these people, by their ids, and take it from all others; HandlerError if one is unknown."""
        unknown = [person for person in people if self._uow.person(person) is None]
        if unknown:
            raise HandlerError(
                "persona.sconosciuta", f"Expected people of the house, but {unknown[0]!r} is none."
            )
        parties.appoint(self._uow, self.case_id, role, people)

    def name(self, person: str) -> str:
        """Give the name of somebody by their id; the id where nobody has it."""
        found = self._uow.person(person)
        return found.name if found else person

    def involved(self, person: str) -> set[tuple[str, str]]:
        """Give how somebody has to do with the case: (`holds`, role), (`held`, role), (`acted`, candidate group)."""
        return self._uow.involved(self.case_id, person)

    def appointed(self, role: str) -> list[str]:
        """Give the ids of the people who have a case role, in order."""
        return sorted(party.actor for party in self._uow.parties_of(self.case_id) if party.role == role)

    def opened(self, value: Any) -> Any:
        """Give a value with its personal parts in plain, for a paper of the case; what was erased is empty text when written."""
        return self._uow.unseal(value)

    def cases(self, kind: str, state: str | None = None) -> list[Case]:
        """Give the cases of a kind, in a state where one is given, in order of their numbers."""
        return self._uow.cases(kind, state)

    def decisions(self, language: str = "it") -> list[Decision]:
        """Give the decisions taken in the case so far, in order: inputs, table, rows that hit, output; named in a language."""
        return decisions_of(self._uow, self.case_id, language)

    def publish(self, name: str, body: bytes, first: int = 1) -> Version:
        """Publish the next version of `name`, chained to the one before; the very first has the number `first`."""
        return Version(**self._uow.publish(name, body, first))

    def latest(self, name: str) -> Version | None:
        """Give the last published version of `name`, which stays the last until this transaction ends or publishes."""
        found = self._uow.held_publication(name)
        return Version(**found) if found else None
