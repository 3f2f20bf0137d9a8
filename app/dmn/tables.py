"""Decision tables: read from XML, compiled with the expression around them, and what a table says of its evaluation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.dmn.errors import DmnError
from app.dmn.hits import Row, policy_of
from app.dmn.item_definitions import TypeTable
from app.dmn.xml import (
    Element,
    child,
    children,
    expression,
    located,
    name_of,
    refuse_other_language,
    text,
    type_of,
)
from app.feel import FeelError, parse, parse_unary_tests
from app.feel.compiler import Compiler
from app.feel.kinds import is_any
from app.feel.limits import Run
from app.feel.scope import Closure
from app.feel.syntax import Conversion, Embedded, Literal, Node, UnaryTests
from app.feel.unary import QUESTION


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions: what is read, and its tests as one tree for each rule."""

    label: str
    text: str
    node: Node
    allowed: UnaryTests | None


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results; `values` in falling priority, `default` where no rule matches."""

    name: str
    values: UnaryTests | None
    default: Node | None
    default_text: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: its number from 1, its cells as trees and as texts."""

    number: int
    identity: str
    tests: tuple[UnaryTests, ...]
    results: tuple[Node, ...]
    texts: tuple[str, ...]
    result_texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one evaluation of a table read and matched."""

    table: "DecisionTable"
    inputs: dict[str, Any]
    matched: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class DecisionTable:
    """A table; `policy` is the letter dmn-js shows: U A P F R O C, and C with + < > # as `aggregation`."""

    identity: str
    where: str
    policy: str
    aggregation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]

    def node(self) -> Node:
        """Give the table as a part of an expression."""
        return Embedded(self._build)

    def _build(self, compiler: Compiler) -> Closure:
        reads = [(column.label, compiler.compile(column.node)) for column in self.inputs]
        with compiler.scope.bound(*[QUESTION] * len(reads)) as slots:
            before = list(compiler.scope.locals)
            rules = [_rule(compiler, rule, slots, before) for rule in self.rules]
        decide = policy_of(self, compiler)
        cost = len(reads) + sum(len(tests) for _, tests, _ in rules)

        def decision(env: list[Any]) -> Any:
            run: Run = env[0]
            run.spend(cost)
            inputs = {}
            for slot, (label, read) in zip(slots, reads, strict=True):
                inputs[label] = env[slot] = read(env)
            rows = []
            for number, tests, results in rules:
                for test in tests:
                    if test(env) is not True:
                        break
                else:
                    rows.append(Row(number, [result(env) for result in results]))
            run.notes.append(Reading(self, inputs, tuple(row.number for row in rows)))
            return decide(env, rows)

        return decision


def _rule(
    compiler: Compiler, rule: Rule, slots: list[int], outside: list[tuple[str | None, int]]
) -> tuple[int, list[Closure], list[Closure]]:
    """Compile a row; for each cell `?` is the slot of its own column."""
    tests = []
    shared = outside[: len(outside) - len(slots)]
    for slot, test in zip(slots, rule.tests, strict=True):
        if test.tests:
            compiler.scope.locals[:] = [*shared, (QUESTION, slot)]
            tests.append(compiler.compile(test))
    compiler.scope.locals[:] = shared
    results = [compiler.compile(result) for result in rule.results]
    compiler.scope.locals[:] = outside
    return rule.number, tests, results


_POLICIES = {
    "UNIQUE": "U",
    "ANY": "A",
    "PRIORITY": "P",
    "FIRST": "F",
    "RULE ORDER": "R",
    "OUTPUT ORDER": "O",
    "COLLECT": "C",
}


def read(element: Element, types: TypeTable, where: str) -> DecisionTable:
    """Read a decision table."""
    reader = _Reader(types, where)
    policy = element.get("hitPolicy", "UNIQUE")
    if policy not in _POLICIES:
        raise DmnError(
            f"Expected one of {', '.join(_POLICIES)}, but the hit policy is {policy}", code="policy"
        )
    inputs = tuple(reader.input(one) for one in children(element, "input"))
    outputs = tuple(reader.output(one) for one in children(element, "output"))
    names = {output.name for output in outputs}
    if len(outputs) > 1 and ("" in names or len(names) < len(outputs)):
        raise DmnError(
            f"{where}: Expected a name of its own for each output, but there are {sorted(names)}",
            code="outputs",
        )
    kinds = [type_of(one) for one in children(element, "output")]
    rules = tuple(
        reader.rule(number, one, kinds, len(inputs))
        for number, one in enumerate(children(element, "rule"), 1)
    )
    letter, aggregation = _POLICIES[policy], element.get("aggregation", "")
    return DecisionTable(element.get("id") or "", where, letter, aggregation, inputs, outputs, rules)


@dataclass(frozen=True, slots=True)
class _Reader:
    types: TypeTable
    where: str

    def parsed(self, reader: Callable[..., Any], found: str, element: Element) -> Any:
        refuse_other_language(element, self.where)
        try:
            return reader(found, self.types.names, kinds=self.types.written)
        except FeelError as problem:
            raise located(problem, element, self.where) from problem

    def typed(self, node: Node, reference: str, what: str) -> Node:
        kind = self.types.kind(reference)
        return node if is_any(kind) else Conversion(node, kind, what)

    def input(self, element: Element) -> Input:
        column = child(element, "inputExpression")
        found = expression(column)
        node = self.parsed(parse, found, element) if found else Literal(None)
        label = element.get("label") or found
        values = text(child(element, "inputValues"))
        allowed = self.parsed(parse_unary_tests, values, element) if values else None
        return Input(label, found, self.typed(node, type_of(column), label), allowed)

    def output(self, element: Element) -> Output:
        values = text(child(element, "outputValues"))
        default = text(child(element, "defaultOutputEntry"))
        return Output(
            name_of(element),
            self.parsed(parse_unary_tests, values, element) if values else None,
            self.parsed(parse, default, element) if default else None,
            default,
        )

    def rule(self, number: int, element: Element, kinds: list[str], width: int) -> Rule:
        cells = list(children(element, "inputEntry"))
        ends = list(children(element, "outputEntry"))
        if len(cells) != width or len(ends) != len(kinds):
            raise DmnError(
                f"{self.where}: Expected a cell for each column, but rule {number} has others", code="rule"
            )
        texts = tuple(text(cell) for cell in cells)
        tests = tuple(
            self.parsed(parse_unary_tests, found, cell) for found, cell in zip(texts, cells, strict=True)
        )
        result_texts = tuple(expression(end) for end in ends)
        results = tuple(
            self.typed(
                self.parsed(parse, found, end) if found else Literal(None),
                kind,
                f"the output of rule {number}",
            )
            for found, end, kind in zip(result_texts, ends, kinds, strict=True)
        )
        return Rule(number, element.get("id") or "", tests, results, texts, result_texts)
