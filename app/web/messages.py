"""Messages that people send to a case: each is offered, explained, filled in where it asks something, and then sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from app.definitions import forms
from app.definitions.forms import Around, Form
from app.domain.cases import Document
from app.domain.errors import FormInvalid, KeyReused, NotAllowed, PraticaError
from app.services import cases, messages
from app.services.documents import Wanted
from app.services.messages import MessageView, Offered
from app.web import answers, refusals, resume, submissions, uploads, ways_back
from app.web.forms_view import Control, Drawing, identity
from app.web.languages import spoken
from app.web.problems import Problem, place
from app.web.session import house, login_required, me, me_or_none

blueprint = Blueprint("messages", __name__, url_prefix="/cases/<case_id>/messages")


@dataclass(frozen=True)
class Typed:
    """What a page shows in its form: `raw` as typed so far, what is wrong by path, and files that came with it."""

    raw: Mapping[str, Any]
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    added: Mapping[str, Document] = field(default_factory=dict)
    lost: tuple[str, ...] = ()


@blueprint.url_value_preprocessor
def leave_room_for_files(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a form bring several files at once; each is measured by itself and refused at its field."""
    request.max_content_length = uploads.request_limit()


@blueprint.app_template_global("offered")
def offered(case_id: str) -> list[Offered]:
    """Give what the person may send to a case now."""
    return messages.offered(house(), case_id, me())


@blueprint.app_template_global("offer_address")
def offer_address(case_id: str, offer: Offered) -> str:
    """Give the address of a message's page; the key of its wait is named where it is not the case's own."""
    key = offer.key if offer.key != case_id else None
    return url_for("messages.ask", case_id=case_id, name=offer.name, key=key or None)


@blueprint.get("/<name>")
@login_required
def ask(case_id: str, name: str) -> ResponseReturnValue:
    """Explain what sending the message leads to, and ask what it wants to know."""
    view = messages.view(house(), case_id, name, _key(), me())
    return _page(view, Typed(view.values))


@blueprint.post("/<name>")
@login_required
def send(case_id: str, name: str) -> ResponseReturnValue:
    """Send the message; whatever stands in the way, what was typed comes back."""
    view, refused = _view(case_id, name)
    form = view.form if view else messages.asked(house(), case_id, name, me())
    kept = resume.take_post()
    if kept is not None and view:
        raw = forms.read_posted(form, kept) if form else {}
        return _page(view, Typed(raw), told="kept")
    typed, verb = _receive(case_id, name, form)
    if view and (typed.errors or (form and verb != "complete")):
        return _page(view, typed, status=422 if typed.errors else 200)
    if kept is not None and refused:
        return _too_late(case_id, form, typed, refused)
    return _sent(view, case_id, name, form, typed)


def _view(case_id: str, name: str) -> tuple[MessageView | None, NotAllowed | None]:
    try:
        return messages.view(house(), case_id, name, _key(), me()), None
    except NotAllowed as refused:
        return None, refused


def _sent(
    view: MessageView | None, case_id: str, name: str, form: Form | None, typed: Typed
) -> ResponseReturnValue:
    stamp = request.form.get("_key") or None
    try:
        messages.send(
            house(), case_id, name, dict(typed.raw), me(), _key(), request=stamp, language=me().language
        )
    except FormInvalid as invalid:
        again = Typed(typed.raw, invalid.errors, typed.added)
        return _page(view, again, status=422) if view else _too_late(case_id, form, typed, invalid)
    except KeyReused as other:
        if view is None:
            return _too_late(case_id, form, typed, other)
        return _page(view, typed, status=409, told="other")
    except NotAllowed as refused:
        return _too_late(case_id, form, typed, refused)
    what = view.offered.label if view else _("Your message")
    if view and view.offered.about:
        what = f"{what} ({view.offered.about})"
    flash(_("%(what)s: done.", what=what), "success")
    return _again()


