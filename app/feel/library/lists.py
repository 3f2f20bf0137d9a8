# mypy: disable-error-code="func-returns-value"
"""Functions over lists (DMN 1.5, 10.3.4.4 and 10.3.4.10). Positions count from 1, from the end if negative."""

from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from app.feel.calls import invoke
from app.feel.library.registry import ABSENT, builtin
from app.feel.limits import Run
from app.feel.operators import equal, ordered
from app.feel.values import Function


@builtin("list contains", "list", "any")
def list_contains(run: Run, items: list[Any], element: Any) -> bool:
    """Whether a list has an element."""
    run.spend(len(items))
    return any(_same(run, item, element) for item in items)


def _same(run: Run, left: Any, right: Any) -> bool:
    """Compare where a difference of type is just a difference, and no reason to warn."""
    if type(left) is not type(right):
        return False
    return equal(run, left, right) is True


@builtin("count", "list")
def count(_run: Run, items: list[Any]) -> Decimal:
    """Count the items."""
    return Decimal(len(items))


@builtin("sublist", "list", "number", "number?")
def sublist(run: Run, items: list[Any], start: Decimal, length: Any = ABSENT) -> list[Any] | None:
    """Give the items from a position."""
    begin = _index(run, items, start)
    if begin is None:
        return None
    end = len(items) if length is ABSENT else begin + int(length)
    if end > len(items) or end < begin:
        return run.warn("sublist takes a length that the list has")
    run.counted(end - begin)
    return items[begin:end]


def _index(run: Run, items: list[Any], position: Decimal) -> int | None:
    place = int(position)
    if not 1 <= abs(place) <= len(items):
        return run.warn(f"the list of {len(items)} has no position {position}")
    return place - 1 if place > 0 else len(items) + place


def _append(run: Run, arguments: list[Any]) -> list[Any]:
    first, *others = arguments
    items = first if type(first) is list else [first]
    run.counted(len(items) + len(others))
    return [*items, *others]


@builtin("append", "list", "any...")
def append(run: Run, items: list[Any], *others: Any) -> list[Any]:
    """Give a list with items added at its end."""
    return _append(run, [items, *others])


def _joined(run: Run, lists: tuple[Any, ...], name: str) -> list[Any] | None:
    joined: list[Any] = []
    for one in lists:
        if one is None:
            return run.warn(f"{name} takes lists, not null")
        part = one if type(one) is list else [one]
        run.counted(len(joined) + len(part))
        joined += part
    return joined


@builtin("concatenate", "any", "any...")
def concatenate(run: Run, *lists: Any) -> list[Any] | None:
    """Give the lists one after the other."""
    return _joined(run, lists, "concatenate")


@builtin("union", "any", "any...")
def union(run: Run, *lists: Any) -> list[Any] | None:
    """Give the lists one after the other, each value once."""
    joined = _joined(run, lists, "union")
    return None if joined is None else _distinct(run, joined)


@builtin("distinct values", "list")
def distinct_values(run: Run, items: list[Any]) -> list[Any]:
    """Give each value once, where it comes first."""
    return _distinct(run, items)


def _distinct(run: Run, items: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for item in items:
        run.spend(1 + len(kept) // 4)
        if not any(_same(run, item, other) for other in kept):
            kept.append(item)
    return kept


@builtin("insert before", "list", "number", "any")
def insert_before(run: Run, items: list[Any], position: Decimal, item: Any) -> list[Any] | None:
    """Give a list with an item put before a position."""
    index = _index(run, items, position)
    if index is None:
        return None
    run.counted(len(items) + 1)
    return [*items[:index], item, *items[index:]]


@builtin("remove", "list", "number")
def remove(run: Run, items: list[Any], position: Decimal) -> list[Any] | None:
    """Give a list without the item at a position."""
    index = _index(run, items, position)
    if index is None:
        return None
    run.counted(len(items))
    return [*items[:index], *items[index + 1 :]]


@builtin("list replace", "list", "any", "any")
def list_replace(run: Run, items: list[Any], where: Any, item: Any) -> list[Any] | None:
    """Give a list with an item in place of that at a position, or of those for which a function is true."""
    run.counted(len(items))
    if type(where) is Decimal:
        index = _index(run, items, where)
        return None if index is None else [*items[:index], item, *items[index + 1 :]]
    if type(where) is not Function or (not where.variadic and len(where.names) != 2):  # noqa: PLR2004 - item, newItem
        return run.warn("list replace takes a position, or a function of the item and its replacement")
    answers = [invoke(run, where, [old, item]) for old in items]
    if not all(type(answer) is bool for answer in answers):
        return run.warn("the function of list replace gives true or false")
    return [item if answer else old for old, answer in zip(items, answers, strict=True)]


@builtin("reverse", "list")
def reverse(run: Run, items: list[Any]) -> list[Any]:
    """Give the items from last to first."""
    run.counted(len(items))
    return items[::-1]


@builtin("index of", "list", "any")
def index_of(run: Run, items: list[Any], match: Any) -> list[Decimal]:
    """Give the positions of a value."""
    run.spend(len(items))
    return [Decimal(place) for place, item in enumerate(items, 1) if _same(run, item, match)]


@builtin("flatten", "list")
def flatten(run: Run, items: list[Any]) -> list[Any]:
    """Give the items of all lists within, to any depth, as one list."""
    flat: list[Any] = []
    waiting = list(reversed(items))
    while waiting:
        run.spend(1)
        item = waiting.pop()
        if type(item) is list:
            run.spend(len(item))
            waiting.extend(reversed(item))
        else:
            flat.append(item)
    run.counted(len(flat))
    return flat


@builtin("sort", "list", "any?")
def sort(run: Run, items: list[Any], precedes: Any = ABSENT) -> list[Any] | None:
    """Sort, by a function that tells whether its first argument comes before its second, or by < ."""
    run.counted(len(items))
    failed: list[bool] = []

    def before(left: Any, right: Any) -> bool:
        run.spend(1)
        answer = (
            ordered(run, "<", left, right) if precedes is ABSENT else invoke(run, precedes, [left, right])
        )
        if type(answer) is not bool:
            failed.append(True)
        return answer is True

    def compare(left: Any, right: Any) -> int:
        if before(left, right):
            return -1
        return 1 if before(right, left) else 0

    found = sorted(items, key=cmp_to_key(compare))
    return (
        run.warn("sort needs items with an order, or a function of two that gives true or false")
        if failed
        else found
    )
