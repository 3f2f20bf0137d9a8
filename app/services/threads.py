"""What was asked and answered in a case: the submissions that the manifests name in `[thread]`, read from the history."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.definitions import forms
from app.definitions.manifest import manifest_of
from app.definitions.offers import Thread
from app.definitions.texts import Text
from app.domain.actors import Actor
from app.domain.bundles import Bundle
from app.domain.cases import Document, Instance
from app.domain.errors import NotFound
from app.domain.events import Event, InstanceStarted, MessageReceived, TaskCompleted
from app.domain.tasks import Task
from app.services.house import House
from app.services.use_case import query
from app.store.log import Recorded
from app.store.queries import Queries

_TYPES = ("InstanceStarted", "MessageReceived", "TaskCompleted")


@dataclass(frozen=True)
class Entry:
    """One submission of a thread: who sent it and when, and of its form only the fields that the thread shows.

    `name` is the message or the element; `office` tells whether the office wrote it; personal values are in the clear,
    or `Erased` once they are forgotten.
    """

    name: str
    at: datetime
    by: str
    office: bool
    fields: tuple[forms.Field, ...]
    values: dict[str, Any]


@dataclass(frozen=True)
class Talk:
    """The thread of one instance; `waiting` are its open tasks that the thread shows once they are done."""

    instance: Instance
    title: Text
    entries: list[Entry]
    waiting: list[Task]
    answered: bool
    documents: Mapping[str, Document]

    @property
    def by(self) -> datetime | None:
        """By when the next entry is due, if there is a date."""
        return min((task.due for task in self.waiting if task.due), default=None)


@query
def of_case(house: House, reader: Queries, case_id: str, by: Actor) -> list[Talk]:
    """Give the threads of a case that has any, the newest first; NotFound for those who may not see the case."""
    if not reader.may_see(by, case_id):
        raise NotFound(f"Expected a case {case_id} that {by.name} may see, but there is none.")
    instances = reader.instances_of(case_id)
    held = {one.number: reader.bundle(one.bundle) for one in instances}
    talking = [one for one in instances if manifest_of(held[one.number]).thread]
    if not talking:
        return []
    tasks = {task.number: task for task in reader.tasks_of(case_id)}
    documents = {document.id: document for document in reader.documents_of(case_id)}
    said = _said(reader, case_id, {one.number: held[one.number] for one in talking}, tasks)
    talks = []
    for one in reversed(talking):
        thread = manifest_of(held[one.number]).thread
        waiting = [task for task in tasks.values() if _awaits(task, one, thread)]
        answered = not set(thread.answered).isdisjoint(one.ends)
        talks.append(Talk(one, thread.title, said.get(one.number, []), waiting, answered, documents))
    return talks


def _said(
    reader: Queries, case_id: str, held: Mapping[int, Bundle], tasks: Mapping[int, Task]
) -> dict[int, list[Entry]]:
    """Give the entries of each instance; all personal values are opened at once."""
    found = []
    for recorded in reader.history_of(case_id, list(held), _TYPES):
        number = recorded.instance or 0
        entry = _entry(recorded, held[number], tasks)
        if entry:
            found.append((number, entry))
    said: dict[int, list[Entry]] = {}
    plain = reader.unseal([entry.values for _, entry in found])
    for (number, entry), values in zip(found, plain, strict=True):
        said.setdefault(number, []).append(replace(entry, values=values))
    return said


def _awaits(task: Task, instance: Instance, thread: Thread) -> bool:
    return task.state == "open" and task.instance == instance.number and task.element in thread.shows


def _entry(recorded: Recorded, bundle: Bundle, tasks: Mapping[int, Task]) -> Entry | None:
    """Give what a submission says to all concerned; None where it is none of the thread, or says nothing to them."""
    event = recorded.event
    if isinstance(event, TaskCompleted):
        task = tasks[event.task]
        name, form_id, kind, values = task.element, task.form or "", task.group_kind, event.values
    else:
        name, form_id, kind, values = _message(event, bundle)
    shown = manifest_of(bundle).thread.shows.get(name)
    form = forms.of_bundle(bundle, form_id) if shown and form_id else None
    fields = tuple(f for f in forms.valued(form.fields) if f.name in (shown or ())) if form else ()
    kept = _only(fields, values)
    return Entry(name, recorded.recorded_at, recorded.actor, kind == "office", fields, kept) if kept else None


def _message(event: Event, bundle: Bundle) -> tuple[str, str, str, dict[str, Any]]:
    """Give the name, the form, the kind of the sender's lane and the values of a message that an event took in."""
    name, values = "", {}
    if isinstance(event, InstanceStarted):
        name, values = event.message or "", event.variables
    elif isinstance(event, MessageReceived):
        name, values = event.name, event.payload
    read = manifest_of(bundle)
    offer = read.messages.get(name)
    lane = read.lanes.get(offer.who) if offer else None
    return name, offer.form if offer else "", lane.kind if lane else "", values


def _only(fields: tuple[forms.Field, ...], values: dict[str, Any]) -> dict[str, Any]:
    """Give the values of some fields alone, those that are answered."""
    kept: dict[str, Any] = {}
    for asked in fields:
        value = forms.get(values, asked.name)
        if value not in (None, "", []):
            forms.put(kept, asked.name, value)
    return kept
