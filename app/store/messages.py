"""Messages that nobody has taken yet."""

from typing import Any

from sqlalchemy import bindparam, delete, func, insert, literal, select

from app.domain.jobs import Message
from app.store import records, tables
from app.store.writing import Writing

_m = tables.message.c
_MATCHING = (
    select(tables.message)
    .where(_m.name == bindparam("name"), _m.key == bindparam("key"))
    .order_by(_m.id)
    .with_for_update(skip_locked=True)
)
_ONE = select(tables.message).where(_m.id == bindparam("id"))
_KEEP = insert(tables.message).returning(_m.id)
_TOPIC = func.hashtextextended(bindparam("name") + literal("\n") + bindparam("key"), 0)
_LISTEN = select(func.pg_advisory_xact_lock_shared(_TOPIC))
_AWAIT_LISTENERS = select(func.pg_advisory_xact_lock(_TOPIC))
_TAKE = delete(tables.message).where(_m.id == bindparam("taken"))


class MessageStore(Writing):
    """Kept messages, first in, first out."""

    def keep_message(self, name: str, key: str, payload: dict[str, Any], source: str = "") -> int:
        """Keep a message until a wait of its name and key takes it; gives its id."""
        row = {"name": name, "key": key, "payload": payload, "source": source, "kept_at": self.now}
        return int(self._connection.execute(_KEEP, row).scalar_one())

    def kept_message(self, message_id: int) -> Message | None:
        """Give a kept message by its id, if nobody has taken it."""
        row = self._row(_ONE, id=message_id)
        return records.message_from(row) if row else None

    def await_listeners(self, name: str, key: str) -> None:
        """Wait until every transaction that opens a wait for a message of a name and key has ended.

        Only for a transaction that holds no lock yet, so that nobody waits for it in turn.
        """
        self._connection.execute(_AWAIT_LISTENERS, {"name": name, "key": key})

    def matching_messages(self, name: str, key: str) -> list[Message]:
        """Give the kept messages of a name and key, oldest first, and hold them until the transaction ends.

        A message that another transaction holds is left out: that one is taking it. One that is kept meanwhile
        is delivered by its own job, which waits for this transaction (`await_listeners`).
        """
        self._connection.execute(_LISTEN, {"name": name, "key": key})
        return [records.message_from(row) for row in self._rows(_MATCHING, name=name, key=key)]

    def take_message(self, message_id: int) -> bool:
        """Take a message out; False if another transaction was quicker."""
        return self._connection.execute(_TAKE, {"taken": message_id}).rowcount > 0
