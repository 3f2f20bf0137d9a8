"""Task pages: the form at the left, the case at the right, and the four verbs."""

from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, flash, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from werkzeug.exceptions import RequestEntityTooLarge

from app.domain.errors import (
    DraftChanged,
    FormInvalid,
    KeyReused,
    NotAllowed,
    PraticaError,
    TaskNotOpen,
    TaskTaken,
)
from app.services import tasks
from app.services.tasks import TaskView
from app.web import (
    autosave,
    called,
    formats,
    lookups,
    meanwhile,
    refusals,
    reopened,
    resume,
    signing,
    submissions,
    task_pages,
    uploads,
)
from app.web.session import house, me, me_or_none
from app.web.submissions import Submission
from app.web.task_pages import Errors

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")


@blueprint.url_value_preprocessor
def leave_room_for_files(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a form bring several files at once; each is measured by itself and refused at its field."""
    request.max_content_length = uploads.request_limit()


@blueprint.get("/<case_id>/<int:number>")
@login_required
def show(case_id: str, number: int) -> ResponseReturnValue:
    """Show a task, with what was typed so far."""
    view = tasks.view(house(), f"{case_id}/{number}", me())
    return task_pages.page(view) if "complete" in view.may else task_pages.closed(view)


@blueprint.post("/<case_id>/<int:number>")
@login_required
def answer(case_id: str, number: int) -> ResponseReturnValue:
    """Keep or complete what was posted, or change its rows."""
    view = tasks.view(house(), f"{case_id}/{number}", me())
    kept = resume.take_post()
    if kept is not None:
        return _give_back(
            view, Submission(submissions.merged(view, kept), loaded=meanwhile.loaded(view, kept))
        )
    submission = submissions.receive(house(), view, me())
    if submission.verb == "lookup" and "complete" in view.may:
        submission = lookups.looked_up(house(), view, submission, me())
    if submission.verb == "complete" and not submission.errors:
        return _complete(view, submission)
    if submission.verb == "sign":
        submission = signing.signed(house(), view, submission, me())
    return _save(view, submission)


@blueprint.post("/<case_id>/<int:number>/draft")
@login_required
def draft(case_id: str, number: int) -> ResponseReturnValue:
    """Keep what was typed so far while the person goes on typing, and send the form's fields as they stand now."""
    return autosave.keep(tasks.view(house(), f"{case_id}/{number}", me()), me())


@blueprint.get("/<case_id>/<int:number>/codes")
@login_required
def codes(case_id: str, number: int) -> ResponseReturnValue:
    """Give the codes of a field's value table that fit what is typed: `field` its posted name, `by` what decides the table."""
    view = tasks.view(house(), f"{case_id}/{number}", me())
    asked = request.args
    found = task_pages.codes(view, asked.get("field", ""), asked.get("by", ""), asked.get("q", ""))
    return jsonify(codes=[{"code": code, "title": title} for code, title in found])


@blueprint.post("/<case_id>/<int:number>/file")
@login_required
def file(case_id: str, number: int) -> ResponseReturnValue:
    """Store a file that was just chosen, apart from what is typed beside it."""
    return autosave.store(tasks.view(house(), f"{case_id}/{number}", me()), me())


@blueprint.post("/<case_id>/<int:number>/claim")
@login_required
def claim(case_id: str, number: int) -> ResponseReturnValue:
    """Take the task from the group."""
    task = tasks.claim(house(), f"{case_id}/{number}", me())
    flash(_("%(task)s is yours now.", task=called.task_name(task)), "success")
    return redirect(url_for("tasks.show", case_id=case_id, number=number), 303)


@blueprint.post("/<case_id>/<int:number>/release")
@login_required
def release(case_id: str, number: int) -> ResponseReturnValue:
    """Give the task back to the group."""
    task = tasks.release(house(), f"{case_id}/{number}", me())
    flash(
        _("%(task)s is free again for your group. What was typed is kept.", task=called.task_name(task)),
        "success",
    )
    return redirect(url_for("desk.index"), 303)


@blueprint.post("/<case_id>/<int:number>/assign")
@login_required
def assign(case_id: str, number: int) -> ResponseReturnValue:
    """Give the task to somebody, with a reason."""
    task_id = f"{case_id}/{number}"
    try:
        tasks.assign(house(), task_id, request.form.get("to", ""), request.form.get("reason", ""), me())
    except NotAllowed as error:
        at = {"not_receiver": "to", "reason_missing": "reason"}.get(str(error.details.get("reason")))
        if at is None:
            raise
        view = tasks.view(house(), task_id, me())
        return task_pages.assign_again(view, {at: refusals.reason(error)})
    flash(_("The task was assigned."), "success")
    return redirect(url_for("desk.index"), 303)


@blueprint.errorhandler(TaskTaken)
@blueprint.errorhandler(TaskNotOpen)
def too_late(error: PraticaError) -> ResponseReturnValue:
    """Say who was faster and when, with the ways to go on from there."""
    values = request.view_args or {}
    view = tasks.view(house(), f"{values.get('case_id')}/{values.get('number')}", me())
    return refusals.tell(error, task_pages.ways(view))


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Show the form as it was last saved when the post was too large to be read, and say how to send it."""
    if me_or_none() is None:
        return refusals.tell_http(error)
    g.unread, values = True, request.view_args or {}
    view = tasks.view(house(), f"{values.get('case_id')}/{values.get('number')}", me())
    return task_pages.page(view, errors={"": [uploads.too_large_words()]}, status=413)


def _complete(view: TaskView, submission: Submission) -> ResponseReturnValue:
    key = submission.key or token_urlsafe()
    try:
        done = tasks.complete(
            house(), view.task.id, submission.raw, me(), key, me().language, submission.loaded
        )
    except FormInvalid as invalid:
        return _page_again(view, submission, invalid.errors)
    except DraftChanged:
        return _page_again(view, submission)
    except (TaskNotOpen, TaskTaken, KeyReused) as error:
        now = tasks.view(house(), view.task.id, me())
        if task_pages.was_sent_before(now, me(), error):
            return _went_through(now, again=True)
        return _closed(view, submission, error)
    return _went_through(tasks.view(house(), done.id, me()), back=reopened.why(done, view.case.seq))


def _went_through(view: TaskView, *, again: bool = False, back: str = "") -> ResponseReturnValue:
    when = formats.instant(view.task.ended_at)
    if again:
        flash(
            _(
                "%(task)s was already completed on %(when)s. Sending it again changed nothing.",
                task=called.task_name(view.task),
                when=when,
            ),
            "info",
        )
    elif back:
        flash(
            _(
                "%(task)s: recorded on %(when)s, and open again (%(why)s).",
                task=called.task_name(view.task),
                when=when,
                why=back,
            ),
            "warning",
        )
    else:
        flash(_("%(task)s: completed on %(when)s.", task=called.task_name(view.task), when=when), "success")
    return redirect(task_pages.after(view), 303)


def _page_again(view: TaskView, submission: Submission, errors: Errors | None = None) -> ResponseReturnValue:
    """Save what was typed as a draft, and show the form with what is wrong with it or was saved by others meanwhile."""
    try:
        saved = tasks.save_draft(house(), view.task.id, submission.raw, me(), submission.loaded)
    except (TaskNotOpen, TaskTaken) as error:
        return _closed(view, submission, error)
    return task_pages.page(
        view, errors=errors, status=422 if errors else 409, submission=submission, saved=saved
    )


def _closed(view: TaskView, submission: Submission, error: PraticaError) -> ResponseReturnValue:
    now = tasks.view(house(), view.task.id, me())
    return task_pages.closed(now, typed=submission.raw, error=error, lost=submission.lost)


def _give_back(view: TaskView, submission: Submission) -> ResponseReturnValue:
    """Show the form as it was typed before the session ended; from here on it is a draft, whatever the person does next."""
    try:
        saved = tasks.save_draft(house(), view.task.id, submission.raw, me(), submission.loaded)
    except (TaskNotOpen, TaskTaken, NotAllowed) as error:
        return _closed(view, submission, error)
    now = tasks.view(house(), view.task.id, me())
    return task_pages.page(now, again=True, submission=submission, saved=saved)


def _save(view: TaskView, submission: Submission) -> ResponseReturnValue:
    try:
        saved = tasks.save_draft(house(), view.task.id, submission.raw, me(), submission.loaded)
    except (TaskNotOpen, TaskTaken) as error:
        return _closed(view, submission, error)
    if submission.errors or saved.merged.clashes:
        status = 422 if submission.errors else 409
        return task_pages.page(
            view, errors=submission.errors, status=status, submission=submission, saved=saved
        )
    if saved.merged.taken:
        flash(meanwhile.told(view, saved), "warning")
    if submission.verb == "save":
        flash(
            _("Saved at %(when)s. Nothing has been sent yet.", when=f"{formats.local(saved.at):%H:%M:%S}"),
            "success",
        )
    return redirect(task_pages.back(view, submission), 303)
