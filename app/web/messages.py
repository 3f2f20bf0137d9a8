"""Messages that people send to a case: each is offered, explained, and then sent."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.errors import NotAllowed
from app.services import cases, messages
from app.services.messages import Offered
from app.web.session import house, login_required, me

blueprint = Blueprint("messages", __name__, url_prefix="/cases/<case_id>/messages")


@blueprint.app_template_global("offered")
def offered(case_id: str) -> list[Offered]:
    """Give what the person may send to a case now."""
    return messages.offered(house(), case_id, me())


@blueprint.get("/<name>")
@login_required
def ask(case_id: str, name: str) -> str:
    """Explain what sending the message leads to, and ask."""
    view = cases.view(house(), case_id, me())
    return render_template("cases/message.html", view=view, offer=_wanted(case_id, name))


@blueprint.post("/<name>")
@login_required
def send(case_id: str, name: str) -> Response:
    """Send the message."""
    label = _wanted(case_id, name).label
    messages.send(house(), case_id, name, {}, me())
    flash(_("%(what)s: done.", what=label), "success")
    party = cases.view(house(), case_id, me()).is_party
    return redirect(url_for("portal.proposal" if party else "cases.show", case_id=case_id), 303)


def _wanted(case_id: str, name: str) -> Offered:
    found = next((offer for offer in offered(case_id) if offer.name == name), None)
    if found is None:
        raise NotAllowed(
            f"Expected {case_id} to wait for {name}, but it does not.", reason="message_not_awaited"
        )
    return found
