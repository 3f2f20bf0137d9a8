"""Which values of a form are personal data, and putting something else in their place."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from app.definitions.forms.model import Field, Form, valued
from app.definitions.forms.posted import get, put


def personal(form: Form, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give the paths of the values that are personal data, each with its subject; rows are numbered as stored."""
    return [(path, item.personal) for path, item, _, _ in _found(form.fields, values, "")]


def sealed(form: Form, values: Mapping[str, Any], seal: Callable[[str, Any], Any]) -> dict[str, Any]:
    """Give the values with `seal(subject, value)` in place of each personal one; the values given stay as they are."""
    copy: dict[str, Any] = _copied(values)
    for _, item, holder, value in _found(form.fields, copy, ""):
        put(holder, item.name, seal(item.personal, value))
    return copy


def _found(
    items: tuple[Field, ...], values: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, Field, Any, Any]]:
    for item in valued(items):
        value, path = get(values, item.name), prefix + item.name
        if item.type == "dynamiclist":
            for number, row in enumerate(value if isinstance(value, list) else []):
                yield from _found(item.fields, row, f"{path}.{number}.")
        elif item.personal and value is not None:
            yield path, item, values, value


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value
