"""Everything that can be asked without writing."""

from collections.abc import Sequence

from app.domain.actors import Actor
from app.store import caches
from app.store.case_queries import CaseQueries
from app.store.definitions import DefinitionCount, DefinitionQueries
from app.store.history import HistoryQueries
from app.store.log import Recorded
from app.store.people import People
from app.store.personal import PersonalQueries
from app.store.publications import PublicationQueries
from app.store.registers import RegisterQueries
from app.store.requests import RequestQueries
from app.store.saved_filters import SavedFilterQueries
from app.store.taken import TakenQueries
from app.store.worklist import WorklistFilter, WorklistPage, WorklistQueries

__all__ = ["DefinitionCount", "Queries", "WorklistFilter", "WorklistPage"]


class Queries(
    CaseQueries,
    WorklistQueries,
    DefinitionQueries,
    HistoryQueries,
    PublicationQueries,
    RegisterQueries,
    RequestQueries,
    SavedFilterQueries,
    PersonalQueries,
    TakenQueries,
):
    """The read models over one consistent view of the database."""

    @property
    def people(self) -> People:
        """The people of the house."""
        return People(self._connection, self._shelf)

    def differing(self, case_id: str, history: Sequence[Recorded]) -> list[str]:
        """Name the tables that say something else of a case than its history does."""
        case, rows = caches.projected(case_id, history, self.facts)
        return caches.differing(self._connection, case, rows)

    def person(self, login: str) -> Actor | None:
        """Give a person by id, if there is one."""
        return self.people.get(login)
