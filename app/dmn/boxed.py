"""DMN's boxed expressions as FEEL's tree: what is drawn in boxes and what is written are one language."""

from collections.abc import Callable

from app.dmn import tables
from app.dmn.errors import DmnError
from app.dmn.item_definitions import TypeTable
from app.dmn.xml import (
    Element,
    child,
    children,
    expression,
    local,
    located,
    name_of,
    refuse_other_language,
    type_of,
)
from app.feel import FeelError, parse
from app.feel.kinds import is_any
from app.feel.syntax import (
    Call,
    ContextLiteral,
    Conversion,
    Filter,
    For,
    FunctionDefinition,
    If,
    Iteration,
    ListLiteral,
    Literal,
    Node,
    Quantified,
)

_MAX_DEPTH = 40
KINDS = (
    "literalExpression", "decisionTable", "context", "list", "relation", "invocation", "functionDefinition",
    "conditional", "filter", "for", "some", "every",
)  # fmt: skip


class Boxes:
    """Reads the expressions of one model; `where` names the decision in errors."""

    def __init__(self, types: TypeTable, where: str = "") -> None:
        self.types = types
        self.where = where
        self.depth = 0

    def within(self, element: Element | None) -> Node:
        """Read the expression inside an element; null where there is none."""
        inner = None if element is None else child(element, *KINDS)
        return Literal(None) if inner is None else self.read(inner)

    def read(self, element: Element) -> Node:
        """Read an expression, brought to the type it declares."""
        reader = _READERS.get(local(element))
        if reader is None:
            raise DmnError(f"Expected an expression of DMN, but got <{local(element)}>", code="expression")
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise DmnError(
                f"Expected boxes nested at most {_MAX_DEPTH} deep, but they are deeper", code="limit"
            )
        node = self.typed(reader(self, element), element.get("typeRef") or "", self.where)
        self.depth -= 1
        return node

    def typed(self, node: Node, reference: str, what: str) -> Node:
        """Wrap a node in the conversion to a declared type, if one is declared."""
        kind = self.types.kind(reference)
        return node if is_any(kind) else Conversion(node, kind, what)

    def parsed(self, text: str, element: Element) -> Node:
        """Read FEEL, and say where it stands if it is broken."""
        if not text:
            return Literal(None)
        try:
            return parse(text, self.types.names, kinds=self.types.written)
        except FeelError as problem:
            raise located(problem, element, self.where) from problem

    def literal(self, element: Element) -> Node:
        """Read a literal expression."""
        refuse_other_language(element, self.where)
        return self.parsed(expression(element), element)

    def table(self, element: Element) -> Node:
        """Read a decision table."""
        return tables.read(element, self.types, self.where).node()

    def context(self, element: Element) -> Node:
        """Read a context; an entry without a name is its result."""
        entries: list[tuple[str, Node]] = []
        last: Node | None = None
        for entry in children(element, "contextEntry"):
            variable = child(entry, "variable")
            node = self.within(entry)
            if variable is None:
                last = node
            else:
                entries.append((name_of(variable), self.typed(node, type_of(variable), name_of(variable))))
        return ContextLiteral(entries, last)

    def listed(self, element: Element) -> Node:
        """Read a list."""
        return ListLiteral([self.read(item) for item in children(element, *KINDS)])

    def relation(self, element: Element) -> Node:
        """Read a relation: a list of contexts, one for each row."""
        columns = [(name_of(column), type_of(column)) for column in children(element, "column")]
        rows: list[Node] = []
        for row in children(element, "row"):
            cells = list(children(row, *KINDS))
            pairs = zip(columns, cells, strict=False)
            rows.append(
                ContextLiteral(
                    [(name, self.typed(self.read(cell), kind, name)) for (name, kind), cell in pairs]
                )
            )
        return ListLiteral(rows)

    def invocation(self, element: Element) -> Node:
        """Read a call with its bindings by name."""
        bindings = list(children(element, "binding"))
        names = [name_of(child(binding, "parameter")) for binding in bindings]
        arguments = [self.within(binding) for binding in bindings]
        return Call(self.within(element), arguments, names)

    def function(self, element: Element) -> Node:
        """Read a function; one of Java or PMML is kept as external and refused when called."""
        parameters = list(children(element, "formalParameter"))
        names = [name_of(one) for one in parameters]
        kinds = [self.types.kind(type_of(one)) for one in parameters]
        external = element.get("kind", "FEEL") != "FEEL"
        return FunctionDefinition(names, kinds, Literal(None) if external else self.within(element), external)

    def conditional(self, element: Element) -> Node:
        """Read if, then and else."""
        question, then, otherwise = (self.within(child(element, part)) for part in ("if", "then", "else"))
        return If(question, then, otherwise)

    def filtered(self, element: Element) -> Node:
        """Read a filter."""
        return Filter(
            self.within(child(element, "in")), self.within(child(element, "match")), tests_only=True
        )

    def iterated(self, element: Element) -> Node:
        """Read a for."""
        return For([self.iteration(element)], self.within(child(element, "return")))

    def quantified(self, element: Element) -> Node:
        """Read some or every."""
        every = local(element) == "every"
        return Quantified(every, [self.iteration(element)], self.within(child(element, "satisfies")))

    def iteration(self, element: Element) -> Iteration:
        """Read what a for, some or every goes over."""
        name = " ".join((element.get("iteratorVariable") or "").split())
        return Iteration(name, self.within(child(element, "in")))


_READERS: dict[str, Callable[[Boxes, Element], Node]] = {
    "literalExpression": Boxes.literal,
    "decisionTable": Boxes.table,
    "context": Boxes.context,
    "list": Boxes.listed,
    "relation": Boxes.relation,
    "invocation": Boxes.invocation,
    "functionDefinition": Boxes.function,
    "conditional": Boxes.conditional,
    "filter": Boxes.filtered,
    "for": Boxes.iterated,
    "some": Boxes.quantified,
    "every": Boxes.quantified,
}
