"""The list of recognised chains: versions that never change, each chained to the one before."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.errors import HandlerError
from app.handling import House, Version, handler
from handlers.canonical import canonical

TAKEN = ("titolo", "capofila", "province", "ambiti", "composizione", "organizzazioni", "criteri_versione")
"""What a row of the list takes from the record of a case."""

TITLE = {
    "it": "Elenco delle filiere e degli ecosistemi riconosciuti",
    "en": "List of recognised supply chains and ecosystems",
}
COLUMNS = [
    {"key": key, "it": italian, "en": english}
    for key, italian, english in (
        ("n", "N.", "No."),
        ("titolo", "Partenariato", "Partnership"),
        ("capofila", "Capofila", "Lead"),
        ("ambiti", "Ambiti", "Areas"),
        ("province", "Province", "Provinces"),
        ("stato", "Stato", "State"),
        ("dal", "Dal", "From"),
        ("al", "Al", "Until"),
        ("criteri_versione", "Criteri", "Criteria"),
        ("case_id", "Pratica", "Case"),
        ("organizzazioni", "Organizzazioni", "Organisations"),
        ("composizione", "Composizione", "Composition"),
        ("decreto", "Decreto", "Decree"),
    )
]

KINDS = {
    "impresa": {"it": "impresa", "en": "enterprise"},
    "professionista": {"it": "professionista", "en": "professional"},
    "associazione": {"it": "associazione di categoria", "en": "trade association"},
    "ente_ricerca": {"it": "ente di ricerca", "en": "research body"},
    "universita": {"it": "università", "en": "university"},
    "fondazione": {"it": "fondazione", "en": "foundation"},
    "ente_fiera": {"it": "ente fieristico", "en": "trade fair body"},
    "ifp": {"it": "ente IFP", "en": "vocational training body"},
    "its": {"it": "ITS", "en": "higher technical institute"},
    "scuola_superiore": {"it": "scuola superiore", "en": "secondary school"},
    "banca_assicurazione": {"it": "banca o assicurazione", "en": "bank or insurer"},
    "fondo_investimento": {"it": "fondo di investimento", "en": "investment fund"},
    "altro": {"it": "altro", "en": "other"},
}
WORDS = {
    **KINDS,
    "attiva": {"it": "attiva", "en": "active"},
    "fuori_lombardia": {"it": "nessuna sede in Lombardia", "en": "no site in Lombardy"},
    "denominazione": {"it": "Denominazione", "en": "Name"},
    "tipo": {"it": "Tipo", "en": "Kind"},
    "provincia": {"it": "Provincia", "en": "Province"},
    "numero": {"it": "Numero", "en": "Number"},
    "data": {"it": "Data", "en": "Date"},
}
"""What the codes of the rows mean, for those who read the list as a table."""

Row = dict[str, Any]


@handler("elenco.raccogli", inside=True)
def collect(elenco: str, tipo: str, stato: str, *, house: House) -> Row:
    """Give the cases that wait for the list, what it holds now, and the hash of its last version."""
    last = house.latest(elenco)
    present = _rows(last)
    listed = {row["case_id"] for row in present}
    waiting = [case for case in house.cases(tipo, stato) if case.id not in listed]
    return {
        "righe": [
            {"case_id": case.id, **{name: case.record.get(name) for name in TAKEN}} for case in waiting
        ],
        "presenti": [
            {"case_id": row["case_id"], "titolo": row["titolo"], "stato": row["stato"]} for row in present
        ],
        "precedente": last.sha256 if last else None,
    }


@handler("elenco.applica_versione", inside=True)
def apply(elenco: str, precedente: str | None, righe: list[Row], decreto: Row, *, house: House) -> Row:
    """Publish version n+1 of the list: the rows it had and the new ones, with the decree that approves them.

    Raises the business error `elenco.versione_concorrente` when another update was published since `precedente`.
    """
    last = house.latest(elenco)
    if (last.sha256 if last else None) != precedente:
        raise HandlerError(
            "elenco.versione_concorrente",
            f"Expected the list to be still at {precedente}, but it is not.",
        )
    number, since = (last.number if last else 0) + 1, decreto["data"]
    head = {"title": TITLE, "columns": COLUMNS, "words": WORDS, "elenco": elenco, "versione": str(number)}
    rows = _numbered([*_rows(last), *(_row(row, decreto, since) for row in righe)])
    body = canonical({**head, "precedente": precedente, "decreto": decreto, "righe": rows})
    version = house.publish(elenco, body)
    document = house.add_document(f"{elenco}-{version.number}.json", "application/json", body)
    return {
        "numero": Decimal(version.number),
        "titolo": f"Elenco delle filiere, versione {version.number}",
        "impronta": version.sha256,
        "precedente": precedente,
        "documento": document,
        "dal": since,
        "inserite": [{"case_id": row["case_id"]} for row in righe],
    }


def _row(row: Row, decree: Row, since: date) -> Row:
    return {**row, "decreto": decree, "stato": "attiva", "dal": since, "al": None}


def _numbered(rows: list[Row]) -> list[Row]:
    return [{**row, "n": str(number)} for number, row in enumerate(rows, 1)]


def _rows(version: Version | None) -> list[Row]:
    if version is None:
        return []
    rows: list[Row] = json.loads(version.body)["righe"]
    return rows
