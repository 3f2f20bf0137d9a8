"""The house clock: the wall clock in production; in a demonstration shifted by an offset that all processes share."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert

from app.domain.errors import NotAllowed
from app.store import tables

if TYPE_CHECKING:
    from app.store.database import Database

_SHIFT = select(tables.house_clock.c.shift).where(tables.house_clock.c.id == 1)
_LAST = select(func.max(tables.event.c.recorded_at))
_MOVED = text("SELECT pg_notify('pratica_clock', '')")
_ONE_MICROSECOND = timedelta(microseconds=1)


class Clock(Protocol):
    """What tells the house its time."""

    def now(self) -> datetime:
        """Give the house's time: aware, UTC, microseconds."""

    def read(self, connection: Connection) -> datetime:
        """Give the house's time, asking over a connection that is open already."""


class HouseClock:
    """The clock of a running house; only a demonstration's can be moved, and only forward."""

    def __init__(self, database: "Database", *, demo: bool = False) -> None:
        self._database = database
        self.demo = demo

    def now(self) -> datetime:
        """Give the house's time: aware, UTC, microseconds."""
        if not self.demo:
            return datetime.now(UTC)
        with self._database.engine.connect() as connection:
            return self.read(connection)

    def read(self, connection: Connection) -> datetime:
        """Give the house's time, asking over a connection that is open already."""
        if not self.demo:
            return datetime.now(UTC)
        shift = connection.execute(_SHIFT).scalar()
        return datetime.now(UTC) + timedelta(microseconds=shift or 0)

    def was_set(self) -> bool:
        """Tell whether a demonstration has set the clock of this house: it keeps no real time any more."""
        with self._database.engine.connect() as connection:
            return connection.execute(_SHIFT).scalar() is not None

    def set(self, start: datetime) -> None:
        """Make it `start` now; NotAllowed outside a demonstration and before the last recorded event."""
        self._require_demo()
        with self._database.engine.begin() as connection:
            last = connection.execute(_LAST).scalar()
            if last is not None and start < last:
                raise NotAllowed(
                    f"Expected a time not before the last event ({last.isoformat()}), but got {start.isoformat()}.",
                    reason="clock_backwards",
                )
            self._shift(connection, start - datetime.now(UTC))

    def advance(self, delta: timedelta) -> datetime:
        """Move forward by `delta` and give the new time; NotAllowed outside a demonstration and backwards."""
        self._require_demo()
        if delta < timedelta(0):
            raise NotAllowed(
                "Expected to move the clock forward, but got a move back.", reason="clock_backwards"
            )
        with self._database.engine.begin() as connection:
            shift = connection.execute(_SHIFT.with_for_update()).scalar() or 0
            self._shift(connection, timedelta(microseconds=shift) + delta)
        return self.now()

    def _require_demo(self) -> None:
        if not self.demo:
            raise NotAllowed("Expected a demonstration, but this house keeps real time.", reason="not_demo")

    @staticmethod
    def _shift(connection: Connection, shift: timedelta) -> None:
        statement = insert(tables.house_clock).values(id=1, shift=bindparam("by"))
        changed = statement.on_conflict_do_update(
            index_elements=[tables.house_clock.c.id], set_={"shift": statement.excluded.shift}
        )
        connection.execute(changed, {"by": shift // _ONE_MICROSECOND})
        connection.execute(_MOVED)


class FixedClock:
    """A clock that stands still until it is moved: for scenarios and tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """Give the time it was set to."""
        return self._now

    def read(self, _connection: Connection) -> datetime:
        """Give the time it was set to."""
        return self._now

    def set(self, start: datetime) -> None:
        """Make it `start`."""
        self._now = start

    def advance(self, delta: timedelta) -> datetime:
        """Move by `delta` and give the new time."""
        self._now += delta
        return self._now
