"""The four verbs on a task, its draft, and the page that shows it."""

import hashlib
import json
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.definitions import forms, rulings
from app.definitions.forms import companions
from app.definitions.rulings import Ruling
from app.domain import drafts, policy
from app.domain.actors import Actor
from app.domain.cases import Case, Document
from app.domain.errors import DraftChanged, NotAllowed, NotFound, PraticaError, TaskTaken
from app.domain.events import SignatureVerified, TaskAssigned, TaskClaimed, TaskCompleted, TaskReleased
from app.domain.tasks import Task
from app.engine import definitions as engine_definitions
from app.engine import state as engine_state
from app.services import readable, signing
from app.services.blind import is_closed
from app.services.checks import checks_of
from app.services.course import Course
from app.services.house import House
from app.services.registered import seal_of
from app.services.use_case import query, use_case
from app.store.drafts import Author, Draft
from app.store.queries import Queries, WorklistFilter, WorklistPage
from app.store.unit_of_work import UnitOfWork

__all__ = ["Author"]
least_reason = 3
widest_number = 9


@dataclass(frozen=True)
class TaskView:
    """A task as its page shows it; `may` are the verbs open to the person, `why_not` says what stands in the way.

    `by_others` are the authors of the answers, by name, that others saved since the person last saved here.
    `rulings` are the decisions of the process that its form shows.
    """

    task: Task
    case: Case
    form: forms.Form | None
    values: dict[str, Any]
    draft_saved_at: datetime | None
    variables: dict[str, Any]
    documents: list[Document]
    may: frozenset[str]
    why_not: PraticaError | None = field(default=None)
    by_others: dict[str, Author] = field(default_factory=dict)
    rulings: dict[str, Ruling] = field(default_factory=dict)


@dataclass(frozen=True)
class SavedDraft:
    """A draft that was saved; `authors` are those of the answers that stay as others had saved them, by name."""

    at: datetime
    merged: forms.Merged
    authors: dict[str, Author]


@dataclass(frozen=True)
class Typed:
    """A task of a locked case with its form and the draft as it stood before."""

    task: Task
    form: forms.Form | None
    before: Draft | None

    @classmethod
    def of(cls, uow: UnitOfWork, task: Task) -> "Typed":
        """Read the form and the draft of a task."""
        return cls(task, form_of(uow, task), uow.draft(task.case_id, task.number))


@query
def worklist(house: House, reader: Queries, by: Actor, wanted: WorklistFilter) -> WorklistPage:
    """Give one page of the tasks that the actor may act on now."""
    return reader.worklist(by, wanted, house.clock.now())


@use_case
def view(house: House, uow: UnitOfWork, task_id: str, by: Actor) -> TaskView:
    """Show a task with its form, what was typed so far, and what the person may do; NotFound if they may not see it."""
    case_id, number = split(task_id)
    if not uow.may_see(by, case_id):
        raise NotFound(f"Expected a task {task_id} that {by.name} may see, but there is none.")
    task, case = uow.task(case_id, number), uow.case(case_id)
    _require_open_to(uow, task, by)
    form = form_of(uow, task)
    variables = variables_of(uow, task, form)
    roles = uow.roles(case_id, by.id)
    may = policy.allowed(by, task, roles)
    draft = uow.draft(case_id, number) if may_read_draft(task, by, roles) else None
    result, ruled = _ruled(uow, task, form) if form else (None, {})
    values = _before(form, variables, result, uow.now) if form else {}
    values = companions.resealed(form, values, seal_of(house, case_id)) if form else {}
    if draft:
        values = {**values, **draft.values}
    saved_at, documents = draft.saved_at if draft else None, readable.documents(uow, case_id, by)
    why_not, by_others = _obstacle(uow, task, by), _by_others(draft, by)
    return TaskView(task, case, form, values, saved_at, variables, documents, may, why_not, by_others, ruled)


