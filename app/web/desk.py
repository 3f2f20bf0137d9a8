"""The desk of an officer: the worklist, filtered, searched and sorted by plain links."""

from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import login_required

from app.services import cases, tasks
from app.services.cases import Startable
from app.store.queries import WorklistFilter, WorklistPage
from app.web import called, formats
from app.web.session import groups, house, me, names, visitor

blueprint = Blueprint("desk", __name__, url_prefix="/desk")
soon = timedelta(days=7)
_asked = ("scope", "q", "group", "sort", "page")
scopes: dict[str, Any] = {
    "mine": _l("Mine"),
    "group": _l("Free in my groups"),
    "late": _l("Late"),
    "due": _l("Due in 7 days"),
    "all": _l("All"),
    "colleagues": _l("With colleagues"),
}


@blueprint.get("")
@login_required
def index() -> str:
    """Show the tasks that the person may act on, soonest due first."""
    scope = _scope()
    now = house().clock.now()
    wanted = _wanted(scope, now)
    found = tasks.worklist(house(), me(), wanted)
    called.bundles(task.case_id for task in found.tasks)
    return render_template(
        "desk/index.html",
        found=found,
        wanted=wanted,
        scope=scope,
        scopes=scopes,
        now=now,
        link=_link,
        turn=lambda page: _link(page=page),
        names=names(),
        groups=groups(),
        nothing=_nothing(wanted, found),
        own=_own(),
        key=token_urlsafe(),
    )


def _own() -> list[Startable]:
    """Give what the office may begin, apart from what is open to everybody."""
    open_to_all = cases.startable(house(), visitor)
    return [one for one in cases.startable(house(), me()) if one not in open_to_all]


def _scope() -> str:
    asked = request.args.get("scope", "all")
    return asked if asked in scopes else "all"


def _wanted(scope: str, now: datetime) -> WorklistFilter:
    return WorklistFilter(
        text=request.args.get("q", "").strip()[:200],
        scope=scope,
        group=request.args.get("group") or None,
        sort=request.args.get("sort", "due"),
        page=request.args.get("page", 1, type=int),
        due_before=now + soon if scope == "due" else None,
    )


def _link(**changes: Any) -> str:
    given = {name: request.args[name] for name in _asked if name in request.args} | changes
    return url_for("desk.index", **{name: value for name, value in given.items() if value not in ("", None)})


def _nothing(wanted: WorklistFilter, found: WorklistPage) -> tuple[str, str, str, str]:
    """Say what an empty worklist means and what is useful next."""
    everything = url_for("desk.index")
    if wanted.text or wanted.group or found.total:
        return (
            _("Nothing is found here."),
            _("Try fewer words, or look among all tasks."),
            everything,
            _("Show all tasks"),
        )
    told = {
        "mine": (
            _("You hold no task."),
            _("Claim one of the tasks that are free in your groups."),
            _link(scope="group", page=None),
        ),
        "late": (_("Nothing is late."), _("Well done."), everything),
        "due": (_("Nothing is due within 7 days."), "", everything),
    }
    title, text, address = told.get(
        wanted.scope, (_("No task waits for you."), _("New ones appear here as cases go on."), "")
    )
    return (
        title,
        text,
        address,
        _("Show the tasks that are free") if wanted.scope == "mine" else _("Show all tasks"),
    )


def days_left(due: datetime, now: datetime) -> int:
    """Give the whole civil days between today and a due date; below 0 when it has passed."""
    return (formats.local(due).date() - formats.local(now).date()).days


def span_words(span: timedelta) -> str:
    """Write a length of time in its largest units: days, else hours and minutes."""
    if span.days:
        return ngettext("%(num)d day", "%(num)d days", span.days)
    hours, minutes = divmod(span.seconds // 60, 60)
    return _("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)


@blueprint.app_context_processor
def reckoning() -> dict[str, Any]:
    """Give templates what they need to speak of due dates."""
    return {"days_left": days_left, "span_words": span_words}
