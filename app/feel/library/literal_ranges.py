"""Reading a range from text: only literals may be its ends, so nothing is evaluated."""

import re
from typing import Any

from app.feel.errors import FeelValueError
from app.feel.parser import parse
from app.feel.syntax import Call, Literal, Name, Negate, Node
from app.feel.temporal import read_any

_RANGE = re.compile(r"\s*([\[(\]])(.*?)\.\.(.*)([\])\[])\s*", re.DOTALL)


def read_range(text: str) -> tuple[Any, Any, bool, bool]:
    """Give low, high and whether they belong to the range; raises FeelError where it is no range of literals.

    An end may be missing (`[2..)`), and is then open; a range without both is none.
    """
    match = _RANGE.fullmatch(text)
    if match is None:
        raise FeelValueError("Expected a range, but got something else")
    opening, first, last, closing = match.groups()
    low, high = _end(first), _end(last)
    closed = opening == "[", closing == "]"
    if (low is None and (closed[0] or high is None)) or (high is None and closed[1]):
        raise FeelValueError("Expected an end that is missing to be open, but it is closed")
    return low, high, *closed


def _end(text: str) -> Any:
    return _literal(parse(text)) if text.strip() else None


def _literal(node: Node) -> Any:
    if type(node) is Literal:
        return node.value
    if type(node) is Negate and type(node.operand) is Literal:
        return -node.operand.value
    if type(node) is Call and type(node.function) is Name and len(node.arguments) == 1:
        argument = node.arguments[0]
        if type(argument) is Literal and type(argument.value) is str:
            return read_any(argument.value)
    raise FeelValueError("Expected a literal as the end of a range, but got an expression")