def _require_open_to(reader: Queries, task: Task, by: Actor) -> None:
    """Raise NotAllowed for a task whose answer nobody but its author may read yet."""
    if is_closed(reader, task, by):
        raise NotAllowed(
            f"Expected {task.id} to be read once the last of its kind is in, but others still work on theirs.",
            reason="closed",
        )


def may_read_draft(task: Task, by: Actor, roles: AbstractSet[str]) -> bool:
    """Tell whether the draft is the actor's to read: who may complete the task, or might have before it was cancelled."""
    if task.blind is not None and task.assignee is not None:
        return task.assignee == by.id
    gone = task.state == "cancelled" and policy.is_candidate(by, task, roles)
    return gone or "complete" in policy.allowed(by, task, roles)


def _by_others(draft: Draft | None, by: Actor) -> dict[str, Author]:
    since = draft.seen.get(by.id) if draft else None
    if draft is None or since is None:
        return {}
    return {n: author for n, author in draft.authors.items() if author.at > since}


def _ruled(uow: UnitOfWork, task: Task, form: forms.Form) -> tuple[str | None, dict[str, Ruling]]:
    """Give the variable that the task will set, and the decisions that its form shows."""
    instance = uow.instance(task.case_id, task.instance)[0]
    definition = engine_definitions.load(uow.bundle(instance.bundle))
    result = definition.elements[task.element].result
    return result, rulings.rulings_of(definition, forms.decisions(form), result)


def _before(form: forms.Form, variables: dict[str, Any], result: str | None, now: datetime) -> dict[str, Any]:
    """Give what the form's fields hold already: the element's result variable, or variables of the fields' names."""
    held = variables if result is None else variables.get(result)
    return forms.prefill(form, {**variables, **(held if isinstance(held, dict) else {})}, now)


def _obstacle(uow: UnitOfWork, task: Task, by: Actor) -> PraticaError | None:
    try:
        policy.require(by, "complete", task, uow.roles(task.case_id, by.id))
    except PraticaError as error:
        return error
    return None


@use_case
def claim(house: House, uow: UnitOfWork, task_id: str, by: Actor) -> Task:
    """Take a task from the group."""
    case, task = lock(uow, task_id, by, "claim")
    uow.record(case, task.instance, [TaskClaimed(task.number, by.id)], actor=by.id)
    return uow.task(case.id, task.number)


@use_case
def release(house: House, uow: UnitOfWork, task_id: str, by: Actor) -> Task:
    """Give a task back to the group; its draft stays."""
    case, task = lock(uow, task_id, by, "release")
    uow.record(case, task.instance, [TaskReleased(task.number)], actor=by.id)
    return uow.task(case.id, task.number)


@use_case
def assign(house: House, uow: UnitOfWork, task_id: str, to: str, reason: str, by: Actor) -> Task:
    """Give a task to one of its candidates, with a reason of at least three characters."""
    case, task = lock(uow, task_id, by, "assign")
    require_receiver(uow, task, to, reason)
    uow.record(case, task.instance, [TaskAssigned(task.number, to, reason.strip())], actor=by.id)
    return uow.task(case.id, task.number)


def require_receiver(reader: Queries, task: Task, to: str, reason: str) -> None:
    """Raise NotAllowed unless `to` is a candidate of the task, and there is a reason to give it to them."""
    receiver = reader.person(to)
    if receiver is None or not policy.is_candidate(receiver, task, reader.roles(task.case_id, to)):
        raise NotAllowed(
            f"Expected a member of {task.group} to give the task to, but {to!r} is none.",
            reason="not_receiver",
            group=task.group,
        )
    if len(reason.strip()) < least_reason:
        raise NotAllowed(
            "Expected a reason of at least 3 characters, but there is none.", reason="reason_missing"
        )


