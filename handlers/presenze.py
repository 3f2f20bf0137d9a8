"""What the house knows of enterprises: the other live proposals that they are in, and what is recognised already."""

from typing import Any

from app.handling import House, handler
from handlers.fascicolo import elsewhere

Row = dict[str, Any]
LISTED = "in_elenco"
"""The state of a proposal whose partnership is recognised."""


@handler("presenze.altrove", inside=True)
def elsewhere_and_listed(imprese: list[str], capofila: str | None, *, house: House) -> Row:
    """Look for the enterprises in other live proposals, and for a recognised partnership with the same lead.

    `doppia_presenza` and `gia_riconosciuta` are what table D1 asks; the first is a notice and no ground for refusal. `imprese`
    are fiscal codes, `capofila` is the name of the lead as the list of recognised partnerships has it.
    """
    double = elsewhere(imprese, house)
    lead = (capofila or "").strip().casefold()
    listed = [
        case.id
        for case in house.cases("proposal", LISTED)
        if case.id != house.case_id
        and lead
        and str(case.record.get("capofila") or "").strip().casefold() == lead
    ]
    return {
        "doppie_presenze": double,
        "doppia_presenza": bool(double),
        "riconosciute": listed,
        "gia_riconosciuta": bool(listed),
    }
