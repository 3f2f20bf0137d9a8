"""Everything that can be asked without writing."""

from app.domain.actors import Actor
from app.store.case_queries import CaseQueries
from app.store.definitions import DefinitionCount, DefinitionQueries
from app.store.history import HistoryQueries
from app.store.people import People
from app.store.personal import PersonalQueries
from app.store.publications import PublicationQueries
from app.store.registers import RegisterQueries
from app.store.worklist import WorklistFilter, WorklistPage, WorklistQueries

__all__ = ["DefinitionCount", "Queries", "WorklistFilter", "WorklistPage"]


class Queries(
    CaseQueries,
    WorklistQueries,
    DefinitionQueries,
    HistoryQueries,
    PublicationQueries,
    RegisterQueries,
    PersonalQueries,
):
    """The read models over one consistent view of the database."""

    @property
    def people(self) -> People:
        """The people of the house."""
        return People(self._connection, self._shelf)

    def person(self, login: str) -> Actor | None:
        """Give a person by id, if there is one."""
        return self.people.get(login)
