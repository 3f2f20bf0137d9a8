"""What others saved on a draft while a page lay open: which answers, by whom, when, and what stands there now."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.definitions import forms
from app.services.tasks import Author, SavedDraft, TaskView
from app.web import answers, formats, problems
from app.web.forms_view import identity
from app.web.languages import spoken
from app.web.session import me, names

field = "_base"  # the hidden field that carries the marks of what a page shows
longest = 300  # characters of an answer that are shown


@dataclass(frozen=True)
class Other:
    """An answer that somebody else saved; `clash` says that the page has another one, which is not saved."""

    label: str
    href: str
    text: str
    who: str
    when: str
    clash: bool


def base(view: TaskView, saved: SavedDraft | None = None) -> str:
    """Give the marks of what a page shows, as its hidden field carries them."""
    if view.form is None:
        return ""
    return json.dumps(forms.marks(view.form, saved.merged.values if saved else view.values))


def loaded(view: TaskView, posted: MultiDict[str, str]) -> forms.Loaded | None:
    """Read what a posted page was loaded with; None where it does not say."""
    try:
        marks = json.loads(posted.get(field, ""))
    except ValueError:
        return None
    if view.form is None or not isinstance(marks, dict):
        return None
    sent = forms.read_posted(view.form, posted, posted.get("_section"))
    return forms.Loaded({name: str(mark) for name, mark in marks.items()}, frozenset(sent))


def base_after(view: TaskView, saved: SavedDraft, page: forms.Loaded) -> str:
    """Give the marks for a page that stays open: new where it is saved as it shows, as before where it is not."""
    now = json.loads(base(view, saved))
    behind = {*saved.merged.clashes, *saved.merged.taken}
    return json.dumps({**page.marks, **{name: now[name] for name in page.posted & now.keys() - behind}})


def others(view: TaskView, saved: SavedDraft | None) -> list[Other]:
    """Give what others saved meanwhile, clashes first: since the page was loaded, or since the person last saved."""
    if view.form is None:
        return []
    if saved is None:
        asked = forms.marks(view.form, view.values)
        return [
            _other(view, view.values, name, view.by_others[name], _address(view, name))
            for name in asked
            if name in view.by_others
        ]
    merged = saved.merged
    return [
        _other(view, merged.values, name, saved.authors[name], clash=name in merged.clashes)
        for name in (*merged.clashes, *merged.taken)
    ]


def _other(
    view: TaskView,
    values: Mapping[str, Any],
    name: str,
    author: Author,
    page: str = "",
    *,
    clash: bool = False,
) -> Other:
    who = (
        _("yourself, in another tab or on another device")
        if author.by == me().id
        else names().get(author.by, author.by)
    )
    label = problems.place(name, view.form.fields if view.form else (), spoken())
    href = f"{page}#{identity(name)}"
    return Other(label, href, _text(view, values, name), who, formats.instant(author.at), clash)


def _address(view: TaskView, name: str) -> str:
    """Give the address of the step that asks for an answer; empty in a form without steps."""
    for section in view.form.sections if view.form else ():
        if any(item.name.partition(".")[0] == name for item in forms.valued(section.fields)):
            number = view.task.number
            return url_for("tasks.show", case_id=view.case.id, number=number, section=section.key)
    return ""


def told(view: TaskView, saved: SavedDraft) -> str:
    """Say in a line what was not saved and what changed, or nothing."""
    lists: dict[bool, list[str]] = {True: [], False: []}
    for other in others(view, saved):
        lists[other.clash].append(f"{other.label} ({other.who}, {other.when})")
    clashes, taken = ", ".join(lists[True]), ", ".join(lists[False])
    return " ".join(
        [
            *([_("Not saved, since others saved it meanwhile: %(fields)s. Press “Save draft” to see both.", fields=clashes)] if clashes else []),
            *([_("Changed by others meanwhile: %(fields)s.", fields=taken)] if taken else []),
        ]
    )  # fmt: skip


def _text(view: TaskView, values: Mapping[str, Any], name: str) -> str:
    fields = tuple(
        item
        for item in forms.valued(view.form.fields if view.form else ())
        if item.name.partition(".")[0] == name
    )
    documents = {document.id: document for document in view.documents}
    read = answers.read(fields, values, documents, spoken())
    whole = read[0].text if len(read) == 1 and not read[0].rows else answers.plain(read)
    return whole if len(whole) <= longest else f"{whole[:longest]}…"
