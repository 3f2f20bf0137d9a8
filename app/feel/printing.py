"""From tree back to text: what is printed reads as the same tree again, given the same names in scope."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from app.feel import temporal
from app.feel.errors import FeelValueError
from app.feel.kinds import ContextKind, FunctionKind, Kind, ListKind, RangeKind
from app.feel.lexer import KEYWORDS
from app.feel.parser import BINARY, COMPARISON, OR, POWER, SUM
from app.feel.syntax import (
    Between,
    Binary,
    Call,
    ContextLiteral,
    Conversion,
    Filter,
    For,
    FunctionDefinition,
    If,
    In,
    InstanceOf,
    Iteration,
    ListLiteral,
    Literal,
    Name,
    Negate,
    Node,
    Path,
    Quantified,
    RangeLiteral,
    UnaryTest,
    UnaryTests,
)

WHOLE, SIGNED, PRIMARY = 0, POWER + 1, POWER + 2
"""How tightly forms bind beyond the operators; WHOLE is where nothing follows that could be taken for a part."""
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def printed(node: Node) -> str:
    """Print an expression, or the tests of a cell, with no more parentheses than it needs.

    Raises FeelValueError for what only DMN's boxed expressions have and no text can say (a decision table).
    """
    return _at(node, WHOLE)


def _at(node: Node, lowest: int) -> str:
    """Print a node that must bind at least as tightly as `lowest`, in parentheses where it does not."""
    writer = _WRITERS.get(type(node))
    if writer is None:
        raise FeelValueError(f"Expected an expression that can be written, but got a {type(node).__name__}")
    text, binding = writer(node)
    return text if binding >= lowest else f"({text})"


def string(value: str) -> str:
    """Print a string with its quotation marks."""
    return f'"{value.translate(_ESCAPES)}"'


def _literal(node: Literal) -> tuple[str, int]:
    value = node.value
    if value is None or type(value) is bool:
        return "null" if value is None else str(value).lower(), PRIMARY
    if type(value) is str:
        return string(value), PRIMARY
    if type(value) is Decimal:
        return str(value), PRIMARY if not value.is_signed() else SIGNED
    return f"@{string(temporal.write(value))}", PRIMARY


def _name(node: Name) -> tuple[str, int]:
    return node.name, PRIMARY


def _path(node: Path) -> tuple[str, int]:
    return f"{_at(node.base, PRIMARY)}.{node.name}", PRIMARY


def _filter(node: Filter) -> tuple[str, int]:
    return f"{_at(node.base, PRIMARY)}[{_at(node.condition, WHOLE)}]", PRIMARY


def _call(node: Call) -> tuple[str, int]:
    arguments = [_at(argument, WHOLE) for argument in node.arguments]
    if node.names is not None:
        arguments = [f"{name}: {text}" for name, text in zip(node.names, arguments, strict=True)]
    return f"{_at(node.function, PRIMARY)}({', '.join(arguments)})", PRIMARY


def _binary(node: Binary) -> tuple[str, int]:
    binding = BINARY[node.operator]
    return f"{_at(node.left, binding)} {node.operator} {_at(node.right, binding + 1)}", binding


def _negate(node: Negate) -> tuple[str, int]:
    return f"-{_at(node.operand, SIGNED)}", SIGNED


def _between(node: Between) -> tuple[str, int]:
    low, high = _at(node.low, SUM), _at(node.high, SUM)
    return f"{_at(node.value, COMPARISON)} between {low} and {high}", COMPARISON


def _in(node: In) -> tuple[str, int]:
    tests = ", ".join(_at(test, WHOLE) for test in node.tests)
    return f"{_at(node.value, COMPARISON)} in ({tests})", COMPARISON


def _if(node: If) -> tuple[str, int]:
    then, otherwise = _at(node.then, WHOLE), _at(node.otherwise, WHOLE)
    return f"if {_at(node.condition, OR)} then {then} else {otherwise}", 0


def _iterations(iterations: list[Iteration]) -> str:
    parts = []
    for one in iterations:
        high = "" if one.high is None else f"..{_at(one.high, OR)}"
        parts.append(f"{one.name} in {_at(one.source, OR)}{high}")
    return ", ".join(parts)


def _for(node: For) -> tuple[str, int]:
    return f"for {_iterations(node.iterations)} return {_at(node.body, WHOLE)}", 0


def _quantified(node: Quantified) -> tuple[str, int]:
    word = "every" if node.every else "some"
    return f"{word} {_iterations(node.iterations)} satisfies {_at(node.condition, WHOLE)}", 0


def _function(node: FunctionDefinition) -> tuple[str, int]:
    typed = zip(node.names, node.kinds, strict=True)
    parameters = ", ".join(
        name if kind.name == "Any" else f"{name}: {type_text(kind)}" for name, kind in typed
    )
    return f"function({parameters}) {'external ' if node.external else ''}{_at(node.body, WHOLE)}", 0


def _context(node: ContextLiteral) -> tuple[str, int]:
    if node.last is not None:
        raise FeelValueError(
            "Expected an expression that can be written, but got a boxed context with a result"
        )
    entries = ", ".join(f"{_key(name)}: {_at(value, WHOLE)}" for name, value in node.entries)
    return f"{{{entries}}}", PRIMARY


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) and name not in KEYWORDS else string(name)


def _list(node: ListLiteral) -> tuple[str, int]:
    return f"[{', '.join(_at(item, WHOLE) for item in node.items)}]", PRIMARY


def _range(node: RangeLiteral) -> tuple[str, int]:
    if node.low is None or node.high is None:
        end = node.high if node.low is None else node.low
        sign = ("<" if node.low is None else ">") + ("=" if node.low_closed or node.high_closed else "")
        return f"({sign} {_end(end)})", PRIMARY
    opening, closing = "[" if node.low_closed else "(", "]" if node.high_closed else ")"
    return f"{opening}{_end(node.low)}..{_end(node.high)}{closing}", PRIMARY


def _end(node: Node | None) -> str:
    """Print an end of a range; what is more than a word is in parentheses, so that no bracket of its own closes the range."""
    text = _at(node if node is not None else Literal(None), SUM)
    return text if type(node) in (Literal, Name) else f"({text})"


def _instance_of(node: InstanceOf) -> tuple[str, int]:
    value = _at(node.value, SIGNED if type(node.value) is InstanceOf else PRIMARY)
    return f"{value} instance of {type_text(node.kind)}", SIGNED


def _conversion(node: Conversion) -> tuple[str, int]:
    return _at(node.value, OR), 0


def _unary_test(node: UnaryTest) -> tuple[str, int]:
    if node.operator == "in":
        return _at(node.operand, WHOLE), PRIMARY
    return f"{node.operator} {_at(node.operand, SUM)}", PRIMARY


def _unary_tests(node: UnaryTests) -> tuple[str, int]:
    if not node.tests:
        return "-", PRIMARY
    tests = ", ".join(_at(test, WHOLE) for test in node.tests)
    if node.negated:
        return f"not({tests})", PRIMARY
    first = node.tests[0].operand
    own_not = type(first) is Call and type(first.function) is Name and first.function.name == "not"
    return f"({tests})" if own_not and len(node.tests) == 1 else tests, PRIMARY


def type_text(kind: Kind) -> str:
    """Print a type as `instance of` and parameters write it."""
    if isinstance(kind, ListKind):
        return f"list<{type_text(kind.element)}>"
    if isinstance(kind, RangeKind):
        return f"range<{type_text(kind.element)}>"
    if isinstance(kind, ContextKind):
        return f"context<{', '.join(f'{name}: {type_text(inner)}' for name, inner in kind.entries)}>"
    if isinstance(kind, FunctionKind):
        return f"function<{', '.join(map(type_text, kind.parameters))}> -> {type_text(kind.result)}"
    return kind.name


_WRITERS: dict[type, Callable[[Any], tuple[str, int]]] = {
    Literal: _literal,
    Name: _name,
    Path: _path,
    Filter: _filter,
    Call: _call,
    Binary: _binary,
    Negate: _negate,
    Between: _between,
    In: _in,
    If: _if,
    For: _for,
    Quantified: _quantified,
    FunctionDefinition: _function,
    ContextLiteral: _context,
    ListLiteral: _list,
    RangeLiteral: _range,
    InstanceOf: _instance_of,
    Conversion: _conversion,
    UnaryTest: _unary_test,
    UnaryTests: _unary_tests,
}
