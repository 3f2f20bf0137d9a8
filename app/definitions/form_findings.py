"""What is wrong with a form before anyone fills it in: every fault of its JSON, all at once."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import re2

from app.definitions import expressions, foreign, form_registers, form_shapes
from app.definitions.form_faults import finding
from app.definitions.form_names import Names
from app.definitions.forms import validators
from app.definitions.forms.load import REGISTER, Component, feel, number, parse_form, properties_of
from app.definitions.forms.model import ANSWERS, CHOICES, CONTAINERS, TYPES
from app.definitions.forms.posted import MAX_ROWS
from app.definitions.forms.signed import VALIDATOR
from app.domain.definitions import Finding
from app.domain.errors import DefinitionInvalid

_ATTRIBUTES = """
    label_it label_en description_it description_en text_it text_en title_it title_en values_en prefix_en suffix_en personal
    validator validate min_rows max_rows min_choices max_choices min_files max_files max_bytes all unique rows section outcome
    recalls optional_when_outcome required_unless autocomplete pattern_message_it pattern_message_en signed signer
    decision lookup registered table unique_in board
"""
_OWN = frozenset(_ATTRIBUTES.split())
_PATH = re.compile(r"/(?!/)[^\\\x00-\x20\x7f-\xa0\u2028\u2029]*")
"""A path of this server; browsers read a backslash as a slash and drop tabs and line breaks."""
_SUBTYPES = ("date", "time", "datetime")
_TEXTS = ("label", "description", "text", "content")
_UNLABELLED = frozenset({"spacer", "separator", "text", "html"})


def examine(file: str, data: bytes, known: Collection[str] = ()) -> list[Finding]:
    """Give every finding of a form; `known` are validators from outside."""
    try:
        raw = parse_form(data)
    except DefinitionInvalid as broken:
        return [Finding(file, "", "error", "form_unreadable", str(broken), "Export the form again as JSON.")]
    look = _Look(file, {*validators.names(), VALIDATOR, *known})
    look.form(raw)
    return look.findings


class _Look:
    """A look at one form."""

    def __init__(self, file: str, known: set[str]) -> None:
        self.file, self.known = file, known
        self.findings: list[Finding] = []
        self.top = Names()
        self.untranslated: list[str] = []
        self.rows = 1

    def add(self, element: str, code: str, **values: object) -> None:
        self.findings.append(finding(self.file, element, code, values))

    def form(self, raw: Mapping[str, Any]) -> None:
        own = properties_of(raw)
        depth, count = form_shapes.extent(raw["components"])
        if depth > form_shapes.MAX_DEPTH or count > form_shapes.MAX_COMPONENTS:
            most, deep = form_shapes.MAX_COMPONENTS, form_shapes.MAX_DEPTH
            self.add("", "extent", most=most, depth=deep, count=count, found=depth)
            return
        if self._misshapen(
            {name: value for name, value in raw.items() if name in {"properties", "title", "id"}}, ""
        ):
            return
        self._properties("", own)
        self._feel("", "required_unless", own.get("required_unless"))
        self._components(raw["components"], self.top, top=True)
        self._rules("", own)
        self._outcome(own)
        stem = self.file.rpartition("/")[2].removesuffix(".json")
        if raw.get("id") not in (None, "", stem):
            self.add("", "form_id", known=stem, found=raw["id"])
        if self.untranslated:
            self.add("", "untranslated", found=", ".join(self.untranslated))

    def _components(self, components: Any, names: Names, *, top: bool = False) -> None:
        for raw in components if isinstance(components, list) else []:
            if not isinstance(raw, Mapping):
                self.add("", "component_type", known=", ".join(sorted(TYPES)), found=raw)
                continue
            element = str(raw.get("key") or raw.get("path") or raw.get("id") or "")
            if self._misshapen(raw, element):
                continue
            if raw.get("type") == "iframe":
                self.add(element, "iframe")
            elif raw.get("type") not in TYPES:
                self.add(element, "component_type", known=", ".join(sorted(TYPES)), found=raw.get("type"))
            else:
                self._component(raw, element, names, top=top)

    def _misshapen(self, raw: Component, element: str) -> bool:
        wrong = list(form_shapes.faults(raw, properties_of(raw)))
        for name, expected in wrong:
            self.add(element, "shape", name=name, expected=expected)
        return bool(wrong)

    def _component(self, raw: Component, element: str, names: Names, *, top: bool) -> None:
        own, kind, outer = properties_of(raw), raw["type"], self.rows
        self._properties(element, own)
        self._name(raw, element, names)
        for place, text in _expressions(raw, own):
            self._feel(element, place, text)
        self._rules(element, own)
        self._validation(raw, own, element)
        if kind in CHOICES:
            self._options(raw, element)
        for code, values in form_registers.faults(raw, own):
            self.add(element, code, **values)
        if own.get("section") and not (top and kind == "group"):
            self.add(element, "section")
        if kind == "image" and not _own_path(str(raw.get("source") or "")):
            self.add(element, "image")
        if raw.get("label") and kind not in _UNLABELLED and not own.get("label_en"):
            self.untranslated.append(element or str(raw.get("label")))
        if kind in CONTAINERS:
            inner = Names() if kind == "dynamiclist" else names.within(str(raw.get("path") or ""))
            if kind == "dynamiclist":
                self._repetitions(raw, element)
            self._components(raw.get("components"), inner)
            self.rows = outer
            self._unique(own, element, inner)
            self._lookup(own, element, inner)
        if kind == "dynamiclist" and raw.get("allowAddRemove") is not False and _has_readonly(raw):
            self.add(element, "row_readonly")

    def _repetitions(self, raw: Component, element: str) -> None:
        rows = raw.get("defaultRepetitions")
        self.rows *= max(1 if rows in (None, "") else int(rows), 1)
        if self.rows > MAX_ROWS:
            self.add(element, "rows", most=MAX_ROWS, found=self.rows)

    def _name(self, raw: Component, element: str, names: Names) -> None:
        kind = raw["type"]
        key = str(raw.get("path" if kind in CONTAINERS else "key") or "")
        if not key and (kind in ANSWERS or kind == "dynamiclist"):
            self.add(element, "key_missing", kind=kind)
        elif key and kind != "group":
            fault = names.take(key, kind, [] if feel(raw.get("valuesExpression")) else _values(raw))
            if fault:
                self.add(element, "key", fault=fault)

    def _feel(self, element: str, place: str, raw: Any) -> None:
        text = feel(raw)
        if not text or isinstance(raw, bool):
            return
        if foreign.is_foreign(text):
            self.add(element, "foreign_expression", place=place, found=text, way_out=foreign.way_out(text))
            return
        fault = expressions.fault(text)
        if fault:
            self.add(element, "feel", fault=fault, place=place, text=text)

    def _rules(self, element: str, own: Mapping[str, Any]) -> None:
        rules = own.get("validate", [])
        for rule in rules if isinstance(rules, list) else [None]:
            if not isinstance(rule, Mapping) or not feel(rule.get("expression")):
                self.add(element, "rule")
                continue
            self._feel(element, "validate", rule.get("expression"))
            if not rule.get("message_it") or not rule.get("message_en"):
                self.add(element, "rule_message")

    def _validation(self, raw: Component, own: Mapping[str, Any], element: str) -> None:
        validate: Any = raw.get("validate") if isinstance(raw.get("validate"), Mapping) else {}
        pattern = validate.get("pattern")
        if pattern and not _readable(str(pattern)):
            self.add(element, "pattern", found=pattern)
        for low, high in (("minLength", "maxLength"), ("min", "max")):
            least, most = number(validate.get(low)), number(validate.get(high))
            if least is not None and most is not None and least > most:
                self.add(element, "bounds", low=low, high=high, least=least, most=most)
        wanted = own.get("validator", ())
        for name in [wanted] if isinstance(wanted, str) else wanted:
            if name not in self.known:
                self.add(element, "validator", known=", ".join(sorted(self.known)), found=name)
        self._signature(raw, own, element, VALIDATOR in ([wanted] if isinstance(wanted, str) else wanted))
        if raw["type"] == "datetime" and raw.get("subtype", "date") not in _SUBTYPES:
            self.add(element, "subtype", found=raw["subtype"])

    def _signature(self, raw: Component, own: Mapping[str, Any], element: str, asked: bool) -> None:
        if asked and (raw["type"] != "filepicker" or raw.get("multiple") is True):
            self.add(element, "signature_place")
        for name in ("signed", "signer"):
            if asked and not feel(own.get(name)):
                self.add(element, "signature", name=name)
            elif own.get(name) and not asked:
                self.add(element, "signature_idle", name=name)

    def _options(self, raw: Component, element: str) -> None:
        values = _values(raw)
        if not values and not feel(raw.get("valuesExpression")) and not feel(raw.get("valuesKey")):
            self.add(element, "options")
        repeated = sorted({str(v) for n, v in enumerate(values) if v in values[:n] or v in (None, "")})
        if repeated:
            self.add(element, "option_repeated", found=", ".join(repeated))

    def _unique(self, own: Mapping[str, Any], element: str, inner: Names) -> None:
        wanted = own.get("unique", "")
        for key in [part.strip() for part in wanted.split(",")] if isinstance(wanted, str) else wanted:
            if key and key not in inner.taken:
                self.add(element, "unique", found=key)

    def _lookup(self, own: Mapping[str, Any], element: str, inner: Names) -> None:
        """Look at what a register is asked for here, once the keys of the row or group are known."""
        if own.get("lookup") is None:
            return
        for code, values in form_registers.lookup_faults(own["lookup"], inner):
            self.add(element, code, **values)
        fills = own["lookup"].get("fills") if isinstance(own["lookup"], Mapping) else None
        for name, text in fills.items() if isinstance(fills, Mapping) else ():
            self._feel(element, f"lookup {name}", text)
        fault = inner.take(REGISTER, "companion", [])
        if fault:
            self.add(element, "key", fault=fault)

    def _outcome(self, own: Mapping[str, Any]) -> None:
        decider = own.get("outcome")
        if not decider:
            return
        kind, options = self.top.taken.get(str(decider), ("", []))
        if kind not in {"radio", "select"}:
            self.add("", "outcome", found=decider)
            return
        optional = own.get("optional_when_outcome", [])
        for value in [optional] if isinstance(optional, str) else optional:
            if options and value not in options:
                self.add("", "outcome_value", known=options, found=value)

    def _properties(self, element: str, own: Mapping[str, Any]) -> None:
        for name in own:
            if name not in _OWN:
                self.add(element, "property", found=name)


def _expressions(raw: Component, own: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give every FEEL text of a component with the attribute it stands in."""
    hide = raw.get("conditional")
    yield "conditional.hide", hide.get("hide") if isinstance(hide, Mapping) else None
    for place in ("readonly", "valuesExpression", "dataSource"):
        yield place, raw.get(place)
    for place in ("rows", "registered", "signed", "signer"):
        yield place, own.get(place)
    if raw["type"] == "expression":
        yield "expression", raw.get("expression")
    for place in _TEXTS:
        for text in (raw.get(place), own.get(f"{place}_en")):
            for expression in expressions.placeholders(str(text or "")):
                yield place, expression


def _has_readonly(raw: Component) -> bool:
    """Whether a row holds a read-only field; its value is found by the row's number, so rows must not move."""
    inside = raw.get("components")
    parts = [part for part in inside if isinstance(part, Mapping)] if isinstance(inside, list) else []
    return any(feel(p.get("readonly")) or (p.get("type") == "group" and _has_readonly(p)) for p in parts)


def _values(raw: Component) -> list[Any]:
    entries = raw.get("values")
    return [e.get("value") for e in entries if isinstance(e, Mapping)] if isinstance(entries, list) else []


def _own_path(source: str) -> bool:
    return _PATH.fullmatch(source) is not None


def _readable(pattern: str) -> bool:
    try:
        re2.compile(pattern)
    except re2.error:
        return False
    return True
