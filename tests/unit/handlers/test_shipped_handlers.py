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
from handlers import decreto, elenco, fascicolo, lettera, protocollo, quesiti, ricevuta, sito, termini

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

    def opened(self, value: Any) -> Any:
        return value

    def cases(self, kind: str, state: str | None = None) -> list[Case]:
        return [c for c in self.known if c.kind == kind and state in {None, c.state}]

    def decisions(self, language: str = "it") -> list[Decision]:
        return self.taken

    def publish(self, name: str, body: bytes, first: int = 1) -> Version:
        before = self.lists[-1].sha256 if self.lists else None
        self.lists.append(Version(name, len(self.lists) + first, sha256(body).hexdigest(), before, body))
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


DECREE = {"numero": "1", "data": date(2023, 6, 28)}


def row(case_id: str, azione: str = "inserire", **more: Any) -> dict[str, Any]:
    taken = dict.fromkeys(elenco.TAKEN) | {"titolo": case_id, "capofila": "Alfa"}
    return {"case_id": case_id, **taken, "azione": azione, "che_cosa": "", "scadenza": None, **more}


def waiting(*case_ids: str, state: str = "ok", **record: Any) -> list[Case]:
    return [
        Case(c, "proposal", state, NOW, record={"titolo": c, "capofila": "Alfa", **record}) for c in case_ids
    ]


def updated(
    desk: Desk, before: str | None, *rows: dict[str, Any], first: int | None = None, on: int = 28
) -> dict[str, Any]:
    decree = {**DECREE, "data": date(2023, 6, on)}
    given = Decimal(first) if first else None
    return elenco.apply("e", before, list(rows), decree, "proposal", "ok", given, house=desk)


def collected(desk: Desk) -> dict[str, Any]:
    return elenco.collect("e", "proposal", "ok", ["listed"], ["gone"], house=desk)


def test_a_new_version_of_the_list_holds_the_rows_before_and_names_their_hash() -> None:
    desk = Desk(known=waiting("FIL-1", "FIL-2"))
    one = updated(desk, None, row("FIL-1"))
    two = updated(desk, one["impronta"], row("FIL-2"))
    body = json.loads(desk.lists[1].body)
    assert body["precedente"] == one["impronta"]
    assert [(r["n"], r["case_id"]) for r in body["righe"]] == [("1", "FIL-1"), ("2", "FIL-2")]
    assert two["numero"] == 2


def test_the_first_version_has_the_number_of_the_edition_and_every_version_says_that_others_came_before() -> (
    None
):
    desk = Desk(known=waiting("FIL-1", "FIL-2"))
    one = updated(desk, None, row("FIL-1"), first=5)
    two = updated(desk, one["impronta"], row("FIL-2"), first=5)
    assert (one["numero"], two["numero"]) == (5, 6)
    said = [json.loads(version.body)["note"]["en"] for version in desk.lists]
    assert said == ["The versions before 5 were published elsewhere, before the list was kept here."] * 2
    assert json.loads(desk.lists[0].body)["versione"] == "5"


def test_a_version_made_in_between_is_a_business_error() -> None:
    desk = Desk(known=waiting("FIL-1", "FIL-2"))
    updated(desk, None, row("FIL-1"))
    for refuse in (
        lambda: updated(desk, None, row("FIL-2")),
        lambda: lettera.annex("e", None, [row("FIL-2")], None, house=desk),
    ):
        with pytest.raises(HandlerError) as refused:
            refuse()
        assert refused.value.error_code == "elenco.versione_concorrente"


def test_a_case_already_in_the_list_is_not_collected_again() -> None:
    desk = Desk(known=waiting("FIL-1", "FIL-2"))
    updated(desk, None, row("FIL-1"))
    assert [r["case_id"] for r in collected(desk)["righe"]] == ["FIL-2"]


