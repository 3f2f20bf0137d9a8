"""Which variables an expression reads, and how deep: `domanda.importo` is one place within one variable."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from app.feel import parse
from app.feel.syntax import Name, Path

CLOCK = frozenset({"now", "today"})
"""The functions whose value depends on when they are asked."""


@lru_cache(maxsize=4096)
def reads(text: str) -> frozenset[tuple[str, ...]]:
    """Give the places that an expression reads, functions and local names included; raises FeelError where it is none."""
    return frozenset(_places(parse(text)))


def _places(node: Any) -> Iterator[tuple[str, ...]]:
    if isinstance(node, Path):
        base: Any = node
        way: list[str] = []
        while isinstance(base, Path):
            base, way = base.base, [base.name, *way]
        if isinstance(base, Name):
            yield (base.name, *way)
        else:
            yield from _places(base)
    elif isinstance(node, Name):
        yield (node.name,)
    elif isinstance(node, list | tuple):
        for part in node:
            yield from _places(part)
    else:
        for slot in getattr(type(node), "__slots__", ()):
            yield from _places(getattr(node, slot))
