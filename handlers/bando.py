"""What a measure tells the outside when its call goes out: aid register, budget, publication; all simulated here."""

from datetime import date
from decimal import Decimal
from typing import Any

from app.handling import Call, handler
from handlers import simulator

PLACES = ("burl", "sito", "trasparenza")
"""Where a call is published: the official bulletin, the site, transparency (D.Lgs. 33/2013 art. 26 c. 1)."""

Row = dict[str, Any]


@handler("rna.registra_misura")
def register_aid(codice: str, titolo: str, regime: str, dotazione: Decimal, *, call: Call) -> Row:
    """Register a measure in the national register of aid and give its code (CAR); the same job twice gives one code."""
    told = simulator.tell(
        "rna", call, {"codice": codice, "titolo": titolo, "regime": regime, "dotazione": str(dotazione)}
    )
    number = int(told["ricevuta"][:8], 16) % 100_000
    return {"car": f"SIM-{number:05d}", "modalita": told["modalita"], "alle": told["alle"]}


@handler("bilancio.prenota")
def book(codice: str, importo: Decimal, atto: str | None, *, call: Call) -> Row:
    """Book the budget of a measure by the act that approves its call."""
    told = simulator.tell("bilancio", call, {"codice": codice, "importo": str(importo), "atto": atto or ""})
    number = f"PREN-SIM-{told['ricevuta'][:8]}"
    return {"numero": number, "importo": importo, "modalita": told["modalita"]}


@handler("bando.pubblica")
def publish(codice: str, titolo: str, decreto: Row, impronta: str, *, call: Call) -> Row:
    """Publish a call in each place; `impronta` is the address of the frozen criteria."""
    on: date | None = decreto.get("data")
    effect = {
        "codice": codice,
        "titolo": titolo,
        "decreto": str(decreto.get("numero") or ""),
        "data": on.isoformat() if on else "",
        "impronta": impronta,
    }
    told = {place: simulator.tell(place, call, effect) for place in PLACES}
    return {
        "alle": call.recorded_at,
        "modalita": told["sito"]["modalita"],
        "ricevute": {place: receipt["ricevuta"] for place, receipt in told.items()},
    }
