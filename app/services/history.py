"""A case's history as people read it: a timeline of sentences, and the tokens' way over the diagram."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.actors import Actor
from app.domain.bundles import Bundle
from app.domain.errors import NotFound
from app.domain.events import (
    DecisionEvaluated,
    Event,
    PartyAdded,
    PartyRemoved,
    TaskCompleted,
    TaskOpened,
    TokensMoved,
)
from app.domain.tasks import Task
from app.services import sides
from app.services.blind import Closed, closed
from app.services.house import House
from app.services.use_case import query
from app.store.log import Recorded
from app.store.queries import Queries


@dataclass(frozen=True)
class Moment:
    """One event on the timeline; `cause` is the number of the input it followed from."""

    seq: int
    recorded_at: datetime
    actor: str
    type: str
    is_input: bool
    instance: int | None
    element: str
    cause: int | None
    body: dict[str, object]


@dataclass(frozen=True)
class Frame:
    """Where the tokens stood after one input: counts by element, what was passed, which flows were taken."""

    seq: int
    recorded_at: datetime
    actor: str
    type: str
    element: str
    active: dict[str, int]
    done: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)


def _visible(reader: Queries, case_id: str, by: Actor) -> list[Recorded]:
    if not reader.may_see(by, case_id):
        raise NotFound(f"Expected a case {case_id} that {by.name} may see, but there is none.")
    return reader.history(case_id)


@query
def timeline(house: House, reader: Queries, case_id: str, by: Actor) -> list[Moment]:
    """Give every event of a case in order; personal values are shown only where their key still exists."""
    names = {person.id: person.name for person in reader.people.all()}
    elements: dict[tuple[str, object], str] = {}
    moments: list[Moment] = []
    unread, reserved = closed(reader, case_id, by), sides.reserved(reader, case_id, by)
    history = [e for e in _visible(reader, case_id, by) if _told(e, unread, reserved)]
    bodies = reader.unseal([_body(entry.event, unread.tasks) for entry in history])
    for entry, body in zip(history, bodies, strict=True):
        for kind in ("task", "job", "timer", "wait", "incident"):
            if kind in body and body.get("element"):
                elements[kind, body[kind]] = str(body["element"])
        moments.append(
            Moment(
                entry.seq,
                entry.recorded_at,
                names.get(entry.actor, entry.actor),
                entry.event.type,
                entry.event.is_input,
                entry.instance,
                _element(body, elements),
                entry.cause,
                body,
            ),
        )
    return moments


def _told(entry: Recorded, unread: Closed, reserved: sides.Reserved) -> bool:
    """Leave out decisions made of answers that are closed, and those and appointments that a party is not shown."""
    event = entry.event
    if isinstance(event, DecisionEvaluated):
        return not unread.covers(entry.instance, entry.recorded_at) and entry.instance not in reserved
    return not (isinstance(event, PartyAdded | PartyRemoved) and event.role in reserved.roles)


def _body(event: Event, hidden: frozenset[int]) -> dict[str, object]:
    """Give an event's fields, without the answer where that is closed."""
    body = dict(vars(event))
    return {**body, "values": {}} if isinstance(event, TaskCompleted) and event.task in hidden else body


def _element(body: dict[str, object], elements: dict[tuple[str, object], str]) -> str:
    if body.get("element"):
        return str(body["element"])
    found = (
        elements.get((kind, body[kind]))
        for kind in ("task", "job", "timer", "wait", "incident")
        if kind in body
    )
    return next((element for element in found if element), "")


@query
def tokens(house: House, reader: Queries, case_id: str, instance: int, by: Actor) -> list[Frame]:
    """Give the frames of one instance: the diagram after each of its inputs."""
    names = {person.id: person.name for person in reader.people.all()}
    active: Counter[str] = Counter()
    done: dict[str, None] = {}
    frames: list[Frame] = []
    cause: Recorded | None = None
    for entry in _visible(reader, case_id, by):
        if entry.event.is_input:
            cause = entry
        if entry.instance != instance or not isinstance(entry.event, TokensMoved):
            continue
        flows = _fold(entry.event, active, done)
        origin = cause or entry
        frames.append(
            Frame(
                origin.seq,
                entry.recorded_at,
                names.get(origin.actor, origin.actor),
                origin.event.type,
                str(getattr(origin.event, "element", "") or ""),
                dict(+active),
                list(done),
                flows,
            ),
        )
    return frames


def _fold(event: TokensMoved, active: Counter[str], done: dict[str, None]) -> list[str]:
    flows: list[str] = []
    for kind, name in event.moves:
        if kind == "entered":
            active[name] += 1
        elif kind == "left":
            active[name] -= 1
            done[name] = None
        else:
            flows.append(name)
    return flows


@query
def led_back(house: House, reader: Queries, task: Task, after: int, by: Actor) -> list[str]:
    """Give the flows that the task's instance took since the event `after`, in order, if they led to the task's element again; else none."""
    if not reader.may_see(by, task.case_id):
        raise NotFound(f"Expected a case {task.case_id} that {by.name} may see, but there is none.")
    events = [e.event for e in reader.history(task.case_id, after) if e.instance == task.instance]
    if not any(isinstance(event, TaskOpened) and event.element == task.element for event in events):
        return []
    moves = [move for event in events if isinstance(event, TokensMoved) for move in event.moves]
    return [name for kind, name in moves if kind not in {"entered", "left"}]


@query
def diagram(house: House, reader: Queries, case_id: str, instance: int, by: Actor) -> Bundle:
    """Give the bundle that an instance runs on: the diagram as deployed then."""
    if not reader.may_see(by, case_id):
        raise NotFound(f"Expected a case {case_id} that {by.name} may see, but there is none.")
    return reader.bundle(reader.instance(case_id, instance)[0].bundle)
