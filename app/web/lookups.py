"""The button that asks a register: it fills the empty fields of a row or group, and touches nothing that was typed."""

from dataclasses import replace
from typing import Any

from flask import flash
from flask_babel import gettext as _
from flask_limiter.errors import RateLimitExceeded

from app.definitions.forms import companions, get, put, validators, valued
from app.definitions.forms.messages import say
from app.definitions.forms.model import Field
from app.definitions.forms.sealed_text import said_in, written
from app.domain.actors import Actor
from app.services import registered
from app.services.house import House
from app.services.tasks import TaskView
from app.web import registers
from app.web.auth import limiter
from app.web.languages import spoken
from app.web.submissions import Submission

most = "30/minute"  # questions to registers of one person


def looked_up(house: House, view: TaskView, submission: Submission, by: Actor) -> Submission:
    """Give the submission with what the register knows of the row or group that it is about, or with why it was not asked."""
    raw = companions.copied(submission.raw)
    found = companions.container(view.form.fields, raw, submission.target) if view.form else None
    if found is None:
        return submission
    item, holder, prefix = found
    if item.lookup is None:
        return submission
    name, code = companions.asked_code(item.lookup, holder)
    wrong = _why_not(item, name, code, by)
    if wrong:
        return replace(submission, errors={**submission.errors, prefix + name: [wrong]})
    answer = registered.ask(house, view.case.id, item.lookup.handler, code)
    said: dict[str, Any] = {**companions.fill(item, holder, answer, code, house.clock.now())}
    if said.get("esito") == companions.DOWN and _found(item, holder):
        flash(registers.outcome(said), "warning")
        return submission
    text = written(said, registered.seal_of(house, view.case.id))
    put(holder, item.lookup.holder, text)
    return replace(submission, raw=raw)


def _found(item: Field, holder: dict[str, Any]) -> bool:
    """Tell whether the register was asked for this code before, and found it: a failure now is no reason to forget that."""
    before = said_in(get(holder, item.lookup.holder)) if item.lookup else None
    return before is not None and before.get("esito") == companions.FOUND


def _why_not(item: Field, name: str, code: str, by: Actor) -> str:
    """Say why a register is not asked: no code, a code that cannot be one, or too many questions."""
    if not code:
        return _("Write the code first: the register is asked for it.")
    asked = next((inner for inner in valued(item.fields) if inner.name == name), None)
    for validator in asked.validators if asked else ():
        fault = validators.run(validator, code)[1] if validator in validators.names() else None
        if fault:
            return say(fault, spoken())
    try:
        with limiter.limit(most, key_func=lambda: by.id):
            return ""
    except RateLimitExceeded:
        return _("The register was asked too often. What you typed is kept: wait a minute, then try again.")
