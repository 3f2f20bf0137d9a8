"""Submissions as the history holds them, each with the form that asked for it, for those who may see the case."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.definitions import forms, manifest
from app.definitions.texts import Text
from app.domain.actors import Actor
from app.domain.cases import Document
from app.domain.errors import NotFound
from app.domain.events import TaskCancelled, TaskCompleted, TokensMoved
from app.domain.tasks import Task
from app.services import sides
from app.services.blind import closed, is_closed
from app.services.house import House
from app.services.tasks import split
from app.services.use_case import query
from app.store.log import Recorded
from app.store.queries import Queries


@dataclass(frozen=True)
class Submitted:
    """What a completed task was answered with: personal values in the clear, or `Erased` once they are forgotten."""

    task: Task
    form: forms.Form
    values: dict[str, Any]
    documents: list[Document]


def _history(reader: Queries, case_id: str, by: Actor) -> list[Recorded]:
    if not reader.may_see(by, case_id):
        raise NotFound(f"Expected a case {case_id} that {by.name} may see, but there is none.")
    return reader.history(case_id)


@query
def of_task(house: House, reader: Queries, task_id: str, by: Actor) -> Submitted | None:
    """Give what a task was completed with; None where it is not completed, asked nothing, or is not theirs to read."""
    case_id, number = split(task_id)
    history, task = _history(reader, case_id, by), reader.task(case_id, number)
    may = _may_read(reader, task, by) and not is_closed(reader, task, by)
    return _submitted(reader, history, task) if may else None


def _may_read(reader: Queries, task: Task, by: Actor) -> bool:
    """Tell whether the actor may read what a task was answered with: a party reads what parties like them answered, not the office's notes."""
    roles = reader.roles(task.case_id, by.id)
    outside = sides.is_party(reader, reader.instances_of(task.case_id), roles)
    if not outside or task.completed_by == by.id:
        return True
    return task.group_kind == "case_role" and task.group in roles


@query
def last(house: House, reader: Queries, case_id: str, wanted: Iterable[str], by: Actor) -> list[Submitted]:
    """Give, for each form in order, what it was last answered with anywhere in the case."""
    history, tasks = _history(reader, case_id, by), reader.tasks_of(case_id)
    hidden = closed(reader, case_id, by).tasks
    found = []
    for name in wanted:
        done = [t for t in tasks if t.form == name and t.state == "completed" and _may_read(reader, t, by)]
        done = [t for t in done if t.number not in hidden]
        latest = max(done, key=lambda task: (task.ended_at or task.opened_at, task.number), default=None)
        submitted = _submitted(reader, history, latest) if latest else None
        if submitted:
            found.append(submitted)
    return found


def _submitted(reader: Queries, history: list[Recorded], task: Task) -> Submitted | None:
    if task.form is None or task.state != "completed":
        return None
    form = forms.of_bundle(reader.bundle(reader.instance(task.case_id, task.instance)[0].bundle), task.form)
    sent = [e.event for e in history if isinstance(e.event, TaskCompleted) and e.event.task == task.number]
    if form is None or not sent:
        return None
    return Submitted(task, form, reader.unseal(sent[-1].values), reader.documents_of(task.case_id))


@query
def why_needless(house: House, reader: Queries, task_id: str, by: Actor) -> tuple[Text, datetime] | None:
    """Give the content's words for why a task was cancelled, and when: those of an element reached at that moment."""
    case_id, number = split(task_id)
    history, task = _history(reader, case_id, by), reader.task(case_id, number)
    gone = next((e for e in history if isinstance(e.event, TaskCancelled) and e.event.task == number), None)
    if gone is None:
        return None
    causes = (e for e in history if e.cause == gone.cause and e.instance == gone.instance)
    return next(_closings(reader, task, causes), None)


@query
def why_over(house: House, reader: Queries, task_id: str, by: Actor) -> tuple[Text, datetime] | None:
    """Give the content's words for what ended a task's instance after its answer, and when; None while nothing did."""
    case_id, number = split(task_id)
    history, task = _history(reader, case_id, by), reader.task(case_id, number)
    done = [e.seq for e in history if isinstance(e.event, TaskCompleted) and e.event.task == number]
    since = (e for e in history if done and e.seq > done[-1] and e.instance == task.instance)
    return next(_closings(reader, task, since), None)


def _closings(reader: Queries, task: Task, events: Iterable[Recorded]) -> Iterator[tuple[Text, datetime]]:
    """Give the words of `[closed]` for the elements that these events of a task's instance reached, and when."""
    said = manifest.manifest_of(reader.bundle(reader.instance(task.case_id, task.instance)[0].bundle)).closed
    for entry in events:
        moves = entry.event.moves if isinstance(entry.event, TokensMoved) else ()
        yield from ((said[name], entry.recorded_at) for _, name in moves if name in said)
