"""The policy table, row by row."""

import pytest

from app.domain import policy
from app.domain.actors import Actor
from app.domain.errors import NotAllowed, TaskNotOpen, TaskTaken
from app.domain.tasks import Task
from tests.small import start

member, other, outsider = (
    Actor("m", "M", groups=frozenset({"g"})),
    Actor("o", "O", groups=frozenset({"g"})),
    Actor("x", "X"),
)


def task(**fields: object) -> Task:
    given = {"group": "g", "group_kind": "office", "state": "open", **fields}
    return Task("C-1", 1, 1, "e", "E", None, opened_at=start, **given)


@pytest.mark.parametrize(
    ("who", "fields", "verbs"),
    [
        (member, {}, {"claim", "complete", "assign"}),
        (member, {"assignee": "m"}, {"release", "complete", "assign"}),
        (member, {"assignee": "o"}, {"assign"}),
        (outsider, {}, set()),
        (outsider, {"assignee": "x"}, {"release", "complete", "assign"}),
        (member, {"state": "completed"}, set()),
        (member, {"group_kind": "case_role"}, set()),
    ],
)
def test_who_may_do_what(who, fields, verbs):
    assert policy.allowed(who, task(**fields), frozenset()) == verbs


def test_a_case_role_counts_in_its_own_case_only():
    assert policy.allowed(outsider, task(group_kind="case_role"), {"g"}) == {"claim", "complete", "assign"}
    assert policy.allowed(member, task(group_kind="case_role"), frozenset()) == set()


@pytest.mark.parametrize(
    ("who", "fields", "error"),
    [
        (outsider, {}, NotAllowed),
        (member, {"assignee": "o"}, TaskTaken),
        (member, {"state": "cancelled"}, TaskNotOpen),
    ],
)
def test_the_refusal_names_its_reason(who, fields, error):
    with pytest.raises(error):
        policy.require(who, "complete", task(**fields), frozenset())
