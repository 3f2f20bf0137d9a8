"""Drafts: what was typed so far, encrypted under the key of who typed it, gone when the task ends."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from app.feel.codec import from_tagged
from app.store import tables
from app.store.log import canonical
from app.store.personal import PersonalStore, decrypt, encrypt

_d = tables.draft.c
_DRAFT = (
    select(_d.saved_at, _d.saved_by, _d.sealed, tables.personal_key.c.key)
    .join_from(tables.draft, tables.personal_key, tables.personal_key.c.subject == _d.saved_by)
    .where(_d.case_id == bindparam("case_id"), _d.task == bindparam("task"))
)


def _upsert() -> Any:
    statement = insert(tables.draft).values({column.name: bindparam(column.name) for column in _d})
    changed = {name: statement.excluded[name] for name in ("saved_by", "saved_at", "sealed")}
    return statement.on_conflict_do_update(index_elements=[_d.case_id, _d.task], set_=changed)


_SAVE = _upsert()


class Author(NamedTuple):
    """Who saved an answer, and when."""

    by: str
    at: datetime


class Draft(NamedTuple):
    """A draft: what was typed, when it was last saved, and by whom; `authors` are those of its answers, by name."""

    values: dict[str, Any]
    saved_at: datetime
    saved_by: str
    authors: Mapping[str, Author]

    def author(self, name: str) -> Author:
        """Give who saved an answer: who saved the draft last, where that was not kept."""
        return self.authors.get(name, Author(self.saved_by, self.saved_at))


class DraftStore(PersonalStore):
    """One draft for each open task."""

    def save_draft(
        self,
        case_id: str,
        task: int,
        values: dict[str, Any],
        by: str,
        authors: Mapping[str, Author] | None = None,
    ) -> datetime:
        """Keep a draft in place of the one before; gives the instant of keeping."""
        told = {name: list(author) for name, author in (authors or {}).items()}
        sealed = encrypt(
            self._key_of(by)[1], canonical([values, told]).encode(), f"{case_id}/{task}".encode()
        )
        row = {"case_id": case_id, "task": task, "saved_by": by, "saved_at": self.now, "sealed": sealed}
        self._connection.execute(_SAVE, row)
        return self.now

    def draft(self, case_id: str, task: int) -> Draft | None:
        """Give the draft of a task, if there is one that can still be read."""
        row = self._row(_DRAFT, case_id=case_id, task=task)
        if row is None:
            return None
        text = decrypt(bytes(row["key"]), bytes(row["sealed"]), f"{case_id}/{task}".encode())
        values, told = from_tagged(orjson.loads(text))
        return Draft(
            values, row["saved_at"], row["saved_by"], {name: Author(*author) for name, author in told.items()}
        )
