"""The house has one clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.cases import Case
from app.domain.errors import NotAllowed
from app.store.clock import HouseClock
from app.store.database import Database

SHORT = timedelta(seconds=5)


def test_in_production_it_is_the_wall_clock_and_stays_so(database: Database) -> None:
    clock = HouseClock(database)
    assert abs(clock.now() - datetime.now(UTC)) < SHORT
    with pytest.raises(NotAllowed, match="keeps real time"):
        clock.set(datetime(2023, 5, 8, tzinfo=UTC))
    with pytest.raises(NotAllowed, match="keeps real time"):
        clock.advance(timedelta(days=1))


def test_a_demonstration_starts_when_it_is_told_and_every_process_sees_it(database: Database) -> None:
    start = datetime(2023, 5, 8, 9, 0, tzinfo=UTC)
    HouseClock(database, demo=True).set(start)
    other = HouseClock(database, demo=True)
    assert timedelta(0) <= other.now() - start < SHORT
    assert timedelta(days=3) <= other.advance(timedelta(days=3)) - start < timedelta(days=3) + SHORT


def test_time_goes_on_by_itself_in_a_demonstration(database: Database) -> None:
    clock = HouseClock(database, demo=True)
    clock.set(datetime(2023, 5, 8, tzinfo=UTC))
    assert clock.now() < clock.now()


def test_a_demonstration_never_goes_back_behind_its_history(
    database: Database, open_case: Callable[..., Case]
) -> None:
    open_case()
    clock = HouseClock(database, demo=True)
    with pytest.raises(NotAllowed, match="not before the last event"):
        clock.set(datetime(2023, 5, 8, 9, 59, tzinfo=UTC))
    with pytest.raises(NotAllowed, match="forward"):
        clock.advance(timedelta(days=-1))


def test_a_unit_reads_it_once(database: Database) -> None:
    clock = HouseClock(database, demo=True)
    clock.set(datetime(2023, 5, 8, tzinfo=UTC))
    with database.unit_of_work(clock) as uow:
        assert uow.now.year == 2023
        assert uow.now == uow.now
