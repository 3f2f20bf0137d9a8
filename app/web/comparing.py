"""Two states of one draft side by side: each answer in words, rows matched by what they say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from flask_babel import gettext as _

from app.definitions import forms
from app.definitions.forms import Around, Field, Form, Lens, Option
from app.domain.cases import Document
from app.web import answers
from app.web.answers import Answer

most_alike = 400  # pairs of rows that are looked at one by one
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
    """Give the numbers of the rows that belong together: equal ones first, then the most alike between them, in order."""
    texts = [[answers.plain(row) for row in rows] for rows in (before, after)]
    said = {
        text
        for rows, known in zip((before, after), texts, strict=True)
        for row, text in zip(rows, known, strict=True)
        if _says(row)
    }
    matcher = SequenceMatcher(lambda text: text not in said, texts[0], texts[1], autojunk=False)
    for tag, from_old, to_old, from_new, to_new in matcher.get_opcodes():
        olds, news = range(from_old, to_old), range(from_new, to_new)
        if tag == "replace" and len(olds) * len(news) <= most_alike:
            yield from _alike(before, after, olds, news)
        else:
            yield from zip_longest(olds, news)


def _alike(before: Rows, after: Rows, olds: range, news: range) -> Iterator[tuple[int | None, int | None]]:
    """Match rows in order so that as many answers as can be are equal; what is left over is new or gone."""
    best = [[0] * (len(news) + 1) for _ in range(len(olds) + 1)]
    worth = [[_worth(before[old], after[new]) for new in news] for old in olds]
    for i in range(len(olds) - 1, -1, -1):
        for j in range(len(news) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + worth[i][j])
    i = j = 0
    while i < len(olds) and j < len(news):
        if best[i][j] == best[i + 1][j + 1] + worth[i][j]:
            yield olds[i], news[j]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            yield olds[i], None
            i += 1
        else:
            yield None, news[j]
            j += 1
    yield from ((old, None) for old in olds[i:])
    yield from ((None, new) for new in news[j:])


def _worth(old: tuple[Answer, ...], new: tuple[Answer, ...]) -> int:
    """Give what it is worth to match two rows: a little in any case, much for each answer that is equal."""
    lines = [line for line in _lines(old, new, ()) if line.before or line.after]
    return 1 + 100 * sum(line.before == line.after for line in lines)


def _says(row: tuple[Answer, ...]) -> bool:
    """Tell whether a row holds any answer: rows that hold none do not hold others in their place."""
    return any(one.text or _says(one.lines) or any(map(_says, one.rows)) for one in row)


def _blank(row: tuple[Answer, ...]) -> tuple[Answer, ...]:
    """Give a row without its answers, to be put beside one that is new or gone."""
    return tuple(Answer(one.label, lines=_blank(one.lines)) for one in row)


def answered(form: Form, values: Mapping[str, Any] | None) -> int:
    """Count what was answered; nothing of what cannot be read."""
    return 0 if values is None else forms.count(form, values)
