"""The invitations that an account keeps, as its portal lists them."""

from dataclasses import dataclass, field

from app.domain.actors import Actor
from app.domain.tasks import Task
from app.services import keeping, tasks
from app.services.keeping import Kept
from app.web import called, refusals, submitted
from app.web.session import house


@dataclass(frozen=True)
class Line:
    """One invitation: its task, the short answer that was given, or why it leads nowhere any more.

    Of an invitation before the newest, its own page says both.
    """

    kept: Kept
    task: Task
    answer: str = ""
    why: str = ""


@dataclass(frozen=True)
class InvitedCard:
    """A proposal that somebody was invited to: its newest invitation, and those before it."""

    now: Line
    before: list[Line] = field(default_factory=list)

    @property
    def is_turn(self) -> bool:
        """Whether an answer is waited for."""
        return self.now.task.state == "open"


def mine(by: Actor) -> list[InvitedCard]:
    """Give a card for each proposal that the account keeps an invitation to, the newest case first."""
    found = keeping.mine(house(), by)
    called.bundles(one.invited.case.id for chain in found for one in chain)
    return [_card(*chain) for chain in found]


def _card(now: Kept, *before: Kept) -> InvitedCard:
    return InvitedCard(_line(now), [Line(one, one.invited.task) for one in before])


def _line(kept: Kept) -> Line:
    task, actor = kept.invited.task, kept.invited.actor
    if task.state == "completed":
        return Line(kept, task, answer=_short(task, actor))
    why = tasks.view(house(), task.id, actor).why_not if task.state == "cancelled" else None
    return Line(kept, task, why=refusals.reason(why, actor) if why else "")


def _short(task: Task, actor: Actor) -> str:
    """Give the first thing that was answered in words: it is what the form asks first."""
    sent = submitted.of_task(task, actor)
    lines = (line for _, section in sent.sections for line in section) if sent else ()
    return next((line.text for line in lines if line.text), "")
