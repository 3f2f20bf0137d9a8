"""Decisions that a case has taken, each with its table as it stood then."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Rule:
    """A row of a decision table as it is written; `note` is what the table says of it."""

    number: int
    inputs: list[str]
    outputs: list[str]
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A decision table as it is written."""

    id: str
    name: str
    inputs: list[str]
    outputs: list[str]
    rules: list[Rule] = field(default_factory=list)


@dataclass(frozen=True)
class Decision:
    """A decision that was taken at an element of an instance, at entry `seq` of the case's history.

    `name` and `element_name` are in the language asked for, and so are the headings of `table`; `labels` names the keys
    of `inputs` and `output` that the content names. `matched` are the numbers of the rows that hit, from 1; `required`
    are the decisions that it was made of, `warnings` (English) say why something in it is null. Personal values are in
    the clear, or empty once they are forgotten.
    """

    seq: int
    recorded_at: datetime
    instance: int
    element: str
    element_name: str
    id: str
    name: str
    table: Table | None
    inputs: Mapping[str, Any]
    matched: tuple[int, ...]
    output: Any
    labels: Mapping[str, str] = field(default_factory=dict)
    required: tuple["Decision", ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def hits(self) -> list[Rule]:
        """The rows that hit, in the order of the table; none where the logic is no table."""
        return [rule for rule in self.table.rules if rule.number in self.matched] if self.table else []
