"""Functions over dates and times (DMN 1.5, 10.3.4.8 and 10.3.4.9). The clock is the caller's."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from app.feel.far import unfold
from app.feel.library.registry import builtin
from app.feel.limits import Run
from app.feel.operators import equal
from app.feel.temporal import offset_of

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


@builtin("now")
def now(run: Run) -> datetime:
    """Give the caller's instant."""
    return run.instant()


@builtin("today")
def today(run: Run) -> date:
    """Give the date of the caller's instant."""
    return run.instant().date()


@builtin("day of year", "date")
def day_of_year(_run: Run, day: Any) -> Decimal:
    """Count the days of the year, from 1."""
    return Decimal(unfold(day)[0].timetuple().tm_yday)


@builtin("day of week", "date")
def day_of_week(_run: Run, day: date) -> str:
    """Name the day, in English as the standard does."""
    return _DAYS[unfold(day)[0].weekday()]


@builtin("month of year", "date")
def month_of_year(_run: Run, day: date) -> str:
    """Name the month, in English as the standard does."""
    return _MONTHS[day.month - 1]


@builtin("week of year", "date")
def week_of_year(_run: Run, day: date) -> Decimal:
    """Count the weeks of the year as ISO 8601 does."""
    return Decimal(unfold(day)[0].isocalendar().week)


@builtin("is", "any", "any")
def same(run: Run, left: Any, right: Any) -> bool | None:
    """Whether two values are the same in kind, value and zone."""
    if type(left) is not type(right):
        return False
    if isinstance(left, (datetime, time)):
        zones = (left.tzinfo is None, offset_of(left)) == (right.tzinfo is None, offset_of(right))
        return zones and left.replace(tzinfo=None) == right.replace(tzinfo=None)
    if type(left) is timedelta or left is None:
        return bool(left == right)
    return equal(run, left, right)
