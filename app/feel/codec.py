"""FEEL values as JSON and back, without loss: what the history, the snapshots and the API write.

null, booleans, strings, lists and contexts are plain JSON; everything else is an object with one key: `@n` number,
`@d` date, `@t` time, `@dt` date and time (RFC 9557: a named zone in brackets), `@ym` and `@dd` durations, `@r` range
(`[open, low, high, close]`), `@p` a sealed personal value. A context with a key that begins with `@` is written within
`{"@c": ...}`, so that nothing a user writes can be taken for a tag. Functions are not data and are refused.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.feel.errors import FeelValueError
from app.feel.far import Far, FarDate, FarInstant, fold, in_year, year_text
from app.feel.values import MAX_NESTING, Range, Sealed, YearsMonthsDuration, whole

_DAYS_TIME = re.compile(
    r"(-)?P(?:(\d{1,10})D)?(?:T(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,12})(?:\.(\d{1,6}))?S)?)?"
)
_YEARS_MONTHS = re.compile(r"(-)?P(?:(\d{1,12})Y)?(?:(\d{1,12})M)?")
_FAR = re.compile(r"(-\d{4,9}|[1-9]\d{4,8}|0000)(-.*)")
_ZONED = re.compile(r"([^\[\]]+)\[([A-Za-z0-9_+\-/]{1,64})\]")


def to_tagged(value: Any) -> Any:
    """Give a FEEL value (or int) as JSON-able plain objects; raises FeelValueError for what is not a value."""
    return _write(value, 0)


def from_tagged(data: Any) -> Any:
    """Give the FEEL value that `to_tagged` wrote; raises FeelValueError for an unknown or broken tag."""
    return _read(data, 0)


def _write(value: Any, depth: int) -> Any:
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    writer = _WRITERS.get(kind)
    if writer is not None:
        return writer(value)
    if depth > MAX_NESTING:
        raise FeelValueError(f"Expected a value nested at most {MAX_NESTING} deep, but it is deeper")
    if isinstance(value, (list, tuple)):
        return [_write(item, depth + 1) for item in value]
    if isinstance(value, Mapping):
        return _context(value, depth)
    if kind is Range:
        ends = [_write(value.low, depth + 1), _write(value.high, depth + 1)]
        return {"@r": ["[" if value.low_closed else "(", *ends, "]" if value.high_closed else ")"]}
    if isinstance(value, str):
        return str.__str__(value)
    raise FeelValueError(f"Expected a value of FEEL, but got a Python {kind.__name__}")


def _context(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    tagged = False
    for key, item in value.items():
        if not isinstance(key, str):
            raise FeelValueError(f"Expected a string as the key of a context, but got {type(key).__name__}")
        tagged = tagged or key.startswith("@")
        entries[key] = _write(item, depth + 1)
    return {"@c": entries} if tagged else entries


def _number(value: Decimal) -> dict[str, str]:
    if not value.is_finite():
        raise FeelValueError(f"Expected a number, but got {value}")
    return {"@n": str(value)}


def _zoned(value: datetime | time | FarInstant) -> str:
    zone = value.tzinfo
    if isinstance(value, Far):
        return year_text(value.year) + _zoned(value.base)[4:]
    if not isinstance(zone, ZoneInfo):
        return value.isoformat()
    return f"{value.isoformat()}[{zone.key}]"


def write_days_time(value: timedelta) -> str:
    """Give a days and time duration as ISO 8601, in its shortest form: `P3DT2H`, `PT0S`."""
    sign = "-" if value < timedelta(0) else ""
    value = abs(value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or fraction:
        clock += f"{seconds}{fraction}S"
    days = f"{value.days}D" if value.days else ""
    if not days and not clock:
        return "PT0S"
    return f"{sign}P{days}{'T' if clock else ''}{clock}"


def write_years_months(value: YearsMonthsDuration) -> str:
    """Give a years and months duration as ISO 8601, in its shortest form: `P1Y2M`, `P0M`."""
    years, months = divmod(abs(value.months), 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return f"{'-' if value.months < 0 else ''}P{text or '0M'}"


_WRITERS: dict[type, Callable[[Any], Any]] = {
    Decimal: _number,
    int: lambda value: {"@n": str(whole(value))},
    datetime: lambda value: {"@dt": _zoned(value)},
    FarInstant: lambda value: {"@dt": _zoned(value)},
    FarDate: lambda value: {"@d": year_text(value.year) + value.base.isoformat()[4:]},
    date: lambda value: {"@d": value.isoformat()},
    time: lambda value: {"@t": _zoned(value)},
    timedelta: lambda value: {"@dd": write_days_time(value)},
    YearsMonthsDuration: lambda value: {"@ym": write_years_months(value)},
    Sealed: lambda value: {"@p": value.commitment},
}


def _read(data: Any, depth: int) -> Any:
    if data is None or isinstance(data, (str, bool)):
        return data
    if depth > 2 * MAX_NESTING:
        raise FeelValueError(f"Expected a value nested at most {MAX_NESTING} deep, but it is deeper")
    if isinstance(data, list):
        return [_read(item, depth + 1) for item in data]
    if isinstance(data, dict):
        if not any(key.startswith("@") for key in data):
            return {key: _read(item, depth + 1) for key, item in data.items()}
        return _tagged(data, depth)
    raise FeelValueError(f"Expected a tagged value, but got a bare {type(data).__name__}")


def _tagged(data: dict[str, Any], depth: int) -> Any:
    (tag, body), *others = data.items()
    if others:
        raise FeelValueError(f"Expected a tag alone in its object, but got {sorted(data)}")
    if tag == "@c" and isinstance(body, dict):
        return {key: _read(item, depth + 1) for key, item in body.items()}
    if tag == "@r" and isinstance(body, list) and len(body) == 4:  # noqa: PLR2004 - open, low, high, close
        low, high = _read(body[1], depth + 1), _read(body[2], depth + 1)
        return Range(low, high, body[0] == "[", body[3] == "]")
    reader = _READERS.get(tag)
    if reader is None or not isinstance(body, str):
        raise FeelValueError(f"Expected one of the tags {', '.join([*_READERS, '@r', '@c'])}, but got {tag}")
    try:
        return reader(body)
    except (ValueError, OverflowError, InvalidOperation) as broken:
        raise FeelValueError(f"Expected a value behind {tag}, but got {body[:80]!r}") from broken


def _finite(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise FeelValueError(f"Expected a number, but got {text}")
    return number


def _zone(text: str) -> tuple[str, tzinfo | None]:
    zoned = _ZONED.fullmatch(text)
    if zoned is None:
        return text, None
    try:
        return zoned[1], ZoneInfo(zoned[2])
    except ZoneInfoNotFoundError as unknown:
        raise FeelValueError(f"Expected a known time zone, but got {zoned[2]}") from unknown


def _read_date(text: str) -> Any:
    far = _FAR.fullmatch(text)
    if far is None:
        return date.fromisoformat(text)
    year, cycles = in_year(int(far[1]))
    return fold(date.fromisoformat(f"{year}{far[2]}"), cycles)


def _read_instant(text: str) -> Any:
    far = _FAR.fullmatch(text)
    if far is not None:
        year, cycles = in_year(int(far[1]))
        return fold(_read_instant(f"{year}{far[2]}"), cycles)
    stamp, zone = _zone(text)
    moment = datetime.fromisoformat(stamp)
    if zone is None:
        return moment
    first = moment.replace(tzinfo=zone)
    return first if first.utcoffset() == moment.utcoffset() else first.replace(fold=1)


def _read_time(text: str) -> time:
    stamp, zone = _zone(text)
    moment = time.fromisoformat(stamp)
    return moment if zone is None else moment.replace(tzinfo=zone)


def read_days_time(text: str) -> timedelta:
    """Read an ISO 8601 days and time duration; raises ValueError where it is none."""
    match = _DAYS_TIME.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        raise ValueError(text)
    sign, days, hours, minutes, seconds, fraction = match.groups()
    micro = int((fraction or "").ljust(6, "0"))
    clock = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    value = timedelta(days=int(days or 0), seconds=clock, microseconds=micro)
    return -value if sign else value


def read_years_months(text: str) -> YearsMonthsDuration:
    """Read an ISO 8601 years and months duration; raises ValueError where it is none."""
    match = _YEARS_MONTHS.fullmatch(text)
    if match is None or text.endswith("P"):
        raise ValueError(text)
    sign, years, months = match.groups()
    count = int(years or 0) * 12 + int(months or 0)
    return YearsMonthsDuration(-count if sign else count)


_READERS: dict[str, Callable[[str], Any]] = {
    "@n": _finite,
    "@d": _read_date,
    "@t": _read_time,
    "@dt": _read_instant,
    "@ym": read_years_months,
    "@dd": read_days_time,
    "@p": Sealed,
}
