"""What is shipped is sound: no finding, both languages, one table for portal and office, ends that the call knows."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from app.definitions import bundle as bundles
from app.definitions import check, decision_tables
from app.definitions.forms import validators
from app.definitions.manifest import manifest_of
from app.handling import load_handlers
from app.web import diagrams

root = Path(__file__).parents[2]
PROCESSES = bundles.processes(root)
FORMS = sorted((root / "forms").glob("*/*.json"))


@pytest.mark.parametrize("process", PROCESSES)
def test_a_shipped_process_has_no_finding(process: str) -> None:
    assert check.check(bundles.read_bundle(root, process), load_handlers().names()) == []


def components(form: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for component in form.get("components", []):
        yield component
        yield from components(component)


@pytest.mark.parametrize("path", FORMS, ids=lambda p: p.stem)
def test_a_form_says_everything_in_both_languages(path: Path) -> None:
    form = json.loads(path.read_text())
    assert form["properties"]["title_en"]
    for component in components(form):
        own = component["properties"]
        for italian, english in (
            ("label", "label_en"),
            ("description", "description_en"),
            ("text", "text_en"),
        ):
            assert not component.get(italian) or own.get(english), (component["id"], english)
        assert all(option.get("label_en") for option in component.get("values", [])), component["id"]
        assert all(column.get("label_en") for column in component.get("columns", [])), component["id"]
    assert all(rule["message_it"] and rule["message_en"] for rule in form["properties"].get("validate", []))


@pytest.mark.parametrize("process", PROCESSES)
def test_a_state_has_two_names_in_two_languages(process: str) -> None:
    manifest = tomllib.loads((root / "processes" / process / "process.toml").read_text())
    for state in manifest.get("states", {}).values():
        assert all(state[who][language] for who in ("office", "applicant") for language in ("it", "en"))


@pytest.mark.parametrize("process", PROCESSES)
def test_what_people_read_of_a_process_has_an_english_word(process: str) -> None:
    bundle = bundles.read_bundle(root, process)
    manifest = manifest_of(bundle)
    english = {key for key, word in manifest.words.items() if word.en}
    titled = {manifest.title.it, *manifest.lanes}
    drawn = {name for key, name in diagrams.names(bundle).items() if key not in english}
    tables = decision_tables.tables(bundle).values()
    columns = {label for table in tables for label in (*table.inputs, *table.outputs)}
    assert drawn - english - titled == set()
    assert columns | {table.id for table in tables} <= english
    assert all(entry.label.it and entry.label.en for entry in manifest.record.values())
    assert all(word.it and word.en for word in manifest.closed.values())


def test_the_labels_of_a_column_are_those_of_the_field_it_shows() -> None:
    asked = {
        field["key"]: field["values"]
        for path in FORMS
        for field in components(json.loads(path.read_text()))
        if field.get("key") in {"provincia_sede", "sanabile"} or field.get("id") == "select_tipo"
    }
    columns = [
        column
        for path in FORMS
        for table in components(json.loads(path.read_text()))
        for column in table.get("columns", [])
        if column["key"] in asked
    ]
    assert len(columns) >= 7
    assert all(column["values"] == asked[column["key"]] for column in columns)


def test_the_lead_sees_the_same_table_as_the_office() -> None:
    tables = [
        (root / "processes" / p / "d1_rilievi_formali.dmn").read_bytes()
        for p in ("f1_presentazione", "f1_istruttoria")
    ]
    assert tables[0] == tables[1]


LAW = {"d10_antimafia": {"150000", "30"}, "d15_pubblicazione": {"1000"}}
"""What a law itself says in figures; each row that has one cites it."""

CONFIGURATION = {"d17_criteri": {"10", "15", "50"}}
"""A table that is itself what a call configures, and decides nothing: the criteria with their maxima and weights."""


def test_thresholds_are_no_literals_in_a_table_unless_a_law_says_them() -> None:
    tables = sorted((root / "processes").glob("*/*.dmn"))
    assert len({path.stem for path in tables}) == 17
    for path in tables:
        text = re.sub(r'"[^"]*"', "", path.read_text())
        numbers = {
            n for cell in re.findall(r"<text>([^<]*)</text>", text) for n in re.findall(r"\b\d+\b", cell)
        }
        assert numbers <= {"0", *LAW.get(path.stem, set()), *CONFIGURATION.get(path.stem, set())}, path.name
        for row in re.findall(r"<rule.*?</rule>", text, re.DOTALL):
            if re.search(r"\b(150000|30|1000)\b", "".join(re.findall(r"<text>([^<]*)</text>", row))):
                assert "D.Lgs." in row, path.name


def test_no_timer_leads_to_an_approval() -> None:
    """Silence never grants: the timers of the shipped diagrams open and close windows, retry, remind, tell of a delay, end an invitation, and go on without a register."""
    timers = {
        match
        for path in (root / "processes").glob("*/*.bpmn")
        for match in re.findall(r'id="(\w+)_def">\s*<bpmn:time', path.read_text())
    }
    assert timers == {
        "TM_apertura",
        "TM_chiusura",
        "TM_riprova",
        "TM_registro",
        "TM_riprova_burl",
        "BE_sollecito",
        "TM_promemoria",
        "TM_ritardo",
        "BE_chiusura_proroga",
        "BE_chiusura_tecnica",
        "TM_silenzio",
    }


def test_the_people_of_the_demonstration_are_well_formed_and_invented() -> None:
    people = tomllib.loads((root / "processes" / "demo.toml").read_text())["people"]
    codes = [person["fiscal_code"] for person in people.values()]
    assert all(validators.run("codice_fiscale", code)[1] is None and code[11:15] == "Z999" for code in codes)
    assert len(set(codes)) == len(codes) == 21


@pytest.mark.parametrize(
    "path", sorted((root / "processes").glob("*/scenarios/data/*.toml")), ids=lambda p: p.stem
)
def test_the_enterprises_of_the_stories_are_invented(path: Path) -> None:
    partners = tomllib.loads(path.read_text()).get("proposta", {}).get("partner", [])
    assert all(p["cf"].startswith("99") and validators.run("piva", p["cf"])[1] is None for p in partners)
    assert all(p["pec"].endswith(".example") for p in partners)


def test_the_lead_preview_and_the_agreement_look_at_the_same_content() -> None:
    """The agreement is made of the very expression that the check of completeness compares it with."""
    text = (root / "processes/f1_presentazione/f1_presentazione.bpmn").read_text()
    tree = etree.fromstring(text.encode())
    inputs = {
        (node.getparent().getparent().get("id"), node.get("name")): node.get("value")
        for node in tree.iter("{https://pratica.example/schema/bpmn/1.0}input")
    }
    content = inputs["ST_genera_accordo", "contenuto"]
    assert inputs["BR_D1_pre", "accordo"] == f"accordo != null and accordo.contenuto = {content}"
