"""Which rows of a published list a reader wants to see, and how a version differs from the one before it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.web.published import Head, Row, cell

MOST_OPTIONS = 200
"""Values that a column may offer to choose from; beyond that the search is the way."""


@dataclass(frozen=True)
class Filter:
    """A column to filter by: the values that stand in it, each with its name, and the one that was chosen."""

    column: str
    name: str
    options: list[tuple[str, str]]
    chosen: str = ""


@dataclass(frozen=True)
class Change:
    """One row that a version added, removed or changed; `cells` are the columns that changed, with what stood and what stands there."""

    kind: str
    row: Row
    cells: list[tuple[str, str, str]] = field(default_factory=list)


def said_of(body: bytes, name: str) -> Any:
    """Give what a body says of itself under a name: `key`, `filters`, `note`."""
    try:
        content = json.loads(body)
    except ValueError:
        return None
    return content.get(name) if isinstance(content, dict) else None


def note_of(body: bytes, language: str) -> str:
    """Give the remark that a body makes about itself in a language, or an empty text."""
    note = said_of(body, "note")
    return str(note.get(language) or "") if isinstance(note, dict) else ""


def filters_of(body: bytes, rows: list[Row], head: Head, asked: Mapping[str, str]) -> list[Filter]:
    """Give the filters that a body names, with the values of its rows; a column without a choice is left out."""
    wanted = said_of(body, "filters")
    found = []
    for column in wanted if isinstance(wanted, list) else ():
        values = sorted({str(one) for row in rows for one in _each(row.get(column))})
        if 1 < len(values) <= MOST_OPTIONS or asked.get(str(column)) in values:
            options = [(value, str(head.said(value))) for value in values]
            chosen = asked.get(str(column), "")
            found.append(
                Filter(str(column), head.name(str(column)), options, chosen if chosen in values else "")
            )
    return found


def matching(rows: list[Row], filters: list[Filter], text: str) -> list[Row]:
    """Give the rows that every chosen filter holds for and that contain each word of `text` somewhere."""
    words = text.casefold().split()
    return [
        row
        for row in rows
        if all(not one.chosen or one.chosen in map(str, _each(row.get(one.column))) for one in filters)
        and all(word in " ".join(_texts(row)).casefold() for word in words)
    ]


def changes(before: list[Row], after: list[Row], key: str, head: Head) -> list[Change]:
    """Give what differs between two versions whose rows are told apart by `key`: added, changed, removed, in the order of the list."""
    old, new = ({str(row[key]): row for row in rows if key in row} for rows in (before, after))
    found = []
    for name, row in new.items():
        if name not in old:
            found.append(Change("added", row))
        elif cells := _differing(old[name], row, head):
            found.append(Change("changed", row, cells))
    return found + [Change("removed", row) for name, row in old.items() if name not in new]


def _differing(old: Row, new: Row, head: Head) -> list[tuple[str, str, str]]:
    columns = head.ordered([name for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name)])
    return [(name, _shown(old.get(name), head), _shown(new.get(name), head)) for name in columns]


def _shown(value: Any, head: Head) -> str:
    """Write a cell in one line: a record is the texts within it, a list of records the first text of each."""
    if isinstance(value, Mapping):
        return " · ".join(cell(one) for one in value.values()) or "–"
    if isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        return ", ".join(cell(next(iter(one.values()), None)) for one in value)
    return cell(head.said(value))


def _each(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif value is not None:
        yield str(value)