def _again() -> ResponseReturnValue:
    """Go back to the form from whose board it was asked, else to the case."""
    return redirect(_back(str((request.view_args or {}).get("case_id"))), 303)


def _back(case_id: str) -> str:
    party = cases.view(house(), case_id, me()).is_party
    return ways_back.address(case_id) or url_for(
        "portal.proposal" if party else "cases.show", case_id=case_id
    )


def _key() -> str | None:
    return request.args.get("key") or None


def _receive(case_id: str, name: str, form: Form | None) -> tuple[Typed, str]:
    """Read this request's post; its files are stored at once, whatever it is for."""
    verb, _target = submissions.wanted()
    if form is None:
        return Typed({}), verb
    posted = submissions.fields_of(request.form)

    def keep(file: str, data: bytes, wanted: Wanted) -> Document:
        return messages.attach(house(), case_id, name, _key(), (file, data), me(), wanted)

    taken = uploads.take_for(form, keep)
    submissions.drop_files(posted)
    taken.put_into(posted, form)
    added = {document.id: document for kept in taken.documents.values() for document in kept}
    return Typed(forms.read_posted(form, posted), taken.errors, added, tuple(taken.lost)), verb


def _page(view: MessageView, typed: Typed, *, status: int = 200, told: str = "") -> ResponseReturnValue:
    """Render the page of a message; `told` is what it says above the form: `kept` or `other`."""
    file = cases.view(house(), view.case.id, me())
    html = render_template(
        "cases/message.html",
        view=file,
        offer=view.offered,
        form=view.form,
        controls=controls(view, typed),
        problems=problems(view, typed),
        told=told,
        key=token_urlsafe(),
        back=_back(view.case.id),
        action=url_for(
            "messages.send", case_id=view.case.id, name=view.offered.name, key=_key(), **ways_back.given()
        ),
    )
    return html, status


def problems(view: MessageView, typed: Typed) -> list[Problem]:
    """Give the error summary of a message's form."""
    return [
        Problem(
            place(path, view.form.fields, spoken()) if view.form else "", text, f"#{identity(path or 'form')}"
        )
        for path, texts in typed.errors.items()
        for text in texts
    ]


def controls(view: MessageView, typed: Typed) -> tuple[Control, ...]:
    """Draw what a message asks."""
    form = view.form
    if form is None:
        return ()
    held = {document.id: document for document in view.documents} | dict(typed.added)
    around = Around(view.variables, held, house().clock.now(), spoken())
    lens = forms.Lens(form, typed.raw, around)
    asked = tuple(item for item in form.fields if not form.is_pressed(item))
    return Drawing(lens, typed.raw, typed.errors, held, spoken()).controls(asked)


def _too_late(case_id: str, form: Form | None, typed: Typed, refused: PraticaError) -> ResponseReturnValue:
    """Say why a message was not sent; what was typed is shown, and can be kept as a text file."""
    if form is None:
        raise refused
    file = cases.view(house(), case_id, me())
    held = {document.id: document for document in file.documents} | dict(typed.added)
    read = answers.read(form.fields, typed.raw, held, spoken())
    text = f"{case_id} · {form.title.of(spoken())}\n\n{answers.plain(read)}\n"
    html = render_template(
        "cases/unsent.html",
        view=file,
        form=form,
        why=refusals.reason(refused) or refusals.refusals[type(refused)].title,
        lost=uploads.lost_words(typed.lost),
        typed=read,
        kept=f"data:text/plain;charset=utf-8,{quote(text)}",
    )
    return html, 409


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Show the form anew when the post was too large to be read, and say how to send it."""
    if me_or_none() is None:
        return refusals.tell_http(error)
    g.unread, values = True, request.view_args or {}
    view = messages.view(house(), str(values.get("case_id")), str(values.get("name")), _key(), me())
    return _page(view, Typed(view.values, {"": [uploads.too_large_words()]}), status=413)
