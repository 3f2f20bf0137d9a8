"""The dossier of a proposal: frozen when it is signed, opened for review, set aside when it is withdrawn."""

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.domain.cases import texts_within
from app.handling import House, handler
from handlers import termini
from handlers.canonical import canonical, day, digest

LIVE = (
    "protocollata",
    "in_istruttoria",
    "in_valutazione",
    "in_decisione",
    "ammessa_in_attesa_elenco",
    "in_elenco",
)
"""The states in which a proposal's enterprises are taken."""

KEPT_YEARS = 1
"""Drafts that were never sent are kept for twelve months."""

PRIVATE = "professionista"
"""The kind of partner that is a natural person, and is in no public list."""

Row = dict[str, Any]


@handler("fascicolo.congela", inside=True)
def freeze(contenuto: Row, partner: list[Row], ricevuta_alle: datetime, *, house: House) -> Row:
    """Add the whole dossier as one document and give its SHA-256 and what lists need of it.

    The document is canonical JSON with the hash of every file that the answers name; what was uploaded and replaced before
    is no part of it. `ricevuta_alle` is the legal instant of filing: that of the signature, however late this runs.
    """
    named = set(texts_within(contenuto))
    attached = [document for document in house.documents() if document.id in named]
    files = [{"documento": d.id, "nome": d.name, "sha256": d.sha256, "byte": str(d.size)} for d in attached]
    data = canonical(
        {
            "fascicolo": house.case_id,
            "ricevuta_alle": ricevuta_alle,
            "contenuto": contenuto,
            "documenti": files,
        }
    )
    document = house.add_document(f"fascicolo-{house.case_id}.json", "application/json", data)
    return {
        "documento": document,
        "impronta": digest(data),
        "ricevuta_alle": ricevuta_alle,
        "allegati": [d.id for d in attached],
        **_summary(partner),
    }


def _summary(partners: list[Row]) -> Row:
    kinds = Counter(p["tipo"] for p in partners)
    public = [p for p in partners if p["tipo"] != PRIVATE]
    return {
        "capofila": next((p["denominazione"] for p in partners if p.get("capofila") is True), None),
        "imprese": [p["cf"] for p in partners if p["tipo"] == "impresa"],
        "composizione": {kind: Decimal(kinds[kind]) for kind in sorted(kinds)},
        "organizzazioni": [
            {"denominazione": p["denominazione"], "tipo": p["tipo"], "provincia": p.get("provincia_sede")}
            for p in public
        ],
    }


@handler("fascicolo.apri", inside=True)
def open_review(dies_a_quo: date, giorni: Decimal, imprese: list[str], *, house: House) -> Row:
    """Compute the term of the procedure and look for enterprises that are in another live proposal.

    `giorni` is the edition's term in days (L. 241/1990 art. 2); `entro` is the last second of the effective day.
    """
    nominal = termini.nominal(dies_a_quo, int(giorni))
    effective = termini.effective(nominal)
    return {
        "caso": house.case_id,
        "dies_a_quo": dies_a_quo,
        "giorni": giorni,
        "scadenza_nominale": nominal,
        "scadenza_effettiva": effective,
        "entro": termini.end_of(effective),
        "doppie_presenze": elsewhere(imprese, house),
    }


def elsewhere(enterprises: list[str], house: House) -> list[Row]:
    """Give the enterprises that are in another live proposal, with that proposal."""
    others = (case for state in LIVE for case in house.cases("proposal", state) if case.id != house.case_id)
    return [
        {"impresa": code, "pratica": case.id}
        for case in others
        for code in case.record.get("imprese") or []
        if code in enterprises
    ]


@handler("bozza.archivia", inside=True)
def set_aside(motivo: str | None, *, house: House) -> Row:
    """Say until when a withdrawn draft is kept, and why it was withdrawn."""
    today = day(house.now)
    leap = (today.month, today.day) == (2, 29)
    until = today.replace(year=today.year + KEPT_YEARS, day=28 if leap else today.day)
    return {"motivo": motivo, "archiviata_alle": house.now, "conservare_fino_al": until}
