"""The decision tables of a bundle as they are written, read from its DMN without trusting it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from lxml import etree

from app.definitions.markup import parse
from app.domain.bundles import Bundle
from app.domain.decisions import Rule, Table
from app.domain.errors import DefinitionInvalid


def tables(bundle: Bundle) -> dict[str, Table]:
    """Give a bundle's decision tables by decision id; files that cannot be read are left out."""
    return {table.id: table for data in bundle.named(".dmn").values() for table in _tables_in(data)}


def headed(table: Table, said: Mapping[str, str]) -> Table:
    """Give a table with its columns called by the names that the content has for them."""
    inputs, outputs = ([said.get(label, label) for label in side] for side in (table.inputs, table.outputs))
    return replace(table, inputs=inputs, outputs=outputs)


@lru_cache(maxsize=128)
def _tables_in(data: bytes) -> tuple[Table, ...]:
    try:
        root = parse("", data)
    except DefinitionInvalid:
        return ()
    return tuple(
        _table(decision, written)
        for decision in root.iter("{*}decision")
        if (written := decision.find("{*}decisionTable")) is not None
    )


def _table(decision: etree._Element, written: etree._Element) -> Table:
    inputs = [
        str(e.get("label") or "") or _text(e.find("{*}inputExpression")) for e in written.findall("{*}input")
    ]
    outputs = [
        str(e.get("label") or e.get("name") or "") or str(decision.get("name", ""))
        for e in written.findall("{*}output")
    ]
    rules = [
        Rule(
            number,
            [_text(e) or "-" for e in rule.findall("{*}inputEntry")],
            [_text(e) for e in rule.findall("{*}outputEntry")],
            _text(rule.find("{*}description")) or _text(rule.find("{*}annotationEntry")),
        )
        for number, rule in enumerate(written.findall("{*}rule"), 1)
    ]
    name = str(decision.get("name") or decision.get("id", ""))
    return Table(decision.get("id", ""), _as_words(name), inputs, outputs, rules)


def _as_words(name: str) -> str:
    """Write a name that was made for a machine, `d1_points_of_a_row`, as people read it; others stay as they are."""
    return name if " " in name or "_" not in name else f"{name[:1].upper()}{name[1:]}".replace("_", " ")


def _text(element: etree._Element | None) -> str:
    return " ".join("".join(str(t) for t in element.itertext()).split()) if element is not None else ""
