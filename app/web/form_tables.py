"""Read-only tables in a form: values as people read them, and numbers drawn on their scale (`drawn: "spread"`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.definitions.forms import option_key
from app.definitions.forms.model import Column
from app.definitions.texts import Text
from app.web import answers

WIDTH = 100


@dataclass(frozen=True)
class Spread:
    """Numbers on a scale from 0 to 100: `marks` are their places, `text` is what they are."""

    text: str
    marks: tuple[int, ...]

    @property
    def low(self) -> int:
        """The place of the lowest."""
        return min(self.marks, default=0)

    @property
    def high(self) -> int:
        """The place of the highest."""
        return max(self.marks, default=0)


def spread(value: Any, language: str) -> Spread | None:
    """Give the drawing of a context `{values: [numbers], most: number}`; None where it is none of these."""
    if not isinstance(value, Mapping):
        return None
    numbers, most = value.get("values"), value.get("most")
    if not isinstance(numbers, list) or not isinstance(most, Decimal) or most <= 0:
        return None
    if not all(isinstance(one, Decimal) for one in numbers):
        return None
    places = tuple(int(min(max(one / most, Decimal(0)), Decimal(1)) * WIDTH) for one in numbers)
    return Spread(" · ".join(answers.shown(one, language) for one in numbers), places)


Line = tuple["str | Spread", ...]


def drawn(
    columns: Sequence[Column], found: Sequence[Any], language: str
) -> tuple[tuple[str, ...], tuple[Line, ...]]:
    """Give the labels of a table's columns and its lines; without columns each key of the rows is one."""
    given = [entry for entry in found if isinstance(entry, Mapping)]
    asked = tuple(columns) or tuple(
        Column(key, Text(key, key)) for key in sorted({str(key) for entry in given for key in entry})
    )
    lines = tuple(
        tuple(_cell(entry.get(column.key), column, language) for column in asked) for entry in given
    )
    return tuple(column.label.of(language) or column.key for column in asked), lines


def _cell(value: Any, column: Column, language: str) -> str | Spread:
    """Write a cell; a value that is an option of its column is shown by the option's label."""
    picture = spread(value, language) if column.drawn == "spread" else None
    if picture or not column.options or isinstance(value, Mapping):
        return picture or answers.shown(value, language)
    said = {option_key(option.value): option.label.of(language) for option in column.options}
    shown = (said.get(option_key(one)) or answers.shown(one, language) for one in answers.listed(value))
    return ", ".join(shown)
