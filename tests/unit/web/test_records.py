"""What people read of answers and records: labels of forms and manifests, never codes."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel

from app.definitions import forms
from app.definitions.bundle import read_bundle
from app.definitions.forms import Around, Lens, Recorded
from app.domain.cases import Case, Document
from app.domain.tasks import Task
from app.store.personal import Erased
from app.web import answers, called, portal, records
from app.web.forms_view import Drawing

root = Path(__file__).parents[3]
now = datetime(2023, 5, 8, 10, 0, tzinfo=UTC)
bundle = read_bundle(root, "f1_presentazione")
review = read_bundle(root, "f1_istruttoria")


@pytest.fixture(autouse=True)
def site() -> Iterator[Flask]:
    site = Flask("app.web", static_folder=None)
    Babel(site, default_locale="en")
    with site.test_request_context():
        yield site


def form_of(*components: dict[str, Any], **properties: Any) -> forms.Form:
    return forms.load_form(json.dumps({"components": components, "properties": properties}).encode())


def test_recorded_answers_are_read_with_the_labels_of_the_form_and_files_as_documents() -> None:
    form = forms.of_bundle(bundle, "frm_proposta")
    assert form
    file = Document("d1", "F-1", "relazione.pdf", "application/pdf", 9, "a", now, "ada")
    values = {
        "ambiti": ["A1"],
        "schede": {"A1": {"descrizione": "x"}},
        "relazione": "d1",
        "partner": [{"tipo": "its", "denominazione": "Uno", "cf": "1", "piva": None}],
        "impegni_economici": [{"impresa": "1", "importo": None}],
    }
    around = Around({}, {"d1": file}, now, "it")
    read = answers.read(form.fields, values, {"d1": file}, "it", Recorded(form, values, around))
    text = answers.plain(read)
    assert "Tipo: ITS" in text
    assert "A2 ·" not in text
    assert text.count("Partner: Uno") == 1
    dossier = next(a for a in read if a.label == "Dossier")
    assert next(a for a in dossier.lines if a.label.startswith("Relazione")).files == (file,)


def test_an_erased_answer_says_so() -> None:
    form = form_of({"type": "textfield", "key": "cf", "label": "CF"})
    values = {"cf": Erased("c")}
    (answer,) = answers.read(form.fields, values, {}, "en", Recorded(form, values, Around()))
    assert answer.text == "erased: it was personal data that is no longer kept"


def test_a_column_shows_the_labels_of_its_values() -> None:
    column = {
        "key": "tipo",
        "label": "Tipo",
        "values": [{"value": "its", "label": "ITS", "label_en": "Institute"}],
    }
    form = form_of({"type": "table", "id": "t", "label": "T", "dataSource": "=p", "columns": [column]})
    around = Around({"p": [{"tipo": "its"}, {"tipo": "x"}]}, {}, now, "en")
    (table,) = Drawing(Lens(form, {}, around), {}, {}, {}, "en").controls(form.fields)
    assert table.lines == (("Institute",), ("x",))


def test_a_row_title_that_is_cut_says_so() -> None:
    rows = {
        "type": "dynamiclist",
        "path": "r",
        "label": "R",
        "components": [{"type": "textfield", "key": k, "label": k} for k in "abcd"],
    }
    form = form_of(rows)
    values = {"r": [{"a": "parola " * 20}]}
    (control,) = Drawing(Lens(form, values, Around()), values, {}, {}, "it").controls(form.fields)
    assert control.rows[0].summary.endswith("…")
    assert len(control.rows[0].summary) <= 60


def test_an_outcome_is_asked_by_the_buttons_where_each_option_has_one() -> None:
    form = forms.of_bundle(bundle, "frm_firma_capofila")
    assert form
    asked = {f.name: form.is_pressed(f) for f in form.fields if f.name}
    assert [name for name, pressed in asked.items() if pressed] == ["esito"]
    assert form.recalls == ("frm_anagrafica", "frm_proposta")
    decision = forms.of_bundle(review, "frm_decisione")
    assert decision
    assert not any(decision.is_pressed(f) for f in decision.fields)


def test_a_record_is_read_with_labels_options_and_people() -> None:
    record = {
        "edizione_id": "MI-1",
        "province": ["BG"],
        "composizione": {"its": 1, "universita": 1},
        "decisione": "approva_ammissione",
        "istruttore": "dario",
        "altro_dato": 1,
    }
    facts = records.facts(record, [bundle, review], "en", {"dario": "Dario Prova"})
    assert records.as_table(facts) == {
        "Code of the edition": "MI-1",
        "Provinces": "Bergamo",
        "Composition": {"university": 1, "higher technical institute": 1},
        "Decision": "Admits the proposal",
        "Case officer": "Dario Prova",
        "Altro dato": 1,
    }
    assert portal.facts(facts) == [("Provinces", "Bergamo"), ("Decision", "Admits the proposal")]


def test_tasks_and_dates_are_called_in_the_language_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.web.called.house", lambda: None)
    edition = read_bundle(root, "f1_edizione")
    held = {("F-1", 1): review, ("E-1", 1): edition}
    monkeypatch.setattr(
        "app.services.definitions.bundles_of", lambda _h, ids: {k: b for k, b in held.items() if k[0] in ids}
    )
    task = Task("F-1", 1, 1, "UT_verifica", "Verifica formale", None, None, "office", "open", now)
    assert called.task_name(task) == "Formal check"
    case = Case("E-1", "edition", "aperta", now, record={"apertura": now, "titolo": "x"})
    assert called.window(case) == [("Opening", now)]
    order = list(called.words("F-1", 1))
    assert order.index("scadenza_nominale") < order.index("scadenza_effettiva") < order.index("entro")
