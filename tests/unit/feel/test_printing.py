"""What is printed is read as the same tree again, and gives the same value."""

import os
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.feel import FeelError, parse, parse_unary_tests, printed
from app.feel.evaluation import compile_tree
from app.feel.kinds import ContextKind, FunctionKind, Kind, ListKind, RangeKind
from app.feel.limits import Limits, Run
from app.feel.names import SIGNATURES
from app.feel.syntax import (
    Between,
    Binary,
    Call,
    ContextLiteral,
    Filter,
    For,
    FunctionDefinition,
    If,
    In,
    InstanceOf,
    Iteration,
    ListLiteral,
    Literal,
    Name,
    Negate,
    Path,
    Quantified,
    RangeLiteral,
    UnaryTest,
    UnaryTests,
)
from app.feel.text import written
from app.feel.values import NUMBERS, YearsMonthsDuration

SOAK = int(os.environ.get("PRATICA_SOAK", "1"))
SMALL = Limits(steps=20_000)
NOW = datetime(2023, 5, 8, tzinfo=UTC)
CONTEXT: dict[str, Any] = {
    "a": Decimal(3), "b": "testo", "lista": [Decimal(1), None, "x"], "c": {"a": Decimal(1), "anno base": date(2020, 2, 29)},
    "Monthly Salary": Decimal("2500.10"), "a-b": True,
}  # fmt: skip
NAMES = [*CONTEXT, "x", "item", "anno base"]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**9).map(NUMBERS.plus),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.dates(),
    st.times(timezones=st.sampled_from([None, UTC])),
    st.datetimes(timezones=st.sampled_from([None, UTC, ZoneInfo("Europe/Rome")])),
    st.timedeltas(timedelta(-9999), timedelta(9999)),
    st.integers(-99999, 99999).map(YearsMonthsDuration),
).map(Literal)
TYPES = st.recursive(
    st.sampled_from(["number", "string", "date and time", "years and months duration", "Any"]).map(Kind),
    lambda inner: st.one_of(
        inner.map(lambda kind: ListKind("list", kind)),
        inner.map(lambda kind: RangeKind("range", kind)),
        st.tuples(inner).map(lambda kinds: ContextKind("context", (("a", kinds[0]),))),
        st.tuples(inner, inner).map(lambda kinds: FunctionKind("function", (kinds[0],), kinds[1])),
    ),
    max_leaves=3,
)
BUILTINS = st.sampled_from(sorted(set(SIGNATURES) - {"not"}))


def _several(inner: Any, most: int = 3) -> Any:
    return st.lists(inner, max_size=most)


def _tests(inner: Any) -> Any:
    return st.builds(UnaryTest, st.sampled_from(["in", "<", "<=", ">", ">=", "=", "!="]), inner)


def _rounds(inner: Any) -> Any:
    return st.lists(st.builds(Iteration, st.just("x"), inner, st.none() | inner), min_size=1, max_size=2)


def _larger(inner: Any) -> Any:
    name = st.sampled_from(NAMES).map(Name)
    operator = st.sampled_from([*"+-*/<>=", "**", "<=", ">=", "!=", "and", "or"])
    pairs = st.lists(
        st.tuples(st.sampled_from(["a", "x", "due parole", "a-b", "if", 'con "segni"']), inner), max_size=3
    )
    two = st.booleans()
    ends = st.builds(RangeLiteral, inner, inner, two, two)
    half = st.one_of(
        st.builds(RangeLiteral, st.none(), inner, st.just(False), two),
        st.builds(RangeLiteral, inner, st.none(), two, st.just(False)),
    )
    return st.one_of(
        st.builds(Binary, operator, inner, inner),
        st.builds(Negate, inner),
        st.builds(Between, inner, inner, inner),
        st.builds(In, inner, st.lists(_tests(inner), min_size=1, max_size=3)),
        st.builds(If, inner, inner, inner),
        st.builds(Path, inner, st.sampled_from(["a", "year", "anno base"])),
        st.builds(Filter, inner, inner),
        st.builds(ListLiteral, _several(inner)),
        st.builds(ContextLiteral, pairs),
        st.builds(Call, BUILTINS.map(Name), _several(inner)),
        st.builds(Call, inner, st.tuples(inner).map(list), st.none() | st.just(["x"])),
        st.builds(For, _rounds(inner), inner),
        st.builds(Quantified, two, _rounds(inner), inner),
        st.builds(FunctionDefinition, st.just(["x"]), st.tuples(TYPES).map(list), inner),
        st.builds(InstanceOf, inner, TYPES),
        ends,
        half,
        name,
    )


TREES = st.recursive(VALUES | st.sampled_from(NAMES).map(Name), _larger, max_leaves=12)


def plain(node: Any) -> Any:
    """Forget where names stood, and how a number was written."""
    if isinstance(node, Name):
        return ("Name", node.name)
    if isinstance(node, Literal):
        return ("Literal", type(node.value), node.value)
    if isinstance(node, list | tuple):
        return [plain(each) for each in node]
    if hasattr(node, "__slots__"):
        return (type(node).__name__, [plain(getattr(node, slot)) for slot in node.__slots__])
    return node


def outcome(tree: Any) -> Any:
    """Give what evaluating a tree comes to: a value as text, or the kind of error."""
    try:
        run = compile_tree(tree).with_warnings(CONTEXT, NOW, SMALL)
    except FeelError as error:
        return type(error)
    return run.warnings, type(run.value), written(Run(), run.value)


@settings(max_examples=600 * SOAK, deadline=None)
@given(TREES)
def test_a_random_expression_is_read_as_it_was_printed_and_evaluates_alike(tree: Any) -> None:
    again = parse(printed(tree), NAMES)
    assert plain(again) == plain(tree)
    assert outcome(again) == outcome(tree)


@settings(max_examples=200 * SOAK, deadline=None)
@given(st.builds(UnaryTests, st.lists(_tests(TREES), max_size=3)), st.booleans())
def test_a_random_cell_is_read_as_it_was_printed(cell: UnaryTests, negated: bool) -> None:
    cell.negated = negated and bool(cell.tests)
    assert plain(parse_unary_tests(printed(cell), NAMES)) == plain(cell)


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("((1 + 2)) * 3", "(1 + 2) * 3"),
        ("1 + (2 * 3)", "1 + 2 * 3"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) - c", "a - b - c"),
        ("-(a ** 2)", "-(a ** 2)"),
        ("- a ** 2", "-a ** 2"),
        ("if(x > 1)then(1)else(2)", "if x > 1 then 1 else 2"),
        ("(if a then b else c) + 1", "(if a then b else c) + 1"),
        ("]1..5[", "(1..5)"),
        ('{"a b": 1, c: "d\\n"}', '{"a b": 1, c: "d\\n"}'),
        ("not(a) and (b or c)", "not(a) and (b or c)"),
        ("x between 1 and 2 + 3", "x between 1 and 2 + 3"),
        ("substring(string: s, start position: 2)", "substring(string: s, start position: 2)"),
        ("x[y > 1].z(1)", "x[y > 1].z(1)"),
    ],
)
def test_an_expression_is_printed_with_the_parentheses_it_needs(text: str, again: str) -> None:
    assert printed(parse(text)) == again


def test_dates_times_and_durations_are_printed_as_they_are_written() -> None:
    for value in (date(2023, 5, 8), time(9, 30), timedelta(days=3, hours=2), YearsMonthsDuration(-18)):
        assert parse(printed(Literal(value))) == Literal(value)
