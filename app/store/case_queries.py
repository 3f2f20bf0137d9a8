"""Read models of one case, and who may see it."""

from typing import Any

from sqlalchemy import Select, and_, any_, bindparam, cast, exists, or_, select, text
from sqlalchemy.dialects.postgresql import TSQUERY

from app.domain.actors import Actor, Capability
from app.domain.cases import Case, Document, Instance, Party
from app.domain.errors import NotFound
from app.domain.jobs import Incident, Job, Timer, Wait
from app.domain.tasks import Task
from app.store import records, tables
from app.store.reading import Reading
from app.store.words import word_query

_c = tables.case.c
_t = tables.task.c
_CASE = select(*records.CASE_COLUMNS).where(_c.id == bindparam("id"))
_CASES = select(*records.CASE_COLUMNS).order_by(_c.id)
_IDS = select(_c.id).order_by(_c.id)
_TASK = select(*records.TASK_COLUMNS).where(
    _t.case_id == bindparam("case_id"), _t.number == bindparam("number")
)
_TASKS = select(*records.TASK_COLUMNS).where(_t.case_id == bindparam("case_id")).order_by(_t.number)
_INSTANCES = (
    select(*records.INSTANCE_COLUMNS)
    .where(tables.instance.c.case_id == bindparam("case_id"))
    .order_by(tables.instance.c.number)
)
_INSTANCE = select(*records.INSTANCE_COLUMNS, tables.instance.c.snapshot).where(
    tables.instance.c.case_id == bindparam("case_id"), tables.instance.c.number == bindparam("number")
)
_SNAPSHOTS = select(tables.instance.c.number, tables.instance.c.snapshot).where(
    tables.instance.c.case_id == bindparam("case_id")
)
_PARTIES = (
    select(tables.party)
    .where(tables.party.c.case_id == bindparam("case_id"))
    .order_by(tables.party.c.role, tables.party.c.actor)
)
_ROLES = select(tables.party.c.role).where(
    tables.party.c.case_id == bindparam("case_id"), tables.party.c.actor == bindparam("actor")
)
_DOCUMENTS = (
    select(tables.document)
    .where(tables.document.c.case_id == bindparam("case_id"))
    .order_by(tables.document.c.seq)
)
_DOCUMENT = select(tables.document).where(tables.document.c.id == bindparam("id"))
_JOB = records.JOBS.where(
    tables.job.c.case_id == bindparam("case_id"), tables.job.c.number == bindparam("number")
)
_JOBS = records.JOBS.where(tables.job.c.case_id == bindparam("case_id")).order_by(tables.job.c.number)
_TIMER = select(tables.timer).where(
    tables.timer.c.case_id == bindparam("case_id"), tables.timer.c.number == bindparam("number")
)
_TIMERS = (
    select(tables.timer)
    .where(tables.timer.c.case_id == bindparam("case_id"))
    .order_by(tables.timer.c.due, tables.timer.c.number)
)
_INCIDENT = select(tables.incident).where(
    tables.incident.c.case_id == bindparam("case_id"), tables.incident.c.number == bindparam("number")
)
_INCIDENTS = (
    select(tables.incident)
    .where(tables.incident.c.case_id == bindparam("case_id"))
    .order_by(tables.incident.c.number)
)
_OPEN_INCIDENTS = (
    select(tables.incident)
    .where(tables.incident.c.state == "open")
    .order_by(tables.incident.c.opened_at, tables.incident.c.case_id, tables.incident.c.number)
)
_OF_PARTY = (
    select(*records.CASE_COLUMNS)
    .where(_c.id.in_(select(tables.party.c.case_id).where(tables.party.c.actor == bindparam("actor"))))
    .order_by(_c.opened_at.desc(), _c.id.desc())
)
_WAITS = select(tables.wait).order_by(tables.wait.c.case_id, tables.wait.c.number)
_BELOW = text(
    "WITH RECURSIVE below(id) AS (SELECT CAST(:reach AS text) "
    'UNION SELECT upper.id FROM "case" AS upper JOIN below ON upper.under = below.id) SELECT id FROM below'
).columns(id=_c.id.type)


def visible_to() -> Any:
    """Give the condition that a case is one of the actor's (bound: `actor`, `groups`)."""
    party = exists().where(tables.party.c.case_id == _c.id, tables.party.c.actor == bindparam("actor"))
    group = (_t.group_kind == "office") & (_t.group_name == any_(bindparam("groups")))
    removed = exists().where(
        tables.party_removed.c.case_id == _c.id, tables.party_removed.c.actor == bindparam("actor")
    )
    alone = and_(_t.assignee.is_(None), _t.completed_by == bindparam("actor"))  # nobody's hand but their own
    held = or_(_t.assignee == bindparam("actor"), alone)
    return or_(party, exists().where(_t.case_id == _c.id, or_(group, and_(held, ~removed))))


