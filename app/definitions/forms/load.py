"""Reads a form from form-js JSON (schemaVersion, components) into the house's own model."""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any

from app.definitions.forms.model import (
    COMPANION,
    CONTAINERS,
    TYPES,
    Board,
    Bounds,
    Button,
    Coded,
    Column,
    Field,
    Form,
    Lookup,
    Option,
    Rule,
    Section,
)
from app.definitions.forms.posted import MAX_ROWS
from app.definitions.texts import Text
from app.domain.errors import DefinitionInvalid

Component = Mapping[str, Any]
REGISTER = "registro"
"""The key under which a row or group keeps what a register said of it."""

MAX_COUNT = 10**12
"""The largest count that a form may name: characters, rows, bytes."""


def parse_form(data: bytes) -> dict[str, Any]:
    """Give a form's JSON with numbers as Decimal; raises DefinitionInvalid where it is no form."""
    try:
        raw = json.loads(data, parse_float=Decimal)
    except (ValueError, RecursionError) as broken:
        raise DefinitionInvalid(f"Expected a form in JSON, but: {broken}.") from broken
    if not isinstance(raw, dict) or not isinstance(raw.get("components"), list):
        raise DefinitionInvalid("Expected a form with a list of components, but there is none.")
    return raw


@lru_cache(maxsize=512)
def load_form(data: bytes) -> Form:
    """Read a form; raises DefinitionInvalid for broken JSON and for a component type outside the subset."""
    raw = parse_form(data)
    own = properties_of(raw)
    buttons: list[Button] = []
    fields = _fields(raw["components"], "", "", buttons)
    decider = str(own.get("outcome") or next((f.name for f in fields if f.outcome == "true"), ""))
    optional = own.get("optional_when_outcome", ())
    return Form(
        id=str(raw.get("id", "")),
        title=_text(own, "title", str(raw.get("title", "") or raw.get("id", ""))),
        fields=fields,
        hash=sha256(data).hexdigest(),
        sections=_sections(fields),
        buttons=tuple(buttons),
        outcome=decider,
        required_unless=feel(own.get("required_unless")),
        optional_outcomes=tuple(_list(optional)),
        rules=_rules(own),
        recalls=tuple(_list(own.get("recalls", ()))),
    )


def properties_of(component: Component) -> dict[str, Any]:
    """Give the custom attributes of a form or component; lists and truths written as text are read."""
    own = component.get("properties")
    if not isinstance(own, Mapping):
        return {}
    return {key: _plain(value) for key, value in own.items() if value is not None}


def feel(value: Any) -> str:
    """Give the FEEL text of an attribute: without the leading `=`; a truth becomes `true`, nothing is empty."""
    if isinstance(value, bool):
        return "true" if value else ""
    text = str(value or "").strip()
    return text[1:].strip() if text.startswith("=") else text


def _plain(value: Any) -> Any:
    """Read what the form editor can only keep as text: a list or table in JSON, a truth."""
    if isinstance(value, str) and value.strip()[:1] in {"[", "{"}:
        try:
            return json.loads(value, parse_float=Decimal)
        except (ValueError, RecursionError):
            return value
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _fields(components: list[Any], prefix: str, personal: str, buttons: list[Button]) -> tuple[Field, ...]:
    fields = []
    for component in components:
        kind = component.get("type") if isinstance(component, Mapping) else None
        if kind not in TYPES:
            raise DefinitionInvalid(f"Expected a component of a known type, but found {kind!r}.")
        if kind == "button":
            own = properties_of(component)
            if component.get("action", "submit") == "submit":
                buttons.append(Button(_label(component, own), str(own.get("outcome", ""))))
            continue
        fields.append(_field(component, prefix, personal, buttons))
    return tuple(fields)


def _field(raw: Component, prefix: str, personal: str, buttons: list[Button]) -> Field:
    kind, own = str(raw["type"]), properties_of(raw)
    key = str(raw.get("path" if kind in CONTAINERS else "key") or "")
    name = ".".join(part for part in (prefix, key) if part) if key or kind == "group" else ""
    subject = _subject(own.get("personal"), name) or personal
    inner = "" if kind == "dynamiclist" else name
    inside = _fields(raw.get("components") or [], inner, subject, buttons) if kind in CONTAINERS else ()
    lookup = lookup_of(own, inner) if kind in CONTAINERS else None
    return Field(
        type=kind,
        key=key,
        name=name,
        id=str(raw.get("id") or name),
        personal=subject,
        fields=_with_companion(inside, lookup, subject) if lookup else inside,
        properties=own,
        lookup=lookup,
        coded=_coded(own.get("table"), prefix),
        validators=(
            *_list(own.get("validator", ())),
            *([f"unique_in:{name}"] if own.get("unique_in") else []),
        ),
        **_words(raw, own),
        **_demands(raw, own),
        **_choices(raw, own),
        **_rest(raw, own),
    )


