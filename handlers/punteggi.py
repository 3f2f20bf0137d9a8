"""Scores: totals, means and spreads, in exact decimals, rounded half up to the hundredth at the end."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.domain.errors import HandlerError
from app.handling import handler

HUNDREDTH = Decimal("0.01")

Row = dict[str, Any]


@handler("punteggi.consolida", inside=True)
def consolidate(schede: list[Row], criteri: list[Row]) -> Row:
    """Give each sheet's total, the means by criterion and of the totals, and the spreads.

    `scarto` is the widest distance between two totals, `scarto_max_ambito` that between two scores of one criterion that stands for an
    area. Raises the business error `punteggi.incompleti` where a sheet does not score every criterion once.
    """
    scored = [_scores(sheet["punteggi"], criteri) for sheet in schede]
    totals = [_total(scores, criteri) for scores in scored]
    columns = {one["codice"]: [scores[one["codice"]] for scores in scored] for one in criteri}
    areas = [one["codice"] for one in criteri if one["ambito"]]
    return {
        "schede": [
            {**sheet["posto"], "totale": _half_up(total), "punteggi": sheet["punteggi"]}
            for sheet, total in zip(schede, totals, strict=True)
        ],
        "criteri": [_criterion(one, columns[one["codice"]]) for one in criteri],
        "medie": [
            {"codice": code, "punteggio": _half_up(_mean(values))}
            for code, values in columns.items()
            if values
        ],
        "media": _half_up(_mean(totals)) if totals else None,
        "scarto": _spread(_half_up(total) for total in totals),
        "scarto_max_ambito": max((_spread(columns[code]) for code in areas), default=Decimal(0)),
    }


@handler("punteggi.totale", inside=True)
def total(righe: list[Row], criteri: list[Row], media: Decimal | None) -> Row:
    """Give the total of one set of scores, and the lowest share of a general criterion's maximum.

    `media`, where given, is the total: the mean of totals is exact, that of rounded means is not.
    """
    scores = _scores(righe, criteri)
    shares = [scores[one["codice"]] / one["max"] for one in criteri if not one["ambito"]]
    return {
        "righe": [{"codice": code, "punteggio": value} for code, value in scores.items()],
        "totale": media if media is not None else _half_up(_total(scores, criteri)),
        "min_rapporto": min(shares, default=Decimal(0)),
    }


def _scores(rows: list[Row], criteria: list[Row]) -> dict[str, Decimal]:
    scores = {row["codice"]: row["punteggio"] for row in rows}
    wanted = [one["codice"] for one in criteria]
    if sorted(scores) != sorted(wanted) or len(rows) != len(wanted):
        raise HandlerError(
            "punteggi.incompleti",
            f"Expected one score for each of {', '.join(wanted)}, but got {', '.join(scores) or 'none'}.",
        )
    return {code: scores[code] for code in wanted}


def _total(scores: dict[str, Decimal], criteria: list[Row]) -> Decimal:
    """Weigh each group of criteria: its points, of the most that they could be, times its weight."""
    found = Decimal(0)
    for group, weight in {one["gruppo"]: one["peso"] for one in criteria}.items():
        members = [one for one in criteria if one["gruppo"] == group]
        points = sum((scores[one["codice"]] for one in members), Decimal(0))
        found += weight * points / sum((one["max"] for one in members), Decimal(0))
    return found


def _criterion(one: Row, values: list[Decimal]) -> Row:
    return {
        "codice": one["codice"],
        "titolo": one["titolo"],
        "max": one["max"],
        "valori": values,
        "minimo": min(values, default=None),
        "massimo": max(values, default=None),
        "scarto": _spread(values),
    }


def _mean(values: list[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


def _spread(values: Iterable[Decimal]) -> Decimal:
    held = list(values)
    return max(held) - min(held) if held else Decimal(0)


def _half_up(value: Decimal) -> Decimal:
    return value.quantize(HUNDREDTH, ROUND_HALF_UP)
