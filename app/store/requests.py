"""Requests that were answered: the same key again gets the same answer."""

from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from app.domain.errors import KeyReused
from app.store import tables
from app.store.reading import Reading
from app.store.writing import Writing

_k = tables.request_key.c
_RESERVE = (
    insert(tables.request_key)
    .values(key=bindparam("key"), request_hash=bindparam("request_hash"))
    .on_conflict_do_nothing()
)
_ANSWERED = select(_k.request_hash, _k.answer).where(_k.key == bindparam("key"))
_ANSWER = update(tables.request_key).where(_k.key == bindparam("answered")).values(answer=bindparam("given"))


class RequestQueries(Reading):
    """What requests were answered with."""

    def answered(self, key: str) -> tuple[str, Any] | None:
        """Give the request of a key and its answer; None where nothing was answered under it."""
        row = self._row(_ANSWERED, key=key)
        return None if row is None or row["answer"] is None else (row["request_hash"], row["answer"])


class RequestStore(RequestQueries, Writing):
    """Idempotency keys of requests."""

    def key(self, key: str | None, request_hash: str) -> Any:
        """Reserve a key: None the first time, the stored answer on a repeat; KeyReused with another request.

        A repeat that comes while the first is still at work waits for it here.
        """
        if key is None:
            return None
        reserved = self._connection.execute(_RESERVE, {"key": key, "request_hash": request_hash})
        if reserved.rowcount > 0:
            return None
        row = self._row(_ANSWERED, key=key)
        if row is None or row["request_hash"] != request_hash:
            raise KeyReused(
                f"Expected idempotency key {key!r} with the request it came with, but it is another."
            )
        return row["answer"]

    def answer(self, key: str | None, answer: Any) -> None:
        """Store the answer of the request that reserved `key`: a FEEL value, not null."""
        if key is not None:
            self._connection.execute(_ANSWER, {"answered": key, "given": answer})
