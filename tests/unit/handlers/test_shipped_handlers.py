"""The shipped handlers against a house in memory."""

import io
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from app.domain.cases import Case, Document
from app.domain.decisions import Decision
from app.domain.errors import HandlerError
from app.handling import Call, DocumentId, Invitation, NewDocument, Version, load_handlers
from handlers import elenco, fascicolo, protocollo, quesiti, ricevuta, sito, termini

NOW = datetime(2023, 5, 8, 14, 41, 7, tzinfo=UTC)


@dataclass
class Desk:
    now: datetime = NOW
    case_id: str = "FIL-2023-0011"
    key: str = "FIL-2023-0011/1/1"
    books: dict[tuple[str, int | None], dict[str, int]] = field(default_factory=dict)
    files: dict[str, tuple[Document, bytes]] = field(default_factory=dict)
    known: list[Case] = field(default_factory=list)
    lists: list[Version] = field(default_factory=list)
    taken: list[Decision] = field(default_factory=list)

    def enter(self, register: str, body: dict[str, Any], year: int | None = None) -> int:
        book = self.books.setdefault((register, year), {})
        return book.setdefault(self.key, len(book) + 1)

    def entered_at(self, register: str) -> datetime:
        return self.now

    def add_document(self, name: str, media_type: str, data: bytes) -> DocumentId:
        id_ = f"d{len(self.files) + 1}"
        digest = sha256(data).hexdigest()
        document = Document(id_, self.case_id, name, media_type, len(data), digest, self.now, "ada")
        self.files[id_] = (document, data)
        return DocumentId(id_)

    def read_document(self, document: DocumentId) -> bytes:
        return self.files[document][1]

    def documents(self) -> list[Document]:
        return [document for document, _ in self.files.values()]

    def cases(self, kind: str, state: str | None = None) -> list[Case]:
        return [c for c in self.known if c.kind == kind and state in {None, c.state}]

    def decisions(self, language: str = "it") -> list[Decision]:
        return self.taken

    def publish(self, name: str, body: bytes) -> Version:
        before = self.lists[-1].sha256 if self.lists else None
        self.lists.append(Version(name, len(self.lists) + 1, sha256(body).hexdigest(), before, body))
        return self.lists[-1]

    def latest(self, name: str) -> Version | None:
        return self.lists[-1] if self.lists else None


def registered(desk: Desk) -> dict[str, Any]:
    given = ("entrata", "Novacera", ["DG"], "Proposta", DocumentId("d1"), "ab" * 32)
    return protocollo.register(*given, house=desk)


def test_a_protocol_number_has_the_office_the_year_and_seven_digits() -> None:
    assert registered(Desk())["numero"] == "O1.2023.0000001"


def test_the_same_job_twice_is_one_entry_in_the_protocol() -> None:
    desk = Desk()
    assert registered(desk)["numero"] == registered(desk)["numero"]
    desk.key = "FIL-2023-0012/1/1"
    assert registered(desk)["numero"] == "O1.2023.0000002"


def test_the_year_of_a_number_is_that_of_italy() -> None:
    midnight = datetime(2023, 12, 31, 23, 30, tzinfo=UTC)
    assert registered(Desk(now=midnight))["numero"] == "O1.2024.0000001"


def test_a_reconciled_entry_keeps_the_number_of_the_emergency_register() -> None:
    desk = Desk()
    given = ("entrata", "Novacera", ["DG"], "Proposta", DocumentId("d1"), "ab" * 32)
    emergency = protocollo.register_in_emergency(*given, house=desk)
    assert emergency["numero"] == "EMG-2023-0001"
    entry = protocollo.reconcile(*given, emergency, house=desk)
    assert (entry["numero"], entry["emergenza"]) == ("O1.2023.0000001", "EMG-2023-0001")


class Sealed:
    commitment = "c0ffee"


PARTNERS = [
    {
        "tipo": "impresa",
        "denominazione": "Alfa",
        "cf": "99000010167",
        "capofila": True,
        "provincia_sede": "BG",
    },
    {"tipo": "professionista", "denominazione": "Ida Finta", "cf": "X", "provincia_sede": "MI"},
]


def test_a_frozen_dossier_names_every_file_and_no_personal_value() -> None:
    desk = Desk()
    kept = desk.add_document("accordo.pdf", "application/pdf", b"%PDF-1")
    desk.add_document("sbagliato.pdf", "application/pdf", b"%PDF-2")
    answers = {"referente": {"cf": Sealed()}, "proposta": {"accordo": {"files": [kept]}}}
    frozen = fascicolo.freeze(answers, PARTNERS, NOW, house=desk)
    assert frozen["allegati"] == [kept]
    data = desk.read_document(frozen["documento"])
    assert sha256(data).hexdigest() == frozen["impronta"]
    read = json.loads(data)
    assert read["contenuto"]["referente"]["cf"] == {"sigillato": "c0ffee"}
    assert [d["nome"] for d in read["documenti"]] == ["accordo.pdf"]
    assert (frozen["capofila"], frozen["imprese"]) == ("Alfa", ["99000010167"])


def test_a_natural_person_is_not_among_the_public_organisations() -> None:
    frozen = fascicolo.freeze({}, PARTNERS, NOW, house=Desk())
    assert [o["denominazione"] for o in frozen["organizzazioni"]] == ["Alfa"]


