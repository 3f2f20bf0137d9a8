"""The application that the lead signs."""

import io
from datetime import UTC, datetime
from typing import Any

from pypdf import PdfReader

from handlers import accordo
from tests.unit.handlers.test_shipped_handlers import Desk

NOW = datetime(2023, 5, 8, 14, 41, 7, tzinfo=UTC)
LEAD = {"cf": "1", "denominazione": "Novacera S.r.l.", "capofila": True}
PARTNER = {"cf": "2", "denominazione": "Imballaggi S.p.A."}
SIGNED = {"partner": "2", "impronta": "ab", "alle": NOW, "firmatario": "Berto Supposti", "firmatario_cf": "X"}


def made(desk: Desk, before: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    given = {
        "edizione": {"titolo": "Filiere 2023"},
        "anagrafica": {"titolo": "NOVACERA"},
        "proposta": {"ambiti": ["A1"], "partner": [LEAD, PARTNER]},
        "accordo": {"versione": 1, "impronta": "ab"},
        "firme": [SIGNED],
    }
    return accordo.application(**{**given, **more}, precedenti=before, house=desk)


def text_of(desk: Desk, application: dict[str, Any]) -> str:
    return PdfReader(io.BytesIO(desk.read_document(application["documento"]))).pages[0].extract_text()


def test_the_application_names_who_signed_for_each_partner() -> None:
    desk = Desk(now=NOW)
    text = " ".join(text_of(desk, made(desk, [])).split())
    assert "Imballaggi S.p.A. 2 Berto Supposti 08/05/2023, ore 16:41:07" in text
    assert "X" not in text.split("Imballaggi")[1].split("Dichiarazioni")[0]


def test_the_same_content_is_the_same_application_and_another_is_the_next() -> None:
    desk = Desk(now=NOW)
    first = made(desk, [])
    desk.now = NOW.replace(hour=20)
    again = made(desk, first["versioni"])
    other = made(desk, again["versioni"], anagrafica={"titolo": "NOVACERA 2"})
    back = made(desk, other["versioni"])
    assert (again, back["documento"]) == (first, first["documento"])
    assert [one["documento"] for one in back["versioni"]] == [first["documento"], other["documento"]]
    assert [d.name for d in desk.documents()] == ["domanda-FIL-2023-0011.pdf", "domanda-FIL-2023-0011-v2.pdf"]


def test_another_signer_is_another_application() -> None:
    desk = Desk(now=NOW)
    first = made(desk, [])
    assert made(desk, first["versioni"], firme=[{**SIGNED, "firmatario": "Ada Demorossi"}]) != first
