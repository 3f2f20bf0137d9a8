"""Projections: what the tables say now, derived from the events, one applier for each type of event."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, delete

from app.domain import events
from app.domain.actors import system
from app.domain.cases import Case, texts_within
from app.domain.definitions import DefinitionFacts
from app.domain.errors import NotFound
from app.domain.numbers import Numbers
from app.store import tables
from app.store.rows import Rows


@dataclass(frozen=True)
class Place:
    """Where and when an event happened: the case before it, and the row changes that take it up.

    `facts` are those of the instance's definition; None for an event of the case alone.
    """

    case: Case
    rows: Rows
    seq: int
    instance: int | None
    actor: str
    at: datetime
    facts: DefinitionFacts | None

    @property
    def number(self) -> int:
        """The instance's number; an event of an instance without one is a fault of the caller."""
        if self.instance is None:
            raise NotFound(f"Expected event {self.seq} to belong to an instance, but it names none.")
        return self.instance


def project(event: events.Event, place: Place) -> Case:
    """Apply one event: change the place's rows, give the case as it is after it."""
    applier = _APPLIERS.get(type(event))
    after = applier(event, place) if applier else place.case
    return replace(after, seq=place.seq)


def drop_projections(connection: Connection, case_id: str) -> None:
    """Remove what the tables say of a case, but for its own row, which others may be waiting for; its history stays."""
    for table in PROJECTIONS:
        if table is not tables.case:
            connection.execute(
                delete(table).where(table.c.case_id == bindparam("dropped")), {"dropped": case_id}
            )


def case_row(case: Case) -> dict[str, Any]:
    """Give the row of a case."""
    return {
        "id": case.id,
        "kind": case.kind,
        "state": case.state,
        "title": plain(case.title),
        "record": case.record,
        "under": case.under,
        "opened_at": case.opened_at,
        "seq": case.seq,
        "numbers": numbers_row(case.numbers),
    }


def numbers_row(numbers: Numbers) -> list[int]:
    """Give the counters in the order of the column `numbers`."""
    return [numbers.task, numbers.job, numbers.timer, numbers.wait, numbers.incident, numbers.instance]


def plain(text: str) -> str:
    """Replace U+0000, which PostgreSQL text cannot hold; the event keeps it."""
    return text.replace("\0", "�") if "\0" in text else text


def _at_least(case: Case, **numbers: int) -> Case:
    """Raise counters to the numbers that an event shows."""
    raised = {kind: max(number, getattr(case.numbers, kind)) for kind, number in numbers.items()}
    return replace(case, numbers=replace(case.numbers, **raised))


# --- the case ---------------------------------------------------------------------------------------------


def _case_opened(event: events.CaseOpened, place: Place) -> Case:
    opened = replace(place.case, kind=event.kind, under=event.under, opened_at=place.at, state=OPENING_STATE)
    place.rows.insert(tables.case, case_row(opened))
    return opened


def _party_added(event: events.PartyAdded, place: Place) -> Case:
    place.rows.insert(tables.party, {"case_id": place.case.id, "role": event.role, "actor": event.party})
    return place.case


def _party_removed(event: events.PartyRemoved, place: Place) -> Case:
    row = {"case_id": place.case.id, "role": event.role, "actor": event.party}
    place.rows.delete(tables.party, (place.case.id, event.role, event.party))
    place.rows.delete(tables.party_removed, (place.case.id, event.role, event.party))  # removed a second time
    place.rows.insert(tables.party_removed, row)
    return place.case


def _only_told(_event: events.Event, place: Place) -> Case:
    return place.case


def _invitation_taken(event: events.InvitationTaken, place: Place) -> Case:
    row = {"case_id": place.case.id, "instance": event.instance, "account": event.account}
    place.rows.delete(tables.invitation_taken, (place.case.id, event.instance))
    place.rows.insert(tables.invitation_taken, row | {"taken_at": place.at})
    return place.case


def _invitation_released(event: events.InvitationReleased, place: Place) -> Case:
    place.rows.delete(tables.invitation_taken, (place.case.id, event.instance))
    return place.case


def _document_added(event: events.DocumentAdded, place: Place) -> Case:
    row = {"id": event.document, "case_id": place.case.id, "seq": place.seq, "name": plain(event.name)}
    row |= {"media_type": event.media_type, "size": event.size, "sha256": event.sha256, "answered": False}
    place.rows.insert(tables.document, row | {"added_at": place.at, "added_by": place.actor})
    return place.case


def _state_changed(event: events.CaseStateChanged, place: Place) -> Case:
    return replace(place.case, state=event.state)


# --- instances and their variables ------------------------------------------------------------------------