def test_what_is_collected_is_what_came_what_changed_and_what_left() -> None:
    desk = Desk(known=waiting("FIL-1", "FIL-2", "FIL-3"))
    updated(desk, None, row("FIL-1"), row("FIL-2"), row("FIL-3"))
    desk.known = [
        *waiting("FIL-1", state="listed"),
        *waiting("FIL-2", state="listed", capofila="Beta"),
        *waiting("FIL-3", state="gone"),
        *waiting("FIL-4", scadenza=date(2023, 7, 7)),
        *waiting("FIL-5", state="reviewed"),
    ]
    found = collected(desk)
    told = [(r["case_id"], r["azione"], r["che_cosa"]) for r in found["righe"]]
    assert told == [
        ("FIL-2", "aggiornare", "capofila"),
        ("FIL-3", "togliere", ""),
        ("FIL-4", "inserire", ""),
    ]
    assert (found["scadenza"], found["versione"], len(found["presenti"])) == (
        termini.end_of(date(2023, 7, 7)),
        "1",
        3,
    )


def test_an_updated_row_keeps_its_first_day_and_a_removed_one_has_a_last_and_never_comes_back_by_itself() -> (
    None
):
    desk = Desk(known=waiting("FIL-1", "FIL-2"))
    one = updated(desk, None, row("FIL-1"), row("FIL-2"), on=1)
    before = desk.lists[0].body
    updated(
        desk, one["impronta"], row("FIL-1", "aggiornare", capofila="Beta"), row("FIL-2", "togliere"), on=28
    )
    first, second = json.loads(desk.lists[1].body)["righe"]
    assert (first["capofila"], first["dal"], first["stato"]) == ("Beta", "2023-06-01", "attiva")
    assert (second["stato"], second["dal"], second["al"]) == ("cancellata", "2023-06-01", "2023-06-28")
    assert (desk.lists[0].body, json.loads(before)["righe"][0]["capofila"]) == (before, "Alfa")
    desk.known = waiting("FIL-1", "FIL-2", state="gone")
    assert [r["case_id"] for r in collected(desk)["righe"]] == ["FIL-1"]


def test_a_case_that_left_meanwhile_is_dropped_with_a_note() -> None:
    desk = Desk(known=waiting("FIL-1"))
    done = updated(desk, None, row("FIL-1"), row("FIL-2"))
    assert done["inserite"] == [{"case_id": "FIL-1"}]
    assert [(r["case_id"], r["nota"]) for r in done["escluse"]] == [
        ("FIL-2", "Non è più in attesa dell'elenco")
    ]
    assert [r["case_id"] for r in json.loads(desk.lists[0].body)["righe"]] == ["FIL-1"]
    with pytest.raises(HandlerError) as refused:
        updated(desk, done["impronta"], row("FIL-2"))
    assert refused.value.error_code == "elenco.nulla_da_applicare"


def words(data: bytes) -> str:
    return " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())


def test_the_annex_and_the_letter_say_what_the_decree_does() -> None:
    desk = Desk(known=waiting("FIL-1"))
    made = lettera.annex("e", None, [row("FIL-1", province=["BG"], ambiti=["A1"])], Decimal(5), house=desk)
    said = words(desk.read_document(made["documento"]))
    assert (made["versione"], made["righe"]) == ("5", "1")
    assert "FIL-1 Alfa inserito" in said.replace("FIL-1 FIL-1", "FIL-1")
    decree = {"estremi": "D.d.u.o. 28 giugno 2023, n. 1", "impronta": "ab" * 32}
    version = {"numero": Decimal(5), "impronta": "cd" * 32, "dal": date(2023, 6, 28)}
    letter = lettera.letter(row("FIL-1"), decree, version, house=desk)
    said = words(desk.read_document(letter["documento"]))
    assert "con D.d.u.o. 28 giugno 2023, n. 1, il partenariato FIL-1 è iscritto nell'elenco" in said.replace(
        "’", "'"
    )
    assert "versione 5, con decorrenza 28 giugno 2023" in said


ACT = {
    "tipo": "dduo",
    "oggetto": "Approvazione di un elenco di fantasia",
    "premesse": "VISTA la #strong[legge];\n\nDATO ATTO che",
    "dispositivo": "1. di approvare;\n2. di pubblicare",
    "rimedi": "Contro questo atto",
}


