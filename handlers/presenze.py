"""What the house knows of enterprises: the other live proposals that they are in, and what is recognised already."""

from typing import Any

from app.handling import House, handler
from handlers.fascicolo import elsewhere

Row = dict[str, Any]
LISTED = "in_elenco"
"""The state of a proposal whose partnership is recognised."""


@handler("presenze.altrove", inside=True)
def elsewhere_and_listed(imprese: list[str], capofila: str | None, *, house: House) -> Row:
    """Tell which of the enterprises are in another live proposal, and whether a partnership of this lead is recognised already.

    `imprese` are fiscal codes, `capofila` is the name of the lead as the list of recognised partnerships has it. `altrove` and
    `gia_riconosciuta` are what table D1 asks. What the other proposals are is not said: the answer stands in the lead's own case.
    """
    double = {row["impresa"] for row in elsewhere(imprese, house)}
    lead = (capofila or "").strip().casefold()
    listed = any(
        case.id != house.case_id and str(case.record.get("capofila") or "").strip().casefold() == lead
        for case in house.cases("proposal", LISTED)
    )
    return {
        "altrove": [code for code in imprese if code in double],
        "gia_riconosciuta": bool(lead) and listed,
    }
