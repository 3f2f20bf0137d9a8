"""What the input of a field carries: its type and keyboard, limits, what a script needs, and hints of what it takes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.definitions.forms import Field
from app.services.messages import Offered


@dataclass(frozen=True)
class Allowed:
    """What the house allows: the largest file in bytes, whether signatures may be simulated, and the messages on offer."""

    limit: int = 20 * 2**20
    simulates: bool = False
    offers: Callable[[], Sequence[Offered]] = tuple


def attributes(asked: Field) -> dict[str, Any]:
    """Give the attributes of a control's input: type, keyboard, autocomplete token, limits."""
    given: dict[str, Any] = {"type": "text"} if asked.type != "textarea" else {}
    if asked.type in {"select", "radio"}:
        given = {}
    elif asked.type == "number":
        given["inputmode"] = "numeric" if asked.bounds.decimals == 0 else "decimal"
    elif asked.type == "datetime":
        given["type"] = {"date": "date", "time": "time"}.get(asked.subtype, "datetime-local")
    elif asked.format in {"email", "phone"}:
        given["type"] = {"email": "email", "phone": "tel"}[asked.format]
    if asked.bounds.max_length and asked.type == "textfield":
        given["maxlength"] = (
            asked.bounds.max_length * 2
        )  # room to paste too much and see it refused with its reason
    if asked.autocomplete:
        given["autocomplete"] = asked.autocomplete
    return given


def codes(asked: Field, prefix: str) -> dict[str, Any]:
    """Give what a script needs to offer codes of a value table: the name of the field that decides the table."""
    if asked.coded is None:
        return {}
    return {"data-codes": prefix + asked.coded.by if asked.coded.by else "", "autocomplete": "off"}


def length_hint(asked: Field) -> str:
    """Say how long an answer may be."""
    least, most = asked.bounds.min_length, asked.bounds.max_length
    if least and most:
        return _("From %(least)s to %(most)s characters.", least=least, most=most)
    return _("At most %(most)s characters.", most=most) if most else ""


def file_hint(asked: Field, limit: int) -> str:
    """Say which files a field takes; `limit` is the house's, in bytes."""
    kinds = ", ".join(kind.removeprefix(".").upper() for kind in asked.accept)
    bytes_most = min(asked.bounds.max_bytes or limit, limit)
    most = bytes_most // 2**20 or round(bytes_most / 2**20, 1)
    return (
        _("%(kinds)s, at most %(most)s MB.", kinds=kinds, most=most)
        if kinds
        else _("At most %(most)s MB.", most=most)
    )
