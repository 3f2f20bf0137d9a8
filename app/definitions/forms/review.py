"""What is wrong with the values of a form beyond their kind: what is required, counted, chosen, uploaded, ruled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.definitions import expressions
from app.definitions.forms import literals, validators
from app.definitions.forms.answers import option_key
from app.definitions.forms.messages import say
from app.definitions.forms.model import CHOICES, SEVERAL, Form, Option, Rule
from app.definitions.forms.places import Around, Place, Settled, rows_before
from app.definitions.forms.posted import get, put
from app.definitions.texts import Text
from app.definitions.value_tables import ValueTable
from app.domain.cases import Document
from app.feel import FeelError

_REQUIRED = {
    "number": "required_number",
    "datetime": "required_moment",
    "radio": "required_choice",
    "select": "required_choice",
    "checklist": "required_choices",
    "taglist": "required_choices",
    "checkbox": "required_tick",
    "filepicker": "required_file",
    "dynamiclist": "required_rows",
}
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Fault:
    """A sentence at a path; `kind` is missing (nothing was answered) or wrong."""

    path: str
    kind: str
    sentence: str


def options_at(place: Place, around: Around) -> tuple[Option, ...]:
    """Give the options of a choice as they stand here: listed, or computed by FEEL."""
    item = place.field
    if not item.options_source:
        return item.options
    return options_of(expressions.value_or(item.options_source, place.scope, around.now, []))


def options_of(found: Any) -> tuple[Option, ...]:
    """Give the options that a FEEL value stands for: texts, or contexts with value and label."""
    return tuple(_option(entry) for entry in (found if isinstance(found, list) else [found]))


def _option(entry: Any) -> Option:
    if isinstance(entry, Mapping) and "value" in entry:
        label = str(entry.get("label") or option_key(entry["value"]))
        return Option(entry["value"], Text(label, str(entry.get("label_en") or "")))
    return Option(entry, Text(option_key(entry)))


def coded_in(form: Form, place: Place) -> ValueTable | None:
    """Give the value table that a field's code is looked up in here; None where it has none, or the choice is not made."""
    coded = place.field.coded
    if coded is None:
        return None
    chosen = option_key(get(place.holder, coded.by)) if coded.by and get(place.holder, coded.by) else ""
    return form.tables.get(dict(coded.names).get(chosen, ""))


def demands(form: Form, settled: Settled, around: Around) -> bool:
    """Whether required fields and the form's rules are demanded for the outcome that was chosen."""
    if form.outcome and get(settled.values, form.outcome) in form.optional_outcomes:
        return False
    unless = form.required_unless
    return not (unless and expressions.value_or(unless, settled.scope, around.now, default=False) is True)


def review(
    form: Form, settled: Settled, around: Around, known: Mapping[str, Any], *, demanded: bool
) -> list[Fault]:
    """Give every fault of the settled values; `known` are the paths that hold an unreadable answer already."""
    faults = []
    for place in settled.places:
        if not place.locked and place.path not in known:
            faults.extend(_Look(form, place, around, demanded or place.path == form.outcome).faults())
    if demanded or any(rule.always for rule in form.rules):
        rules = [rule for rule in form.rules if demanded or rule.always]
        faults.extend(_rules(rules, settled.scope, around, "", ""))
    return faults


