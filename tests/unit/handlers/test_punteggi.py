"""Scores against an oracle in exact fractions, and the worked cases of the call."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import HandlerError
from handlers.punteggi import consolidate, total

MOST = {"G1": 15, "G2": 15, "G3": 10, "G4": 10, "A1": 10, "A2": 10, "A3": 10, "A5": 10}


def criteria(*areas: str) -> list[dict[str, Any]]:
    return [
        {
            "codice": code,
            "titolo": code,
            "gruppo": code[0],
            "peso": Decimal(50),
            "max": Decimal(most),
            "ambito": code[0] == "A",
        }
        for code, most in MOST.items()
        if code[0] == "G" or code in areas
    ]


def sheet(who: str, asked: list[dict[str, Any]], values: list[int]) -> dict[str, Any]:
    rows = [{"codice": one["codice"], "punteggio": Decimal(v)} for one, v in zip(asked, values, strict=True)]
    return {"posto": {"utente": who, "nome": who}, "punteggi": rows}


def exact(asked: list[dict[str, Any]], values: list[int]) -> Fraction:
    """Give the weighted total as the call's formula says it: G of 50, and 50 times the areas' points of their most."""
    general = sum(v for one, v in zip(asked, values, strict=True) if not one["ambito"])
    areas = [v for one, v in zip(asked, values, strict=True) if one["ambito"]]
    return Fraction(general) + Fraction(50 * sum(areas), 10 * len(areas))


def half_up(value: Fraction) -> Decimal:
    """Round a positive fraction half up to the hundredth, with whole numbers alone."""
    return Decimal((2 * value.numerator * 100 + value.denominator) // (2 * value.denominator)) / 100


CASES = [
    (
        ("A1", "A2", "A3"),
        [[13, 12, 8, 8, 9, 8, 7], [12, 12, 7, 8, 8, 8, 6], [13, 11, 8, 7, 9, 7, 7]],
        ("81.00", "75.67", "77.33"),
        ("78.00", "5.33", "1"),
    ),
    (
        ("A1", "A2", "A3", "A5"),
        [[12, 12, 8, 8, 8, 9, 7, 6], [7, 8, 5, 6, 5, 4, 5, 4], [11, 11, 7, 7, 7, 8, 6, 6]],
        ("77.50", "48.50", "69.75"),
        (None, "29.00", "5"),
    ),
    (
        ("A2", "A5"),
        [[8, 8, 5, 5, 6, 5], [9, 7, 5, 5, 6, 6], [8, 8, 4, 5, 5, 5]],
        ("53.50", "56.00", "50.00"),
        ("53.17", "6.00", "1"),
    ),
]


@pytest.mark.parametrize(("areas", "values", "totals", "sums"), CASES, ids=["case 1", "case 3", "case 2"])
def test_the_worked_cases_come_out_to_the_hundredth(
    areas: tuple[str, ...],
    values: list[list[int]],
    totals: tuple[str, ...],
    sums: tuple[str | None, str, str],
) -> None:
    asked = criteria(*areas)
    given_ = [sheet(str(n), asked, row) for n, row in enumerate(values)]
    found = consolidate(given_, asked)
    assert [str(one["totale"]) for one in found["schede"]] == list(totals)
    mean, spread, widest = sums
    assert mean is None or str(found["media"]) == mean
    assert (found["scarto"], found["scarto_max_ambito"]) == (Decimal(spread), Decimal(widest))


def test_agreed_scores_have_their_own_total() -> None:
    asked = criteria("A1", "A2", "A3", "A5")
    rows = sheet("x", asked, [11, 11, 7, 7, 7, 8, 6, 6])["punteggi"]
    assert total(rows, asked, None)["totale"] == Decimal("69.75")


@st.composite
def boards(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[list[int]]]:
    areas = draw(st.sets(st.sampled_from([c for c in MOST if c[0] == "A"]), min_size=1))
    asked = criteria(*areas)
    one = st.tuples(*(st.integers(0, int(c["max"])) for c in asked)).map(list)
    return asked, draw(st.lists(one, min_size=3, max_size=7))


@given(boards())
def test_totals_means_and_spreads_equal_exact_fractions_rounded_once(
    board: tuple[list[dict[str, Any]], list[list[int]]],
) -> None:
    asked, values = board
    found = consolidate([sheet(str(n), asked, row) for n, row in enumerate(values)], asked)
    true = [exact(asked, row) for row in values]
    assert [one["totale"] for one in found["schede"]] == [half_up(value) for value in true]
    assert found["media"] == half_up(sum(true, Fraction(0)) / len(true))
    assert found["scarto"] == half_up(max(true)) - half_up(min(true))
    columns = list(zip(*values, strict=True))
    areas = [n for n, one in enumerate(asked) if one["ambito"]]
    assert found["scarto_max_ambito"] == max(max(columns[n]) - min(columns[n]) for n in areas)
    lowest = min(Fraction(sum(columns[n]), len(values)) for n in range(len(asked)))
    assert min(row["punteggio"] for row in found["medie"]) == half_up(lowest)


@pytest.mark.parametrize("spoil", ["twice", "missing"])
def test_a_sheet_that_does_not_score_every_criterion_once_is_no_sheet(spoil: str) -> None:
    asked = criteria("A1")
    rows = sheet("x", asked, [1, 1, 1, 1, 1])["punteggi"]
    rows = [*rows, rows[0]] if spoil == "twice" else rows[1:]
    with pytest.raises(HandlerError, match="Expected one score for each"):
        total(rows, asked, None)
