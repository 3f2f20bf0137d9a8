"""The unit of work: one user action, one lock, one transaction, one batch of events (ADR 0001).

    with database.unit_of_work(clock, blobs) as uow:
        case = uow.lock_case("FIL-2023-0042")
        case = uow.record(case, 1, [TaskCompleted(7, values), *consequences], actor="rossi", state=snapshot)

Everything is written when the block ends, or nothing. What `record`, `defer` and their like are given waits in memory
and is sent in few statements: at the end, or before the unit itself reads.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Executable, RowMapping, bindparam, select, text

from app.domain.cases import Case, Instance
from app.domain.definitions import DefinitionFacts
from app.domain.errors import NotFound
from app.domain.events import CaseOpened, Event, InstanceStarted
from app.domain.numbers import Numbers
from app.domain.tasks import Task
from app.store import caches, log, records, tables
from app.store.attempts import AttemptStore
from app.store.blobs import BlobStore
from app.store.clock import Clock
from app.store.deferring import Deferred, defer
from app.store.definitions import DefinitionStore
from app.store.documents import DocumentStore
from app.store.drafts import DraftStore
from app.store.messages import MessageStore
from app.store.projections import (
    OPENING_STATE,
    Place,
    case_row,
    drop_projections,
    numbers_row,
    plain,
    project,
)
from app.store.publications import PublicationStore
from app.store.queries import Queries
from app.store.reading import Shelf
from app.store.registers import RegisterStore
from app.store.requests import RequestStore
from app.store.rows import Rows, insert_rows
from app.store.saved_filters import SavedFilterStore

_LOCK_CASE = select(*records.CASE_COLUMNS).where(tables.case.c.id == bindparam("id")).with_for_update()
_BUNDLE_OF = select(tables.instance.c.bundle).where(
    tables.instance.c.case_id == bindparam("case_id"), tables.instance.c.number == bindparam("number")
)
_TIMERS_CHANGED = text("SELECT pg_notify('pratica_timer', '')")
_ROME = ZoneInfo("Europe/Rome")


class UnitOfWork(
    AttemptStore,
    DefinitionStore,
    DocumentStore,
    DraftStore,
    MessageStore,
    PublicationStore,
    RegisterStore,
    RequestStore,
    SavedFilterStore,
    Queries,
):
    """One transaction of the house."""

    def __init__(self, connection: Connection, shelf: Shelf, clock: Clock, blobs: BlobStore | None) -> None:
        super().__init__(connection, shelf, clock, blobs)
        self._cases: dict[str, Case] = {}
        self._written: dict[str, Case] = {}
        self._bundles: dict[tuple[str, int], str] = {}
        self._tasks: dict[tuple[str, int], Task] = {}
        self._events: list[dict[str, Any]] = []
        self._changes = Rows()
        self._deferred: list[Deferred] = []

    # --- cases --------------------------------------------------------------------------------------------

    def open_case(
        self, kind: str, prefix: str, first: int = 1, *, under: str | None = None, actor: str
    ) -> Case:
        """Open a case, numbered without gaps by prefix and year (`FIL-2023-0042`), and record `CaseOpened`."""
        year = self.now.astimezone(_ROME).year
        number = self._next_number(f"case:{prefix}", year, first)
        case = Case(f"{prefix}-{year}-{number:04d}", kind, OPENING_STATE, self.now, under)
        self._enter(f"case:{prefix}", year, number, case.id, {"kind": kind, "opened_by": actor})
        self._cases[case.id] = self._written[case.id] = case
        return self.record(case, None, [CaseOpened(kind, under)], actor=actor)

    def lock_case(self, case_id: str) -> Case:
        """Lock a case until the transaction ends and give it; NotFound if there is none."""
        if case_id not in self._cases:
            row = self._row(_LOCK_CASE, id=case_id)
            if row is None:
                raise NotFound(f"Expected a case {case_id}, but there is none.")
            if not self._cases:
                self._now = None  # what the lock waited for happened before
            self._cases[case_id] = self._written[case_id] = records.case_from(row)
        return self._cases[case_id]

    def hold(self, case_id: str) -> RowMapping | None:
        """Lock the row of a case, if it is there, without taking the case up."""
        return self._row(_LOCK_CASE, id=case_id)

    def current(self, case_id: str) -> Case:
        """Give a case that this unit has locked, with everything recorded since."""
        if case_id not in self._cases:
            raise NotFound(f"Expected this unit of work to hold case {case_id}, but it does not.")
        return self._cases[case_id]

    def case(self, case_id: str) -> Case:
        """Give a case, as this unit has changed it where it has; NotFound if there is none."""
        return self._cases[case_id] if case_id in self._cases else super().case(case_id)

    def instance(self, case_id: str, number: int) -> tuple[Instance, bytes]:
        """Give an instance and its snapshot; NotFound if there is none."""
        found, snapshot = super().instance(case_id, number)
        self._bundles[case_id, number] = found.bundle
        return found, snapshot

    def task(self, case_id: str, number: int) -> Task:
        """Give a task; NotFound if there is none. In a locked case it is read once, then followed."""
        if (case_id, number) in self._tasks:
            return self._tasks[case_id, number]
        found = super().task(case_id, number)
        if case_id in self._cases:
            self._tasks[case_id, number] = found
        return found

    # --- recording ----------------------------------------------------------------------------------------

    def record(
        self,
        case: Case,
        instance: int | None,
        events: Sequence[Event],
        *,
        actor: str,
        cause: int | None = None,
        numbers: Numbers | None = None,
        state: bytes | None = None,
    ) -> Case:
        """Append events to a locked case and give the case as it is after them.

        A consequence's cause is the input before it in `events`, unless `cause` is given. Numbers only grow.
        `state` is the instance's new snapshot.
        """
        case, input_seq = self.current(case.id), cause
        for event in events:
            facts = self._facts_for(case.id, instance, event)
            place = Place(case, self._changes, case.seq + 1, instance, actor, self.now, facts)
            because = cause if event.is_input else input_seq
            self._events.append(self._entry(case.id, place, event, because))
            case = project(event, place)
            input_seq = place.seq if event.is_input and cause is None else input_seq
        self._follow_tasks()
        if numbers is not None:
            case = replace(case, numbers=_greater(case.numbers, numbers))
        if state is not None:
            self._changes.patch(tables.instance, (case.id, instance), {"snapshot": state})
        self._cases[case.id] = case
        return case

    def _entry(self, case_id: str, place: Place, event: Event, cause: int | None) -> dict[str, Any]:
        body = log.body_of(event)
        entry = log.entry_bytes(
            case_id, place.seq, place.instance, event.type, event.version, place.at, place.actor, cause, body
        )
        row = {"case_id": case_id, "seq": place.seq, "instance": place.instance, "type": event.type}
        row |= {"version": event.version, "recorded_at": place.at, "actor": place.actor, "cause": cause}
        return row | {"body": body, "leaf": log.leaf_hash(entry)}

    def _follow_tasks(self) -> None:
        """Bring the tasks that were read up to what was recorded since."""
        if any(table is tables.task for table, *_ in self._changes.sweeps):
            self._tasks.clear()
        for key, values in self._changes.patches.get(tables.task, {}).items():
            if key in self._tasks:
                self._tasks[key] = replace(self._tasks[key], **values)

    def _facts_for(self, case_id: str, instance: int | None, event: Event) -> DefinitionFacts | None:
        if instance is None:
            return None
        if isinstance(event, InstanceStarted):
            self._bundles[case_id, instance] = event.bundle
        if (case_id, instance) not in self._bundles:
            row = self._row(_BUNDLE_OF, case_id=case_id, number=instance)
            if row is None:
                raise NotFound(f"Expected an instance {instance} of {case_id}, but there is none.")
            self._bundles[case_id, instance] = row["bundle"]
        return self.facts(self._bundles[case_id, instance])

    def defer(
        self,
        kind: str,
        *,
        case_id: str,
        number: int,
        at: datetime | None = None,
        payload: dict[str, Any] | None = None,
    ) -> None:
        """Put a job in the queue with this transaction; `at` is wall-clock time, None for at once."""
        self._deferred.append(Deferred(kind, case_id, number, at, payload))

    def write_snapshot(self, case_id: str, instance: int, state: bytes) -> None:
        """Replace the snapshot of an instance."""
        self._changes.patch(tables.instance, (case_id, instance), {"snapshot": state})

    def rebuild(self, case_id: str) -> Case:
        """Make the projections of a case anew from its history; NotFound if it has none.

        The case's row is locked before its history is read and is changed where it stands, so that whoever waits for it
        goes on with what comes out. Snapshots stay: a replay makes them. Counters never fall below those the case had.
        """
        row = self.hold(case_id)
        history = self.history(case_id)
        if not history:
            raise NotFound(f"Expected a history of case {case_id}, but there is none.")
        snapshots = self.snapshots(case_id)
        case, rows = caches.projected(case_id, history, self.facts)
        if row is not None:
            case = replace(case, numbers=_greater(case.numbers, Numbers(*row["numbers"])))
            rows.inserts.pop(tables.case, None)
        (rows if row is None else self._changes).patch(tables.case, (case_id,), case_row(case))
        for number, snapshot in snapshots.items():
            rows.patch(tables.instance, (case_id, number), {"snapshot": snapshot})
        drop_projections(self._connection, case_id)
        rows.write_inserts(self._connection)
        self._cases[case_id] = self._written[case_id] = case
        return case

    # --- sending ------------------------------------------------------------------------------------------

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what the block did if it raises, and only that; locks that it took stay until the end."""
        self.flush()
        cases, written, bundles = dict(self._cases), dict(self._written), dict(self._bundles)
        try:
            with self._connection.begin_nested():
                yield
                self.flush()
        except BaseException:
            self._cases, self._written, self._bundles = cases, written, bundles
            self._tasks.clear()
            self._events.clear()
            self._deferred.clear()
            self._changes = Rows()
            raise

    def flush(self) -> None:
        """Send what waits."""
        if self._events:
            insert_rows(self._connection, tables.event, self._events)
            self._events = []
        for case_id, case in self._cases.items():
            self._patch_case(self._written[case_id], case)
            self._written[case_id] = case
        if self._changes:
            timers = bool(self._changes.inserts.get(tables.timer))
            self._changes.write(self._connection)
            if timers:
                self._connection.execute(_TIMERS_CHANGED)
        if self._deferred:
            defer(self._connection, self._deferred)
            self._deferred = []

    def _patch_case(self, before: Case, after: Case) -> None:
        if before is after:
            return
        changed: dict[str, Any] = {
            name: getattr(after, name)
            for name in ("state", "record", "seq")
            if getattr(after, name) != getattr(before, name)
        }
        if after.title != before.title:
            changed["title"] = plain(after.title)
        if after.numbers != before.numbers:
            changed["numbers"] = numbers_row(after.numbers)
        if changed:
            self._changes.patch(tables.case, (after.id,), changed)

    def _rows(self, statement: Executable, **bound: Any) -> list[RowMapping]:
        self.flush()
        return super()._rows(statement, **bound)


def _greater(one: Numbers, other: Numbers) -> Numbers:
    return Numbers(*map(max, numbers_row(one), numbers_row(other)))
