"""FEEL and decision tables (design: 10 microseconds evaluated, 300 compiled, 150 a table), each beside Python doing the same."""

import ast
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from app import feel
from app.dmn.model import Model
from tests.hostile import borne, refused

SAMPLES, ROUNDS = 400, 50
TEXT = 'punteggio >= 60 and list contains(ambiti, "A2")'
IN_PYTHON = 'punteggio >= 60 and "A2" in ambiti'
RULES = 20
SIXTY = Decimal(60)
DIMENSIONS = ("micro", "piccola", "media", "grande")


def table() -> str:
    """Draw a UNIQUE table of 20 rules and 4 inputs: five bands of points for each of four sizes of enterprise."""
    columns = [("punti", "number"), ("dimensione", "string"), ("recepita", "boolean"), ("soglia", "number")]
    drawn = "".join(
        f'<input label="{name}"><inputExpression typeRef="{kind}"><text>{name}</text></inputExpression></input>'
        for name, kind in columns
    )
    for number in range(RULES):
        band, size = number // 4 * 20, DIMENSIONS[number % 4]
        cells = [f"[{band}..{band + 20})", f'"{size}"', "true", "&gt;= 50"]
        entries = "".join(f"<inputEntry><text>{cell}</text></inputEntry>" for cell in cells)
        drawn += f"<rule>{entries}<outputEntry><text>{number}</text></outputEntry></rule>"
    inputs = "".join(
        f'<inputData id="{name}" name="{name}"><variable name="{name}" typeRef="{kind}"/></inputData>'
        for name, kind in columns
    )
    needed = "".join(
        f'<informationRequirement><requiredInput href="#{name}"/></informationRequirement>'
        for name, _ in columns
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="urn:m">'
        f'{inputs}<decision id="d" name="d"><variable name="d"/>{needed}'
        f'<decisionTable hitPolicy="UNIQUE">{drawn.replace("<rule>", "<output/><rule>", 1)}</decisionTable></decision></definitions>'
    )


def by_hand(given: dict[str, Any]) -> int | None:
    """Do in Python what the table does: every rule is looked at, as UNIQUE asks."""
    found = [
        number
        for number in range(RULES)
        if number // 4 * 20 <= given["punti"] < number // 4 * 20 + 20
        and given["dimensione"] == DIMENSIONS[number % 4]
        and given["recepita"]
        and given["soglia"] >= 50
    ]
    return found[0] if found else None


def timed(one: Callable[[], object], other: Callable[[], object]) -> tuple[list[float], list[float]]:
    """Time two functions in turn; gives microseconds of one call each."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(SAMPLES):
        for function, kept in ((one, times[0]), (other, times[1])):
            begin = perf_counter()
            for _ in range(ROUNDS):
                function()
            kept.append((perf_counter() - begin) / ROUNDS * 1e6)
    return times


def line(name: str, limit: float, one: Callable[[], object], other: Callable[[], object]) -> dict[str, Any]:
    """Give a row of the report."""
    ours, python = timed(one, other)
    beside = {
        "python_us": round(median(python), 3),
        "ratio_to_python": round(median(ours) / median(python), 2),
    }
    p95 = round(quantiles(ours, n=20)[-1], 2)
    value = round(median(ours), 2)
    return {
        "name": name,
        "value": value,
        "unit": "us",
        "limit": limit,
        "n": SAMPLES,
        "p95": p95,
        "beside": beside,
    }


def hostile() -> list[dict[str, Any]]:
    """Measure the text that takes longest, and the one that takes most memory, of those made to hang."""
    times, peaks = [], []
    for text in (*refused, *borne):
        begin = perf_counter()
        _survived(text)
        times.append((perf_counter() - begin) * 1000)
        tracemalloc.start()
        _survived(text)
        peaks.append(tracemalloc.get_traced_memory()[1] / 2**20)
        tracemalloc.stop()
    n, texts = len(times), (*refused, *borne)
    worst, largest = times.index(max(times)), peaks.index(max(peaks))
    return [
        {"name": "feel.hostile.time", "value": round(times[worst], 1), "unit": "ms", "limit": 500, "n": n, "p95": round(quantiles(times, n=20)[-1], 1), "beside": texts[worst][:60]},
        {"name": "feel.hostile.memory", "value": round(peaks[largest], 1), "unit": "MB", "limit": 64, "n": n, "p95": round(quantiles(peaks, n=20)[-1], 1), "beside": texts[largest][:60]},
    ]  # fmt: skip


def _survived(text: str) -> None:
    try:
        feel.evaluate(text, {})
    except feel.FeelError:
        return


def run() -> list[dict[str, Any]]:
    """Measure evaluation, compilation and a table."""
    given = {"punteggio": Decimal(65), "ambiti": ["A1", "A2", "A3"]}
    compiled = feel.compile(TEXT)
    row = {"punti": Decimal(71), "dimensione": "media", "recepita": True, "soglia": Decimal(60)}
    model = Model.parse(table().encode())
    decision = model.find("d", "decision")
    if compiled(given) is not True or model.evaluate(decision.name, row).output != by_hand(row):
        raise AssertionError("Expected both sides to give the same, but they differ")
    return [
        line("feel.evaluate", 10, lambda: compiled(given), lambda: given["punteggio"] >= SIXTY and "A2" in given["ambiti"]),  # type: ignore[operator]
        line("feel.compile", 300, lambda: feel.compile(TEXT), lambda: ast.parse(IN_PYTHON, mode="eval")),
        line("dmn.table", 150, lambda: model.evaluate("d", row), lambda: by_hand(row)),
        *hostile(),
    ]  # fmt: skip
