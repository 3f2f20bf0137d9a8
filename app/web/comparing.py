"""Two states of one draft side by side: each answer in words, rows matched by what they say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from flask_babel import gettext as _

from app.definitions import forms
from app.definitions.forms import Around, Field, Form, Lens, Option
from app.domain.cases import Document
from app.web import answers
from app.web.answers import Answer

Rows = tuple[tuple[Answer, ...], ...]


@dataclass(frozen=True)
class Line:
    """An answer before and after; `trail` are the labels that lead to it, `change` is added, removed, changed or same."""

    trail: tuple[str, ...]
    before: str
    after: str

    @property
    def change(self) -> str:
        """What became of the answer."""
        if self.before == self.after:
            return "same"
        return "changed" if self.before and self.after else "added" if self.after else "removed"


class _Typed:
    """A lens that shows whatever was typed, asked at the moment or not; options are named as the form names them."""

    def __init__(self, form: Form, values: Mapping[str, Any], around: Around) -> None:
        self._lens = Lens(form, values, around)

    def shows(self, asked: Field, prefix: str = "") -> bool:
        """Tell whether a person answers the field."""
        del prefix
        return asked.answers or asked.type in {"group", "dynamiclist"}

    def computed(self, asked: Field, prefix: str = "") -> Any:
        """Give nothing: what is computed was not typed."""
        del asked, prefix

    def options(self, asked: Field, prefix: str = "") -> list[Option]:
        """Give the answers to choose from."""
        return self._lens.options(asked, prefix)


def compare(form: Form, before: Mapping[str, Any], after: Mapping[str, Any], around: Around) -> list[Line]:
    """Give each answer of a form as it was and as it is, in the order of the form."""
    sides = [_read(form, values, around) for values in (before, after)]
    return list(_lines(sides[0], sides[1], ()))


def _read(form: Form, values: Mapping[str, Any], around: Around) -> tuple[Answer, ...]:
    documents: Mapping[str, Document] = around.documents
    return answers.read(form.fields, values, documents, around.language, _Typed(form, values, around))


def _lines(before: tuple[Answer, ...], after: tuple[Answer, ...], trail: tuple[str, ...]) -> Iterator[Line]:
    for old, new in zip(before, after, strict=True):
        here = (*trail, new.label) if new.label else trail
        if old.lines or new.lines:
            yield from _lines(old.lines, new.lines, here)
        elif old.rows or new.rows:
            yield from _row_lines(old.rows, new.rows, here)
        else:
            yield Line(here, old.text, new.text)


def _row_lines(before: Rows, after: Rows, trail: tuple[str, ...]) -> Iterator[Line]:
    for old, new in _matched(before, after):
        number = _("row %(number)s", number=(old if new is None else new) + 1)  # type: ignore[operator]  # one of them is a row
        if old is not None and new is not None and old != new:
            number = _("row %(number)s, before row %(old)s", number=new + 1, old=old + 1)
        rows = before[old] if old is not None else (), after[new] if new is not None else ()
        yield from _lines(rows[0] or _blank(rows[1]), rows[1] or _blank(rows[0]), (*trail, number))


def _matched(before: Rows, after: Rows) -> Iterator[tuple[int | None, int | None]]:
    """Give the numbers of the rows that belong together: equal ones first, then those between them in order."""
    texts = [[answers.plain(row) for row in rows] for rows in (before, after)]
    matcher = SequenceMatcher(a=texts[0], b=texts[1], autojunk=False)
    for _tag, from_old, to_old, from_new, to_new in matcher.get_opcodes():
        for step in range(max(to_old - from_old, to_new - from_new)):
            old, new = from_old + step, from_new + step
            yield (old if old < to_old else None), (new if new < to_new else None)


def _blank(row: tuple[Answer, ...]) -> tuple[Answer, ...]:
    """Give a row without its answers, to be put beside one that is new or gone."""
    return tuple(Answer(one.label, lines=_blank(one.lines)) for one in row)


def answered(form: Form, values: Mapping[str, Any] | None) -> int:
    """Count what was answered; nothing of what cannot be read."""
    return 0 if values is None else forms.count(form, values)
