"""What is written into history comes back as it was."""

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.feel.codec import from_tagged, to_tagged
from app.feel.errors import FeelValueError
from app.feel.far import fold
from app.feel.values import Function, Range, Sealed, YearsMonthsDuration

ROME = ZoneInfo("Europe/Rome")
FIRST, LAST = datetime.fromisoformat("0002-01-01"), datetime.fromisoformat("9998-01-01")
zones = st.sampled_from(
    [None, UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-3, minutes=-30)), ROME]
)


def without_idle_fold(moment: datetime | time) -> datetime | time:
    """Only where the clock is set back does a fold say anything."""
    first = moment.replace(fold=0)
    return first if first.utcoffset() == moment.utcoffset() else moment


simple = st.one_of(
    st.none(),
    st.booleans(),
    st.text(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.dates(),
    st.times(timezones=zones).map(without_idle_fold),
    st.datetimes(FIRST, LAST, timezones=zones).map(without_idle_fold),
    st.integers(1, 2_000_000).map(lambda cycles: fold(date(2000, 2, 29), cycles)),
    st.integers(-2_000_000, -6).map(lambda cycles: fold(datetime(2399, 12, 31, 23, tzinfo=ROME), cycles)),
    st.timedeltas(),
    st.integers(-(10**9), 10**9).map(YearsMonthsDuration),
    st.text(max_size=8).map(Sealed),
)
ranges = st.builds(Range, simple, simple, st.booleans(), st.booleans())
keys = st.text(max_size=4) | st.sampled_from(["@n", "@c", "@", "@p"])
values = st.recursive(
    simple | ranges,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


def shown(value: object) -> str:
    """Python's == takes 78 for 78.00, True for 1 and one zone for another; the text does not."""
    return repr(value)


@settings(max_examples=300)
@given(values)
def test_every_value_comes_back_from_json_as_it_was(value: object) -> None:
    assert shown(from_tagged(json.loads(json.dumps(to_tagged(value))))) == shown(value)


def test_the_format_of_each_kind_is_final() -> None:
    assert to_tagged(Decimal("12.50")) == {"@n": "12.50"}
    assert to_tagged(7) == {"@n": "7"}
    assert to_tagged(date(2023, 5, 8)) == {"@d": "2023-05-08"}
    assert to_tagged(time(10, 0)) == {"@t": "10:00:00"}
    rome = datetime(2023, 5, 8, 10, tzinfo=timezone(timedelta(hours=2)))
    assert to_tagged(rome) == {"@dt": "2023-05-08T10:00:00+02:00"}
    assert to_tagged(rome.astimezone(ROME)) == {"@dt": "2023-05-08T10:00:00+02:00[Europe/Rome]"}
    assert to_tagged(YearsMonthsDuration(12)) == {"@ym": "P1Y"}
    assert to_tagged(timedelta(days=3, hours=2)) == {"@dd": "P3DT2H"}
    assert to_tagged(-timedelta(seconds=90, milliseconds=500)) == {"@dd": "-PT1M30.5S"}
    assert to_tagged(Sealed("ab12")) == {"@p": "ab12"}
    assert to_tagged(Range(Decimal(1), None, True, False)) == {"@r": ["[", {"@n": "1"}, None, ")"]}


def test_a_context_that_looks_like_a_tag_is_not_taken_for_one() -> None:
    looks = {"@n": "12"}
    assert to_tagged(looks) == {"@c": {"@n": "12"}}
    assert from_tagged(to_tagged(looks)) == looks
    assert from_tagged(to_tagged({"@c": looks})) == {"@c": looks}


@pytest.mark.parametrize(
    "data",
    [
        {"@x": "1"},
        {"@n": "uno"},
        {"@n": "NaN"},
        {"@n": 12},
        {"@n": "1", "a": 2},
        {"@d": "2023-13-01"},
        3,
        1.5,
        {"@dd": "P"},
    ],
)
def test_a_broken_tag_is_refused(data: object) -> None:
    with pytest.raises(FeelValueError, match="Expected"):
        from_tagged(data)


@pytest.mark.parametrize("value", [1.5, object(), Function((), print), {1: "a"}, Decimal("NaN"), {"a": b"x"}])
def test_what_is_not_a_value_is_refused(value: object) -> None:
    with pytest.raises(FeelValueError, match="Expected"):
        to_tagged(value)


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    first = datetime(2023, 10, 29, 2, 30, tzinfo=ROME)
    for moment in (first, first.replace(fold=1)):
        back = from_tagged(to_tagged(moment))
        assert (back.fold, back.utcoffset()) == (moment.fold, moment.utcoffset())
