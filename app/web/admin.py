"""The operators' place: incidents with their cause, and the demonstration clock."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.domain.errors import NotAllowed
from app.domain.jobs import Incident
from app.services import clock, incidents
from app.web import formats, refusals
from app.web.session import house, login_required, me

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
leaps = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}


@blueprint.get("")
@login_required
def index() -> str:
    """Show what needs an operator."""
    return render_template("admin/index.html", incidents=incidents.open_list(house(), me()), leaps=leaps)


@blueprint.get("/incidents/<case_id>/<int:number>")
@login_required
def incident(case_id: str, number: int) -> str:
    """Show an incident with its cause and the ways on."""
    return _incident_page(_incident(case_id, number))


@blueprint.post("/incidents/<case_id>/<int:number>")
@login_required
def resolve(case_id: str, number: int) -> ResponseReturnValue:
    """Let the case go on, with a reason and corrected data where given."""
    try:
        corrected = _corrected(request.form.get("variables", ""))
        incidents.resolve(house(), case_id, number, request.form.get("reason", ""), me(), corrected)
    except ValueError:
        wrong = _('The corrected data cannot be read: write a JSON object such as {"sent": true}.')
        return _incident_page(_incident(case_id, number), wrong=wrong), 422
    except NotAllowed as error:
        if error.details.get("reason") != "reason_missing":
            raise
        return _incident_page(_incident(case_id, number), wrong=refusals.reason(error)), 422
    flash(_("The case goes on: %(case)s was tried again.", case=case_id), "success")
    return redirect(url_for("admin.index"), 303)


@blueprint.post("/clock")
@login_required
def move_clock() -> ResponseReturnValue:
    """Move the demonstration clock forward: by a leap, or to a civil time of Europe/Rome."""
    leap = leaps.get(request.form.get("leap", ""))
    try:
        clock.move(house(), clock.now(house()) + leap if leap else _civil(request.form.get("to", "")), me())
    except NotAllowed as error:
        if error.details.get("reason") not in {"no_time", "clock_backwards", "clock_too_far"}:
            raise
        flash(refusals.reason(error), "danger")
        return redirect(url_for("admin.index"), 303)
    flash(_("It is now %(now)s.", now=formats.instant(clock.now(house()))), "success")
    return redirect(url_for("admin.index"), 303)


def _incident(case_id: str, number: int) -> Incident:
    found = incidents.open_list(house(), me())
    return next((i for i in found if (i.case_id, i.number) == (case_id, number)), None) or abort(404)


def _incident_page(shown: Incident, wrong: str = "") -> str:
    return render_template("admin/incident.html", incident=shown, wrong=wrong)


def _corrected(text: str) -> dict[str, Any] | None:
    """Read corrected variables; ValueError unless they are a JSON object. Numbers keep their decimals."""
    if not text.strip():
        return None
    data = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    if not isinstance(data, dict):
        raise ValueError(text)  # noqa: TRY004 (the same refusal as for text that is no JSON at all)
    return data


def _civil(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=formats.rome)
    except ValueError:
        raise NotAllowed("Expected a date and a time, but there is none.", reason="no_time") from None