def test_the_term_of_the_worked_cases_is_that_of_the_law() -> None:
    first = fascicolo.open_review(date(2023, 5, 8), Decimal(60), [], house=Desk())
    assert (first["scadenza_nominale"], first["scadenza_effettiva"]) == (date(2023, 7, 7), date(2023, 7, 7))
    assert termini.effective(date(2023, 11, 19)) == date(2023, 11, 20)
    assert termini.nominal(date(2023, 12, 29), 60) == date(2024, 2, 27)


def test_holidays_agree_with_an_independent_calendar() -> None:
    holidays = pytest.importorskip("holidays")
    for year in range(2022, 2031):
        theirs = holidays.country_holidays("IT", years=year)
        day = date(year, 1, 1)
        while day.year == year:
            if day != date(year, 10, 4):
                expected = day in theirs or day.weekday() == termini.SUNDAY
                assert termini.is_holiday(day) == expected, day
            day = date.fromordinal(day.toordinal() + 1)


def test_an_enterprise_in_another_live_proposal_is_reported() -> None:
    other = Case("FIL-2023-0002", "proposal", "in_istruttoria", NOW, record={"imprese": ["1", "2"]})
    gone = Case("FIL-2023-0003", "proposal", "ritirata", NOW, record={"imprese": ["1"]})
    found = fascicolo.open_review(date(2023, 5, 8), Decimal(60), ["1"], house=Desk(known=[other, gone]))
    assert found["doppie_presenze"] == [{"impresa": "1", "pratica": "FIL-2023-0002"}]


def updated(desk: Desk, case_id: str, before: str | None) -> dict[str, Any]:
    row = {"case_id": case_id, "titolo": case_id, "capofila": "Alfa"}
    return elenco.apply("e", before, [row], {"numero": "1", "data": date(2023, 6, 28)}, house=desk)


def test_a_new_version_of_the_list_holds_the_rows_before_and_names_their_hash() -> None:
    desk = Desk()
    one = updated(desk, "FIL-2023-0001", None)
    two = updated(desk, "FIL-2023-0002", one["impronta"])
    body = json.loads(desk.lists[1].body)
    assert body["precedente"] == one["impronta"]
    assert [(r["n"], r["case_id"]) for r in body["righe"]] == [("1", "FIL-2023-0001"), ("2", "FIL-2023-0002")]
    assert two["numero"] == 2


def test_a_version_made_in_between_is_a_business_error() -> None:
    desk = Desk()
    updated(desk, "FIL-2023-0001", None)
    with pytest.raises(HandlerError) as refused:
        updated(desk, "FIL-2023-0002", None)
    assert refused.value.error_code == "elenco.versione_concorrente"


def test_a_case_already_in_the_list_is_not_collected_again() -> None:
    desk = Desk(known=[Case(f"FIL-2023-000{n}", "proposal", "ok", NOW) for n in (1, 2)])
    updated(desk, "FIL-2023-0001", None)
    found = elenco.collect("e", "proposal", "ok", house=desk)
    assert [row["case_id"] for row in found["righe"]] == ["FIL-2023-0002"]


def a_call(tmp_path: Path, key: str = "ELE-2023-0001/1/1", attempt: int = 1) -> Call:
    invitation = Invitation(
        "invited:FIL-2023-0011/2", "http://pratica.example/invitations/FIL-2023-0011/2/secret"
    )
    return Call(key, "FIL-2023-0011", NOW, attempt, tmp_path, lambda _: b"[]", list, lambda: invitation)


def test_a_publication_called_twice_with_one_key_is_in_the_ledger_once(tmp_path: Path) -> None:
    first = sito.publish("e", Decimal(1), "ab", DocumentId("d1"), call=a_call(tmp_path))
    again = sito.publish("e", Decimal(1), "ab", DocumentId("d1"), call=a_call(tmp_path, attempt=2))
    assert first == again
    assert first["modalita"] == "simulato"
    assert len(list((tmp_path / "sito").iterdir())) == 1
    sito.publish("e", Decimal(2), "cd", DocumentId("d1"), call=a_call(tmp_path, key="other"))
    assert len(list((tmp_path / "sito").iterdir())) == 2


def test_the_receipt_is_a_tagged_pdf_with_number_instant_and_hash(tmp_path: Path) -> None:
    entry = {"numero": "O1.2023.0000042", "data": NOW}
    made = ricevuta.receipt("Nova #cera *1*", "Alfa", entry, NOW, "ab" * 32, False, [], call=a_call(tmp_path))
    document = made["documento"]
    assert isinstance(document, NewDocument)
    reader = PdfReader(io.BytesIO(document.data))
    text = reader.pages[0].extract_text()
    for wanted in ("O1.2023.0000042", "08/05/2023, ore 16:41:07", "Nova #cera *1*", "ab" * 32):
        assert wanted in text.replace("\n", ""), wanted
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_a_question_is_numbered_by_year_and_day_of_rome() -> None:
    desk = Desk(now=datetime(2023, 12, 31, 23, 30, tzinfo=UTC))
    assert quesiti.register(house=desk) == {"numero": "QUE-2024-0001", "data": date(2024, 1, 1)}
    assert quesiti.register(house=desk)["numero"] == "QUE-2024-0001"
    desk.key = "FIL-2023-0011/2/1"
    assert quesiti.register(house=desk)["numero"] == "QUE-2024-0002"


def test_every_handler_that_a_diagram_names_is_registered() -> None:
    diagrams = (Path(__file__).parents[3] / "processes").glob("*/*.bpmn")
    named = {part.split('"')[0] for d in diagrams for part in d.read_text().split('pratica:handler="')[1:]}
    assert named
    assert named <= load_handlers().names()
