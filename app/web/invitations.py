"""The pages of an invitation: one task for somebody outside the case, and what became of it.

They have two doors: the personal link, which asks for no account, and the portal of the account that keeps the invitation.
"""

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.domain.actors import Actor
from app.domain.errors import DraftChanged, FormInvalid, KeyReused, NotFound, TaskNotOpen, TaskTaken
from app.services import documents, invitations, keeping, messages, tasks
from app.services.invitations import Invited
from app.services.keeping import Standing
from app.services.tasks import SavedDraft, TaskView
from app.web import (
    auth,
    autosave,
    invited_course,
    meanwhile,
    refusals,
    resume,
    signing,
    submissions,
    submitted,
    task_pages,
    uploads,
)
from app.web.auth import limiter, was_refused
from app.web.documents import attached
from app.web.languages import spoken, wanted
from app.web.session import house, logged_in
from app.web.submissions import Submission
from app.web.task_pages import Errors, Sheet

blueprint = Blueprint("invitations", __name__, url_prefix="/invitations/<case_id>/<int:instance>/<token>")
kept_prefix = "/portal/invitations/<case_id>/<int:instance>"
guesses = limiter.shared_limit(
    "30/minute;300/hour",
    scope="invitations",
    deduct_when=was_refused,
    exempt_when=lambda: g.get("invited") is not None,  # whoever holds a genuine link is no guesser
)


