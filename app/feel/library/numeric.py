# mypy: disable-error-code="func-returns-value"
"""Functions over numbers (DMN 1.5, 10.3.4.5)."""

from datetime import timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Any

from app.feel.library.registry import ABSENT, builtin
from app.feel.limits import Run
from app.feel.operators import kind_of
from app.feel.values import NUMBERS, YearsMonthsDuration

_LEAST_SCALE, _MOST_SCALE = -6111, 6176
_ROUNDED = {
    "decimal": (ROUND_HALF_EVEN, "to the nearest, a half to the even digit"),
    "floor": (ROUND_FLOOR, "down, to whole numbers if no scale is given"),
    "ceiling": (ROUND_CEILING, "up, to whole numbers if no scale is given"),
    "round up": (ROUND_UP, "away from zero"),
    "round down": (ROUND_DOWN, "towards zero"),
    "round half up": (ROUND_HALF_UP, "to the nearest, a half away from zero"),
    "round half down": (ROUND_HALF_DOWN, "to the nearest, a half towards zero"),
}


def rounded(run: Run, number: Decimal, scale: Decimal, rounding: str) -> Decimal | None:
    """Round to `scale` decimals; a number that has fewer stays as it is."""
    if not _LEAST_SCALE <= scale <= _MOST_SCALE:
        return run.warn(f"the scale is between {_LEAST_SCALE} and {_MOST_SCALE}")
    places = int(scale)
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places:
        return number
    if number.adjusted() + places < -1:
        unit = rounding in (ROUND_UP, ROUND_CEILING if number > 0 else ROUND_FLOOR)
        return Decimal(1 if number > 0 else -1).scaleb(-places) if unit and number else Decimal(0)
    result = number.quantize(Decimal(1).scaleb(-places), rounding, NUMBERS)
    return result or abs(result)


def _rounding(name: str, rounding: str, how: str, *types: str) -> None:
    def function(run: Run, number: Decimal, scale: Any = ABSENT) -> Decimal | None:
        return rounded(run, number, Decimal(0) if scale is ABSENT else scale, rounding)

    function.__doc__ = f"Round to `scale` decimals {how}."
    builtin(name, *types)(function)


for _name, (_mode, _how) in _ROUNDED.items():
    _rounding(_name, _mode, _how, "number", "number?" if _name in ("floor", "ceiling") else "number")


@builtin("abs", "any")
def absolute(run: Run, value: Any) -> Any:
    """Give a number or duration without its sign."""
    if type(value) is list and len(value) == 1:
        value = value[0]
    if type(value) is Decimal:
        return value.copy_abs()
    if type(value) is timedelta:
        return abs(value)
    if type(value) is YearsMonthsDuration:
        return YearsMonthsDuration(abs(value.months))
    return run.warn(f"abs takes a number or duration, not {kind_of(value)}")


@builtin("modulo", "number", "number")
def modulo(_run: Run, dividend: Decimal, divisor: Decimal) -> Decimal:
    """Give the remainder, with the sign of the divisor."""
    rest = NUMBERS.remainder(dividend, divisor)
    if not rest:
        return rest.copy_abs()
    return NUMBERS.add(rest, divisor) if (rest < 0) != (divisor < 0) else rest


@builtin("sqrt", "number")
def sqrt(_run: Run, number: Decimal) -> Decimal:
    """Give the square root; null for a negative number."""
    return NUMBERS.sqrt(number)


@builtin("log", "number")
def log(run: Run, number: Decimal) -> Decimal | None:
    """Give the natural logarithm; null for zero and less."""
    if number <= 0:
        return run.warn("log takes a number above zero")
    return NUMBERS.ln(number)


@builtin("exp", "number")
def exp(_run: Run, number: Decimal) -> Decimal:
    """Give e to a power."""
    return NUMBERS.exp(number)


@builtin("odd", "number")
def odd(_run: Run, number: Decimal) -> bool:
    """Whether a whole number is odd."""
    return _last_bit(number) == 1


@builtin("even", "number")
def even(_run: Run, number: Decimal) -> bool:
    """Whether a whole number is even."""
    return _last_bit(number) == 0


def _last_bit(number: Decimal) -> Decimal | None:
    """Give the remainder by two of a whole number; a number above 34 digits is a multiple of ten."""
    if number != number.to_integral_value():
        return None
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent > 0:
        return Decimal(0)
    return abs(number) % 2
