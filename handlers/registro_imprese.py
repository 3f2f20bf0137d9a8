"""The business register (Registro imprese), played by a file of invented enterprises: every answer says that it is simulated."""

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from app.domain.errors import HandlerError
from app.handling import Call, handler
from handlers.canonical import day

SOURCE = "Registro imprese"
PERSON = "legale_rappresentante"
STOPPED = "fermo"
"""A file of this name in the register's folder of the ledger stands for a register that is down."""

Row = dict[str, Any]


@handler("registro_imprese.precompila")
def prefill(codice: str, persone: bool = True, cf: str | None = None, *, call: Call) -> Row:
    """Give what the register holds of a VAT number or fiscal code; it never fails, so that nothing waits for it.

    `esito` is trovato, non_trovato or non_disponibile. `addetti` is the number of persons employed, `ateco_2007` and `ateco_2025` the
    codes of the main activity. Without `persone` no natural person is in the answer, so that it may stand in a history. With
    `cf` an enterprise of another fiscal code is not the one that was asked for.
    """
    about: Row = {"fonte": SOURCE, "modalita": "simulato", "data": day(call.recorded_at)}
    if (call.ledger / "registro_imprese" / STOPPED).exists():
        return {**about, "esito": "non_disponibile"}
    found = _enterprises().get("".join(str(codice or "").split()).upper().removeprefix("IT"))
    if found is None or cf not in (None, found["codice_fiscale"]):
        return {**about, "esito": "non_trovato"}
    said = found if persone else {name: value for name, value in found.items() if name != PERSON}
    return {**about, "esito": "trovato", "nota": "dati di fantasia", **said}


@handler("registro_imprese.visura")
def certificate(codice: str, *, call: Call) -> Row:
    """Give the register's certificate of an enterprise: whether it is active, and where its site is.

    Raises the business error `registro.non_disponibile` where the register is down or does not know the enterprise: then a
    person brings the certificate.
    """
    if (call.ledger / "registro_imprese" / STOPPED).exists():
        raise HandlerError("registro.non_disponibile", "Expected the register to answer, but it is down.")
    found = _enterprises().get("".join(str(codice or "").split()).upper().removeprefix("IT"))
    if found is None:
        raise HandlerError(
            "registro.non_disponibile", f"Expected {codice} in the register, but it is not there."
        )
    about: Row = {"fonte": SOURCE, "modalita": "simulato", "data": day(call.recorded_at), "stato": "attiva"}
    return {**about, "nota": "dati di fantasia", **found}


@cache
def _enterprises() -> dict[str, Row]:
    """Give the invented enterprises by VAT number; numbers are exact."""
    text = Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
    read: dict[str, Row] = json.loads(text, parse_int=Decimal)["imprese"]
    return read
