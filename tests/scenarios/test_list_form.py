"""The form that prepares an update of the list refuses a chain that appears twice, and a row left out without a reason."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.definitions import forms
from app.domain.errors import FormInvalid
from tests.scenarios.conftest import root

NOW = datetime(2023, 6, 20, 8, tzinfo=UTC)
LISTED = [{"case_id": "FIL-9", "titolo": "Già in elenco", "capofila": "Alfa", "stato": "attiva"}]


def sent(*rows: dict[str, Any], name: str = "frm_prepara_elenco", **more: Any) -> list[dict[str, Any]]:
    """Send the form with these rows, each of which begins as `inserire`; gives what the process gets."""
    form = forms.load_form((root / "forms" / "f1_elenco" / f"{name}.json").read_bytes())
    drafted = [
        {"case_id": f"FIL-{n}", "capofila": "Alfa", "azione": "inserire", **row} for n, row in enumerate(rows)
    ]
    variables = {
        "raccolta": {"presenti": LISTED, "righe": drafted, "versione": "5"},
        "bozza": {"righe": drafted},
    }
    answers = {"righe": [{"includi": True, **row} for row in drafted], **more}
    kept: list[dict[str, Any]] = forms.submit(form, answers, variables, {}, "it", NOW)["righe"]
    return kept


@pytest.mark.parametrize("other", ["Filiera del LEGNO", "già in elenco"])
def test_a_chain_that_appears_twice_is_refused_until_one_row_is_left_out_with_a_reason(other: str) -> None:
    rows = [{"titolo": "Filiera del legno"}, {"titolo": other}]
    with pytest.raises(FormInvalid) as refused:
        sent(*rows)
    assert refused.value.errors["righe"] == [
        "Una filiera compare due volte: escludi la riga doppia, con il motivo."
    ]
    with pytest.raises(FormInvalid):
        sent(rows[0], rows[1] | {"includi": False})
    kept = sent(rows[0], rows[1] | {"includi": False, "nota": "Doppia della prima riga"})
    assert [row["includi"] for row in kept] == [True, False]


def test_what_is_only_shown_cannot_be_changed_by_what_is_posted() -> None:
    form = forms.load_form((root / "forms" / "f1_elenco" / "frm_prepara_elenco.json").read_bytes())
    drafted = [{"case_id": "FIL-1", "titolo": "Vera", "capofila": "Alfa", "azione": "togliere"}]
    posted = [
        {"case_id": "FIL-2", "titolo": "Falsa", "capofila": "Beta", "azione": "inserire", "includi": True}
    ]
    variables = {
        "raccolta": {"presenti": [], "righe": drafted, "versione": None},
        "bozza": {"righe": drafted},
    }
    (kept,) = forms.submit(form, {"righe": posted}, variables, {}, "it", NOW)["righe"]
    assert {name: kept[name] for name in drafted[0]} == drafted[0]


def test_an_updated_row_may_have_the_title_that_is_listed() -> None:
    assert sent({"titolo": "Già in elenco", "azione": "aggiornare"})[0]["includi"] is True


def test_nothing_is_confirmed_without_a_row() -> None:
    left = {"titolo": "Filiera", "includi": False, "nota": "Al prossimo aggiornamento"}
    with pytest.raises(FormInvalid) as refused:
        sent(left, name="frm_conferma_elenco", esito="conferma")
    assert list(refused.value.errors) == ["esito"]
