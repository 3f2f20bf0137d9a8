"""What every reader shares: a connection, and what is known of immutable definitions."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Executable, RowMapping

from app.domain.bundles import Bundle
from app.domain.definitions import DefinitionFacts


@dataclass
class Shelf:
    """Immutable things read once per process: bundles by hash, facts by bundle and process."""

    bundles: dict[str, Bundle] = field(default_factory=dict)
    facts: dict[str, DefinitionFacts] = field(default_factory=dict)


class Reading:
    """A connection within a transaction, and the shelf of immutable things."""

    def __init__(self, connection: Connection, shelf: Shelf) -> None:
        self._connection = connection
        self._shelf = shelf

    def _rows(self, statement: Executable, **bound: Any) -> list[RowMapping]:
        return list(self._connection.execute(statement, bound).mappings())

    def _row(self, statement: Executable, **bound: Any) -> RowMapping | None:
        return next(iter(self._rows(statement, **bound)), None)
