# mypy: disable-error-code="func-returns-value"
"""Functions over ranges and points (DMN 1.5, table 77). A range without an end on a side goes on for ever there."""

from collections.abc import Callable
from typing import Any

from app.feel.library.registry import builtin
from app.feel.limits import Run
from app.feel.operators import equal, included, kind_of, ordered
from app.feel.values import Range

Answer = bool | None


def _span(value: Any) -> Range:
    return value if type(value) is Range else Range(value, value)


def _less(run: Run, left: Any, right: Any) -> Answer:
    """Compare ends; an open end (None) is before or after nothing that can be told."""
    if left is None or right is None:
        return False
    return ordered(run, "<", left, right)


def _same(run: Run, left: Any, right: Any) -> Answer:
    return False if left is None or right is None else equal(run, left, right)


def _all(*answers: Answer) -> Answer:
    return None if None in answers else all(answers)


def _any(*answers: Answer) -> Answer:
    return None if None in answers else any(answers)


def _enter(name: str, points: str, says: str, answer: Callable[[Run, Any, Any], Answer]) -> None:
    """Enter a function; `points` tells which arguments may be points: `first`, `second`, `none`, `either`, both or neither (`equal`)."""

    def function(run: Run, left: Any, right: Any) -> Answer:
        first, second = type(left) is not Range, type(right) is not Range
        allowed = {
            "either": True,
            "first": not second,
            "second": not first,
            "none": not first and not second,
            "equal": first == second,
        }[points]
        if left is None or right is None or not allowed:
            return run.warn(f"{name} is not defined for {kind_of(left)} and {kind_of(right)}")
        return answer(run, left, right)

    function.__doc__ = f"Whether {says}."
    builtin(name, "any", "any")(function)


def _before(run: Run, left: Any, right: Any) -> Answer:
    first, second = _span(left), _span(right)
    touching = not (first.high_closed and second.low_closed)
    apart = _less(run, first.high, second.low)
    return _any(apart, _all(_same(run, first.high, second.low), touching))


def _after(run: Run, left: Any, right: Any) -> Answer:
    return _before(run, right, left)


def _meets(run: Run, left: Range, right: Range) -> Answer:
    return _all(_same(run, left.high, right.low), left.high_closed and right.low_closed)


def _overlaps(run: Run, left: Range, right: Range) -> Answer:
    first, second = _before(run, left, right), _before(run, right, left)
    return None if first is None or second is None else not first and not second


def _starts_earlier(run: Run, left: Range, right: Range) -> Answer:
    return _any(
        _less(run, left.low, right.low),
        _all(_same(run, left.low, right.low), left.low_closed and not right.low_closed),
    )


def _ends_earlier(run: Run, left: Range, right: Range) -> Answer:
    return _any(
        _less(run, left.high, right.high),
        _all(_same(run, left.high, right.high), not left.high_closed or right.high_closed),
    )


def _overlaps_before(run: Run, left: Range, right: Range) -> Answer:
    return _all(
        _starts_earlier(run, left, right), _overlaps(run, left, right), _ends_earlier(run, left, right)
    )


def _overlaps_after(run: Run, left: Range, right: Range) -> Answer:
    starts_later = _any(
        _less(run, right.low, left.low),
        _all(_same(run, left.low, right.low), right.low_closed and not left.low_closed),
    )
    ends_later = _any(
        _less(run, right.high, left.high),
        _all(_same(run, left.high, right.high), left.high_closed or not right.high_closed),
    )
    return _all(starts_later, _overlaps(run, left, right), ends_later)


def _finishes(run: Run, left: Any, right: Range) -> Answer:
    if type(left) is not Range:
        return _all(_same(run, left, right.high), right.high_closed)
    starts_within = _any(
        _less(run, right.low, left.low),
        _all(_same(run, left.low, right.low), not left.low_closed or right.low_closed),
    )
    return _all(left.high_closed == right.high_closed, _same(run, left.high, right.high), starts_within)


def _starts(run: Run, left: Any, right: Range) -> Answer:
    if type(left) is not Range:
        return _all(_same(run, left, right.low), right.low_closed)
    ends_within = _any(
        _less(run, left.high, right.high),
        _all(_same(run, left.high, right.high), not left.high_closed or right.high_closed),
    )
    return _all(left.low_closed == right.low_closed, _same(run, left.low, right.low), ends_within)


def _includes(run: Run, left: Range, right: Any) -> Answer:
    if type(right) is not Range:
        return included(run, right, left)
    low = _any(
        _less(run, left.low, right.low),
        _all(_same(run, left.low, right.low), left.low_closed or not right.low_closed),
    )
    high = _any(
        _less(run, right.high, left.high),
        _all(_same(run, left.high, right.high), left.high_closed or not right.high_closed),
    )
    return _all(low or left.low is None, high or left.high is None)


def _coincides(run: Run, left: Any, right: Any) -> Answer:
    if type(left) is not Range:
        return equal(run, left, right)
    closed = left.low_closed == right.low_closed and left.high_closed == right.high_closed
    return _all(_same(run, left.low, right.low), _same(run, left.high, right.high), closed)


_enter("before", "either", "the first ends before the second begins", _before)
_enter("after", "either", "the first begins after the second ends", _after)
_enter("meets", "none", "the first ends where the second begins, both ends included", _meets)
_enter(
    "met by",
    "none",
    "the first begins where the second ends, both ends included",
    lambda run, left, right: _meets(run, right, left),
)
_enter("overlaps", "none", "the ranges have a point in common", _overlaps)
_enter("overlaps before", "none", "the first begins earlier and ends within the second", _overlaps_before)
_enter("overlaps after", "none", "the first begins within the second and ends later", _overlaps_after)
_enter("finishes", "first", "the first ends where the second does, and lies within it", _finishes)
_enter(
    "finished by",
    "second",
    "the second ends where the first does, and lies within it",
    lambda run, left, right: _finishes(run, right, left),
)
_enter("includes", "second", "the second lies within the first", _includes)
_enter(
    "during",
    "first",
    "the first lies within the second",
    lambda run, left, right: _includes(run, right, left),
)
_enter("starts", "first", "the first begins where the second does, and lies within it", _starts)
_enter(
    "started by",
    "second",
    "the second begins where the first does, and lies within it",
    lambda run, left, right: _starts(run, right, left),
)
_enter("coincides", "equal", "the two are the same", _coincides)
