"""Timers: from what a designer writes or computes to an instant (ISO 8601; days begin in Europe/Rome)."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.errors import ElementFailed
from app.feel.codec import read_days_time, read_years_months
from app.feel.values import YearsMonthsDuration

ROME = ZoneInfo("Europe/Rome")
MAX_LITERAL = 80
MAX_COUNT = 999_999_999
"""Firings of a cycle that says how many."""
_LITERAL = re.compile(r"R\d*/.*|-?P[\dYMWDTHS.]+|-?P(T?\d)[\dA-Z.,]*|\d{4}-\d{1,2}-\d{1,2}(T.*)?", re.DOTALL)


@dataclass(frozen=True)
class Schedule:
    """When a timer is due, and for a cycle how it goes on: `left` more firings (None: for ever), each `every`."""

    due: datetime
    left: int | None = 0
    every: str | None = None

    def next(self) -> "Schedule | None":
        """Give the firing after this one, counted from this due time and never from a late firing."""
        if self.every is None or self.left == 0:
            return None
        left = None if self.left is None else self.left - 1
        return Schedule(_after(self.due, duration(self.every)), left, self.every)


def is_literal(text: str) -> bool:
    """Tell whether a timer's text is written as ISO 8601, rightly or not, as the standard has it, and not as FEEL."""
    return len(text) <= MAX_LITERAL and _LITERAL.fullmatch(text) is not None


def schedule(form: str, value: Any, at: datetime) -> Schedule:
    """Give the schedule of a timer whose text has this value, set at an instant; raises ElementFailed."""
    try:
        if form == "timeCycle":
            return _cycle(value, at)
        return Schedule(_due(value, at))
    except (ValueError, OverflowError) as broken:
        raise ElementFailed(
            "timer", f"Expected a date, a duration or a cycle in {form}, but got {value!r:.120}"
        ) from broken


def duration(text: str) -> timedelta | YearsMonthsDuration:
    """Read an ISO 8601 duration of either kind; weeks count seven days. Raises ValueError."""
    weeks = re.fullmatch(r"P(\d{1,6})W", text)
    if weeks is not None:
        return timedelta(weeks=int(weeks[1]))
    try:
        return read_days_time(text)
    except ValueError:
        return read_years_months(text)


def _cycle(value: Any, at: datetime) -> Schedule:
    if not isinstance(value, str):
        every = _duration_text(value)
        return Schedule(_after(at, duration(every)), None, every)
    parts = value.split("/")
    if len(parts) not in {2, 3} or not parts[0].startswith("R"):
        raise ValueError(value)
    count = int(parts[0][1:]) if parts[0] != "R" else None
    every = parts[-1]
    if _after(at, duration(every)) <= at or not (count is None or 0 < count <= MAX_COUNT):
        raise ValueError(value)
    first = _due(parts[1], at) if len(parts) == 3 else _after(at, duration(every))  # noqa: PLR2004 - R/start/every
    return Schedule(first, None if count is None else count - 1, every)


def _duration_text(value: Any) -> str:
    from app.feel.codec import write_days_time, write_years_months

    if isinstance(value, timedelta) and value > timedelta(0):
        return write_days_time(value)
    if isinstance(value, YearsMonthsDuration) and value.months > 0:
        return write_years_months(value)
    raise ValueError(value)


def _due(value: Any, at: datetime) -> datetime:
    if isinstance(value, str):
        value = _read(value)
    if isinstance(value, datetime):
        return (value if value.tzinfo is not None else value.replace(tzinfo=ROME)).astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(0), ROME).astimezone(UTC)
    if isinstance(value, (timedelta, YearsMonthsDuration)):
        return _after(at, value)
    raise ValueError(value)


def _read(text: str) -> datetime | date | timedelta | YearsMonthsDuration:
    if text.startswith(("P", "-P")):
        return duration(text)
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _after(at: datetime, span: timedelta | YearsMonthsDuration) -> datetime:
    if isinstance(span, timedelta):
        return at.astimezone(UTC) + span
    here = at.astimezone(ROME)
    months = here.year * 12 + here.month - 1 + span.months
    year, month = divmod(months, 12)
    for day in range(here.day, 0, -1):
        try:
            return here.replace(year=year, month=month + 1, day=day).astimezone(UTC)
        except ValueError:
            if day <= 28:  # noqa: PLR2004 - every month has 28 days: the year itself is out of range
                raise
    raise OverflowError(year)
