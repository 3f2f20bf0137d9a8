"""Bulk work on the worklist: a selection is looked at, then done, then perhaps taken back."""

from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from app.domain.errors import NotAllowed, NotFound
from app.services import bulk, people
from app.services.bulk import Line, Outcome, Wish
from app.web import called, desk, refusals
from app.web.session import groups, house, me, names

blueprint = Blueprint("bulk", __name__, url_prefix="/desk/bulk")
_fields = {"not_receiver": "to", "reason_missing": "reason"}


@blueprint.post("/preview")
@login_required
def preview() -> ResponseReturnValue:
    """Say, task by task and by name, what would be done and what would not; nothing is done."""
    asked, wish = bulk.chosen(request.form.getlist("task")), _wish()
    if not asked:
        flash(_("Choose at least one task: tick the box at its left."), "warning")
        return redirect(desk.address_of(request.form.get("back", "")), 303)
    lines = bulk.preview(house(), wish, asked, me())
    wrong = _wrong(wish, lines)
    page = render_template("desk/preview.html", **_told(wish, lines), wrong=wrong, key=token_urlsafe())
    return page, 422 if wrong else 200


@blueprint.post("")
@login_required
def carry_out() -> ResponseReturnValue:
    """Do what was shown, and show what came of it."""
    key = request.form.get("_key", "") or token_urlsafe()
    asked = bulk.chosen(request.form.getlist("task"))
    stood = {task: request.form.get(f"stood.{task}") or None for task in asked}
    bulk.carry_out(house(), _wish(), stood, me(), key)
    return redirect(url_for("bulk.show", key=key, back=request.form.get("back") or None), 303)


@blueprint.get("/<key>")
@login_required
def show(key: str) -> str:
    """Show what came of a bulk action, each task by name, with the way to take it back."""
    return _page(key, bulk.outcome(house(), key, me()))


@blueprint.post("/<key>/undo")
@login_required
def undo(key: str) -> ResponseReturnValue:
    """Take a bulk action back."""
    bulk.undo(house(), key, _("The assignment was taken back."), me())
    return redirect(url_for("bulk.show", key=key, back=request.form.get("back") or None), 303)


def _wish() -> Wish:
    verb = request.form.get("verb", "")
    if verb not in bulk.VERBS:
        raise NotFound(f"Expected one of {', '.join(bulk.VERBS)}, but got {verb!r}.")
    if verb != "assign":
        return Wish(verb)
    return Wish(verb, request.form.get("to", ""), request.form.get("reason", "").strip()[:500])


def _wrong(wish: Wish, lines: list[Line]) -> dict[str, str]:
    """Give what is wrong with the receiver or the reason themselves, at their fields."""
    if wish.verb != "assign":
        return {}
    told = {}
    if wish.to not in names():
        told["to"] = _("Choose a person.")
    for line in lines:
        reason = line.refusal.details.get("reason") if isinstance(line.refusal, NotAllowed) else None
        if line.refusal and reason == "reason_missing":
            told["reason"] = refusals.reason(line.refusal)
    if len(wish.reason) < 3:  # noqa: PLR2004 (as the service has it, where no task came so far)
        told["reason"] = str(refusals.reasons["reason_missing"])
    return told


def _page(key: str, outcome: Outcome) -> str:
    told = _told(outcome.wish, list(outcome.lines))
    back = outcome.undone
    undone = _told(back.wish, list(back.lines)) if back else None
    return render_template("desk/done.html", **told, key=key, at=outcome.at, undone=undone)


def _told(wish: Wish, lines: list[Line]) -> dict[str, Any]:
    """Give templates the two lists: what is or would be done, and what is not, each with its sentence."""
    called.bundles(line.task.case_id for line in lines if line.task)
    return {
        "wish": wish,
        "will": [line for line in lines if line.refusal is None],
        "refused": [(line, _why(line)) for line in lines if line.refusal is not None],
        "people": people.colleagues(house(), me()),
        "names": names(),
        "groups": groups(),
        "back": request.values.get("back", ""),
    }


def _why(line: Line) -> str:
    if line.refusal is None:
        return ""
    return refusals.reason(line.refusal) or str(refusals.refusals[type(line.refusal)].title)
