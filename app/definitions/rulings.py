"""A decision of the process, made on what is typed so far: the element's own inputs, the bundle's own table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.definitions import expressions
from app.dmn.model import Model
from app.engine.definitions import Definition
from app.feel import FeelError


@dataclass(frozen=True)
class Ruling:
    """A business rule task as a form shows it; `stands_for` is the variable that the task with the form will set."""

    element: str
    decision: str
    result: str
    inputs: tuple[tuple[str, str], ...]
    stands_for: str | None
    model: Model

    def output(self, values: Mapping[str, Any], variables: Mapping[str, Any], now: datetime | None) -> Any:
        """Give what the decision would give if the task were completed with these values now; null where it fails."""
        set_now = dict(values) if self.stands_for is None else {self.stands_for: dict(values)}
        scope = {**variables, **set_now}
        given = {name: expressions.value_or(text, scope, now, None) for name, text in self.inputs}
        try:
            return expressions.decide(self.model, self.decision, given if self.inputs else scope, now)
        except FeelError:
            return None


def rulings_of(definition: Definition, elements: frozenset[str], stands_for: str | None) -> dict[str, Ruling]:
    """Give the business rule tasks of these ids; those that the definition has not are left out."""
    found = {}
    for name in sorted(elements):
        element = definition.elements.get(name)
        if element is None or element.type != "businessRuleTask" or element.decision is None:
            continue
        model = definition.decisions[element.decision]
        result = element.result or element.id
        inputs = tuple(element.inputs)
        found[name] = Ruling(name, element.decision, result, inputs, stands_for, model)
    return found
