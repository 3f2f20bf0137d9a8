"""Whatever is written, nothing but an answer or an error of ours comes back."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.feel import FeelError, evaluate, evaluate_unary_tests
from app.feel.limits import Limits
from app.feel.names import SIGNATURES
from app.feel.values import Function, normalise

SMALL = Limits(steps=20_000)
NOW = datetime(2023, 5, 8, tzinfo=UTC)
WORDS = st.sampled_from(
    [
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "and",
        "or",
        "between",
        "instance",
        "of",
        "function",
        "not",
        "true",
        "false",
        "null",
        "item",
        "partial",
        "?",
        "a",
        "b",
        "x.y",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "..",
        ".",
        "+",
        "-",
        "*",
        "/",
        "**",
        "<",
        "<=",
        ">",
        ">=",
        "=",
        "!=",
        "->",
        "@",
        '"a"',
        '"P1D"',
        '"2023-05-08"',
        "1",
        "0",
        "-1",
        "2.5",
        "1E6000",
        "list<number>",
        "range<date>",
        "context<a:number>",
        "date",
        "and",
        "time",
        "external",
        "/*",
        "//",
        "\\",
        "'",
        '"',
    ]
)
VALUES = st.sampled_from(
    [
        "1", "0", "-1", "2.5", "1E6000", "1E-6000", "null", "true", '"a"', '"(a"', '""', "[]", "[1, 2]", '["a", null]',
        "{}", "{a: 1}", "[1..3]", "(> 5)", '@"2023-05-08"', '@"-0500-02-28"', '@"999999999-12-31"', '@"10:00:00Z"',
        '@"2023-05-08T10:00:00@Europe/Rome"', '@"9999-12-31T23:59:59"', '@"0001-01-01T00:00:00+14:00"', '@"P1D"',
        '@"-P999999999D"', '@"P999999999Y"', '@"PT0.000001S"', "(function(a, b) a < b)", "(function() 1)", "count",
    ]
)  # fmt: skip
SOAK = int(os.environ.get("PRATICA_SOAK", "1"))
"""How many times more `make soak` tries."""
OPERATORS = st.sampled_from(
    ["+", "-", "*", "/", "**", "<", ">=", "=", "!=", "and", "or", "in", "instance of date and -"]
)


def answer(call: Callable[[], Any]) -> Any:
    """Give what a call gives; an error of FEEL counts as null."""
    try:
        return call()
    except FeelError:
        return None


def is_feel(value: Any) -> bool:
    """Whether a value is one of FEEL's, with nothing of Python's within it."""
    return normalise(value) == value or type(value) is Function


@settings(max_examples=400 * SOAK, deadline=None)
@given(st.lists(WORDS, max_size=14).map(" ".join) | st.text(max_size=30))
def test_any_words_end_in_a_value_or_an_error_of_ours(text: str) -> None:
    assert is_feel(answer(lambda: evaluate(text, {"a": 1, "b": [2]}, NOW, SMALL)))
    assert is_feel(answer(lambda: evaluate_unary_tests(text, 1, {}, NOW, SMALL)))


@settings(max_examples=600 * SOAK, deadline=None)
@given(st.sampled_from(sorted(SIGNATURES)), st.lists(VALUES, max_size=4))
def test_any_built_in_takes_any_arguments(name: str, arguments: list[str]) -> None:
    assert is_feel(answer(lambda: evaluate(f"{name}({', '.join(arguments)})", {}, NOW, SMALL)))


@settings(max_examples=400 * SOAK, deadline=None)
@given(VALUES, OPERATORS, VALUES)
def test_any_operator_takes_any_values(left: str, operator: str, right: str) -> None:
    given = answer(lambda: evaluate(f"string({left} {operator} {right})", {}, NOW, SMALL))
    assert given is None or type(given) is str
