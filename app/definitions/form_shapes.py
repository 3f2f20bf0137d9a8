"""Which kind of JSON value each attribute of a form takes; anything else is a finding before it is looked into."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from app.definitions.forms.load import MAX_COUNT, number
from app.definitions.forms.posted import MAX_ROWS

MAX_DEPTH, MAX_COMPONENTS, MAX_DEFAULT_ROWS = 8, 500, 100
_UNUSUAL = re.compile(r"[\x00\ud800-\udfff]")
_WHOLE = re.compile(r"[0-9]{1,12}")
_MOST = {
    "defaultRepetitions": MAX_DEFAULT_ROWS,
    **dict.fromkeys(("min_rows", "max_rows"), MAX_ROWS),
    "decimalDigits": 34,
}
"""The largest counts that mean something: a posted form has so many rows, a decimal so many digits."""

_TEXT, _TRUTH, _LIST, _TABLE = (str,), (bool,), (list,), (dict,)
_COUNT = (int, str)
_MAX_DIGITS = 34
_NAMES = (str, list)
_FEEL = (str, bool)

COMPONENT: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(
        ("type", "key", "path", "id", "label", "dateLabel", "timeLabel", "description", "text"), _TEXT
    ),
    **dict.fromkeys(
        ("content", "alt", "subtype", "accept", "source", "dataSource", "valuesExpression"), _TEXT
    ),
    **dict.fromkeys(("valuesKey", "expression", "action"), _TEXT),
    **dict.fromkeys(("disabled", "allowAddRemove", "disallowPassedDates"), _TRUTH),
    **dict.fromkeys(("readonly", "multiple"), _FEEL),
    **dict.fromkeys(("values", "columns", "components"), _LIST),
    **dict.fromkeys(("validate", "conditional", "properties", "appearance"), _TABLE),
    **dict.fromkeys(("decimalDigits", "defaultRepetitions"), _COUNT),
    "defaultValue": (str, bool, int, Decimal, list),
}
PROPERTIES: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("validator", "unique", "optional_when_outcome", "recalls"), _NAMES),
    **dict.fromkeys(("min_rows", "max_rows", "min_choices", "max_choices"), _COUNT),
    **dict.fromkeys(("min_files", "max_files", "max_bytes"), _COUNT),
    **dict.fromkeys(("section", "all"), _TRUTH),
    **dict.fromkeys(("personal", "outcome", "required_unless", "signed", "signer"), _FEEL),
    **dict.fromkeys(
        ("rows", "label_en", "label_it", "description_en", "description_it", "text_en", "text_it"), _TEXT
    ),
    **dict.fromkeys(("title_en", "title_it", "autocomplete", "prefix_en", "suffix_en"), _TEXT),
    **dict.fromkeys(("values_en", "lookup", "board"), _TABLE),
    **dict.fromkeys(("decision", "registered"), _TEXT),
    "table": (str, dict),
    "unique_in": (dict, bool),
}
_RULES = {"hide": _FEEL}
_VALIDATE = {
    "required": _TRUTH,
    **dict.fromkeys(("pattern", "validationType"), _TEXT),
    **dict.fromkeys(("minLength", "maxLength"), _COUNT),
    **dict.fromkeys(("min", "max"), (int, str, Decimal)),
}
_KINDS = {
    str: "a text",
    bool: "true or false",
    list: "a list",
    dict: "a table",
    int: "a whole number",
    Decimal: "a number",
}


def faults(raw: Mapping[str, Any], own: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give each attribute that holds another kind of value, with what it should hold."""
    yield from _differing("", raw, COMPONENT)
    yield from _differing("properties.", own, PROPERTIES)
    for name, shapes in (("validate", _VALIDATE), ("conditional", _RULES)):
        inner = raw.get(name)
        yield from _differing(f"{name}.", inner if isinstance(inner, dict) else {}, shapes)
    yield from _counts(raw, own)
    rest = {name: value for name, value in raw.items() if name not in {"components", "properties"}}
    for name, value in {**rest, **own}.items():
        if _holds_unusual(name) or _holds_unusual(value):
            yield name.encode(errors="replace").decode(), "a text without U+0000 and without half a character"
    yield from _lists(raw, own)


def _lists(raw: Mapping[str, Any], own: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the lists whose entries are something else than they should be."""
    for name in ("values", "columns"):
        entries = raw.get(name)
        for entry in entries if isinstance(entries, list) else ():
            if not isinstance(entry, dict) or isinstance(entry.get("value"), (dict, list)):
                yield name, "a list of tables with plain values"
    columns = raw.get("columns")
    for column in columns if isinstance(columns, list) else ():
        values = column.get("values", []) if isinstance(column, dict) else []
        plain = isinstance(values, list) and all(isinstance(v, dict) for v in values)
        if not plain or any(isinstance(v.get("value"), (dict, list)) for v in values):
            yield "columns", "a list of tables whose values are tables with plain values"
    for name, shape in PROPERTIES.items():
        entries = own.get(name)
        if shape is _NAMES and isinstance(entries, list) and not all(isinstance(e, str) for e in entries):
            yield f"properties.{name}", "a list of texts"


def extent(components: Any) -> tuple[int, int]:
    """Give how deep the components of a form lie in each other, and how many there are; no depth is too deep to be told."""
    deepest = count = 0
    waiting = [(components, 1)]
    while waiting:
        inside, depth = waiting.pop()
        for raw in inside if isinstance(inside, list) else ():
            count, deepest = count + 1, max(deepest, depth)
            if isinstance(raw, dict):
                waiting.append((raw.get("components"), depth + 1))
    return deepest, count


def _counts(raw: Mapping[str, Any], own: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    validate = raw.get("validate")
    inner = validate if isinstance(validate, dict) else {}
    for given, shapes in ((raw, COMPONENT), (own, PROPERTIES), (inner, _VALIDATE)):
        for name, shape in shapes.items():
            value, most = given.get(name), _MOST.get(name, MAX_COUNT)
            if (
                shape is not _COUNT
                or value in (None, "")
                or isinstance(value, bool)
                or not isinstance(value, shape)
            ):
                continue
            whole = isinstance(value, int) or _WHOLE.fullmatch(value.strip()) is not None
            if not whole or not 0 <= int(value) <= most:
                yield name, f"a whole number from 0 to {most}"
    for name in ("min", "max"):
        limit = number(inner.get(name))
        if limit is not None and max(abs(limit.adjusted()), len(limit.as_tuple().digits)) > _MAX_DIGITS:
            yield f"validate.{name}", f"a number of at most {_MAX_DIGITS} digits"


def _holds_unusual(value: Any) -> bool:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str) and _UNUSUAL.search(each):
            return True
        if isinstance(each, dict):
            waiting += [*each, *each.values()]
        elif isinstance(each, list):
            waiting += each
    return False


def _differing(
    prefix: str, given: Mapping[str, Any], shapes: Mapping[str, tuple[type, ...]]
) -> Iterator[tuple[str, str]]:
    for name, shape in shapes.items():
        value = given.get(name)
        wrong_truth = isinstance(value, bool) and bool not in shape
        if value is not None and (wrong_truth or not isinstance(value, shape)):
            yield prefix + name, " or ".join(_KINDS[kind] for kind in shape)
