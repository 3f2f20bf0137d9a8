"""Opening cases, and the page that shows one."""

from dataclasses import dataclass
from typing import Any

from app.definitions import manifest
from app.domain import policy
from app.domain.actors import Actor
from app.domain.cases import Case, Document, Instance, Party
from app.domain.definitions import DefinitionRow
from app.domain.errors import NotAllowed, NotFound
from app.domain.events import PartyAdded
from app.domain.jobs import Incident
from app.domain.tasks import Task
from app.services import readable, sides
from app.services.course import Course
from app.services.house import House
from app.services.use_case import query, use_case
from app.store.queries import Queries
from app.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class CaseView:
    """A case as its page shows it; `label` is the state in the office's words or, for a party, in the applicant's.

    `to_do` are the tasks that who looks may complete now.
    """

    case: Case
    label: str
    parties: list[Party]
    instances: list[Instance]
    tasks: list[Task]
    documents: list[Document]
    incidents: list[Incident]
    is_party: bool
    to_do: list[Task]


@dataclass(frozen=True)
class Startable:
    """A process that the actor may start, under a case where it needs one (a proposal under its open edition)."""

    process: str
    titles: dict[str, str]
    under: Case | None


@use_case
def start(
    house: House,
    uow: UnitOfWork,
    process: str,
    by: Actor,
    under: str | None = None,
    variables: dict[str, Any] | None = None,
    key: str | None = None,
) -> Case:
    """Open a case and start its process; the starter receives the role that the manifest names."""
    row = uow.definition(process)
    _require_starter(row, by)
    answered = uow.key(key, f"start {process} {under} {by.id}")
    if answered is not None:
        return uow.case(answered)
    facts, given = row.facts, dict(variables or {})
    upper = _upper(uow, row, under)
    if upper is not None:
        given[facts.start_config or "under"] = {**upper.record, "case_id": upper.id}
    case = uow.open_case(facts.kind, facts.number_prefix, facts.number_first, under=under, actor=by.id)
    if facts.start_role:
        case = uow.record(case, None, [PartyAdded(facts.start_role, by.id)], actor=by.id)
    course = Course(house, uow, case, by.id)
    course.start(row, given)
    case = course.settle()
    uow.answer(key, case.id)
    return case


def _require_starter(row: DefinitionRow, by: Actor) -> None:
    who = row.facts.start_who
    group = who.removeprefix("group:")
    if who == "anyone" or by.is_system or (who.startswith("group:") and group in by.groups):
        return
    if not who.startswith("group:"):
        raise NotAllowed(
            f"Expected {row.process} to be started by a {who}, but {by.name} asked for it.",
            reason="not_startable",
        )
    raise NotAllowed(
        f"Expected someone of {group} to start {row.process}, but {by.name} is not.",
        reason="not_candidate",
        group=group,
    )


def _upper(uow: UnitOfWork, row: DefinitionRow, under: str | None) -> Case | None:
    kind = row.facts.start_under
    if not kind:
        return None
    found = uow.case(under) if under else None
    if found is None or found.kind != kind:
        raise NotFound(f"Expected a case of kind {kind} to open {row.process} under, but {under!r} is none.")
    return found


@use_case
def require_open(house: House, uow: UnitOfWork, process: str, by: Actor, under: str | None) -> None:
    """Raise NotAllowed unless a person may start the process now, so that no case is opened only to be closed at once."""
    row = uow.definition(process)
    _require_starter(row, by)
    upper = _upper(uow, row, under)
    wanted = row.facts.start_state
    if upper is not None and wanted and upper.state != wanted:
        raise NotAllowed(
            f"Expected {upper.id} to be {wanted} for {process} to start under it, but it is {upper.state}.",
            reason="not_open",
            upper=upper.id,
        )


@query
def startable(house: House, reader: Queries, by: Actor) -> list[Startable]:
    """Give what the actor may start now: one entry for each case that a process can be opened under."""
    found: list[Startable] = []
    for row in reader.latest_definitions():
        who = row.facts.start_who
        if who != "anyone" and not (who.startswith("group:") and who.removeprefix("group:") in by.groups):
            continue
        if not row.facts.start_under:
            found.append(Startable(row.process, row.facts.titles, None))
            continue
        uppers = reader.cases(row.facts.start_under, row.facts.start_state or None)
        found.extend(Startable(row.process, row.facts.titles, upper) for upper in uppers)
    return found


@query
def may_see(house: House, reader: Queries, case_id: str, by: Actor) -> bool:
    """Tell whether the actor may know of a case."""
    return reader.may_see(by, case_id)


@query
def view(house: House, reader: Queries, case_id: str, by: Actor) -> CaseView:
    """Show a case to someone who may see it; NotFound otherwise."""
    if not reader.may_see(by, case_id):
        raise NotFound(f"Expected a case {case_id} that {by.name} may see, but there is none.")
    return _view(reader, reader.case(case_id), by)


@query
def mine(house: House, reader: Queries, by: Actor) -> list[CaseView]:
    """Give the cases in which the actor is a party, newest first; not those in which the office appointed them."""
    return [seen for seen in (_view(reader, case, by) for case in reader.cases_of(by)) if seen.is_party]


@query
def find(house: House, reader: Queries, words: str, by: Actor) -> list[tuple[Case, str]]:
    """Give up to 50 cases that the actor may see, newest first, with the names of their states; without words the latest."""
    found = reader.search(words, by) if words.strip() else reader.recent(by)
    return [(case, _label(reader, case, by, reader.instances_of(case.id), applicant=False)) for case in found]


def _label(reader: Queries, case: Case, by: Actor, instances: list[Instance], *, applicant: bool) -> str:
    labels = manifest.labels(reader.bundle(instance.bundle) for instance in reversed(instances))
    return labels.state(case.state, by.language, applicant=applicant)


def _view(reader: Queries, case: Case, by: Actor) -> CaseView:
    parties, instances = reader.parties_of(case.id), reader.instances_of(case.id)
    roles = frozenset(p.role for p in parties if p.actor == by.id)
    is_party = sides.is_party(reader, instances, roles)
    tasks = reader.tasks_of(case.id)
    return CaseView(
        case,
        _label(reader, case, by, instances, applicant=is_party),
        parties,
        instances,
        tasks,
        readable.documents(reader, case.id, by),
        reader.incidents_of(case.id),
        is_party,
        [task for task in tasks if "complete" in policy.allowed(by, task, roles)],
    )
