"""Numbers, dates and times as people type them."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.definitions.forms import literals
from app.definitions.forms.literals import ROME, Unreadable

numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=4)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1234,5", "1234.5"),
        ("1234.5", "1234.5"),
        ("1.234,50", "1234.50"),
        ("1 234,5", "1234.5"),
        ("1,234.56", "1234.56"),
        ("1.234.567", "1234567"),
        ("-3", "-3"),
        ("\u22123,5", "-3.5"),
        (",5", "0.5"),
        ("0,005", "0.005"),
    ],
)
def test_comma_and_point_are_both_read(typed: str, value: str) -> None:
    read = literals.read_number(typed)
    assert (read, str(read)) == (Decimal(value), value)


@pytest.mark.parametrize(
    "typed", ["", "-", ",", "1e5", "NaN", "1,2,3", "12.34.567", "1.23.4,5", "dieci", "٣"]
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(Unreadable):
        literals.read_number(typed)


def test_too_many_decimals_are_refused_and_never_rounded() -> None:
    with pytest.raises(Unreadable) as refused:
        literals.read_number("1,005", 2)
    assert refused.value.code == "thousands"
    with pytest.raises(Unreadable) as refused:
        literals.read_number("0,005", 2)
    assert (refused.value.code, refused.value.values) == ("decimals", {"most": 2, "count": 3})
    with pytest.raises(Unreadable) as refused:
        literals.read_number("5,5", 0)
    assert refused.value.code == "whole"


@pytest.mark.parametrize("typed", ["1.234", "12.345", "-123.456", " 1.234 ", "+1.000"])
def test_a_point_before_three_digits_could_be_two_numbers(typed: str) -> None:
    with pytest.raises(Unreadable) as refused:
        literals.read_number(typed)
    assert refused.value.code == "point"


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1,234", "1.234"),
        ("1234", "1234"),
        ("0.125", "0.125"),
        ("1234.567", "1234.567"),
        ("1.2340", "1.2340"),
        ("1.234,0", "1234.0"),
    ],
)
def test_what_can_be_one_number_only_is_read(typed: str, value: str) -> None:
    assert str(literals.read_number(typed)) == value


def test_three_decimals_are_written_so_that_they_are_read_back() -> None:
    for language in ("it", "en"):
        assert literals.read_number(literals.write(Decimal("1.234"), language)) == Decimal("1.234")
    assert literals.show(Decimal("1.234"), "en") == "1.234"
    assert literals.read_number("1.234", 3) == Decimal("1.234")


def test_a_number_beyond_the_digits_of_feel_is_refused() -> None:
    assert literals.read_number("9" * 34)
    with pytest.raises(Unreadable):
        literals.read_number("9" * 35)


@settings(max_examples=200)
@given(numbers, st.sampled_from(["it", "en"]))
def test_a_number_written_into_its_field_is_read_back_unchanged(number: Decimal, language: str) -> None:
    written = literals.write(number, language)
    assert literals.read_number(written) == number


@settings(max_examples=200)
@given(st.text(max_size=20))
def test_no_text_breaks_a_reader(text: str) -> None:
    for read in (literals.read_number, literals.read_date, literals.read_time, literals.read_moment):
        try:
            read(text)
        except Unreadable:
            continue


def test_dates_are_read_as_browsers_and_as_italians_write_them() -> None:
    assert literals.read_date("2023-05-08") == literals.read_date("08/05/2023") == date(2023, 5, 8)
    with pytest.raises(Unreadable):
        literals.read_date("31/02/2023")


def test_a_moment_without_an_offset_is_of_rome() -> None:
    moment = literals.read_moment("2023-05-08T09:00")
    assert moment == datetime(2023, 5, 8, 7, 0, tzinfo=UTC)
    assert moment.tzinfo is ROME
    assert literals.read_moment("2023-05-08T09:00:00+02:00") == moment
    assert literals.read_moment("2023-05-08T07:00:00Z") == moment


def test_an_hour_that_summer_time_skips_is_refused() -> None:
    with pytest.raises(Unreadable) as refused:
        literals.read_moment("2023-03-26T02:30")
    assert refused.value.code == "skipped_hour"


@settings(max_examples=100)
@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_a_moment_written_into_its_field_is_read_back_but_in_the_hour_that_comes_twice(
    moment: datetime,
) -> None:
    local = moment.astimezone(ROME)
    read = literals.read_moment(literals.write(moment))
    assert read == local.replace(fold=0)
    assert time.fromisoformat(literals.write(local.time())) == local.time()
