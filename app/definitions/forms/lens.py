"""A form as it looks with the answers so far: what shows, what may be changed, what FEEL computes, how far it is."""

from collections.abc import Mapping
from typing import Any

from app.definitions import expressions
from app.definitions.forms import literals
from app.definitions.forms.load import load_form
from app.definitions.forms.model import ANSWERS, Field, Form, Option, valued
from app.definitions.forms.places import Around, Place, rows_before
from app.definitions.forms.posted import MAX_ROWS, get, put
from app.definitions.forms.review import options_at
from app.definitions.forms.signed import Signing, signing_at
from app.definitions.forms.submit import read
from app.definitions.texts import Text
from app.domain.bundles import Bundle


def of_bundle(bundle: Bundle, form: str) -> Form | None:
    """Give a bundle's form by its id; None where the bundle has none of that id."""
    data = bundle.files.get(f"forms/{form}.json")
    return None if data is None else load_form(data)


def prefill(form: Form, variables: Mapping[str, Any], now: Any = None) -> dict[str, Any]:
    """Give the values that a form begins with: what the variables hold under its names, then its defaults."""
    return _begin(form.fields, variables, dict(variables), now, fresh=True)


class Lens:
    """A form with raw or stored values, looked at once; fields are asked by `prefix`, their row's path (`partner.0.`)."""

    def __init__(self, form: Form, values: Mapping[str, Any], around: Around) -> None:
        self._around = around
        self.reading = read(form, values, around, blank_rows=True)
        self._places = {(place.prefix, id(place.field)): place for place in self.reading.settled.places}
        self._scope = self.reading.settled.scope

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

    def text(self, text: Text, asked: Field, prefix: str = "") -> str:
        """Give a text in the person's language, with the values of its `{{FEEL}}` in place."""
        language = self._around.language
        words = text.of(language)
        if "{{" not in words:
            return words
        return expressions.fill(
            words, self._seen(asked, prefix), self._around.now, lambda value: literals.show(value, language)
        )

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
            kept = _default(item)
        elif item.type == "expression":
            continue
        if kept is not None:
            put(values, item.name, kept)
    return values


def _default(item: Field) -> Any:
    if item.default in (None, ""):
        return None
    if item.type == "number":
        try:
            return literals.read_exact(str(item.default))
        except literals.Unreadable:
            return None
    return item.default
