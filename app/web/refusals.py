"""One table from broken expectations to answers: status, title, reason, and what would help."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.definitions.texts import Text
from app.domain import errors
from app.domain.actors import Actor
from app.services import parties, submitted
from app.web import auth, formats, resume
from app.web.languages import spoken
from app.web.session import groups, house, me_or_none, names

Ways = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Refusal:
    """How a broken expectation is told: HTTP status, title, and the next useful step."""

    status: int
    title: Any
    help: Any


refusals: dict[type[errors.PraticaError], Refusal] = {
    errors.NotFound: Refusal(
        404,
        _l("This page is not here"),
        _l(
            "It does not exist, or it is not yours to see. Check the address, or start again from the first page."
        ),
    ),
    errors.NotAllowed: Refusal(
        403,
        _l("You may not do this"),
        _l("If you think you should, ask the person who runs this office's accounts."),
    ),
    errors.FormInvalid: Refusal(
        422, _l("Some answers need another look"), _l("Go back to the form and mend them.")
    ),
    errors.TaskNotOpen: Refusal(
        409, _l("This task is already closed"), _l("Its case shows what happened with it.")
    ),
    errors.TaskTaken: Refusal(
        409, _l("Somebody else holds this task"), _l("Ask them to release it, or to finish it.")
    ),
    errors.KeyReused: Refusal(
        409,
        _l("This form was already sent with other answers"),
        _l("Open the page anew to see what was recorded."),
    ),
    errors.DraftChanged: Refusal(
        409, _l("Somebody saved other answers meanwhile"), _l("Open the page anew to see them.")
    ),
    errors.DraftFileInvalid: Refusal(
        422,
        _l("This file does not hold a draft for this task"),
        _l("Choose a file that was taken from here."),
    ),
    errors.DocumentRefused: Refusal(
        422,
        _l("This file cannot be taken"),
        _l("Choose another file, or save it again in the format it claims to be."),
    ),
    errors.SignatureInvalid: Refusal(
        422,
        _l("This signature cannot be accepted"),
        _l("Sign the document that the form names, and send it again."),
    ),
    errors.FormTooCostly: Refusal(
        500,
        _l("This form asks for too much computing"),
        _l(
            "What you typed is kept. Tell the person who designs this process: its expressions must become simpler."
        ),
    ),
    errors.BundleInvalid: Refusal(
        422, _l("This process cannot be deployed"), _l("Mend the findings and upload it again.")
    ),
    errors.DefinitionInvalid: Refusal(
        422, _l("This diagram cannot be executed"), _l("Mend it and upload it again.")
    ),
    errors.InputRefused: Refusal(
        409, _l("The case has moved on meanwhile"), _l("Open the page anew to see where it stands.")
    ),
    errors.HandlerUnknown: Refusal(
        422, _l("A handler is missing"), _l("Tell the person who operates this installation.")
    ),
    errors.HistoryDiffers: Refusal(
        409, _l("The history does not repeat itself"), _l("Tell the auditor of this office.")
    ),
    errors.ConfigurationInvalid: Refusal(
        500, _l("This installation is not complete"), _l("Tell the person who operates it.")
    ),
}
statuses: dict[int, tuple[Any, Any]] = {
    400: (_l("This request could not be read"), _l("Go back, open the page anew and try again.")),
    401: (_l("Log in first"), _l("This page belongs to people with an account.")),
    403: (refusals[errors.NotAllowed].title, refusals[errors.NotAllowed].help),
    404: (refusals[errors.NotFound].title, refusals[errors.NotFound].help),
    405: (_l("This page cannot be used so"), _l("Go back and use the buttons of the page.")),
    413: (_l("This is too large"), _l("Send smaller files, or fewer at a time.")),
    429: (_l("Too many attempts"), _l("Wait a minute, then try again.")),
    500: (
        _l("Something went wrong on our side"),
        _l(
            "Nothing of what you sent was recorded. Try again; if it happens again, tell the operator the time of day."
        ),
    ),
}


reasons: dict[object, Any] = {
    "not_candidate": _l("It is for %(group)s, and you do not belong to that group."),
    "blind": _l("Each works on their own here: the task stays with the person it was given to."),
    "closed": _l("Each works on their own here: this can be read once the last one is in."),
    "not_holder": _l("Claim the task first: nobody holds it."),
    "not_designer": _l("It is for the designers of processes."),
    "not_operator": _l("It is for the people who operate this installation."),
    "not_concerned": _l("Only those who have something to do in this case can add to it."),
    "message_not_awaited": _l(
        "The case does not wait for this at the moment: open its page to see where it stands."
    ),
    "message_later": _l("Not yet: %(said)s"),
    "not_open": _l("%(upper)s takes no new cases at the moment."),
    "not_startable": _l("Nobody starts it by hand: another process does when it is time."),
    "not_receiver": _l("Choose a person of the group %(group)s."),
    "reason_missing": _l("Write a reason of at least three characters: it stays in the history."),
    "holds_already": _l("They hold it already."),
    "changed_hands": _l("It changed hands after you looked: look again."),
    "gone_on": _l("Something happened with it since: it stays as it is now."),
    "filter_name": _l("Give the filter a name of 1 to %(most)s characters."),
    "filters_full": _l("You have %(most)s filters already: forget one first."),
    "incident_closed": _l("Somebody has resolved this incident already."),
    "clock_backwards": _l("The clock goes forward only: choose a later time."),
    "clock_too_far": _l(
        "The demonstration goes up to the year 2099, and there is no way back: choose an earlier time."
    ),
    "not_demo": _l("This house keeps real time: only a demonstration may move its clock."),
    "not_demo_signature": _l("Signatures are simulated in a demonstration only: sign the document yourself."),
    "no_json": _l("The file is no JSON, or it is damaged. Take the draft away once more and send that file."),
    "no_draft": _l("The file is JSON, but holds no draft. Choose one that was taken away from a form here."),
    "other_form": _l(
        "The file belongs to another form. Open the task whose form it is, and bring it in there."
    ),
    "draft_format": _l("The file is in a format of another version of this program."),
    "draft_too_large": _l("The file is larger than %(most)s MB, and a draft never is."),
    "draft_too_deep": _l("The answers in the file are nested deeper than any form."),
    "colleague_unknown": _l(
        "Nobody could be added by this name. Ask your colleague with which name they log in, and write it exactly."
    ),
    "colleague_there": _l("%(name)s is there already."),
    "colleague_last": _l("Somebody has to stay: add a colleague first."),
    "not_colleague": _l("Only those who prepare this case may say who else works on it."),
    "invitation_office": _l(
        "An invitation is for the partner who received it. Your account belongs to the office and cannot keep it."
    ),
    "invitation_party": _l(
        "Your account prepares this proposal, or has another role in it: it cannot also answer as a partner. The partner's own account can keep the invitation."
    ),
    "invitation_held": _l(
        "Another account has kept this invitation since %(since)s. If that is nobody of yours, ask the lead to revoke it and to invite you again. The link still works."
    ),
    "invitation_over": _l(
        "This invitation is over, and there is nothing to keep. When you are invited again, use the new link."
    ),
    "no_time": _l("Write the date and the time to set the clock to."),
}
technical = (
    errors.BundleInvalid,
    errors.DefinitionInvalid,
    errors.HandlerUnknown,
    errors.HistoryDiffers,
    errors.ConfigurationInvalid,
)
"""Errors that only designers, auditors and operators meet: their own sentence, in English, is the reason."""


def reason(error: errors.PraticaError, by: Actor | None = None) -> str:
    """Say in the person's language why an expectation broke, to who acts or to `by`."""
    told = _in_words(error.details)
    if isinstance(error, errors.TaskTaken) and told.get("at"):
        who, when = told["name"], formats.instant(told["at"])
        return str(_("%(who)s took it on %(when)s, and holds it.", who=who, when=when))
    if isinstance(error, errors.TaskTaken):
        return str(_("%(who)s holds it at the moment.", who=told.get("name") or told.get("by") or "?"))
    if isinstance(error, errors.TaskNotOpen):
        return _closed(told, by or me_or_none())
    template = reasons.get(told.get("reason"))
    if template is not None:
        return str(template) % told
    return str(error) if isinstance(error, technical) else ""


