"""Two drafts side by side: labels in the person's language, rows matched by what they say."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.definitions.forms import Around, load_form
from app.web.comparing import Line, compare

form = load_form(
    json.dumps(
        {
            "schemaVersion": 19,
            "type": "default",
            "id": "f",
            "components": [
                {"type": "textfield", "key": "a", "label": "Primo", "properties": {"label_en": "First"}},
                {
                    "type": "textfield",
                    "key": "b",
                    "label": "B",
                    "conditional": {"hide": "=true"},
                },
                {
                    "type": "dynamiclist",
                    "path": "righe",
                    "label": "Righe",
                    "properties": {"label_en": "Rows"},
                    "components": [
                        {"type": "textfield", "key": "c", "label": "C"},
                        {"type": "textfield", "key": "d", "label": "D"},
                    ],
                },
            ],
        }
    ).encode()
)


@pytest.fixture(autouse=True)
def speaking() -> Iterator[None]:
    site = Flask(__name__)
    Babel(site, default_locale="en")
    with site.test_request_context():
        yield


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Line]:
    around = Around({}, {}, datetime(2023, 5, 8, tzinfo=UTC), "en")
    return [line for line in compare(form, before, after, around) if line.change != "same"]


def rows(*pairs: str) -> dict[str, Any]:
    return {"righe": [dict(zip("cd", pair.split("/"), strict=True)) for pair in pairs]}


def test_an_answer_that_is_not_asked_at_the_moment_is_compared_too() -> None:
    assert differences({"a": "x", "b": "1"}, {"a": "y", "b": "2"}) == [
        Line(("First",), "x", "y"),
        Line(("B",), "1", "2"),
    ]


def test_a_row_that_is_taken_out_does_not_change_those_after_it() -> None:
    found = differences(rows("1/x", "2/y", "3/z"), rows("2/y", "3/z"))
    assert [(line.trail, line.change) for line in found] == [
        (("Rows", "row 1", "C"), "removed"),
        (("Rows", "row 1", "D"), "removed"),
    ]


def test_a_row_that_was_moved_up_and_changed_is_found_by_what_is_left_of_it() -> None:
    found = differences(rows("1/x", "2/y"), rows("2/yy", "4/w"))
    assert Line(("Rows", "row 1, before row 2", "D"), "y", "yy") in found
    assert {line.change for line in found} == {"removed", "changed", "added"}


def test_one_row_that_was_rewritten_is_one_that_changed() -> None:
    assert [line.change for line in differences(rows("1/x"), rows("2/y"))] == ["changed", "changed"]


pairs = st.lists(st.sampled_from(["1/x", "1/y", "2/x", "2/y", "/", "3/"]), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs, pairs)
@example(["/", "1/x"], ["1/x", "/"])
def test_every_row_stands_on_its_side_once(before: list[str], after: list[str]) -> None:
    around = Around({}, {}, datetime(2023, 5, 8, tzinfo=UTC), "en")
    lines = [line for line in compare(form, rows(*before), rows(*after), around) if "Rows" in line.trail]
    for side, given_rows in (("before", before), ("after", after)):
        said = sorted(getattr(line, side) for line in lines if getattr(line, side))
        assert said == sorted(word for row in given_rows for word in row.split("/") if word)
    assert (not differences(rows(*before), rows(*after))) == (before == after or said_same(before, after))


def said_same(before: list[str], after: list[str]) -> bool:
    return [row for row in before if row != "/"] == [row for row in after if row != "/"]
