"""The list of recognised chains: versions that never change, each chained to the one before."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.cases import Case
from app.domain.errors import HandlerError
from app.handling import House, Version, handler
from handlers import termini
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
    "cancellata": {"it": "cancellata", "en": "removed"},
    "fuori_lombardia": {"it": "nessuna sede in Lombardia", "en": "no site in Lombardy"},
    "denominazione": {"it": "Denominazione", "en": "Name"},
    "tipo": {"it": "Tipo", "en": "Kind"},
    "provincia": {"it": "Provincia", "en": "Province"},
    "numero": {"it": "Numero", "en": "Number"},
    "data": {"it": "Data", "en": "Date"},
}
"""What the codes of the rows mean, for those who read the list as a table."""

FILTERS = ["ambiti", "province", "stato"]
"""The columns that readers of the list may filter by."""

ACTIVE, REMOVED = "attiva", "cancellata"
NAMES = {
    "titolo": "titolo",
    "capofila": "capofila",
    "province": "province",
    "ambiti": "ambiti",
    "composizione": "composizione",
    "organizzazioni": "organizzazioni",
    "criteri_versione": "criteri",
}

Row = dict[str, Any]


@handler("elenco.raccogli", inside=True)
def collect(
    elenco: str, tipo: str, stato: str, aggiornati: list[str], usciti: list[str], *, house: House
) -> Row:
    """Give what the next version would change: cases to add, to update and to remove, and the hash of the last version.

    A case of the kind `tipo` is added in the state `stato`; one that is listed is updated where its record says otherwise than its
    row in one of the states `aggiornati`, and removed in one of `usciti`. `scadenza` is the end of the first day that one of them is due.
    """
    last = house.latest(elenco)
    listed = {row["case_id"]: row for row in rows_of(last) if row["stato"] == ACTIVE}
    found = [
        row
        for case in house.cases(tipo)
        if (row := _proposed(case, listed.get(case.id), stato, aggiornati, usciti)) is not None
    ]
    due = [row["scadenza"] for row in found if row["scadenza"] is not None]
    return {
        "righe": found,
        "presenti": [
            {name: row.get(name) for name in ("case_id", "titolo", "capofila", "stato")}
            for row in listed.values()
        ],
        "precedente": last.sha256 if last else None,
        "versione": str(last.number) if last else None,
        "scadenza": termini.end_of(min(due)) if due else None,
    }


@handler("elenco.applica_versione", inside=True)
def apply(
    elenco: str,
    precedente: str | None,
    righe: list[Row],
    decreto: Row,
    tipo: str,
    stato: str,
    prima: Decimal | None,
    *,
    house: House,
) -> Row:
    """Publish the next version of the list, with the decree that approves it; the first version of all has the number `prima`.

    A case to be added that is no longer in the state `stato` is left out and noted in `escluse`. Raises the business errors
    `elenco.versione_concorrente` when another update was published since `precedente`, `elenco.nulla_da_applicare` when no row is left.
    """
    last = follow(elenco, precedente, house)
    waiting = {case.id for case in house.cases(tipo, stato)}
    rows = [row for row in righe if row["azione"] != "inserire" or row["case_id"] in waiting]
    if not rows:
        raise HandlerError(
            "elenco.nulla_da_applicare", f"Expected a row to apply to {elenco}, but every case has left."
        )
    version = house.publish(elenco, _body(elenco, last, rows, decreto, prima), first=int(prima or 1))
    document = house.add_document(f"{elenco}-{version.number}.json", "application/json", version.body)
    return {
        "numero": Decimal(version.number),
        "titolo": f"Elenco delle filiere, versione {version.number}",
        "impronta": version.sha256,
        "precedente": precedente,
        "documento": document,
        "dal": decreto["data"],
        **_outcome(righe, rows),
    }


def _body(elenco: str, last: Version | None, rows: list[Row], decree: Row, first: Decimal | None) -> bytes:
    """Give the bytes of the version after `last`: what the list says of itself, its rows, the decree and the hash before."""
    number = next_number(last, first)
    head: Row = {
        "title": TITLE,
        "columns": COLUMNS,
        "words": WORDS,
        "elenco": elenco,
        "versione": str(number),
    }
    head |= {"key": "case_id", "label": "titolo", "filters": FILTERS, "note": _earlier(last, number)}
    listed = changed(rows_of(last), rows, decree, decree["data"])
    before = last.sha256 if last else None
    return canonical({**head, "precedente": before, "decreto": decree, "righe": listed})


def _outcome(wanted: list[Row], rows: list[Row]) -> Row:
    """Say who was added, who gets a letter, and who was left out of what was decreed."""
    told = ("case_id", "titolo", "capofila", "azione")
    return {
        "inserite": [{"case_id": row["case_id"]} for row in rows if row["azione"] == "inserire"],
        "notificare": [{key: row[key] for key in told} for row in rows],
        "escluse": [
            {"case_id": row["case_id"], "titolo": row["titolo"], "nota": "Non è più in attesa dell'elenco"}
            for row in wanted
            if row not in rows
        ],
    }


def follow(elenco: str, previous: str | None, house: House) -> Version | None:
    """Give the last version, held until the transaction ends; HandlerError where it is not the one that was collected from."""
    last = house.latest(elenco)
    if (last.sha256 if last else None) != previous:
        raise HandlerError(
            "elenco.versione_concorrente", f"Expected the list to be still at {previous}, but it is not."
        )
    return last


def next_number(last: Version | None, first: Decimal | None) -> int:
    """Give the number of the version after `last`; the very first is configured."""
    return last.number + 1 if last else int(first or 1)


def rows_of(version: Version | None) -> list[Row]:
    """Give the rows of a version."""
    if version is None:
        return []
    rows: list[Row] = json.loads(version.body)["righe"]
    return rows


def changed(before: list[Row], rows: list[Row], decree: Row, since: date) -> list[Row]:
    """Give the rows of the list after a batch: those added, those updated since the first day they had, those removed with their last day."""
    by_case = {row["case_id"]: row for row in rows if row["azione"] != "inserire"}
    kept = []
    for row in before:
        told = by_case.get(row["case_id"]) if row["stato"] == ACTIVE else None
        if told is None:
            kept.append(row)
        elif told["azione"] == "togliere":
            kept.append({**row, "stato": REMOVED, "al": since, "decreto": decree})
        else:
            kept.append({**row, **_taken(told), "decreto": decree})
    added = [
        {
            "case_id": row["case_id"],
            **_taken(row),
            "decreto": decree,
            "stato": ACTIVE,
            "dal": since,
            "al": None,
        }
        for row in rows
        if row["azione"] == "inserire"
    ]
    return [{**row, "n": str(number)} for number, row in enumerate([*kept, *added], 1)]


def _proposed(
    case: Case, listed: Row | None, waiting: str, updated: list[str], gone: list[str]
) -> Row | None:
    """Give the row that a case asks for, or None: what it does to the list (`azione`), and how it differs (`che_cosa`)."""
    taken = _taken(case.record)
    differs = [] if listed is None else [name for name in TAKEN if _says(taken, name) != _says(listed, name)]
    action = None
    if listed is None and case.state == waiting:
        action = "inserire"
    elif listed is not None and case.state in gone:
        action, differs = "togliere", []
    elif listed is not None and case.state in updated and differs:
        action = "aggiornare"
    if action is None:
        return None
    what = ", ".join(NAMES[name] for name in differs)
    due = case.record.get("scadenza")
    return {"case_id": case.id, **taken, "azione": action, "che_cosa": what, "scadenza": due}


def _taken(values: Row) -> Row:
    return {name: values.get(name) for name in TAKEN}


def _says(values: Row, name: str) -> bytes:
    return canonical(values.get(name))


def _earlier(last: Version | None, number: int) -> Row | None:
    """Say that the versions before the first were published elsewhere; every later version says the same."""
    if last is not None:
        told: Row | None = json.loads(last.body).get("note")
        return told
    if number == 1:
        return None
    return {
        "it": f"Le versioni prima della {number} sono state pubblicate altrove, prima che l'elenco si tenesse qui.",
        "en": f"The versions before {number} were published elsewhere, before the list was kept here.",
    }