def _instance_started(event: events.InstanceStarted, place: Place) -> Case:
    row = {"case_id": place.case.id, "number": place.number, "process": event.process, "bundle": event.bundle}
    place.rows.insert(
        tables.instance, row | {"state": "running", "started_at": place.at, "ended_at": None, "ends": []}
    )
    if event.message is not None and place.actor != SYSTEM:
        _answer(event.variables, place)
    numbered = _at_least(place.case, instance=place.number)
    return _remember(event.variables, replace(place, case=numbered))


def _variables_set(event: events.VariablesSet, place: Place) -> Case:
    return _remember(event.values, place)


def _remember(variables: dict[str, Any], place: Place) -> Case:
    """Take over what the manifest names into the case's record and its title."""
    facts = place.facts
    if facts is None or not variables:
        return place.case
    found = {key: follow(variables, path) for key, path in facts.record.items()}
    record = {key: value for key, value in found.items() if value is not ABSENT}
    after = replace(place.case, record={**place.case.record, **record}) if record else place.case
    title = follow(variables, facts.title_path) if facts.title_path else ABSENT
    if not isinstance(title, (str, Decimal)) or str(title) == place.case.title:
        return after
    place.rows.sweep(tables.task, {"case_id": place.case.id}, {"case_title": plain(str(title))})
    return replace(after, title=str(title))


def follow(variables: dict[str, Any], path: str) -> Any:
    """Follow a dotted path into contexts; ABSENT where it leads nowhere."""
    value: Any = variables
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return ABSENT
        value = value[name]
    return value


def _instance_completed(event: events.InstanceCompleted, place: Place) -> Case:
    ended = {"state": "completed", "ended_at": place.at, "ends": list(event.ends)}
    place.rows.patch(tables.instance, (place.case.id, place.number), ended)
    return place.case


def _instance_cancelled(event: events.InstanceCancelled, place: Place) -> Case:
    place.rows.patch(
        tables.instance, (place.case.id, place.number), {"state": "cancelled", "ended_at": place.at}
    )
    mine = {"case_id": place.case.id, "instance": place.number}
    place.rows.sweep(tables.task, mine | {"state": "open"}, {"state": "cancelled", "ended_at": place.at})
    place.rows.sweep(tables.job, mine | {"state": "open"}, {"state": "cancelled"})
    closed = {"state": "resolved", "resolved_by": place.actor, "reason": plain(event.reason)}
    place.rows.sweep(tables.incident, mine | {"state": "open"}, closed)
    place.rows.sweep(tables.timer, mine, None)
    place.rows.sweep(tables.wait, mine, None)
    return place.case


# --- tasks ------------------------------------------------------------------------------------------------


def _task_opened(event: events.TaskOpened, place: Place) -> Case:
    facts = place.facts
    row = {"case_id": place.case.id, "number": event.task, "instance": place.number, "element": event.element}
    row |= {"name": plain(event.name), "form": event.form, "group_name": event.lane, "state": "open"}
    row |= {"group_kind": facts.lanes.get(event.lane or "", "office") if facts else "office"}
    row |= {"opened_at": place.at, "due": event.due, "item": event.item, "case_kind": place.case.kind}
    row |= {"case_title": plain(place.case.title), "process": facts.process if facts else ""}
    row |= {"assignee": event.assignee, "completed_by": None, "ended_at": None}
    row |= {"blind": facts.blind.get(event.element) if facts else None}
    place.rows.insert(tables.task, row)
    return _at_least(place.case, task=event.task)


def _task_held(event: Any, place: Place) -> Case:
    place.rows.patch(tables.task, (place.case.id, event.task), {"assignee": getattr(event, "assignee", None)})
    return place.case


def _task_completed(event: events.TaskCompleted, place: Place) -> Case:
    ended = {"state": "completed", "completed_by": place.actor, "ended_at": place.at}
    place.rows.patch(tables.task, (place.case.id, event.task), ended)
    place.rows.delete(tables.draft, (place.case.id, event.task))
    _answer(event.values, place)
    return place.case


def _message_received(event: events.MessageReceived, place: Place) -> Case:
    if place.actor != SYSTEM:
        _answer(event.payload, place)
    return place.case


def _answer(values: dict[str, Any], place: Place) -> None:
    """Mark the documents that a person's submission names."""
    named = sorted({text for text in texts_within(values) if _DOCUMENT.fullmatch(text)})
    if named:
        place.rows.sweep(tables.document, {"case_id": place.case.id, "id": named}, {"answered": True})


def _task_cancelled(event: events.TaskCancelled, place: Place) -> Case:
    # the draft stays: who was still typing when a window closed can read and take away what they wrote
    place.rows.patch(tables.task, (place.case.id, event.task), {"state": "cancelled", "ended_at": place.at})
    return place.case


