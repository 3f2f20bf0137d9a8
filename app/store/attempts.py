"""Attempts at outside handlers: beside the history, since a try that failed is not yet an event."""

from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.dialects.postgresql import insert

from app.domain.errors import NotFound
from app.domain.jobs import Job
from app.store import tables
from app.store.case_queries import CaseQueries
from app.store.writing import Writing

_a = tables.job_attempt.c


def _begin() -> Any:
    values: dict[str, Any] = {name: bindparam(name) for name in ("case_id", "number", "last_at")}
    statement = insert(tables.job_attempt).values(**values, attempts=1, last_error="")
    changed = {"attempts": _a.attempts + 1, "last_at": statement.excluded.last_at}
    return statement.on_conflict_do_update(index_elements=[_a.case_id, _a.number], set_=changed)


_BEGIN = _begin()
_FAILED = (
    update(tables.job_attempt)
    .where(_a.case_id == bindparam("of_case"), _a.number == bindparam("of_job"))
    .values(last_error=bindparam("error"))
)


class AttemptStore(CaseQueries, Writing):
    """Counting attempts."""

    def begin_attempt(self, case_id: str, number: int) -> Job | None:
        """Count one more attempt at an open job and give it; None if it is not open any more."""
        try:
            if self.job(case_id, number).state != "open":
                return None
        except NotFound:
            return None
        self._connection.execute(_BEGIN, {"case_id": case_id, "number": number, "last_at": self.now})
        return self.job(case_id, number)

    def note_failure(self, case_id: str, number: int, message: str) -> Job | None:
        """Keep why an attempt failed and give the job; None if it is not open any more."""
        row = {"of_case": case_id, "of_job": number, "error": message.replace("\0", "")[:4000]}
        self._connection.execute(_FAILED, row)
        job = self.job(case_id, number)
        return job if job.state == "open" else None
