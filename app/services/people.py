"""People with a log-in."""

from app.domain import policy
from app.domain.actors import Actor
from app.services.house import House
from app.services.tasks import split
from app.services.use_case import query, use_case
from app.store.queries import Queries
from app.store.unit_of_work import UnitOfWork


@query
def authenticate(house: House, reader: Queries, login: str, password: str) -> Actor | None:
    """Give the person whose password this is, else None; both take the same time."""
    return reader.people.authenticate(login, password)


@query
def get(house: House, reader: Queries, login: str) -> Actor | None:
    """Give a person by log-in name."""
    return reader.people.get(login)


@query
def names(house: House, reader: Queries) -> dict[str, str]:
    """Give everybody's name by log-in name."""
    return {person.id: person.name for person in reader.people.all()}


@query
def candidates(house: House, reader: Queries, task_id: str, by: Actor) -> list[Actor]:
    """Give the people to whom a task may be assigned, by name."""
    case_id, number = split(task_id)
    task = reader.task(case_id, number)
    people = reader.people.all()
    found = [p for p in people if policy.is_candidate(p, task, reader.roles(case_id, p.id))]
    return sorted(found, key=lambda person: person.name)


@query
def colleagues(house: House, reader: Queries, by: Actor) -> list[Actor]:
    """Give the people who share an office group with the actor, the actor too, by name."""
    return [person for person in reader.people.all() if person.groups & by.groups]


@use_case
def set_language(house: House, uow: UnitOfWork, by: Actor, language: str) -> None:
    """Keep a person's language, `it` or `en`."""
    uow.people.set_language(by.id, language)


@use_case
def add(house: House, uow: UnitOfWork, person: Actor, password: str) -> None:
    """Add a person, or replace one of the same log-in name."""
    uow.people.add(person, password)
