"""The invitation of a recognised chain to a measure: its letter, and the certified mail, which is simulated here."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from app.handling import Call, DocumentId, NewDocument, handler
from handlers import simulator
from handlers.canonical import digest
from handlers.paper import pdf, written

INDEX = "INI-PEC"
"""Where the mail system looks up the certified address of an enterprise: the national index (D.Lgs. 82/2005 art. 6-bis)."""

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


@handler("invito.spedisci")
def send(capofila: str | None, titolo: str, documento: DocumentId, protocollo: str, *, call: Call) -> Row:
    """Send the letter to the lead by certified mail; the address is looked up in the national index."""
    told = simulator.tell(
        "pec",
        call,
        {
            "a": f"{capofila or ''} ({INDEX})",
            "oggetto": f"Invito: {titolo}",
            "protocollo": protocollo,
            "allegato": digest(call.read_document(documento)),
        },
    )
    return {key: told[key] for key in ("a", "alle", "ricevuta", "modalita")}


def _until(moment: datetime | None) -> str:
    return "" if moment is None else written(moment)


def _euros(amount: Decimal) -> str:
    """Write an amount as letters do: 600.000,00."""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
