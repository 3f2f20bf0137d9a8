"""The format of the history: canonical bytes, their leaf hash, and events from them (ADR 0002)."""

import re
import typing
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import orjson
import rfc8785

from app.domain.errors import HistoryDiffers, InputRefused
from app.domain.events import Event, type_registry
from app.feel.codec import from_tagged, to_tagged
from app.feel.errors import FeelError

_ASTRAL = re.compile(rb"[\xf0-\xf4]")
_known_converters: dict[type[Event], dict[str, Callable[[Any], Any]]] = {}


@dataclass(frozen=True)
class Recorded:
    """An event as the history holds it; `cause` is the seq of the input it followed from, `leaf` its 32-byte hash."""

    case_id: str
    seq: int
    instance: int | None
    event: Event
    actor: str
    cause: int | None
    recorded_at: datetime
    leaf: bytes
    position: int = 0


def canonical(value: Any) -> str:
    """Give a FEEL value as canonical JSON text (RFC 8785 over tagged values); InputRefused for lone surrogates.

    Tagged values hold no JSON numbers, so that orjson with sorted keys writes the same bytes, quickly, as long as no
    character lies beyond the basic plane: RFC 8785 sorts keys by UTF-16 units, and there the orders part.
    """
    tagged = to_tagged(value)
    try:
        written = orjson.dumps(tagged, option=orjson.OPT_SORT_KEYS)
        return (rfc8785.dumps(tagged) if _ASTRAL.search(written) else written).decode()
    except TypeError as error:
        raise InputRefused(f"Expected text that Unicode can carry, but {error}.") from error


def body_of(event: Event) -> str:
    """Give an event's body: its fields by name, canonical."""
    return canonical({name: getattr(event, name) for name in _converters(type(event))})


def stamp(instant: datetime) -> str:
    """Write an instant as entries do: UTC, microseconds, `Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def entry_bytes(
    case_id: str,
    seq: int,
    instance: int | None,
    event_type: str,
    version: int,
    recorded_at: datetime,
    actor: str,
    cause: int | None,
    body: str,
) -> bytes:
    """Give the bytes that the leaf hash covers: RFC 8785 of all columns but position and leaf.

    The keys are in canonical order and `body` is canonical already, so that joining the parts is enough.
    """
    parts = (
        b'{"actor":', orjson.dumps(actor), b',"body":', body.encode(), b',"case":', orjson.dumps(case_id),
        b',"cause":', orjson.dumps(cause), b',"instance":', orjson.dumps(instance),
        b',"recorded_at":"', stamp(recorded_at).encode(), b'","seq":', orjson.dumps(seq),
        b',"type":', orjson.dumps(event_type), b',"version":', orjson.dumps(version), b"}",
    )  # fmt: skip
    return b"".join(parts)


def leaf_hash(entry: bytes) -> bytes:
    """Give the leaf hash of RFC 9162, 2.1.1: SHA-256 of 0x00 and the entry."""
    return sha256(b"\x00" + entry).digest()


def decode(event_type: str, version: int, body: str) -> Event:
    """Give the event that `body_of` wrote; HistoryDiffers for a type, version or field that no code knows."""
    cls = type_registry.get((event_type, version))
    if cls is None:
        raise HistoryDiffers(
            f"Expected a known event type, but the history has {event_type} version {version}."
        )
    converters = _converters(cls)
    try:
        values: dict[str, Any] = from_tagged(orjson.loads(body))
        named = values.keys()
    except (AttributeError, FeelError, ValueError) as broken:
        raise HistoryDiffers(f"Expected the body of {event_type} to be readable, but: {broken}.") from broken
    if named != converters.keys():
        raise HistoryDiffers(
            f"Expected the fields {sorted(converters)} in {event_type}, but found {sorted(values)}."
        )
    try:
        return cls(**{name: converters[name](value) for name, value in values.items()})
    except (ArithmeticError, TypeError, ValueError) as broken:
        raise HistoryDiffers(f"Expected the fields of {event_type} to fit, but: {broken}.") from broken


def _converters(cls: type[Event]) -> dict[str, Callable[[Any], Any]]:
    """Give the fields of an event type, each with what turns its FEEL value into the field's own type."""
    known = _known_converters.get(cls)
    if known is None:
        hints = typing.get_type_hints(cls)
        known = {field.name: _converter(hints[field.name]) for field in fields(cls)}
        _known_converters[cls] = known
    return known


def _converter(hint: Any) -> Callable[[Any], Any]:
    if hint is int or hint == int | None:
        return _whole
    if hint == list[int]:
        return lambda values: [int(value) for value in values]
    return lambda value: value


def _whole(value: Decimal | None) -> int | None:
    return None if value is None else int(value)
