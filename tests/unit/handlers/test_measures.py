"""A measure's definition judged and frozen, its window closed, its letter written."""

import io
import json
import tomllib
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from app.domain.cases import Case
from app.handling import Version
from handlers import invito, misura
from tests.unit.handlers.test_shipped_handlers import Desk, a_call

ROME = ZoneInfo("Europe/Rome")
ROOT = Path(__file__).parents[3]


def demo() -> dict[str, Any]:
    text = (ROOT / "processes/f2_misura/scenarios/data/misure.toml").read_text()
    told = tomllib.loads(text, parse_float=Decimal)["demo"]

    def felt(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: felt(item) for key, item in value.items()}
        if isinstance(value, list):
            return [felt(item) for item in value]
        if isinstance(value, datetime):
            return value.replace(tzinfo=ROME)
        return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value

    return felt(told)  # type: ignore[no-any-return]


def desk(**more: Any) -> Desk:
    return Desk(now=datetime(2024, 3, 18, 9, tzinfo=UTC), case_id="MIS-2024-0001", **more)


FALLEN = ["non_approvata", "bando_respinto"]


def faults(changed: dict[str, Any], at: Desk | None = None) -> list[tuple[str, str, str]]:
    found = misura.judge({**demo(), **changed}, FALLEN, house=at or desk())["errori"]
    return [(one["campo"], one["codice"], one["dove"]) for one in found]


def criteria(code: str, **changed: Any) -> dict[str, Any]:
    return {"criteri": [{**one, **(changed if one["codice"] == code else {})} for one in demo()["criteri"]]}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, []),
        (criteria("C1", max=Decimal(9)), [("criteri", "pesi", "99")]),
        (criteria("C1", max=Decimal(11)), [("criteri", "pesi", "101")]),
        (criteria("C4", livelli="0; 5; 10"), [("criteri", "livelli", "C4")]),
        (criteria("C4", livelli="0; 10; 5; 15"), [("criteri", "livelli", "C4")]),
        (criteria("C4", livelli="0; 5; 5; 15"), [("criteri", "livelli", "C4")]),
        (criteria("C6", livelli="15"), []),
        ({"soglia": Decimal(101)}, [("soglia", "soglia", "")]),
        ({"soglia": Decimal(100)}, []),
        ({"contributo_max": Decimal("600000.01")}, [("contributo_max", "contributo", "")]),
        ({"contributo_max": Decimal(600000)}, []),
        ({"apertura": datetime(2024, 3, 18, 9, tzinfo=UTC)}, [("apertura", "apertura_passata", "")]),
        ({"chiusura": datetime(2024, 6, 3, 10, tzinfo=ROME)}, [("chiusura", "chiusura", "")]),
        ({"chiusura": None}, [("chiusura", "chiusura_manca", "")]),
        ({"chiusura": None, "procedura": "sportello"}, []),
    ],
)
def test_a_definition_is_judged_at_its_fields(changed: dict[str, Any], found: list[Any]) -> None:
    assert faults(changed) == found


def test_a_code_belongs_to_one_measure() -> None:
    now = datetime(2024, 1, 1, tzinfo=UTC)
    known = [
        Case(number, "measure", "chiusa", now, record={"codice": "MIS-DEMO-2024"})
        for number in ("MIS-2024-0001", "MIS-2023-0007")
    ]
    assert faults({}, desk(known=known)) == [("codice", "codice_usato", "MIS-2023-0007")]
    assert faults({"codice": "MIS-DEMO-2025"}, desk(known=known)) == []


@pytest.mark.parametrize("state", FALLEN)
def test_the_code_of_a_measure_that_came_to_nothing_is_free_again(state: str) -> None:
    now = datetime(2024, 1, 1, tzinfo=UTC)
    fallen = Case("MIS-2023-0007", "measure", state, now, record={"codice": "MIS-DEMO-2024"})
    assert faults({}, desk(known=[fallen])) == []
    as_before = misura.judge(demo(), house=desk(known=[fallen]))  # an instance of an earlier drawing
    assert [one["codice"] for one in as_before["errori"]] == ["codice_usato"]


