"""A form as it looks with the answers so far: what shows, what may be changed, what FEEL computes, how far it is."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.definitions import expressions
from app.definitions.forms import companions, literals
from app.definitions.forms.load import load_form
from app.definitions.forms.model import ANSWERS, Field, Form, Option, every, valued
from app.definitions.forms.places import Around, Place, plain, rows_before
from app.definitions.forms.posted import MAX_ROWS, get, put
from app.definitions.forms.review import coded_in, options_at
from app.definitions.forms.signed import Signing, signing_at
from app.definitions.forms.submit import read
from app.definitions.texts import Text
from app.definitions.value_tables import tables_of
from app.domain.bundles import Bundle


def of_bundle(bundle: Bundle, form: str) -> Form | None:
    """Give a bundle's form by its id; None where the bundle has none of that id."""
    data = bundle.files.get(f"forms/{form}.json")
    read = None if data is None else load_form(data)
    names = table_names(read) if read else frozenset()
    return replace(read, tables=tables_of(bundle, names)) if read and names else read


def table_names(form: Form) -> frozenset[str]:
    """Give the names of the value tables that the fields of a form name."""
    return frozenset(name for item in every(form.fields) if item.coded for _, name in item.coded.names)


def decisions(form: Form) -> frozenset[str]:
    """Give the elements whose decisions the tables of a form show."""
    return frozenset(item.decision for item in every(form.fields) if item.decision)


def ruled(form: Form, values: Mapping[str, Any], around: Around) -> dict[str, Any]:
    """Give what each decision that the form shows would give if these answers were sent now."""
    wanted = decisions(form) & around.rulings.keys()
    if not wanted:
        return {}
    answers = plain(read(form, values, around, demanded=False).settled.values)
    return {
        name: around.rulings[name].output(answers, around.variables, around.now) for name in sorted(wanted)
    }


def prefill(form: Form, variables: Mapping[str, Any], now: Any = None) -> dict[str, Any]:
    """Give the values that a form begins with: what the variables hold under its names, then its defaults."""
    return _begin(form.fields, variables, dict(variables), now, fresh=True)


_MARKDOWN = re.compile(r"[\\`*_{}\[\]()#+!<>|~=-]|(?<=\d)\.(?=\s)|\n")
"""What Markdown would read in a value: people's words are shown as they are, and make no links on a page of the house."""


class Lens:
    """A form with raw or stored values, looked at once; fields are asked by `prefix`, their row's path (`partner.0.`)."""

    def __init__(self, form: Form, values: Mapping[str, Any], around: Around) -> None:
        self._form = form
        self.ruled = ruled(form, values, around)
        around = (
            replace(around, variables={**around.variables, **self._named(around)}) if self.ruled else around
        )
        self._around = around
        self.reading = read(form, values, around, blank_rows=True)
        self._places = {(place.prefix, id(place.field)): place for place in self.reading.settled.places}
        self._scope = self.reading.settled.scope

    def _named(self, around: Around) -> dict[str, Any]:
        """Give what the decisions say now under the variables that the process will give them."""
        return {around.rulings[name].result: output for name, output in self.ruled.items()}

    def shows(self, asked: Field, prefix: str = "") -> bool:
        """Tell whether the field is asked."""
        return (prefix, id(asked)) in self._places

    def locked(self, asked: Field, prefix: str = "") -> bool:
        """Tell whether the field is only to be read."""
        place = self._place(asked, prefix)
        return place.locked if place else bool(asked.disabled)

    def computed(self, asked: Field, prefix: str = "") -> Any:
        """Give the value of the field's FEEL (expression, table, documents), or of a read-only field."""
        place = self._place(asked, prefix)
        if asked.decision in self.ruled and not asked.source:
            return self.ruled[asked.decision]
        if asked.source and asked.type not in {"dynamiclist", "image"}:
            return expressions.value_or(asked.source, self._seen(asked, prefix), self._around.now, None)
        return place.value if place else None

    def signing(self, asked: Field, prefix: str = "") -> Signing | None:
        """Give what a signature in this field must be of, and whose; None for a field that takes none."""
        place = self._place(asked, prefix)
        return signing_at(place, self._around) if place else None

    def options(self, asked: Field, prefix: str = "") -> list[Option]:
        """Give the answers to choose from."""
        place = self._place(asked, prefix)
        return list(options_at(place, self._around)) if place else list(asked.options)

    def titled(self, asked: Field, prefix: str = "") -> str:
        """Give the title that a value table has for the code that stands in the field."""
        place = self._place(asked, prefix)
        table = coded_in(self._form, place) if place else None
        return table.rows.get(str(place.value), "") if table and place else ""

    def registered(self, asked: Field, prefix: str = "") -> Any:
        """Give what the process knows of the field from a register: the value of its `registered` FEEL."""
        return expressions.value_or(asked.registered, self._seen(asked, prefix), self._around.now, None)

    def text(self, text: Text, asked: Field, prefix: str = "") -> str:
        """Give a text in the person's language, with the values of its `{{FEEL}}` in place."""
        language = self._around.language
        words = text.of(language)
        if "{{" not in words:
            return words

        def write(value: Any) -> str:
            shown = literals.show(value, language)
            return _MARKDOWN.sub(r"\\\g<0>", shown) if asked.type == "text" else shown

        return expressions.fill(words, self._seen(asked, prefix), self._around.now, write)

    def _place(self, asked: Field, prefix: str) -> Place | None:
        return self._places.get((prefix, id(asked)))

    def _seen(self, asked: Field, prefix: str) -> Mapping[str, Any]:
        place = self._place(asked, prefix)
        return place.scope if place else self._scope


def _begin(
    items: tuple[Field, ...],
    before: Mapping[str, Any],
    scope: dict[str, Any],
    now: Any,
    *,
    fresh: bool,
    room: int = MAX_ROWS,
) -> dict[str, Any]:
    """Give the first values of a form or row; `fresh` rows are made where nothing is kept yet, `room` of them at most."""
    values: dict[str, Any] = {}
    for item in valued(items):
        kept = get(before, item.name)
        if item.type == "dynamiclist":
            rows = rows_before(item, before, scope, now)
            if not rows and not item.source and kept is None and fresh:
                rows = [{} for _ in range(min(item.repetitions, room))]
            left = room // len(rows) if rows else room  # lists within lists multiply
            kept = [_begin(item.fields, row, {**scope, **row}, now, fresh=fresh, room=left) for row in rows]
        elif item.type in ANSWERS and kept is None:
            kept = _registered(item, scope, now) if item.registered else _default(item)
        elif item.type == "expression":
            continue
        if kept is not None:
            put(values, item.name, kept)
    return values


def _registered(item: Field, scope: Mapping[str, Any], now: Any) -> Any:
    """Give what a register says of a field, to begin with: the value itself, or that of a context with `valore`."""
    known = expressions.value_or(item.registered, scope, now, None)
    known = known.get("valore") if isinstance(known, Mapping) else known
    return _default(item) if known is None else companions.typed(item, known)


def _default(item: Field) -> Any:
    if item.default in (None, ""):
        return None
    if item.type == "number":
        try:
            return literals.read_exact(str(item.default))
        except literals.Unreadable:
            return None
    return item.default
