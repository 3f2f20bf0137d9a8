"""What nobody may read yet: the answers within a blind activity, until its last run has ended."""

from dataclasses import dataclass

from app.domain.actors import Actor
from app.domain.cases import Document
from app.domain.tasks import Task
from app.engine import state as engine_state
from app.store.queries import Queries


@dataclass(frozen=True)
class Closed:
    """The tasks of a case, by number, whose answers an actor may not read yet, and who works on them.

    It holds for everybody but the author of an answer: officers, auditors and the president alike.
    """

    tasks: frozenset[int] = frozenset()
    people: frozenset[str] = frozenset()

    def hides(self, document: Document) -> bool:
        """Tell whether a file belongs, or may belong, to an answer that is closed."""
        return document.added_by in self.people


def closed(reader: Queries, case_id: str, by: Actor) -> Closed:
    """Give what is closed to an actor now: the tasks of others in activities in which a token still stands."""
    if by.is_system:
        return Closed()
    others = [t for t in reader.tasks_of(case_id) if t.blind and by.id not in (t.assignee, t.completed_by)]
    if not others:
        return Closed()
    states = reader.snapshots(case_id)
    standing = {number: engine_state.places(states[number]) for number in {t.instance for t in others}}
    still = [t for t in others if t.blind in standing[t.instance]]
    people = {person for task in still for person in (task.assignee, task.completed_by) if person}
    return Closed(frozenset(task.number for task in still), frozenset(people))


def is_closed(reader: Queries, task: Task, by: Actor) -> bool:
    """Tell whether the answer to one task is closed to an actor."""
    return task.blind is not None and task.number in closed(reader, task.case_id, by).tasks
