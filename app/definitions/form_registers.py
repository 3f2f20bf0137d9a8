"""What is wrong with the attributes of a form that reach outside it: decisions, registers, value tables, messages, other cases."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.definitions.form_names import Names
from app.definitions.forms.load import Component
from app.definitions.forms.model import TONES

Fault = tuple[str, dict[str, object]]


def faults(raw: Component, own: Mapping[str, Any]) -> Iterator[Fault]:
    """Give what is wrong with `decision`, `table`, `unique_in` and `board` of a component."""
    if own.get("decision") and (raw.get("type") != "table" or raw.get("dataSource")):
        yield "decision", {}
    table = own.get("table")
    of = table.get("of") if isinstance(table, Mapping) else None
    named = isinstance(of, Mapping) and bool(of) and isinstance(table, Mapping) and bool(table.get("by"))
    if table is not None and not (isinstance(table, str) and table) and not named:
        yield "value_table", {}
    if own.get("unique_in") and raw.get("type") not in {"textfield", "textarea"}:
        yield "unique_in", {}
    if own.get("board") is not None:
        yield from _board_faults(raw, own["board"])


def _board_faults(raw: Component, board: Any) -> Iterator[Fault]:
    said = board if isinstance(board, Mapping) else {}
    columns = [c for c in raw.get("columns") or [] if isinstance(c, Mapping)]
    keys = {str(column.get("key")) for column in columns}
    texts = all(isinstance(said.get(name, ""), str) for name in ("title", "state", "messages"))
    if raw.get("type") != "table" or not texts or not {said.get("title"), said.get("state")} <= keys:
        yield "board", {"known": ", ".join(sorted(keys)) or "none"}
        return
    states = next(c.get("values") or [] for c in columns if c.get("key") == said.get("state"))
    for tone in sorted({str(o["tone"]) for o in states if o.get("tone")} - {*TONES}):
        yield "board_tone", {"known": ", ".join(TONES), "found": tone}


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