@use_case
def complete(
    house: House,
    uow: UnitOfWork,
    task_id: str,
    raw: dict[str, Any],
    by: Actor,
    key: str | None = None,
    language: str = "it",
    loaded: forms.Loaded | None = None,
) -> Task:
    """Complete a task with a form submission, and let its case go on; DraftChanged if the page is behind the draft."""
    case_id, number = split(task_id)
    case = _visible(uow, case_id, by)
    answered = uow.key(key, _fingerprint(task_id, raw, by))
    if answered is not None:
        return uow.task(case_id, number)
    task = uow.task(case_id, number)
    policy.require(by, "complete", task, uow.roles(case_id, by.id))
    _require_seen(uow, task, raw, loaded)
    values, verified = _validated(house, uow, task, raw, language)
    case = uow.record(case, None, verified, actor=by.recorded_as) if verified else case
    course = Course(house, uow, case, by.recorded_as)
    course.feed(task.instance, TaskCompleted(number, values))
    course.settle()
    uow.answer(key, task_id)
    return uow.task(case_id, number)


@use_case
def save_draft(
    house: House,
    uow: UnitOfWork,
    task_id: str,
    raw: dict[str, Any],
    by: Actor,
    loaded: forms.Loaded | None = None,
) -> SavedDraft:
    """Keep what was typed so far, unchecked; what others saved since the page was `loaded` is not overwritten."""
    _case, task = lock(uow, task_id, by, "complete")
    typed = Typed.of(uow, task)
    raw = companions.trusted(typed.form, raw, seal_of(house, task.case_id)) if typed.form else raw
    return written(uow, typed, reconciled(typed.form, raw, typed.before, loaded), by)


def written(
    uow: UnitOfWork, typed: Typed, merged: forms.Merged, by: Actor, why: str | None = None
) -> SavedDraft:
    """Save a draft of a locked case; what it replaces stays as a version where there is a reason, or where one is given."""
    task, form, before = typed.task, typed.form, typed.before
    kept = before and (why or _reason_to_keep(before, merged, by, uow.now))
    if kept:
        uow.keep_version(task.case_id, task.number, kept)
    authors = _authors(form, merged.values, before, Author(by.id, uow.now))
    seen, versioned = (before.seen, before.versioned_at) if before else ({}, None)
    at = uow.save_draft(
        task.case_id, task.number, merged.values, by.id, authors, seen, uow.now if kept else versioned
    )
    return SavedDraft(at, merged, {name: authors[name] for name in (*merged.clashes, *merged.taken)})


def _reason_to_keep(before: Draft, merged: forms.Merged, by: Actor, now: datetime) -> str | None:
    changes, by_other = before.values != merged.values, before.saved_by != by.id
    return drafts.reason_to_keep(
        before.begun_at, before.versioned_at, now, by_other=by_other, changes=changes
    )


def reconciled(
    form: forms.Form | None, raw: dict[str, Any], draft: Draft | None, loaded: forms.Loaded | None
) -> forms.Merged:
    """Lay what was typed over a draft: what others saved since the page was `loaded` stays."""
    if form is None or draft is None or loaded is None:
        return forms.Merged(raw)
    return forms.reconcile(form, raw, draft.values, loaded)


def _authors(
    form: forms.Form | None, values: dict[str, Any], before: Draft | None, author: Author
) -> dict[str, Author]:
    """Give who saved each answer: the author what is new, others what stays as it was."""
    if form is None:
        return {}
    old = forms.marks(form, before.values) if before else {}
    return {
        name: before.author(name) if before and old.get(name) == mark else author
        for name, mark in forms.marks(form, values).items()
    }


def _require_seen(uow: UnitOfWork, task: Task, raw: dict[str, Any], loaded: forms.Loaded | None) -> None:
    merged = reconciled(form_of(uow, task), raw, uow.draft(task.case_id, task.number), loaded)
    if merged.clashes or merged.taken:
        names = ", ".join([*merged.clashes, *merged.taken])
        raise DraftChanged(f"Expected the draft as the page showed it, but {names} changed meanwhile.")


