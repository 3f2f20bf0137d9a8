"""From text to tree, second part: what stands on its own, and what follows it (path, filter, call)."""

from collections.abc import Callable

from app.feel.cursor import Cursor
from app.feel.kinds import ANY, Kind
from app.feel.literals import constant, number, string
from app.feel.syntax import (
    Call,
    ContextLiteral,
    Filter,
    For,
    FunctionDefinition,
    If,
    Iteration,
    ListLiteral,
    Literal,
    Name,
    Node,
    Path,
    Quantified,
    RangeLiteral,
    UnaryTest,
    UnaryTests,
)
from app.feel.type_names import type_name

COMPARATORS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_CONSTANTS = {"true": True, "false": False, "null": None}


class Primary:
    """Readers of everything that is not an operator; `expression` and `operand` come from the parser."""

    expression: Callable[[], Node]
    operand: Callable[[], Node]

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.closing_end = False

    def primary(self) -> Node:
        """Read a value and what follows it."""
        token = self.cursor.token
        if token.kind == "name":
            at = token.at
            return self.followed(Name(self.cursor.name(), at))
        if token.kind == "number":
            self.cursor.advance()
            return self.followed(Literal(number(token.text)))
        if token.kind == "string":
            self.cursor.advance()
            return self.followed(Literal(string(token.text)))
        return self.followed(self.marked(token.text))

    def marked(self, word: str) -> Node:
        """Read what begins with a keyword or sign."""
        cursor, at = self.cursor, self.cursor.token.at
        known = cursor.known_name() if cursor.token.kind == "keyword" else None
        if known is not None:
            return Name(known, at)
        reader = _READERS.get(word) if cursor.token.kind != "end" else None
        if reader is None:
            raise cursor.error("a value")
        cursor.advance()
        if word in _CONSTANTS:
            return Literal(_CONSTANTS[word])
        return reader(self)

    def followed(self, node: Node) -> Node:
        """Read the paths, filters and calls behind a value."""
        cursor = self.cursor
        before = cursor.depth
        while cursor.token.kind == "sign":
            cursor.enter()
            sign = cursor.token.text
            if sign == ".":
                cursor.advance()
                node = Path(node, self.property_name())
            elif sign == "(":
                cursor.advance()
                node = self.call(node)
            elif sign == "[" and not self.closes_range():
                cursor.advance()
                node = Filter(node, self.inside(self.expression, "]"))
            else:
                break
        cursor.leave(cursor.depth - before)
        return node

    def closes_range(self) -> bool:
        """Whether the bracket here closes `]low..high[` rather than opening a filter."""
        return self.closing_end and self.cursor.after_bracket().text not in (")", "]", "[")

    def property_name(self) -> str:
        """Read the name behind a dot, which may be a keyword."""
        if self.cursor.token.kind == "keyword":
            return self.cursor.known_name() or self.cursor.advance().text
        return self.cursor.name()

    def inside(self, read: Callable[[], Node], close: str) -> Node:
        """Read something up to its closing bracket; what closes a range outside does not do so in here."""
        before, self.closing_end = self.closing_end, False
        node = read()
        self.closing_end = before
        self.cursor.expect(close)
        return node

    def call(self, function: Node) -> Node:
        """Read the arguments of a call, after its parenthesis."""
        cursor = self.cursor
        names: list[str] | None = [] if cursor.named_arguments() else None
        arguments: list[Node] = []
        before, self.closing_end = self.closing_end, False
        while not cursor.is_sign(")"):
            if names is not None:
                names.append(cursor.name_before(":"))
                cursor.advance()
            arguments.append(self.expression())
            if not cursor.take(","):
                break
        self.closing_end = before
        cursor.expect(")")
        return Call(function, arguments, names)

    def parenthesis(self) -> Node:
        """Read `(expression)`, `(low..high)` or `(> value)`."""
        if self.cursor.token.kind == "sign" and self.cursor.token.text in COMPARATORS:
            return self.inside(self.comparison_range, ")")
        before, self.closing_end = self.closing_end, False
        node = self.expression()
        self.closing_end = before
        if self.cursor.take(".."):
            return self.range_from(node, closed=False)
        self.cursor.expect(")")
        return node

    def comparison_range(self) -> Node:
        """Read `> value` and its like as the range it is."""
        sign = self.cursor.advance().text
        value = self.operand()
        if sign == "!=":
            raise self.cursor.error("<, <=, >, >= or = within a range")
        low, high = (None, value) if sign.startswith("<") else (value, None)
        if sign == "=":
            high = value
        return RangeLiteral(low, high, sign in (">=", "="), sign in ("<=", "="))

    def bracket(self) -> Node:
        """Read a list, or a range that includes its low end."""
        cursor = self.cursor
        if cursor.take("]"):
            return ListLiteral([])
        before, self.closing_end = self.closing_end, False
        items = [self.list_item()]
        if cursor.take(".."):
            self.closing_end = before
            return self.range_from(items[0], closed=True)
        while cursor.take(","):
            items.append(self.list_item())
        self.closing_end = before
        cursor.expect("]")
        return ListLiteral(items)

    def list_item(self) -> Node:
        """Read an item of a list; `> 5` within a list is a range."""
        if self.cursor.token.kind == "sign" and self.cursor.token.text in COMPARATORS:
            return self.comparison_range()
        return self.expression()

    def open_bracket(self) -> Node:
        """Read `]low..high]`, after its first bracket."""
        low = self.operand()
        self.cursor.expect("..")
        return self.range_from(low, closed=False)

    def range_from(self, low: Node, *, closed: bool) -> Node:
        """Read the high end of a range and its bracket."""
        cursor = self.cursor
        before, self.closing_end = self.closing_end, True
        high = self.operand()
        self.closing_end = before
        for sign in ("]", ")", "["):
            if cursor.take(sign):
                return RangeLiteral(low, high, closed, sign == "]")
        raise cursor.error("']', ')' or '[' at the end of the range")

    def brace(self) -> Node:
        """Read a context, after its brace."""
        cursor = self.cursor
        entries: list[tuple[str, Node]] = []
        mark = len(cursor.local)
        before, self.closing_end = self.closing_end, False
        while not cursor.is_sign("}"):
            quoted = cursor.token.kind == "string"
            key = string(cursor.advance().text) if quoted else cursor.name_before(":")
            cursor.expect(":")
            entries.append((key, self.expression()))
            cursor.declare(key)
            if not cursor.take(","):
                break
        self.closing_end = before
        cursor.forget(mark)
        cursor.expect("}")
        return ContextLiteral(entries)

    def condition(self) -> Node:
        """Read what follows `if`."""
        question = self.expression()
        self.cursor.expect("then")
        answer = self.expression()
        self.cursor.expect("else")
        return If(question, answer, self.expression())

    def iterations(self) -> list[Iteration]:
        """Read `name in source, ...`; each name is in scope behind it."""
        cursor = self.cursor
        found = []
        while True:
            name = cursor.name_before("in")
            cursor.advance()
            source = self.expression()
            high = self.expression() if cursor.take("..") else None
            found.append(Iteration(name, source, high))
            cursor.declare(name)
            if not cursor.take(","):
                return found

    def loop(self) -> Node:
        """Read what follows `for`."""
        mark = len(self.cursor.local)
        iterations = self.iterations()
        self.cursor.expect("return")
        body = self.expression()
        self.cursor.forget(mark)
        return For(iterations, body)

    def quantified(self) -> Node:
        """Read what follows `some` or `every`."""
        every = self.cursor.line[self.cursor.index - 1].text == "every"
        mark = len(self.cursor.local)
        iterations = self.iterations()
        self.cursor.expect("satisfies")
        body = self.expression()
        self.cursor.forget(mark)
        return Quantified(every, iterations, body)

    def function(self) -> Node:
        """Read what follows `function`."""
        cursor = self.cursor
        cursor.expect("(")
        mark = len(cursor.local)
        names: list[str] = []
        kinds: list[Kind] = []
        while not cursor.is_sign(")"):
            names.append(cursor.name_before(":", ",", ")"))
            kinds.append(type_name(cursor) if cursor.take(":") else ANY)
            cursor.declare(names[-1])
            if not cursor.take(","):
                break
        cursor.expect(")")
        external = cursor.take("external")
        body = self.expression()
        cursor.forget(mark)
        return FunctionDefinition(names, kinds, body, external)

    def at_literal(self) -> Node:
        """Read what follows `@`."""
        if self.cursor.token.kind != "string":
            raise self.cursor.error('a string after @, as in @"2023-05-08"')
        return Literal(constant(string(self.cursor.advance().text)))

    def unary_tests(self) -> UnaryTests:
        """Read a whole cell."""
        cursor = self.cursor
        if cursor.token.kind == "end" or (
            cursor.is_sign("-") and cursor.line[cursor.index + 1].kind == "end"
        ):
            cursor.jump(len(cursor.line) - 1)
            return UnaryTests([])
        if cursor.token.text == "not" and cursor.line[cursor.index + 1].text == "(":
            start = cursor.index
            cursor.jump(start + 2)
            tests = self.positive_tests()
            cursor.expect(")")
            if cursor.token.kind == "end":
                return UnaryTests(tests, negated=True)
            cursor.jump(start)
        return UnaryTests(self.positive_tests())

    def positive_tests(self) -> list[UnaryTest]:
        """Read tests with commas between them."""
        tests = [self.positive_test(self.expression)]
        while self.cursor.take(","):
            tests.append(self.positive_test(self.expression))
        return tests

    def positive_test(self, read: Callable[[], Node]) -> UnaryTest:
        """Read one test: an operator with its operand, or an expression."""
        token = self.cursor.token
        if token.kind == "sign" and token.text in COMPARATORS:
            self.cursor.advance()
            return UnaryTest(token.text, self.operand())
        return UnaryTest("in", read())


_READERS: dict[str, Callable[[Primary], Node]] = {
    "(": Primary.parenthesis,
    "[": Primary.bracket,
    "]": Primary.open_bracket,
    "{": Primary.brace,
    "if": Primary.condition,
    "for": Primary.loop,
    "some": Primary.quantified,
    "every": Primary.quantified,
    "function": Primary.function,
    "@": Primary.at_literal,
    **dict.fromkeys(_CONSTANTS, Primary.parenthesis),
}
