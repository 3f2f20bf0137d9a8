"""Fixtures for every test: one PostgreSQL for the session, one fresh database for each test that asks."""

import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from app.store.blobs import BlobStore
from app.store.clock import FixedClock
from app.store.database import Database
from app.store.postgres import EmbeddedServer, temporary_server

TEMPLATE = "pratica"

LONGEST = (
    "scenarios/test_stories.py",
    "browser/test_main_job.py",
    "browser/test_measure.py",
    "scenarios/test_blind.py",
    "browser/test_decrees.py",
    "integration/test_serving.py",
    "browser/test_review_job.py",
)
"""Files that take long go first, so that no process works alone on one of them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the others stay in their order."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get("/".join(item.path.parts[-2:]), len(place)))
    if not os.environ.get("PRATICA_LONG"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="long, and played otherwise too: make long"))


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """A PostgreSQL of the test session; its database `pratica` is migrated and is the template of the others."""
    with temporary_server() as started:
        template = Database(started.url)
        template.migrate()
        template.close()
        yield started


@pytest.fixture
def database_url(server: EmbeddedServer) -> Iterator[str]:
    """The URL of a fresh, migrated database."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(TEMPLATE))
        )
        yield server.url_of(name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, migrated database."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at noon of 8 May 2023 until it is moved."""
    return FixedClock(datetime(2023, 5, 8, 10, 0, tzinfo=UTC))


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    """An empty blob store."""
    return BlobStore(tmp_path / "blobs")
