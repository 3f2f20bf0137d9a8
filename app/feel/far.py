"""Dates and instants beyond Python's years 1 to 9999: the same day in the years 2000 to 2399, and how many cycles away.

The Gregorian calendar repeats after 400 years, week days included, so all arithmetic is done within one cycle.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

CYCLE_YEARS = 400
CYCLE = timedelta(days=146_097)
CYCLE_MONTHS = 4_800
MOST_YEARS = 999_999_999
_FIRST = 2000
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Far:
    """`base` lies in the years 2000 to 2399, `cycles` of 400 years from the day that is meant."""

    base: Any
    cycles: int

    @property
    def year(self) -> int:
        """The year that is meant; the year before 1 is 0."""
        return int(self.base.year) + CYCLE_YEARS * self.cycles

    @property
    def month(self) -> int:
        """The month."""
        return int(self.base.month)

    @property
    def day(self) -> int:
        """The day of the month."""
        return int(self.base.day)

    @property
    def tzinfo(self) -> Any:
        """The zone, as a date and time has it; none for a date."""
        return getattr(self.base, "tzinfo", None)


class FarDate(Far):
    """A date; its base is a date."""

    __slots__ = ()


class FarInstant(Far):
    """A date and time; its base is a date and time, with its zone."""

    __slots__ = ()


def fold(base: Any, cycles: int) -> Any:
    """Give the date or instant that is `cycles` from another: Python's own where it has one; OverflowError beyond ±999,999,999."""
    more, within = divmod(base.year - _FIRST, CYCLE_YEARS)
    cycles += more
    year = _FIRST + within + CYCLE_YEARS * cycles
    if 1 <= year <= 9999:  # noqa: PLR2004 - Python's calendar
        return base.replace(year=year)
    if abs(year) > MOST_YEARS:
        raise OverflowError("beyond the years of FEEL")
    kind = FarInstant if isinstance(base, datetime) else FarDate
    return kind(base.replace(year=_FIRST + within), cycles)


def unfold(value: Any) -> tuple[Any, int]:
    """Give the base and the cycles of a date or instant of either sort."""
    if isinstance(value, Far):
        return value.base, value.cycles
    cycles, within = divmod(value.year - _FIRST, CYCLE_YEARS)
    return value.replace(year=_FIRST + within), cycles


def in_year(year: int) -> tuple[int, int]:
    """Give the year of the base and the cycles of a year."""
    cycles, within = divmod(year - _FIRST, CYCLE_YEARS)
    return _FIRST + within, cycles


def order(value: Any) -> int:
    """Give what orders dates and instants of both sorts: microseconds since 2000."""
    base, cycles = unfold(value)
    if not isinstance(base, datetime):
        base = datetime(base.year, base.month, base.day, tzinfo=UTC)
    since = base.replace(tzinfo=UTC) if base.tzinfo is None else base.astimezone(UTC)
    return (since - _EPOCH + timedelta(0)) // timedelta(microseconds=1) + cycles * (
        CYCLE // timedelta(microseconds=1)
    )


def year_text(year: int) -> str:
    """Give a year as ISO 8601 and FEEL write it: four digits at least, with a minus before the year 0."""
    return f"{'-' if year < 0 else ''}{abs(year):04d}"
