"""Drafts and their versions: what was typed so far, encrypted under the key of who saved it, gone when the task ends."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import RowMapping, Select, bindparam, delete, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql import Delete, Insert

from app.domain.drafts import BY_IMPORT, BY_RESTORE, most_versions, newest_kept
from app.feel.codec import from_tagged
from app.store import tables
from app.store.log import canonical
from app.store.personal import PersonalStore, decrypt, encrypt

_d, _v, _k = tables.draft.c, tables.draft_version.c, tables.personal_key.c
_DRAFT = (
    select(_d.saved_at, _d.saved_by, _d.begun_at, _d.versioned_at, _d.sealed, _k.key)
    .join_from(tables.draft, tables.personal_key, _k.id == _d.key_id)
    .where(_d.case_id == bindparam("case_id"), _d.task == bindparam("task"))
)
_VERSIONS = (
    select(_v.number, _v.saved_by, _v.saved_at, _v.why, _v.sealed, _k.key)
    .join_from(tables.draft_version, tables.personal_key, _k.id == _v.key_id, isouter=True)
    .where(_v.case_id == bindparam("case_id"), _v.task == bindparam("task"))
    .order_by(_v.number.desc())
)
_VERSION = _VERSIONS.where(_v.number == bindparam("number"))


def _upsert() -> Any:
    statement = insert(tables.draft).values({column.name: bindparam(column.name) for column in _d})
    kept = ("case_id", "task", "begun_at")
    changed = {column.name: statement.excluded[column.name] for column in _d if column.name not in kept}
    return statement.on_conflict_do_update(index_elements=[_d.case_id, _d.task], set_=changed)


def _copy() -> Insert:
    """One statement that copies the draft as it stands, ciphertext and all, under the next number."""
    of_task = (_v.case_id == bindparam("case_id"), _v.task == bindparam("task"))
    last = select(func.coalesce(func.max(_v.number), 0) + 1).where(*of_task).scalar_subquery()
    columns = ["case_id", "task", "number", "saved_by", "why", "saved_at", "sealed", "key_id"]
    copied: Select[Any] = select(
        _d.case_id, _d.task, last, _d.saved_by, bindparam("why"), _d.saved_at, _d.sealed, _d.key_id
    ).where(_d.case_id == bindparam("case_id"), _d.task == bindparam("task"))
    return insert(tables.draft_version).from_select(columns, copied).returning(_v.number)


def _thin() -> Delete:
    """Remove what is above the most: of the older ones those closest to the one before, asked-for ones last."""
    place = func.row_number().over(order_by=_v.number.desc())
    gap = _v.saved_at - func.lag(_v.saved_at).over(order_by=_v.number)
    asked_for = _v.why.in_([BY_RESTORE, BY_IMPORT])
    ranked = (
        select(_v.number, place.label("place"), gap.label("gap"), asked_for.label("asked_for"))
        .where(_v.case_id == bindparam("case_id"), _v.task == bindparam("task"))
        .subquery()
    )
    total = select(func.count()).select_from(ranked).scalar_subquery()
    gone = (
        select(ranked.c.number)
        .where(ranked.c.place > newest_kept)
        .order_by(ranked.c.asked_for, ranked.c.gap.asc().nulls_last(), ranked.c.number)
        .limit(func.greatest(total - most_versions, literal_column("0")))
    )
    return delete(tables.draft_version).where(
        _v.case_id == bindparam("case_id"), _v.task == bindparam("task"), _v.number.in_(gone)
    )


_SAVE, _COPY, _THIN = _upsert(), _copy(), _thin()


class Author(NamedTuple):
    """Who saved an answer, and when."""

    by: str
    at: datetime


class Draft(NamedTuple):
    """A draft: what was typed, when it was last saved, and by whom; `authors` are those of its answers, by name.

    `seen` is when each person saved it last; `versioned_at` is when it last left a version behind.
    """

    values: dict[str, Any]
    saved_at: datetime
    saved_by: str
    authors: Mapping[str, Author]
    seen: Mapping[str, datetime]
    begun_at: datetime
    versioned_at: datetime | None

    def author(self, name: str) -> Author:
        """Give who saved an answer: who saved the draft last, where that was not kept."""
        return self.authors.get(name, Author(self.saved_by, self.saved_at))


class Version(NamedTuple):
    """A draft as it once stood; `values` are None once the key of who saved it is forgotten.

    `why` it was kept: `person`, `time`, `restore` or `import`.
    """

    number: int
    saved_by: str
    saved_at: datetime
    why: str
    values: dict[str, Any] | None


class DraftStore(PersonalStore):
    """One draft for each open task, with its versions."""

    def save_draft(
        self,
        case_id: str,
        task: int,
        values: dict[str, Any],
        by: str,
        authors: Mapping[str, Author] | None = None,
        seen: Mapping[str, datetime] | None = None,
        versioned_at: datetime | None = None,
    ) -> datetime:
        """Keep a draft in place of the one before; gives the instant of keeping."""
        told = {name: list(author) for name, author in (authors or {}).items()}
        key_id, key = self._key_of(by)
        text = canonical([values, told, {**(seen or {}), by: self.now}]).encode()
        row = {"case_id": case_id, "task": task, "saved_by": by, "key_id": key_id, "saved_at": self.now}
        row |= {"begun_at": self.now, "versioned_at": versioned_at}
        row["sealed"] = encrypt(key, text, _bound(case_id, task))
        self._connection.execute(_SAVE, row)
        return self.now

    def draft(self, case_id: str, task: int) -> Draft | None:
        """Give the draft of a task, if there is one that can still be read."""
        row = self._row(_DRAFT, case_id=case_id, task=task)
        if row is None:
            return None
        values, told, seen = _opened(row, case_id, task)
        authors = {name: Author(*author) for name, author in told.items()}
        return Draft(
            values, row["saved_at"], row["saved_by"], authors, seen, row["begun_at"], row["versioned_at"]
        )

    def keep_version(self, case_id: str, task: int, why: str) -> None:
        """Keep the draft as it stands as a version, of which there are 50 at most: older ones are thinned out."""
        bound = {"case_id": case_id, "task": task}
        number = self._connection.execute(_COPY, bound | {"why": why}).scalar()
        if number is not None and number > most_versions:
            self._connection.execute(_THIN, bound)

    def versions(self, case_id: str, task: int) -> list[Version]:
        """Give the versions of a task's draft, newest first."""
        return [_version(row, case_id, task) for row in self._rows(_VERSIONS, case_id=case_id, task=task)]

    def version(self, case_id: str, task: int, number: int) -> Version | None:
        """Give one version of a task's draft, if there is such."""
        row = self._row(_VERSION, case_id=case_id, task=task, number=number)
        return _version(row, case_id, task) if row else None


def _version(row: RowMapping, case_id: str, task: int) -> Version:
    values = _opened(row, case_id, task)[0] if row["key"] is not None else None
    return Version(row["number"], row["saved_by"], row["saved_at"], row["why"], values)


def _opened(row: RowMapping, case_id: str, task: int) -> tuple[Any, Any, Any]:
    """Open what was sealed; drafts from before versions say nothing of who saw them."""
    text = decrypt(bytes(row["key"]), bytes(row["sealed"]), _bound(case_id, task))
    values, told, *seen = from_tagged(orjson.loads(text))
    return values, told, seen[0] if seen else {}


def _bound(case_id: str, task: int) -> bytes:
    return f"{case_id}/{task}".encode()