def _in_words(details: dict[str, Any]) -> dict[str, Any]:
    """Give the details with the names of people and groups in place of their codes."""
    told = dict(details)
    if told.get("since"):
        told["since"] = formats.instant(told["since"])
    if told.get("by"):
        told.setdefault("name", names().get(told["by"], told["by"]))
    if told.get("group"):
        told["group"] = groups().get(told["group"], told["group"])
    return told


def _closed(told: dict[str, Any], person: Actor | None) -> str:
    when, who = formats.instant(told.get("at")), told.get("name") or told.get("by")
    if told.get("state") == "completed" and who:
        return str(_("%(who)s completed it on %(when)s.", who=who, when=when))
    if told.get("state") == "cancelled" and (said := _in_words_of_content(told.get("task"), person)):
        return said
    if when:
        return str(_("The process no longer needs it since %(when)s.", when=when))
    return str(_("The process no longer needs it."))


def _in_words_of_content(task_id: str | None, person: Actor | None) -> str:
    """Say why a task was cancelled as the content says it of the element that was reached then."""
    found = submitted.why_needless(house(), task_id, person) if person and task_id else None
    return _filled(*found) if found else ""


def since_answer(task_id: str, person: Actor) -> str:
    """Say what ended the instance of a completed task, as the content says it; nothing while it goes on."""
    found = submitted.why_over(house(), task_id, person)
    return _filled(*found) if found else ""


