"""What nobody may read yet: the answers within a blind activity, until its last run has ended."""

from dataclasses import dataclass, field
from datetime import datetime

from app.domain.actors import Actor
from app.domain.cases import Document
from app.domain.tasks import Task
from app.engine import state as engine_state
from app.services.sides import made_by
from app.store.queries import Queries


@dataclass(frozen=True)
class Closed:
    """The tasks of a case, by number, whose answers an actor may not read yet, who works on them, and papers made since.

    It holds for everybody but the author of an answer: officers, auditors and the president alike. `since` says, for each
    instance in which a blind activity stands, when it was first entered: what was made of the answers then is closed too,
    for those who come to an activity that was entered again.
    """

    tasks: frozenset[int] = frozenset()
    people: frozenset[str] = frozenset()
    papers: frozenset[str] = frozenset()
    since: dict[int, datetime] = field(default_factory=dict)

    def hides(self, document: Document) -> bool:
        """Tell whether a file belongs, or may belong, to an answer that is closed, or was made of some."""
        return document.added_by in self.people or document.id in self.papers

    def covers(self, instance: int | None, at: datetime) -> bool:
        """Tell whether what an instance decided or made at an instant is closed."""
        return instance in self.since and at >= self.since[instance]


def closed(reader: Queries, case_id: str, by: Actor) -> Closed:
    """Give what is closed to an actor now: in instances where a token stands in a blind activity, the tasks of others since it was entered."""
    tasks = [] if by.is_system else reader.tasks_of(case_id)
    blind = [task for task in tasks if task.blind]
    if not blind:
        return Closed()
    states = reader.snapshots(case_id)
    standing = {number: engine_state.places(states[number]) for number in {t.instance for t in blind}}
    still = [task for task in blind if task.blind in standing[task.instance]]
    if not still:
        return Closed()
    since = {n: min(t.opened_at for t in still if t.instance == n) for n in {t.instance for t in still}}
    later = [t for t in tasks if t.blind is None and t.ended_at and t.instance in since]
    later = [t for t in later if t.ended_at and t.ended_at >= since[t.instance]]
    others = [t for t in (*still, *later) if by.id not in (t.assignee, t.completed_by)]
    people = {p for t in others if t.blind for p in (t.assignee, t.completed_by) if p} - {by.id}
    papers = made_by(reader, case_id, since.keys(), since)
    return Closed(frozenset(task.number for task in others), frozenset(people), papers, since)


def is_closed(reader: Queries, task: Task, by: Actor) -> bool:
    """Tell whether the answer to one task is closed to an actor."""
    return task.number in closed(reader, task.case_id, by).tasks
