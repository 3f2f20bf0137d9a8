"""Domain objects from rows."""

from sqlalchemy import Case as Choice
from sqlalchemy import RowMapping, and_, case, exists, select

from app.domain.actors import Actor, Capability
from app.domain.cases import Case, Document, Instance, Party
from app.domain.jobs import Incident, Job, Message, Timer, Wait
from app.domain.numbers import Numbers
from app.domain.tasks import Task
from app.store import tables

CASE_COLUMNS = [c for c in tables.case.c if c.name != "search"]
TASK_COLUMNS = [c for c in tables.task.c if c.name != "search"]


def _instance_state() -> Choice[str]:
    """An instance with an open incident is in state `incident` until someone resolves it."""
    stuck = exists().where(
        and_(
            tables.incident.c.case_id == tables.instance.c.case_id,
            tables.incident.c.instance == tables.instance.c.number,
            tables.incident.c.state == "open",
        )
    )
    return case(
        (and_(tables.instance.c.state == "running", stuck), "incident"), else_=tables.instance.c.state
    )


INSTANCE_COLUMNS = [
    *(c for c in tables.instance.c if c.name not in {"state", "snapshot"}),
    _instance_state().label("state"),
]

JOBS = select(tables.job, tables.job_attempt.c.attempts, tables.job_attempt.c.last_error).join_from(
    tables.job,
    tables.job_attempt,
    and_(
        tables.job.c.case_id == tables.job_attempt.c.case_id,
        tables.job.c.number == tables.job_attempt.c.number,
    ),
    isouter=True,
)


def case_from(row: RowMapping) -> Case:
    """Give a case from its row."""
    return Case(
        row["id"],
        row["kind"],
        row["state"],
        row["opened_at"],
        row["under"],
        row["title"],
        row["record"],
        row["seq"],
        Numbers(*row["numbers"]),
    )


def party_from(row: RowMapping) -> Party:
    """Give a party from its row."""
    return Party(row["case_id"], row["role"], row["actor"])


def instance_from(row: RowMapping) -> Instance:
    """Give an instance from its row, without its snapshot."""
    values = {
        name: row[name]
        for name in ("case_id", "number", "process", "bundle", "state", "started_at", "ended_at")
    }
    return Instance(**values, ends=tuple(row["ends"]))


def task_from(row: RowMapping) -> Task:
    """Give a task from its row."""
    values = {name: value for name, value in row.items() if name not in {"group_name", "search"}}
    return Task(**values, group=row["group_name"])


def job_from(row: RowMapping) -> Job:
    """Give a job from its row and that of its attempts."""
    values = dict(row)
    attempts, error = values.pop("attempts"), values.pop("last_error")
    return Job(**values, attempts=attempts or 0, last_error=error or "")


def timer_from(row: RowMapping) -> Timer:
    """Give a timer from its row."""
    return Timer(row["case_id"], row["number"], row["instance"], row["element"], row["due"])


def wait_from(row: RowMapping) -> Wait:
    """Give a wait from its row."""
    return Wait(**row)


def message_from(row: RowMapping) -> Message:
    """Give a kept message from its row."""
    return Message(row["id"], row["name"], row["key"], row["payload"], row["source"])


def incident_from(row: RowMapping) -> Incident:
    """Give an incident from its row."""
    return Incident(**row)


def document_from(row: RowMapping) -> Document:
    """Give a document from its row."""
    return Document(**{name: value for name, value in row.items() if name != "seq"})


def person_from(row: RowMapping) -> Actor:
    """Give a person from their row."""
    return Actor(
        id=row["id"],
        name=row["name"],
        email=row["email"],
        groups=frozenset(row["groups"]),
        capabilities=frozenset(Capability(name) for name in row["capabilities"]),
        language=row["language"],
        organisation=row["organisation"],
    )
