"""What a person posts with a form: typed fields, files, rows added or taken away, and what they want done with it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from app.definitions import forms
from app.definitions.forms import companions
from app.domain.actors import Actor
from app.domain.cases import Document
from app.services.house import House
from app.services.registered import seal_of
from app.services.tasks import TaskView
from app.web import meanwhile, resume, uploads

_drop = "_drop."
buttons = (
    ("_add", "add"),
    ("_remove", "remove"),
    ("_sign", "sign"),
    ("_lookup", "lookup"),
    ("_outcome", "complete"),
)


@dataclass(frozen=True)
class Submission:
    """A posted form: `raw` is the whole form as typed so far, `errors` are refused uploads by path.

    `verb` is what was pressed: save, complete, add, remove, sign, lookup, go; `target` what it is about (a row's path, a section).
    `lost` names the files that were not kept, since the task is closed to the person; `loaded` is what the page showed.
    """

    raw: dict[str, Any]
    verb: str = "save"
    target: str = ""
    key: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    lost: tuple[str, ...] = ()
    loaded: forms.Loaded | None = None


def receive(house: House, view: TaskView, by: Actor) -> Submission:
    """Read this request's post; its files are stored at once, whatever it is for, if the person may complete the task."""
    verb, target = wanted()
    key = request.form.get("_key", "")
    if view.form is None:
        return Submission({}, verb, target, key)
    posted = fields_of(request.form)
    taken = uploads.take(house, view, by)
    key = key_for(key, posted, taken.digests)
    drop_files(posted)
    taken.put_into(posted, view.form)
    added = {document.id: document for kept in taken.documents.values() for document in kept}
    seal = seal_of(house, view.case.id)
    raw = companions.trusted(view.form, merged(view, posted), seal)
    loaded = meanwhile.loaded(view, posted)
    return Submission(raw, verb, target, key, taken.errors, added, tuple(taken.lost), loaded)


def key_for(key: str, posted: MultiDict[str, str], files: Sequence[tuple[str, str, str]] = ()) -> str:
    """Give a key that stands for one rendered form and what was typed and chosen in it.

    Only the very same post has it again, whatever became of its files the first time.
    """
    typed = sorted((name, value) for name, value in posted.items(multi=True) if name not in resume.own_fields)
    return sha256(json.dumps([key, typed, sorted(files)]).encode()).hexdigest() if key else ""


def fields_of(posted: MultiDict[str, str]) -> MultiDict[str, str]:
    """Give the fields of a post to be changed."""
    return MultiDict(posted.items(multi=True))


def wanted() -> tuple[str, str]:
    """Give what was pressed, and what it is about."""
    for name, verb in buttons:
        if name in request.form:
            return verb, request.form[name]
    verb, _colon, target = request.form.get("_do", "save").partition(":")
    return verb, target


def merged(view: TaskView, posted: MultiDict[str, str]) -> dict[str, Any]:
    """Lay what one page posted over the whole of what was typed before."""
    section = posted.get("_section")
    if view.form is None or (section is not None and view.form.section(section) is None):
        return dict(view.values)
    return forms.merge(view.values, forms.read_posted(view.form, posted, section))


def drop_files(posted: MultiDict[str, str]) -> None:
    """Take out the files that the person ticked to be taken out."""
    for name in [name for name in request.form if name.startswith(_drop)]:
        gone = set(request.form.getlist(name))
        path = name.removeprefix(_drop)
        posted.setlist(path, [kept for kept in posted.getlist(path) if kept not in gone])
