"""A house on a real PostgreSQL with small processes of its own, so that services are tested without the shipped content."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.config import Settings
from app.domain.actors import system
from app.domain.bundles import Bundle
from app.handling import Registry
from app.services import definitions, people
from app.services.house import House
from app.store.blobs import BlobStore
from app.store.clock import FixedClock
from app.store.database import Database
from tests.small import anna, bpmn, bruno, carla, designer, manifest, operator, start


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def house(database: Database, registry: Registry, tmp_path: Path) -> House:
    settings = Settings(home=tmp_path, content=tmp_path, document_limit=1024 * 1024, handler_attempts=2)
    made = House(settings, database, FixedClock(start), BlobStore(tmp_path / "blobs"), registry)
    for person in (anna, bruno, carla, designer, operator):
        people.add(made, person, f"password of {person.id}")
    return made


@pytest.fixture
def deploy(house: House) -> Callable[..., int]:
    """Deploy a process from its body."""

    def put(
        process: str,
        body: str,
        *,
        above: str = "",
        kind: str = "request",
        extra: str = "",
        who: str = "anyone",
        files: dict[str, bytes] | None = None,
    ) -> int:
        content = {
            f"{process}.bpmn": bpmn(process, body, above),
            "process.toml": manifest(process, kind, extra, who),
            **(files or {}),
        }
        return definitions.deploy(house, Bundle(process, content), system)

    return put
