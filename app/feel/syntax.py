"""The tree of an expression: one class for each form of the language, positions where errors or checks need them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.feel.kinds import Kind


@dataclass(slots=True)
class Literal:
    """A number, string, boolean, null or `@"..."` value."""

    value: Any


@dataclass(slots=True)
class Name:
    """A variable, or a function where nothing else has that name."""

    name: str
    at: int = 0


@dataclass(slots=True)
class Path:
    """`base.name`."""

    base: "Node"
    name: str


@dataclass(slots=True)
class Filter:
    """`base[condition]`; where it `tests_only` (boxed), the condition is no position."""

    base: "Node"
    condition: "Node"
    tests_only: bool = False


@dataclass(slots=True)
class Call:
    """`function(arguments)`; `names` where they are given by name, in the order written."""

    function: "Node"
    arguments: list["Node"]
    names: list[str] | None = None


@dataclass(slots=True)
class Binary:
    """`left operator right`: or, and, = != < <= > >=, + - * / **."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(slots=True)
class Negate:
    """`-operand`."""

    operand: "Node"


@dataclass(slots=True)
class Between:
    """`value between low and high`, both ends included."""

    value: "Node"
    low: "Node"
    high: "Node"


@dataclass(slots=True)
class In:
    """`value in test` or `value in (test, ...)`."""

    value: "Node"
    tests: list["Node"]


@dataclass(slots=True)
class If:
    """`if condition then then else otherwise`."""

    condition: "Node"
    then: "Node"
    otherwise: "Node"


@dataclass(slots=True)
class Iteration:
    """One `name in source` of a for, some or every; `high` where it is `low..high`."""

    name: str
    source: "Node"
    high: "Node | None" = None


@dataclass(slots=True)
class For:
    """`for iterations return body`; the results so far are `partial`."""

    iterations: list[Iteration]
    body: "Node"


@dataclass(slots=True)
class Quantified:
    """`some` or `every` iterations satisfies condition."""

    every: bool
    iterations: list[Iteration]
    condition: "Node"


@dataclass(slots=True)
class FunctionDefinition:
    """`function(parameters) body`; `external` functions are read and refused when called."""

    names: list[str]
    kinds: list[Kind]
    body: "Node"
    external: bool = False
    result: Kind | None = None


@dataclass(slots=True)
class ContextLiteral:
    """`{key: value, ...}`; a later entry may use the earlier ones. `last` is the result of a boxed one."""

    entries: list[tuple[str, "Node"]]
    last: "Node | None" = None


@dataclass(slots=True)
class ListLiteral:
    """`[item, ...]`."""

    items: list["Node"]


@dataclass(slots=True)
class RangeLiteral:
    """`[low..high]`, `(low..high)`, `]low..high[`, and `(> low)`: an end that is None is open."""

    low: "Node | None"
    high: "Node | None"
    low_closed: bool
    high_closed: bool


@dataclass(slots=True)
class InstanceOf:
    """`value instance of kind`."""

    value: "Node"
    kind: Kind


@dataclass(slots=True)
class Conversion:
    """A value brought to a declared type, as DMN does at every boundary; what does not conform becomes null."""

    value: "Node"
    kind: Kind
    what: str


@dataclass(slots=True)
class UnaryTest:
    """`operator operand`, with the value under test on the left; operator `in` for a bare expression."""

    operator: str
    operand: "Node"


@dataclass(slots=True)
class UnaryTests:
    """A cell: tests of which one must hold, or none of them if `negated`; no test at all is `-`."""

    tests: list[UnaryTest]
    negated: bool = False


@dataclass(slots=True)
class Embedded:
    """A part that another language compiles within this one: DMN's decision tables. It is given the compiler."""

    build: Callable[[Any], Callable[[list[Any]], Any]]


Node = (
    Embedded |
    Literal | Name | Path | Filter | Call | Binary | Negate | Between | In | If | For | Quantified
    | FunctionDefinition | ContextLiteral | ListLiteral | RangeLiteral | InstanceOf | Conversion | UnaryTest | UnaryTests
)  # fmt: skip
