"""What somebody may still say by a personal link after their answer: the messages that their instance waits for."""

from secrets import token_urlsafe

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.definitions import forms
from app.domain.errors import FormInvalid
from app.services import messages
from app.services.messages import MessageView
from app.web import submissions
from app.web.invitations import acting, blueprint, guesses, invited
from app.web.languages import spoken
from app.web.messages import Typed, controls, problems
from app.web.session import house
from app.web.submissions import fields_of


@blueprint.get("/messages/<name>")
@guesses
def ask(name: str) -> ResponseReturnValue:
    """Explain what sending the message leads to, and ask what it wants to know."""
    view = _view(name)
    return _page(view, Typed(view.values))


@blueprint.post("/messages/<name>")
@guesses
def send(name: str) -> ResponseReturnValue:
    """Send the message; what is wrong is said at its field, and what was typed stays."""
    stamp = submissions.key_for(request.form.get("_key", ""), fields_of(request.form)) or None
    if stamp and messages.was_sent(house(), invited().case.id, stamp):
        flash(_("This was sent already. Sending it again changed nothing."), "info")
        return redirect(url_for(".show"), 303)
    view = _view(name)
    raw, key = forms.read_posted(view.form, request.form) if view.form else {}, view.offered.key
    try:
        messages.send(house(), view.case.id, name, dict(raw), acting(), key, request=stamp, language=spoken())
    except FormInvalid as invalid:
        return _page(view, Typed(raw, invalid.errors), 422)
    flash(_("%(what)s: done.", what=view.offered.label), "success")
    return redirect(url_for(".show"), 303)


def _view(name: str) -> MessageView:
    """Find the message among those offered by the link; NotAllowed with the reason where it is not offered."""
    by, case_id = acting(), invited().case.id
    offered = messages.offered(house(), case_id, by)
    key = next((offer.key for offer in offered if offer.name == name), None)
    return messages.view(house(), case_id, name, key, by)


def _page(view: MessageView, typed: Typed, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "invitations/message.html",
        view=view,
        offer=view.offered,
        form=view.form,
        controls=controls(view, typed),
        problems=problems(view, typed),
        key=token_urlsafe(),
    )
    return html, status
