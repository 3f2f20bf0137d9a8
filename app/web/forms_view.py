"""Forms as pages draw them: each field of a form becomes a control, which a macro of `forms/fields.html` writes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol

import nh3
from flask_babel import gettext as _
from markdown_it import MarkdownIt
from markupsafe import Markup

from app.definitions.forms import Field, Option, Signing, option_key
from app.definitions.forms.model import COMPANION
from app.definitions.forms.sealed_text import said_in
from app.definitions.texts import Text
from app.domain.cases import Document
from app.web import answers, boards, form_tables, inputs, notes, registers
from app.web.boards import Card
from app.web.notes import Note

_markdown = MarkdownIt("commonmark", {"html": False})
_first_heading = 3  # the page has the first level, a section of the form the second
_title = 60  # characters of an answer that the title of its row has room for
_compact_fields = 3  # rows of a list with at most so many fields lie open under each other


class Lens(Protocol):
    """What a field looks like with the answers given so far; `prefix` is the path of its row (`partner.0.`) or empty."""

    def shows(self, asked: Field, prefix: str) -> bool:
        """Tell whether the field is asked."""

    def locked(self, asked: Field, prefix: str) -> bool:
        """Tell whether the field is only to be read."""

    def computed(self, asked: Field, prefix: str) -> Any:
        """Give the value that the field's FEEL computes."""

    def signing(self, asked: Field, prefix: str) -> Signing | None:
        """Give what a signature in the field must be of, and whose; None for a field that takes none."""

    def options(self, asked: Field, prefix: str) -> list[Option]:
        """Give the answers to choose from."""

    def text(self, text: Text, asked: Field, prefix: str) -> str:
        """Give a text in the person's language, with the values that it names."""

    def titled(self, asked: Field, prefix: str) -> str:
        """Give the title that a value table has for the code in the field."""

    def registered(self, asked: Field, prefix: str) -> Any:
        """Give what the process knows of the field from a register."""


@dataclass(frozen=True)
class Choice:
    """An option of a question, and whether it is chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Line:
    """The controls of a group, or of one row of a list; `open` says whether the row is unfolded."""

    path: str
    label: str
    controls: tuple["Control", ...]
    summary: str = ""
    open: bool = True
    errors: int = 0

    @property
    def id(self) -> str:
        """The row's id in the page."""
        return identity(self.path)


@dataclass(frozen=True)
class Control:
    """One control of a page; `path` is the name that it posts, `kind` the macro that draws it."""

    kind: str
    path: str
    label: str = ""
    hint: str = ""
    required: bool = False
    value: Any = ""
    errors: tuple[str, ...] = ()
    options: tuple[Choice, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[Line, ...] = ()
    documents: tuple[Document, ...] = ()
    columns: tuple[str, ...] = ()
    lines: tuple[form_tables.Line, ...] = ()
    cards: tuple[Card, ...] = ()
    html: str = ""
    prefix: str = ""
    suffix: str = ""
    conditional: bool = False
    compact: bool = False
    can_add: bool = False
    signing: Signing | None = None
    can_simulate: bool = False
    notes: tuple[Note, ...] = ()

    @property
    def name(self) -> str:
        """The name under which the control posts."""
        return self.path

    @property
    def id(self) -> str:
        """The control's id in the page."""
        return identity(self.path)

    @property
    def describedby(self) -> str:
        """The ids of hint, notes and error, for `aria-describedby`."""
        parts = [f"{self.id}-hint"] if self.hint else []
        parts += [f"{self.id}-signed"] if self.signing else []
        parts += [f"{self.id}-notes"] if self.notes else []
        return " ".join([*parts, *([f"{self.id}-error"] if self.errors else [])])


def identity(path: str) -> str:
    """Give the id of a control by its path: `partner.0.cf` is `f-partner-0-cf`."""
    return "f-" + path.replace(".", "-")


def rich(text: str) -> Markup:
    """Write Markdown as HTML whose headings stand below the page's own; HTML inside is not let through."""
    tokens = _markdown.parse(text)
    headings = [token for token in tokens if token.type.startswith("heading")]
    highest = min((int(token.tag[1:]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1:]) - highest + _first_heading, 6)}"
    return Markup(_markdown.renderer.render(tokens, _markdown.options, {}))  # noqa: S704  Markdown without HTML


@dataclass(frozen=True)
class Spot:
    """Where a field stands: the values of its form or row, and the path of that row (`partner.0.`, or empty).

    `said` is what a register said of the row or group.
    """

    holder: Mapping[str, Any]
    prefix: str = ""
    said: Mapping[str, Any] | None = None

    def value(self, asked: Field) -> Any:
        """Give the value of a field here."""
        return answers.at(self.holder, asked.name) if asked.name else None


Drawer = Callable[["Drawing", Field, Control, Spot], Control]


