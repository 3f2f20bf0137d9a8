"""What a manifest says that everybody may read of a case, without an account."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.definitions.offers import names
from app.definitions.texts import Text, text_of


@dataclass(frozen=True)
class Public:
    """In which `states` a case is shown, and which keys of its record: as facts, as tables, as documents.

    `title` is what such cases are called together.
    """

    title: Text = field(default_factory=Text)
    states: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.states)


def read(table: Mapping[str, Any]) -> Public:
    """Read `[public]` as far as it goes."""
    lists = (names(table.get(key)) for key in ("states", "facts", "tables", "documents"))
    return Public(text_of(table), *lists)
