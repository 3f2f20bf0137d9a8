"""Row changes waiting for their transaction: merged in memory, written in few statements."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, any_, bindparam, delete, insert, update
from sqlalchemy.dialects.postgresql import insert as insert_unless
from sqlalchemy.sql import Delete, Insert, Update

from app.store import tables

Key = tuple[Any, ...]


@dataclass
class Rows:
    """Changes of projections by table and primary key.

    An insert absorbs later patches of its row and dies with a delete; patches of one row become one. `sweeps` are
    changes of many rows at once (an instance that was cancelled); they reach rows still waiting here as well.
    """

    inserts: dict[Table, dict[Key, dict[str, Any]]] = field(default_factory=dict)
    patches: dict[Table, dict[Key, dict[str, Any]]] = field(default_factory=dict)
    deletes: dict[Table, set[Key]] = field(default_factory=dict)
    sweeps: list[tuple[Table, dict[str, Any], dict[str, Any] | None]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.inserts or self.patches or self.deletes or self.sweeps)

    def insert(self, table: Table, values: dict[str, Any]) -> None:
        """Add a row; a row of the same key that waits here is replaced."""
        key = _key(table, values)
        self.patches.get(table, {}).pop(key, None)  # they changed nothing: the row was not there yet
        self.inserts.setdefault(table, {})[key] = values

    def patch(self, table: Table, key: Key, values: Mapping[str, Any]) -> None:
        """Change columns of the row with this primary key."""
        waiting = self.inserts.get(table, {}).get(key)
        if waiting is not None:
            waiting.update(values)
        else:
            self.patches.setdefault(table, {}).setdefault(key, {}).update(values)

    def delete(self, table: Table, key: Key) -> None:
        """Remove the row with this primary key."""
        self.patches.get(table, {}).pop(key, None)
        if self.inserts.get(table, {}).pop(key, None) is None:
            self.deletes.setdefault(table, set()).add(key)

    def sweep(self, table: Table, where: dict[str, Any], values: dict[str, Any] | None) -> None:
        """Change every row that has the values of `where`, or one of those in a list; `None` removes them."""
        waiting = self.inserts.get(table, {})
        for key, row in list(waiting.items()):
            if all(_meets(row.get(name), wanted) for name, wanted in where.items()):
                waiting.pop(key) if values is None else row.update(values)
        self.sweeps.append((table, where, values))

    def write(self, connection: Connection) -> None:
        """Send everything; each table costs at most one statement per kind of change, and the buffer is empty after."""
        for table, where, values in self.sweeps:
            connection.execute(*_sweep(table, where, values))
        for table, keys in self.deletes.items():
            connection.execute(_delete(table), [_bound(table, key) for key in sorted(keys)])
        self.write_inserts(connection)
        for table, patches in self.patches.items():
            for columns, batch in _by_columns(table, patches).items():
                connection.execute(_update(table, columns), batch)
        for changes in (self.patches, self.deletes, self.sweeps):
            changes.clear()

    def write_inserts(self, connection: Connection) -> None:
        """Send the new rows alone."""
        for table, waiting in self.inserts.items():
            insert_rows(connection, table, waiting.values())
        self.inserts.clear()


def insert_rows(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows by one statement with many rows of values; columns that a row leaves out get their default."""
    batches: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        batches.setdefault(tuple(sorted(row)), []).append(row)
    for columns, batch in batches.items():
        connection.execute(_insert(table, columns), batch)


def _meets(value: Any, wanted: Any) -> bool:
    return value in wanted if isinstance(wanted, list) else bool(value == wanted)


def _key(table: Table, values: Mapping[str, Any]) -> Key:
    return tuple(values[name] for name in _key_names(table))


@lru_cache(maxsize=256)
def _key_names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key)


def _bound(table: Table, key: Key) -> dict[str, Any]:
    return {f"k_{name}": value for name, value in zip(_key_names(table), key, strict=True)}


def _by_columns(
    table: Table, patches: Mapping[Key, dict[str, Any]]
) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    batches: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for key, values in sorted(patches.items()):
        bound = {f"v_{name}": value for name, value in values.items()} | _bound(table, key)
        batches.setdefault(tuple(sorted(values)), []).append(bound)
    return batches


@lru_cache(maxsize=256)
def _insert(table: Table, columns: tuple[str, ...]) -> Insert:
    statement = insert(table).values({name: bindparam(name) for name in columns}).inline()
    if table in (tables.party, tables.party_removed, tables.document):
        return _unless_there(table, columns)
    return statement


def _unless_there(table: Table, columns: tuple[str, ...]) -> Insert:
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    return insert_unless(table).values(values).on_conflict_do_nothing().inline()


@lru_cache(maxsize=256)
def _update(table: Table, columns: tuple[str, ...]) -> Update:
    condition = [column == bindparam(f"k_{column.name}") for column in table.primary_key]
    return update(table).where(*condition).values({name: bindparam(f"v_{name}") for name in columns})


@lru_cache(maxsize=256)
def _delete(table: Table) -> Delete:
    return delete(table).where(*(column == bindparam(f"k_{column.name}") for column in table.primary_key))


def _sweep(
    table: Table, where: dict[str, Any], values: dict[str, Any] | None
) -> tuple[Update | Delete, dict[str, Any]]:
    condition = [
        table.c[name]
        == (any_(bindparam(f"k_{name}")) if isinstance(wanted, list) else bindparam(f"k_{name}"))
        for name, wanted in where.items()
    ]
    bound = {f"k_{name}": value for name, value in where.items()}
    if values is None:
        return delete(table).where(*condition), bound
    named: dict[str, Any] = {name: bindparam(f"v_{name}") for name in values}
    return update(table).where(*condition).values(named), bound | {f"v_{n}": v for n, v in values.items()}
