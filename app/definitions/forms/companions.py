"""What a register said of a row or group, kept beside the answers as a sealed text that may travel with its row."""

import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from app.definitions import expressions
from app.definitions.forms import literals
from app.definitions.forms.answers import option_key
from app.definitions.forms.model import COMPANION, SEVERAL, Field, Form, Lookup, every, valued
from app.definitions.forms.posted import get, put
from app.definitions.forms.sealed_text import Seal, said_in, written

FOUND, ABSENT, DOWN = "trovato", "non_trovato", "non_disponibile"
"""What comes of asking a register, under the key `esito` of a handler's answer."""


def asked_code(lookup: Lookup, holder: Mapping[str, Any]) -> tuple[str, str]:
    """Give the field and the code that a register is to be asked for: the first that is filled in, without spaces."""
    for name in lookup.codes:
        code = "".join(str(get(holder, name) or "").split()).upper()
        if code:
            return name, code
    return (lookup.codes[0] if lookup.codes else ""), ""


def trusted(form: Form, raw: Mapping[str, Any], seal: Seal) -> dict[str, Any]:
    """Give raw answers without the companions whose seal is wrong or that were asked for another code."""
    copy: dict[str, Any] = copied(raw)
    for holder, item in _companions(form.fields, copy):
        text = get(holder, item.name)
        if text is not None and not (item.lookup and _fits(item.lookup, holder, text, seal)):
            put(holder, item.name, None)
    return copy


def _fits(lookup: Lookup, holder: Mapping[str, Any], text: Any, seal: Seal) -> bool:
    said = said_in(text) if isinstance(text, str) else None
    if said is None:
        return False
    payload, _, made = text.partition(".")
    if not hmac.compare_digest(made.encode(), seal(payload).encode()):
        return False
    return said.get("chiesto") == asked_code(lookup, holder)[1]


def resealed(form: Form, values: Mapping[str, Any], seal: Seal) -> dict[str, Any]:
    """Give answers of the house's own variables with each companion as a text again, so that a page can carry it."""
    copy: dict[str, Any] = copied(values)
    for holder, item in _companions(form.fields, copy):
        said = get(holder, item.name)
        if isinstance(said, Mapping):
            put(holder, item.name, written(said, seal))
    return copy


def has_lookup(form: Form) -> bool:
    """Whether a row or group of the form asks a register."""
    return any(item.type == COMPANION for item in every(form.fields))


def container(
    items: tuple[Field, ...], values: Any, path: str, prefix: str = ""
) -> tuple[Field, dict[str, Any], str] | None:
    """Give the row or group whose companion has this path (`partner.0.registro`): it, its values, and the prefix of their names."""
    for item in items if isinstance(values, dict) else ():
        found = None
        if item.type == "group":
            own = item.lookup is not None and prefix + item.lookup.holder == path
            found = (item, values, prefix) if own else container(item.fields, values, path, prefix)
        elif item.type == "dynamiclist":
            number = path.removeprefix(f"{prefix}{item.name}.").partition(".")[0]
            inner, rows = f"{prefix}{item.name}.{number}.", get(values, item.name)
            if not path.startswith(inner) or not number.isdecimal() or not isinstance(rows, list):
                continue
            row = rows[int(number)] if int(number) < len(rows) else None
            own = item.lookup is not None and inner + item.lookup.holder == path and isinstance(row, dict)
            found = (item, row, inner) if own else container(item.fields, row, path, inner)
        if found:
            return found
    return None


def fill(
    item: Field, holder: dict[str, Any], answer: Mapping[str, Any], code: str, now: datetime
) -> dict[str, Any]:
    """Fill the empty fields of a row or group from a register's answer, and give what it said of each, typed or not."""
    lookup, said = item.lookup, dict[str, Any]()
    fields = {inner.name: inner for inner in valued(item.fields)}
    for name, text in lookup.fills if lookup else ():
        value = expressions.value_or(text, answer, now, None)
        inner = fields.get(name)
        if value is None or inner is None or not _possible(inner, value):
            continue
        said[name.rpartition(".")[2]] = value
        if get(holder, name) in (None, "", []):
            put(holder, name, typed(inner, value))
    kept = {key: answer[key] for key in ("fonte", "modalita", "data", "esito") if answer.get(key) is not None}
    return {**kept, "chiesto": code, "valori": said}


def typed(item: Field, value: Any) -> Any:
    """Give a value as a person would have typed it."""
    if item.type in SEVERAL:
        return [option_key(one) for one in (value if isinstance(value, list) else [value])]
    if item.type in {"radio", "select", "checkbox"}:
        return option_key(value)
    return literals.write(value)


def _possible(item: Field, value: Any) -> bool:
    """Whether a listed answer is among those of the field; computed ones are looked up later."""
    if not item.options or item.options_source:
        return True
    known = {option_key(option.value) for option in item.options}
    return all(option_key(one) in known for one in (value if isinstance(value, list) else [value]))


def _companions(items: tuple[Field, ...], values: Any) -> Iterator[tuple[dict[str, Any], Field]]:
    for item in valued(items):
        if item.type == COMPANION and isinstance(values, dict):
            yield values, item
        elif item.type == "dynamiclist":
            rows = get(values, item.name) if isinstance(values, dict) else None
            for row in rows if isinstance(rows, list) else ():
                yield from _companions(item.fields, row)


def copied(value: Any) -> Any:
    """Give raw answers as contexts and lists that may be changed."""
    if isinstance(value, Mapping):
        return {key: copied(inner) for key, inner in value.items()}
    return [copied(inner) for inner in value] if isinstance(value, list) else value


def field_at(items: tuple[Field, ...], path: str) -> Field | None:
    """Give the field of a posted name such as `partner.0.cf`."""
    for item in valued(items):
        if item.name == path:
            return item
        if item.type == "dynamiclist" and path.startswith(f"{item.name}."):
            return field_at(item.fields, path.removeprefix(f"{item.name}.").partition(".")[2])
    return None
