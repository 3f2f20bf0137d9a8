"""A submission read back: what was asked then is what the history holds, and options keep the labels of the form."""

from collections.abc import Mapping
from typing import Any

from app.definitions import expressions
from app.definitions.forms.model import Field, Form, Option
from app.definitions.forms.places import Around
from app.definitions.forms.posted import get
from app.definitions.forms.review import options_of


class Recorded:
    """A lens on recorded values: nothing is computed anew, so that a page shows what was sent and no more."""

    def __init__(self, form: Form, values: Mapping[str, Any], around: Around) -> None:
        self.form, self.values, self._around = form, values, around

    def shows(self, asked: Field, prefix: str = "") -> bool:
        """Tell whether the field was asked: it has an entry then, be it null."""
        if asked.type == "group":
            return any(self.shows(inner, prefix) for inner in asked.fields)
        holder, _, last = asked.name.rpartition(".")
        row = self._row(prefix)
        inside = get(row, holder) if holder else row
        return bool(last) and isinstance(inside, Mapping) and last in inside

    def computed(self, asked: Field, prefix: str = "") -> Any:
        """Give the value that was recorded."""
        return get(self._row(prefix), asked.name) if asked.name else None

    def options(self, asked: Field, prefix: str = "") -> list[Option]:
        """Give the answers that there were to choose from; computed ones as they would be now."""
        if not asked.options_source:
            return list(asked.options)
        scope = {**self._around.variables, **self.values, **self._row(prefix)}
        found = expressions.value_or(asked.options_source, scope, self._around.now, [])
        return list(options_of(found))

    def _row(self, prefix: str) -> Mapping[str, Any]:
        """Give the form's values or the row that a prefix such as `partner.2.` names."""
        place: Any = self.values
        for part in prefix.split(".")[:-1]:
            if isinstance(place, Mapping):
                place = place.get(part)
            else:
                place = place[int(part)] if isinstance(place, list) and int(part) < len(place) else None
        return place if isinstance(place, Mapping) else {}
