"""Instances that cannot go on without a person's help."""

from typing import Any

from app.domain.actors import Actor, Capability
from app.domain.errors import NotAllowed
from app.domain.events import IncidentResolved
from app.domain.jobs import Incident
from app.services.course import Course
from app.services.house import House
from app.services.tasks import least_reason
from app.services.use_case import query, use_case
from app.store.queries import Queries
from app.store.unit_of_work import UnitOfWork


def require_operator(by: Actor) -> None:
    """Raise NotAllowed unless the actor is an operator or the system."""
    if not by.is_system and Capability.operator not in by.capabilities:
        raise NotAllowed(f"Expected an operator, but {by.name} is not one.", reason="not_operator")


@query
def open_list(house: House, reader: Queries, by: Actor) -> list[Incident]:
    """Give the open incidents, oldest first."""
    require_operator(by)
    return reader.open_incidents()


@use_case
def resolve(
    house: House,
    uow: UnitOfWork,
    case_id: str,
    number: int,
    reason: str,
    by: Actor,
    variables: dict[str, Any] | None = None,
) -> None:
    """Try the element again, with corrected variables where given; a reason is kept in the history."""
    require_operator(by)
    if len(reason.strip()) < least_reason:
        raise NotAllowed(
            "Expected a reason of at least 3 characters, but there is none.", reason="reason_missing"
        )
    case = uow.lock_case(case_id)
    incident = uow.incident(case_id, number)
    if incident.state != "open":
        raise NotAllowed(
            f"Expected incident {number} of {case_id} to be open, but it was resolved.",
            reason="incident_closed",
        )
    course = Course(house, uow, case, by.id)
    course.feed(incident.instance, IncidentResolved(number, reason.strip(), variables or {}))
    course.settle()
