"""Many small expressions are one large one: those of a page spend from one purse."""

import contextvars

import pytest

from app.definitions import expressions
from app.domain.errors import FormTooCostly
from app.feel import FeelLimitExceeded

COSTLY = "count(for i in 1..90000 return i * i)"


def test_the_expressions_of_a_page_share_a_purse() -> None:
    def page() -> int:
        expressions.begin_page()
        for done in range(60):
            try:
                assert expressions.value(COSTLY, {}) == 90_000
            except FormTooCostly:
                return done
        return 60

    assert 3 < contextvars.copy_context().run(page) < 12


def test_what_a_page_has_spent_is_not_taken_for_a_value() -> None:
    def page() -> None:
        expressions.begin_page()
        for _ in range(60):
            expressions.value_or(COSTLY, {}, None, default=False)

    with pytest.raises(FormTooCostly, match="at most 3000000 steps together"):
        contextvars.copy_context().run(page)


def test_one_expression_beyond_its_own_limit_is_still_an_error_of_feel() -> None:
    def page() -> None:
        expressions.begin_page()
        expressions.value("for i in 1..1000000000 return i", {})

    with pytest.raises(FeelLimitExceeded):
        contextvars.copy_context().run(page)


def test_without_a_page_each_expression_has_its_own_limits() -> None:
    for _ in range(12):
        assert expressions.value(COSTLY, {}) == 90_000
