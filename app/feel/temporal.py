"""Dates, times and durations as text, and the arithmetic of the calendar (DMN 1.5, 10.3.2.3.4 to 10.3.2.3.9, ISO 8601)."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.feel.codec import read_years_months, write_days_time, write_years_months
from app.feel.far import CYCLE, CYCLE_MONTHS, Far, FarInstant, fold, in_year, unfold, year_text
from app.feel.values import NUMBERS, YearsMonthsDuration

_DATE = r"(-?(?:\d{4}|[1-9]\d{4,8}))-(\d\d)-(\d\d)"
_CLOCK = r"(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d(?::\d\d)?|@[A-Za-z][A-Za-z0-9_+\-/]*)?"
_IS_DATE = re.compile(_DATE, re.ASCII)
_IS_TIME = re.compile(r"T?" + _CLOCK, re.ASCII)
_IS_INSTANT = re.compile(rf"{_DATE}T{_CLOCK}", re.ASCII)
_IS_DAYS_TIME = re.compile(
    r"(-)?P(?:(\d{1,12})D)?(?:T(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,12})(?:\.(\d*))?S)?)?", re.ASCII
)
_MOST_OFFSET = 18 * 3600
MOST_MONTHS = 12 * 999_999_999
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)


@lru_cache(maxsize=256)
def _named_zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def read_zone(text: str | None) -> tzinfo | None:
    """Read `Z`, an offset or `@Zone/Name`; None for none; raises ValueError for an unknown one."""
    if not text:
        return None
    if text == "Z":
        return UTC
    if text.startswith("@"):
        zone = _named_zone(text[1:])
        if zone is None:
            raise ValueError(text)
        return zone
    parts = [int(part) for part in text[1:].split(":")]
    seconds = parts[0] * 3600 + parts[1] * 60 + (parts[2] if len(parts) > 2 else 0)  # noqa: PLR2004 - h, m, s
    if seconds > _MOST_OFFSET or parts[1] > 59:  # noqa: PLR2004 - minutes
        raise ValueError(text)
    return timezone(timedelta(seconds=-seconds if text[0] == "-" else seconds))


def read_date(text: str) -> Any:
    """Read `2023-05-08`; None where it is no date."""
    match = _IS_DATE.fullmatch(text)
    try:
        return make_date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def make_date(year: int, month: int, day: int) -> Any:
    """Give the date of a year from -999,999,999 to 999,999,999; ValueError or OverflowError where there is none."""
    if 1 <= year <= 9999:  # noqa: PLR2004 - Python's calendar
        return date(year, month, day)
    near, cycles = in_year(year)
    return fold(date(near, month, day), cycles)


def read_time(text: str) -> time | None:
    """Read `10:00:00`, with fraction and zone if given; None where it is no time."""
    match = _IS_TIME.fullmatch(text)
    try:
        return _clock(*match.groups()) if match else None
    except ValueError:
        return None


def _clock(hour: str, minute: str, second: str, fraction: str | None, zone: str | None) -> time:
    micro = int((fraction or "")[:6].ljust(6, "0"))
    if hour == "24" and minute == second == "00" and not micro:
        hour = "00"
    return time(int(hour), int(minute), int(second), micro, read_zone(zone))


def read_instant(text: str) -> Any:
    """Read `2023-05-08T10:00:00` with its zone; a date alone is its midnight; None where it is neither."""
    match = _IS_INSTANT.fullmatch(text)
    if match is None:
        day = read_date(text)
        return None if day is None else at(day, time())
    try:
        moment = at(make_date(*map(int, match.groups()[:3])), _clock(*match.groups()[3:]))
        return add_days_time(moment, DAY) if match[4] == "24" else moment
    except (ValueError, OverflowError):
        return None


def at(day: Any, clock: time) -> Any:
    """Put a date, or that of a date and time, together with a time."""
    base, cycles = unfold(day)
    return fold(datetime.combine(base, clock), cycles)


def day_of(value: Any) -> Any:
    """Give the date of a date and time; a date as it is."""
    if isinstance(value, FarInstant):
        return fold(value.base.date(), value.cycles)
    return value.date() if isinstance(value, datetime) else value


def read_duration(text: str) -> timedelta | YearsMonthsDuration | None:
    """Read `P1Y2M` or `P3DT2H`; None where it is neither."""
    try:
        return read_years_months(text)
    except ValueError:
        return _read_days_time(text)


def _read_days_time(text: str) -> timedelta | None:
    match = _IS_DAYS_TIME.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        return None
    sign, days, hours, minutes, seconds, fraction = match.groups()
    micro = int((fraction or "")[:6].ljust(6, "0"))
    clock = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    try:
        value = timedelta(days=int(days or 0), seconds=clock, microseconds=micro)
    except OverflowError:
        return None
    return -value if sign else value


def read_any(text: str) -> Any:
    """Read what `@"..."` may hold; None where it holds nothing."""
    for reader in (read_date, read_instant, read_time, read_duration):
        value = reader(text)
        if value is not None:
            return value
    return None


def write_zone(zone: tzinfo | None) -> str:
    """Give a zone as FEEL writes it: `Z`, `+02:00`, `@Europe/Rome`, or nothing."""
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return "@" + zone.key
    offset = zone.utcoffset(None) or timedelta(0)
    if not offset:
        return "Z"
    seconds = abs(int(offset.total_seconds()))
    ending = f":{seconds % 60:02d}" if seconds % 60 else ""
    return f"{'-' if offset < timedelta(0) else '+'}{seconds // 3600:02d}:{seconds // 60 % 60:02d}{ending}"


def _write_clock(value: time) -> str:
    text = f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}"
    return text + (f".{value.microsecond:06d}".rstrip("0") if value.microsecond else "")


def write(value: Any) -> str:
    """Give a date, time or duration as FEEL's string() does."""
    if isinstance(value, Far):
        return year_text(value.year) + write(value.base)[4:]
    if isinstance(value, datetime):
        return f"{value.date().isoformat()}T{_write_clock(value.time())}{write_zone(value.tzinfo)}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return _write_clock(value) + write_zone(value.tzinfo)
    if isinstance(value, timedelta):
        return write_days_time(value) if value else "PT0S"
    return write_years_months(value)


