"""The versions of a draft: listed, compared, restored, taken away as a file and brought back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.definitions import draft_files, forms
from app.definitions.forms import Around, Left
from app.domain.errors import DraftFileInvalid, NotFound
from app.services import cases, drafts, tasks
from app.services.drafts import Imported, Kept
from app.services.tasks import SavedDraft, TaskView
from app.web import answers, comparing, formats, meanwhile, problems, refusals
from app.web.languages import spoken
from app.web.session import house, login_required, me, names

blueprint = Blueprint("drafts", __name__, url_prefix="/tasks/<case_id>/<int:number>/versions")
present = "now"  # the name of the draft as it stands among the versions
most_lines = 200  # values of a file that are named one by one


@dataclass(frozen=True)
class Row:
    """A version as the list shows it; the draft as it stands has the name `now`."""

    name: str
    who: str
    when: datetime | None
    why: str
    values: Mapping[str, Any] | None
    count: int


@blueprint.get("")
@login_required
def index(case_id: str, number: int) -> ResponseReturnValue:
    """List the versions of a draft."""
    return _index(_view(case_id, number))


@blueprint.get("/compare")
@login_required
def compare(case_id: str, number: int) -> ResponseReturnValue:
    """Show two versions side by side, `before` and `after`; `all` shows what is the same too."""
    view = _view(case_id, number)
    rows = {row.name: row for row in _rows(view, drafts.kept(house(), view.task.id, me()))}
    before = rows.get(request.args.get("before", ""))
    after = rows.get(request.args.get("after", present))
    if before is None or after is None or view.form is None:
        raise NotFound("Expected two versions of a draft to compare, but one is not there.")
    lines = []
    if before.values is not None and after.values is not None:
        lines = comparing.compare(view.form, before.values, after.values, _around(view))
    return render_template(
        "desk/compared.html",
        view=view,
        file=cases.view(house(), case_id, me()),
        before=before,
        after=after,
        lines=lines,
        base=meanwhile.base(view),
        whole="all" in request.args,
    )


@blueprint.post("/restore")
@login_required
def restore(case_id: str, number: int) -> ResponseReturnValue:
    """Put a version in the place of the draft."""
    view, wanted = _view(case_id, number), request.form.get("version", "")
    if not wanted.isdecimal() or len(wanted) > tasks.widest_number:
        raise NotFound(f"Expected the number of a version, but {wanted!r} is none.")
    shown = _marks()
    loaded = forms.Loaded(shown, frozenset(shown))
    restored = drafts.restore(house(), view.task.id, int(wanted), me(), loaded)
    when = formats.instant(restored.version.saved_at)
    flash(
        _(
            "The draft stands again as it was on %(when)s. What stood here before is kept as a version.",
            when=when,
        ),
        "success",
    )
    if restored.gone:
        flash(_("Files that are no longer there: %(names)s.", names=", ".join(restored.gone)), "warning")
    return _back(view, restored.saved)


@blueprint.get("/draft.json")
@login_required
def export(case_id: str, number: int) -> ResponseReturnValue:
    """Give the draft, or a version of it, as a file."""
    view = _view(case_id, number)
    rows = {row.name: row for row in _rows(view, drafts.kept(house(), view.task.id, me()))}
    chosen = rows.get(request.args.get("version", present))
    if chosen is None or chosen.values is None:
        raise NotFound("Expected a version that can be read, but there is none.")
    name = f"{view.case.id}-{view.task.number}-{view.form.id if view.form else ''}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    data = drafts.export(house(), view, dict(chosen.values))
    return Response(data, mimetype="application/json", headers=headers)


@blueprint.post("/import")
@login_required
def bring_in(case_id: str, number: int) -> ResponseReturnValue:
    """Report what a file would bring, and save it once that was confirmed."""
    view = _view(case_id, number)
    if "complete" not in view.may:
        raise view.why_not or NotFound("Expected a task that is open, but it is not.")
    upload, typed = request.files.get("file"), request.form.get("content")
    data = typed.encode() if typed is not None else upload.stream.read() if upload else b""
    if not data:
        return _index(view, _("Choose the file first."))
    try:
        imported = drafts.examine(view, data)
    except DraftFileInvalid as invalid:
        return _index(view, refusals.reason(invalid))
    if typed is None:
        return _report(view, imported, data)
    saved = drafts.bring_in(house(), view.task.id, imported, me(), _marks())
    flash(
        _("The answers of the file are in the draft. What stood here before is kept as a version."), "success"
    )
    return _back(view, saved)


def _view(case_id: str, number: int) -> TaskView:
    return tasks.view(house(), f"{case_id}/{number}", me())


def _around(view: TaskView) -> Around:
    documents = {document.id: document for document in view.documents}
    return Around(view.variables, documents, house().clock.now(), spoken())


def _marks() -> dict[str, str]:
    """Give the marks of the answers that the posted page showed; none where it does not say."""
    try:
        marks = json.loads(request.form.get(meanwhile.field, ""))
    except ValueError:
        return {}
    return {str(name): str(mark) for name, mark in marks.items()} if isinstance(marks, dict) else {}


def _rows(view: TaskView, kept: Kept) -> list[Row]:
    people, form = names(), view.form
    if form is None:
        return []
    now = Row(
        present,
        people.get(kept.saved_by, kept.saved_by),
        kept.saved_at,
        "",
        view.values,
        forms.count(form, view.values),
    )
    return [
        now,
        *(
            Row(
                str(version.number),
                people.get(version.saved_by, version.saved_by),
                version.saved_at,
                version.why,
                version.values,
                comparing.answered(form, version.values),
            )
            for version in kept.versions
        ),
    ]


def _index(view: TaskView, wrong: str = "") -> ResponseReturnValue:
    kept = drafts.kept(house(), view.task.id, me())
    html = render_template(
        "desk/versions.html",
        view=view,
        file=cases.view(house(), view.case.id, me()),
        rows=_rows(view, kept),
        base=meanwhile.base(view),
        wrong=wrong,
        most=draft_files.MAX_BYTES // 2**20,
    )
    return html, 422 if wrong else 200


def _report(view: TaskView, imported: Imported, data: bytes) -> ResponseReturnValue:
    """Say what a file brings and what of it does not fit; nothing of it is saved."""
    form = view.form
    lines = comparing.compare(form, view.values, imported.values, _around(view)) if form else []
    left = imported.taken.left
    return render_template(
        "desk/import.html",
        view=view,
        file=cases.view(house(), view.case.id, me()),
        imported=imported,
        origin=_printable(imported.file.case),
        lines=[line for line in lines if line.change != "same"],
        left=[_left_words(view, one) for one in left[:most_lines]],
        more=max(len(left) - most_lines, 0),
        content=data.decode("utf-8-sig"),
        base=meanwhile.base(view),
    )


def _left_words(view: TaskView, left: Left) -> tuple[str, str, str]:
    """Give the label, the value and the reason of what a file has and the form does not take."""
    why = {
        "unknown": _("This form does not ask it."),
        "kind": _("The field asks for another kind of answer."),
        "option": _("It is not among the answers to choose from."),
        "file": _("The case has no such file: add it to the form again."),
        "rows": _("The list is full."),
    }
    label = problems.place(left.path, view.form.fields if view.form else (), spoken())
    return _printable(label), _printable(_shown(left.value)), why[left.why]


def _printable(text: str) -> str:
    """Give a text that a page can carry: half signs, which only a file can hold, become question marks."""
    return text.encode("utf-8", "replace").decode()


def _shown(value: Any) -> str:
    if isinstance(value, Mapping) and isinstance(value.get("name"), str) and "sha256" in value:
        return str(value["name"])
    return answers.shown(value, spoken())


def _back(view: TaskView, saved: SavedDraft) -> ResponseReturnValue:
    """Go back to the form, and say what stays as others saved it meanwhile."""
    others = [f"{one.label} ({one.who}, {one.when})" for one in meanwhile.others(view, saved)]
    if others:
        flash(
            _("These answers stay as others saved them meanwhile: %(fields)s.", fields=", ".join(others)),
            "warning",
        )
    return redirect(url_for("tasks.show", case_id=view.case.id, number=view.task.number), 303)