_gone, _there = tables.party_removed.c, tables.party.c
_REMOVED = select(_gone.role).where(
    _gone.case_id == bindparam("case_id"),
    _gone.actor == bindparam("actor"),
    ~exists().where(_there.case_id == _gone.case_id, _there.actor == _gone.actor, _there.role == _gone.role),
)
_MAY_SEE = select(_c.id).where(_c.id == bindparam("case_id"), visible_to())
_RECENT = select(*records.CASE_COLUMNS).order_by(_c.opened_at.desc(), _c.id.desc()).limit(bindparam("most"))
_SEARCH = _RECENT.where(_c.search.op("@@")(cast(bindparam("words"), TSQUERY)))


class CaseQueries(Reading):
    """Cases and what is in them."""

    def case(self, case_id: str) -> Case:
        """Give a case; NotFound if there is none."""
        row = self._row(_CASE, id=case_id)
        if row is None:
            raise NotFound(f"Expected a case {case_id}, but there is none.")
        return records.case_from(row)

    def cases(
        self, kind: str | None = None, state: str | None = None, *, under: str | None = None
    ) -> list[Case]:
        """Give the cases of a kind, in a state or under a case where these are given, in order of their numbers."""
        statement: Select[Any] = _CASES
        for column, value in ((_c.kind, kind), (_c.state, state), (_c.under, under)):
            statement = statement if value is None else statement.where(column == value)
        return [records.case_from(row) for row in self._rows(statement)]

    def cases_named(self, case_ids: list[str]) -> list[Case]:
        """Give those of some cases that there are, in order of their numbers."""
        return [
            records.case_from(row)
            for row in self._rows(_CASES.where(_c.id == any_(bindparam("ids", case_ids))))
        ]

    def case_ids(self) -> list[str]:
        """Give the numbers of all cases, in order."""
        return [row["id"] for row in self._rows(_IDS)]

    def cases_of(self, actor: Actor) -> list[Case]:
        """Give the cases in which the actor is a party, newest first."""
        return [records.case_from(row) for row in self._rows(_OF_PARTY, actor=actor.id)]

    def may_see(self, actor: Actor, case_id: str) -> bool:
        """Tell whether the actor may know of a case.

        A party of it may, an auditor, a member of an office group that has or had a task there, and whoever holds one of its
        tasks, or completed one that nobody else held, unless they were a party and were removed.
        """
        if actor.is_system or Capability.auditor in actor.capabilities:
            return self._row(_CASE, id=case_id) is not None
        return self._row(_MAY_SEE, case_id=case_id, actor=actor.id, groups=sorted(actor.groups)) is not None

    def search(self, words: str, actor: Actor, most: int = 50) -> list[Case]:
        """Find cases by words of their numbers and titles (the last may be unfinished), among those the actor may see."""
        wanted = word_query(words)
        return self._seen(_SEARCH, actor, most, words=wanted) if wanted else []

    def recent(self, actor: Actor, most: int = 50) -> list[Case]:
        """Give the cases opened last, newest first, among those the actor may see."""
        return self._seen(_RECENT, actor, most)

    def _seen(self, statement: Select[Any], actor: Actor, most: int, **bound: Any) -> list[Case]:
        if not actor.is_system and Capability.auditor not in actor.capabilities:
            statement = statement.where(visible_to())
            bound |= {"actor": actor.id, "groups": sorted(actor.groups)}
        return [records.case_from(row) for row in self._rows(statement, most=most, **bound)]

    def task(self, case_id: str, number: int) -> Task:
        """Give a task; NotFound if there is none."""
        row = self._row(_TASK, case_id=case_id, number=number)
        if row is None:
            raise NotFound(f"Expected a task {case_id}/{number}, but there is none.")
        return records.task_from(row)

    def tasks_of(self, case_id: str) -> list[Task]:
        """Give every task of a case, in order of appearance."""
        return [records.task_from(row) for row in self._rows(_TASKS, case_id=case_id)]

    def instance(self, case_id: str, number: int) -> tuple[Instance, bytes]:
        """Give an instance and its snapshot (empty if it was dropped); NotFound if there is none."""
        row = self._row(_INSTANCE, case_id=case_id, number=number)
        if row is None:
            raise NotFound(f"Expected an instance {number} of {case_id}, but there is none.")
        return records.instance_from(row), bytes(row["snapshot"] or b"")

    def instances_of(self, case_id: str) -> list[Instance]:
        """Give the instances of a case, in order of appearance."""
        return [records.instance_from(row) for row in self._rows(_INSTANCES, case_id=case_id)]

    def snapshots(self, case_id: str) -> dict[int, bytes]:
        """Give the snapshot of each instance of a case, by number."""
        return {
            row["number"]: bytes(row["snapshot"] or b"") for row in self._rows(_SNAPSHOTS, case_id=case_id)
        }

    def parties_of(self, case_id: str) -> list[Party]:
        """Give who has a role in a case."""
        return [records.party_from(row) for row in self._rows(_PARTIES, case_id=case_id)]

    def removed_from(self, case_id: str, actor: str) -> frozenset[str]:
        """Give the roles in a case that an actor was removed from and has not again."""
        return frozenset(row["role"] for row in self._rows(_REMOVED, case_id=case_id, actor=actor))

    def involved(self, case_id: str, actor: str) -> set[tuple[str, str]]:
        """Give how an actor has to do with a case: (`holds`, role), (`held`, role), (`acted`, candidate group)."""
        acted = {t.group or "" for t in self.tasks_of(case_id) if t.completed_by == actor}
        found = {("acted", group) for group in acted} | {
            ("holds", role) for role in self.roles(case_id, actor)
        }
        return found | {("held", role) for role in self.removed_from(case_id, actor)}

    def roles(self, case_id: str, actor: str) -> frozenset[str]:
        """Give the roles of an actor in a case."""
        return frozenset(row["role"] for row in self._rows(_ROLES, case_id=case_id, actor=actor))

    def documents_of(self, case_id: str) -> list[Document]:
        """Give the documents of a case, in order of arrival."""
        return [records.document_from(row) for row in self._rows(_DOCUMENTS, case_id=case_id)]

    def documents(self, case_id: str) -> list[Document]:
        """Give the documents of a case, in order of arrival."""
        return self.documents_of(case_id)

    def document(self, document_id: str) -> Document | None:
        """Give a document by its id, if there is one."""
        row = self._row(_DOCUMENT, id=document_id)
        return records.document_from(row) if row else None

    def job(self, case_id: str, number: int) -> Job:
        """Give a job with its attempts; NotFound if there is none."""
        row = self._row(_JOB, case_id=case_id, number=number)
        if row is None:
            raise NotFound(f"Expected a job {number} of {case_id}, but there is none.")
        return records.job_from(row)

    def jobs_of(self, case_id: str) -> list[Job]:
        """Give the jobs of a case, in order of appearance."""
        return [records.job_from(row) for row in self._rows(_JOBS, case_id=case_id)]

    def timer(self, case_id: str, number: int) -> Timer | None:
        """Give a timer that has not fired and was not cancelled, if it is such."""
        row = self._row(_TIMER, case_id=case_id, number=number)
        return records.timer_from(row) if row else None

    def timers_of(self, case_id: str) -> list[Timer]:
        """Give the timers of a case that are still to fire, earliest first."""
        return [records.timer_from(row) for row in self._rows(_TIMERS, case_id=case_id)]

    def waits(
        self,
        case_id: str | None = None,
        *,
        kind: str,
        name: str | None = None,
        key: str | None = None,
        reach: str | None = None,
    ) -> list[Wait]:
        """Give the waits for a message or signal, of a name where one is given.

        `key` narrows to a correlation key, `case_id` to one case, `reach` to a case and all cases under it.
        """
        w = tables.wait.c
        statement = _WAITS.where(w.kind == kind)
        if name is not None:
            statement = statement.where(w.name == name)
        if key is not None:
            statement = statement.where(w.key == key)
        if case_id is not None:
            statement = statement.where(w.case_id == case_id)
        if reach is not None:
            below = [row["id"] for row in self._rows(_BELOW, reach=reach)]
            statement = statement.where(w.case_id == any_(bindparam("below", below)))
        return [records.wait_from(row) for row in self._rows(statement)]

    def incident(self, case_id: str, number: int) -> Incident:
        """Give an incident; NotFound if there is none."""
        row = self._row(_INCIDENT, case_id=case_id, number=number)
        if row is None:
            raise NotFound(f"Expected an incident {number} of {case_id}, but there is none.")
        return records.incident_from(row)

    def incidents_of(self, case_id: str) -> list[Incident]:
        """Give the incidents of a case, in order of appearance."""
        return [records.incident_from(row) for row in self._rows(_INCIDENTS, case_id=case_id)]

    def open_incidents(self) -> list[Incident]:
        """Give the open incidents of every case, oldest first."""
        return [records.incident_from(row) for row in self._rows(_OPEN_INCIDENTS)]
