"""Logging in and out with a local account; the session is a signed cookie."""

from http import HTTPStatus

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, login_user, logout_user

from app.domain.actors import Actor
from app.services import people
from app.web import resume
from app.web.languages import local_path
from app.web.session import LoggedIn, house, me_or_none

blueprint = Blueprint("auth", __name__)
limiter = Limiter(get_remote_address, strategy="moving-window")
manager = LoginManager()


def load(person_id: str) -> LoggedIn | None:
    """Give the person of a session; None if they are no longer known."""
    actor = people.get(house(), person_id)
    return LoggedIn(actor) if actor else None


def ask_to_log_in() -> ResponseReturnValue:
    """Show the log-in page; what was being posted travels with it."""
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("auth.log_in", next=request.full_path.rstrip("?")), 303)
    return log_in_page(kept=resume.keep_post(), status=401)


def log_in_page(
    *,
    kept: str = "",
    login: str = "",
    error: str = "",
    target: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    """Render the log-in page."""
    page = render_template("auth/log_in.html", kept=kept, login=login, error=error, target=target)
    return page, status


@blueprint.get("/login")
def log_in() -> ResponseReturnValue:
    """Show the log-in page; who is logged in already goes on."""
    target = request.args.get("next", "")
    if me_or_none():
        return redirect(local_path(target, url_for("public.home")), 303)
    return log_in_page(target=local_path(target, ""))


def was_refused(answer: Response) -> bool:
    """Count only failed attempts: a whole office may log in from one address in a minute."""
    return answer.status_code >= HTTPStatus.BAD_REQUEST


@blueprint.post("/login")
@limiter.limit("10/minute;60/hour", deduct_when=was_refused)
def check_log_in() -> ResponseReturnValue:
    """Check the password and begin a session."""
    kept, target = request.form.get("kept", ""), local_path(request.form.get("next"), "")
    login = request.form.get("login", "").strip()
    person = people.authenticate(house(), login, request.form.get("password", ""))
    if person is None:
        wrong = _("These log-in details are not right. Check the name and the password and try again.")
        return log_in_page(kept=kept, login=login, error=wrong, target=target, status=422)
    _begin(person)
    return _give_back(kept, person) if kept else redirect(target or url_for("auth.first_page"), 303)


@blueprint.get("/welcome")
def first_page() -> ResponseReturnValue:
    """Lead a person to where their work is."""
    person = me_or_none()
    if person is None:
        return redirect(url_for("public.home"), 303)
    if person.groups:
        return redirect(url_for("desk.index"), 303)
    order = (("designer", "studio.index"), ("operator", "admin.index"))
    places = [endpoint for capability, endpoint in order if capability in person.capabilities]
    return redirect(url_for(places[0] if places else "portal.index"), 303)


@blueprint.post("/logout")
def log_out() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    session.clear()
    flash(_("You have logged out."), "success")
    return redirect(url_for("public.home"), 303)


def _begin(person: Actor) -> None:
    session.clear()
    session.permanent = True
    login_user(LoggedIn(person))


def _give_back(token: str, person: Actor) -> ResponseReturnValue:
    kept = resume.open_kept(token, person.id)
    if kept is None:
        flash(
            _(
                "What was typed before this log-in cannot be given back: it expired or another person typed it."
            ),
            "warning",
        )
        return redirect(url_for("auth.first_page"), 303)
    return give_back(*kept)


def give_back(path: str, fields: list[tuple[str, str]]) -> str:
    """Render the page that posts what a person typed to their form again, to be looked at."""
    return render_template("auth/resume.html", path=path, fields=fields)


def install(site: Flask) -> None:
    """Let Flask-Login and Flask-Limiter work on the site."""
    manager.user_loader(load)
    manager.unauthorized_handler(ask_to_log_in)
    manager.init_app(site)
    limiter.init_app(site)
    site.register_blueprint(blueprint)
