# mypy: disable-error-code="func-returns-value"
"""Calling a function that is a value."""

from typing import Any

from app.feel.kinds import Kind, converted
from app.feel.limits import Run
from app.feel.operators import kind_of
from app.feel.values import Function


def invoke(run: Run, function: Any, arguments: list[Any], names: list[str] | None = None) -> Any:
    """Call by position, or by name where names are given; what cannot be called so is null, with a warning."""
    if type(function) is not Function:
        return run.warn(f"{kind_of(function)} is not a function")
    if names is not None and not function.variadic:
        if sorted(names) != sorted(function.names):
            return run.warn(f"{function.label} has the parameters {', '.join(function.names)}")
        given = dict(zip(names, arguments, strict=True))
        arguments = [given[name] for name in function.names]
    if not function.variadic and len(arguments) != len(function.names):
        return run.warn(f"{function.label} takes {len(function.names)} arguments, not {len(arguments)}")
    return function.call(run, arguments)


def convert(run: Run, kind: Kind, value: Any, what: str) -> Any:
    """Bring a value to a type, or make it null with a warning."""
    found, fits = converted(kind, value)
    if not fits:
        run.warn(f"{what} should be {kind.name}, but is {kind_of(value)}")
    return found
