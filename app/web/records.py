"""The record of a case as people read it: labels of the manifest, options as their form says them, people by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.definitions import forms
from app.definitions.forms import Field, valued
from app.definitions.manifest import Entry, manifest_of
from app.domain.bundles import Bundle
from app.web import answers, called, diagrams

HOUSE = "house."
"""What the house knows in the FEEL of a form: its people, by group."""


@dataclass(frozen=True)
class Fact:
    """An entry of the record: its key, its label, its value for people, and whether the applicant is shown it."""

    key: str
    label: str
    value: Any
    applicant: bool


def facts(
    record: Mapping[str, Any], held: Iterable[Bundle], language: str, people: Mapping[str, str]
) -> list[Fact]:
    """Give the entries of a record in the order in which the manifests of the case's processes name them."""
    entries: dict[str, tuple[Entry, Bundle]] = {}
    for bundle in held:
        for key, entry in manifest_of(bundle).record.items():
            entries.setdefault(key, (entry, bundle))
    found = []
    for key in dict.fromkeys([*entries, *record]):
        if key not in record:
            continue
        if key in entries:
            entry, bundle = entries[key]
            label = entry.label.of(language) or diagrams.words(bundle, language, applicant=False).get(key)
            value = _value(entry, bundle, record[key], language, people)
            found.append(Fact(key, label or called.term(key), value, entry.applicant))
        else:
            found.append(Fact(key, called.term(key), record[key], applicant=False))
    return found


def as_table(given: Iterable[Fact]) -> dict[str, Any]:
    """Give the values by label; where two have one label, by key."""
    table: dict[str, Any] = {}
    for fact in given:
        table[fact.key if fact.label in table else fact.label] = fact.value
    return table


def _value(entry: Entry, bundle: Bundle, value: Any, language: str, people: Mapping[str, str]) -> Any:
    asked = _field(bundle, entry.path)
    if asked and HOUSE in asked.options_source:
        return ", ".join(people.get(str(one), str(one)) for one in answers.listed(value))
    if asked and asked.options and value is not None:
        return answers.chosen(asked, value, language)
    return called.worded(value, diagrams.words(bundle, language, applicant=False), coded=entry.coded)


def _field(bundle: Bundle, path: str) -> Field | None:
    """Find the field of a form that gave the variable at a dotted path."""
    result, _, name = path.partition(".")
    for form_id in diagrams.results(bundle).get(result, ()):
        form = forms.of_bundle(bundle, form_id)
        for asked in valued(form.fields) if form else ():
            if asked.name == name:
                return asked
    return None
