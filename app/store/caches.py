"""What the tables say of a case beside what its history says: made anew, or compared."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select

from app.domain.cases import Case
from app.domain.definitions import DefinitionFacts
from app.domain.events import InstanceStarted
from app.store import tables
from app.store.log import Recorded
from app.store.projections import OPENING_STATE, PROJECTIONS, Place, project
from app.store.rows import Rows

BESIDE = frozenset({"snapshot", "claimed_at", "search", "numbers"})
"""Columns that no event decides: caches, claims, and counters that never fall."""

FactsOf = Callable[[str], DefinitionFacts]


def projected(case_id: str, history: Sequence[Recorded], facts_of: FactsOf) -> tuple[Case, Rows]:
    """Apply every event of a case to nothing, and give the case and the rows that result."""
    rows, bundles = Rows(), dict[int | None, str]()
    case = Case(case_id, "", OPENING_STATE, history[0].recorded_at)
    for past in history:
        if isinstance(past.event, InstanceStarted):
            bundles[past.instance] = past.event.bundle
        facts = facts_of(bundles[past.instance]) if past.instance in bundles else None
        place = Place(case, rows, past.seq, past.instance, past.actor, past.recorded_at, facts)
        case = project(past.event, place)
    return case, rows


def differing(connection: Connection, case: Case, rows: Rows) -> list[str]:
    """Name the tables whose rows of a case are not those that its history makes."""
    return [
        table.name for table in PROJECTIONS if _there(connection, table, case) != _made(table, case, rows)
    ]


def _made(table: Table, case: Case, rows: Rows) -> dict[Any, dict[str, Any]]:
    made = {key: dict(row) for key, row in rows.inserts.get(table, {}).items()}
    if table is tables.case:
        for row in made.values():
            row |= {"state": case.state, "title": case.title, "record": case.record, "seq": case.seq}
    return {key: {name: row[name] for name in row if name not in BESIDE} for key, row in made.items()}


def _there(connection: Connection, table: Table, case: Case) -> dict[Any, dict[str, Any]]:
    owner = table.c.id if table is tables.case else table.c.case_id
    keys = [column.name for column in table.primary_key]
    columns = [column for column in table.c if column.name not in BESIDE]
    found = connection.execute(select(*columns).where(owner == bindparam("owner")), {"owner": case.id})
    return {tuple(row[key] for key in keys): dict(row) for row in found.mappings()}