# --- work for the machine ---------------------------------------------------------------------------------


def _job_opened(event: events.JobOpened, place: Place) -> Case:
    row = {"case_id": place.case.id, "number": event.job, "instance": place.number, "element": event.element}
    row |= {"handler": event.handler, "inputs": event.inputs, "state": "open", "opened_at": place.at}
    place.rows.insert(tables.job, row)
    return _at_least(place.case, job=event.job)


def _job_ended(state: str) -> Callable[[Any, Place], Case]:
    def apply(event: Any, place: Place) -> Case:
        place.rows.patch(tables.job, (place.case.id, event.job), {"state": state})
        return place.case

    return apply


def _timer_set(event: events.TimerSet, place: Place) -> Case:
    row = {"case_id": place.case.id, "number": event.timer, "instance": place.number}
    place.rows.insert(tables.timer, row | {"element": event.element, "due": event.due})
    return _at_least(place.case, timer=event.timer)


def _timer_ended(event: Any, place: Place) -> Case:
    place.rows.delete(tables.timer, (place.case.id, event.timer))
    return place.case


def _wait_opened(event: events.WaitOpened, place: Place) -> Case:
    row = {"case_id": place.case.id, "number": event.wait, "instance": place.number, "element": event.element}
    key = event.key if event.key is not None or event.kind != "message" else place.case.id
    place.rows.insert(tables.wait, row | {"kind": event.kind, "name": event.name, "key": key})
    return _at_least(place.case, wait=event.wait)


def _wait_closed(event: events.WaitClosed, place: Place) -> Case:
    place.rows.delete(tables.wait, (place.case.id, event.wait))
    return place.case


def _incident_opened(event: events.IncidentOpened, place: Place) -> Case:
    row = {
        "case_id": place.case.id,
        "number": event.incident,
        "instance": place.number,
        "element": event.element,
    }
    row |= {"kind": event.kind, "message": plain(event.message), "state": "open", "opened_at": place.at}
    place.rows.insert(tables.incident, row | {"resolved_by": None, "reason": ""})
    return _at_least(place.case, incident=event.incident)


def _incident_resolved(event: events.IncidentResolved, place: Place) -> Case:
    resolved = {"state": "resolved", "resolved_by": place.actor, "reason": plain(event.reason)}
    place.rows.patch(tables.incident, (place.case.id, event.incident), resolved)
    return place.case


def _incident_closed(event: events.IncidentClosed, place: Place) -> Case:
    closed = {"state": "resolved", "resolved_by": place.actor}
    place.rows.patch(tables.incident, (place.case.id, event.incident), closed)
    return place.case


SYSTEM = system.id
_DOCUMENT = re.compile(r"[0-9a-f]{24}")

ABSENT = object()
"""What `follow` gives where a path leads nowhere: null is a value."""

OPENING_STATE = ""
"""The state of a case until its manifest derives one."""

PROJECTIONS = (
    tables.case,
    tables.party,
    tables.party_removed,
    tables.invitation_taken,
    tables.instance,
    tables.task,
    tables.job,
    tables.timer,
    tables.wait,
    tables.incident,
    tables.document,
)
"""The tables that the history alone decides; snapshots, claims of timers and counts of attempts are beside it."""

_APPLIERS: dict[type[events.Event], Callable[[Any, Place], Case]] = {
    events.CaseOpened: _case_opened,
    events.PartyAdded: _party_added,
    events.PartyRemoved: _party_removed,
    events.AccessRefused: _only_told,
    events.InvitationTaken: _invitation_taken,
    events.InvitationReleased: _invitation_released,
    events.DocumentAdded: _document_added,
    events.CaseStateChanged: _state_changed,
    events.InstanceStarted: _instance_started,
    events.VariablesSet: _variables_set,
    events.InstanceCompleted: _instance_completed,
    events.InstanceCancelled: _instance_cancelled,
    events.TaskOpened: _task_opened,
    events.TaskClaimed: _task_held,
    events.TaskReleased: _task_held,
    events.TaskAssigned: _task_held,
    events.TaskCompleted: _task_completed,
    events.TaskCancelled: _task_cancelled,
    events.JobOpened: _job_opened,
    events.JobCompleted: _job_ended("completed"),
    events.JobFailed: _job_ended("failed"),
    events.JobCancelled: _job_ended("cancelled"),
    events.TimerSet: _timer_set,
    events.TimerFired: _timer_ended,
    events.TimerCancelled: _timer_ended,
    events.MessageReceived: _message_received,
    events.WaitOpened: _wait_opened,
    events.WaitClosed: _wait_closed,
    events.IncidentOpened: _incident_opened,
    events.IncidentResolved: _incident_resolved,
    events.IncidentClosed: _incident_closed,
}
