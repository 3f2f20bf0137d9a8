"""Forms as the house understands them: what is asked, of which kind, under which conditions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.definitions.texts import Text
from app.definitions.value_tables import ValueTable

CHOICES = frozenset({"checklist", "taglist", "radio", "select"})
SEVERAL = frozenset({"checklist", "taglist"})
COMPANION = "companion"
"""The kind of the field that holds what a register said of its row or group; no component of a form has it."""

ANSWERS = frozenset(
    {"textfield", "textarea", "number", "datetime", "checkbox", "filepicker", COMPANION, *CHOICES}
)
CONTAINERS = frozenset({"group", "dynamiclist"})
SHOWN = frozenset({"text", "separator", "spacer", "html", "image", "table", "documentPreview", "expression"})
TONES = ("success", "info", "warning", "danger", "neutral")
TYPES = (ANSWERS - {COMPANION}) | CONTAINERS | SHOWN | {"button"}


@dataclass(frozen=True)
class Option:
    """One of the answers to choose from; `value` is a text where the form lists it, any FEEL value where it is computed.

    `tone` and `icon` are how a state looks on a board.
    """

    value: Any
    label: Text
    tone: str = ""
    icon: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a read-only table; with `options` a value is shown by its option's label, a `drawn` one as a picture."""

    key: str
    label: Text
    options: tuple[Option, ...] = ()
    drawn: str = ""


@dataclass(frozen=True)
class Board:
    """How a table is drawn as cards: the keys of its rows that hold the title, the state, and the key of messages (or empty)."""

    title: str
    state: str
    messages: str = ""


@dataclass(frozen=True)
class Rule:
    """A FEEL condition that must not be false, what is said if it is, and where (`field`, a dotted name).

    `always` rules hold even for outcomes that do not demand the required fields.
    """

    expression: str
    message: Text
    field: str = ""
    always: bool = False


@dataclass(frozen=True)
class Bounds:
    """The limits of an answer: lengths in characters, numbers as Decimal, rows, choices and files as counts."""

    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimals: int | None = None
    least: int | None = None
    most: int | None = None
    max_bytes: int | None = None


@dataclass(frozen=True)
class Lookup:
    """What a register fills in a row or group: `fills` is the FEEL over its answer for each field, `handler` asks it.

    `codes` are the fields that hold the code to ask for, of which the first that is filled in counts; `holder` is the name
    of the field that keeps what the register said.
    """

    handler: str
    codes: tuple[str, ...]
    fills: tuple[tuple[str, str], ...]
    holder: str
    label: Text = field(default_factory=Text)


@dataclass(frozen=True)
class Coded:
    """The value table that a field's code must be in: that of the value of the field `by`, or the one of the empty text."""

    names: tuple[tuple[str, str], ...]
    by: str = ""


@dataclass(frozen=True)
class Field:
    """One component of a form.

    `name` is its dotted path within the form, or within its row inside a dynamic list (`referente.cf`); posted
    names put the list before it: `partner.0.cf`. `key` is the last part of it, as the form says it. They are empty
    for components without a value. `fields` are the
    components of a group or of each row of a dynamic list. `hide`, `readonly`, `source`, `options_source`, `registered` are
    FEEL; `decision` is the element whose decision a table shows.
    """

    type: str
    key: str = ""
    name: str = ""
    id: str = ""
    label: Text = field(default_factory=Text)
    description: Text = field(default_factory=Text)
    text: Text = field(default_factory=Text)
    required: bool = False
    disabled: bool = False
    readonly: str = ""
    hide: str = ""
    bounds: Bounds = field(default_factory=Bounds)
    format: str = ""
    subtype: str = ""
    validators: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    options: tuple[Option, ...] = ()
    options_source: str = ""
    all_options: bool = False
    accept: tuple[str, ...] = ()
    multiple: bool = False
    not_past: bool = False
    columns: tuple[Column, ...] = ()
    source: str = ""
    fields: tuple["Field", ...] = ()
    may_add: bool = True
    repetitions: int = 1
    unique: tuple[str, ...] = ()
    section: bool = False
    personal: str = ""
    default: Any = None
    prefix: Text = field(default_factory=Text)
    suffix: Text = field(default_factory=Text)
    outcome: str = ""
    autocomplete: str = ""
    decision: str = ""
    board: Board | None = None
    registered: str = ""
    lookup: Lookup | None = None
    coded: Coded | None = None
    properties: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def answers(self) -> bool:
        """Whether a person gives a value here."""
        return self.type in ANSWERS and not self.disabled and self.readonly != "true"


@dataclass(frozen=True)
class Section:
    """A step of a form: a top-level group, or (with an empty key) what stands outside every step."""

    key: str
    label: Text
    description: Text
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Button:
    """A way to submit: `outcome` is the value that it gives to the form's outcome field, if it has one."""

    label: Text
    outcome: str = ""


@dataclass(frozen=True)
class Form:
    """A form: `hash` is the SHA-256 of its bytes; `outcome` names the field that decides what happens next.

    `recalls` are forms whose last answers in the case are shown with it, read-only; `tables` are the value tables that its
    fields name, as its bundle has them.
    """

    id: str
    title: Text
    fields: tuple[Field, ...]
    hash: str
    sections: tuple[Section, ...] = ()
    buttons: tuple[Button, ...] = ()
    outcome: str = ""
    required_unless: str = ""
    optional_outcomes: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    recalls: tuple[str, ...] = ()
    tables: Mapping[str, ValueTable] = field(default_factory=dict, hash=False)

    def section(self, key: str) -> Section | None:
        """Give a step by its key."""
        return next((section for section in self.sections if section.key == key), None)

    def is_pressed(self, asked: Field) -> bool:
        """Whether the buttons ask the field: it is the outcome, and each of its options has a button."""
        pressed = {button.outcome for button in self.buttons}
        options = {str(option.value) for option in asked.options}
        return bool(options) and asked.name == self.outcome and options <= pressed


def valued(fields: tuple[Field, ...]) -> Iterator[Field]:
    """Give the fields that have a value in this form or row; groups are entered, dynamic lists are not."""
    for item in fields:
        if item.type == "group":
            yield from valued(item.fields)
        elif item.name and (item.type in ANSWERS or item.type in {"dynamiclist", "expression"}):
            yield item


def every(fields: tuple[Field, ...]) -> Iterator[Field]:
    """Give every component, those of groups and rows included."""
    for item in fields:
        yield item
        yield from every(item.fields)
