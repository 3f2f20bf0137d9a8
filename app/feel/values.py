"""The values of FEEL, and nothing else of Python: what an expression can hold, take and give.

null is None, boolean is bool, string is str, number is Decimal (34 digits, half even: IEEE 754 decimal128), date,
time and date and time are Python's own (years 1 to 9999, microseconds) and beyond those years FarDate and FarInstant, days and time duration is timedelta, list is
list, context is dict with string keys. The rest is defined here (DMN 1.5, 10.3.2.3).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from app.feel.errors import FeelValueError
from app.feel.far import FarDate, FarInstant

NUMBERS = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
"""The arithmetic of every FEEL number; it belongs to FEEL alone and never to a thread."""

MAX_NESTING = 100
"""The deepest value that FEEL takes from outside or writes."""

DaysTimeDuration = timedelta


@dataclass(frozen=True, slots=True, order=True)
class YearsMonthsDuration:
    """A duration in whole months, positive or negative."""

    months: int

    @property
    def years_part(self) -> int:
        """The whole years, with the sign of the duration."""
        return -(-self.months // 12) if self.months < 0 else self.months // 12

    @property
    def months_part(self) -> int:
        """The months beside the whole years, with the sign of the duration."""
        return -(-self.months % 12) if self.months < 0 else self.months % 12


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; an end that is None is open without bound, as in `> 5`."""

    low: Any
    high: Any
    low_closed: bool = True
    high_closed: bool = True


@dataclass(frozen=True, slots=True)
class Sealed:
    """A personal value that only its commitment stands for: equality and null tests work, all else is null."""

    commitment: str


@dataclass(eq=False, slots=True)
class Function:
    """A function as a value: `names` and `kinds` of its parameters; `call` takes the run and the arguments."""

    names: tuple[str, ...]
    call: Callable[..., Any]
    kinds: tuple[Any, ...] = ()
    result: Any = None
    label: str = "function"
    variadic: bool = False
    slots: list[Any] = field(default_factory=list)


SIMPLE = frozenset(
    {
        type(None),
        bool,
        str,
        Decimal,
        date,
        time,
        datetime,
        timedelta,
        YearsMonthsDuration,
        Sealed,
        FarDate,
        FarInstant,
    }
)
"""The types whose values are taken as they are."""

_KEPT = SIMPLE | {Range, Function}


def normalise(value: Any, depth: int = 0) -> Any:
    """Take a value from outside: whole numbers become Decimal, tuples lists, mappings contexts.

    Raises FeelValueError for a float (it has lost its decimals already), NaN, any other Python object and for
    nesting beyond `MAX_NESTING`.
    """
    kind = type(value)
    if kind in _KEPT:
        if kind is Decimal and not value.is_finite():
            raise FeelValueError(f"Expected a number, but got {value}")
        return value
    if kind is int:
        return whole(value)
    if depth > MAX_NESTING:
        raise FeelValueError(f"Expected a value nested at most {MAX_NESTING} deep, but it is deeper")
    if isinstance(value, (list, tuple)):
        return [normalise(item, depth + 1) for item in value]
    if isinstance(value, Mapping):
        return {_key(key): normalise(item, depth + 1) for key, item in value.items()}
    return _plain(value)


def whole(value: int) -> Decimal:
    """Give an int as a number, rounded to 34 digits as every number is."""
    if value.bit_length() > 113:  # noqa: PLR2004 - below this, 34 digits hold every int exactly
        if value.bit_length() > 20_000:  # noqa: PLR2004 - beyond 10^6144 there is no decimal128
            raise FeelValueError(
                "Expected a number of at most 34 digits and exponent 6144, but got a larger one"
            )
        return NUMBERS.create_decimal(value)
    return Decimal(value)


def _key(key: object) -> str:
    if isinstance(key, str):
        return key
    raise FeelValueError(f"Expected a string as the key of a context, but got {type(key).__name__}")


def _plain(value: object) -> Any:
    """Take a value of a subclass (an enum of strings, a pandas-like date) as the plain value it is."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Decimal):
        return normalise(Decimal(value))
    if isinstance(value, float):
        raise FeelValueError(f"Expected an exact number, but got the float {value!r}; give a Decimal")
    raise FeelValueError(f"Expected a value of FEEL, but got a Python {type(value).__name__}")
