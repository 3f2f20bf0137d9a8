"""The names of an expression while it is compiled: where each is found when it runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from app.feel import library

Closure = Callable[[list[Any]], Any]
"""A compiled node: it takes the slots of its evaluation, of which the first are the run and the variables."""


@dataclass(slots=True)
class Scope:
    """Local names on slots, innermost last; a name of None is the item of a filter, whose entries are names too."""

    locals: list[tuple[str | None, int]] = field(default_factory=list)
    top: int = 2
    size: int = 2
    free: set[str] = field(default_factory=set)
    filtered: set[str] = field(default_factory=set)
    used: set[int] = field(default_factory=set)

    @contextmanager
    def bound(self, *names: str | None) -> Iterator[list[int]]:
        """Give slots to names for as long as the block lasts."""
        slots = [self.push(name) for name in names]
        yield slots
        del self.locals[len(self.locals) - len(slots) :]
        self.top -= len(slots)

    def push(self, name: str | None) -> int:
        """Give the next slot to a name."""
        slot = self.top
        self.locals.append((name, slot))
        self.top += 1
        self.size = max(self.size, self.top)
        return slot

    def find(self, name: str) -> tuple[int | None, tuple[int, ...]]:
        """Find a name's slot, None where it is the caller's, and the filter items that come before it."""
        items: list[int] = []
        for known, slot in reversed(self.locals):
            if known is None:
                items.append(slot)
            elif known == name:
                self.used.add(slot)
                return slot, tuple(items)
        if name not in library.NAMES:
            (self.filtered if items else self.free).add(name)
        return None, tuple(items)


def reader(scope: Scope, name: str) -> Closure:
    """Compile a name."""
    slot, items = scope.find(name)
    outer = _local(slot) if slot is not None else _variable(name)
    return _item_entry(items, name, outer) if items else outer


def _local(slot: int) -> Closure:
    def local(env: list[Any]) -> Any:
        return env[slot]

    return local


def _variable(name: str) -> Closure:
    def variable(env: list[Any]) -> Any:
        variables = env[1]
        try:
            return variables.values[name]
        except KeyError:
            return variables.lookup(env[0], name)

    return variable


def _item_entry(items: tuple[int, ...], name: str, outer: Closure) -> Closure:
    def item_entry(env: list[Any]) -> Any:
        for slot in items:
            item = env[slot]
            if type(item) is dict and name in item:
                return item[name]
        return outer(env)

    return item_entry
