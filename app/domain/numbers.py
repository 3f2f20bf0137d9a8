"""Numbers in order of appearance: what replaces random ids in a history that must replay."""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True)
class Numbers:
    """The last numbers given within a case, for each kind of thing; 0 before the first."""

    task: int = 0
    job: int = 0
    timer: int = 0
    wait: int = 0
    incident: int = 0
    instance: int = 0

    def next(self, kind: str) -> tuple[int, Self]:
        """Give the next number of a kind and the counters after it."""
        number = getattr(self, kind) + 1
        return number, replace(self, **{kind: number})
