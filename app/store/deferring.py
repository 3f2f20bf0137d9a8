"""Jobs for the queue, deferred in the very transaction that makes them necessary."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, text

from app.feel.codec import to_tagged

QUEUE = "default"
TASK = "pratica.perform"
"""The one task of the queue: the job's kind and payload say what is to be done."""

_DEFER = text(
    "SELECT procrastinate_defer_jobs_v1(array_agg(ROW('default', 'pratica.perform', 0, NULL, NULL, wanted.args, wanted.at)"
    "::procrastinate_job_to_defer_v1)) FROM jsonb_to_recordset(CAST(:jobs AS jsonb)) AS wanted(args jsonb, at timestamptz)"
)


@dataclass(frozen=True)
class Deferred:
    """A job to be: `kind` is handler, timer, message or signal; `at` is wall-clock time, None for at once."""

    kind: str
    case_id: str
    number: int
    at: datetime | None = None
    payload: dict[str, Any] | None = None

    def arguments(self) -> dict[str, Any]:
        """Give what the worker is called with, as JSON."""
        given = {name: value for name, value in asdict(self).items() if name != "at"}
        return given | {"payload": to_tagged(self.payload or {})}


def defer(connection: Connection, jobs: Sequence[Deferred]) -> None:
    """Put jobs in the queue by one statement; they are there when, and only if, the transaction commits."""
    if not jobs:
        return
    rows = [{"args": job.arguments(), "at": job.at.isoformat() if job.at else None} for job in jobs]
    connection.execute(_DEFER, {"jobs": orjson.dumps(rows).decode()})
