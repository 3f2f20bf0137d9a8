"""The house: what every use case needs, put together once."""

from dataclasses import dataclass
from pathlib import Path

from app.config import Settings
from app.handling import Registry
from app.store.blobs import BlobStore
from app.store.clock import Clock
from app.store.database import Database


@dataclass(frozen=True)
class House:
    """Settings, database, clock, blobs and handlers of one running installation."""

    settings: Settings
    database: Database
    clock: Clock
    blobs: BlobStore
    handlers: Registry

    @property
    def ledger(self) -> Path:
        """The folder where simulated outside systems keep what they were told."""
        return self.settings.home / "simulators"