@blueprint.url_value_preprocessor
def let_in(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Let who holds the link, or keeps the invitation, act as who was invited; a link that was never given out lets in nobody."""
    given = values or {}
    link = {name: given.pop(name) for name in ("case_id", "instance", "token") if name in given}
    request.max_content_length = uploads.request_limit()
    g.invited, g.unknown = None, NotFound("Expected an account that keeps the invitation, but there is none.")
    g.by_link, person = "token" in link, logged_in()
    try:
        if g.by_link:
            found = invitations.find(house(), link["case_id"], link["instance"], link["token"], wanted())
        elif person:
            found = keeping.find(house(), link["case_id"], link["instance"], person, wanted())
        else:
            return
    except NotFound as unknown:
        g.unknown = unknown
    else:
        g.invited, g.guest, g.link = found, found.actor, link


@blueprint.before_request
def ask_who_it_is() -> ResponseReturnValue | None:
    """Let only people with a session through the portal's door; what was being posted travels with the log-in page."""
    return None if g.by_link or logged_in() else auth.ask_to_log_in()


@blueprint.url_defaults
def stay(endpoint: str, values: dict[str, Any]) -> None:
    """Give every address behind the same door the link that the page was opened with; no token goes through the other one."""
    if endpoint.rpartition(".")[0] != request.blueprint:
        return
    values.update({key: value for key, value in g.get("link", {}).items() if key not in values})


@blueprint.after_request
def keep_secret(answer: Response) -> Response:
    """Let no cache and no search engine learn a personal link."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


@blueprint.get("")
@guesses
def show() -> ResponseReturnValue:
    """Show what the link is for: the form while it waits for an answer, afterwards what became of it."""
    view = _view()
    return _page(view) if "complete" in view.may else _settled(view)


@blueprint.post("")
@guesses
def answer() -> ResponseReturnValue:
    """Keep or send what was posted."""
    view = _view()
    if "complete" not in view.may:
        if view.task.state == "completed" and submissions.wanted()[0] == "complete":
            return _complete(view, submissions.receive(house(), view, acting()))  # perhaps a repeat
        return _settled(view, submissions.merged(view, MultiDict(request.form.items(multi=True))))
    kept = resume.take_post()
    if kept is not None:
        back = Submission(submissions.merged(view, kept), loaded=meanwhile.loaded(view, kept))
        return _again(view, back)
    submission = submissions.receive(house(), view, acting())
    if submission.verb == "complete" and not submission.errors:
        return _complete(view, submission)
    if submission.verb == "sign":
        submission = signing.signed(house(), view, submission, acting())
    return _save(view, submission)


@blueprint.post("/draft")
@guesses
def draft() -> ResponseReturnValue:
    """Keep what was typed so far while the person goes on typing, and send the form's fields as they stand now."""
    return autosave.keep(_view(), acting())


@blueprint.post("/file")
@guesses
def file() -> ResponseReturnValue:
    """Store a file that was just chosen."""
    return autosave.store(_view(), acting())


@blueprint.get("/documents/<document_id>")
@guesses
def download(document_id: str) -> Response:
    """Send a document that the invitation names, or that came by this link."""
    found = invited()
    if document_id not in {document.id for document in found.documents}:
        raise NotFound(f"Expected a document {document_id} of this invitation, but there is none.")
    return attached(*documents.read(house(), document_id, found.actor))


def acting() -> Actor:
    """Give who acts by the link."""
    return invited().actor


def invited() -> Invited:
    """Give what the link of this request leads to; NotFound for one that was never given out."""
    if g.invited is None:
        raise g.unknown
    found: Invited = g.invited
    return found


def standing() -> Standing:
    """Tell how the invitation stands to who is logged in, if anybody is."""
    found = invited().task
    return keeping.standing(house(), found.case_id, found.instance, logged_in())


def _view() -> TaskView:
    found = invited()
    return tasks.view(house(), found.task.id, found.actor)


def _complete(view: TaskView, submission: Submission) -> ResponseReturnValue:
    key, by = submission.key or token_urlsafe(), acting()
    try:
        tasks.complete(house(), view.task.id, submission.raw, by, key, spoken(), submission.loaded)
    except FormInvalid as invalid:
        return _again(view, submission, invalid.errors)
    except DraftChanged:
        return _again(view, submission)
    except (TaskNotOpen, TaskTaken, KeyReused) as error:
        now = _view()
        if not task_pages.was_sent_before(now, by, error):
            return _settled(now, submission.raw)
    told = _("Your answer is recorded. You can come back to this page with the same link.")
    flash(
        told if g.by_link else _("Your answer is recorded. You find it here and in your portal."), "success"
    )
    return redirect(url_for(".show"), 303)


def _save(view: TaskView, submission: Submission) -> ResponseReturnValue:
    try:
        saved = tasks.save_draft(house(), view.task.id, submission.raw, acting(), submission.loaded)
    except (TaskNotOpen, TaskTaken):
        return _settled(_view(), submission.raw)
    if submission.errors or saved.merged.clashes or saved.merged.taken:
        return _page(view, submission.errors, 422 if submission.errors else 409, submission, saved)
    return redirect(url_for(".show"), 303)


def _again(view: TaskView, submission: Submission, errors: Errors | None = None) -> ResponseReturnValue:
    saved = tasks.save_draft(house(), view.task.id, submission.raw, acting(), submission.loaded)
    behind = saved.merged.clashes or saved.merged.taken
    return _page(view, errors, 422 if errors else 409 if behind else 200, submission, saved)


def _page(
    view: TaskView,
    errors: Errors | None = None,
    status: int = 200,
    submission: Submission | None = None,
    saved: SavedDraft | None = None,
) -> ResponseReturnValue:
    shown, found = task_pages.on_page(view, submission, saved), errors or {}
    sheet = Sheet(view, view.form, shown, submission) if view.form else None
    html = render_template(
        "invitations/answer.html",
        invited=invited(),
        standing=standing(),
        course=() if g.by_link else invited_course.steps(invited()),
        has_session=logged_in() is not None,
        reason_of=refusals.reason,
        view=view,
        sheet=sheet,
        controls=sheet.controls(found) if sheet else (),
        problems=sheet.problems(found) if sheet else [],
        key=token_urlsafe(),
        base=meanwhile.base(view, saved),
        others=meanwhile.others(view, saved),
    )
    return html, status


def _settled(view: TaskView, typed: Mapping[str, Any] | None = None) -> ResponseReturnValue:
    """Show what became of the link: the answer that was given, or why it leads nowhere any more.

    What was `typed` in a form that came too late is shown, and can be kept as a text file.
    """
    done, (read, kept) = view.task.state == "completed", task_pages.unsent(view, typed)
    html = render_template(
        "invitations/settled.html",
        invited=invited(),
        standing=standing(),
        course=() if g.by_link else invited_course.steps(invited()),
        has_session=logged_in() is not None,
        reason_of=refusals.reason,
        view=view,
        why="" if done or view.why_not is None else refusals.reason(view.why_not),
        sent=submitted.of_task(view.task) if done else None,
        since=refusals.since_answer(view.task.id, acting()) if done else "",
        typed=read,
        kept=kept,
        offers=messages.offered(house(), view.case.id, acting()),
    )
    return html, 200 if typed is None else 409
