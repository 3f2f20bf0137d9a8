"""One verb on many tasks: looked at first, then each task in a transaction of its own, and taken back (ADR 0024)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain import errors, policy
from app.domain.actors import Actor
from app.domain.errors import NotAllowed, NotFound, PraticaError, TaskTaken
from app.domain.events import Event, TaskAssigned, TaskClaimed, TaskReleased
from app.domain.tasks import Task
from app.services.house import House
from app.services.tasks import held_since, require_receiver, split
from app.services.use_case import query, use_case
from app.store.queries import Queries
from app.store.unit_of_work import UnitOfWork

VERBS = ("claim", "assign", "release")
MOST = 200
"""Tasks of one bulk action: those of the largest page."""
UNDONE = ".undone"
_KINDS = {
    kind.code: kind
    for kind in (errors.NotFound, errors.NotAllowed, errors.TaskNotOpen, errors.TaskTaken, errors.KeyReused)
}


@dataclass(frozen=True)
class Wish:
    """What to do with each task: claim, release, or assign `to` somebody for a reason."""

    verb: str
    to: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Line:
    """One task of a bulk action: `holder` had it before, `refusal` says why nothing happens or happened.

    `task` is None where the actor may not know of it; `seq` is the number of the entry that was made.
    """

    id: str
    task: Task | None
    holder: str | None = None
    refusal: PraticaError | None = None
    seq: int = 0


@dataclass(frozen=True)
class Outcome:
    """What came of a bulk action; `undone` is what came of taking it back, if somebody did."""

    wish: Wish
    lines: tuple[Line, ...]
    at: datetime
    undone: "Outcome | None" = None

    @property
    def done(self) -> list[Line]:
        """The tasks with which it was done."""
        return [line for line in self.lines if line.refusal is None]


def chosen(task_ids: Iterable[str]) -> list[str]:
    """Give the tasks of a selection once each, at most 200."""
    return list(dict.fromkeys(task_ids))[:MOST]


@query
def preview(house: House, reader: Queries, wish: Wish, task_ids: Iterable[str], by: Actor) -> list[Line]:
    """Tell, task by task, what a bulk action would do now; nothing is done."""
    return [_looked_at(reader, wish, task_id, by) for task_id in chosen(task_ids)]


def carry_out(house: House, wish: Wish, stood: Mapping[str, str | None], by: Actor, key: str) -> Outcome:
    """Do it with each task that stands as the preview said: `stood` gives who held it then, None for nobody.

    The same key again gives what came of it the first time; KeyReused where it comes with another request.
    """
    request = _request(wish, stood, by)
    known = _kept(house, key, by, request)
    if known is None:
        asked = {task_id: stood[task_id] for task_id in chosen(stood)}
        lines = [_attempted(house, wish, task_id, held, by, key) for task_id, held in asked.items()]
        known = _keep(house, key, by, request, _written(wish, lines))
    return _read(house, known, by)


def outcome(house: House, key: str, by: Actor) -> Outcome:
    """Give what came of a bulk action of the actor's; NotFound where there was none."""
    return _read(house, _answer(house, key, by), by, _answer_or_none(house, key + UNDONE, by))


def undo(house: House, key: str, reason: str, by: Actor) -> Outcome:
    """Take a bulk action back where nothing has happened since; `reason` stays in the history of tasks that change hands again."""
    before, request = outcome(house, key, by), f"undo {key} {by.id}"
    again = key + UNDONE
    known = _kept(house, again, by, request)
    if known is None:
        lines = [_taken_back(house, before.wish, line, reason, by, again) for line in before.done]
        known = _keep(house, again, by, request, _written(before.wish, lines))
    return outcome(house, key, by)


# --- one task ---------------------------------------------------------------------------------------------


def _looked_at(reader: Queries, wish: Wish, task_id: str, by: Actor) -> Line:
    task: Task | None = None
    try:
        task = _seen(reader, task_id, by)
        _require(reader, wish, task, by)
    except PraticaError as refused:
        return Line(task_id, task, task.assignee if task else None, refused)
    return Line(task_id, task, task.assignee)


