"""Jobs: with their transaction, once more after a failure, taken up again after a death."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.domain.cases import Case
from app.domain.events import TimerCancelled, TimerFired, TimerSet
from app.store.clock import FixedClock, HouseClock
from app.store.database import Database
from app.store.queue import RetryLater, run_worker
from app.store.timers import Sleeper, claim_due

Open = Callable[..., Case]
Seen = list[tuple[str, dict[str, Any]]]


def until(true: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return True if true() else False  # noqa: SIM210  read as a sentence


@contextmanager
def working(database: Database, perform: Callable[[str, dict[str, Any]], None]) -> Iterator[None]:
    stop = threading.Event()
    worker = threading.Thread(target=run_worker, args=(database, perform, 2, stop))
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join(15)
        assert not worker.is_alive()


def jobs(database: Database) -> list[Any]:
    with database.engine.connect() as connection:
        query = "SELECT args->>'kind' AS kind, (args->>'number')::int AS number, status, scheduled_at"
        return list(
            connection.execute(text(f"{query} FROM procrastinate_jobs WHERE args ? 'kind' ORDER BY id"))
        )


def test_a_job_is_performed_with_what_it_was_given(database: Database, clock: FixedClock) -> None:
    seen: Seen = []
    with working(database, lambda kind, payload: seen.append((kind, payload))):
        with database.unit_of_work(clock) as uow:
            uow.defer("signal", case_id="FIL-1", number=3, payload={"importo": Decimal("1.10")})
            uow.defer("handler", case_id="FIL-1", number=4)
        assert until(lambda: len(seen) == 2)
    assert sorted(seen) == [
        ("handler", {"case_id": "FIL-1", "number": 4, "payload": {}}),
        ("signal", {"case_id": "FIL-1", "number": 3, "payload": {"importo": Decimal("1.10")}}),
    ]
    assert jobs(database) == []


def test_a_job_that_asks_for_it_is_performed_again_later(database: Database, clock: FixedClock) -> None:
    times: list[float] = []

    def perform(_kind: str, _payload: dict[str, Any]) -> None:
        times.append(time.monotonic())
        if len(times) == 1:
            raise RetryLater(1)

    with working(database, perform):
        with database.unit_of_work(clock) as uow:
            uow.defer("handler", case_id="FIL-1", number=1)
        assert until(lambda: len(times) == 2)
    assert times[1] - times[0] >= 0.9


def test_a_job_that_fails_for_a_reason_nobody_foresaw_is_not_lost(
    database: Database, clock: FixedClock
) -> None:
    tries: list[int] = []

    def perform(_kind: str, _payload: dict[str, Any]) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ZeroDivisionError

    with working(database, perform):
        with database.unit_of_work(clock) as uow:
            uow.defer("handler", case_id="FIL-1", number=1)
        assert until(lambda: len(tries) == 2)
        assert until(lambda: jobs(database) == [])


def test_a_job_for_later_waits(database: Database, clock: FixedClock) -> None:
    with database.unit_of_work(clock) as uow:
        uow.defer("message", case_id="FIL-1", number=1, at=clock.now())
    (job,) = jobs(database)
    assert job.scheduled_at == clock.now()


KILLED = """
import os, sys, time
from app.store.database import Database
from app.store.queue import run_worker
def perform(kind, payload):
    print("begun", flush=True)
    time.sleep(600)
