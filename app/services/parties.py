"""Who works on a case: colleagues of the role that starting its process gave."""

from datetime import timedelta

from app.domain import policy
from app.domain.actors import Actor, system
from app.domain.cases import Case
from app.domain.errors import NotAllowed, NotFound
from app.domain.events import AccessRefused, PartyAdded, PartyRemoved, TaskReleased
from app.services.house import House
from app.services.use_case import query, use_case
from app.store.queries import Queries
from app.store.unit_of_work import UnitOfWork

longest_name = 200


@query
def colleagues(house: House, reader: Queries, case_id: str, by: Actor) -> list[Actor]:
    """Give who has the role that starting the case's process gave, by name; empty unless the actor is one of them."""
    role = _role(reader, case_id)
    there = {party.actor for party in reader.parties_of(case_id) if role and party.role == role}
    if by.id not in there:
        return []
    found = (reader.person(actor) or Actor(actor, actor) for actor in there)
    return sorted(found, key=lambda person: (person.name, person.id))


@use_case
def add(house: House, uow: UnitOfWork, case_id: str, whom: str, by: Actor) -> Actor:
    """Add a person, by log-in name or mail address, to the role that the actor has from the start of the case.

    NotAllowed with one and the same reason for a name that nobody has, several have, or somebody of the office has.
    """
    case, role = _held(uow, case_id, by)
    found = uow.people.named(whom.strip()) if 0 < len(whom.strip()) <= longest_name else []
    if len(found) != 1 or found[0].groups or found[0].capabilities:
        raise NotAllowed(
            "Expected the log-in name or mail address of one colleague, but it is none.",
            reason="colleague_unknown",
        )
    if role in uow.roles(case_id, found[0].id):
        raise NotAllowed(
            f"Expected somebody new on {case_id}, but {found[0].name} is there already.",
            reason="colleague_there",
            name=found[0].name,
        )
    uow.record(case, None, [PartyAdded(role, found[0].id)], actor=by.id)
    return found[0]


@use_case
def remove(house: House, uow: UnitOfWork, case_id: str, whom: str, by: Actor) -> None:
    """Take the role that starting the case gave from a person, perhaps oneself, and release the tasks held in it.

    NotAllowed if nobody would be left; NotFound if the person does not have it.
    """
    case, role = _held(uow, case_id, by)
    there = {party.actor for party in uow.parties_of(case_id) if party.role == role}
    if whom not in there:
        raise NotFound(f"Expected {whom!r} to be a {role} of {case_id}, but they are not.")
    if len(there) == 1:
        raise NotAllowed(
            f"Expected somebody to stay on {case_id}, but nobody would be left.", reason="colleague_last"
        )
    _take(uow, case, role, whom, by)


def appoint(uow: UnitOfWork, case_id: str, role: str, people: list[str]) -> None:
    """Give a role in a locked case to exactly these people, as the process asks; tasks of those who lose it are released."""
    case = uow.current(case_id)
    there = sorted(party.actor for party in uow.parties_of(case_id) if party.role == role)
    for whom in there:
        if whom not in people:
            case = _take(uow, case, role, whom, system)
    for whom in dict.fromkeys(people):
        if whom not in there:
            case = uow.record(case, None, [PartyAdded(role, whom)], actor=system.id)


@use_case
def note_refused(house: House, uow: UnitOfWork, case_id: str, by: Actor) -> bool:
    """Record that somebody who was removed from a case asked for it; at most once a day. Tells whether it was recorded."""
    if uow.may_see(by, case_id) or not uow.removed_from(case_id, by.id):
        return False
    case, since = uow.lock_case(case_id), uow.now - timedelta(days=1)
    known = uow.events_of_case(case_id, {AccessRefused.__name__})
    if any(
        isinstance(e.event, AccessRefused) and e.event.party == by.id and e.recorded_at > since for e in known
    ):
        return False
    uow.record(case, None, [AccessRefused(by.id)], actor=by.id)
    return True


def _take(uow: UnitOfWork, case: Case, role: str, whom: str, by: Actor) -> Case:
    case = uow.record(case, None, [PartyRemoved(role, whom)], actor=by.id)
    left = uow.roles(case.id, whom)
    for task in uow.tasks_of(case.id):
        held = task.state == "open" and task.group_kind == "case_role" and task.assignee == whom
        if held and task.blind is None and not policy.is_candidate(Actor(whom, whom), task, left):
            case = uow.record(case, task.instance, [TaskReleased(task.number)], actor=by.id)
    return case


def _held(uow: UnitOfWork, case_id: str, by: Actor) -> tuple[Case, str]:
    """Lock the case and give the role that its start gave, which the actor must have."""
    if not uow.may_see(by, case_id):
        raise NotFound(f"Expected a case {case_id} that {by.name} may see, but there is none.")
    case, role = uow.lock_case(case_id), _role(uow, case_id)
    if not role or role not in uow.roles(case_id, by.id):
        raise NotAllowed(
            f"Expected {by.name} to have the role that began {case_id}, but they do not.",
            reason="not_colleague",
        )
    return case, role


def _role(reader: Queries, case_id: str) -> str:
    """Give the role that the process which opened the case gives to who starts it; empty if there is none."""
    first = min(reader.instances_of(case_id), key=lambda instance: instance.number, default=None)
    return reader.facts(first.bundle).start_role if first else ""
