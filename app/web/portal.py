"""The portal: what one may take part in, one's own cases, and the page of each in the applicant's words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import login_required

from app.domain.cases import Case, Document
from app.domain.errors import NotAllowed
from app.domain.tasks import Task
from app.services import cases, parties
from app.services.cases import CaseView
from app.services.history import Moment
from app.web import answers, auth, called, formats, invited_cards, refusals, threads
from app.web.languages import spoken
from app.web.reading import Reading, Step
from app.web.records import Fact
from app.web.session import house, me, names, visitor

blueprint = Blueprint("portal", __name__, url_prefix="/portal")
told = frozenset({"CaseOpened", "TaskCompleted", "DocumentAdded", "TaskCancelled"})


@dataclass(frozen=True)
class Card:
    """One of my cases: `mine` are its tasks that I can do now, `waiting` says whether somebody else has to act.

    `answers` counts the questions that the office has answered.
    """

    view: CaseView
    mine: list[Task]
    waiting: bool
    answers: int = 0

    @property
    def due(self) -> datetime | None:
        """By when I have to act, if there is a date."""
        return min((task.due for task in self.mine if task.due), default=None)


@blueprint.get("")
@login_required
def index() -> str:
    """Show the calls that are open to the person and the person's own cases."""
    calls = cases.startable(house(), visitor)
    mine = cases.mine(house(), me())
    called.bundles(view.case.id for view in mine)
    cards = [_card(view) for view in mine]
    return render_template(
        "portal/index.html",
        calls=calls,
        cards=cards,
        invited=invited_cards.mine(me()),
        now=house().clock.now(),
        window=window,
        key=token_urlsafe(),
    )


@blueprint.post("/start")
@login_required
def start() -> ResponseReturnValue:
    """Open a case for the person and go to its first task."""
    process, under = request.form.get("process", ""), request.form.get("under") or None
    cases.require_open(house(), process, me(), under)
    case = cases.start(house(), process, me(), under=under, key=request.form.get("_key") or None)
    if not cases.may_see(house(), case.id, me()):
        flash(
            _(
                "%(case)s is open: others have the next step, and it comes to you when it is yours.",
                case=case.id,
            ),
            "success",
        )
        return redirect(url_for("desk.index"), 303)
    view = cases.view(house(), case.id, me())
    mine = _card(view).mine
    if not mine:
        page = "portal.proposal" if view.is_party else "cases.show"
        return redirect(url_for(page, case_id=case.id), 303)
    flash(_("%(case)s is open. What you type is kept as you go.", case=case.id), "success")
    return redirect(url_for("tasks.show", case_id=case.id, number=mine[0].number), 303)


@blueprint.get("/cases/<case_id>")
@login_required
def proposal(case_id: str) -> ResponseReturnValue:
    """Show one case to a party: what there is to do, documents, what happened so far."""
    return _page(case_id)


@blueprint.post("/cases/<case_id>/colleagues")
@login_required
@auth.limiter.limit("20/minute")
def add_colleague(case_id: str) -> ResponseReturnValue:
    """Add a colleague to the case."""
    whom = request.form.get("whom", "")
    try:
        added = parties.add(house(), case_id, whom, me())
    except NotAllowed as error:
        if error.details.get("reason") not in ("colleague_unknown", "colleague_there"):
            raise
        return _page(case_id, refusals.reason(error), whom)
    flash(_("%(name)s works on this case with you now.", name=added.name), "success")
    return redirect(url_for("portal.proposal", case_id=case_id), 303)


@blueprint.post("/cases/<case_id>/colleagues/remove")
@login_required
def remove_colleague(case_id: str) -> ResponseReturnValue:
    """Take a colleague, or oneself, off the case."""
    whom = request.form.get("whom", "")
    parties.remove(house(), case_id, whom, me())
    if not cases.may_see(house(), case_id, me()):
        flash(_("You no longer work on %(case)s.", case=case_id), "success")
        return redirect(url_for("portal.index"), 303)
    name = names().get(whom, whom)
    flash(_("%(name)s no longer works on this case.", name=name), "success")
    return redirect(url_for("portal.proposal", case_id=case_id), 303)


def _page(case_id: str, wrong: str = "", typed: str = "") -> ResponseReturnValue:
    view, reading, people_names = cases.view(house(), case_id, me()), Reading(case_id), names()
    html = render_template(
        "portal/proposal.html",
        colleagues=parties.colleagues(house(), case_id, me()),
        wrong=wrong,
        typed=typed,
        card=_card(view),
        view=view,
        steps=milestones(reading.moments, reading.say),
        receipts=_receipts(view),
        facts=facts(reading.facts(view.case.record)),
        names=people_names,
        groups_of_talks=threads.of_case(case_id, people_names),
        now=house().clock.now(),
    )
    return html, 422 if wrong else 200


def _card(view: CaseView) -> Card:
    running = any(instance.state == "running" for instance in view.instances)
    return Card(view, view.to_do, waiting=running and not view.to_do, answers=threads.answered(view))


def milestones(moments: Iterable[Moment], say: Callable[[Moment], str]) -> list[Step]:
    """Give what an applicant recognises: openings, completed tasks, documents, and the new states; newest first.

    A new state stands below what happened at that very instant; one that came later has a step and a date of its own.
    """
    found: list[Step] = []
    for moment in moments:
        if moment.type in told:
            found.append(Step(moment, say(moment), []))
        elif moment.type == "CaseStateChanged":
            if found and found[-1].moment.recorded_at == moment.recorded_at:
                found[-1].follows.append(say(moment))
            else:
                found.append(Step(moment, say(moment), []))
    return found[::-1]


def _receipts(view: CaseView) -> list[Document]:
    """Give the documents that the house made: those that the case's machine work added, not the uploads of people."""
    return [document for document in view.documents if document.added_by == "system"][::-1]


def facts(given: Iterable[Fact]) -> list[tuple[str, str]]:
    """Give the facts that concern the applicant in short: instants to the second first, long lists as their count."""
    held = [fact for fact in given if fact.applicant and fact.value not in (None, "", [], {})]
    held.sort(key=lambda fact: (not isinstance(fact.value, datetime), isinstance(fact.value, (dict, list))))
    return [(fact.label, _short(fact.value)) for fact in held]


def _short(value: Any) -> str:
    if isinstance(value, datetime):
        return formats.instant(value)
    if isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
        return ngettext("%(num)d entry", "%(num)d entries", len(value))
    if isinstance(value, dict):
        return " · ".join(f"{key}: {_short(entry)}" for key, entry in value.items())
    return answers.shown(value, spoken())


def window(case: Case | None) -> list[tuple[str, Any]]:
    """Give the instants on the record of a call: when it opens and closes."""
    return (
        [(term, value) for term, value in called.window(case) if isinstance(value, datetime)] if case else []
    )
