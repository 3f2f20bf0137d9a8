"""The composition root: puts the house together, and the web application in front of it."""

from flask import Flask

from app.config import Settings, read_settings
from app.handling import load_handlers
from app.services.house import House
from app.store.blobs import BlobStore
from app.store.clock import HouseClock
from app.store.database import Database
from app.store.postgres import EmbeddedServer
from app.tether import end_after_forker
from app.web.site import create_site


def database_url(settings: Settings) -> str:
    """Give the address of the database: the configured one, or that of the embedded server, started if need be."""
    return settings.database_url or EmbeddedServer(settings.home).start()


def create_house(settings: Settings, url: str | None = None) -> House:
    """Put the house together on a migrated database."""
    database = Database(url or database_url(settings), pool_size=settings.pool_size)
    clock = HouseClock(database, demo=settings.demo)
    return House(settings, database, clock, BlobStore(settings.home / "blobs"), load_handlers())


def create_app() -> Flask:
    """Give the web application, as the server's workers load it; each ends with the server that forked it."""
    end_after_forker()
    return create_site(create_house(read_settings()))
