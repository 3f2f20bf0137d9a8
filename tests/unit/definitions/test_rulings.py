"""A decision of the process shown while a form is filled in: what it says then is what it says once the form was sent."""

import sys
import tomllib
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.definitions import check, expressions, rulings
from app.definitions.bundle import read_bundle
from app.definitions.forms import Around, Lens, decisions, of_bundle, submit
from app.domain.bundles import Bundle
from app.domain.cases import Document
from app.domain.errors import FormInvalid, FormTooCostly
from app.domain.events import DecisionEvaluated
from app.engine.definitions import load

root = Path(__file__).parents[3]
sys.path.insert(0, str(root / "tests" / "unit" / "engine"))
from playing import Played  # noqa: E402

BUNDLE = read_bundle(root, "f1_presentazione")
DATA = tomllib.loads(
    (root / "processes/f1_presentazione/scenarios/data/novacera.toml").read_text(), parse_float=Decimal
)
NOW = datetime(2023, 5, 8, 8, tzinfo=UTC)
EDITION = {
    "apertura": datetime(2022, 3, 14, 8, tzinfo=UTC),
    "chiusura": datetime(2023, 12, 31, 16, tzinfo=UTC),
    "min_imprese": Decimal(10),
}
PAPER = Document("d1", "FIL-1", "prova.pdf", "application/pdf", 10, "0" * 64, NOW, "ada")
FORM = of_bundle(BUNDLE, "frm_proposta")
assert FORM


def exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: exact(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [exact(inner) for inner in value]
    if isinstance(value, str) and value.startswith("file:"):
        return "d1"
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


PROPOSTA, ANAGRAFICA = exact(DATA["proposta"]), exact(DATA["anagrafica"])


def around(variables: dict[str, Any]) -> Around:
    ruled = rulings.rulings_of(load(BUNDLE), decisions(FORM), "proposta")
    return Around(variables, {"d1": PAPER}, NOW, "it", rulings=ruled)


def live(raw: dict[str, Any], variables: dict[str, Any]) -> Any:
    table = next(item for item in FORM.fields if item.decision)
    return Lens(FORM, raw, around(variables)).computed(table)


@st.composite
def proposals(draw: st.DrawFn) -> dict[str, Any]:
    """A proposal that could be sent, with what table D1 looks at varied."""
    raw = deepcopy(PROPOSTA)
    kept = [raw["partner"][0]] + [p for p in raw["partner"][1:] if draw(st.booleans()) or draw(st.booleans())]
    for partner in kept:
        partner["provincia_sede"] = draw(st.sampled_from(["MI", "BG", "fuori_lombardia"]))
    codes = {partner["cf"] for partner in kept}
    raw["partner"] = [*kept, {}] if draw(st.booleans()) else kept  # a row in which nothing was typed yet
    raw["impegni_economici"] = [row for row in raw["impegni_economici"] if row["impresa"] in codes]
    raw["cronoprogramma"] = [{**row, "responsabile": kept[0]["cf"]} for row in raw["cronoprogramma"]]
    return raw


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(proposals(), st.booleans(), st.integers(2, 12), st.integers(0, 15))
def test_live_findings_are_those_of_the_decision_after_the_submission(
    raw: dict[str, Any], listed: bool, least: int, signed: int
) -> None:
    given = [{"partner": p["cf"], "impronta": "ab"} for p in raw["partner"][1 : signed + 1] if p.get("cf")]
    agreed = {"firme": given, "accordo": {"impronta": "ab", "contenuto": {}}}
    edition = {**EDITION, "min_imprese": Decimal(least)}
    anagrafica = {**ANAGRAFICA, "gia_riconosciuta": listed}
    earlier = {"proposta": {"partner": [], "ambiti": []}, "rilievi": [{"codice": "F99"}]}
    shown = live(raw, {"edizione": edition, "anagrafica": anagrafica, **agreed, **earlier})
    values = submit(FORM, raw, {"edizione": edition, "anagrafica": anagrafica}, {"d1": PAPER}, now=NOW)
    played = Played(BUNDLE, NOW, edizione=edition, **agreed)
    played.complete("UT_anagrafica", **anagrafica)
    played.complete("UT_proposta", **values)
    (decided,) = [each for each in played.of(DecisionEvaluated) if each.element == "BR_D1_pre"]
    assert shown == decided.output


def test_an_unfinished_draft_breaks_nothing() -> None:
    variables = {"edizione": EDITION, "anagrafica": ANAGRAFICA}
    for raw in (
        {},
        {"partner": [{}]},
        {"partner": [{"tipo": "impresa"}], "ambiti": []},
        {"partner": "x", "accordo": "y", "ambiti": {"a": 1}},
        {"accordo": {"tipo": "niente"}},
    ):
        assert isinstance(live(raw, variables), list), raw
    assert live({}, {}) is not None


def test_the_headline_counts_and_the_hidden_findings_of_an_earlier_round_are_gone() -> None:
    raw = {"partner": PROPOSTA["partner"][:9]}
    signed = [{"partner": row["cf"], "impronta": "ab"} for row in raw["partner"]]
    variables = {"edizione": EDITION, "anagrafica": ANAGRAFICA, "rilievi": [{"codice": "F99"}]}
    variables |= {"firme": signed, "accordo": {"impronta": "ab"}}
    table = next(item for item in FORM.fields if item.decision)
    lens = Lens(FORM, raw, around(variables))
    assert lens.text(table.description, table).startswith(
        "9 imprese lombarde hanno firmato su 10: ne manca una. "
    )
    assert "F99" not in str(lens.computed(table))


def test_a_decision_pays_from_the_purse_of_the_page() -> None:
    variables = {"edizione": EDITION, "anagrafica": ANAGRAFICA}
    expressions.begin_page()
    try:
        live(PROPOSTA, variables)
        purse = expressions._purse.get()
        assert purse is not None
        assert expressions.PAGE_STEPS - purse.left > 100
        purse.left = 20
        with pytest.raises(FormTooCostly):
            live(PROPOSTA, variables)
    finally:
        expressions.end_page()


def test_the_table_itself_pays_too() -> None:
    ruling = around({}).rulings["BR_D1_pre"]
    expressions.begin_page()
    try:
        purse = expressions._purse.get()
        assert purse is not None
        before = purse.left
        expressions.decide(ruling.model, ruling.decision, {"n_tot": Decimal(3)}, NOW)
        assert purse.left < before
    finally:
        expressions.end_page()


def test_check_finds_a_decision_that_names_no_business_rule_task() -> None:
    form = BUNDLE.files["forms/frm_proposta.json"]
    for name in ("UT_firma", "BR_altrove"):
        files = {**BUNDLE.files, "forms/frm_proposta.json": form.replace(b"BR_D1_pre", name.encode())}
        found = [f for f in check.check(Bundle("f1_presentazione", files)) if f.code == "decision_unknown"]
        assert [(f.element, "BR_D1_pre" in f.message) for f in found] == [(name, True)]


def test_a_table_with_a_decision_has_no_data_source_of_its_own() -> None:
    form = BUNDLE.files["forms/frm_proposta.json"].replace(
        b'"id": "table_rilievi",', b'"id": "table_rilievi", "dataSource": "=rilievi",'
    )
    found = check.check(Bundle("f1_presentazione", {**BUNDLE.files, "forms/frm_proposta.json": form}))
    assert "decision" in {f.code for f in found}


def test_a_submission_that_is_refused_changes_nothing_of_what_was_shown() -> None:
    with pytest.raises(FormInvalid):
        submit(FORM, {}, {"edizione": EDITION, "anagrafica": ANAGRAFICA}, {}, now=NOW)
