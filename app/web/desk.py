"""The desk of an officer: the worklist, filtered, searched and sorted by plain links and a query line."""

from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import login_required

from app.domain.errors import NotAllowed
from app.services import cases, people, tasks, worklists
from app.services.cases import Startable
from app.store.queries import WorklistFilter, WorklistPage
from app.web import called, formats, query_lines, refusals
from app.web.session import groups, house, me, names, visitor

blueprint = Blueprint("desk", __name__, url_prefix="/desk")
soon = timedelta(days=7)
longest = 300
"""Characters of a query line."""
_asked = ("scope", "q", "group", "sort", "page", "columns")
scopes: dict[str, Any] = {
    "mine": _l("Mine"),
    "group": _l("Free in my groups"),
    "late": _l("Late"),
    "due": _l("Due in 7 days"),
    "all": _l("All"),
    "colleagues": _l("With colleagues"),
    "waiting": _l("Waiting for others"),
}
columns: dict[str, Any] = {
    "case": _l("Case"),
    "due": _l("By when"),
    "opened": _l("Open since"),
    "who": _l("Who"),
    "group": _l("Group"),
    "process": _l("Process"),
}
_usual = ("case", "due", "opened", "who")


@blueprint.get("")
@login_required
def index() -> ResponseReturnValue:
    """Show the tasks that the person may act on, soonest due first; a line that cannot be read lists none of them."""
    asked = _scope()
    now = house().clock.now()
    wanted = _wanted(asked, now)
    line = worklists.read(house(), wanted.text, me())
    wanted = worklists.narrowed(wanted, line, me())
    found = tasks.worklist(house(), me(), wanted) if not line.faults else WorklistPage([], 0, False, 1, 1)
    called.bundles(task.case_id for task in found.tasks)
    html = render_template(
        "desk/index.html",
        found=found,
        wanted=wanted,
        faults=query_lines.sentences(line.faults, me()),
        scope=asked,
        now=now,
        nothing=_nothing(wanted, found),
        **_around(),
    )
    return html, 422 if line.faults else 200


def _around() -> dict[str, Any]:
    """Give what stands around the list: tabs, columns, filters, the names of people and groups."""
    return {
        "line": request.args.get("q", "").strip()[:longest],
        "scopes": scopes,
        "columns": columns,
        "shown": _shown(),
        "link": _link,
        "turn": lambda page: _link(page=page),
        "here": urlencode([(n, v) for n in _asked for v in request.args.getlist(n)]),
        "names": names(),
        "groups": groups(),
        "colleagues": people.colleagues(house(), me()),
        "saved": worklists.saved(house(), me()),
        "own": _own(),
        "key": token_urlsafe(),
    }


def _shown() -> tuple[str, ...]:
    """Give the columns that are asked for, in the order of the table; the usual ones where none is."""
    asked = request.args.getlist("columns")
    return tuple(name for name in columns if name in asked) or _usual


def _own() -> list[Startable]:
    """Give what the office may begin, apart from what is open to everybody."""
    open_to_all = cases.startable(house(), visitor)
    return [one for one in cases.startable(house(), me()) if one not in open_to_all]


def _scope() -> str:
    asked = request.args.get("scope", "all")
    return asked if asked in scopes else "all"


def _wanted(scope: str, now: datetime) -> WorklistFilter:
    return WorklistFilter(
        text=request.args.get("q", "").strip()[:longest],
        scope=scope,
        group=request.args.get("group") or None,
        sort=request.args.get("sort", "due"),
        page=request.args.get("page", 1, type=int),
        due_before=now + soon if scope == "due" else None,
    )


def _link(**changes: Any) -> str:
    given: dict[str, Any] = {name: request.args.getlist(name) for name in _asked if name in request.args}
    given |= changes
    return url_for(
        "desk.index", **{name: value for name, value in given.items() if value not in ("", None, [""])}
    )


def _nothing(wanted: WorklistFilter, found: WorklistPage) -> tuple[str, str, str, str]:
    """Say what an empty worklist means and what is useful next."""
    everything = url_for("desk.index")
    if request.args.get("q") or wanted.group or found.total:
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
        "waiting": (_("Nothing that you worked on waits for others."), "", everything),
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
    return {"days_left": days_left, "span_words": span_words, "worklist_at": address_of}


@blueprint.post("/filters")
@login_required
def keep() -> ResponseReturnValue:
    """Keep the filter that is shown under a name, or forget one."""
    given = request.form
    if given.get("forget"):
        worklists.forget(house(), given["forget"], me())
        flash(_("The filter %(name)s is forgotten.", name=given["forget"]), "success")
    else:
        name, address = given.get("name", ""), given.get("address", "")
        try:
            worklists.save(house(), name, address, given.get("shared", ""), me())
        except NotAllowed as error:
            flash(refusals.reason(error), "warning")
        else:
            flash(_("The filter %(name)s is kept.", name=name.strip()), "success")
    return redirect(address_of(given.get("address", "")), 303)


def address_of(query: str) -> str:
    """Give the address of the worklist under the query of a saved filter, of which only what it knows is taken."""
    asked = [(name, value) for name, value in parse_qsl(query) if name in _asked]
    return url_for("desk.index") + (f"?{urlencode(asked)}" if asked else "")
