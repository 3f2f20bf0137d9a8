"""The expressions of a definition: FEEL, compiled once, evaluated at the recorded time of an input."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app import feel
from app.dmn.evaluation import DecisionResult, Evaluator
from app.dmn.model import Model
from app.feel import FeelError, Limits
from app.feel.limits import Run
from app.feel.variables import Variables

INPUT = "input"
"""The name, beside those of `Limits`, of the steps that all expressions of one input may spend together."""
MAX_FUEL = 2_000_000


@dataclass
class Fuel:
    """The steps of FEEL that one input may still spend, about half a second of them, and what its expressions warned of.

    `warned` maps the texts that gave null where something was wrong to the reasons of the last time.
    """

    left: int = MAX_FUEL
    most: int = MAX_FUEL
    limits: Limits = field(default_factory=Limits)
    warned: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, limits: Mapping[str, Any]) -> "Fuel":
        """Give the fuel of an instance that has limits of its own, by name; those it has not are the standard's."""
        own = {name: int(figure) for name, figure in limits.items()}
        most = own.pop(INPUT, MAX_FUEL)
        return cls(most, most, Limits(**own))


class Expressions:
    """Compiled FEEL texts by text; one object serves all instances and threads of a definition."""

    def __init__(self) -> None:
        self._compiled: dict[str, feel.Compiled] = {}

    def compile(self, text: str) -> FeelError | None:
        """Compile a text, and give the error where it is not FEEL."""
        if text not in self._compiled:
            try:
                self._compiled[text] = feel.compile(text)
            except FeelError as wrong:
                return wrong
        return None

    def evaluate(self, text: str, variables: Mapping[str, Any], now: datetime, fuel: Fuel) -> Any:
        """Evaluate a text that was compiled before; raises FeelError."""
        run = Run(now, fuel.limits)
        try:
            value = self._compiled[text].evaluate(run, Variables(variables))
        finally:
            fuel.left -= fuel.limits.steps - run.steps
        if run.warnings and (value is None or (run.faults and _holds_null(value))):
            fuel.warned[text] = run.warnings
        return value


def _holds_null(value: Any) -> bool:
    """Whether null stands within a value; FEEL's own limits bound how large and deep it is."""
    if isinstance(value, dict):
        return any(_holds_null(item) for item in value.values())
    return any(_holds_null(item) for item in value) if isinstance(value, list) else value is None


def decide(
    model: Model, decision: str, inputs: Mapping[str, Any], now: datetime, fuel: Fuel
) -> DecisionResult:
    """Evaluate a decision of a model by its id; raises FeelError, of which DmnError is a kind."""
    evaluator = Evaluator(model, inputs, now, fuel.limits)
    try:
        return evaluator.decide(model.find(decision, "decision"))
    finally:
        fuel.left -= fuel.limits.steps - evaluator.run.steps
