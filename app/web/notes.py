"""Notes beside a field: what a register says of it, and the title that a value table has for its code."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from flask_babel import gettext as _

from app.definitions.forms import Field
from app.web import answers, registers


@dataclass(frozen=True)
class Note:
    """A line beside a field; `differs` says that a register holds something else than what is typed."""

    text: str
    differs: bool = False


class Knowing(Protocol):
    """What is known of a field beside its value (`forms.Lens`)."""

    def titled(self, asked: Field, prefix: str) -> str:
        """Give the title that a value table has for the code in the field."""

    def registered(self, asked: Field, prefix: str) -> Any:
        """Give what the process knows of the field from a register."""


def of_field(
    asked: Field, typed: Any, said: Mapping[str, Any] | None, lens: Knowing, prefix: str, language: str
) -> tuple[Note, ...]:
    """Give the notes beside a field, `said` being what a register said of its row or group."""
    notes = []
    if asked.coded and (title := lens.titled(asked, prefix)):
        notes.append(Note(title))
    values = said.get("valori") if said else None
    key = asked.name.rpartition(".")[2]
    if said and isinstance(values, Mapping) and key in values:
        notes.append(_note(asked, typed, values[key], said, language))
    if asked.registered:
        known = lens.registered(asked, prefix)
        value = known.get("valore") if isinstance(known, Mapping) else known
        if value is not None:
            notes.append(_note(asked, typed, value, known if isinstance(known, Mapping) else {}, language))
    return tuple(notes)


def _note(asked: Field, typed: Any, value: Any, said: Mapping[str, Any], language: str) -> Note:
    words = {"source": registers.source(said), "text": answers.chosen(asked, value, language)}
    if registers.agrees(asked, typed, value):
        return Note(_("%(source)s: %(text)s", **words))
    return Note(_("%(source)s says otherwise: %(text)s", **words), differs=True)
