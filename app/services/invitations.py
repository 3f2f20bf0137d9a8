"""Links for people without an account: each is bound to the tasks that one instance has for whoever it invites.

A link is `case / instance / token`, its token an HMAC over both under the house's secret: nothing of it is stored, so
nothing can be stolen from the database. Whether it still opens anything is read from the instance: a link ends with
the task that it was for.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

from app.definitions import manifest
from app.definitions.manifest import Lane
from app.domain.actors import Actor
from app.domain.cases import Case, Document, Instance, texts_within
from app.domain.errors import NotFound
from app.domain.tasks import Task
from app.engine import definitions as engine_definitions
from app.engine import state as engine_state
from app.handling import Invitation
from app.services.house import House
from app.services.use_case import query
from app.store.queries import Queries

_prefix = "invited:"
_length = 32


@dataclass(frozen=True)
class Invited:
    """What a link leads to: `task` is the last one that it was for, open or not; `label` says where the case stands."""

    actor: Actor
    case: Case
    task: Task
    label: str = ""
    documents: list[Document] = field(default_factory=list)


def to_instance(house: House, case_id: str, instance: int) -> Invitation:
    """Give the link to an instance and who acts by it."""
    path = f"/invitations/{case_id}/{instance}/{token(house, case_id, instance)}"
    return Invitation(actor_id(case_id, instance), house.settings.public_url + path)


def actor_id(case_id: str, instance: int) -> str:
    """Give the id under which the history knows who acts by the link to an instance."""
    return f"{_prefix}{case_id}/{instance}"


def is_invited(actor: str) -> bool:
    """Tell whether an actor's id is that of somebody who acts by a link."""
    return actor.startswith(_prefix)


def hidden(document: Document, by: Actor) -> bool:
    """Tell whether a file is not the actor's to see: it came by a link, and whoever brought it has not sent it yet."""
    theirs = is_invited(document.added_by) and document.added_by != by.id
    return theirs and not document.answered and not by.is_system


def case_of(actor: str) -> str:
    """Give the case to which somebody who acts by a link was invited."""
    return actor.removeprefix(_prefix).rpartition("/")[0]


def token(house: House, case_id: str, instance: int) -> str:
    """Give the secret part of a link: 192 bits, the same for the same instance."""
    key = sha256(f"invitations\n{house.settings.secret_key}".encode()).digest()
    mac = hmac.new(key, f"{case_id}/{instance}".encode(), sha256).digest()
    return urlsafe_b64encode(mac).decode()[:_length]


@query
def find(
    house: House, reader: Queries, case_id: str, instance: int, given: str, language: str = "it"
) -> Invited:
    """Give what a link leads to; NotFound for one that was never given out, whatever is wrong with it."""
    if not genuine(house, case_id, instance, given):
        raise NotFound("Expected a link that was sent to somebody, but this one was not.")
    return invited(CaseRead(reader, case_id), [instance], language)[instance]


def genuine(house: House, case_id: str, instance: int, given: str) -> bool:
    """Tell whether a token is that of the link to an instance."""
    return hmac.compare_digest(token(house, case_id, instance).encode(), given.encode())


class CaseRead:
    """What is asked of one case for all of its invitations, each thing at most once."""

    def __init__(self, reader: Queries, case_id: str) -> None:
        self.reader, self.case_id = reader, case_id

    @cached_property
    def case(self) -> Case:
        """The case itself."""
        return self.reader.case(self.case_id)

    @cached_property
    def tasks(self) -> list[Task]:
        """Its tasks, in order of appearance."""
        return self.reader.tasks_of(self.case_id)

    @cached_property
    def instances(self) -> list[Instance]:
        """Its instances, in order of appearance."""
        return self.reader.instances_of(self.case_id)

    @cached_property
    def snapshots(self) -> dict[int, bytes]:
        """The snapshot of each instance, by number."""
        return self.reader.snapshots(self.case_id)

    @cached_property
    def documents(self) -> list[Document]:
        """Its documents, in order of arrival."""
        return self.reader.documents_of(self.case_id)


