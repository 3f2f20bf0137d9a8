"""Work for the machine, what it waits for, and where it is stuck."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Job:
    """One call of a handler; `key` is the idempotency key of its effect."""

    case_id: str
    number: int
    instance: int
    element: str
    handler: str
    inputs: dict[str, Any]
    state: str
    opened_at: datetime
    attempts: int = 0
    last_error: str = ""

    @property
    def key(self) -> str:
        """The idempotency key: `(case, instance, job number)` in one string."""
        return f"{self.case_id}/{self.instance}/{self.number}"


@dataclass(frozen=True)
class Timer:
    """A due time on the house clock."""

    case_id: str
    number: int
    instance: int
    element: str
    due: datetime


@dataclass(frozen=True)
class Wait:
    """An element that waits for a message or a signal."""

    case_id: str
    number: int
    instance: int
    element: str
    kind: str
    name: str
    key: str | None


@dataclass(frozen=True)
class Message:
    """A thrown message that nobody has taken yet."""

    id: int
    name: str
    key: str
    payload: dict[str, Any] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True)
class Incident:
    """An instance that cannot go on without a person's help; `state` is open or resolved."""

    case_id: str
    number: int
    instance: int
    element: str
    kind: str
    message: str
    state: str
    opened_at: datetime
    resolved_by: str | None = None
    reason: str = ""
