"""Registers: gapless, append-only, numbered books."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app.domain.errors import NotFound
from app.store import tables
from app.store.reading import Reading
from app.store.writing import Writing

_r = tables.register.c
_e = tables.register_entry.c
_FIRST = upsert(tables.register).values(
    name=bindparam("name"), year=bindparam("year"), last=bindparam("first"), at=bindparam("at")
)
_NEXT = _FIRST.on_conflict_do_update(
    index_elements=[_r.name, _r.year],
    set_={"last": _r.last + 1, "at": func.greatest(_r.at, _FIRST.excluded.at)},
).returning(_r.last)
_AT = select(_r.at).where(_r.name == bindparam("name"), _r.year == bindparam("year")).scalar_subquery()
_LOCK = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name"), 2)))
_BY_KEY = select(_e.number).where(_e.register == bindparam("name"), _e.key == bindparam("key"))
_AT_KEY = select(_e.entered_at).where(_e.register == bindparam("name"), _e.key == bindparam("key"))
_ENTRIES = select(tables.register_entry).where(_e.register == bindparam("name")).order_by(_e.year, _e.number)
_CASES = select(_e.key).where(_e.register.like("case:%")).distinct()
_ENTRY = insert(tables.register_entry).values(
    register=bindparam("name"),
    year=bindparam("year"),
    number=bindparam("number"),
    key=bindparam("key"),
    body=bindparam("body"),
    entered_at=_AT,
)


@dataclass(frozen=True)
class Entry:
    """One entry of a register; `year` is 0 in a register that does not begin again each year."""

    register: str
    year: int
    number: int
    key: str
    body: dict[str, Any]
    entered_at: datetime


class RegisterQueries(Reading):
    """Reading registers."""

    def entries_of(self, register: str) -> list[Entry]:
        """Give the entries of a register, by year and number."""
        return [Entry(**row) for row in self._rows(_ENTRIES, name=register)]

    def numbered_cases(self) -> set[str]:
        """Give every case that was given a number."""
        return {row["key"] for row in self._rows(_CASES)}


class RegisterStore(RegisterQueries, Writing):
    """Entering; the times of a register's entries never fall, whoever waited for whom."""

    def register(self, name: str, year: int | None = None, first: int = 1) -> "RegisterBook":
        """Open a register; `year` makes it begin again at `first` each year."""
        return RegisterBook(self, name, year or 0, first)

    def _next_number(self, name: str, year: int, first: int) -> int:
        """Take the next number; the row stays locked until the transaction ends, so that no number is lost."""
        row = self._row(_NEXT, name=name, year=year, first=first, at=self.now)
        return int(row["last"]) if row else first

    def _enter(self, name: str, year: int, number: int, key: str, body: dict[str, Any]) -> None:
        entry = {"name": name, "year": year, "number": number, "key": key, "body": body}
        self._connection.execute(_ENTRY, entry)


@dataclass(frozen=True)
class RegisterBook:
    """One register, open for entries within a unit of work."""

    store: RegisterStore
    name: str
    year: int
    first: int

    def at(self, key: str) -> datetime:
        """Give when the entry of a key was made, as the register says: no earlier than the entry before it."""
        row = self.store._row(_AT_KEY, name=self.name, key=key)  # noqa: SLF001  a book is the store's own hand
        if row is None:
            raise NotFound(f"Expected an entry of {key} in the register {self.name}, but there is none.")
        at: datetime = row["entered_at"]
        return at

    def enter(self, body: dict[str, Any], key: str) -> int:
        """Enter `body` and give its number; the same key in this register gives the number that it got before.

        The register is locked from here to the end of the transaction: numbers follow each other without a gap, and
        a transaction that is undone gives its number back.
        """
        store = self.store
        store._rows(_LOCK, name=self.name)  # noqa: SLF001  a book is the store's own hand
        before = store._row(_BY_KEY, name=self.name, key=key)  # noqa: SLF001
        if before is not None:
            return int(before["number"])
        number = store._next_number(self.name, self.year, self.first)  # noqa: SLF001
        store._enter(self.name, self.year, number, key, body)  # noqa: SLF001
        return number
