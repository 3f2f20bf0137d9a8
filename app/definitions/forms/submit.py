"""A submission becomes the values of a form, or every sentence that says what to mend, at its field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.definitions.forms import schema, validators
from app.definitions.forms.model import CONTAINERS, Field, Form, Section, every, valued
from app.definitions.forms.places import Around, Check, Row, Settled, plain, settle
from app.definitions.forms.posted import Posted, get, put, read_posted
from app.definitions.forms.review import Fault, demands, review
from app.definitions.texts import Text
from app.domain.cases import Document
from app.domain.errors import FormInvalid, HandlerUnknown


@dataclass(frozen=True)
class Progress:
    """How far a step is: answers that are asked for, given, missing, and those to mend."""

    done: int = 0
    missing: int = 0
    wrong: int = 0
    total: int = 0


@dataclass(frozen=True)
class Reading:
    """Raw values read: `settled` of what shows, `faults` of all that is wrong with them."""

    settled: Settled
    faults: tuple[Fault, ...]

    @property
    def errors(self) -> dict[str, list[str]]:
        """The sentences by path, in the order of the page; what belongs to no field comes last."""
        errors: dict[str, list[str]] = {}
        order: dict[str, int] = {}
        for number, place in enumerate(self.settled.places):
            order.setdefault(place.path, number)
        for fault in sorted(self.faults, key=lambda fault: _rank(fault.path, order)):
            if fault.sentence not in errors.setdefault(fault.path, []):
                errors[fault.path].append(fault.sentence)
        return errors


def _rank(path: str, order: Mapping[str, int]) -> int:
    """Give where a path stands on the page: at its own place, else at that of what holds it."""
    while path and path not in order:
        path = path.rpartition(".")[0]
    return order.get(path, len(order)) if path else len(order)


def submit(
    form: Form,
    submitted: Posted | Mapping[str, Any],
    variables: Mapping[str, Any],
    documents: Mapping[str, Document],
    language: str = "it",
    now: datetime | None = None,
    *,
    checks: Mapping[str, Check] | None = None,
    strict: bool = False,
) -> dict[str, Any]:
    """Give the values of a submission, or raise FormInvalid with every sentence by path.

    `submitted` is a multi-dictionary of posted fields or a nested dictionary. With `strict` (the API) a field that the
    form does not have is an error. What does not show is neither required nor given. `checks` are validators from
    outside, by name.
    """
    around = Around(variables, documents, now, language, checks or {})
    _require_checks(form, around)
    is_tree = isinstance(submitted, Mapping) and not isinstance(submitted, Posted)
    raw: Any = submitted if is_tree else read_posted(form, submitted)
    reading = read(form, raw, around, strict=strict)
    if reading.faults:
        count = len(reading.errors)
        message = f"Expected a submission that fits the form {form.id}, but {count} answers do not."
        raise FormInvalid(message, reading.errors)
    return dict(plain(reading.settled.values))


def _require_checks(form: Form, around: Around) -> None:
    """Refuse to take a submission unverified: every validator that the form names must be at hand."""
    wanted = {name for item in every(form.fields) for name in item.validators}
    absent = sorted(wanted - validators.names() - around.checks.keys())
    if absent:
        raise HandlerUnknown(
            f"Expected the validator {absent[0]!r} of the form {form.id}, but it is not at hand."
        )


def read(
    form: Form,
    raw: Mapping[str, Any],
    around: Around,
    *,
    strict: bool = False,
    demanded: bool | None = None,
    blank_rows: bool = False,
) -> Reading:
    """Read raw values as far as they go; rows in which nothing was typed are left out unless `blank_rows`.

    `demanded` overrides whether the required fields are asked for.
    """
    values, unreadable = schema.read(form, raw, around.language, strict=strict)
    _number_rows(form.fields, values, "", unreadable, blank=blank_rows)
    settled = settle(form, values, around)
    locked = {place.path for place in settled.places if place.locked and place.field.type not in CONTAINERS}
    gone = settled.hidden | locked
    known = {path: words for path, words in unreadable.items() if not _within(path, gone)}
    asked = demands(form, settled, around) if demanded is None else demanded
    faults = [Fault(path, "wrong", word) for path, words in known.items() for word in words]
    faults.extend(review(form, settled, around, known, demanded=asked))
    return Reading(settled, tuple(faults))


def missing(form: Form, raw: Mapping[str, Any], around: Around) -> dict[str, Progress]:
    """Count, for each step of a form (the key is empty where there are none), what is done and what is missing."""
    reading = read(form, raw, around, demanded=True)
    sections = form.sections or (Section("", Text(), Text(), form.fields),)
    return {section.key: _progress(section, reading) for section in sections}


def _progress(section: Section, reading: Reading) -> Progress:
    names = tuple(item.name for item in valued(section.fields))
    faults = [f for f in reading.faults if _within(f.path, names)]
    absent = {f.path for f in faults if f.kind == "missing"}
    wrong = {f.path for f in faults if f.kind == "wrong"} - absent
    asked = {
        place.path
        for place in reading.settled.places
        if _within(place.path, names) and place.field.name and not place.locked
        if place.field.required or place.field.bounds.least or place.field.all_options
    }
    total = asked | absent | wrong
    return Progress(len(total - absent - wrong), len(absent), len(wrong), len(total))


def _within(path: str, names: tuple[str, ...] | frozenset[str] | set[str]) -> bool:
    parts = path.split(".")
    return any(".".join(parts[:n]) in names for n in range(1, len(parts) + 1))


def _number_rows(
    items: tuple[Field, ...],
    values: dict[str, Any],
    prefix: str,
    unreadable: Mapping[str, Any],
    *,
    blank: bool,
) -> None:
    """Give each row the number at which it was sent, and take away those in which nothing was typed."""
    for item in valued(items):
        if item.type != "dynamiclist":
            continue
        kept: list[Row] = []
        sent = get(values, item.name)
        for number, inside in enumerate(sent if isinstance(sent, list) else []):
            row = Row(inside if isinstance(inside, dict) else {})
            row.number = number
            path = f"{prefix}{item.name}.{number}"
            _number_rows(item.fields, row, f"{path}.", unreadable, blank=blank)
            typed = any(name.startswith(f"{path}.") or name == path for name in unreadable)
            if blank or typed or not item.may_add or not _blank(row):
                kept.append(row)
        put(values, item.name, kept)


def _blank(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_blank(inner) for inner in value.values())
    return value is None or value is False or value == []
