# mypy: disable-error-code="func-returns-value"
"""min, max, sum, mean, median, mode, stddev, product, all and any: over a list, or over the arguments themselves."""

from decimal import Decimal
from typing import Any

from app.feel.library.registry import over_list
from app.feel.limits import Run
from app.feel.operators import ordered
from app.feel.values import NUMBERS


def _extreme(run: Run, items: list[Any], sign: str) -> Any:
    if not items:
        return run.warn("an empty list has no least or greatest item")
    found = items[0]
    if len(items) == 1 and ordered(run, "<=", found, found) is None:
        return None
    for item in items[1:]:
        answer = ordered(run, sign, item, found)
        if answer is None:
            return None
        found = item if answer else found
    return found


@over_list("min", "any")
def least(run: Run, items: list[Any]) -> Any:
    """Give the least item."""
    return _extreme(run, items, "<")


@over_list("max", "any")
def greatest(run: Run, items: list[Any]) -> Any:
    """Give the greatest item."""
    return _extreme(run, items, ">")


def _total(items: list[Decimal]) -> Decimal:
    total = items[0]
    for item in items[1:]:
        total = NUMBERS.add(total, item)
    return total


@over_list("sum", "number")
def total(run: Run, items: list[Decimal]) -> Decimal | None:
    """Add up; null for an empty list."""
    return _total(items) if items else run.warn("an empty list has no sum")


@over_list("product", "number")
def product(run: Run, items: list[Decimal]) -> Decimal | None:
    """Multiply; null for an empty list."""
    if not items:
        return run.warn("an empty list has no product")
    found = items[0]
    for item in items[1:]:
        found = NUMBERS.multiply(found, item)
    return found


@over_list("mean", "number")
def mean(run: Run, items: list[Decimal]) -> Decimal | None:
    """Give the arithmetic mean; null for an empty list."""
    return _mean(items) if items else run.warn("an empty list has no mean")


def _mean(items: list[Decimal]) -> Decimal:
    return NUMBERS.divide(_total(items), Decimal(len(items)))


@over_list("median", "number")
def median(_run: Run, items: list[Decimal]) -> Decimal | None:
    """Give the middle item, or the mean of the two in the middle; null for an empty list."""
    if not items:
        return None
    ranked, middle = sorted(items), len(items) // 2
    return ranked[middle] if len(items) % 2 else _mean(ranked[middle - 1 : middle + 1])


@over_list("stddev", "number")
def stddev(run: Run, items: list[Decimal]) -> Decimal | None:
    """Give the standard deviation of a sample; null for fewer than two items."""
    if len(items) < 2:  # noqa: PLR2004 - a sample
        return run.warn("the standard deviation needs two items")
    centre = _mean(items)
    gaps = [NUMBERS.subtract(item, centre) for item in items]
    squares = _total([NUMBERS.multiply(gap, gap) for gap in gaps])
    return NUMBERS.sqrt(NUMBERS.divide(squares, Decimal(len(items) - 1)))


@over_list("mode", "number")
def mode(_run: Run, items: list[Decimal]) -> list[Decimal]:
    """Give the most frequent items, in rising order; nothing for an empty list."""
    counts: dict[Decimal, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(item for item, times in counts.items() if times == most)


def _ternary(run: Run, items: list[Any], decisive: bool) -> bool | None:
    if any(item is decisive for item in items):
        return decisive
    if all(type(item) is bool for item in items):
        return not decisive
    return run.warn("all and any take true and false")


@over_list("all", "any")
def all_of(run: Run, items: list[Any]) -> bool | None:
    """Whether every item is true: false as soon as one is false, else null where one is neither."""
    return _ternary(run, items, decisive=False)


@over_list("any", "any")
def any_of(run: Run, items: list[Any]) -> bool | None:
    """Whether some item is true: true as soon as one is true, else null where one is neither."""
    return _ternary(run, items, decisive=True)
