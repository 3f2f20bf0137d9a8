# mypy: disable-error-code="func-returns-value"
"""From tree to closures: names, paths, operators and conditions; loops, functions and tests are in their own modules."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from app.feel import kinds, operators, properties
from app.feel.calls import convert
from app.feel.scope import Closure, Scope, reader
from app.feel.syntax import (
    Between,
    Binary,
    ContextLiteral,
    Conversion,
    Embedded,
    If,
    InstanceOf,
    ListLiteral,
    Literal,
    Name,
    Negate,
    Node,
    Path,
    RangeLiteral,
)
from app.feel.values import Function, Range, Sealed


class Compiler:
    """Compiles one tree; `count` and `deepest` measure it, so that loops and calls can be paid for."""

    def __init__(self, scope: Scope | None = None) -> None:
        self.scope = scope or Scope()
        self.count = 0
        self.level = 0
        self.deepest = 0

    def compile(self, node: Node) -> Closure:
        """Compile a node."""
        self.count += 1
        self.level += 1
        self.deepest = max(self.deepest, self.level)
        closure = COMPILERS[type(node)](self, node)
        self.level -= 1
        return closure

    def measured(self, node: Node) -> tuple[Closure, int, int]:
        """Compile a node and give its number of nodes and its height."""
        count, deepest = self.count, self.deepest
        self.deepest = self.level
        closure = self.compile(node)
        height = self.deepest - self.level
        self.deepest = max(deepest, self.deepest)
        return closure, self.count - count, height


def _literal(_: Compiler, node: Literal) -> Closure:
    value = node.value

    def literal(_env: list[Any]) -> Any:
        return value

    return literal


def _name(compiler: Compiler, node: Name) -> Closure:
    if "." in node.name and compiler.scope.find(node.name)[0] is None:
        return _dotted(compiler, node.name)
    return reader(compiler.scope, node.name)


def _dotted(compiler: Compiler, name: str) -> Closure:
    """Compile a name with dots that may be one variable of the caller, or a path (DMN names parameters so)."""
    head, *others = name.split(".")
    tree: Node = Name(head.strip())
    for part in others:
        tree = Path(tree, part.strip())
    whole, path = reader(compiler.scope, name), compiler.compile(tree)
    compiler.scope.free.discard(name)

    def dotted(env: list[Any]) -> Any:
        return whole(env) if name in env[1].context else path(env)

    return dotted


def _path(compiler: Compiler, node: Path) -> Closure:
    base, name = compiler.compile(node.base), node.name

    def path(env: list[Any]) -> Any:
        value = base(env)
        if type(value) is dict and name in value:
            return value[name]
        return properties.read(env[0], value, name)

    return path


def _negate(compiler: Compiler, node: Negate) -> Closure:
    if type(node.operand) is Literal and type(node.operand.value) is Decimal:
        return _literal(compiler, Literal(-node.operand.value if node.operand.value else node.operand.value))
    operand = compiler.compile(node.operand)

    def negate(env: list[Any]) -> Any:
        return operators.negate(env[0], operand(env))

    return negate


def _binary(compiler: Compiler, node: Binary) -> Closure:
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    return _BINARY[node.operator](left, right)


def _and(left: Closure, right: Closure) -> Closure:
    def conjunction(env: list[Any]) -> Any:
        first = left(env)
        if first is False:
            return False
        second = right(env)
        if second is False:
            return False
        return (
            True if first is True and second is True else env[0].warn("and needs true or false on both sides")
        )

    return conjunction


def _or(left: Closure, right: Closure) -> Closure:
    def disjunction(env: list[Any]) -> Any:
        first = left(env)
        if first is True:
            return True
        second = right(env)
        if second is True:
            return True
        return (
            False
            if first is False and second is False
            else env[0].warn("or needs true or false on both sides")
        )

    return disjunction


def _equal(left: Closure, right: Closure) -> Closure:
    def equal(env: list[Any]) -> Any:
        first, second = left(env), right(env)
        if type(first) is str and type(second) is str:
            return first == second
        return operators.equal(env[0], first, second)

    return equal


def _unequal(left: Closure, right: Closure) -> Closure:
    def unequal(env: list[Any]) -> Any:
        answer = operators.equal(env[0], left(env), right(env))
        return None if answer is None else not answer

    return unequal


def _ordered(
    operator: str, on_numbers: Callable[[Decimal, Decimal], bool]
) -> Callable[[Closure, Closure], Closure]:
    def build(left: Closure, right: Closure) -> Closure:
        def ordered(env: list[Any]) -> Any:
            first, second = left(env), right(env)
            if type(first) is Decimal and type(second) is Decimal:
                return on_numbers(first, second)
            return operators.ordered(env[0], operator, first, second)

        return ordered

    return build


def _calculation(action: Callable[[Any, Any, Any], Any]) -> Callable[[Closure, Closure], Closure]:
    def build(left: Closure, right: Closure) -> Closure:
        def calculation(env: list[Any]) -> Any:
            return action(env[0], left(env), right(env))

        return calculation

    return build


_BINARY: dict[str, Callable[[Closure, Closure], Closure]] = {
    "and": _and,
    "or": _or,
    "=": _equal,
    "!=": _unequal,
    "<": _ordered("<", Decimal.__lt__),
    "<=": _ordered("<=", Decimal.__le__),
    ">": _ordered(">", Decimal.__gt__),
    ">=": _ordered(">=", Decimal.__ge__),
    "+": _calculation(operators.add),
    "-": _calculation(operators.subtract),
    "*": _calculation(operators.multiply),
    "/": _calculation(operators.divide),
    "**": _calculation(operators.power),
}


def _between(compiler: Compiler, node: Between) -> Closure:
    parts = (node.value, node.low, node.high)
    value, low, high = (compiler.compile(part) for part in parts)

    def between(env: list[Any]) -> Any:
        run, found = env[0], value(env)
        first = operators.ordered(run, ">=", found, low(env))
        second = operators.ordered(run, "<=", found, high(env))
        if first is None or second is None:
            return None
        return first and second

    return between


def _if(compiler: Compiler, node: If) -> Closure:
    question, then, otherwise = (
        compiler.compile(part) for part in (node.condition, node.then, node.otherwise)
    )

    def condition(env: list[Any]) -> Any:
        answer = question(env)
        if answer is True:
            return then(env)
        if answer is not False:
            env[0].warn("if needs true or false; the condition is taken for false")
        return otherwise(env)

    return condition


def _list(compiler: Compiler, node: ListLiteral) -> Closure:
    items = [compiler.compile(item) for item in node.items]

    def listed(env: list[Any]) -> list[Any]:
        return [item(env) for item in items]

    return listed


def _range(compiler: Compiler, node: RangeLiteral) -> Closure:
    low = compiler.compile(node.low) if node.low else None
    high = compiler.compile(node.high) if node.high else None
    low_closed, high_closed = node.low_closed, node.high_closed

    def span(env: list[Any]) -> Any:
        first, last = low(env) if low else None, high(env) if high else None
        return operators.ranged(env[0], Range(first, last, low_closed, high_closed))

    return span


def _instance_of(compiler: Compiler, node: InstanceOf) -> Closure:
    value, kind = compiler.compile(node.value), node.kind

    def instance_of(env: list[Any]) -> Any:
        found = value(env)
        if type(found) is Sealed:
            return env[0].warn("of a sealed value nobody can tell the type")
        return kinds.instance_of(kind, found)

    return instance_of


def _conversion(compiler: Compiler, node: Conversion) -> Closure:
    value, kind, what = compiler.compile(node.value), node.kind, node.what

    def conversion(env: list[Any]) -> Any:
        return convert(env[0], kind, value(env), what)

    return conversion


def _context(compiler: Compiler, node: ContextLiteral) -> Closure:
    names = [name for name, _ in node.entries]
    if len(set(names)) < len(names):
        return lambda env: env[0].warn("a context has each key once")
    entries: list[tuple[str, int, Closure]] = []
    mark, top = len(compiler.scope.locals), compiler.scope.top
    for name, part in node.entries:
        slot = compiler.scope.push(name if type(part).__name__ == "FunctionDefinition" else "")
        closure = compiler.compile(part)
        compiler.scope.locals[-1] = (name, slot)
        entries.append((name, slot, closure))
    last = compiler.compile(node.last) if node.last else None
    del compiler.scope.locals[mark:]
    compiler.scope.top = top

    def context(env: list[Any]) -> Any:
        made: dict[str, Any] = {}
        for name, slot, closure in entries:
            value = made[name] = env[slot] = closure(env)
            if type(value) is Function and value.slots:
                value.slots[slot] = value
        return last(env) if last else made

    return context


def _embedded(compiler: Compiler, node: Embedded) -> Closure:
    return node.build(compiler)


COMPILERS: dict[type, Callable[[Compiler, Any], Closure]] = {
    Literal: _literal,
    Name: _name,
    Path: _path,
    Negate: _negate,
    Binary: _binary,
    Between: _between,
    If: _if,
    ListLiteral: _list,
    RangeLiteral: _range,
    InstanceOf: _instance_of,
    Conversion: _conversion,
    ContextLiteral: _context,
    Embedded: _embedded,
}
"""One compiler for each form of the language; `loops`, `functions` and `tests` add theirs."""