def instant_of(value: date) -> datetime:
    """Give a date as the date and time at which it begins in UTC; a date and time as it is."""
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def add_months(value: Any, months: int) -> Any:
    """Move a date or date and time by months; a day that the month lacks becomes its last; OverflowError beyond FEEL's years."""
    base, cycles = unfold(value)
    more, rest = divmod(months, CYCLE_MONTHS)
    year, month = divmod(base.year * 12 + base.month - 1 + rest, 12)
    last = monthrange(year, month + 1)[1]
    return fold(base.replace(year=year, month=month + 1, day=min(base.day, last)), cycles + more)


def add_days_time(value: Any, duration: timedelta) -> Any:
    """Move a date, time or date and time by a days and time duration; OverflowError beyond FEEL's years."""
    if isinstance(value, time):
        moved = datetime.combine(date(2000, 1, 1), value.replace(tzinfo=None)) + duration % DAY
        return moved.time().replace(tzinfo=value.tzinfo)
    base, cycles = unfold(value)
    more, rest = divmod(duration, CYCLE)
    return fold(_moved(base, rest), cycles + more)


def _moved(value: Any, duration: timedelta) -> Any:
    if not isinstance(value, datetime):
        return (instant_of(value) + duration).date()
    if isinstance(value.tzinfo, ZoneInfo):
        return (value.astimezone(UTC) + duration).astimezone(value.tzinfo)
    return value + duration


def between(later: Any, earlier: Any) -> timedelta | None:
    """Give the time between two dates or date and times; None where only one has a zone; OverflowError if too long."""
    if _is_edge(later) or _is_edge(earlier):
        (first, first_cycles), (second, second_cycles) = unfold(later), unfold(earlier)
        within = _between(first, second)
        return None if within is None else within + CYCLE * (first_cycles - second_cycles)
    return _between(later, earlier)


def _is_edge(value: Any) -> bool:
    """Whether a date's offset may carry it out of Python's calendar, or it is out already."""
    return isinstance(value, Far) or value.year in (1, 9999)


def _between(later: date, earlier: date) -> timedelta | None:
    if not isinstance(later, datetime) and not isinstance(earlier, datetime):
        return timedelta(days=later.toordinal() - earlier.toordinal())
    first, second = instant_of(later), instant_of(earlier)
    if (first.tzinfo is None) != (second.tzinfo is None):
        return None
    return first.astimezone(UTC) - second.astimezone(UTC) if first.tzinfo else first - second


def between_times(later: time, earlier: time) -> timedelta | None:
    """Give the time between two times of day; None where only one has a zone."""
    if (later.tzinfo is None) != (earlier.tzinfo is None):
        return None
    return _since_midnight(later) - _since_midnight(earlier)


def _since_midnight(value: time) -> timedelta:
    clock = timedelta(
        hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
    )
    return clock - (offset_of(value) or timedelta(0))


def offset_of(value: datetime | time) -> timedelta | None:
    """Give the offset of a time or date and time; that of a time in a named zone is the zone's winter one."""
    if isinstance(value, time) and isinstance(value.tzinfo, ZoneInfo):
        return value.tzinfo.utcoffset(datetime(2000, 1, 1))  # noqa: DTZ001 - the zone is asked for it
    return value.utcoffset()


def time_key(value: time) -> tuple[bool, timedelta]:
    """Give what orders times of day: those without a zone among themselves."""
    return value.tzinfo is None, _since_midnight(value)


def bounded_months(months: Decimal) -> YearsMonthsDuration:
    """Cut to whole months; OverflowError beyond a thousand million years."""
    if abs(months) > MOST_MONTHS:
        raise OverflowError("too many months")
    return YearsMonthsDuration(int(months))


def scale(duration: Any, factor: Decimal) -> Any:
    """Multiply a duration; months are cut, days and time are rounded to the microsecond."""
    if isinstance(duration, YearsMonthsDuration):
        return bounded_months(NUMBERS.multiply(Decimal(duration.months), factor))
    product = NUMBERS.multiply(Decimal(duration // MICROSECOND), factor)
    return timedelta(microseconds=int(NUMBERS.to_integral_value(product)))


def months_between(start: Any, end: Any) -> YearsMonthsDuration:
    """Give the whole months from one date to another (DMN 1.5, years and months duration(from, to))."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    return YearsMonthsDuration(months)
