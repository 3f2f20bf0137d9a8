"""What a person posts with a form: typed fields, files, rows added or taken away, and what they want done with it."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage, MultiDict

from app.definitions import forms
from app.domain.actors import Actor
from app.domain.cases import Document
from app.domain.errors import DocumentRefused
from app.services import documents, media
from app.services.house import House
from app.services.tasks import TaskView
from app.web import resume

_file, _drop = "_file.", "_drop."


@dataclass(frozen=True)
class Submission:
    """A posted form: `raw` is the whole form as typed so far, `errors` are refused uploads by path.

    `verb` is what was pressed: save, complete, add, remove, go; `target` what it is about (a row's path, a section).
    """

    raw: dict[str, Any]
    verb: str = "save"
    target: str = ""
    key: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)


def receive(house: House, view: TaskView, by: Actor) -> Submission:
    """Read this request's post: uploads are stored at once, whatever the post is for, so that none is ever lost."""
    verb, target = _wanted()
    key = request.form.get("_key", "")
    if view.form is None:
        return Submission({}, verb, target, key)
    posted = MultiDict(request.form.items(multi=True))
    errors: dict[str, list[str]] = {}
    added: dict[str, Document] = {}
    _drop_files(posted)
    _store_files(house, view, by, posted, errors, added)
    return Submission(merged(view, posted), verb, target, _key(key, posted), errors, added)


def _key(key: str, posted: MultiDict[str, str]) -> str:
    """Give a key that stands for one rendered form and what was typed in it: only the very same post has it again."""
    typed = sorted((name, value) for name, value in posted.items(multi=True) if name not in resume.own_fields)
    return sha256(json.dumps([key, typed]).encode()).hexdigest() if key else ""


def _wanted() -> tuple[str, str]:
    for name, verb in (("_add", "add"), ("_remove", "remove"), ("_outcome", "complete")):
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


def _drop_files(posted: MultiDict[str, str]) -> None:
    for name in [name for name in request.form if name.startswith(_drop)]:
        gone = set(request.form.getlist(name))
        path = name.removeprefix(_drop)
        posted.setlist(path, [kept for kept in posted.getlist(path) if kept not in gone])


def _store_files(
    house: House,
    view: TaskView,
    by: Actor,
    posted: MultiDict[str, str],
    errors: dict[str, list[str]],
    added: dict[str, Document],
) -> None:
    fields = forms.every(view.form.fields) if view.form else ()
    pickers = {asked.name: asked.multiple for asked in fields if asked.type == "filepicker"}
    for name, uploads in request.files.lists():
        path = name.removeprefix(_file)
        if _within_row(path) not in pickers:
            continue
        for upload in uploads:
            if not upload.filename or not name.startswith(_file):
                continue
            try:
                document = _stored(house, view, by, upload)
            except DocumentRefused as refused:
                errors.setdefault(path, []).append(refusal(refused))
                continue
            added[document.id] = document
            kept = posted.getlist(path) if pickers[_within_row(path)] else []
            posted.setlist(path, [*kept, document.id])


def _within_row(path: str) -> str:
    parts = path.split(".")
    numbers = [index for index, part in enumerate(parts) if part.isdecimal()]
    return ".".join(parts[numbers[-1] + 1 :]) if numbers else path


def _stored(house: House, view: TaskView, by: Actor, upload: FileStorage) -> Document:
    """Store an upload; the same file sent twice is one document, so that a repeated post is the same post."""
    data = upload.stream.read(house.settings.document_limit + 1)
    content, name = sha256(data).hexdigest(), upload.filename or ""
    known = next(
        (
            d
            for d in view.documents
            if (d.sha256, d.name, d.added_by) == (content, media.safe_name(name), by.id)
        ),
        None,
    )
    return known or documents.add(house, view.case.id, name, data, by)


def refusal(error: DocumentRefused) -> str:
    """Say in the person's language why a file was refused and what would help."""
    told = {key: str(value) for key, value in error.details.items()}
    match told.get("reason"):
        case "too_large":
            return _(
                "%(name)s is larger than %(limit)s MB. Send a smaller file.",
                name=told["name"],
                limit=told["limit_mb"],
            )
        case "empty":
            return _("%(name)s is empty. Choose the file again.", name=told["name"])
        case "kind":
            return _(
                "%(name)s is of a kind that is not accepted. Accepted: %(kinds)s.",
                name=told["name"],
                kinds=told["kinds"],
            )
        case "mistyped":
            return _(
                "%(name)s is not really a %(kind)s file. Save it again as %(kind)s and send that.",
                name=told["name"],
                kind=told["kind"],
            )
        case _:
            return str(error)
