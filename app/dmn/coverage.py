"""Gaps and overlaps of a decision table: which cases no rule meets, and which several do.

Each column is cut into the pieces that its cells can tell apart (a value, or what lies between two); cells are then asked about one
value of each piece. A column whose cells speak of one other variable (`< n_attese`, `= n_attese`) is cut at that variable; a column
with more than one, or with tests that are no comparisons, cannot be cut and is named instead: then nothing is claimed to be complete.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from app.dmn.tables import DecisionTable, Input
from app.feel.evaluation import compile_cell
from app.feel.kinds import Kind
from app.feel.limits import Run
from app.feel.printing import printed
from app.feel.syntax import Conversion, Literal, Negate, Node, RangeLiteral, UnaryTest, UnaryTests
from app.feel.temporal import write
from app.feel.text import written
from app.feel.variables import Variables

MOST_FINDINGS = 50
MOST_VISITS = 20_000


@dataclass(frozen=True, slots=True)
class Gap:
    """A case that no rule meets: for each column that matters what is read there, as a cell would write it."""

    case: dict[str, str]


@dataclass(frozen=True, slots=True)
class Overlap:
    """A case that several rules meet: their numbers from 1, and the case."""

    rules: tuple[int, ...]
    case: dict[str, str]


@dataclass(slots=True)
class Coverage:
    """What was found; `unknown` names the columns that could not be cut, `complete` is false where the search stopped early."""

    gaps: list[Gap] = field(default_factory=list)
    overlaps: list[Overlap] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a column that all cells treat alike: how a cell writes it, and the rules that take it, as bits."""

    text: str
    rules: int


def find_gaps_and_overlaps(table: DecisionTable) -> Coverage:
    """Search a table; the result is exact where `complete` holds and `unknown` is empty. Null inputs are left out."""
    found = Coverage()
    columns: list[tuple[str, list[Piece]]] = []
    for index, column in enumerate(table.inputs):
        cells = [rule.tests[index] for rule in table.rules]
        pieces = _pieces(column, cells)
        if pieces is None:
            found.unknown.append(column.label)
            pieces = [Piece("-", (1 << len(cells)) - 1)]
        columns.append((column.label, pieces))
    search = _Search(table, columns, found)
    search.visit(0, (1 << len(table.rules)) - 1, {})
    return found


@dataclass(slots=True)
class _Search:
    table: DecisionTable
    columns: list[tuple[str, list[Piece]]]
    found: Coverage
    visits: int = 0

    def visit(self, depth: int, rules: int, case: dict[str, str]) -> None:
        """Go through the pieces of one column, with the rules that are left."""
        self.visits += 1
        if self.visits > MOST_VISITS or len(self.found.gaps) + len(self.found.overlaps) >= MOST_FINDINGS:
            self.found.complete = False
            return
        if not rules:
            self.found.gaps.append(Gap(case))
            return
        if depth == len(self.columns):
            if rules & (rules - 1) and not self.found.unknown:
                self.found.overlaps.append(Overlap(self._numbers(rules), case))
            return
        label, pieces = self.columns[depth]
        for text, left in _alike(pieces, rules):
            self.visit(depth + 1, left, case if text == "-" else {**case, label: text})

    def _numbers(self, rules: int) -> tuple[int, ...]:
        return tuple(rule.number for index, rule in enumerate(self.table.rules) if rules >> index & 1)


def _alike(pieces: list[Piece], rules: int) -> Iterator[tuple[str, int]]:
    """Put together the pieces that leave the same rules; all of them are `-`."""
    groups: dict[int, list[str]] = {}
    for piece in pieces:
        groups.setdefault(piece.rules & rules, []).append(piece.text)
    for left, texts in groups.items():
        yield ("-" if len(texts) == len(pieces) else ", ".join(texts)), left


def _pieces(column: Input, cells: list[UnaryTests]) -> list[Piece] | None:
    """Cut a column, or give None where its cells are no comparisons with literals or with one variable."""
    bounds = [*_ends(column.allowed)] if column.allowed else []
    ends = [*bounds, *(end for cell in cells for end in _ends(cell))]
    if any(end is None for end in ends):
        return None
    known = [end.value for end in ends if type(end) is Literal]
    others = sorted({printed(end) for end in ends if end is not None and type(end) is not Literal})
    if others and (len(others) > 1 or known):
        return None
    if others:
        return _around(cells, others[0])
    kind = column.node.kind if type(column.node) is Conversion else None
    samples = _samples(known, column, kind)
    if samples is None:
        return None
    if column.allowed:
        samples = [(text, value) for text, value in samples if _takers([column.allowed], value)]
    return [Piece(text, _takers(cells, value)) for text, value in samples]


