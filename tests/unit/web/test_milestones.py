"""What an applicant reads of the history: each state at the day it came."""

from datetime import UTC, datetime
from types import SimpleNamespace

from app.web.portal import milestones


def moment(kind, day):
    return SimpleNamespace(type=kind, recorded_at=datetime(2023, 6, day, 10, tzinfo=UTC))


def test_a_state_that_came_later_has_a_date_of_its_own():
    decided, listed = moment("TaskCompleted", 14), moment("CaseStateChanged", 28)
    steps = milestones([decided, moment("CaseStateChanged", 14), listed], lambda m: m.type)
    assert [(s.moment.recorded_at.day, s.follows) for s in steps] == [(28, []), (14, ["CaseStateChanged"])]
