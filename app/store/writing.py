"""What every writer shares: the unit's time and its way to the connection."""

from datetime import datetime

from sqlalchemy import Connection

from app.store.blobs import BlobStore
from app.store.reading import Reading, Shelf


class Writing(Reading):
    """A connection within a transaction that writes; `now` is the house clock, read once."""

    def __init__(self, connection: Connection, shelf: Shelf, now: datetime, blobs: BlobStore | None) -> None:
        super().__init__(connection, shelf)
        self.now = now
        self._blobs = blobs

    def flush(self) -> None:
        """Send what waits; a writer without a buffer has nothing waiting."""
