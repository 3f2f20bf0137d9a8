"""The file people talk about, and its instances, documents and parties."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.domain.numbers import Numbers


@dataclass(frozen=True)
class Case:
    """A case: `id` is its number (`FIL-2023-0042`); `record` is its data, a projection of the history."""

    id: str
    kind: str
    state: str
    opened_at: datetime
    under: str | None = None
    title: str = ""
    record: dict[str, Any] = field(default_factory=dict)
    seq: int = 0
    numbers: Numbers = field(default_factory=Numbers)


@dataclass(frozen=True)
class Party:
    """An actor with a role in a case."""

    case_id: str
    role: str
    actor: str


@dataclass(frozen=True)
class Taken:
    """An invitation that an account keeps: the instance at which it was taken."""

    case_id: str
    instance: int
    account: str
    taken_at: datetime


@dataclass(frozen=True)
class Instance:
    """One execution of a definition inside a case; `state` is running, completed, cancelled or incident."""

    case_id: str
    number: int
    process: str
    bundle: str
    state: str
    started_at: datetime
    ended_at: datetime | None = None
    ends: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """A file in a case; the bytes lie in the blob store under `sha256`.

    `answered` tells whether a submission names it: what was uploaded and taken out again is kept, and is no part of any.
    """

    id: str
    case_id: str
    name: str
    media_type: str
    size: int
    sha256: str
    added_at: datetime
    added_by: str
    answered: bool = False


def texts_within(value: Any) -> Iterator[str]:
    """Give every text within a submission, at any depth: the id of a document that it names is one."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts_within(item)
