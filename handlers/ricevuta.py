"""The receipt that a lead takes away: a tagged PDF with number, legal instant, hash and files."""

from datetime import datetime
from typing import Any

from app.domain.cases import Document
from app.handling import Call, NewDocument, handler
from handlers.canonical import canonical
from handlers.paper import pdf, written


@handler("ricevuta.genera")
def receipt(
    titolo: str,
    capofila: str | None,
    protocollo: dict[str, Any],
    ricevuta_alle: datetime,
    impronta: str,
    con_nota: bool,
    documenti: list[str],
    *,
    call: Call,
) -> dict[str, Any]:
    """Make the receipt of a proposal, as a paper and as data; `documenti` are the files it lists.

    `ricevuta_alle` is the instant that counts, not that of the registration.
    """
    facts = {
        "fascicolo": call.case_id,
        "titolo": titolo,
        "capofila": capofila or "",
        "numero": protocollo["numero"],
        "registrata": written(protocollo["data"]),
        "emergenza": protocollo.get("emergenza") or "",
        "ricevuta": written(ricevuta_alle),
        "impronta": impronta,
        "nota": con_nota,
        "documenti": [_file(d) for d in call.documents() if d.id in documenti],
    }
    data = pdf("ricevuta", facts, call.recorded_at)
    told = canonical({**facts, "registrata": protocollo["data"], "ricevuta": ricevuta_alle})
    return {
        "dati": NewDocument(f"ricevuta-{call.case_id}.json", "application/json", told),
        "documento": NewDocument(f"ricevuta-{call.case_id}.pdf", "application/pdf", data),
        "numero": protocollo["numero"],
    }


def _file(document: Document) -> dict[str, str]:
    return {"nome": document.name, "byte": str(document.size), "sha256": document.sha256}