class Drawing:
    """Draws fields with the answers so far (`values`, as typed or as stored) and what is wrong with them (`errors`)."""

    def __init__(
        self,
        lens: Lens,
        values: Mapping[str, Any],
        errors: Mapping[str, list[str]],
        documents: Mapping[str, Document],
        language: str,
        allowed: inputs.Allowed | None = None,
        opened: str = "",
    ) -> None:
        self._lens, self._values, self._errors = lens, values, errors
        self._allowed = allowed or inputs.Allowed()
        self._documents, self._language, self._opened = documents, language, opened

    def controls(self, fields: tuple[Field, ...], spot: Spot | None = None) -> tuple[Control, ...]:
        """Draw the fields that are asked now."""
        here = spot or Spot(self._values)
        return tuple(self._control(asked, here) for asked in fields if self._lens.shows(asked, here.prefix))

    def _control(self, asked: Field, spot: Spot) -> Control:
        path = spot.prefix + (asked.name or asked.id)
        blank = Control(
            kind="input",
            path=path,
            label=self._say(asked.label, asked, spot),
            hint=self._say(asked.description, asked, spot),
            required=asked.required or bool(asked.bounds.least) or asked.all_options,
            errors=tuple(self._errors.get(path, ())),
            conditional=bool(asked.hide),
        )
        draw = self._drawers.get(asked.type, Drawing._input)
        if asked.name and asked.type != "group" and self._lens.locked(asked, spot.prefix):
            draw = Drawing._read_only
        if asked.coded or asked.registered or spot.said:
            held = (asked, spot.value(asked), spot.said, self._lens, spot.prefix, self._language)
            blank = replace(blank, notes=notes.of_field(*held))
        return draw(self, asked, blank, spot)

    def _companion(self, asked: Field, blank: Control, spot: Spot) -> Control:
        """Draw the button that asks a register, with what came of asking."""
        lookup, value = asked.lookup, spot.value(asked)
        label = (lookup.label.of(self._language) if lookup else "") or _("Fill in from the register")
        said = said_in(value)
        told = registers.outcome(said) if said else ""
        token = value if isinstance(value, str) else ""
        return replace(blank, kind="companion", label=label, value=token, hint=told, notes=())

    def _say(self, text: Text, asked: Field, spot: Spot) -> str:
        return self._lens.text(text, asked, spot.prefix) if text else ""

    def _input(self, asked: Field, blank: Control, spot: Spot) -> Control:
        return replace(
            blank,
            value=answers.typed(spot.value(asked), asked, self._language),
            attributes=inputs.attributes(asked) | inputs.codes(asked, spot.prefix),
            prefix=self._say(asked.prefix, asked, spot),
            suffix=self._say(asked.suffix, asked, spot),
        )

    def _textarea(self, asked: Field, blank: Control, spot: Spot) -> Control:
        most = asked.bounds.max_length or 0
        rows = 8 if most > 1500 else 5 if most > 300 or not most else 3  # noqa: PLR2004  room grows with the answer
        return replace(
            blank,
            kind="textarea",
            value=answers.typed(spot.value(asked), asked, self._language),
            attributes={**inputs.attributes(asked), "rows": rows},
            hint=" ".join(part for part in (blank.hint, inputs.length_hint(asked)) if part),
        )

    def _checkbox(self, asked: Field, blank: Control, spot: Spot) -> Control:
        return replace(blank, kind="checkbox", value=answers.truth(spot.value(asked)))

    def _choices(self, asked: Field, blank: Control, spot: Spot) -> Control:
        chosen = {option_key(entry) for entry in answers.listed(spot.value(asked))}
        options = tuple(
            Choice(key, option.label.of(self._language) or key, key in chosen)
            for option in self._lens.options(asked, spot.prefix)
            for key in [option_key(option.value)]
        )
        kind = {"radio": "radio", "select": "select"}.get(asked.type, "checks")
        return replace(blank, kind=kind, options=options, attributes=inputs.attributes(asked))

    def _file(self, asked: Field, blank: Control, spot: Spot) -> Control:
        known = self._documents
        documents = tuple(known[d] for d in map(str, answers.listed(spot.value(asked))) if d in known)
        return replace(
            blank,
            kind="file",
            documents=documents,
            hint=" ".join(
                part for part in (blank.hint, inputs.file_hint(asked, self._allowed.limit)) if part
            ),
            signing=self._lens.signing(asked, spot.prefix),
            can_simulate=self._allowed.simulates,
            attributes={
                "accept": ",".join(asked.accept) or None,
                "multiple": "multiple" if asked.multiple else None,
                "data-most": asked.bounds.max_bytes,
            },
        )

    def _group(self, asked: Field, blank: Control, spot: Spot) -> Control:
        inner = Line(blank.path, blank.label, self.controls(asked.fields, _registered(asked, spot)))
        return replace(blank, kind="group", rows=(inner,), required=False)

    def _rows(self, asked: Field, blank: Control, spot: Spot) -> Control:
        compact = len(asked.fields) <= _compact_fields
        lines = tuple(
            self._row(asked, blank, index, entry if isinstance(entry, Mapping) else {}, compact=compact)
            for index, entry in enumerate(answers.listed(spot.value(asked)))
        )
        lines = lines if asked.may_add else _first_to_do_open(lines)
        return replace(blank, kind="rows", rows=lines, compact=compact, can_add=asked.may_add)

    def _row(
        self, asked: Field, blank: Control, index: int, row: Mapping[str, Any], *, compact: bool
    ) -> Line:
        path = f"{blank.path}.{index}"
        controls = self.controls(asked.fields, _registered(asked, Spot(row, f"{path}.")))
        errors = sum(len(found) for name, found in self._errors.items() if f"{name}.".startswith(f"{path}."))
        given = {c.path.removeprefix(f"{path}."): c.value for c in controls if c.kind == "output" and c.value}
        summary = " · ".join(_first_texts(asked.fields, {**row, **given}, self._language)[:2])
        is_open = compact or bool(errors) or not summary or f"{self._opened}.".startswith(f"{path}.")
        return Line(path, f"{blank.label} {index + 1}", controls, summary, is_open, errors)

    def _read_only(self, asked: Field, blank: Control, spot: Spot) -> Control:
        holder: dict[str, Any] = {}
        answers.put(holder, asked.name, self._lens.computed(asked, spot.prefix))
        plain = replace(asked, options=tuple(self._lens.options(asked, spot.prefix)), hide="")
        (answer,) = answers.read((plain,), holder, self._documents, self._language)
        return replace(blank, kind="output", value=answer.text, required=False)

    def _output(self, asked: Field, blank: Control, spot: Spot) -> Control:
        value = self._lens.computed(asked, spot.prefix)
        return replace(blank, kind="output", value=answers.shown(value, self._language), required=False)

    def _table(self, asked: Field, blank: Control, spot: Spot) -> Control:
        found = answers.listed(self._lens.computed(asked, spot.prefix))
        if asked.board:
            offers = self._allowed.offers() if asked.board.messages else ()
            drawn = boards.cards(asked, asked.board, blank.id, found, offers, self._language)
            return replace(blank, kind="board", cards=drawn, columns=boards.head(asked, self._language))
        labels, lines = form_tables.drawn(asked.columns, found, self._language)
        decided = {"decision": asked.decision} if asked.decision else {}
        return replace(blank, kind="table", columns=labels, lines=lines, attributes=decided)

    def _text(self, asked: Field, blank: Control, spot: Spot) -> Control:
        return replace(blank, kind="text", html=rich(self._say(asked.text, asked, spot)))

    def _html(self, asked: Field, blank: Control, spot: Spot) -> Control:
        clean = nh3.clean(self._say(asked.text, asked, spot))
        return replace(blank, kind="text", html=Markup(clean))  # noqa: S704  cleaned in the line before

    def _image(self, asked: Field, blank: Control, spot: Spot) -> Control:
        own = asked.source.startswith("/") and not asked.source.startswith("//")
        label = self._say(asked.text, asked, spot) or blank.label
        return replace(blank, kind="image" if own else "spacer", value=asked.source, label=label)

    def _shown_documents(self, asked: Field, blank: Control, spot: Spot) -> Control:
        found = (
            answers.listed(self._lens.computed(asked, spot.prefix)) if asked.source else list(self._documents)
        )
        names = [
            str(entry.get("documentId", "")) if isinstance(entry, Mapping) else str(entry) for entry in found
        ]
        shown = tuple(self._documents[name] for name in names if name in self._documents)
        return replace(blank, kind="documents", documents=shown)

    def _still(self, asked: Field, blank: Control, spot: Spot) -> Control:  # noqa: ARG002  every drawer is called alike
        return replace(blank, kind=asked.type)

    _drawers: ClassVar[dict[str, Drawer]] = {
        COMPANION: _companion,
        "textarea": _textarea,
        "checkbox": _checkbox,
        "checklist": _choices,
        "taglist": _choices,
        "radio": _choices,
        "select": _choices,
        "filepicker": _file,
        "group": _group,
        "dynamiclist": _rows,
        "expression": _output,
        "table": _table,
        "text": _text,
        "html": _html,
        "image": _image,
        "documentPreview": _shown_documents,
        "separator": _still,
        "spacer": _still,
    }


def _registered(asked: Field, spot: Spot) -> Spot:
    """Give the place of the fields of a row or group, with what a register said of it."""
    held = answers.at(spot.holder, asked.lookup.holder) if asked.lookup else None
    return replace(spot, said=said_in(held)) if held else spot


def _first_texts(fields: tuple[Field, ...], row: Mapping[str, Any], language: str) -> list[str]:
    found = (
        (asked, answers.at(row, asked.name))
        for asked in fields
        if asked.name and asked.type in {"textfield", "select", "textarea", "number"}
    )
    texts = []
    for asked, value in found:
        labels = {str(option.value): option.label.of(language) for option in asked.options}
        text = labels.get(str(value), answers.shown(value, language))
        if text:
            short = text if len(text) <= _title else f"{text[: _title - 1].rstrip()}…"
            texts.append((asked.type != "textfield", short))
    return [text for _late, text in sorted(texts, key=lambda pair: pair[0])]


def _first_to_do_open(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Unfold, of rows that are all given, the first in which something asked is still empty: one thing at a time."""
    lacking = (n for n, line in enumerate(lines) if any(c.required and not c.value for c in line.controls))
    first = next(lacking, None)
    return tuple(replace(line, open=True) if n == first else line for n, line in enumerate(lines))
