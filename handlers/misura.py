"""Measures of the second phase: their definition judged and frozen, their window opened and closed, whom they invite."""

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from app.handling import House, handler
from handlers import termini
from handlers.canonical import canonical, day, digest

WHOLE = Decimal(100)
"""What the weights of the criteria sum to."""

Row = dict[str, Any]


@handler("misura.valida", inside=True)
def judge(misura: Row, cadute: list[str] | None = None, *, house: House) -> Row:
    """Judge a definition: `errori` names each fault by its field and code, `valori` is the definition that was judged.

    The form has judged what it can know; what the other measures and the present hour say is judged only here.
    A measure in one of the states `cadute` came to nothing, and its code is free again; drawings of before name none.
    """
    return {
        "fascicolo": house.case_id,
        "errori": [
            *_of_criteria(misura),
            *_of_money(misura),
            *_of_window(misura, house.now),
            *_of_code(misura, cadute or [], house),
        ],
        "valori": misura,
    }


def _fault(field: str, code: str, where: str = "") -> Row:
    return {"campo": field, "codice": code, "dove": where}


def _of_criteria(measure: Row) -> Iterator[Row]:
    total = sum((one["max"] for one in measure["criteri"]), Decimal(0))
    if total != WHOLE:
        yield _fault("criteri", "pesi", f"{total}")
    for one in measure["criteri"]:
        levels = _levels(one)
        if levels and (levels[-1] != one["max"] or any(low >= high for low, high in pairwise(levels))):
            yield _fault("criteri", "livelli", one["codice"])
    if measure["soglia"] > total:
        yield _fault("soglia", "soglia")


def _levels(criterion: Row) -> list[Decimal]:
    """Give the scores that a criterion by levels admits, none for a continuous one."""
    return [Decimal(level.strip()) for level in (criterion.get("livelli") or "").split(";") if level.strip()]


def _of_money(measure: Row) -> Iterator[Row]:
    if measure["contributo_max"] > measure["dotazione"]:
        yield _fault("contributo_max", "contributo")


def _of_window(measure: Row, now: datetime) -> Iterator[Row]:
    opening, closing = measure["apertura"], measure.get("chiusura")
    if opening <= now:
        yield _fault("apertura", "apertura_passata")
    if closing is not None and closing <= opening:
        yield _fault("chiusura", "chiusura")
    if closing is None and measure["procedura"] == "graduatoria":
        yield _fault("chiusura", "chiusura_manca")


def _of_code(measure: Row, fallen: list[str], house: House) -> Iterator[Row]:
    for case in house.cases("measure"):
        other = case.id != house.case_id and case.state not in fallen
        if other and case.record.get("codice") == measure["codice"]:
            yield _fault("codice", "codice_usato", case.id)


@handler("misura.congela", inside=True)
def freeze(misura: Row, dgr: Row, *, house: House) -> Row:
    """Freeze a definition with the act that approved it, as canonical JSON whose SHA-256 is its address.

    Gives `configurazione`, which never changes, and `finestra`, which extensions move.
    """
    criteria = [{**one, "livelli": _levels(one)} for one in misura["criteri"]]
    values = {**misura, "criteri": criteria}
    data = canonical({"fascicolo": house.case_id, "dgr": dgr, "misura": values})
    mark = digest(data)
    document = house.add_document(f"criteri-{misura['codice']}-{mark[:12]}.json", "application/json", data)
    return {
        "configurazione": {
            "fascicolo": house.case_id,
            "impronta": mark,
            "documento": document,
            "dgr": dgr,
            "valori": values,
        },
        "finestra": {
            "apertura": misura["apertura"],
            "chiusura": misura.get("chiusura"),
            "chiusura_tecnica": None,
            "disservizio_certificato": False,
            "proroghe": [],
        },
    }


@handler("misura.inviti", inside=True)
def invited(elenco: str, *, house: House) -> Row:
    """Give whom a measure invites: the active rows of the last version of a list, and that version's number (0: none)."""
    last = house.latest(elenco)
    body: Row = json.loads(last.body) if last else {"versione": "0", "righe": []}
    taken = ("case_id", "titolo", "capofila", "n")
    active = [{key: row.get(key) for key in taken} for row in body["righe"] if row["stato"] == "attiva"]
    return {"versione": Decimal(body["versione"]), "righe": active}


@handler("misura.apri", inside=True)
def open_window(*, house: House) -> Row:
    """Note the instant at which the window was opened."""
    return {"alle": house.now}


@handler("misura.chiudi", inside=True)
def close_window(procedura: str, giorni: Decimal, chiusura: datetime | None, *, house: House) -> Row:
    """Note the instant of the closing, however late this runs, and the end of the term of a ranking.

    The term of all applications of a ranking begins with the closing (L. 241/1990 art. 2); `giorni` are its days.
    """
    at = house.now if chiusura is None else min(chiusura, house.now)
    nominal = termini.nominal(day(at), int(giorni))
    ranked = procedura == "graduatoria"
    return {
        "alle": at,
        "dies_a_quo": day(at) if ranked else None,
        "scadenza_nominale": nominal if ranked else None,
        "scadenza_effettiva": termini.effective(nominal) if ranked else None,
    }