def split(task_id: str) -> tuple[str, int]:
    """Take `FIL-2023-0042/7` apart; NotFound if it has another shape."""
    case_id, _, number = task_id.rpartition("/")
    if not case_id or not number.isdecimal() or len(number) > widest_number:
        raise NotFound(f"Expected a task such as FIL-2023-0042/7, but {task_id!r} is none.")
    return case_id, int(number)


def lock(uow: UnitOfWork, task_id: str, by: Actor, verb: str) -> tuple[Case, Task]:
    """Lock the task's case and give both, once policy allows the verb."""
    case_id, number = split(task_id)
    case = _visible(uow, case_id, by)
    task = uow.task(case_id, number)
    try:
        policy.require(by, verb, task, uow.roles(case_id, by.id))
    except TaskTaken as taken:
        taken.details["at"] = held_since(uow, task)
        raise
    return case, task


def held_since(reader: Queries, task: Task) -> datetime:
    """Give when the task came to who holds it; the diagram itself may have given it out when it opened."""
    moments = (
        entry.recorded_at
        for entry in reader.history(task.case_id)
        if isinstance(entry.event, TaskClaimed | TaskAssigned) and entry.event.task == task.number
    )
    return max(moments, default=task.opened_at)


def _visible(uow: UnitOfWork, case_id: str, by: Actor) -> Case:
    if not uow.may_see(by, case_id):
        raise NotFound(f"Expected a case {case_id} that {by.name} may see, but there is none.")
    return uow.lock_case(case_id)


def form_of(uow: UnitOfWork, task: Task) -> forms.Form | None:
    """Give the task's form as the instance's own bundle has it."""
    if task.form is None:
        return None
    return forms.of_bundle(uow.bundle(uow.instance(task.case_id, task.instance)[0].bundle), task.form)


def variables_of(uow: UnitOfWork, task: Task, form: forms.Form | None) -> dict[str, Any]:
    """Give what the form's FEEL sees: the task's variables, and under `house` what the house knows, if it is asked for."""
    instance, state = uow.instance(task.case_id, task.instance)
    definition = engine_definitions.load(uow.bundle(instance.bundle))
    number = task.number if task.state == "open" else None
    return with_house(uow, uow.unseal(engine_state.variables(definition, state, number)), form)


def with_house(reader: Queries, variables: dict[str, Any], form: forms.Form | None) -> dict[str, Any]:
    """Give variables with what the house knows under `house`, where the form asks for it."""
    asked = form is not None and any("house." in field.options_source for field in forms.every(form.fields))
    return {**variables, "house": {"groups": _groups(reader)}} if asked else dict(variables)


def _groups(reader: Queries) -> dict[str, Any]:
    """Give the people of each office group as options to choose from, by name."""
    people = sorted(reader.people.all(), key=lambda person: person.name)
    names = {group for person in people for group in person.groups}
    return {
        name: [{"value": p.id, "label": p.name} for p in people if name in p.groups] for name in sorted(names)
    }


def _validated(
    house: House, uow: UnitOfWork, task: Task, raw: dict[str, Any], language: str
) -> tuple[dict[str, Any], list[SignatureVerified]]:
    """Give the values of a submission, personal ones sealed, and the signatures that were verified in it."""
    form = form_of(uow, task)
    if form is None:
        return {}, []
    documents = {document.id: document for document in uow.documents(task.case_id)}
    verifier = signing.Verifier(house, uow, task, form)
    checks: dict[str, forms.Check] = {**checks_of(uow, task.case_id, form), forms.VALIDATOR: verifier}
    known = variables_of(uow, task, form)
    trusted = companions.trusted(form, raw, seal_of(house, task.case_id))
    values = forms.submit(form, trusted, known, documents, language, uow.now, checks=checks)
    values = forms.sealed(form, values, lambda subject, value: uow.seal(f"{task.case_id}:{subject}", value))
    return values, verifier.verified


def _fingerprint(task_id: str, raw: dict[str, Any], by: Actor) -> str:
    text = json.dumps([task_id, raw, by.id], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