def _seen(reader: Queries, task_id: str, by: Actor) -> Task:
    case_id, number = split(task_id)
    if not reader.may_see(by, case_id):
        raise NotFound(f"Expected a case {case_id} that {by.name} may see, but there is none.")
    return reader.task(case_id, number)


def _require(reader: Queries, wish: Wish, task: Task, by: Actor) -> None:
    """Raise what the verb alone would raise, and NotAllowed where it would change nothing."""
    try:
        policy.require(by, wish.verb, task, reader.roles(task.case_id, by.id))
    except TaskTaken as taken:
        taken.details["at"] = held_since(reader, task)
        raise
    if wish.verb == "assign":
        require_receiver(reader, task, wish.to, wish.reason)
        if task.assignee == wish.to:
            raise NotAllowed(
                f"Expected another holder than {wish.to} for {task.id}, but they hold it.",
                reason="holds_already",
            )


def _event(wish: Wish, task: Task, by: Actor) -> Event:
    if wish.verb == "claim":
        return TaskClaimed(task.number, by.id)
    if wish.verb == "release":
        return TaskReleased(task.number)
    return TaskAssigned(task.number, wish.to, wish.reason.strip())


def _attempted(house: House, wish: Wish, task_id: str, held: str | None, by: Actor, key: str) -> Line:
    """Do it with one task, in its own transaction; what stands in the way becomes the line's refusal."""
    try:
        return _done(house, wish, task_id, held, by, key)
    except PraticaError as refused:
        return Line(task_id, None, held, refused)


@use_case
def _done(
    house: House, uow: UnitOfWork, wish: Wish, task_id: str, held: str | None, by: Actor, key: str
) -> Line:
    own = f"{_name(key, by)}/{task_id}"
    before = uow.key(own, json.dumps([wish.verb, wish.to, wish.reason, held]))
    if before is not None:
        return Line(task_id, None, held, None, int(before))
    _seen(uow, task_id, by)
    case = uow.lock_case(split(task_id)[0])
    task = uow.task(*split(task_id))
    _require(uow, wish, task, by)
    if task.assignee != held:
        raise NotAllowed(
            f"Expected {task_id} to stand as it was shown, but it changed hands.", reason="changed_hands"
        )
    case = uow.record(case, task.instance, [_event(wish, task, by)], actor=by.id)
    uow.answer(own, case.seq)
    return Line(task_id, None, held, None, case.seq)


def _taken_back(house: House, wish: Wish, line: Line, reason: str, by: Actor, key: str) -> Line:
    try:
        return _back(house, wish, line, reason, by, key)
    except PraticaError as refused:
        return Line(line.id, None, line.holder, refused)


@use_case
def _back(house: House, uow: UnitOfWork, wish: Wish, line: Line, reason: str, by: Actor, key: str) -> Line:
    own = f"{_name(key, by)}/{line.id}"
    before = uow.key(own, json.dumps([wish.verb, line.seq]))
    if before is not None:
        return Line(line.id, None, line.holder, None, int(before))
    _seen(uow, line.id, by)
    case = uow.lock_case(split(line.id)[0])
    task = uow.task(*split(line.id))
    task.require_open()
    if _last(uow, task) != line.seq:
        raise NotAllowed(
            f"Expected {line.id} as it was left, but something happened with it since.", reason="gone_on"
        )
    event = _opposite(uow, wish, line, reason, by, task)
    case = uow.record(case, task.instance, [event], actor=by.id)
    uow.answer(own, case.seq)
    return Line(line.id, None, line.holder, None, case.seq)


