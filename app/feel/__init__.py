"""FEEL, the expression language of DMN 1.5: the one language of every expression in this house."""

from app.feel.codec import from_tagged, to_tagged
from app.feel.errors import FeelClockMissing, FeelError, FeelLimitExceeded, FeelSyntaxError, FeelValueError
from app.feel.evaluation import (
    Compiled,
    Evaluation,
    compile,  # noqa: A004 - the public name
    compile_unary_tests,
    evaluate,
    evaluate_unary_tests,
    evaluate_with_warnings,
)
from app.feel.limits import Limits
from app.feel.parser import parse, parse_unary_tests
from app.feel.printing import printed
from app.feel.values import DaysTimeDuration, Function, Range, Sealed, YearsMonthsDuration

__all__ = [
    "Compiled",
    "DaysTimeDuration",
    "Evaluation",
    "FeelClockMissing",
    "FeelError",
    "FeelLimitExceeded",
    "FeelSyntaxError",
    "FeelValueError",
    "Function",
    "Limits",
    "Range",
    "Sealed",
    "YearsMonthsDuration",
    "compile",
    "compile_unary_tests",
    "evaluate",
    "evaluate_unary_tests",
    "evaluate_with_warnings",
    "from_tagged",
    "parse",
    "parse_unary_tests",
    "printed",
    "to_tagged",
]