def lookup_of(own: Mapping[str, Any], prefix: str) -> Lookup | None:
    """Give what a row or group asks a register for; its names are those of the row or, after `prefix`, of the form."""
    said = own.get("lookup")
    if not isinstance(said, Mapping) or not isinstance(said.get("fills"), Mapping):
        return None
    codes, fills = _list(said.get("from", ())), said["fills"]
    return Lookup(
        handler=str(said.get("handler", "")),
        codes=tuple(_joined(prefix, code) for code in codes),
        fills=tuple((_joined(prefix, str(name)), feel(text)) for name, text in fills.items()),
        holder=_joined(prefix, REGISTER),
        label=Text(str(said.get("label", "")), str(said.get("label_en", ""))),
    )


def _with_companion(inside: tuple[Field, ...], lookup: Lookup, personal: str) -> tuple[Field, ...]:
    """Put the field that keeps what the register said behind the last field that holds the code."""
    places = [number for number, item in enumerate(inside) if item.name in lookup.codes]
    place = places[-1] + 1 if places else 0
    companion = Field(
        COMPANION,
        REGISTER,
        lookup.holder,
        lookup.holder,
        Text("Dal registro", "From the register"),
        personal=personal,
        lookup=lookup,
    )
    return (*inside[:place], companion, *inside[place:])


def _coded(said: Any, prefix: str) -> Coded | None:
    """Read `"table": "ateco_2007"`, or `"table": {"by": "versione", "of": {"2007": "ateco_2007"}}`."""
    if isinstance(said, Mapping) and isinstance(said.get("of"), Mapping):
        names = tuple((str(value), str(name)) for value, name in said["of"].items())
        return Coded(names, _joined(prefix, str(said.get("by", ""))))
    return Coded((("", said),)) if isinstance(said, str) and said else None


def _joined(prefix: str, name: str) -> str:
    return ".".join(part for part in (prefix, name) if part)


def _words(raw: Component, own: Mapping[str, Any]) -> dict[str, Any]:
    look: Any = raw.get("appearance") if isinstance(raw.get("appearance"), Mapping) else {}
    return {
        "label": _label(raw, own),
        "description": _text(own, "description", str(raw.get("description", "") or "")),
        "text": _text(own, "text", str(raw.get("text") or raw.get("content") or raw.get("alt") or "")),
        "prefix": _text(own, "prefix", str(look.get("prefixAdorner", "") or "")),
        "suffix": _text(own, "suffix", str(look.get("suffixAdorner", "") or "")),
    }


def _demands(raw: Component, own: Mapping[str, Any]) -> dict[str, Any]:
    validate: Any = raw.get("validate") if isinstance(raw.get("validate"), Mapping) else {}
    conditional: Any = raw.get("conditional") if isinstance(raw.get("conditional"), Mapping) else {}
    return {
        "required": bool(validate.get("required")),
        "disabled": raw.get("disabled") is True,
        "readonly": feel(raw.get("readonly")),
        "hide": feel(conditional.get("hide")),
        "bounds": _bounds(raw, validate, own),
        "format": str(validate.get("validationType") or ""),
        "rules": _rules(own),
        "not_past": raw.get("disallowPassedDates") is True,
    }


def _choices(raw: Component, own: Mapping[str, Any]) -> dict[str, Any]:
    english = own.get("values_en")
    options = _options(raw.get("values"), english if isinstance(english, Mapping) else {})
    source = feel(raw.get("valuesExpression")) or feel(raw.get("valuesKey"))
    return {"options": options, "options_source": source, "all_options": own.get("all") is True}


def _options(values: Any, english: Mapping[str, Any]) -> tuple[Option, ...]:
    return tuple(
        Option(
            value,
            Text(str(entry.get("label", value)), str(entry.get("label_en") or english.get(str(value), ""))),
            str(entry.get("tone") or ""),
            str(entry.get("icon") or ""),
        )
        for entry in (values if isinstance(values, list) else ())
        for value in [entry.get("value")]
    )


