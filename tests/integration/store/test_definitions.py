"""Definitions and people."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from argon2 import PasswordHasher

from app.domain.actors import Actor, Capability
from app.domain.bundles import Bundle
from app.domain.cases import Case
from app.domain.definitions import DefinitionFacts
from app.domain.errors import NotFound
from app.domain.events import InstanceCompleted
from app.store import people
from app.store.clock import FixedClock
from app.store.database import Database


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords with little work: these tests are not about their strength."""
    monkeypatch.setattr(people, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    people._nobody.cache_clear()


FACTS = DefinitionFacts("f1", "proposal", {"it": "Prova"}, message_starts={"proroga": "s2"}, number_first=42)


def test_the_same_bundle_is_the_same_version(database: Database, clock: FixedClock) -> None:
    one, two = Bundle("f1", {"a.bpmn": b"1"}), Bundle("f1", {"a.bpmn": b"2", "b.dmn": b"\x00\xff"})
    with database.unit_of_work(clock) as uow:
        given = [uow.save_definition(bundle, FACTS, "designer") for bundle in (one, two, one)]
    assert given == [1, 2, 1]
    with database.reader() as reader:
        assert reader.definition("f1").bundle == two.hash
        assert reader.definition("f1", 1).facts == FACTS
        assert reader.bundle(two.hash) == two
        assert reader.bundle(two.hash) is reader.bundle(two.hash)
        with pytest.raises(NotFound):
            reader.definition("f1", 3)
        with pytest.raises(NotFound):
            reader.bundle("00")


def test_only_the_latest_version_starts_by_message(database: Database, clock: FixedClock) -> None:
    with database.unit_of_work(clock) as uow:
        uow.save_definition(Bundle("f1", {"a": b"1"}), FACTS, "designer")
        assert [row.version for row in uow.message_starts("proroga")] == [1]
        uow.save_definition(Bundle("f1", {"a": b"2"}), replace(FACTS, message_starts={}), "designer")
        assert uow.message_starts("proroga") == []
        assert [row.version for row in uow.latest_definitions()] == [2]


def test_versions_are_shown_with_what_runs_on_them(
    database: Database, clock: FixedClock, open_case: Callable[..., Case]
) -> None:
    first, second = open_case(), open_case()
    with database.unit_of_work(clock) as uow:
        uow.record(uow.lock_case(second.id), 1, [InstanceCompleted(["end"])], actor="x")
    with database.reader() as reader:
        (count,) = reader.definitions()
        assert (count.running, count.finished) == (1, 1)
        assert reader.instances_on(count.definition.bundle) == [
            (first.id, 1, "running"),
            (second.id, 1, "completed"),
        ]
        assert reader.case_ids() == [first.id, second.id]


def test_people_log_in_with_their_password_alone(database: Database, clock: FixedClock) -> None:
    ada = Actor("ada", "Ada", "a@b.it", frozenset({"rup"}), frozenset({Capability.auditor}), "en", "Regione")
    with database.unit_of_work(clock) as uow:
        uow.people.add(ada, "correct horse")
        uow.people.add(Actor("bea", "Bea"), "battery staple")
        uow.people.set_language("bea", "en")
    with database.reader() as reader:
        assert reader.people.authenticate("ada", "correct horse") == ada
        assert reader.people.authenticate("ada", "battery staple") is None
        assert reader.people.authenticate("nobody", "nobody") is None
        assert reader.people.authenticate("ada\0", "wrong") is None
        assert reader.person("bea") == Actor("bea", "Bea", language="en")
        assert reader.people.get("nobody") is None
        assert [person.id for person in reader.people.all()] == ["ada", "bea"]


def test_a_person_added_again_is_replaced(database: Database, clock: FixedClock) -> None:
    with database.unit_of_work(clock) as uow:
        uow.people.add(Actor("ada", "Ada"), "one")
        uow.people.add(Actor("ada", "Ada Verdi"), "two")
        assert uow.people.authenticate("ada", "one") is None
        assert uow.people.authenticate("ada", "two") == Actor("ada", "Ada Verdi")


def test_a_reader_cannot_write(database: Database) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    with database.reader() as reader, pytest.raises(DBAPIError, match="read-only"):
        reader._rows(text("DELETE FROM person"))