def _ends(cell: UnaryTests) -> Iterator[Node | None]:
    """Give the ends of every comparison of a cell; None for a test that is something else."""
    for test in cell.tests:
        node = _folded(test.operand)
        if test.operator == "in" and type(node) is RangeLiteral:
            yield from (_folded(end) for end in (node.low, node.high) if end is not None)
        elif type(node) is Literal or test.operator != "in":
            yield node
        else:
            yield None


def _folded(node: Node) -> Node:
    if type(node) is Negate and type(node.operand) is Literal and type(node.operand.value) is Decimal:
        return Literal(-node.operand.value)
    return node


def _around(cells: list[UnaryTests], name: str) -> list[Piece]:
    """Cut a column at a variable: what is less, the same, and more; the variable stands for zero."""
    shifted = [UnaryTests([_shifted(test, name) for test in cell.tests], cell.negated) for cell in cells]
    values = [(f"< {name}", Decimal(-1)), (f"= {name}", Decimal(0)), (f"> {name}", Decimal(1))]
    return [Piece(text, _takers(shifted, value)) for text, value in values]


def _shifted(test: UnaryTest, name: str) -> UnaryTest:
    def zero(node: Node | None) -> Node | None:
        return Literal(Decimal(0)) if node is not None and printed(_folded(node)) == name else node

    operand = test.operand
    if type(operand) is RangeLiteral:
        span = RangeLiteral(zero(operand.low), zero(operand.high), operand.low_closed, operand.high_closed)
        return UnaryTest(test.operator, span)
    return UnaryTest(test.operator, zero(operand) or operand)


def _takers(cells: list[UnaryTests], value: Any) -> int:
    """Give the rules whose cell takes a value, as bits."""
    rules = 0
    for index, cell in enumerate(cells):
        answer = compile_cell(cell).evaluate(Run(), Variables({}), value) if cell.tests else True
        rules |= (answer is True) << index
    return rules


Sample = tuple[str, Any]


def _samples(known: list[Any], column: Input, kind: Kind | None) -> list[Sample] | None:
    """Give a value for each piece of a column, by the type of the values that its cells name."""
    values = [value for value in known if value is not None]
    types = {type(value) for value in values}
    allowed = [_folded(test.operand) for test in column.allowed.tests] if column.allowed else []
    if types <= {bool} and (types or (kind and kind.name == "boolean")):
        return [("true", True), ("false", False)]
    if allowed and all(type(node) is Literal for node in allowed):
        return [(_text(node.value), node.value) for node in allowed if type(node) is Literal]
    if types == {str}:
        return _strings(values)
    if len(types) == 1 and next(iter(types)) in _STEPS:
        return _line(sorted(set(values)), _STEPS[next(iter(types))])
    return [("-", None)] if not values else None


def _strings(values: Iterable[str]) -> list[Sample]:
    named = dict.fromkeys(values)
    other = "other"
    while other in named:
        other += "'"
    return [*((_text(value), value) for value in named), (f"not({', '.join(map(_text, named))})", other)]


_STEPS: dict[type, Any] = {
    Decimal: Decimal(1),
    date: timedelta(days=1),
    datetime: timedelta(days=1),
    timedelta: timedelta(days=1),
}


def _line(points: list[Any], step: Any) -> list[Sample]:
    """Cut a line at its points: below the first, each point, between each two, above the last."""
    samples: list[Sample] = [(f"< {_text(points[0])}", points[0] - step)]
    for index, point in enumerate(points):
        samples.append((_text(point), point))
        if index + 1 < len(points):
            following = points[index + 1]
            if type(point) is date and following - point <= step:
                continue
            samples.append((f"({_text(point)}..{_text(following)})", point + (following - point) / 2))
    samples.append((f"> {_text(points[-1])}", points[-1] + step))
    return samples


def _text(value: Any) -> str:
    if isinstance(value, (date, time, timedelta)):
        return f'@"{write(value)}"'
    return written(Run(), value)
