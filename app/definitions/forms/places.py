"""Where each field of a form stands in the values at hand: its path, its row, the names its FEEL sees, whether it shows."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.definitions import expressions
from app.definitions.forms.model import Field, Form, valued
from app.definitions.forms.posted import get, put
from app.definitions.rulings import Ruling
from app.domain.cases import Document

Check = Callable[["Place", "Around"], str | None]
"""A validator from outside: it takes an answer at its place and its surroundings, and gives a sentence where it refuses."""

_MAX_ROUNDS = 12


@dataclass(frozen=True)
class Around:
    """What a form is answered in: variables, documents of the case by id, the house clock, the person's language.

    `rulings` are the decisions that its tables show, by element.
    """

    variables: Mapping[str, Any] = field(default_factory=dict)
    documents: Mapping[str, Document] = field(default_factory=dict)
    now: datetime | None = None
    language: str = "it"
    checks: Mapping[str, Check] = field(default_factory=dict)
    rulings: Mapping[str, Ruling] = field(default_factory=dict)


class Row(dict[str, Any]):
    """A row of a dynamic list; `number` is the place at which it was sent, from 0."""

    number = 0


@dataclass(frozen=True)
class Place:
    """A field in the values: `path` is its posted name, `holder` the values of its form or row, `base` what was there before."""

    field: Field
    path: str
    holder: dict[str, Any]
    scope: Mapping[str, Any]
    base: Mapping[str, Any]
    prefix: str = ""
    locked: bool = False

    @property
    def value(self) -> Any:
        """The value at this place, or None."""
        return get(self.holder, self.field.name) if self.field.name else None


@dataclass(frozen=True)
class Settled:
    """Values of what shows, with computed and read-only values in place; `hidden` are the paths that do not show."""

    values: dict[str, Any]
    places: tuple[Place, ...]
    hidden: frozenset[str]
    scope: Mapping[str, Any]


def settle(form: Form, values: Mapping[str, Any], around: Around) -> Settled:
    """Find which fields show, given that those that do not show have no value, until nothing changes."""
    hidden: frozenset[str] = frozenset()
    computed: dict[str, Any] = {}
    for _ in range(_MAX_ROUNDS):
        kept = _prune(form.fields, values, "", hidden)
        for place_path, (holder_path, name, result) in computed.items():
            holder = _at(kept, holder_path)
            if holder is not None and place_path not in hidden:
                put(holder, name, result)
        walk = _Walk(around)
        places = tuple(walk.through(form.fields, kept, "", walk.root(kept), around.variables))
        settled = Settled(kept, places, frozenset(walk.hidden), walk.root(kept))
        if walk.hidden == hidden and walk.computed == computed:
            break
        hidden, computed = frozenset(walk.hidden), walk.computed
    return settled


def rows_before(
    item: Field, base: Mapping[str, Any], scope: Mapping[str, Any], now: datetime | None
) -> list[Any]:
    """Give the rows that a dynamic list begins with: those kept before, merged over those of its `rows` FEEL."""
    kept = get(base, item.name)
    kept = kept if isinstance(kept, list) else []
    if not item.source:
        return kept
    given = expressions.value_or(item.source, scope, now, [])
    given = given if isinstance(given, list) else [given]
    return [
        {
            **(row if isinstance(row, Mapping) else {}),
            **(kept[n] if n < len(kept) and isinstance(kept[n], Mapping) else {}),
        }
        for n, row in enumerate(given)
    ]


class _Walk:
    """One walk through a form: collects what is hidden and what is computed on the way."""

    def __init__(self, around: Around) -> None:
        self.around = around
        self.hidden: set[str] = set()
        self.computed: dict[str, Any] = {}

    def root(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {**self.around.variables, **values, "this": values}

    def through(
        self,
        items: tuple[Field, ...],
        holder: dict[str, Any],
        prefix: str,
        scope: dict[str, Any],
        base: Mapping[str, Any],
    ) -> Iterator[Place]:
        for item in items:
            if item.hide and self._true(item.hide, scope):
                names = [inner.name for inner in valued((item,))]
                self.hidden.update(prefix + name for name in names)
                continue
            place = self._place(item, holder, prefix, scope, base)
            yield place
            if item.type == "group":
                inner = self._group_scope(item, holder, scope)
                yield from self.through(item.fields, holder, prefix, inner, base)
            elif item.type == "dynamiclist":
                yield from self._rows(place, scope)

    def _place(
        self,
        item: Field,
        holder: dict[str, Any],
        prefix: str,
        scope: dict[str, Any],
        base: Mapping[str, Any],
    ) -> Place:
        path = prefix + item.name
        locked = item.disabled or bool(item.readonly and self._true(item.readonly, scope))
        if locked and item.name and item.type != "group" and not item.disabled:
            self._give(item, holder, scope, get(base, item.name))
        if item.type == "expression" and item.name:
            result = expressions.value_or(item.source, scope, self.around.now, None)
            self._give(item, holder, scope, result)
            self.computed[path] = (prefix, item.name, result)
        return Place(item, path, holder, dict(scope), base, prefix, locked)

    def _give(self, item: Field, holder: dict[str, Any], scope: dict[str, Any], result: Any) -> None:
        put(holder, item.name, result)
        top, last = item.name.partition(".")[0], item.name.rpartition(".")[2]
        scope[top] = holder[top]
        if last in scope.get("this", {}):
            scope[last] = result

    def _group_scope(self, item: Field, holder: dict[str, Any], scope: dict[str, Any]) -> dict[str, Any]:
        inside = get(holder, item.name) if item.name else None
        if not isinstance(inside, dict):
            return scope
        return {**scope, **inside, "this": inside, "parent": scope.get("this")}

    def _rows(self, place: Place, scope: dict[str, Any]) -> Iterator[Place]:
        before = rows_before(place.field, place.base, scope, self.around.now)
        rows = place.value if isinstance(place.value, list) else []
        outer = scope.get("i")
        for row in rows:
            number = row.number + 1
            i = [*(outer if isinstance(outer, list) else [outer]), number] if outer is not None else number
            inner = {**scope, **row, "this": row, "parent": scope.get("this"), "i": i}
            base = before[row.number] if row.number < len(before) else {}
            base = base if isinstance(base, Mapping) else {}
            yield from self.through(place.field.fields, row, f"{place.path}.{row.number}.", inner, base)

    def _true(self, text: str, scope: Mapping[str, Any]) -> bool:
        return expressions.value_or(text, scope, self.around.now, default=False) is True


def _prune(
    items: tuple[Field, ...], values: Mapping[str, Any], prefix: str, hidden: frozenset[str]
) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for item in valued(items):
        path = prefix + item.name
        if path in hidden or item.disabled or item.type == "expression":
            continue
        value = get(values, item.name)
        if item.type == "dynamiclist":
            value = [
                _row(item, row, n, path, hidden)
                for n, row in enumerate(value if isinstance(value, list) else [])
            ]
        put(kept, item.name, value)
    return kept


def _row(item: Field, values: Any, number: int, path: str, hidden: frozenset[str]) -> Row:
    number = values.number if isinstance(values, Row) else number
    inside = values if isinstance(values, Mapping) else {}
    row = Row(_prune(item.fields, inside, f"{path}.{number}.", hidden))
    row.number = number
    return row


def _at(values: dict[str, Any], prefix: str) -> dict[str, Any] | None:
    """Give the form's values or the row that a prefix such as `partner.2.` names."""
    holder: Any = values
    for part in prefix.split(".")[:-1]:
        if isinstance(holder, list):
            holder = next((row for row in holder if row.number == int(part)), None)
        else:
            holder = holder.get(part) if isinstance(holder, Mapping) else None
    return holder if isinstance(holder, dict) else None


def plain(value: Any) -> Any:
    """Give values without the marks of their rows."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value
