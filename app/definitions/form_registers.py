"""What is wrong with the attributes of a form that reach outside it: decisions, registers, value tables, other cases."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.definitions.form_names import Names
from app.definitions.forms.load import Component

Fault = tuple[str, dict[str, object]]


def faults(raw: Component, own: Mapping[str, Any]) -> Iterator[Fault]:
    """Give what is wrong with `decision`, `table` and `unique_in` of a component."""
    if own.get("decision") and (raw.get("type") != "table" or raw.get("dataSource")):
        yield "decision", {}
    table = own.get("table")
    of = table.get("of") if isinstance(table, Mapping) else None
    named = isinstance(of, Mapping) and bool(of) and isinstance(table, Mapping) and bool(table.get("by"))
    if table is not None and not (isinstance(table, str) and table) and not named:
        yield "value_table", {}
    if own.get("unique_in") and raw.get("type") not in {"textfield", "textarea"}:
        yield "unique_in", {}


def lookup_faults(said: Any, inner: Names) -> Iterator[Fault]:
    """Give what is wrong with a `lookup`, given the keys of its row or group."""
    said = said if isinstance(said, Mapping) else {}
    fills, codes = said.get("fills"), said.get("from", [])
    codes = [part.strip() for part in codes.split(",")] if isinstance(codes, str) else codes
    for name, given in (("handler", said.get("handler")), ("from", codes), ("fills", fills)):
        if not given:
            yield "lookup", {"lacks": name}
    names = [*(codes if isinstance(codes, list) else []), *(fills if isinstance(fills, Mapping) else {})]
    for name in names:
        full = ".".join(part for part in (inner.prefix, str(name)) if part)
        if full not in inner.taken:
            yield "lookup_key", {"found": str(name)}
