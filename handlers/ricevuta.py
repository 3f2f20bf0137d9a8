"""The receipt that a lead takes away: a tagged PDF with number, legal instant, hash and files."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from app.handling import Call, NewDocument, handler
from handlers.canonical import ROME

TEMPLATE = Path(__file__).with_name("ricevuta.typ")


@handler("ricevuta.genera")
def receipt(
    titolo: str,
    capofila: str | None,
    protocollo: dict[str, Any],
    ricevuta_alle: datetime,
    impronta: str,
    con_nota: bool,
    *,
    call: Call,
) -> dict[str, Any]:
    """Make the receipt of a proposal; `ricevuta_alle` is the instant that counts, not that of the registration."""
    facts = {
        "fascicolo": call.case_id,
        "titolo": titolo,
        "capofila": capofila or "",
        "numero": protocollo["numero"],
        "registrata": _written(protocollo["data"]),
        "emergenza": protocollo.get("emergenza") or "",
        "ricevuta": _written(ricevuta_alle),
        "impronta": impronta,
        "nota": con_nota,
        "documenti": [{"nome": d.name, "byte": str(d.size), "sha256": d.sha256} for d in call.documents()],
    }
    data = typst.compile(
        TEMPLATE.read_bytes(),
        sys_inputs={"dati": json.dumps(facts, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=int(call.recorded_at.timestamp()),
    )
    name = f"ricevuta-{call.case_id}.pdf"
    return {"documento": NewDocument(name, "application/pdf", data), "numero": protocollo["numero"]}


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(ROME):%d/%m/%Y, ore %H:%M:%S}"
