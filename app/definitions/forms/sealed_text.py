"""What a register said as one text `payload.seal`: tagged JSON in base64, and a seal that only the house can make."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from app.feel import FeelError
from app.feel.codec import from_tagged, to_tagged

Seal = Callable[[str], str]
"""Gives the seal of a payload."""


def written(said: Mapping[str, Any], seal: Seal) -> str:
    """Give what a register said as a text with its seal."""
    data = orjson.dumps(to_tagged(dict(said)), option=orjson.OPT_SORT_KEYS)
    payload = base64.urlsafe_b64encode(data).decode().rstrip("=")
    return f"{payload}.{seal(payload)}"


def said_in(text: Any) -> dict[str, Any] | None:
    """Give what a companion holds, whether or not its seal is right; None where it is no companion."""
    if isinstance(text, Mapping):
        return dict(text)
    payload, dot, _seal = text.partition(".") if isinstance(text, str) else ("", "", "")
    if not dot:
        return None
    try:
        data = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        said = from_tagged(orjson.loads(data))
    except (FeelError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError):
        return None
    return said if isinstance(said, dict) else None
