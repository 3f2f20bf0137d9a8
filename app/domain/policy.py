"""Who may do what with a task: one table that can be read aloud.

| verb     | who                                                             |
|----------|-----------------------------------------------------------------|
| claim    | a candidate, while nobody holds the task                        |
| release  | the person who holds it                                         |
| assign   | a candidate or the holder, with a reason, to a candidate        |
| complete | the holder; a candidate while nobody holds it                   |

A candidate belongs to the task's office group, or has its case role in this very case. A task of a blind activity is its
assignee's alone: nobody else claims it or is given it, and it is not released.
"""

from collections.abc import Set as AbstractSet

from app.domain.actors import Actor
from app.domain.errors import NotAllowed, TaskTaken
from app.domain.tasks import Task

verbs = ("claim", "release", "assign", "complete")


def is_candidate(actor: Actor, task: Task, roles: AbstractSet[str]) -> bool:
    """Tell whether the actor belongs to the task's candidate group; `roles` are the actor's roles in the case."""
    held = roles if task.group_kind == "case_role" else actor.groups
    return task.group is not None and task.group in held


def allowed(actor: Actor, task: Task, roles: AbstractSet[str]) -> frozenset[str]:
    """Give the verbs that the actor may use on the task now."""
    if task.state != "open":
        return frozenset()
    if task.blind is not None and task.assignee is not None:
        return frozenset({"complete"}) if task.assignee == actor.id else frozenset()
    candidate = is_candidate(actor, task, roles)
    if task.assignee == actor.id:
        return frozenset({"release", "complete", "assign"})
    if not candidate:
        return frozenset()
    return frozenset({"assign"}) if task.assignee else frozenset({"claim", "complete", "assign"})


def require(actor: Actor, verb: str, task: Task, roles: AbstractSet[str]) -> None:
    """Raise TaskNotOpen, TaskTaken or NotAllowed, with the reason, unless the actor may do this."""
    task.require_open()
    if verb in allowed(actor, task, roles):
        return
    if task.blind is not None and task.assignee is not None:
        raise NotAllowed(
            f"Expected task {task.id} to stay with whom it was given to, since each works on their own, but {actor.name} asked to {verb} it.",
            reason="blind",
        )
    if not is_candidate(actor, task, roles) and task.assignee != actor.id:
        raise NotAllowed(
            f"Expected someone of {task.group}, but {actor.name} does not belong to that group.",
            reason="not_candidate",
            group=task.group,
        )
    if task.assignee and task.assignee != actor.id:
        raise TaskTaken(
            f"Expected task {task.id} to be free, but {task.assignee} holds it.", by=task.assignee
        )
    raise NotAllowed(f"Expected {actor.name} to hold task {task.id}, but nobody does.", reason="not_holder")
