"""Answers as text: what stands in a field, and what a person reads back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Protocol

from flask_babel import gettext as _

from app.definitions.forms import Field, Option, literals, option_key, valued
from app.definitions.forms.model import COMPANION
from app.definitions.forms.sealed_text import said_in
from app.domain.cases import Document
from app.store.personal import Erased
from app.web import formats, registers

Documents = Mapping[str, Document]


@dataclass(frozen=True)
class Answer:
    """One answer to be read: a text, files, the answers of a group (`lines`), or those of each row (`rows`)."""

    label: str
    text: str = ""
    files: tuple[Document, ...] = ()
    lines: tuple["Answer", ...] = ()
    rows: tuple[tuple["Answer", ...], ...] = ()


def at(values: Any, name: str) -> Any:
    """Give the value at a dotted name, or None where the way ends."""
    for part in name.split("."):
        values = values.get(part) if isinstance(values, Mapping) else None
    return values


def put(values: dict[str, Any], name: str, value: Any) -> None:
    """Set the value at a dotted name; contexts on the way are made."""
    *way, last = name.split(".")
    for part in way:
        inner = values.get(part)
        values[part] = dict(inner) if isinstance(inner, Mapping) else {}
        values = values[part]
    values[last] = value


def typed(value: Any, field: Field, language: str) -> str:
    """Write a value as its input wants it: ISO dates, decimal comma in Italian; what was typed stays as it is."""
    if value is None or isinstance(value, (list, dict)):
        return ""
    if isinstance(value, datetime):
        return _instant(value, field.subtype)
    if isinstance(value, (date, time)):
        return value.isoformat()[:5] if isinstance(value, time) else value.isoformat()
    if isinstance(value, Decimal):
        return literals.write(value, language) if field.bounds.decimals is None else number(value, language)
    return str(value)


def _instant(value: datetime, subtype: str) -> str:
    local = formats.local(value)
    wanted = {"date": "%Y-%m-%d", "time": "%H:%M"}.get(subtype, "%Y-%m-%dT%H:%M")
    return f"{local:{wanted}}"


def number(value: Decimal, language: str) -> str:
    """Write a number with the decimal sign of the language and no exponent."""
    text = f"{value:f}"
    return text.replace(".", ",") if language == "it" else text


def shown(value: Any, language: str) -> str:
    """Write any FEEL value as people read it: instants in civil time, contexts as `key: value`."""
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {shown(entry, language)}" for key, entry in value.items())
    if isinstance(value, list):
        return ", ".join(shown(entry, language) for entry in value)
    if isinstance(value, Decimal):
        return number(value, language)
    return "" if value is None else literals.show(value, language)


def truth(value: Any) -> bool:
    """Tell whether a tick box is ticked, as a value or as it was posted."""
    return value is True or (isinstance(value, str) and value.lower() in {"true", "on", "1"})


def listed(value: Any) -> list[Any]:
    """Give the answers to a question with several: a list, one answer as a list of one, nothing as none."""
    if value in (None, ""):
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


class Seen(Protocol):
    """What a field looks like where it stands (`forms.Lens`)."""

    def shows(self, asked: Field, prefix: str = "") -> bool:
        """Tell whether the field is asked."""

    def computed(self, asked: Field, prefix: str = "") -> Any:
        """Give the value that the field's FEEL computes."""

    def options(self, asked: Field, prefix: str = "") -> list[Option]:
        """Give the answers to choose from."""


def read(
    fields: tuple[Field, ...],
    values: Any,
    documents: Documents,
    language: str,
    lens: Seen | None = None,
) -> tuple[Answer, ...]:
    """Give the answers in the order of the fields; with a `lens` those that are asked, computed ones included."""
    return tuple(_Reader(documents, language, lens).through(fields, values, ""))


@dataclass(frozen=True)
class _Reader:
    documents: Documents
    language: str
    lens: Seen | None

    def through(self, fields: tuple[Field, ...], values: Any, prefix: str) -> Iterator[Answer]:
        for field in fields:
            label = field.label.of(self.language)
            if self.lens and not self.lens.shows(field, prefix):
                continue
            if field.type == COMPANION:
                yield from self.register(fields, field, values)
            elif field.type == "group":
                inner = tuple(self.through(field.fields, values, prefix))
                if inner:
                    yield Answer(label, lines=inner)
            elif field.type == "dynamiclist":
                rows = enumerate(listed(at(values, field.name)))
                path = f"{prefix}{field.name}"
                yield Answer(
                    label,
                    rows=tuple(tuple(self.through(field.fields, row, f"{path}.{n}.")) for n, row in rows),
                )
            elif field.name and field.type == "expression":
                value = self.lens.computed(field, prefix) if self.lens else at(values, field.name)
                yield Answer(label, shown(value, self.language))
            elif field.name:
                options = self.lens.options(field, prefix) if self.lens else field.options
                value = at(values, field.name)
                yield Answer(label, self.text(field, value, tuple(options)), self.files(field, value))

    def register(self, fields: tuple[Field, ...], field: Field, values: Any) -> Iterator[Answer]:
        """Give what a register said of a row or group, each value under its field's label."""
        said = said_in(at(values, field.name))
        if not said:
            return
        named = {item.name.rpartition(".")[2]: item for item in valued(fields)}
        told = said.get("valori")
        lines = []
        for key, value in told.items() if isinstance(told, Mapping) else ():
            item = named.get(key)
            if item is not None:
                same = registers.agrees(item, at(values, item.name), value)
                text = self.text(item, value, item.options)
                lines.append(
                    Answer(item.label.of(self.language), text if same else _("%(text)s (differs)", text=text))
                )
        text = "" if lines else registers.outcome(said)
        yield Answer(registers.source(said), text, lines=tuple(lines))

    def files(self, field: Field, value: Any) -> tuple[Document, ...]:
        if field.type != "filepicker":
            return ()
        return tuple(self.documents[d] for d in listed(value) if d in self.documents)

    def text(self, field: Field, value: Any, options: tuple[Option, ...] = ()) -> str:
        if isinstance(value, Erased):
            return _("erased: it was personal data that is no longer kept")
        if field.type == "checkbox":
            return _("yes") if truth(value) else _("no")
        if field.type == "filepicker":
            return ", ".join(
                self.documents[d].name if d in self.documents else str(d) for d in listed(value) if d
            )
        labels = {option_key(option.value): option.label.of(self.language) for option in options}
        if labels:
            return ", ".join(
                labels.get(option_key(entry)) or shown(entry, self.language) for entry in listed(value)
            )
        if field.type == "datetime" and isinstance(value, str) and value:
            return _typed_moment(value)
        return shown(value, self.language)


def chosen(field: Field, value: Any, language: str) -> str:
    """Write the value of a choice as the labels of its options."""
    return _Reader({}, language, None).text(field, value, field.options)


def _typed_moment(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return f"{moment:%d/%m/%Y}" if "T" not in value else f"{moment:%d/%m/%Y %H:%M}"


def plain(answers: tuple[Answer, ...], indent: str = "") -> str:
    """Write answers as plain text that a person can keep in a file."""
    lines = []
    for answer in answers:
        lines.append(f"{indent}{answer.label}: {answer.text}".rstrip())
        lines.append(plain(answer.lines, indent + "  "))
        for index, row in enumerate(answer.rows, 1):
            lines += [f"{indent}  {index}.", plain(row, indent + "    ")]
    return "\n".join(line for line in lines if line)
