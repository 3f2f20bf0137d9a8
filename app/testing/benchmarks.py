"""Benchmarks: modules of `tests/benchmarks`, each with a `run()` that measures as ratios within one run."""

import importlib
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from app.config import content_directory
from app.domain.errors import NotFound

Row = dict[str, Any]


def names() -> list[str]:
    """Give the benchmarks there are: those of the checkout; an installed wheel carries none."""
    folder = content_directory() / "tests" / "benchmarks"
    return sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))


def run(wanted: Iterable[str]) -> Iterator[Row]:
    """Run the benchmarks wanted, or all, and give their rows; NotFound names those there are."""
    known = names()
    chosen = [name for name in wanted if name != "all"] or known
    unknown = sorted(set(chosen) - set(known))
    if unknown or not known:
        raise NotFound(
            f"Expected one of the benchmarks {', '.join(known) or '(none: run from a checkout)'}, but got {', '.join(unknown)}."
        )
    sys.path.insert(0, str(content_directory()))
    for name in chosen:
        yield from importlib.import_module(f"tests.benchmarks.{name}").run()


def within(row: Row) -> bool:
    """Tell whether a row keeps its limit: at most, or at least where the unit ends in /s; no limit is always kept."""
    if row.get("limit") is None:
        return True
    value, limit = float(row["value"]), float(row["limit"])
    return value >= limit if str(row["unit"]).endswith("/s") else value <= limit
