"""What a browser posts, as a nested raw dictionary: nothing typed is lost, rows are added and removed."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, runtime_checkable

from app.definitions.forms.model import SEVERAL, Field, Form, valued

MAX_ROWS = 500
ADD, REMOVE, OUTCOME, ROW = "_add", "_remove", "_outcome", "_row"
"""Posted names that are not fields; `partner.0._row` says that a row exists even where nothing in it is posted."""

_row = re.compile(r"(0|[1-9][0-9]{0,5})")


@runtime_checkable
class Posted(Protocol):
    """A multi-dictionary, such as Flask's `request.form`."""

    def getlist(self, key: str) -> list[str]:
        """Give every value of a name."""

    def keys(self) -> Iterable[str]:
        """Give the names."""


def read_posted(form: Form, posted: Posted | Mapping[str, Any], section: str | None = None) -> dict[str, Any]:
    """Give the posted fields of a form as a nested dictionary of texts and lists of texts.

    Names outside the form are ignored. `_add=partner` and `_remove=partner.2` (the posted number of the row)
    change the rows; the rows that stay keep their order. With `section` only the fields of that step are read.
    """
    flat = _flat(posted)
    chosen = form.section(section) if section is not None else None
    items = chosen.fields if chosen else form.fields
    raw = _read(items, "", flat, _Rows(flat.get(ADD, []), flat.get(REMOVE, [])))
    if form.outcome and flat.get(OUTCOME):
        _set(raw, form.outcome, flat[OUTCOME][-1])
    return raw


def posted_from(form: Form, raw: Mapping[str, Any]) -> dict[str, list[str]]:
    """Give the flat names and texts that `read_posted` reads as `raw`: its inverse."""
    flat: dict[str, list[str]] = {}
    _write(form.fields, "", raw, flat)
    return flat


def merge(before: Mapping[str, Any], posted: Mapping[str, Any]) -> dict[str, Any]:
    """Give a draft with newly posted fields over it; rows and lists are replaced whole, groups entered."""
    merged = dict(before)
    for key, value in posted.items():
        old = merged.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = merge(old, value) if both and isinstance(old, Mapping) else value
    return merged


def get(tree: Mapping[str, Any], name: str) -> Any:
    """Give the value under a dotted name, or None."""
    value: Any = tree
    for part in name.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def _set(tree: dict[str, Any], name: str, value: Any) -> None:
    *parts, last = name.split(".")
    for part in parts:
        inner = tree.get(part)
        if not isinstance(inner, dict):
            inner = tree[part] = {}
        tree = inner
    tree[last] = value


put = _set


def put_at(raw: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at the path of a field, which may lead through rows (`partner.0.firma`); nothing where there is no such row."""
    parts = path.split(".")
    numbers = [index for index, part in enumerate(parts) if part.isdecimal()]
    if not numbers:
        _set(raw, path, value)
        return
    rows, number = get(raw, ".".join(parts[: numbers[0]])), int(parts[numbers[0]])
    if isinstance(rows, list) and number < len(rows) and isinstance(rows[number], dict):
        put_at(rows[number], ".".join(parts[numbers[0] + 1 :]), value)


class _Rows:
    """Which rows are asked to come and go, by the name of their list."""

    def __init__(self, added: list[str], removed: list[str]) -> None:
        self.added = set(added)
        self.removed = set(removed)


def _flat(posted: Posted | Mapping[str, Any]) -> dict[str, list[str]]:
    if isinstance(posted, Posted):
        return {name: [str(v) for v in posted.getlist(name)] for name in posted.keys()}  # noqa: SIM118 - a multi-dictionary
    return {
        name: [str(v) for v in value] if isinstance(value, (list, tuple)) else [str(value)]
        for name, value in posted.items()
    }


def _read(items: tuple[Field, ...], prefix: str, flat: dict[str, list[str]], rows: _Rows) -> dict[str, Any]:
    raw: dict[str, Any] = {}
    for item in valued(items):
        name = prefix + item.name
        if item.type == "dynamiclist":
            _set(raw, item.name, _read_rows(item, name, flat, rows))
        elif name in flat and item.answers:
            several = item.type in SEVERAL or (item.type == "filepicker" and item.multiple)
            _set(raw, item.name, [v for v in flat[name] if v] if several else flat[name][-1])
        elif item.type == "checkbox" and item.answers:
            _set(raw, item.name, "")
    return raw


def _read_rows(item: Field, name: str, flat: dict[str, list[str]], rows: _Rows) -> list[dict[str, Any]]:
    start = len(name) + 1
    parts = {key[start:].partition(".")[0] for key in flat if key.startswith(f"{name}.")}
    numbers = sorted(int(part) for part in parts if _row.fullmatch(part))[:MAX_ROWS]
    found = [
        _read(item.fields, f"{name}.{number}.", flat, rows)
        for number in numbers
        if f"{name}.{number}" not in rows.removed
    ]
    if name in rows.added and len(found) < MAX_ROWS:
        found.append({})
    return found


def _write(items: tuple[Field, ...], prefix: str, raw: Mapping[str, Any], flat: dict[str, list[str]]) -> None:
    for item in valued(items):
        value, name = get(raw, item.name), prefix + item.name
        if item.type == "dynamiclist":
            for number, row in enumerate(value if isinstance(value, list) else []):
                flat[f"{name}.{number}.{ROW}"] = ["1"]
                _write(item.fields, f"{name}.{number}.", row if isinstance(row, Mapping) else {}, flat)
        elif isinstance(value, (list, tuple)):
            flat[name] = [str(v) for v in value]
        elif value is not None:
            flat[name] = [str(value)]