run_worker(Database(sys.argv[1]), perform)
"""


def test_the_job_of_a_killed_worker_is_taken_up_within_15_seconds(
    database: Database, clock: FixedClock
) -> None:
    with database.unit_of_work(clock) as uow:
        uow.defer("handler", case_id="FIL-1", number=1)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, database.url], stdout=subprocess.PIPE, text=True
    ) as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "begun\n"
        victim.kill()
    dead, seen = time.monotonic(), []
    with working(database, lambda kind, payload: seen.append(time.monotonic())):
        assert until(lambda: len(seen) == 1, 20)
    assert seen[0] - dead < 15


def test_a_worker_stops_cleanly_when_asked_to(database: Database, clock: FixedClock, tmp_path: Path) -> None:
    with database.unit_of_work(clock) as uow:
        uow.defer("handler", case_id="FIL-1", number=1)
    short = KILLED.replace("time.sleep(600)", "time.sleep(1); print('ended', flush=True)")
    with subprocess.Popen(
        [sys.executable, "-c", short, database.url], stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        os.kill(worker.pid, signal.SIGTERM)
        assert worker.stdout.readline() == "ended\n"
        assert worker.wait(15) == 0
    assert jobs(database) == []


# --- timers -----------------------------------------------------------------------------------------------


def test_a_timer_is_not_claimed_before_its_time_and_once(
    database: Database, clock: FixedClock, open_case: Open
) -> None:
    open_case(
        TimerSet(1, "t", clock.now() + timedelta(minutes=5)),
        TimerSet(2, "t", clock.now() + timedelta(days=9)),
    )
    clock.advance(timedelta(minutes=5) - timedelta(microseconds=1))
    with database.engine.begin() as connection:
        assert claim_due(connection, clock) == 0
    clock.advance(timedelta(microseconds=1))
    with database.engine.begin() as connection:
        assert claim_due(connection, clock) == 1
    with database.engine.begin() as connection:
        assert claim_due(connection, clock) == 0
    assert [(job.kind, job.number) for job in jobs(database)] == [("timer", 1)]


def test_a_claim_that_is_undone_defers_nothing(
    database: Database, clock: FixedClock, open_case: Open
) -> None:
    open_case(TimerSet(1, "t", clock.now()))
    with database.engine.connect() as connection:
        assert claim_due(connection, clock) == 1
        connection.rollback()
    assert jobs(database) == []


def test_a_claim_that_led_to_nothing_is_made_again(
    database: Database, clock: FixedClock, open_case: Open
) -> None:
    open_case(TimerSet(1, "t", clock.now()))
    with database.engine.begin() as connection:
        assert claim_due(connection, clock) == 1
        connection.execute(text("UPDATE timer SET claimed_at = now() - interval '2 minutes'"))
        assert claim_due(connection, clock) == 1


def test_a_timer_that_fired_or_was_cancelled_is_gone(
    database: Database, clock: FixedClock, open_case: Open
) -> None:
    case = open_case(TimerSet(1, "t", clock.now()), TimerSet(2, "t", clock.now()))
    with database.unit_of_work(clock) as uow:
        uow.record(uow.lock_case(case.id), 1, [TimerFired(1), TimerCancelled(2, "t")], actor="system")
        assert uow.timer(case.id, 1) is None
        assert uow.timer(case.id, 2) is None


def test_two_sleepers_defer_each_timer_once_and_wake_for_an_earlier_one(
    database: Database, open_case: Open
) -> None:
    wall = HouseClock(database)
    open_case(TimerSet(1, "t", wall.now() + timedelta(days=1)))
    sleepers = [Sleeper(database, wall), Sleeper(database, wall)]
    for sleeper in sleepers:
        sleeper.start()
    time.sleep(0.3)  # both sleep by now, for a day or the longest nap
    due = wall.now() + timedelta(seconds=0.3)
    open_case(*[TimerSet(n, "t", due) for n in range(1, 6)])
    assert until(lambda: len(jobs(database)) == 5)
    assert wall.now() >= due
    time.sleep(0.3)
    for sleeper in sleepers:
        sleeper.stop()
    assert sorted(job.number for job in jobs(database)) == [1, 2, 3, 4, 5]


def test_moving_the_demonstration_clock_wakes_the_sleeper(database: Database, open_case: Open) -> None:
    clock = HouseClock(database, demo=True)
    clock.set(FixedClock(clock.now()).now().replace(year=2027))
    open_case(TimerSet(1, "t", clock.now() + timedelta(days=30)))
    sleeper = Sleeper(database, clock)
    sleeper.start()
    time.sleep(0.3)
    assert jobs(database) == []
    clock.advance(timedelta(days=31))
    assert until(lambda: len(jobs(database)) == 1)
    sleeper.stop()
