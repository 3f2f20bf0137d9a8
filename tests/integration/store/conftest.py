"""A deployed definition and a case that has reached its first task."""

from collections.abc import Callable

import pytest

from app.domain.actors import Actor, Capability
from app.domain.bundles import Bundle
from app.domain.cases import Case
from app.domain.definitions import DefinitionFacts
from app.domain.events import Consequence, Event, InstanceStarted, PartyAdded, TaskOpened, TokensMoved
from app.store.blobs import BlobStore
from app.store.clock import FixedClock
from app.store.database import Database

FACTS = DefinitionFacts(
    process="f1",
    kind="proposal",
    titles={"it": "Istruttoria", "en": "Review"},
    lanes={"istruttore": "office", "protocollo": "office", "capofila": "case_role"},
    record={"ambito": "progetto.ambito", "importo": "importo"},
    title_path="progetto.titolo",
    states={"check": "in_review"},
    message_starts={"proroga": "s2"},
)
BUNDLE = Bundle("f1", {"f1.bpmn": b"<bpmn/>", "process.toml": b""})


@pytest.fixture
def rossi() -> Actor:
    """An applicant."""
    return Actor("rossi", "Carla Rossi")


@pytest.fixture
def bianchi() -> Actor:
    """A case officer."""
    return Actor("bianchi", "Ugo Bianchi", groups=frozenset({"istruttore"}))


@pytest.fixture
def auditor() -> Actor:
    """An auditor."""
    return Actor("audit", "Ada Verdi", capabilities=frozenset({Capability.auditor}))


@pytest.fixture
def deployed(database: Database, clock: FixedClock) -> Bundle:
    """The bundle, deployed."""
    with database.unit_of_work(clock) as uow:
        uow.save_definition(BUNDLE, FACTS, "designer")
    return BUNDLE


@pytest.fixture
def open_case(
    database: Database, clock: FixedClock, blobs: BlobStore, deployed: Bundle
) -> Callable[..., Case]:
    """A function that opens a case, starts an instance and records further events in it."""

    def opened(*events: Event, lane: str = "istruttore", party: str = "rossi") -> Case:
        with database.unit_of_work(clock, blobs) as uow:
            case = uow.open_case("proposal", "FIL", 42, actor=party)
            case = uow.record(case, None, [PartyAdded("capofila", party)], actor=party)
            started = InstanceStarted(
                "f1", deployed.hash, None, {"progetto": {"titolo": "Molino", "ambito": "A2"}}
            )
            first: list[Consequence] = [
                TokensMoved([["entered", "check"]]),
                TaskOpened(1, "check", "Verifica formale", lane, "frm"),
            ]
            return uow.record(case, 1, [started, *first, *events], actor=party, state=b"snapshot 1")

    return opened