class _Look:
    """A look at one place."""

    def __init__(self, form: Form, place: Place, around: Around, demanded: bool) -> None:
        self.form, self.place, self.around, self.demanded = form, place, around, demanded

    def faults(self) -> list[Fault]:
        item, value = self.place.field, self.place.value
        empty = value is None or value == [] or (item.type == "checkbox" and value is False)
        found: list[Fault] = []
        if item.name and empty and self.demanded and (item.required or item.bounds.least):
            code = _REQUIRED.get(item.type, "required_text")
            found = [Fault(self.place.path, "missing", say(code, self.around.language))]
        elif item.name:
            found = list(self._value(value, empty=empty))
        rules = [r for r in item.rules if self.demanded or r.always or not empty]
        if not found:
            scope = {**self.place.scope, "value": value}
            found = _rules(rules, scope, self.around, self.place.path, self.place.prefix)
        return found

    def _value(self, value: Any, *, empty: bool) -> Iterable[Fault]:
        item = self.place.field
        if item.type in CHOICES:
            yield from self._choices(value, empty=empty)
        elif item.type == "filepicker" and not empty:
            yield from self._files(value)
        elif item.type == "dynamiclist":
            yield from self._rows(value if isinstance(value, list) else [])
        elif item.not_past and self.around.now and not empty:
            now = self.around.now.astimezone(literals.ROME)
            if value < (now.date() if item.subtype == "date" else now):
                yield self._wrong("past", today=now.strftime("%d/%m/%Y"))
        if item.coded and not empty:
            yield from self._code(str(value))
        for name in item.validators:
            if name not in validators.names() and not empty and name in self.around.checks:
                sentence = self.around.checks[name](self.place, self.around)
                if sentence:
                    yield Fault(self.place.path, "wrong", sentence)

    def _code(self, code: str) -> Iterable[Fault]:
        """Refuse a code that is not in its table; say where it is, or which are near."""
        table = coded_in(self.form, self.place)
        if table is None or code in table.rows:
            return
        words = {"text": code[:80], "table": table.title}
        named = {name for _, name in self.place.field.coded.names} if self.place.field.coded else set()
        others = [self.form.tables[name] for name in sorted(named & self.form.tables.keys())]
        other = next((each for each in others if code in each.rows), None)
        near = "; ".join(f"{known} {title}" for known, title in table.near(code))
        if other:
            yield self._wrong("code_elsewhere", **words, other=other.title, title=other.rows[code])
        else:
            yield self._wrong("code_near" if near else "code", **words, near=near)

    def _choices(self, value: Any, *, empty: bool) -> Iterable[Fault]:
        item, options = self.place.field, options_at(self.place, self.around)
        if item.options_source and not empty:
            by_key = {option_key(option.value): option.value for option in options}
            chosen = value if item.type in SEVERAL else [value]
            strange = [v for v in chosen if option_key(v) not in by_key]
            if strange:
                yield self._wrong("choice", text=option_key(strange[0])[:80])
                return
            values = [by_key[option_key(v)] for v in chosen]
            put(self.place.holder, item.name, values if item.type in SEVERAL else values[0])
        if item.type in SEVERAL:
            count = len(value or [])
            if item.all_options and self.demanded and count < len(options):
                yield self._wrong("all_choices", count=len(options) - count)
            else:
                yield from self._count(count, "choices")

    def _files(self, value: Any) -> Iterable[Fault]:
        ids = value if isinstance(value, list) else [value]
        for one in ids:
            document = self.around.documents.get(one)
            if document is None:
                yield self._wrong("file_unknown")
            elif not accepts(self.place.field.accept, document):
                yield self._wrong("file_kind", accept=", ".join(self.place.field.accept), name=document.name)
            elif self.place.field.bounds.max_bytes and document.size > self.place.field.bounds.max_bytes:
                most = self.place.field.bounds.max_bytes // MEGABYTE or 1
                yield self._wrong("file_size", most=most, name=document.name)
        if self.place.field.multiple:
            yield from self._count(len(ids), "files")

    def _rows(self, rows: list[Any]) -> Iterable[Fault]:
        item = self.place.field
        if item.source and not item.may_add:
            given = rows_before(item, self.place.base, self.place.scope, self.around.now)
            if len(rows) != len(given):
                yield self._wrong("fixed_rows", most=len(given), count=len(rows))
        else:
            yield from self._count(len(rows), "rows")
        seen: dict[tuple[str, ...], int] = {}
        for row in rows if item.unique else ():
            parts = [option_key(get(row, name)) for name in item.unique if get(row, name) is not None]
            key = tuple(part.casefold() for part in parts)
            if len(parts) == len(item.unique) and seen.setdefault(key, row.number) != row.number:
                path = f"{self.place.path}.{row.number}.{item.unique[-1]}"
                words = {"text": ", ".join(parts), "row": seen[key] + 1}
                yield Fault(path, "wrong", say("repeated", self.around.language, **words))

    def _count(self, count: int, what: str) -> Iterable[Fault]:
        bounds = self.place.field.bounds
        if bounds.least and count < bounds.least and self.demanded:
            kind = "missing" if what == "rows" else "wrong"
            sentence = say(f"min_{what}", self.around.language, least=bounds.least, count=count)
            yield Fault(self.place.path, kind, sentence)
        if bounds.most is not None and count > bounds.most:
            yield self._wrong(f"max_{what}", most=bounds.most, count=count)

    def _wrong(self, code: str, **values: object) -> Fault:
        return Fault(self.place.path, "wrong", say(code, self.around.language, **values))


def accepts(accept: tuple[str, ...], document: Document) -> bool:
    """Whether a document is of one of the accepted suffixes (`.pdf`) or media types (`image/*`)."""
    media, name = document.media_type.lower(), document.name.lower()
    return not accept or any(
        name.endswith(kind)
        if kind.startswith(".")
        else media == kind or (kind.endswith("/*") and media.startswith(kind[:-1]))
        for kind in accept
    )


def _rules(
    rules: Iterable[Rule], scope: Mapping[str, Any], around: Around, path: str, prefix: str
) -> list[Fault]:
    faults = []
    for rule in rules:
        where = prefix + rule.field if rule.field else path
        try:
            holds = expressions.value(rule.expression, scope, around.now)
        except FeelError:
            faults.append(Fault(where, "wrong", say("rule_failed", around.language)))
            continue
        if holds is False:
            sentence = expressions.fill(
                rule.message.of(around.language),
                scope,
                around.now,
                lambda v: literals.show(v, around.language),
            )
            faults.append(Fault(where, "wrong", sentence or say("rule", around.language)))
    return faults
