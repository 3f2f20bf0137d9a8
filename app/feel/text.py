# mypy: disable-error-code="func-returns-value"
"""FEEL values as text: what string() gives."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from app.feel import temporal
from app.feel.far import Far
from app.feel.limits import Run
from app.feel.values import Function, Range, Sealed, YearsMonthsDuration

MAX_PLAIN_EXPONENT = 60


def text_of(run: Run, value: Any) -> str | None:
    """Give a value as text: strings bare, other values as expressions write them; null stays null."""
    if value is None or type(value) is str:
        return value
    if type(value) is Sealed:
        return run.warn("a sealed value has no text")
    return run.sized(written(run, value))


def written(run: Run, value: Any, depth: int = 0) -> str:
    """Give a value as it stands within a list or context, where strings have their quotation marks."""
    run.spend(4)
    if type(value) is str:
        return run.sized('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"')
    if type(value) is list:
        return run.sized("[" + ", ".join(_inner(run, item, depth) for item in value) + "]")
    if type(value) is dict:
        entries = (f"{_key(key)}: {_inner(run, item, depth)}" for key, item in value.items())
        return run.sized("{" + ", ".join(entries) + "}")
    if type(value) is Range:
        return _range(run, value, depth)
    return _single(value)


def _inner(run: Run, value: Any, depth: int) -> str:
    return written(run, value, depth + 1) if depth < run.limits.nesting else "..."


def _key(key: str) -> str:
    return key if key.replace(" ", "").replace("_", "").isalnum() else f'"{key}"'


def _range(run: Run, value: Range, depth: int) -> str:
    if value.low is None or value.high is None:
        end = value.high if value.low is None else value.low
        sign = ("<" if value.low is None else ">") + ("=" if value.low_closed or value.high_closed else "")
        return f"({sign} {_inner(run, end, depth)})"
    low, high = _inner(run, value.low, depth), _inner(run, value.high, depth)
    return f"{'[' if value.low_closed else '('}{low}..{high}{']' if value.high_closed else ')'}"


def _single(value: Any) -> str:
    if value is None:
        return "null"
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is Decimal:
        return number(value)
    if isinstance(value, (date, time, timedelta, YearsMonthsDuration, Far)):
        return temporal.write(value)
    return value.label if type(value) is Function else "sealed"


def number(value: Decimal) -> str:
    """Give a number in digits; with an exponent only where it is very large or very small."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and abs(exponent) <= MAX_PLAIN_EXPONENT:
        return format(value, "f")
    return str(value)
