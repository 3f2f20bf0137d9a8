"""Messages that a person or an outside system sends to a case."""

from dataclasses import dataclass
from typing import Any

from app.definitions import manifest
from app.domain.actors import Actor
from app.domain.cases import Case
from app.domain.errors import NotAllowed, NotFound
from app.domain.events import MessageReceived
from app.domain.jobs import Wait
from app.services.course import Course
from app.services.house import House
from app.services.use_case import query, use_case
from app.store.queries import Queries
from app.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Offered:
    """A message that the actor may send now: its name, its label, and what sending it leads to."""

    name: str
    label: str
    explained: str


@query
def offered(house: House, reader: Queries, case_id: str, by: Actor) -> list[Offered]:
    """Give what the actor may send to a case now: messages that the manifest offers and an instance waits for."""
    if not reader.may_see(by, case_id):
        raise NotFound(f"Expected a case {case_id} that {by.name} may see, but there is none.")
    found: dict[str, Offered] = {}
    for wait in _waits(reader, case_id):
        offer = _offer(reader, wait)
        if offer and _may(reader, case_id, offer, by):
            label, explained = offer.label.of(by.language), offer.explained.of(by.language)
            found[wait.name] = Offered(wait.name, label, explained)
    return list(found.values())


def _waits(reader: Queries, case_id: str) -> list[Wait]:
    with_key = reader.waits(case_id, kind="message", key=case_id)
    return sorted(with_key, key=lambda wait: wait.number)


def _offer(reader: Queries, wait: Wait) -> manifest.Offer | None:
    instance, _ = reader.instance(wait.case_id, wait.instance)
    return manifest.load_manifest(reader.bundle(instance.bundle)).messages.get(wait.name)


def _may(reader: Queries, case_id: str, offer: manifest.Offer, by: Actor) -> bool:
    return offer.who in by.groups or offer.who in reader.roles(case_id, by.id)


@use_case
def send(house: House, uow: UnitOfWork, case_id: str, name: str, payload: dict[str, Any], by: Actor) -> bool:
    """Send a message to a case; False when nobody waited and it is kept until someone does.

    A person may send what is offered to them: NotFound for who may not see the case, NotAllowed otherwise. The system
    may send anything.
    """
    if not by.is_system and not uow.may_see(by, case_id):
        raise NotFound(f"Expected a case {case_id} that {by.name} may see, but there is none.")
    case = uow.lock_case(case_id)
    wait = next((w for w in uow.waits(case_id, kind="message", name=name, key=case_id)), None)
    if not by.is_system:
        _require_offer(uow, case, name, wait, by)
    if wait is None:
        uow.keep_message(name, case_id, payload, f"actor:{by.id}")
        return False
    course = Course(house, uow, case, by.id)
    course.feed(wait.instance, MessageReceived(wait.number, name, payload, f"actor:{by.id}"))
    course.settle()
    return True


def _require_offer(uow: UnitOfWork, case: Case, name: str, wait: Wait | None, by: Actor) -> None:
    offer = _offer(uow, wait) if wait else None
    if offer is None:
        raise NotAllowed(
            f"Expected {case.id} to wait for {name}, but it does not now.", reason="message_not_awaited"
        )
    if not _may(uow, case.id, offer, by):
        raise NotAllowed(
            f"Expected someone of {offer.who}, but {by.name} does not belong to that group.",
            reason="not_candidate",
            group=offer.who,
        )
