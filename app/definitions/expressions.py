"""FEEL as definitions use it: compiled once for each text, evaluated over a scope on the house clock."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from app.dmn.evaluation import Evaluator
from app.dmn.model import Model
from app.domain.errors import FormTooCostly
from app.feel import Compiled, FeelError, FeelLimitExceeded
from app.feel import compile as compile_feel
from app.feel.limits import STANDARD, Limits, Run
from app.feel.variables import Variables

PAGE_STEPS = 3_000_000
"""About a second of evaluation."""

_purse: ContextVar["Purse | None"] = ContextVar("purse", default=None)
_template = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


@lru_cache(maxsize=4096)
def compiled(text: str) -> Compiled:
    """Give an expression ready to be evaluated; raises FeelError where it is none."""
    return compile_feel(text)


def fault(text: str) -> FeelError | None:
    """Give what is wrong with the syntax of an expression, or None."""
    try:
        compiled(text)
    except FeelError as wrong:
        return wrong
    return None


@dataclass
class Purse:
    """The steps of FEEL that the expressions of one page may still spend together."""

    left: int = PAGE_STEPS

    def limits(self) -> Limits:
        """Give what one evaluation may use: the standard, or what is left."""
        return replace(STANDARD, steps=min(STANDARD.steps, max(self.left, 0)))

    @contextmanager
    def paying(self, run: Run, what: str) -> Iterator[None]:
        """Take what an evaluation spends from the purse; FormTooCostly where it wanted more than was left."""
        given = run.steps
        try:
            yield
        except FeelLimitExceeded as spent:
            if given < STANDARD.steps:
                raise FormTooCostly(
                    f"Expected the expressions of a form to take at most {PAGE_STEPS} steps together, but {what:.80} asks for more."
                ) from spent
            raise
        finally:
            self.left -= given - max(run.steps, 0)


def begin_page() -> None:
    """Give a new purse to the expressions evaluated in this thread until `end_page`; without one each has only limits of its own."""
    _purse.set(Purse())


def end_page() -> None:
    """Take the purse away again: what this thread does next is no page."""
    _purse.set(None)


def value(text: str, scope: Mapping[str, Any], now: datetime | None = None) -> Any:
    """Evaluate an expression; raises FeelError, or FormTooCostly where the page has nothing left to spend."""
    purse = _purse.get()
    if purse is None:
        return compiled(text)(scope, now)
    run = Run(now, purse.limits())
    with purse.paying(run, text):
        return compiled(text).evaluate(run, Variables(scope))


def decide(model: Model, decision: str, inputs: Mapping[str, Any], now: datetime | None = None) -> Any:
    """Give the output of a decision; raises FeelError, or FormTooCostly where the page has nothing left to spend."""
    purse = _purse.get()
    evaluator = Evaluator(model, inputs, now, purse.limits() if purse else STANDARD)
    part = model.find(decision, "decision")
    if purse is None:
        return evaluator.decide(part).output
    with purse.paying(evaluator.run, decision):
        return evaluator.decide(part).output


def value_or(text: str, scope: Mapping[str, Any], now: datetime | None, default: Any) -> Any:
    """Evaluate an expression; an error or null gives the default."""
    try:
        result = value(text, scope, now)
    except FeelError:
        return default
    return default if result is None else result


def placeholders(text: str) -> list[str]:
    """Give the expressions between `{{` and `}}` of a text."""
    return [match.strip() for match in _template.findall(text)]


def fill(text: str, scope: Mapping[str, Any], now: datetime | None, write: Any = str) -> str:
    """Put the values of its `{{FEEL}}` in a text; an error or null leaves nothing there."""

    def one(match: re.Match[str]) -> str:
        result = value_or(match[1].strip(), scope, now, None)
        return "" if result is None else str(write(result))

    return _template.sub(one, text)
