"""The versions of a draft: listed, restored, taken away as a file and brought back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.definitions import draft_files, forms
from app.definitions.draft_files import DraftFile
from app.domain.actors import Actor
from app.domain.drafts import BY_IMPORT, BY_RESTORE
from app.domain.errors import NotFound
from app.services.house import House
from app.services.tasks import SavedDraft, TaskView, Typed, lock, may_read_draft, reconciled, split, written
from app.services.use_case import use_case
from app.store.drafts import Version
from app.store.unit_of_work import UnitOfWork

__all__ = ["Imported", "Kept", "Restored", "Version", "bring_in", "examine", "export", "kept", "restore"]


@dataclass(frozen=True)
class Kept:
    """The draft of a task as it stands, and its versions, newest first; `values` are None without a readable draft."""

    saved_by: str
    saved_at: datetime | None
    values: dict[str, Any] | None
    versions: list[Version]


@dataclass(frozen=True)
class Restored:
    """A version that was put back; `gone` are ids that the case has no document for."""

    version: Version
    saved: SavedDraft
    gone: list[str]


@dataclass(frozen=True)
class Imported:
    """A file as the present form reads it: what it takes, what it leaves, and the draft that would result."""

    file: DraftFile
    taken: forms.Taken
    values: dict[str, Any]


@use_case
def kept(house: House, uow: UnitOfWork, task_id: str, by: Actor) -> Kept:
    """Give the versions of a draft that the actor may read; NotFound otherwise."""
    case_id, number = _readable(uow, task_id, by)
    draft, versions = uow.draft(case_id, number), uow.versions(case_id, number)
    if draft is None:
        return Kept("", None, None, versions)
    return Kept(draft.saved_by, draft.saved_at, draft.values, versions)


def _readable(uow: UnitOfWork, task_id: str, by: Actor) -> tuple[str, int]:
    case_id, number = split(task_id)
    if uow.may_see(by, case_id):
        task = uow.task(case_id, number)
        if may_read_draft(task, by, uow.roles(case_id, by.id)):
            return case_id, number
    raise NotFound(f"Expected a draft of {task_id} that {by.name} may read, but there is none.")


@use_case
def restore(
    house: House, uow: UnitOfWork, task_id: str, number: int, by: Actor, loaded: forms.Loaded | None = None
) -> Restored:
    """Put a version in the place of the draft, which stays as a version; what others saved meanwhile is not overwritten.

    NotFound if there is no such version, or nobody can read it any more.
    """
    case, task = lock(uow, task_id, by, "complete")
    version = uow.version(case.id, task.number, number)
    if version is None or version.values is None:
        raise NotFound(f"Expected a version {number} of {task_id} that can be read, but there is none.")
    typed, gone, values = Typed.of(uow, task), list[str](), version.values
    if typed.form is not None:
        documents = {document.id: document for document in uow.documents(case.id)}
        values, gone = forms.kept_files(typed.form, values, documents)
    saved = written(uow, typed, reconciled(typed.form, values, typed.before, loaded), by, BY_RESTORE)
    return Restored(version, saved, gone)


def export(house: House, view: TaskView, values: dict[str, Any]) -> bytes:
    """Give the file of answers of a task that the person sees: the draft as it is shown, or a version of it.

    NotFound if the task has no form.
    """
    form, documents = _form(view), {document.id: document for document in view.documents}
    answers = forms.portable(form, values, documents)
    return draft_files.write(form, view.case.id, view.task.element, house.clock.now(), answers)


def examine(view: TaskView, data: bytes) -> Imported:
    """Read a file against the form of a task, and save nothing; DraftFileInvalid with the reason if it is none of its."""
    form, documents = _form(view), {document.id: document for document in view.documents}
    file = draft_files.read(data, form)
    taken = forms.take(form, file.answers, documents, same=file.same_form)
    return Imported(file, taken, forms.merge(view.values, taken.values))


@use_case
def bring_in(
    house: House, uow: UnitOfWork, task_id: str, imported: Imported, by: Actor, marks: Mapping[str, str]
) -> SavedDraft:
    """Save what a file brings over the draft, which stays as a version; `marks` are of the answers that the page showed."""
    _case, task = lock(uow, task_id, by, "complete")
    typed, loaded = Typed.of(uow, task), forms.Loaded(marks, imported.taken.names)
    merged = reconciled(typed.form, imported.values, typed.before, loaded)
    return written(uow, typed, merged, by, BY_IMPORT)


def _form(view: TaskView) -> forms.Form:
    if view.form is None:
        raise NotFound(f"Expected a form of task {view.task.id}, but there is none.")
    return view.form
