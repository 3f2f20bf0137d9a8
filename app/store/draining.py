"""The job queue worked off without a worker: for stories and demonstrations, which wait for every effect."""

from typing import Any

from sqlalchemy import text

from app.feel.codec import from_tagged
from app.store.database import Database

_TAKE = text(
    "DELETE FROM procrastinate_jobs WHERE id = (SELECT id FROM procrastinate_jobs WHERE status = 'todo'"
    " AND task_name = 'pratica.perform' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING args"
)
_BUSY = text(
    "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND task_name = 'pratica.perform'"
)


def take_next(database: Database) -> dict[str, Any] | None:
    """Take the oldest job out of the queue, one that waits for a retry included: its `kind`, `case_id`, `number`, `payload`.

    A job that is taken and not performed is lost: this is for a house that can be thrown away, or played again.
    """
    with database.engine.begin() as connection:
        arguments = connection.execute(_TAKE).scalar()
    if arguments is None:
        return None
    return {**arguments, "payload": from_tagged(arguments["payload"])}


def busy(database: Database) -> bool:
    """Tell whether a worker is performing a job right now."""
    with database.engine.connect() as connection:
        return bool(connection.execute(_BUSY).scalar())
