"""From text to tree: expressions, by precedence climbing; literals and types are in `literals` and `type_names`."""

from collections.abc import Callable, Iterable

from app.feel.cursor import Cursor
from app.feel.kinds import Kind, named
from app.feel.limits import STANDARD, Limits
from app.feel.primary import Primary
from app.feel.syntax import Between, Binary, In, InstanceOf, Negate, Node, UnaryTest, UnaryTests
from app.feel.type_names import type_name

COMPARATORS = frozenset({"=", "!=", "<", "<=", ">", ">="})
OR, AND, COMPARISON, SUM, PRODUCT, POWER = range(1, 7)
BRACKET = 3
BINARY = {
    "or": OR,
    "and": AND,
    **dict.fromkeys([*COMPARATORS, "between", "in"], COMPARISON),
    "+": SUM,
    "-": SUM,
    "*": PRODUCT,
    "/": PRODUCT,
    "**": POWER,
}


Kinds = Callable[[str], Kind | None]


def parse(
    text: str, names: Iterable[str] | None = None, limits: Limits = STANDARD, kinds: Kinds = named
) -> Node:
    """Read an expression; `names` are those in scope, which resolves names with spaces and signs; `kinds` knows the types.

    Raises FeelSyntaxError, or FeelLimitExceeded for a text too long or nested too deep.
    """
    parser = Parser(Cursor(text, names, limits, kinds))
    node = parser.expression()
    parser.cursor.finish()
    return node


def parse_unary_tests(
    text: str, names: Iterable[str] | None = None, limits: Limits = STANDARD, kinds: Kinds = named
) -> UnaryTests:
    """Read the tests of a cell: `-`, `"A","B"`, `[60..100]`, `not(< 5)`, or an expression over `?`."""
    parser = Parser(Cursor(text, names, limits, kinds))
    tests = parser.unary_tests()
    parser.cursor.finish()
    return tests


class Parser(Primary):
    """The levels of precedence; what has none is inherited from Primary."""

    def expression(self) -> Node:
        """Read a whole expression."""
        return self.level(OR)

    def operand(self) -> Node:
        """Read an expression without comparison, as an end of a range or a bound of between."""
        return self.level(SUM)

    def level(self, lowest: int) -> Node:
        """Read operators that bind at least as tightly as `lowest`."""
        cursor = self.cursor
        cursor.enter(BRACKET)
        before = cursor.depth
        left = self.signed()
        while True:
            token = cursor.token
            binding = BINARY.get(token.text, 0) if token.kind in ("sign", "keyword") else 0
            if binding < lowest or not binding:
                break
            cursor.advance()
            cursor.enter()
            left = self.right_side(left, token.text, binding)
        cursor.leave(BRACKET + cursor.depth - before)
        return left

    def right_side(self, left: Node, operator: str, binding: int) -> Node:
        """Read what follows an operator."""
        if operator == "between":
            low = self.operand()
            self.cursor.expect("and")
            return Between(left, low, self.operand())
        if operator == "in":
            return In(left, self.in_tests())
        return Binary(operator, left, self.level(binding + 1))

    def signed(self) -> Node:
        """Read a primary with its minus signs and `instance of`."""
        cursor = self.cursor
        if cursor.token.text == "-" and cursor.token.kind == "sign":
            cursor.advance()
            cursor.enter()
            operand = self.signed()
            cursor.leave()
            return Negate(operand)
        node = self.primary()
        while cursor.token.text == "instance" and cursor.token.kind == "keyword":
            cursor.advance()
            cursor.expect("of")
            node = InstanceOf(node, type_name(cursor))
        return node

    def in_tests(self) -> list[Node]:
        """Read what follows `in`: one test, or several in parentheses."""
        cursor = self.cursor
        if not cursor.is_sign("("):
            return [self.positive_test(self.operand)]
        cursor.advance()
        cursor.enter()
        first = self.positive_test(self.expression)
        tests: list[Node] = [first]
        if cursor.take(".."):
            tests = [UnaryTest("in", self.range_from(first.operand, closed=False))]
        else:
            while cursor.take(","):
                tests.append(self.positive_test(self.expression))
            cursor.expect(")")
        cursor.leave()
        return tests
