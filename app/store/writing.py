"""What every writer shares: the unit's time and its way to the connection."""

from datetime import datetime

from sqlalchemy import Connection

from app.store.blobs import BlobStore
from app.store.clock import Clock
from app.store.reading import Reading, Shelf


class Writing(Reading):
    """A connection within a transaction that writes."""

    def __init__(self, connection: Connection, shelf: Shelf, clock: Clock, blobs: BlobStore | None) -> None:
        super().__init__(connection, shelf)
        self._clock = clock
        self._now: datetime | None = None
        self._blobs = blobs

    @property
    def now(self) -> datetime:
        """The house's time: read once, when it is first asked for after a lock, so that it follows what it waited for."""
        if self._now is None:
            self._now = self._clock.read(self._connection)
        return self._now

    def flush(self) -> None:
        """Send what waits; a writer without a buffer has nothing waiting."""
