"""The letter that invites a recognised chain to a measure."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from app.handling import Call, NewDocument, handler
from handlers.canonical import digest
from handlers.paper import pdf, written

Row = dict[str, Any]


@handler("invito.genera")
def letter(
    misura_id: str, misura: Row, finestra: Row, filiera: Row, dgr: Row, bando: Row, *, call: Call
) -> Row:
    """Write the letter that invites a chain, as a tagged PDF."""
    facts = {
        "fascicolo": call.case_id,
        "misura": misura_id,
        "codice": misura["codice"],
        "titolo": misura["titolo"],
        "filiera": filiera["titolo"],
        "capofila": filiera["capofila"] or "",
        "elenco": f"{filiera['elenco']}",
        "apertura": _until(finestra["apertura"]),
        "chiusura": _until(finestra["chiusura"]),
        "dotazione": _euros(misura["dotazione"]),
        "massimo": _euros(misura["contributo_max"]),
        "soglia": f"{misura['soglia']}",
        "premio": f"{misura['premialita']}",
        "dopo": misura.get("premialita_dopo_soglia") is True,
        "dgr": f"n. {dgr['numero']} del {dgr['data']:%d/%m/%Y}",
        "bando": f"n. {bando['numero']} del {bando['data']:%d/%m/%Y}",
    }
    data = pdf("invito", facts, call.recorded_at)
    name = f"invito-{misura['codice']}.pdf"
    return {"documento": NewDocument(name, "application/pdf", data), "impronta": digest(data)}


def _until(moment: datetime | None) -> str:
    return "" if moment is None else written(moment)


def _euros(amount: Decimal) -> str:
    """Write an amount as letters do: 600.000,00."""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
