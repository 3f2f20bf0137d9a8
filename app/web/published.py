"""A published list as people and spreadsheets read it; the bytes that count are those of its JSON."""

import csv
import io
import json
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.web import called, formats

Row = dict[str, Any]


def rows_of(body: bytes) -> list[Row]:
    """Give the rows of a published list: the body itself, or the first list of records in it."""
    try:
        content = json.loads(body)
    except ValueError:
        return []
    if isinstance(content, dict):
        lists = [value for key, value in content.items() if key not in {"columns", "words"}]
    else:
        lists = [content]
    return next((entry for entry in lists if _is_records(entry)), [])


@dataclass(frozen=True)
class Head:
    """What a published list says of itself: its title, its columns in the order wanted, what its codes mean."""

    title: str
    columns: dict[str, str]
    words: dict[str, str] = field(default_factory=dict)

    def said(self, value: Any) -> Any:
        """Give a value with the meaning of its codes in place of the codes."""
        return called.worded(value, self.words, coded=True)

    def name(self, column: str) -> str:
        """Give a column's name for people."""
        return self.columns.get(column, column.replace("_", " "))

    def ordered(self, columns: list[str]) -> list[str]:
        """Give columns in the order wanted, those not named last."""
        places = list(self.columns)
        return sorted(columns, key=lambda c: places.index(c) if c in places else len(places))


def head_of(body: bytes, name: str, language: str) -> Head:
    """Read `title`, `columns` and `words` of a body, with `it` and `en`; without a title the list's own name stands."""
    try:
        content = json.loads(body)
    except ValueError:
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("title"), dict):
        return Head(name, {})
    columns = [entry for entry in content.get("columns", ()) if isinstance(entry, dict) and "key" in entry]
    named = {str(entry["key"]): str(entry.get(language) or entry["key"]) for entry in columns}
    coded = content.get("words")
    words = {
        str(code): str(text.get(language) or code)
        for code, text in (coded.items() if isinstance(coded, dict) else ())
        if isinstance(text, dict)
    }
    return Head(str(content["title"].get(language) or name), named, words)


def _is_records(entry: Any) -> bool:
    return isinstance(entry, list) and bool(entry) and all(isinstance(row, dict) for row in entry)


def table(rows: list[Row]) -> tuple[list[str], list[str]]:
    """Tell columns whose cells are short from those that hold more: records, or lists of records."""
    columns = dict.fromkeys(column for row in rows for column in row)
    deep = [column for column in columns if any(_is_deep(row.get(column)) for row in rows)]
    return [column for column in columns if column not in deep], deep


def _is_deep(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(one, (dict, list)) for one in value)
    )


def cell(value: Any) -> str:
    """Write a short cell for people: a list in one line, an ISO date as 20/11/2023."""
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(cell(one) for one in value)
    text = str(value)
    return formats.day(date.fromisoformat(text)) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else text


def as_csv(rows: list[Row]) -> bytes:
    """Write rows as CSV with semicolons, as Italian spreadsheets expect (UTF-8 with mark).

    A record within a row becomes columns `decreto.numero`; records of a list are joined by ` | `.
    """
    flat = [_flat(row) for row in rows]
    columns = list(dict.fromkeys(column for row in flat for column in row))
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_harmless(row.get(column, "")) for column in columns] for row in flat)
    return file.getvalue().encode("utf-8-sig")


def _flat(row: Row, prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = _line(value)
    return flat


def _line(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(_line(one) for one in value.values())
    if isinstance(value, list):
        return (" | " if any(isinstance(one, dict) for one in value) else ", ").join(
            _line(one) for one in value
        )
    return "" if value is None else str(value)


def _harmless(text: str) -> str:
    """Quote a leading sign that a spreadsheet would run as a formula (OWASP, CSV injection)."""
    is_number = re.fullmatch(r"[+-]?\d+([.,]\d+)?", text)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) and not is_number else text