def frozen(at: Desk, **changed: Any) -> dict[str, Any]:
    dgr = {"numero": "XII/9999", "data": date(2024, 4, 22), "documento": "d9"}
    return misura.freeze({**demo(), **changed}, dgr, house=at)


def test_what_is_frozen_is_found_by_what_it_says() -> None:
    at = desk()
    given = frozen(at)["configurazione"]
    document, body = at.files[given["documento"]]
    assert given["impronta"] == sha256(body).hexdigest()
    assert document.name == f"criteri-MIS-DEMO-2024-{given['impronta'][:12]}.json"
    held = json.loads(body)
    assert (held["dgr"]["numero"], held["misura"]["criteri"][3]["livelli"]) == (
        "XII/9999",
        ["0", "5", "10", "15"],
    )
    assert frozen(desk())["configurazione"]["impronta"] == given["impronta"]
    assert frozen(desk(), soglia=Decimal(66))["configurazione"]["impronta"] != given["impronta"]
    assert frozen(at)["finestra"]["proroghe"] == []


def test_only_active_rows_of_the_last_list_are_invited() -> None:
    rows = [
        {"case_id": f"FIL-{n}", "titolo": "T", "capofila": "C", "n": n, "stato": state}
        for n, state in (("1", "attiva"), ("2", "cancellata"), ("3", "attiva"))
    ]
    version = Version("elenco", 1, "ab", None, json.dumps({"versione": "5", "righe": rows}).encode())
    given = misura.invited("elenco", house=desk(lists=[version]))
    assert (given["versione"], [row["case_id"] for row in given["righe"]]) == (Decimal(5), ["FIL-1", "FIL-3"])
    assert misura.invited("elenco", house=desk()) == {"versione": Decimal(0), "righe": []}


@pytest.mark.parametrize(
    ("procedure", "closing", "now", "at", "end"),
    [
        ("graduatoria", datetime(2024, 7, 15, 15, tzinfo=UTC), datetime(2024, 7, 16, 3, tzinfo=UTC), 0, date(2024, 10, 14)),
        ("sportello", datetime(2024, 7, 15, 15, tzinfo=UTC), datetime(2024, 7, 1, 3, tzinfo=UTC), 1, None),
        ("sportello", None, datetime(2024, 7, 1, 3, tzinfo=UTC), 1, None),
    ],
)  # fmt: skip
def test_a_closing_is_that_of_the_window_unless_it_comes_before(
    procedure: str, closing: datetime | None, now: datetime, at: int, end: date | None
) -> None:
    given = misura.close_window(procedure, Decimal(90), closing, house=Desk(now=now))
    assert (given["alle"], given["scadenza_effettiva"]) == ((closing, now)[at], end)


def test_the_letter_says_when_how_much_and_that_it_admits_nobody(tmp_path: Path) -> None:
    values = frozen(desk())
    measure, window = values["configurazione"]["valori"], values["finestra"]
    chain = {"titolo": "NOVACERA", "capofila": "Novacera Polimeri Demo S.r.l.", "elenco": Decimal(1)}
    act = {"numero": "1", "data": date(2024, 5, 13)}
    given = invito.letter("MIS-2024-0001", measure, window, chain, act, act, call=a_call(tmp_path))
    again = invito.letter(
        "MIS-2024-0001", measure, {**window, "chiusura": None}, chain, act, act, call=a_call(tmp_path)
    )
    text, other = (
        " ".join(PdfReader(io.BytesIO(one["documento"].data)).pages[0].extract_text().split())
        for one in (given, again)
    )
    for wanted in (
        "03/06/2024, ore 10:00:00",
        "15/07/2024, ore 17:00:00",
        "600.000,00 euro",
        "non è un'ammissione",
    ):
        assert wanted in text.replace("’", "'")
    assert "fino a esaurimento dei fondi" in other
    assert given["impronta"] == sha256(given["documento"].data).hexdigest()
