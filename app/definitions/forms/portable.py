"""Answers that leave the house and come back: as texts, files by name and SHA-256, read against the form as it is now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.definitions.forms import literals
from app.definitions.forms.answers import MomentAnswer, option_key
from app.definitions.forms.model import CHOICES, SEVERAL, Field, Form, valued
from app.definitions.forms.posted import MAX_ROWS, get, put
from app.domain.cases import Document

Documents = Mapping[str, Document]


@dataclass(frozen=True)
class Left:
    """A value that the form does not take, at its path; `why` is `unknown`, `kind`, `option`, `file`, `rows`."""

    path: str
    value: Any
    why: str


@dataclass(frozen=True)
class Taken:
    """The answers that a form takes, as a nested raw dictionary, and those that it leaves."""

    values: dict[str, Any]
    left: tuple[Left, ...]

    @property
    def names(self) -> frozenset[str]:
        """The top-level names that have an answer."""
        return frozenset(self.values)


def portable(form: Form, values: Mapping[str, Any], documents: Documents) -> dict[str, Any]:
    """Give what a person answered as JSON knows it: texts, true and false, lists, contexts."""
    return _written(form.fields, values, documents)


def take(form: Form, answers: Mapping[str, Any], documents: Documents, *, same: bool) -> Taken:
    """Read answers that `portable` wrote, perhaps for another version of the form.

    With `same` a number, a date or a choice is taken as it was typed; else it must be one of the present field.
    """
    reader = _Reader(documents, same=same)
    values = reader.through(form.fields, answers, "")
    return Taken(values, tuple(reader.left))


def kept_files(
    form: Form, values: Mapping[str, Any], documents: Documents
) -> tuple[dict[str, Any], list[str]]:
    """Give a draft without the documents that the case does not have, and the ids of these."""
    gone: list[str] = []
    return _with_files(form.fields, values, documents, gone), gone


def count(form: Form, values: Mapping[str, Any]) -> int:
    """Count the answers that are not empty, those of rows included."""
    return sum(1 for value in _leaves(form.fields, values) if not _is_empty(value))


def _is_empty(value: Any) -> bool:
    return value is None or value is False or (isinstance(value, (str, list, tuple)) and not value)


def _leaves(items: tuple[Field, ...], values: Mapping[str, Any]) -> Iterator[Any]:
    for item in valued(items):
        value = get(values, item.name)
        if item.type == "dynamiclist":
            for row in _rows(value):
                yield from _leaves(item.fields, row)
        elif item.answers:
            yield value


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [row if isinstance(row, Mapping) else {} for row in value] if isinstance(value, list) else []


def _written(items: tuple[Field, ...], values: Mapping[str, Any], documents: Documents) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in valued(items):
        value = get(values, item.name)
        if item.type == "dynamiclist":
            if value is not None:
                put(found, item.name, [_written(item.fields, row, documents) for row in _rows(value)])
        elif item.answers and value is not None:
            put(found, item.name, _plain(item, value, documents))
    return found


def _plain(item: Field, value: Any, documents: Documents) -> Any:
    several = list(value) if isinstance(value, (list, tuple)) else [value]
    if item.type == "filepicker":
        return [_file(one, documents) for one in several if one]
    if item.type == "checkbox":
        return option_key(value).lower() in {"true", "on", "1", "yes"}
    if item.type in SEVERAL:
        return [option_key(one) for one in several]
    if isinstance(value, Decimal) and item.type == "number":
        return literals.write(value)
    return option_key(several[0] if several else "")


def _file(document: Any, documents: Documents) -> dict[str, str]:
    known = documents.get(document) if isinstance(document, str) else None
    return {"name": known.name, "sha256": known.sha256} if known else {"name": str(document), "sha256": ""}


class _Misfit(ValueError):
    """A value that the field cannot hold; the code of the reason."""


class _Reader:
    """Reads a tree of answers along the fields and remembers what it leaves."""

    def __init__(self, documents: Documents, *, same: bool) -> None:
        self._same, self.left = same, list[Left]()
        self._by_hash: dict[str, list[Document]] = {}
        for document in documents.values():
            self._by_hash.setdefault(document.sha256, []).append(document)

    def through(self, items: tuple[Field, ...], answers: Mapping[str, Any], prefix: str) -> dict[str, Any]:
        known = {item.name: item for item in valued(items) if item.type == "dynamiclist" or item.answers}
        found: dict[str, Any] = {}
        self._level(known, answers, prefix, "", found)
        return found

    def _level(
        self,
        known: Mapping[str, Field],
        answers: Mapping[str, Any],
        prefix: str,
        way: str,
        found: dict[str, Any],
    ) -> None:
        for key, value in answers.items():
            name = f"{way}{key}"
            if name in known:
                self._one(known[name], value, prefix, found)
            elif isinstance(value, Mapping) and any(other.startswith(f"{name}.") for other in known):
                self._level(known, value, prefix, f"{name}.", found)
            elif value not in (None, "", [], {}):
                self.left.append(Left(f"{prefix}{name}", value, "unknown"))

    def _one(self, item: Field, value: Any, prefix: str, found: dict[str, Any]) -> None:
        path = f"{prefix}{item.name}"
        try:
            put(found, item.name, self._value(item, value, path))
        except _Misfit as misfit:
            if value not in (None, "", [], {}):
                self.left.append(Left(path, value, str(misfit)))

    def _value(self, item: Field, value: Any, path: str) -> Any:
        if item.type == "dynamiclist":
            return self._list(item, value, path)
        if item.type == "filepicker":
            return self._files(item, value, path)
        if item.type == "checkbox":
            if not isinstance(value, bool):
                raise _Misfit("kind")
            return "on" if value else ""
        if item.type in SEVERAL:
            texts = [_text(one) for one in (value if isinstance(value, list) else [value])]
            good = [text for text in texts if self._is_option(item, text)]
            self.left += [Left(path, text, "option") for text in texts if text not in good]
            return good
        return self._single(item, value)

    def _single(self, item: Field, value: Any) -> str:
        text = _text(value)
        if item.type in CHOICES and not self._is_option(item, text):
            raise _Misfit("option")
        if not self._same and text.strip() and not _is_readable(item, text.strip()):
            raise _Misfit("kind")
        return text

    def _is_option(self, item: Field, text: str) -> bool:
        if self._same or item.options_source or not text:
            return True
        return any(option_key(option.value) == text for option in item.options)

    def _list(self, item: Field, value: Any, path: str) -> list[dict[str, Any]]:
        if not isinstance(value, list):
            raise _Misfit("kind")
        rows: list[dict[str, Any]] = []
        for number, row in enumerate(value):
            if not isinstance(row, Mapping) or len(rows) == MAX_ROWS:
                why = "rows" if isinstance(row, Mapping) else "kind"
                self.left.append(Left(f"{path}.{number}", row, why))
                continue
            rows.append(self.through(item.fields, row, f"{path}.{number}."))
        return rows

    def _files(self, item: Field, value: Any, path: str) -> Any:
        ids: list[str] = []
        for one in value if isinstance(value, list) else [value]:
            document = self._document(one)
            if document is None or (ids and not item.multiple):
                self.left.append(Left(path, one, "kind" if document else "file"))
            elif document.id not in ids:
                ids.append(document.id)
        return ids if item.multiple else next(iter(ids), "")

    def _document(self, one: Any) -> Document | None:
        if not isinstance(one, Mapping) or not isinstance(one.get("sha256"), str):
            raise _Misfit("kind")
        same = self._by_hash.get(one["sha256"].lower(), [])
        return next(
            (document for document in same if document.name == one.get("name")), next(iter(same), None)
        )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise _Misfit("kind")
    return value


def _is_readable(item: Field, text: str) -> bool:
    """Tell whether a text is of the field's kind; limits are the form's to judge when it is sent."""
    try:
        if item.type == "number":
            literals.read_exact(text)
        elif item.type == "datetime":
            MomentAnswer.readers.get(item.subtype, MomentAnswer.readers["date"])[1](text)
    except literals.Unreadable:
        return False
    return True


def _with_files(
    items: tuple[Field, ...], values: Mapping[str, Any], documents: Documents, gone: list[str]
) -> dict[str, Any]:
    kept = dict(values)
    for item in valued(items):
        value = get(values, item.name)
        if item.type == "dynamiclist" and isinstance(value, list):
            put(kept, item.name, [_with_files(item.fields, row, documents, gone) for row in _rows(value)])
        elif item.type == "filepicker" and value:
            put(kept, item.name, _there(value, documents, gone))
    return kept


def _there(value: Any, documents: Documents, gone: list[str]) -> Any:
    ids: Sequence[Any] = value if isinstance(value, (list, tuple)) else [value]
    gone += [str(one) for one in ids if one and one not in documents]
    there = [one for one in ids if one in documents]
    return there if isinstance(value, (list, tuple)) else next(iter(there), "")
