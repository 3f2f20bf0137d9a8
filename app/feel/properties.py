# mypy: disable-error-code="func-returns-value"
"""What a path reads from a value: the entries of a context, and the standard's properties of dates, durations and ranges."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.feel import temporal
from app.feel.far import FarDate, FarInstant
from app.feel.limits import Run
from app.feel.operators import kind_of
from app.feel.values import Range, YearsMonthsDuration


def read(run: Run, value: Any, name: str) -> Any:
    """Read an entry or property; of a list, that of each item. What is not there is null, with a warning."""
    if type(value) is dict:
        if name in value:
            return value[name]
        return run.absent(f"the context has no entry {name!r}")
    if value is None:
        return run.absent(f"null has no property {name!r}")
    if type(value) is list:
        run.spend(len(value))
        return [read(run, item, name) for item in value]
    reader = _PROPERTIES.get(type(value), {}).get(name)
    if reader is None:
        return run.warn(f"{kind_of(value)} has no property {name!r}")
    return reader(value)


def _zone(value: datetime | time) -> str | None:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _second(value: datetime | time) -> Decimal:
    if not value.microsecond:
        return Decimal(value.second)
    return Decimal(f"{value.second}.{value.microsecond:06d}".rstrip("0"))


def _part(unit: int, within: int) -> Callable[[timedelta], Decimal]:
    """Give a reader of one part of a duration, in seconds, with the sign of the duration."""

    def read_part(value: timedelta) -> Decimal:
        micro = abs(value) // temporal.MICROSECOND
        part = Decimal(micro // (unit * 1_000_000) % within)
        return -part if value < timedelta(0) and part else part

    return read_part


def _seconds(value: timedelta) -> Decimal:
    micro = Decimal(abs(value) // temporal.MICROSECOND % 60_000_000).scaleb(-6).normalize()
    number = micro.quantize(Decimal(1)) if micro == micro.to_integral_value() else micro
    return -number if value < timedelta(0) and number else number


_DATE: dict[str, Callable[[Any], Any]] = {
    "year": lambda value: Decimal(value.year),
    "month": lambda value: Decimal(value.month),
    "day": lambda value: Decimal(value.day),
    "weekday": lambda value: Decimal(value.isoweekday()),
}
_TIME: dict[str, Callable[[Any], Any]] = {
    "hour": lambda value: Decimal(value.hour),
    "minute": lambda value: Decimal(value.minute),
    "second": _second,
    "time offset": temporal.offset_of,
    "timezone": _zone,
    "time zone": _zone,
}


def _far(readers: dict[str, Callable[[Any], Any]]) -> dict[str, Callable[[Any], Any]]:
    """Read from the base, which differs in the year alone."""

    def of_base(reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda value: reader(value.base)

    return {name: of_base(reader) for name, reader in readers.items()} | {
        "year": lambda value: Decimal(value.year)
    }


_PROPERTIES: dict[type, dict[str, Callable[[Any], Any]]] = {
    date: _DATE,
    datetime: {**_DATE, **_TIME},
    time: _TIME,
    timedelta: {
        "days": _part(86_400, 10**12),
        "hours": _part(3_600, 24),
        "minutes": _part(60, 60),
        "seconds": _seconds,
    },
    YearsMonthsDuration: {
        "years": lambda value: Decimal(value.years_part),
        "months": lambda value: Decimal(value.months_part),
    },
    FarDate: _far(_DATE),
    FarInstant: _far({**_DATE, **_TIME}),
    Range: {
        "start": lambda value: value.low,
        "end": lambda value: value.high,
        "start included": lambda value: value.low_closed,
        "end included": lambda value: value.high_closed,
    },
}
