"""What stands beside a task's form: where its outcomes lead, the decisions of the case, documents that can be read there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.domain.decisions import Decision
from app.services import decided, outcomes
from app.services.outcomes import Rest
from app.services.tasks import TaskView
from app.web import called, documents
from app.web.languages import spoken
from app.web.session import house, me

MOST_DECISIONS = 6


@dataclass(frozen=True)
class Outcome:
    """An outcome by its label, empty where all of them lead there, and what comes next, each with its icon."""

    label: str
    follows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Ruled:
    """A decision of the case: what it gave, and the notes of the rows that hit."""

    decision: Decision
    output: Any
    reasons: tuple[str, ...]


def beside(view: TaskView, *, party: bool) -> dict[str, Any]:
    """Give what stands beside the form; a party is shown no decisions of the office."""
    return {
        "outcomes": follows(view) if "complete" in view.may else (),
        "ruled": () if party else ruled(view.case.id),
        "shown": documents.is_shown,
    }


def follows(view: TaskView) -> tuple[Outcome, ...]:
    """Say what completing the task leads to, in the words of its bundle; what is not certain is not said."""
    said = called.words(view.case.id, view.task.instance)
    return tuple(
        Outcome(lead.label.of(spoken()), tuple(_told(rest, said) for rest in lead.rests))
        for lead in outcomes.of_task(house(), view)
    )


def _told(rest: Rest, said: Mapping[str, str]) -> tuple[str, str]:
    name = said.get(rest.element) or rest.name
    if rest.kind == "end":
        return "check-circle", _("it ends: %(name)s", name=name) if name else _("it ends")
    if rest.kind == "wait":
        return "clock", _("it waits: %(name)s", name=name) if name else _("it waits")
    if rest.kind == "machine":
        return "settings", _("by itself: %(name)s", name=name or called.term(rest.element))
    return "user", _("task: %(name)s", name=name or called.term(rest.element))


def ruled(case_id: str) -> tuple[Ruled, ...]:
    """Give the last decisions of a case, the newest first."""
    taken = decided.of_case(house(), case_id, me(), spoken())
    return tuple(
        Ruled(
            one,
            called.worded(one.output, dict(one.labels)),
            tuple(dict.fromkeys(row.note for row in one.hits if row.note)),
        )
        for one in taken[::-1][:MOST_DECISIONS]
    )