def test_the_text_of_a_decree_is_what_was_typed_and_names_its_annexes_by_their_hashes() -> None:
    desk = Desk()
    annexed = desk.add_document("allegato.pdf", "application/pdf", b"%PDF-A")
    added = desk.add_document("parere.pdf", "application/pdf", b"%PDF-B")
    made = [{"titolo": "Allegato A", "documento": annexed}]
    text = decreto.generate({**ACT, "altri_allegati": [added]}, made, spesa=True, house=desk)
    data = desk.read_document(text["documento"])
    assert sha256(data).hexdigest() == text["impronta"]
    said = words(data)
    for part in (
        "VISTA la #strong[legge];",
        "di approvare;",
        "Allegato A",
        "parere.pdf",
        "Contro questo atto",
        "comporta spesa",
    ):
        assert part in said, part
    for file in (b"%PDF-A", b"%PDF-B"):
        assert sha256(file).hexdigest() in said.replace(" ", "")
    again = decreto.generate(ACT, [], spesa=False, house=desk)
    assert (text["versione"], again["versione"]) == (1, 2)
    assert "non comporta spesa" in words(desk.read_document(again["documento"]))


def test_a_decree_is_numbered_by_the_year_and_its_page_names_the_text_and_the_signed_file() -> None:
    desk = Desk()
    text = decreto.generate(ACT, [], spesa=False, house=desk)
    signed = desk.add_document("testo.pdf.p7m", "application/pkcs7-mime", b"signed")
    given = (ACT, text, {"file": signed, "firmatario": "Hugo Simulati"}, {"capitolo": "14", "impegno": "9"})
    done = decreto.number(*given, house=desk)
    assert (done["numero"], done["data"]) == ("1", date(2023, 5, 8))
    assert done["estremi"] == "D.d.u.o. 8 maggio 2023, n. 1"
    said = words(desk.read_document(done["documento"]))
    assert "Decreto 8 maggio 2023, n. 1" in said
    assert "capitolo 14, impegno 9" in said
    assert text["impronta"] in said.replace(" ", "")
    assert sha256(b"signed").hexdigest() in said.replace(" ", "")
    assert decreto.number(*given, house=desk)["numero"] == "1"
    desk.key = "other"
    assert decreto.number(*given, house=desk)["numero"] == "2"
    desk.key, desk.now = "later", datetime(2023, 12, 31, 23, 30, tzinfo=UTC)
    new_year = decreto.number(*given, house=desk)
    assert (new_year["numero"], new_year["estremi"]) == ("1", "D.d.u.o. 1° gennaio 2024, n. 1")


def test_a_date_is_written_as_acts_cite_it() -> None:
    assert [decreto.long_date(date(2023, 7, n)) for n in (1, 11)] == ["1° luglio 2023", "11 luglio 2023"]


def test_paragraphs_are_split_at_empty_lines_and_numbers() -> None:
    assert decreto.paragraphs("1. uno\n ancora\n2) due\r\n\r\n- tre\n") == ["uno ancora", "due", "tre"]


def test_a_decree_is_published_once_in_each_channel_asked_for(tmp_path: Path) -> None:
    act = {"estremi": "D.d.u.o. n. 1", "oggetto": "x", "documento": "d1", "testo": "d2"}
    first = decreto.publish(["sito", "burl"], act, call=a_call(tmp_path))
    assert [(p["canale"], p["stato"], p["modalita"]) for p in first] == [
        ("burl", "pubblicata", "simulato"),
        ("sito", "pubblicata", "simulato"),
    ]
    assert decreto.publish(["sito", "burl"], act, call=a_call(tmp_path, attempt=2)) == first
    assert [len(list((tmp_path / c).iterdir())) for c in ("burl", "sito")] == [1, 1]
    assert decreto.publish([], act, call=a_call(tmp_path)) == []


def test_a_letter_is_sent_once_and_says_that_it_is_simulated(tmp_path: Path) -> None:
    given = ("FIL-1", "capofila", "Alfa", "Iscrizione", DocumentId("d1"), "O1.2023.0000002 del 28/06/2023")
    sent = sito.send(*given, call=a_call(tmp_path))
    assert (sent["a"], sent["modalita"]) == ("Alfa (capofila, FIL-1)", "simulato")
    assert sito.send(*given, call=a_call(tmp_path, attempt=2)) == sent
    assert len(list((tmp_path / "pec").iterdir())) == 1


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
