"""A hostile expression ends soon, with an error of ours."""

import time

import pytest

from app.feel import FeelError, FeelLimitExceeded, FeelSyntaxError, FeelValueError, Limits, compile, evaluate  # noqa: A004
from tests.hostile import borne, refused

HANG = 20
"""Seconds of processor time after which a text counts as hanging: a guard, not a measure of speed."""


@pytest.mark.parametrize(
    "text",
    refused,
    ids=lambda text: text[:40],
)
def test_a_hostile_expression_ends_in_an_error_and_does_not_hang(text: str) -> None:
    began = time.process_time()
    with pytest.raises(FeelError):
        evaluate(text, {})
    assert time.process_time() - began < HANG


@pytest.mark.parametrize(
    "text",
    borne,
    ids=lambda text: text[:40],
)
def test_large_figures_and_long_texts_end_soon_too(text: str) -> None:
    began = time.process_time()
    evaluate(text, {})
    assert time.process_time() - began < HANG


def test_the_same_expression_ends_at_the_same_step_whatever_called_it() -> None:
    text, limits = "{f: function(n) if n = 0 then 0 else 1 + f(n - 1), r: f(30)}.r", Limits()

    def deeper(levels: int) -> object:
        return deeper(levels - 1) if levels else evaluate(text, {}, limits=limits)

    assert deeper(0) == deeper(200) == 30
    with pytest.raises(FeelLimitExceeded, match="nested at most 20"):
        evaluate(text, {}, limits=Limits(depth=20))


def test_a_wide_value_from_outside_is_measured() -> None:
    with pytest.raises(FeelLimitExceeded, match="at most 100 steps"):
        evaluate("count(a)", {"a": [1] * 1000}, limits=Limits(steps=100))


@pytest.mark.parametrize("value", [1.5, object(), b"x", [1.5], {1: 2}])
def test_a_value_that_is_not_feels_is_refused_when_it_is_read(value: object) -> None:
    with pytest.raises(FeelValueError, match="Expected"):
        evaluate("x", {"x": value})
    assert evaluate("1", {"x": value}) == 1


@pytest.mark.parametrize("path", ["__class__", "as_tuple", "__init__", "year.__class__", "items", "keys"])
def test_no_python_object_is_reachable(path: str) -> None:
    for value in ("x", 1, [1], {"a": 1}):
        assert evaluate(f"v.{path}", {"v": value}) in (None, [None])


@pytest.mark.parametrize(
    ("text", "line", "column", "expected", "hint"),
    [
        ("1 +", 1, 4, "a value", ""),
        ("a\n  == 2", 2, 4, "a value", "one ="),
        ("if a then b", 1, 12, "'else'", ""),
        ("if a than b else c", 1, 13, "'then'", "did you mean 'then' for 'than'"),
        ("for x im [1] return x", 1, 10, "'in'", "did you mean 'in'"),
        ("[1, 2", 1, 6, "']'", ""),
        ("(1 + 2", 1, 7, "')'", ""),
        ("{a 1}", 1, 5, "':'", ""),
        ("'abc'", 1, 1, "a value", "double quotation marks"),
        ('"abc', 1, 1, "a closing quotation mark", ""),
        ("every x in xs satisfied x", 1, 26, "'satisfies'", "'satisfied'"),
        ("a && b", 1, 3, "FEEL", "write: and"),
        ("", 1, 1, "a value", ""),
        ("1 2", 1, 3, "an operator or the end", ""),
    ],
)
def test_a_syntax_error_says_where_it_is_and_what_was_expected(
    text: str, line: int, column: int, expected: str, hint: str
) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile(text)
    assert (caught.value.line, caught.value.column) == (line, column), str(caught.value)
    assert expected in str(caught.value)
    assert hint in str(caught.value)


def test_long_strings_made_in_a_loop_are_paid_for() -> None:
    with pytest.raises(FeelLimitExceeded, match="steps"):
        evaluate("for i in 1..300 return string length(a + a)", {"a": "x" * 400_000})
