"""How a form of form-js becomes HTML that needs no script."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask, render_template
from flask_babel import Babel
from lxml import html

from app.definitions import forms
from app.definitions.forms import Around, Form, Lens
from app.domain.cases import Document
from app.web import answers, formats
from app.web.forms_view import Drawing, rich

now = datetime(2023, 5, 8, 10, 0, tzinfo=UTC)
document = Document(
    "doc7", "FIL-2023-0042", "relazione <1>.pdf", "application/pdf", 1_400_000, "a" * 64, now, "ada"
)


@pytest.fixture(autouse=True)
def site() -> Iterator[Flask]:
    site = Flask("app.web", static_folder=None)
    site.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    Babel(site, default_locale="en")
    formats.install(site)
    site.jinja_env.globals["document_address"] = lambda document: f"/documents/{document.id}"
    with site.test_request_context():
        yield site


def form_of(*components: dict[str, Any], **properties: Any) -> Form:
    given = {"schemaVersion": 19, "id": "frm", "components": list(components), "properties": properties}
    return forms.load_form(json.dumps(given).encode())


def drawn(
    form: Form,
    values: dict[str, Any] | None = None,
    errors: Any = None,
    language: str = "it",
    **variables: Any,
) -> Any:
    """Render a form and give the tree of its HTML."""
    documents = {document.id: document}
    around = Around(variables, documents, now, language)
    raw = forms.prefill(form, {}) if values is None else values
    controls = Drawing(Lens(form, raw, around), raw, errors or {}, documents, language).controls(form.fields)
    return html.fromstring(f"<form>{render_template('forms/part.html', controls=controls)}</form>")


def name_of(tree: Any, control: Any) -> str:
    """Give the accessible name of a control: the text of its label."""
    (label,) = tree.xpath(f"//label[@for='{control.get('id')}']")
    return " ".join(label.text_content().split())


def text(key: str, **more: Any) -> dict[str, Any]:
    return {"type": "textfield", "key": key, "id": f"id_{key}", "label": key.title(), **more}


def test_a_required_field_says_so_in_its_accessible_name() -> None:
    tree = drawn(form_of(text("titolo", validate={"required": True}), text("sigla")))
    titolo, sigla = tree.xpath("//input[@name='titolo']")[0], tree.xpath("//input[@name='sigla']")[0]
    assert name_of(tree, titolo) == "Titolo (required)"
    assert titolo.get("required") is not None
    assert name_of(tree, sigla) == "Sigla"
    assert sigla.get("required") is None


def test_a_hint_and_an_error_are_named_by_the_input_they_belong_to() -> None:
    tree = drawn(
        form_of(text("titolo", description="Come sulla domanda.")), errors={"titolo": ["Scrivere il titolo."]}
    )
    (field,) = tree.xpath("//input[@name='titolo']")
    assert field.get("aria-invalid") == "true"
    described = [tree.get_element_by_id(i).text_content() for i in field.get("aria-describedby").split()]
    assert "Come sulla domanda." in described[0]
    assert "Scrivere il titolo." in described[1]


@pytest.mark.parametrize("kind", ["radio", "checklist", "taglist"])
def test_choices_are_a_fieldset_whose_legend_is_the_question(kind: str) -> None:
    options = [{"value": "a", "label": "Prima"}, {"value": "b", "label": "Seconda"}]
    tree = drawn(
        form_of({"type": kind, "key": "scelta", "label": "Quale?", "values": options}), {"scelta": "b"}
    )
    (fieldset,) = tree.xpath("//fieldset[legend]")
    assert fieldset.xpath("string(legend)").strip() == "Quale?"
    ticked = fieldset.xpath(".//input[@checked]")
    assert [box.get("value") for box in ticked] == ["b"]
    assert [name_of(tree, box) for box in fieldset.xpath(".//input[@type != 'hidden']")] == [
        "Prima",
        "Seconda",
    ]


def test_choosing_nothing_is_posted_too() -> None:
    tree = drawn(
        form_of({"type": "checklist", "key": "scelta", "label": "Quali?", "values": []}), {"scelta": []}
    )
    assert [i.get("value") for i in tree.xpath("//input[@type='hidden'][@name='scelta']")] == [""]


def test_a_select_is_the_browsers_own() -> None:
    options = [{"value": "BG", "label": "Bergamo"}]
    tree = drawn(
        form_of({"type": "select", "key": "sede", "label": "Sede", "values": options}), {"sede": "BG"}
    )
    assert tree.xpath("//select[@name='sede']/option[@selected]/@value") == ["BG"]


@pytest.mark.parametrize(
    ("component", "value", "wanted"),
    [
        (
            {"type": "number", "decimalDigits": 2},
            Decimal("1250.50"),
            {"value": "1250,50", "inputmode": "decimal"},
        ),
        ({"type": "number", "decimalDigits": 0}, Decimal(24), {"value": "24", "inputmode": "numeric"}),
        (
            {"type": "datetime", "subtype": "date", "dateLabel": "x"},
            now.date(),
            {"value": "2023-05-08", "type": "date"},
        ),
        (
            {"type": "datetime", "subtype": "datetime"},
            now,
            {"value": "2023-05-08T12:00", "type": "datetime-local"},
        ),
        ({"type": "textfield", "validate": {"validationType": "email"}}, "a@b.example", {"type": "email"}),
        ({"type": "textfield", "properties": {"autocomplete": "email"}}, "x", {"autocomplete": "email"}),
        ({"type": "textfield"}, '"><script>', {"value": '"><script>'}),
    ],
)
def test_inputs_carry_value_keyboard_and_autocomplete(
    component: dict[str, Any], value: Any, wanted: dict[str, str]
) -> None:
    tree = drawn(form_of({"key": "c", "label": "C", **component}), {"c": value})
    (field,) = tree.xpath("//input[@name='c']")
    assert {name: field.get(name) for name in wanted} == wanted
    assert not tree.xpath("//script")


def test_what_was_typed_wrongly_comes_back_as_it_was_typed() -> None:
    tree = drawn(
        form_of({"type": "number", "key": "n", "label": "N"}), {"n": "dodici"}, {"n": ["Scrivere un numero."]}
    )
    assert tree.xpath("//input[@name='n']/@value") == ["dodici"]


def test_a_text_area_keeps_its_first_line_break() -> None:
    tree = drawn(form_of({"type": "textarea", "key": "t", "label": "T"}), {"t": "\nriga due\nriga tre"})
    # a browser drops the first line break after the tag (HTML, 13.1.2.5); libxml2 keeps it
    assert tree.xpath("//textarea")[0].text == "\n" + "\nriga due\nriga tre"


partners = {
    "type": "dynamiclist",
    "path": "partner",
    "label": "Partner",
    "components": [
        text("denominazione"),
        text("cf", validate={"required": True}),
        text("pec"),
        {"type": "textfield", "key": "rea", "label": "REA", "conditional": {"hide": '=cf = "persona"'}},
    ],
}


def test_rows_are_fieldsets_with_buttons_to_add_and_remove() -> None:
    rows = [{"denominazione": "Alfa", "cf": "1"}, {"denominazione": "Beta", "cf": "2"}]
    tree = drawn(form_of(partners), {"partner": rows})
    assert tree.xpath("//button[@name='_add']/@value") == ["partner"]
    assert tree.xpath("//button[@name='_remove']/@value") == ["partner.0", "partner.1"]
    assert [s.strip() for s in tree.xpath("//summary/span[2]/text()")] == ["Alfa · 1", "Beta · 2"]
    assert tree.xpath("//input[@name='partner.1.cf']/@value") == ["2"]
    posted = {i.get("name"): [i.get("value") or ""] for i in tree.xpath("//input[@name]")}
    assert [row["denominazione"] for row in forms.read_posted(form_of(partners), posted)["partner"]] == [
        "Alfa",
        "Beta",
    ]


def test_a_row_that_is_new_or_wrong_lies_open_and_the_others_do_not() -> None:
    rows = [{"denominazione": "Alfa", "cf": "1"}, {"denominazione": "Beta", "cf": "x"}, {}]
    tree = drawn(form_of(partners), {"partner": rows}, {"partner.1.cf": ["Scrivere 11 cifre."]})
    assert [details.get("open") is not None for details in tree.xpath("//details")] == [False, True, True]
    assert "1 error" in tree.xpath("string((//summary)[2])")


def test_a_condition_is_decided_on_the_server_row_by_row() -> None:
    rows = [{"cf": "persona"}, {"cf": "99000010167"}]
    tree = drawn(form_of(partners), {"partner": rows})
    assert not tree.xpath("//input[@name='partner.0.rea']")
    assert tree.xpath("//input[@name='partner.1.rea']")


def test_a_stored_document_is_shown_and_stays_when_nothing_is_chosen() -> None:
    field = {
        "type": "filepicker",
        "key": "relazione",
        "label": "Relazione",
        "accept": ".pdf",
        "validate": {"required": True},
    }
    tree = drawn(form_of(field), {"relazione": "doc7"})
    assert tree.xpath("//a[@href='/documents/doc7']/text()") == ["relazione <1>.pdf"]
    assert tree.xpath("//input[@type='hidden'][@name='relazione']/@value") == ["", "doc7"]
    (chooser,) = tree.xpath("//input[@type='file']")
    assert chooser.get("name") == "_file.relazione"
    assert chooser.get("required") is None
    assert "PDF, at most 20 MB." in tree.text_content()


def test_a_computed_field_is_an_output() -> None:
    counted = {"type": "expression", "key": "n", "label": "Imprese", "expression": "=count(partner)"}
    tree = drawn(form_of(counted, partners), {"partner": [{"cf": "1"}, {"cf": "2"}]})
    assert tree.xpath("string(//output)") == "2"


def test_findings_are_a_table_with_a_caption() -> None:
    columns = [{"key": "codice", "label": "Codice"}, {"key": "testo", "label": "Che cosa manca"}]
    table = {"type": "table", "id": "t", "label": "Rilievi", "dataSource": "=rilievi", "columns": columns}
    found = [{"codice": "F01", "testo": "Meno di 10 imprese"}]
    tree = drawn(form_of(table), {}, rilievi=found)
    assert tree.xpath("string(//caption)") == "Rilievi"
    assert [c.text for c in tree.xpath("//th")] == ["Codice", "Che cosa manca"]
    assert [c.text for c in tree.xpath("//td")] == ["F01", "Meno di 10 imprese"]


def test_headings_of_a_text_stand_below_the_pages_own_and_html_in_it_is_text() -> None:
    made = str(rich("# Titolo\n\nUn **testo** con <b>html</b> e [indirizzo](javascript:alert(1))."))
    assert "<h3>Titolo</h3>" in made
    assert "<strong>testo</strong>" in made
    assert "<b>" not in made
    assert "href" not in made


def test_html_components_are_cleaned_and_images_are_of_this_house() -> None:
    tree = drawn(
        form_of(
            {"type": "html", "id": "h", "content": "<p onclick='x()'>Ciao<script>x()</script></p>"},
            {"type": "image", "id": "i", "source": "https://altrove.example/x.png", "alt": "Lontana"},
            {"type": "image", "id": "j", "source": "/static/x.png", "alt": "Nostra"},
        ),
        {},
    )
    assert tree.xpath("//p[contains(., 'Ciao')]/@onclick") == []
    assert not tree.xpath("//script")
    assert tree.xpath("//img/@alt") == ["Nostra"]


def test_every_id_is_there_once() -> None:
    options = [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]
    form = form_of(partners, {"type": "radio", "key": "r", "label": "R", "values": options}, text("titolo"))
    tree = drawn(form, {"partner": [{"cf": "1"}, {"cf": "2"}], "r": "a"}, {"r": ["x"], "partner.0.cf": ["y"]})
    ids = tree.xpath("//@id")
    assert sorted(ids) == sorted(set(ids))


def test_every_word_of_the_templates_can_be_translated() -> None:
    bare = re.compile(r">\s*([A-Z][a-z]+(?: [a-z]+)+)\s*<")
    from pathlib import Path

    folder = Path(forms.__file__).parents[2] / "web" / "templates"
    for path in (p for part in ("forms", "desk", "portal") for p in (folder / part).glob("*.html")):
        assert bare.findall(path.read_text()) == [], path


def test_answers_read_as_text_that_can_be_kept() -> None:
    form = form_of(text("titolo"), partners, {"type": "checkbox", "key": "ok", "label": "Accetto"})
    read = answers.read(form.fields, {"titolo": "Filiera", "partner": [{"cf": "1"}], "ok": "true"}, {}, "it")
    kept = answers.plain(read)
    assert kept.splitlines()[:4] == ["Titolo: Filiera", "Partner:", "  1.", "    Denominazione:"]
    assert "Accetto: yes" in kept
