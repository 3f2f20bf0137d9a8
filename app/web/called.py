"""What the content calls its things where pages show many cases: tasks, dates of a record, terms of a sum."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Flask, g

from app.domain.bundles import Bundle
from app.domain.cases import Case
from app.domain.tasks import Task
from app.services import definitions
from app.web import diagrams, formats
from app.web.languages import spoken
from app.web.session import house


def bundles(case_ids: Iterable[str]) -> dict[tuple[str, int], Bundle]:
    """Give the bundles of some cases' instances by case and number; a request asks for each case once."""
    known: dict[str, dict[tuple[str, int], Bundle]] = g.setdefault("bundles", {})
    missing = set(case_ids) - known.keys()
    if missing:
        found = definitions.bundles_of(house(), missing)
        known.update({case: {k: b for k, b in found.items() if k[0] == case} for case in missing})
    return {key: bundle for held in known.values() for key, bundle in held.items()}


def words(case_id: str, instance: int) -> dict[str, str]:
    """Give what the bundle of an instance calls its things, in the page's language."""
    bundle = bundles([case_id]).get((case_id, instance))
    return diagrams.words(bundle, spoken(), applicant=False) if bundle else {}


def task_name(task: Task) -> str:
    """Give a task's name in the page's language; the diagram's own where there is no other."""
    return words(task.case_id, task.instance).get(task.element) or task.name


def process_name(task: Task) -> str:
    """Give the name of the process that a task belongs to, in the page's language."""
    return words(task.case_id, task.instance).get(task.process) or task.process


def term(key: str) -> str:
    """Give a key of the content as a person reads it: `dies_a_quo` is `Dies a quo`."""
    said = key.replace("_", " ")
    return said[:1].upper() + said[1:]


def labels(case: Case) -> dict[str, str]:
    """Give what the keys of a case's record are called."""
    held = [bundle for (owner, _), bundle in sorted(bundles([case.id]).items()) if owner == case.id]
    return {key: label for bundle in reversed(held) for key, label in diagrams.keys(bundle, spoken()).items()}


def window(case: Case) -> list[tuple[str, date]]:
    """Give the instants that stand on the record of a case, each with its name: when a call opens, when it closes."""
    named = labels(case)
    return [
        (named.get(key) or term(key), value) for key, value in case.record.items() if isinstance(value, date)
    ]


def written_window(case: Case) -> list[tuple[str, str]]:
    """Give the instants that stand on the record of a case as texts."""
    return [(name, formats.plain(value)) for name, value in window(case)]


def worded(value: Any, said: dict[str, str], *, coded: bool = False) -> Any:
    """Give a value with the names of its keys in place of the keys, in the order of the names.

    With `coded` its texts are codes as well.
    """
    if isinstance(value, dict):
        named: dict[str, Any] = {}
        places = list(said)
        for key in sorted(value, key=lambda one: places.index(one) if one in said else len(places)):
            inner = value[key]
            name = said.get(key) or term(str(key))
            named[key if name in named else name] = worded(inner, said, coded=coded)
        return named
    if isinstance(value, list):
        return [worded(inner, said, coded=coded) for inner in value]
    return said.get(value, value) if coded and isinstance(value, str) else value


def install(site: Flask) -> None:
    """Let templates call tasks and dates by their names."""
    site.add_template_global(task_name, "task_name")
    site.add_template_global(process_name, "process_name")
    site.add_template_filter(written_window, "window")
