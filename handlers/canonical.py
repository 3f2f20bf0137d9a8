"""One spelling for data that is hashed or published: the same content gives the same bytes."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")


def canonical(value: Any) -> bytes:
    """Give a value as JSON in UTF-8: keys in order, no spaces, numbers as text, instants with their offset.

    A personal value stays what it is in the history: `{"sigillato": <its salted commitment>}`, so that the bytes
    name no one and the hash holds after an erasure.
    """
    plain = _plain(value)
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(data: bytes) -> str:
    """Give the SHA-256 of bytes: 64 hexadecimal digits."""
    return sha256(data).hexdigest()


def day(moment: datetime) -> date:
    """Give the day that an instant has in Italy."""
    return moment.astimezone(ROME).date()


def _plain(value: Any) -> Any:
    plain = value
    if (commitment := getattr(value, "commitment", None)) is not None:
        plain = {"sigillato": commitment}
    elif isinstance(value, Mapping):
        plain = {str(key): _plain(item) for key, item in value.items()}
    elif isinstance(value, (list, tuple)):
        plain = [_plain(item) for item in value]
    elif isinstance(value, Decimal):
        plain = f"{value.normalize():f}"
    elif isinstance(value, (date, time, datetime)):
        plain = value.isoformat()
    elif value is not None and not isinstance(value, (bool, str)):
        plain = str(value)
    return plain
