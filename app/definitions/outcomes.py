"""What each outcome of a task leads to, followed on the diagram by the engine's own rules; told only where it is certain.

The way is followed through what happens at once when the task is completed: gateways, scripts, decisions, sub-processes,
calls, thrown events. It rests where a person, a machine, the clock or a message is next, and where it ends. A condition that
reads what nobody knows yet makes the whole outcome untold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.definitions.forms import Field, Form, valued
from app.definitions.texts import Text
from app.definitions.ways import Rest, Seen, Ways
from app.engine.definitions import Definition

__all__ = ["Lead", "Rest", "leads"]


@dataclass(frozen=True)
class Lead:
    """Where an outcome leads: `label` is that of the option, empty where every outcome leads there."""

    label: Text
    rests: tuple[Rest, ...]


def leads(
    definition: Definition, element: str, form: Form | None, variables: Mapping[str, Any], now: datetime
) -> tuple[Lead, ...]:
    """Give what completing a task leads to: once for all outcomes, or for each option of the field that decides.

    `variables` are those that the task sees, as the engine holds them. Options of which it cannot be told are left out.
    """
    asked = tuple(valued(form.fields)) if form else ()
    after = _Completed(definition, element, tuple(field.name for field in asked), variables, now)
    always = after.rests(None, None)
    if always is not None:
        return (Lead(Text(), always),) if always else ()
    for field in _deciders(form, asked):
        found = [(label, after.rests(field.name, value)) for value, label in _options(form, field) if label]
        told = tuple(Lead(label, rests) for label, rests in found if rests)
        if told:
            return told
    return ()


def _deciders(form: Form | None, asked: tuple[Field, ...]) -> list[Field]:
    """Give the fields of which one option is chosen, the form's own outcome first."""
    found = [f for f in asked if f.options and f.type in {"radio", "select"} and not f.personal and f.answers]
    return sorted(found, key=lambda field: form is None or field.name != form.outcome)


def _options(form: Form | None, field: Field) -> list[tuple[Any, Text]]:
    pressed = {button.outcome: button.label for button in form.buttons} if form else {}
    buttons = pressed if form and form.is_pressed(field) else {}
    return [(option.value, buttons.get(str(option.value)) or option.label) for option in field.options]


@dataclass(frozen=True)
class _Completed:
    """A task that is about to be completed; `names` are the fields of its form."""

    definition: Definition
    element: str
    names: tuple[str, ...]
    variables: Mapping[str, Any]
    now: datetime

    def rests(self, field: str | None, value: Any) -> tuple[Rest, ...] | None:
        """Give where the way rests if this field, and of the others nothing is known; None where it cannot be told."""
        drawn = self.definition.elements[self.element]
        if drawn.loop is not None:
            return None
        answers: dict[str, Any] = {}
        if field is not None:
            *way, last = field.split(".")
            inner = answers
            for part in way:
                inner = inner.setdefault(part, {})
            inner[last] = value
        known = frozenset([tuple(field.split("."))] if field else [])
        roots = frozenset(name.split(".")[0] for name in self.names)
        if drawn.result is not None:
            answers = {drawn.result: answers}
            known, roots = frozenset((drawn.result, *way) for way in known), frozenset([drawn.result])
        seen = Seen({**self.variables, **answers}, roots, known)
        return Ways(self.definition, self.now).from_element(self.element, seen)
