# mypy: disable-error-code="func-returns-value"
"""What operators do with values: equality, order, arithmetic. Where they do nothing, the result is null and a warning."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, Overflow
from typing import Any

from app.feel import far, temporal
from app.feel.limits import Run
from app.feel.values import NUMBERS, Function, Range, Sealed, YearsMonthsDuration

MAX_DEPTH = 60
_NAMES: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    str: "string",
    Decimal: "number",
    datetime: "date and time",
    date: "date",
    far.FarDate: "date",
    far.FarInstant: "date and time",
    time: "time",
    timedelta: "days and time duration",
    YearsMonthsDuration: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
    Function: "function",
    Sealed: "sealed value",
}


def reason(broken: BaseException) -> str:
    """Say what was wrong with a calculation, for a warning."""
    if isinstance(broken, ZeroDivisionError):
        return "division by zero"
    return (
        "it is beyond what FEEL holds"
        if isinstance(broken, OverflowError | Overflow)
        else "it is not defined"
    )


def kind_of(value: Any) -> str:
    """Name the type of a value, for a warning."""
    return _NAMES.get(type(value), "value")


def equal(run: Run, left: Any, right: Any, depth: int = 0) -> bool | None:
    """Compare for equality: true, false, or null for values of different types (DMN 1.5, table 53)."""
    if left is None or right is None:
        return left is right
    kind = type(left)
    if kind is not type(right) and kind_of(left) != kind_of(right):
        run.warn(f"{kind_of(left)} = {kind_of(right)} compares different types")
        return None
    comparison = _EQUALITIES.get(kind)
    return bool(left == right) if comparison is None else comparison(run, left, right, depth)


def _equal_times(_run: Run, left: time, right: time, _depth: int) -> bool:
    return temporal.time_key(left) == temporal.time_key(right)


def _equal_days(_run: Run, left: Any, right: Any, _depth: int) -> bool:
    """Compare dates of far years, or date and times as instants; where only one has a zone they are not equal."""
    zones = [getattr(one, "tzinfo", None) is None for one in (left, right)]
    return zones[0] == zones[1] and far.order(left) == far.order(right)


def _equal_functions(run: Run, _left: Function, _right: Function, _depth: int) -> None:
    run.warn("functions are not compared")


def _equal_parts(run: Run, left: Any, right: Any, depth: int) -> bool:
    run.spend(1 + len(left))
    if depth > MAX_DEPTH or len(left) != len(right):
        return False
    if type(left) is list:
        return all(equal(run, a, b, depth + 1) is True for a, b in zip(left, right, strict=True))
    return all(key in right and equal(run, item, right[key], depth + 1) is True for key, item in left.items())


_EQUALITIES: dict[type, Callable[[Run, Any, Any, int], bool | None]] = {
    list: _equal_parts,
    dict: _equal_parts,
    time: _equal_times,
    datetime: _equal_days,
    far.FarDate: _equal_days,
    far.FarInstant: _equal_days,
    Function: _equal_functions,
}


def _order_key(value: Any) -> Any:
    if type(value) is time:
        return temporal.time_key(value)
    return far.order(value) if type(value) in _FAR else value


_FAR = frozenset({date, datetime, far.FarDate, far.FarInstant})
_ORDERED = frozenset({Decimal, str, date, datetime, time, timedelta, YearsMonthsDuration})


def ordered(run: Run, operator: str, left: Any, right: Any) -> bool | None:
    """Compare with < <= > >=: null for values of different types or without an order."""
    kind = type(left)
    if kind in _FAR and type(right) in _FAR and kind_of(left) == kind_of(right):
        kind = datetime if kind_of(left) == "date and time" else int
    elif kind is not type(right) or kind not in _ORDERED:
        run.warn(f"{kind_of(left)} {operator} {kind_of(right)} has no order")
        return None
    if (kind is datetime or kind is time) and (left.tzinfo is None) != (right.tzinfo is None):
        run.warn(f"{operator} compares a time with a zone and one without")
        return None
    left, right = _order_key(left), _order_key(right)
    if operator == "<":
        return bool(left < right)
    if operator == "<=":
        return bool(left <= right)
    return bool(left > right) if operator == ">" else bool(left >= right)


def included(run: Run, value: Any, span: Range) -> bool | None:
    """Whether a value lies within a range; an end that is None is open."""
    if span.low is None and span.high is None:
        return None
    answer: bool | None = True
    if span.low is not None:
        answer = ordered(run, ">=" if span.low_closed else ">", value, span.low)
    if answer and span.high is not None:
        answer = ordered(run, "<=" if span.high_closed else "<", value, span.high)
    return answer


def ranged(run: Run, span: Range) -> Any:
    """Check the ends of a new range: of one type with an order, and not the wrong way round."""
    ends = [end for end in (span.low, span.high) if end is not None]
    for end in ends:
        if ordered(run, "<=", end, end) is None:
            return None
    if len(ends) == 1 or (ends and ordered(run, "<=", span.low, span.high)):
        return span
    return run.warn("the ends of a range are of one type, the low one first")


def add(run: Run, left: Any, right: Any) -> Any:
    """`+`: numbers, strings, durations, and a date, time or date and time with a duration."""
    if type(left) is str and type(right) is str:
        return run.sized(left + right)
    return _arithmetic(run, "+", left, right)


def subtract(run: Run, left: Any, right: Any) -> Any:
    """`-`: as `+`, and the time between two dates, times, or date and times."""
    return _arithmetic(run, "-", left, right)


def multiply(run: Run, left: Any, right: Any) -> Any:
    """`*`: numbers, and a duration with a number."""
    return _arithmetic(run, "*", left, right)


def divide(run: Run, left: Any, right: Any) -> Any:
    """`/`: numbers, a duration by a number, a duration by one of its kind."""
    return _arithmetic(run, "/", left, right)


def power(run: Run, left: Any, right: Any) -> Any:
    """`**`: numbers."""
    return _arithmetic(run, "**", left, right)


def negate(run: Run, value: Any) -> Any:
    """`-` before a number or a duration."""
    if type(value) is Decimal:
        return NUMBERS.minus(value)
    if type(value) is timedelta:
        return -value
    if type(value) is YearsMonthsDuration:
        return YearsMonthsDuration(-value.months)
    return run.warn(f"- {kind_of(value)} is not defined")


def _arithmetic(run: Run, operator: str, left: Any, right: Any) -> Any:
    action = _ACTIONS[operator].get((type(left), type(right)))
    if action is None:
        return run.warn(f"{kind_of(left)} {operator} {kind_of(right)} is not defined")
    try:
        result = action(left, right)
    except (ArithmeticError, ValueError) as broken:
        return run.warn(f"{kind_of(left)} {operator} {kind_of(right)} has no result: {reason(broken)}")
    if result is None:
        run.warn(f"{operator} meets a time with a zone and one without")
    return result.copy_abs() if type(result) is Decimal and not result else result


def _months(value: YearsMonthsDuration) -> Decimal:
    return Decimal(value.months)


def _microseconds(value: timedelta) -> Decimal:
    return Decimal(value // temporal.MICROSECOND)


def _inverse(duration: Any, number: Decimal) -> Any:
    if isinstance(duration, YearsMonthsDuration):
        return temporal.bounded_months(NUMBERS.divide(_months(duration), number))
    quotient = NUMBERS.divide(_microseconds(duration), number)
    return timedelta(microseconds=int(NUMBERS.to_integral_value(quotient)))


_Table = dict[tuple[type, type], Callable[[Any, Any], Any]]
_NN, _DD, _YY = (Decimal, Decimal), (timedelta, timedelta), (YearsMonthsDuration, YearsMonthsDuration)
_ADD: _Table = {
    _NN: NUMBERS.add,
    _DD: lambda a, b: a + b,
    _YY: lambda a, b: YearsMonthsDuration(a.months + b.months),
}
_SUBTRACT: _Table = {
    _NN: NUMBERS.subtract,
    _DD: lambda a, b: a - b,
    _YY: lambda a, b: YearsMonthsDuration(a.months - b.months),
    (time, time): temporal.between_times,
}
for _day in (date, datetime, far.FarDate, far.FarInstant):
    _ADD[(_day, YearsMonthsDuration)] = lambda a, b: temporal.add_months(a, b.months)
    _ADD[(YearsMonthsDuration, _day)] = lambda a, b: temporal.add_months(b, a.months)
    _SUBTRACT[(_day, YearsMonthsDuration)] = lambda a, b: temporal.add_months(a, -b.months)
    for _other in (date, datetime, far.FarDate, far.FarInstant):
        _SUBTRACT[(_day, _other)] = temporal.between
for _when in (date, datetime, time, far.FarDate, far.FarInstant):
    _ADD[(_when, timedelta)] = temporal.add_days_time
    _ADD[(timedelta, _when)] = lambda a, b: temporal.add_days_time(b, a)
    _SUBTRACT[(_when, timedelta)] = lambda a, b: temporal.add_days_time(a, -b)
_MULTIPLY: _Table = {_NN: NUMBERS.multiply}
_DIVIDE: _Table = {
    _NN: NUMBERS.divide,
    _DD: lambda a, b: NUMBERS.divide(_microseconds(a), _microseconds(b)),
    _YY: lambda a, b: NUMBERS.divide(_months(a), _months(b)),
}
for _duration in (timedelta, YearsMonthsDuration):
    _MULTIPLY[(_duration, Decimal)] = temporal.scale
    _MULTIPLY[(Decimal, _duration)] = lambda a, b: temporal.scale(b, a)
    _DIVIDE[(_duration, Decimal)] = _inverse
_ACTIONS: dict[str, _Table] = {
    "+": _ADD,
    "-": _SUBTRACT,
    "*": _MULTIPLY,
    "/": _DIVIDE,
    "**": {_NN: NUMBERS.power},
}
