"""Time in a story: everything that is due happens, in order, before the clock stands where it was sent."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Protocol

from app.domain.errors import PraticaError
from app.domain.jobs import Timer
from app.services import jobs, timers
from app.services.house import House
from app.store import draining

FAILURES = (PraticaError, ArithmeticError, LookupError, OSError, TypeError, ValueError)
"""How a handler of a story may fail; anything else is a fault of the house and ends the story."""


class MovableClock(Protocol):
    """A clock that a story can move."""

    def now(self) -> datetime:
        """Give the house's time."""

    def set(self, start: datetime) -> None:
        """Make it `start`."""


def settle(house: House) -> None:
    """Perform every job of the queue until it is empty and no worker is busy."""
    while True:
        job = draining.take_next(house.database)
        if job is not None:
            _perform(house, job)
        elif draining.busy(house.database):
            time.sleep(0.02)
        else:
            return


def _perform(house: House, job: dict[str, object]) -> None:
    case_id, number = str(job["case_id"]), int(str(job["number"]))
    match job["kind"]:
        case "handler":
            _handler(house, case_id, number)
        case "timer":
            timers.fire(house, case_id, number)
        case "message":
            jobs.deliver_message(house, case_id, number)
        case _:
            jobs.deliver_signal(house, case_id, number, job["payload"])  # type: ignore[arg-type]  # the queue's JSON


def _handler(house: House, case_id: str, number: int) -> None:
    """Call an outside handler until it succeeds or its attempts are used up; a story does not wait for the pauses."""
    while True:
        try:
            jobs.perform_handler(house, case_id, number)
        except FAILURES as error:
            if jobs.failed(house, case_id, number, f"{type(error).__name__}: {error}") is not None:
                continue
        return


def travel(house: House, clock: MovableClock, to: datetime) -> None:
    """Move to an instant; timers that fall due on the way fire at their own time."""
    to = to.astimezone(UTC)
    settle(house)
    for timer in _due(house, to):
        if timer.due > clock.now():
            clock.set(timer.due)
        timers.fire(house, timer.case_id, timer.number)
        settle(house)
    if to > clock.now():
        clock.set(to)


def _due(house: House, to: datetime) -> Iterator[Timer]:
    """Give the earliest timer that is due by an instant, again and again: firing one may set another."""
    fired: set[tuple[str, int]] = set()
    while True:
        with house.database.reader() as reader:
            waiting = [t for case_id in reader.case_ids() for t in reader.timers_of(case_id) if t.due <= to]
        waiting = [t for t in waiting if (t.case_id, t.number) not in fired]
        if not waiting:
            return
        earliest = min(waiting, key=lambda t: (t.due, t.case_id, t.number))
        fired.add((earliest.case_id, earliest.number))
        yield earliest
