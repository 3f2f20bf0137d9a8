"""The papers of the list: the annex that a decree approves, and the letter to each partnership that it concerns."""

from decimal import Decimal
from typing import Any

from app.handling import House, handler
from handlers.canonical import digest
from handlers.decreto import long_date
from handlers.elenco import ACTIVE, changed, follow, next_number, rows_of
from handlers.paper import pdf

SAYS = {
    "inserire": ("Iscrizione nell'elenco", "è iscritto nell'elenco"),
    "aggiornare": ("Aggiornamento dell'iscrizione", "ha un'iscrizione aggiornata nell'elenco"),
    "togliere": ("Cancellazione dall'elenco", "è cancellato dall'elenco"),
}
"""The subject of a letter and what it says, by what the update does."""

Row = dict[str, Any]


@handler("elenco.allegato", inside=True)
def annex(
    elenco: str, precedente: str | None, righe: list[Row], prima: Decimal | None, *, house: House
) -> Row:
    """Make the annex of a decree: what changes, and the list as it will be; `righe` are the rows that were confirmed.

    Gives also the number of the coming version and how many partnerships it lists, both as text. Raises the business error
    `elenco.versione_concorrente` when another update was published since `precedente`.
    """
    last = follow(elenco, precedente, house)
    number = str(next_number(last, prima))
    after = changed(rows_of(last), righe, {}, house.now.date())
    listed = [row for row in after if row["stato"] == ACTIVE]
    facts = {
        "versione": number,
        "precedente": precedente or "",
        "fascicolo": house.case_id,
        "cambia": [_line(row) | {"azione": row["azione"], "che_cosa": row["che_cosa"]} for row in righe],
        "elenco": [_line(row) for row in listed],
    }
    data = pdf("elenco", facts, house.now)
    count = sum(document.name.startswith("allegato-A-") for document in house.documents()) + 1
    name = f"allegato-A-{elenco}-{number}-v{count}.pdf"
    return {
        "titolo": f"Allegato A: elenco delle filiere riconosciute, versione {number}",
        "documento": house.add_document(name, "application/pdf", data),
        "impronta": digest(data),
        "versione": number,
        "righe": str(len(listed)),
    }


@handler("elenco.lettera", inside=True)
def letter(riga: Row, decreto: Row, versione: Row, *, house: House) -> Row:
    """Make the letter that tells a lead what a decree did to its row of the list."""
    subject, said = SAYS[riga["azione"]]
    facts = {
        "oggetto": subject,
        "capofila": riga["capofila"],
        "titolo": riga["titolo"],
        "pratica": riga["case_id"],
        "detto": said,
        "decreto": decreto["estremi"],
        "impronta": decreto["impronta"],
        "dal": long_date(versione["dal"]),
        "versione": str(versione["numero"]),
        "elenco": versione["impronta"],
    }
    data = pdf("lettera", facts, house.now)
    name = f"lettera-{riga['case_id']}-elenco-{versione['numero']}.pdf"
    document = house.add_document(name, "application/pdf", data)
    return {"documento": document, "impronta": digest(data), "oggetto": f"{subject}: {riga['titolo']}"}


def _line(row: Row) -> Row:
    return {
        "pratica": row["case_id"],
        "titolo": row["titolo"],
        "capofila": row["capofila"] or "",
        "province": ", ".join(row["province"] or ()),
        "ambiti": ", ".join(row["ambiti"] or ()),
    }
