"""What the rest of the house calls: compile once, evaluate often."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.feel import functions, loops, unary  # noqa: F401 - they enter their compilers into the table
from app.feel.compiler import Compiler
from app.feel.errors import FeelLimitExceeded
from app.feel.limits import STANDARD, Limits, Run
from app.feel.parser import parse, parse_unary_tests
from app.feel.scope import Closure, Scope
from app.feel.syntax import Node, UnaryTests
from app.feel.unary import QUESTION
from app.feel.values import normalise
from app.feel.variables import Variables

QUESTION_SLOT = 2


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A value, and the reasons of the nulls on the way to it."""

    value: Any
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression, ready to be evaluated; immutable and shared by threads.

    `names` are the variables that it reads from its caller; `filter_names` those that are read within a filter, and so may be
    entries of the items filtered instead.
    """

    text: str
    closure: Closure
    size: int
    names: frozenset[str]
    filter_names: frozenset[str]

    def __call__(
        self, context: Mapping[str, Any], now: datetime | None = None, limits: Limits = STANDARD
    ) -> Any:
        """Give the value alone; raises FeelError where a limit is exceeded or a value from outside is none of FEEL's."""
        return self.evaluate(Run(now, limits), Variables(context))

    def with_warnings(
        self, context: Mapping[str, Any], now: datetime | None = None, limits: Limits = STANDARD
    ) -> Evaluation:
        """Give the value and the warnings."""
        run = Run(now, limits)
        value = self.evaluate(run, Variables(context))
        return Evaluation(value, tuple(run.warnings))

    def evaluate(self, run: Run, variables: Variables, question: Any = None) -> Any:
        """Evaluate within a run that may hold several expressions; `question` is the value of `?` in a cell."""
        env: list[Any] = [None] * self.size
        env[0], env[1] = run, variables
        if self.size > QUESTION_SLOT:
            env[QUESTION_SLOT] = question
        try:
            value = self.closure(env)
            if type(value) is list or type(value) is dict:
                run.measure(value)
        except RecursionError as deep:
            raise FeelLimitExceeded(
                "Expected calls nested less deep, but they are deeper than the machine goes"
            ) from deep
        return value


def compile(  # noqa: A001 - the name that the language of expressions has for it
    text: str, names: Iterable[str] | None = None, limits: Limits = STANDARD
) -> Compiled:
    """Compile an expression; `names` are those in scope, which resolves names with spaces and signs.

    Raises FeelSyntaxError, or FeelLimitExceeded for a text too long or nested too deep.
    """
    return compile_tree(parse(text, names, limits), text)


def compile_unary_tests(text: str, names: Iterable[str] | None = None, limits: Limits = STANDARD) -> Compiled:
    """Compile the cell of a decision table; evaluate it with `evaluate(run, variables, question)`."""
    return compile_cell(parse_unary_tests(text, names, limits), text)


def compile_cell(tree: UnaryTests, text: str = "") -> Compiled:
    """Compile the tree of a cell."""
    scope = Scope()
    scope.push(QUESTION)
    return _compiled(tree, text, scope)


def compile_tree(tree: Node, text: str = "") -> Compiled:
    """Compile a tree that was put together elsewhere (DMN's boxed expressions)."""
    return _compiled(tree, text, Scope())


def _compiled(tree: Node, text: str, scope: Scope) -> Compiled:
    closure = Compiler(scope).compile(tree)
    free = frozenset(scope.free)
    return Compiled(text, closure, scope.size, free, frozenset(scope.filtered) - free)


def evaluate(
    text: str, context: Mapping[str, Any], now: datetime | None = None, limits: Limits = STANDARD
) -> Any:
    """Compile and evaluate in one go; the keys of the context are the names in scope."""
    return compile(text, context, limits)(context, now, limits)


def evaluate_with_warnings(
    text: str, context: Mapping[str, Any], now: datetime | None = None, limits: Limits = STANDARD
) -> Evaluation:
    """Compile and evaluate in one go, and keep the warnings."""
    return compile(text, context, limits).with_warnings(context, now, limits)


def evaluate_unary_tests(
    text: str, value: Any, context: Mapping[str, Any], now: datetime | None = None, limits: Limits = STANDARD
) -> bool | None:
    """Whether a value passes the tests of a cell; null where that cannot be told."""
    compiled = compile_unary_tests(text, context, limits)
    answer = compiled.evaluate(Run(now, limits), Variables(context), normalise(value))
    return answer if type(answer) is bool else None
