"""The types of FEEL (DMN 1.5, 10.3.2.9): what a value is an instance of, and what it is converted to at a boundary."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from app.feel.far import FarDate, FarInstant
from app.feel.values import Function, Range, Sealed, YearsMonthsDuration


@dataclass(frozen=True)
class Kind:
    """A type by its name; `Any` takes every value, null included."""

    name: str

    def holds(self, value: Any) -> bool:
        """Whether a value that is not null is an instance of the type."""
        known = BASIC.get(self.name)
        if known is None:
            return False
        return not known or type(value) in known


@dataclass(frozen=True)
class ListKind(Kind):
    """`list<element>`."""

    element: Kind = Kind("Any")

    def holds(self, value: Any) -> bool:
        return type(value) is list and all(conforms(self.element, item) for item in value)


@dataclass(frozen=True)
class ContextKind(Kind):
    """`context<name: kind, ...>`: a context that has these entries conforms, with others beside them too."""

    entries: tuple[tuple[str, Kind], ...] = ()

    def holds(self, value: Any) -> bool:
        if type(value) is not dict:
            return False
        return all(name in value and conforms(kind, value[name]) for name, kind in self.entries)


@dataclass(frozen=True)
class RangeKind(Kind):
    """`range<element>`."""

    element: Kind = Kind("Any")

    def holds(self, value: Any) -> bool:
        if type(value) is not Range:
            return False
        return conforms(self.element, value.low) and conforms(self.element, value.high)


@dataclass(frozen=True)
class FunctionKind(Kind):
    """`function<parameter, ...> -> result`; a parameter or result without a type conforms to every other."""

    parameters: tuple[Kind, ...] = ()
    result: Kind = Kind("Any")

    def holds(self, value: Any) -> bool:
        if type(value) is not Function or len(value.names) != len(self.parameters):
            return False
        return all(
            is_any(given) or is_any(wanted) or given == wanted
            for wanted, given in zip(self.parameters, value.kinds, strict=False)
        ) and (
            value.result is None or is_any(value.result) or is_any(self.result) or self.result == value.result
        )


@dataclass(frozen=True)
class ConstrainedKind(Kind):
    """A type of which only some values are allowed (DMN's allowedValues); `allows` is told the value."""

    base: Kind = Kind("Any")
    allows: Callable[[Any], bool] = bool

    def holds(self, value: Any) -> bool:
        return conforms(self.base, value) and self.allows(value)


BASIC: dict[str, tuple[type, ...]] = {
    "Any": (),
    "number": (Decimal,),
    "string": (str,),
    "boolean": (bool,),
    "date": (date, FarDate),
    "time": (time,),
    "date and time": (datetime, FarInstant),
    "days and time duration": (timedelta,),
    "years and months duration": (YearsMonthsDuration,),
    "duration": (timedelta, YearsMonthsDuration),
    "list": (list,),
    "context": (dict,),
    "range": (Range,),
    "function": (Function,),
    "Null": (type(None),),
}
SPELLINGS = {
    "any": "Any",
    "null": "Null",
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
}
ANY = Kind("Any")


def named(name: str) -> Kind | None:
    """Give a built-in type by its name, also in the spellings of DMN's XML files; None for an unknown one."""
    name = SPELLINGS.get(name, name)
    return Kind(name) if name in BASIC else None


def is_any(kind: Kind) -> bool:
    """Whether a type takes every value."""
    return kind.name == "Any" and type(kind) is Kind


def conforms(kind: Kind, value: Any) -> bool:
    """Whether a value may stand where the type is asked; null conforms to every type, as does a sealed value: nobody can tell."""
    return value is None or is_any(kind) or type(value) is Sealed or kind.holds(value)


def instance_of(kind: Kind, value: Any) -> bool:
    """Whether a value is an instance; null is one of Null and of Any only."""
    if value is None:
        return kind.name == "Null"
    return is_any(kind) or kind.holds(value)


def converted(kind: Kind, value: Any) -> tuple[Any, bool]:
    """Bring a value to a type (DMN 1.5, 10.3.2.9.4): as it is, out of or into a list of one, date to date and time.

    The second result is false where nothing fits; the value is then null.
    """
    if conforms(kind, value):
        return value, True
    if type(value) is list and len(value) == 1 and conforms(kind, value[0]):
        return value[0], True
    if isinstance(kind, ListKind) and conforms(kind.element, value):
        return [value], True
    if type(value) is date and kind.name == "date and time":
        return midnight(value), True
    if isinstance(kind, ConstrainedKind):
        return _constrained(kind, value)
    return None, False


def _constrained(kind: ConstrainedKind, value: Any) -> tuple[Any, bool]:
    inner, fits = converted(kind.base, value)
    return (inner, True) if fits and (inner is None or kind.allows(inner)) else (None, False)


def midnight(value: date) -> datetime:
    """Give the date and time at which a date begins, in UTC, as the standard's conversion has it."""
    from datetime import UTC

    return datetime(value.year, value.month, value.day, tzinfo=UTC)
