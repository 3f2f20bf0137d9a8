"""Two pages on one draft: a page carries a mark for each answer that it shows, and a save touches only what it changed.

A mark is a short hash of an answer as it is read, so that `1200`, `1.200,00` and the number 1200 are the same answer.
Answers are taken by their top-level name: a group, or a list with all its rows, is one answer.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from app.definitions.forms import schema
from app.definitions.forms.answers import option_key
from app.definitions.forms.model import Field, Form, valued
from app.definitions.forms.posted import get

_LENGTH = 12


@dataclass(frozen=True)
class Loaded:
    """What a page was loaded with: the mark of each answer; `posted` are the names that the page sends."""

    marks: Mapping[str, str]
    posted: frozenset[str]


@dataclass(frozen=True)
class Merged:
    """A draft after a save: `clashes` were changed on both sides and are kept as they were, `taken` on the other only."""

    values: dict[str, Any]
    clashes: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()


def marks(form: Form, raw: Mapping[str, Any]) -> dict[str, str]:
    """Give the mark of each answer of a form, by its top-level name; an outcome that a button gives has none."""
    values, _unreadable = schema.read(form, raw, "it", strict=False)
    answers: dict[str, dict[str, Any]] = {}
    for name, answer in _bare(form.fields, values, raw).items():
        answers.setdefault(name.partition(".")[0], {})[name] = answer
    if any(button.outcome for button in form.buttons):
        answers.pop(form.outcome, None)
    return {name: sha256(json.dumps(told).encode()).hexdigest()[:_LENGTH] for name, told in answers.items()}


def reconcile(form: Form, raw: Mapping[str, Any], saved: Mapping[str, Any], loaded: Loaded) -> Merged:
    """Lay what a page posted over a draft that others may have saved meanwhile; what both changed stays as it was saved."""
    mine, now = marks(form, raw), marks(form, saved)
    values = {**raw, **{name: value for name, value in saved.items() if name not in loaded.posted}}
    clashes: list[str] = []
    taken: list[str] = []
    for name, mark in now.items():
        before = loaded.marks.get(name, mark)
        is_posted = name in loaded.posted
        if name not in saved or mark == before or (is_posted and mine[name] == mark):
            continue
        values[name] = saved[name]
        (clashes if is_posted and mine[name] != before else taken).append(name)
    return Merged(values, tuple(clashes), tuple(taken))


def _bare(items: tuple[Field, ...], values: Mapping[str, Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a person answers, as text: as it was read, or as it was typed where it cannot be read."""
    found: dict[str, Any] = {}
    for item in valued(items):
        read, typed = get(values, item.name), get(raw, item.name)
        if item.type == "dynamiclist":
            rows = [row for row in typed or () if isinstance(row, Mapping)] if _is_list(typed) else []
            same = read if _is_list(read) and len(read) == len(rows) else [{}] * len(rows)
            found[item.name] = [_bare(item.fields, *pair) for pair in zip(same, rows, strict=True)]
        elif item.answers:
            found[item.name] = _text(typed if read is None else read)
    return found


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _text(value: Any) -> Any:
    if value is None or value is False:
        return ""
    if _is_list(value):
        return [_text(one) for one in value] or ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return option_key(value).strip()