def _filled(text: Text, at: datetime) -> str:
    moment = formats.local(at)
    return text.of(spoken()).replace("{date}", f"{moment:%d/%m/%Y}").replace("{time}", f"{moment:%H:%M:%S}")


def tell(error: errors.PraticaError, ways: Ways = ()) -> ResponseReturnValue:
    """Answer a broken expectation with its page; `ways` are links to go on by, each a label and an address."""
    kind = next((k for k in type(error).__mro__ if k in refusals), errors.ConfigurationInvalid)
    case_id, person = (request.view_args or {}).get("case_id"), me_or_none()
    if kind is errors.NotFound and case_id and case_id.isprintable() and person is not None:
        parties.note_refused(house(), case_id, person)
    refusal = refusals[kind]
    return page(refusal.status, refusal.title, reason(error), refusal.help, ways)


def page(status: int, title: Any, why: str, way_out: Any, ways: Ways = ()) -> tuple[str, int]:
    """Render the page of a refusal."""
    told = {"status": status, "heading": title, "why": why, "way_out": way_out, "ways": ways}
    return render_template("errors/refusal.html", **told), status


def tell_http(error: HTTPException) -> ResponseReturnValue:
    """Answer an HTTP error with the same kind of page."""
    status = error.code or 500
    if status < 400:  # noqa: PLR2004 (redirects raised as exceptions pass)
        return error
    title, way_out = statuses.get(status, statuses[500 if status >= 500 else 400])  # noqa: PLR2004 (HTTP classes)
    return page(status, title, "", way_out)


def tell_too_many(_error: RateLimitExceeded) -> ResponseReturnValue:
    """Say when it makes sense to try again."""
    title, way_out = statuses[429]
    return *page(429, title, "", way_out), {"Retry-After": "60"}


_resumable = frozenset({"tasks.answer", "messages.send", "invitations.answer", "kept.answer"})
"""Posts of forms whose typed fields are given back when the session that began them is another one."""


def tell_csrf(_error: CSRFError) -> ResponseReturnValue:
    """A post without a session's token: usually the session ended, or began anew in another tab, while typing."""
    person = me_or_none()
    if person is None and request.endpoint != "auth.check_log_in":
        return auth.log_in_page(kept=resume.keep_post(), status=401)
    if person is not None and request.endpoint in _resumable and resume.typed_by() == person.recorded_as:
        return auth.give_back(request.full_path.rstrip("?"), resume.fields()), 400
    if request.endpoint == "auth.check_log_in":
        again = _("The log-in page was open for too long. Please try again.")
        return auth.log_in_page(
            kept=request.form.get("kept", ""), login=request.form.get("login", ""), error=again, status=400
        )
    return page(400, statuses[400][0], _("The page you sent belongs to another session."), statuses[400][1])


def install(site: Flask) -> None:
    """Answer every broken expectation of the site."""
    site.register_error_handler(errors.PraticaError, tell)
    site.register_error_handler(CSRFError, tell_csrf)
    site.register_error_handler(RateLimitExceeded, tell_too_many)
    site.register_error_handler(HTTPException, tell_http)
