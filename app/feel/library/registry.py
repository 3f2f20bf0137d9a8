# mypy: disable-error-code="func-returns-value"
"""The table of built-in functions: each is entered with the types of its parameters, which are checked before it is called."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from app.feel.far import FarDate, FarInstant
from app.feel.limits import Run
from app.feel.names import BUILTIN_NAMES, SIGNATURES, plain
from app.feel.operators import kind_of, reason
from app.feel.values import Function, Range, YearsMonthsDuration

Implementation = Callable[[Run, list[Any]], Any]
ABSENT = object()
"""Stands for an optional parameter that a call by name left out between others."""

_TYPES: dict[str, frozenset[type]] = {
    "string": frozenset({str}),
    "number": frozenset({Decimal}),
    "boolean": frozenset({bool}),
    "list": frozenset({list}),
    "context": frozenset({dict}),
    "function": frozenset({Function}),
    "range": frozenset({Range}),
    "date": frozenset({date, datetime, FarDate, FarInstant}),
    "time": frozenset({time}),
    "duration": frozenset({timedelta, YearsMonthsDuration}),
    "days": frozenset({timedelta}),
}
_TABLE: dict[str, Implementation] = {}
_SENTENCES: dict[str, str] = {}
NAMES = BUILTIN_NAMES


def builtin(name: str, *types: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function; a type ends in `?` where the argument may be left out, the last in `...` where more may follow.

    `any` takes null too; every other type turns a null argument into a null result.
    """
    least = sum(1 for one in types if not one.endswith(("?", "...")))
    most = 10**6 if types and types[-1].endswith("...") else len(types)
    wanted = [(one.rstrip("?."), _TYPES.get(one.rstrip("?."))) for one in types]

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        def checked(run: Run, arguments: list[Any]) -> Any:
            if not least <= len(arguments) <= most:
                return run.warn(f"{name} does not take {len(arguments)} arguments")
            for index, (label, types_taken) in enumerate(wanted[: len(arguments)]):
                value = arguments[index]
                if types_taken is None or type(value) in types_taken or value is ABSENT:
                    continue
                fitted = _fitted(value, label, types_taken)
                if fitted is None:
                    return run.warn(f"{name} takes {label} as its argument {index + 1}, not {kind_of(value)}")
                arguments[index] = fitted
            return _calculated(run, name, function, arguments)

        _register(name, checked, function)
        return function

    return enter


def over_list(name: str, kind: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function of one list or of any number of arguments, all of one kind (`any` for all kinds)."""
    types = _TYPES.get(kind)

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        def spread(run: Run, arguments: list[Any]) -> Any:
            if not arguments:
                return run.warn(f"{name} needs a list")
            items = arguments[0] if len(arguments) == 1 and type(arguments[0]) is list else arguments
            run.spend(len(items))
            if types is not None:
                for item in items:
                    if type(item) not in types:
                        return run.warn(f"{name} takes {kind}s, not {kind_of(item)}")
            return _calculated(run, name, function, [items])

        _register(name, spread, function)
        return function

    return enter


def _calculated(run: Run, name: str, function: Callable[..., Any], arguments: list[Any]) -> Any:
    """Call a function; a number or date beyond what FEEL holds makes it null."""
    try:
        return function(run, *arguments)
    except ArithmeticError as beyond:
        return run.warn(f"{name} has no result: {reason(beyond)}")


def _fitted(value: Any, label: str, types: frozenset[type]) -> Any:
    """Convert as the standard allows: a list of one to its item, a value to a list of one."""
    if value is None:
        return None
    if label == "list":
        return [value]
    if type(value) is list and len(value) == 1 and type(value[0]) in types:
        return value[0]
    return None


def _register(name: str, implementation: Implementation, function: Callable[..., Any]) -> None:
    if name in _TABLE or name not in SIGNATURES:
        raise AssertionError(f"{name} is entered once, with a signature")
    _TABLE[name] = implementation
    _SENTENCES[name] = (function.__doc__ or "").split("\n")[0]


def sentence(name: str) -> str:
    """Say in one sentence what a built-in does, for the reference."""
    return _SENTENCES[name]


def find(name: str) -> Implementation:
    """Give the implementation of a built-in."""
    return _TABLE[name]


def arrange(name: str, given: list[str]) -> list[int | None] | None:
    """Find the signature that has these parameter names: for each of its parameters the index of the argument, None if absent."""
    for signature in SIGNATURES[name]:
        parameters = [plain(parameter) for parameter in signature]
        required = {plain(parameter) for parameter in signature if not parameter.startswith("[")}
        if len(set(given)) == len(given) and set(given) <= set(parameters) and required <= set(given):
            order = [given.index(parameter) if parameter in given else None for parameter in parameters]
            while order and order[-1] is None:
                order.pop()
            return order
    return None


_VALUES: dict[str, Function] = {}


def as_value(name: str) -> Function | None:
    """Give a built-in as a function value; None where there is none of that name."""
    if name not in _TABLE:
        return None
    if name not in _VALUES:
        implementation = _TABLE[name]
        signatures = SIGNATURES[name]
        names = tuple(plain(parameter) for parameter in signatures[0])
        variadic = len(signatures) > 1 or any("[" in one or "..." in one for one in signatures[0])
        _VALUES[name] = Function(names, implementation, label=name, variadic=variadic)
    return _VALUES[name]