def _opposite(uow: UnitOfWork, wish: Wish, line: Line, reason: str, by: Actor, task: Task) -> Event:
    """Give the event that puts a task back into the hands, or out of them, that it was in before."""
    verb = {"claim": "release", "release": "claim"}.get(wish.verb, "assign")
    policy.require(by, verb, task, uow.roles(task.case_id, by.id))
    if wish.verb == "release":
        return TaskClaimed(task.number, by.id)
    if line.holder is None:
        return TaskReleased(task.number)
    require_receiver(uow, task, line.holder, reason)
    return TaskAssigned(task.number, line.holder, reason.strip())


def _last(reader: Queries, task: Task) -> int:
    """Give the number of the last entry that changed who holds a task."""
    changes = TaskClaimed | TaskReleased | TaskAssigned
    return max(
        (
            entry.seq
            for entry in reader.history(task.case_id)
            if isinstance(entry.event, changes) and entry.event.task == task.number
        ),
        default=0,
    )


# --- what came of it, kept under its key --------------------------------------------------------------------


def _name(key: str, by: Actor) -> str:
    return f"bulk:{by.id}:{key}"


def _request(wish: Wish, stood: Mapping[str, str | None], by: Actor) -> str:
    text = json.dumps([wish.verb, wish.to, wish.reason, sorted(stood.items(), key=str), by.id])
    return hashlib.sha256(text.encode()).hexdigest()


def _written(wish: Wish, lines: list[Line]) -> dict[str, Any]:
    return {"wish": vars(wish), "lines": [_line_written(line) for line in lines]}


def _line_written(line: Line) -> dict[str, Any]:
    refusal = line.refusal
    told = None if refusal is None else {"code": refusal.code, "text": str(refusal), **_details(refusal)}
    return {"id": line.id, "holder": line.holder, "seq": line.seq, "refusal": told}


def _details(refusal: PraticaError) -> dict[str, Any]:
    return {"details": {k: v for k, v in refusal.details.items() if isinstance(v, str | datetime | None)}}


@use_case
def _kept(house: House, uow: UnitOfWork, key: str, by: Actor, request: str) -> Any:
    """Give what was kept under a key of the same request; None where the first one is still to come, or at work."""
    found = uow.answered(_name(key, by))
    if found is not None and found[0] != request:
        raise errors.KeyReused(
            f"Expected idempotency key {key!r} with the request it came with, but it is another."
        )
    return found[1] if found else None


@use_case
def _keep(house: House, uow: UnitOfWork, key: str, by: Actor, request: str, written: dict[str, Any]) -> Any:
    """Keep what came of it, unless the same request was quicker elsewhere: then its answer counts."""
    known = uow.key(_name(key, by), request)
    if known is not None:
        return known
    kept = {**written, "at": uow.now}
    uow.answer(_name(key, by), kept)
    return kept


@query
def _answer_or_none(house: House, reader: Queries, key: str, by: Actor) -> Any:
    found = reader.answered(_name(key, by))
    return found[1] if found else None


def _answer(house: House, key: str, by: Actor) -> Any:
    found = _answer_or_none(house, key, by)
    if found is None:
        raise NotFound(f"Expected a bulk action {key!r} of {by.name}, but there is none.")
    return found


@query
def _read(house: House, reader: Queries, kept: Any, by: Actor, undone: Any = None) -> Outcome:
    lines = tuple(_line_read(reader, line, by) for line in kept["lines"])
    back = None
    if undone is not None:
        back = Outcome(
            Wish(**undone["wish"]), tuple(_line_read(reader, x, by) for x in undone["lines"]), undone["at"]
        )
    return Outcome(Wish(**kept["wish"]), lines, kept["at"], back)


def _line_read(reader: Queries, kept: Mapping[str, Any], by: Actor) -> Line:
    told, task = kept["refusal"], None
    with suppress(NotFound):
        task = _seen(reader, kept["id"], by)
    refusal = None
    if told is not None:
        refusal = _KINDS.get(told["code"], NotAllowed)(told["text"], **told["details"])
    return Line(kept["id"], task, kept["holder"], refusal, int(kept["seq"]))
