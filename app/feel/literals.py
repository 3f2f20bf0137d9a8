"""The values that expressions write out: numbers, strings with their escapes, and `@"..."`."""

import re
from decimal import Decimal, Inexact, InvalidOperation, Overflow
from typing import Any

from app.feel import temporal
from app.feel.errors import FeelLimitExceeded
from app.feel.values import NUMBERS

_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "'": "'", "/": "/", "b": "\b", "f": "\f"}


def number(text: str) -> Decimal:
    """Read a number literal, rounded to 34 digits."""
    try:
        return NUMBERS.create_decimal(text)
    except (InvalidOperation, Overflow, Inexact) as broken:
        raise FeelLimitExceeded("Expected a number of exponent 6144 at most, but it is larger") from broken


def string(text: str) -> str:
    """Read a string literal with its quotation marks."""
    inside = text[1:-1]
    if "\\" not in inside:
        return inside
    read = _ESCAPE.sub(_unescape, inside)
    return read.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescape(match: re.Match[str]) -> str:
    short, long, plain = match.groups()
    if plain is not None:
        return _PLAIN.get(plain, "\\" + plain)
    code = int(short or long, 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"  # noqa: PLR2004 - the last code point of Unicode


def constant(text: str) -> Any:
    """Read the value of `@"..."`; null where it is none."""
    return temporal.read_any(text)
