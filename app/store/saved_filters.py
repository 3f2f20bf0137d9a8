"""Filters of the worklist that people keep by name, and share with a group of theirs."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import any_, bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.types import Text

from app.store import tables
from app.store.reading import Reading
from app.store.writing import Writing

_f = tables.saved_filter.c
_SEEN = (
    select(tables.saved_filter)
    .where(or_(_f.person == bindparam("person"), _f.shared == any_(bindparam("groups", type_=ARRAY(Text)))))
    .order_by(_f.name, _f.person)
)
_DROP = delete(tables.saved_filter).where(_f.person == bindparam("whose"), _f.name == bindparam("called"))


@dataclass(frozen=True)
class SavedFilter:
    """A filter by name: `address` is the query of the worklist's page, `shared` the group that sees it too, or empty."""

    person: str
    name: str
    address: str
    shared: str


class SavedFilterQueries(Reading):
    """Filters that were saved."""

    def saved_filters(self, person: str, groups: Collection[str]) -> list[SavedFilter]:
        """Give a person's filters and those that others share with their groups, by name."""
        return [SavedFilter(**row) for row in self._rows(_SEEN, person=person, groups=sorted(groups))]


class SavedFilterStore(SavedFilterQueries, Writing):
    """Saving filters."""

    def save_filter(self, saved: SavedFilter) -> None:
        """Save a filter, or replace the person's own of the same name."""
        row = vars(saved)
        statement = insert(tables.saved_filter).values(row)
        changed = {"address": saved.address, "shared": saved.shared}
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=[_f.person, _f.name], set_=changed)
        )

    def drop_filter(self, person: str, name: str) -> None:
        """Forget one of a person's own filters, if it is there."""
        self._connection.execute(_DROP, {"whose": person, "called": name})
