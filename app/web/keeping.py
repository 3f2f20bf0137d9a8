"""Keeping an invitation under an account, and letting go of it: each is explained first, then confirmed."""

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.domain.errors import NotAllowed
from app.services import keeping
from app.web import auth, refusals
from app.web.invitations import blueprint, guesses, invited, standing
from app.web.session import house, logged_in

__all__ = ["blueprint"]


@blueprint.get("/account")
@guesses
def offer() -> ResponseReturnValue:
    """Explain what keeping the invitation leads to, or what letting go of it does; a link asks for a log-in first."""
    found, person = invited(), logged_in()
    if person is None:
        return auth.ask_to_log_in()
    how = standing()
    if g.by_link and how.how == "mine":
        return redirect(_kept_address(), 303)
    if how.why is not None:
        return _refused(how.why)
    return render_template("invitations/account.html", invited=found, by_link=g.by_link, keeper=person)


@blueprint.post("/account")
@guesses
def decide() -> ResponseReturnValue:
    """Take the invitation of a link under the account, or let the account go of it."""
    found, person = invited(), logged_in()
    if person is None:
        return auth.ask_to_log_in()
    task = found.task
    if g.by_link:
        try:
            keeping.take(house(), task.case_id, task.instance, g.link["token"], person)
        except NotAllowed as refused:
            return _refused(refused)
        flash(_("You keep this invitation under your account now. The link still works."), "success")
        return redirect(_kept_address(), 303)
    keeping.release(house(), task.case_id, task.instance, person)
    flash(
        _("Your account does not keep this invitation any more. The link of the letter still works."),
        "success",
    )
    return redirect(url_for("portal.index"), 303)


def _refused(why: NotAllowed) -> ResponseReturnValue:
    return refusals.tell(why, [(_("Back to the invitation"), url_for(".show"))])


def _kept_address() -> str:
    task = invited().task
    return url_for("kept.show", case_id=task.case_id, instance=task.instance)