def _rest(raw: Component, own: Mapping[str, Any]) -> dict[str, Any]:
    columns = raw.get("columns") if isinstance(raw.get("columns"), list) else []
    source = raw.get("expression") or raw.get("dataSource") or raw.get("source") or own.get("rows")
    repetitions = _count(raw.get("defaultRepetitions"))
    return {
        "subtype": str(raw.get("subtype") or ("date" if raw["type"] == "datetime" else "")),
        "source": str(source or "") if raw["type"] == "image" else feel(source),
        "columns": tuple(
            Column(
                str(c.get("key", "")),
                Text(str(c.get("label", "")), str(c.get("label_en", ""))),
                _options(c.get("values"), {}),
                str(c.get("drawn", "")),
            )
            for c in columns or []
            if isinstance(c, Mapping)
        ),
        "accept": tuple(a.strip().lower() for a in str(raw.get("accept") or "").split(",") if a.strip()),
        "multiple": raw.get("multiple") is True,
        "may_add": raw.get("allowAddRemove") is not False,
        "repetitions": 1 if repetitions is None else min(repetitions, MAX_ROWS),
        "unique": tuple(_list(own.get("unique", ()))),
        "section": bool(own.get("section")),
        "default": raw.get("defaultValue"),
        "outcome": str(own.get("outcome", "")).lower(),
        "autocomplete": str(own.get("autocomplete", "")),
        "decision": str(own.get("decision", "")) if raw["type"] == "table" else "",
        "board": _board(own.get("board")) if raw["type"] == "table" else None,
        "registered": feel(own.get("registered")),
    }


def _board(said: Any) -> Board | None:
    if not isinstance(said, Mapping):
        return None
    return Board(*(str(said.get(name) or "") for name in ("title", "state", "messages")))


def _bounds(raw: Component, validate: Mapping[str, Any], own: Mapping[str, Any]) -> Bounds:
    least = own.get("min_rows", own.get("min_choices", own.get("min_files")))
    most = own.get("max_rows", own.get("max_choices", own.get("max_files")))
    return Bounds(
        min_length=_count(validate.get("minLength")),
        max_length=_count(validate.get("maxLength")),
        pattern=str(validate.get("pattern") or ""),
        minimum=number(validate.get("min")),
        maximum=number(validate.get("max")),
        decimals=_count(raw.get("decimalDigits")),
        least=_count(least),
        most=_count(most),
        max_bytes=_count(own.get("max_bytes")),
    )


def _rules(own: Mapping[str, Any]) -> tuple[Rule, ...]:
    rules = own.get("validate", ())
    return tuple(
        Rule(
            expression=feel(rule.get("expression")),
            message=Text(str(rule.get("message_it", "")), str(rule.get("message_en", ""))),
            field=str(rule.get("field", "")),
            always=rule.get("always") is True,
        )
        for rule in (rules if isinstance(rules, list) else ())
        if isinstance(rule, Mapping)
    )


def _sections(fields: tuple[Field, ...]) -> tuple[Section, ...]:
    steps = [Section(f.name or f.id, f.label, f.description, f.fields) for f in fields if f.section]
    loose = tuple(f for f in fields if not f.section)
    return tuple(steps) + ((Section("", Text(), Text(), loose),) if steps and loose else ())


def _label(raw: Component, own: Mapping[str, Any]) -> Text:
    return _text(own, "label", str(raw.get("label") or raw.get("dateLabel") or raw.get("timeLabel") or ""))


def _text(own: Mapping[str, Any], name: str, italian: str) -> Text:
    return Text(str(own.get(f"{name}_it") or italian), str(own.get(f"{name}_en", "")))


def _subject(value: Any, name: str) -> str:
    return (name or "person") if value is True else str(value or "")


def _list(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [str(part) for part in value] if isinstance(value, (list, tuple)) else []


def _count(value: Any) -> int | None:
    found = number(value)
    whole = found is not None and 0 <= found <= MAX_COUNT and found == found.to_integral_value()
    return int(found) if found is not None and whole else None


def number(value: Any) -> Decimal | None:
    """Give a limit of a form as Decimal; None where it is none."""
    if value is None or isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value).strip())
    except ArithmeticError:
        return None
    return found if found.is_finite() else None
