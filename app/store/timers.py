"""The sleeper: waits for the earliest timer on the house clock and defers a job for each that is due."""

import logging
import threading
import time
from datetime import timedelta

import psycopg
from sqlalchemy import Connection, bindparam, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.store import tables
from app.store.clock import Clock
from app.store.database import Database
from app.store.deferring import Deferred, defer

LONGEST_NAP = 30.0
"""Seconds of wall clock after which the sleeper looks again, whatever it was told."""

RECLAIM_AFTER = timedelta(seconds=60)
"""A timer that was claimed so long ago and is still there is claimed again: firing removes it, so this fires none twice."""

BATCH = 500
log = logging.getLogger(__name__)

_t = tables.timer.c
_FREE = or_(_t.claimed_at.is_(None), _t.claimed_at < func.now() - RECLAIM_AFTER)
_NEXT = select(func.min(_t.due)).where(_FREE)
_DUE = (
    select(_t.case_id, _t.number)
    .where(_t.due <= bindparam("now"), _FREE)
    .order_by(_t.due, _t.case_id, _t.number)
    .limit(BATCH)
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    update(tables.timer)
    .where(_t.case_id == bindparam("of_case"), _t.number == bindparam("of_timer"))
    .values(claimed_at=func.now())
)


def claim_due(connection: Connection, clock: Clock) -> int:
    """Claim the timers that are due and defer a job for each in the same transaction; gives how many.

    A timer is never claimed before its time: the house clock is read first. Timers that another process is claiming,
    or whose case is being changed, are left to it.
    """
    due = connection.execute(_DUE, {"now": clock.read(connection)}).all()
    if due:
        connection.execute(_CLAIM, [{"of_case": row.case_id, "of_timer": row.number} for row in due])
        defer(connection, [Deferred("timer", row.case_id, row.number) for row in due])
    return len(due)


class Sleeper:
    """A thread that sleeps until the next timer; several processes may each have one."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sleeper", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float = 10) -> None:
        """Stop the thread and wait for it."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with psycopg.connect(self._database.role_url, autocommit=True) as listening:
                    self._watch(listening)
            except (psycopg.Error, SQLAlchemyError) as error:
                log.warning("sleeper_disturbed", exc_info=error)
                self._stopping.wait(1)

    def _watch(self, listening: "psycopg.Connection[tuple[object, ...]]") -> None:
        listening.execute("LISTEN pratica_timer")
        listening.execute("LISTEN pratica_clock")
        while not self._stopping.is_set():
            pause = self._work()
            ends = time.monotonic() + pause
            while not self._stopping.is_set() and (left := ends - time.monotonic()) > 0:
                # a second at most: `stop` cannot interrupt the wait for a notice
                if list(listening.notifies(timeout=min(left, 1.0), stop_after=1)):
                    break

    def _work(self) -> float:
        """Claim what is due; gives the seconds until the next look."""
        with self._database.engine.begin() as connection:
            if claim_due(connection, self._clock) == BATCH:
                return 0.0
            due = connection.execute(_NEXT).scalar()
            if due is None:
                return LONGEST_NAP
            left: float = (due - self._clock.read(connection)).total_seconds()
        # a timer that is due but held by another transaction: look again shortly
        return min(max(left, 0.05), LONGEST_NAP)
