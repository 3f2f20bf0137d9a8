"""The simulated business register, and what the house knows of enterprises elsewhere."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from app.definitions.forms import validators
from app.definitions.value_tables import read_table
from app.domain.cases import Case
from app.handling import Call, Invitation, load_handlers
from handlers import presenze, registro_imprese
from tests.unit.handlers.test_shipped_handlers import Desk

root = Path(__file__).parents[3]
NOW = datetime(2023, 5, 8, 22, 30, tzinfo=UTC)
ENTERPRISES = json.loads((root / "handlers" / "registro_imprese.json").read_text())["imprese"]


def call(ledger: Path) -> Call:
    return Call("k", "FIL-1", NOW, 1, ledger, lambda _: b"", list, lambda: Invitation("nobody", ""))


def test_an_enterprise_is_found_by_its_number_however_it_is_written(tmp_path: Path) -> None:
    found = registro_imprese.prefill("IT 99000010167", call=call(tmp_path))
    assert found["denominazione"] == "Novacera Polimeri Demo S.r.l."
    assert (found["esito"], found["modalita"], found["fonte"]) == ("trovato", "simulato", "Registro imprese")
    assert (found["data"], found["nota"]) == (date(2023, 5, 9), "dati di fantasia")
    assert isinstance(found["addetti"], Decimal)
    assert found["legale_rappresentante"]["cf"] == "DMRDAA75C54Z999S"


def test_what_goes_into_a_history_names_no_person(tmp_path: Path) -> None:
    found = registro_imprese.prefill("99000010167", persone=False, call=call(tmp_path))
    assert (found["esito"], found["indirizzo"]) == ("trovato", "Via Inventata 1")
    assert "legale_rappresentante" not in found


def test_an_unknown_number_is_said_to_be_unknown(tmp_path: Path) -> None:
    for code in ("99000380156", "", "niente"):
        found = registro_imprese.prefill(code, call=call(tmp_path))
        assert (found["esito"], found["modalita"]) == ("non_trovato", "simulato")


def test_a_register_that_is_down_says_so_and_raises_nothing(tmp_path: Path) -> None:
    (tmp_path / "registro_imprese").mkdir()
    (tmp_path / "registro_imprese" / "fermo").touch()
    found = registro_imprese.prefill("99000010167", call=call(tmp_path))
    assert (found["esito"], found.get("denominazione")) == ("non_disponibile", None)


@pytest.mark.parametrize("code", sorted(ENTERPRISES))
def test_the_enterprises_are_invented_and_their_identifiers_well_formed(code: str) -> None:
    one = ENTERPRISES[code]
    person = one["legale_rappresentante"]["cf"]
    assert code.startswith("99")
    assert code == one["partita_iva"] == one["codice_fiscale"]
    for name, text in (("piva", code), ("rea", one["rea"]), ("codice_fiscale", person), ("pec", one["pec"])):
        assert validators.run(name, text) == (text, None), name
    assert (person[11:15], one["pec"].endswith(".example"), one["stato"]) == ("Z999", True, "attiva")
    assert one["rea"][:2] == one["provincia"]


@pytest.mark.parametrize("version", ["2007", "2025"])
def test_their_activities_are_in_the_tables(version: str) -> None:
    name = f"ateco_{version}"
    table = read_table(name, (root / "forms" / "tables" / f"{name}.csv").read_bytes())
    assert {one[name] for one in ENTERPRISES.values()} <= set(table.rows)


def test_no_two_enterprises_share_a_person_or_a_name() -> None:
    for part in (
        [one["denominazione"] for one in ENTERPRISES.values()],
        [one["legale_rappresentante"]["cf"] for one in ENTERPRISES.values()],
        [one["rea"] for one in ENTERPRISES.values()],
    ):
        assert len(set(part)) == len(part) == 34


def other(number: str, state: str, *enterprises: str, lead: str = "") -> Case:
    record = {"imprese": list(enterprises), "capofila": lead}
    return Case(number, "proposal", state, NOW, record=record)


def test_an_enterprise_in_another_live_proposal_is_a_notice() -> None:
    desk = Desk(
        known=[other("FIL-2", "in_istruttoria", "99000010167"), other("FIL-3", "ritirata", "99000020158")]
    )
    found = presenze.elsewhere_and_listed(["99000010167", "99000020158"], "Altra", house=desk)
    assert found == {"altrove": ["99000010167"], "gia_riconosciuta": False}


def test_a_partnership_of_the_same_lead_on_the_list_is_recognised_already() -> None:
    desk = Desk(known=[other("FIL-2", "in_elenco", lead="Novacera S.r.l."), other("FIL-3", "in_istruttoria")])
    found = presenze.elsewhere_and_listed([], " NOVACERA s.r.l. ", house=desk)
    assert found == {"altrove": [], "gia_riconosciuta": True}
    assert presenze.elsewhere_and_listed([], None, house=desk)["gia_riconosciuta"] is False


def test_both_are_registered_as_the_processes_call_them() -> None:
    known = load_handlers()
    assert known.get("registro_imprese.precompila").inside is False
    assert known.get("presenze.altrove").inside is True
