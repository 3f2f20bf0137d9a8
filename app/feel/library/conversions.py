# mypy: disable-error-code="func-returns-value"
"""number, string, not, and the constructors of dates, times, durations and ranges."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal, DecimalException
from typing import Any

from app.feel import temporal
from app.feel.errors import FeelError
from app.feel.far import FarDate, FarInstant
from app.feel.library.registry import ABSENT, builtin
from app.feel.limits import Run
from app.feel.operators import kind_of, ranged
from app.feel.text import text_of
from app.feel.values import NUMBERS, Range

_SEPARATORS = (" ", ",", ".")
_DAYS = (date, FarDate, FarInstant)


@builtin("not", "any")
def negation(run: Run, value: Any) -> bool | None:
    """Turn true and false around."""
    return (not value) if type(value) is bool else run.warn(f"not takes true or false, not {kind_of(value)}")


@builtin("string", "any")
def string(run: Run, value: Any) -> str | None:
    """Give a value as text."""
    return text_of(run, value)


@builtin("number", "any", "any?", "any?")
def number(run: Run, source: Any, grouping: Any = ABSENT, decimal: Any = ABSENT) -> Decimal | None:
    """Read a number: the grouping separator is a space, comma or point, the decimal separator a point or comma."""
    if type(source) is Decimal and grouping is decimal is ABSENT:
        return source
    grouping = None if grouping is ABSENT else grouping
    decimal = None if decimal is ABSENT else decimal
    bad_grouping = grouping is not None and grouping not in _SEPARATORS
    if type(source) is not str or bad_grouping or decimal not in (None, ".", ","):
        return run.warn("number takes a string, a grouping separator and a decimal separator")
    if grouping is not None and grouping == decimal:
        return run.warn("the separators of number are different")
    text = source.replace(grouping, "") if grouping else source
    text = text.replace(decimal, ".") if decimal and decimal != "." else text
    if (
        not text.isascii()
        or not text.lstrip("-+")
        .replace(".", "")
        .replace("e", "")
        .replace("E", "")
        .replace("-", "")
        .replace("+", "")
        .isdigit()
    ):
        return run.warn(f"{source[:40]!r} is not a number")
    try:
        return NUMBERS.create_decimal(text)
    except DecimalException:
        return run.warn(f"{source[:40]!r} is not a number")


def _read(run: Run, value: Any, reader: Any, what: str) -> Any:
    found = reader(value)
    return run.warn(f"{value[:60]!r} is not a {what}") if found is None else found


@builtin("date", "any", "number?", "number?")
def to_date(run: Run, source: Any, month: Any = ABSENT, day: Any = ABSENT) -> Any:
    """Read a date, take that of a date and time, or make one of year, month and day."""
    if month is not ABSENT and day is not ABSENT and type(source) is Decimal:
        return _made(run, lambda: temporal.make_date(_whole(source), _whole(month), _whole(day)))
    if month is ABSENT and type(source) is str:
        return _read(run, source, temporal.read_date, "date")
    if month is ABSENT and isinstance(source, _DAYS):
        return temporal.day_of(source)
    return run.warn(f"date cannot be made of {kind_of(source)}")


def _made(run: Run, make: Any) -> Any:
    try:
        return make()
    except (ValueError, OverflowError) as broken:
        return run.warn(f"there is no such date or time: {broken}")


def _whole(value: Decimal) -> int:
    if value != value.to_integral_value() or abs(value) > 10**9:
        raise ValueError(f"{value} is not whole")
    return int(value)


@builtin("time", "any", "number?", "number?", "any?")
def to_time(run: Run, source: Any, minute: Any = ABSENT, second: Any = ABSENT, offset: Any = None) -> Any:
    """Read a time, take that of a date and time, or make one of hour, minute, second and offset."""
    if minute is not ABSENT and second is not ABSENT and type(source) is Decimal:
        return _made(run, lambda: _clock(source, minute, second, _offset(offset)))
    if minute is not ABSENT:
        return run.warn("time takes hour, minute and second")
    if type(source) is str:
        return _read(run, source, temporal.read_time, "time")
    if isinstance(source, (datetime, FarInstant)):
        return (source.base if isinstance(source, FarInstant) else source).timetz()
    if isinstance(source, (date, FarDate)):
        return time(tzinfo=UTC)
    return source if type(source) is time else run.warn(f"time cannot be made of {kind_of(source)}")


def _clock(hour: Decimal, minute: Decimal, second: Decimal, zone: tzinfo | None) -> time:
    micro = int(second % 1 * 1_000_000)
    return time(_whole(hour), _whole(minute), int(second), micro, zone)


def _offset(value: Any) -> tzinfo | None:
    if value is None or value is ABSENT:
        return None
    if type(value) is timedelta:
        return timezone(value) if value else UTC
    if type(value) is str:
        return temporal.read_zone("@" + value)
    raise ValueError("the offset is a duration")


@builtin("date and time", "any", "any?", "any?", "any?", "any?", "any?", "any?")
def to_instant(run: Run, source: Any, *others: Any) -> Any:
    """Read a date and time, put one together from a date and a time, or make one of its parts."""
    if not others:
        return _instant_from(run, source)
    if len(others) == 1 and isinstance(source, _DAYS) and type(others[0]) is time:
        return temporal.at(source, others[0])
    if len(others) == 1 and isinstance(source, datetime) and type(others[0]) is str:
        return _made(run, lambda: source.astimezone(temporal.read_zone("@" + others[0])))
    if len(others) >= 5 and all(type(part) is Decimal for part in (source, *others[:5])):  # noqa: PLR2004 - the parts
        zone = others[5] if len(others) > 5 else None  # noqa: PLR2004 - after the parts
        return _made(run, lambda: _from_parts([source, *others[:5]], zone))
    return run.warn("date and time is made of a string, of a date and a time, or of its parts")


def _instant_from(run: Run, source: Any) -> Any:
    if type(source) is str:
        return _read(run, source, temporal.read_instant, "date and time")
    if type(source) is date:
        return datetime.combine(source, time(tzinfo=UTC))
    return (
        source if type(source) is datetime else run.warn(f"date and time cannot be made of {kind_of(source)}")
    )


def _from_parts(parts: list[Decimal], zone: Any) -> Any:
    day = temporal.make_date(_whole(parts[0]), _whole(parts[1]), _whole(parts[2]))
    return temporal.at(day, _clock(parts[3], parts[4], parts[5], _offset(zone)))


@builtin("duration", "any")
def to_duration(run: Run, source: Any) -> Any:
    """Read a duration of either kind."""
    if type(source) is str:
        return _read(run, source, temporal.read_duration, "duration")
    return (
        source
        if kind_of(source).endswith("duration")
        else run.warn(f"duration is read from a string, not {kind_of(source)}")
    )


@builtin("years and months duration", "date", "date")
def months_between(_run: Run, start: date, end: date) -> Any:
    """Give the whole months between two dates."""
    return temporal.months_between(start, end)


@builtin("range", "string")
def to_range(run: Run, source: str) -> Any:
    """Read a range whose ends are literals, as in `range("[1..5]")`."""
    from app.feel.library.literal_ranges import read_range

    try:
        low, high, low_closed, high_closed = read_range(source)
    except FeelError as broken:
        return run.warn(f"{source[:60]!r} is not a range: {broken}")
    return ranged(run, Range(low, high, low_closed, high_closed))
