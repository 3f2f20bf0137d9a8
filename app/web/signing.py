"""The signature simulator on a page: what it signs is put where the person would have uploaded it."""

from dataclasses import replace

from flask import flash
from flask_babel import gettext as _

from app.definitions import forms
from app.domain.actors import Actor
from app.domain.errors import FormInvalid
from app.services import simulator
from app.services.house import House
from app.services.tasks import TaskView
from app.web.submissions import Submission


def signed(house: House, view: TaskView, submission: Submission, by: Actor) -> Submission:
    """Give a submission with the simulated signature in the field that was pressed, or with what is missing for it, at the field."""
    path, raw = submission.target, submission.raw
    if submission.errors:
        return submission
    try:
        document = simulator.sign(house, view.task.id, path, raw, by)
    except FormInvalid as early:
        return replace(submission, errors=early.errors)
    forms.put_at(raw, path, document.id)
    flash(_("Signed with the simulator: it has no legal value. Nothing has been sent yet."), "success")
    return replace(submission, documents={**submission.documents, document.id: document})