def invited(read: CaseRead, numbers: Sequence[int], language: str, account: str = "") -> dict[int, Invited]:
    """Give what somebody was invited to by instances, perhaps acting through an account; NotFound if one invited nobody."""
    last = {number: _last_task(read, number) for number in numbers}
    seen = read.reader.unseal([_variables(read, number, alone=len(last) == 1) for number in last])
    return {
        number: _invited(read, task, variables, language, account)
        for (number, task), variables in zip(last.items(), seen, strict=True)
    }


def _last_task(read: CaseRead, number: int) -> Task:
    me = actor_id(read.case_id, number)
    found = [task for task in read.tasks if me in (task.assignee, task.completed_by)]
    if not found:
        raise NotFound("Expected an instance that invited somebody, but this one did not.")
    return found[-1]


def _variables(read: CaseRead, number: int, *, alone: bool) -> dict[str, Any]:
    """Give what an instance knows, personal values sealed; of one `alone` only its own snapshot is read."""
    if alone:
        held, state = read.reader.instance(read.case_id, number)
    else:
        held = next(one for one in read.instances if one.number == number)
        state = read.snapshots[number]
    definition = engine_definitions.load(read.reader.bundle(held.bundle))
    return dict(engine_state.variables(definition, state, None))


def _invited(read: CaseRead, task: Task, seen: dict[str, Any], language: str, account: str) -> Invited:
    me, named = actor_id(read.case_id, task.instance), set(texts_within(seen))
    mine = [d for d in read.documents if d.id in named or d.added_by == me]
    held = next(one for one in read.instances if one.number == task.instance)
    name = _name(read.reader, held, task.group, seen) or me
    labels = manifest.labels(read.reader.bundle(one.bundle) for one in reversed(read.instances))
    label = labels.to_invited(read.case.state, language)
    return Invited(Actor(me, name, language=language, account=account), read.case, task, label, mine)


@query
def names(house: House, reader: Queries, case_id: str) -> dict[str, str]:
    """Give the names of those who were invited to a case by link, by the ids under which the history knows them."""
    found = {
        actor_id(case_id, one.instance.number): at(one.variables, one.lane.invited if one.lane else "")
        for one in asked(CaseRead(reader, case_id))
    }
    return {actor: name for actor, name in found.items() if isinstance(name, str) and name}


@dataclass(frozen=True)
class Asked:
    """An instance that invited somebody, with what it knows, personal values sealed, and the lane of its task."""

    instance: Instance
    lane: Lane | None
    variables: dict[str, Any]


def asked(read: CaseRead) -> list[Asked]:
    """Give the instances of a case that invited somebody, in order of appearance."""
    groups = {
        task.instance: task.group
        for task in read.tasks
        if actor_id(read.case_id, task.instance) in (task.assignee, task.completed_by)
    }
    found, snapshots = [], read.snapshots if groups else {}
    for one in read.instances:
        if one.number in groups and one.number in snapshots:
            bundle = read.reader.bundle(one.bundle)
            seen = engine_state.variables(engine_definitions.load(bundle), snapshots[one.number], None)
            lane = manifest.manifest_of(bundle).lanes.get(groups[one.number] or "")
            found.append(Asked(one, lane, seen))
    return found


def _name(reader: Queries, held: Instance, group: str | None, variables: dict[str, Any]) -> str:
    """Give the name of who is invited: the variable that the lane's `invited` names."""
    lane = manifest.manifest_of(reader.bundle(held.bundle)).lanes.get(group or "")
    value = at(variables, lane.invited if lane else "")
    return value if isinstance(value, str) else ""


def at(variables: dict[str, Any], path: str) -> Any:
    """Give the value at a dotted path of variables; None where it leads nowhere."""
    value: Any = variables
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value
