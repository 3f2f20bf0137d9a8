"""Hit policies (DMN 1.5, 8.2.10): from the rules that matched to the table's result."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from app.dmn.errors import DmnError
from app.feel import library
from app.feel.compiler import Compiler
from app.feel.limits import Run
from app.feel.operators import equal
from app.feel.scope import Closure
from app.feel.syntax import UnaryTests
from app.feel.unary import QUESTION

if TYPE_CHECKING:
    from app.dmn.tables import DecisionTable


@dataclass(slots=True)
class Row:
    """A rule that matched: its number and the values of its outputs."""

    number: int
    values: list[Any]


Decide = Callable[[list[Any], list[Row]], Any]


def policy_of(table: "DecisionTable", compiler: Compiler) -> Decide:
    """Compile the end of a table: the default where nothing matched, else what the hit policy makes of the rows."""
    names = [output.name for output in table.outputs]
    defaults = [compiler.compile(output.default) if output.default else None for output in table.outputs]
    rank = _ranking(table, compiler) if table.policy in "PO" else None

    def result(values: list[Any]) -> Any:
        return values[0] if len(names) == 1 else dict(zip(names, values, strict=True))

    def decide(env: list[Any], rows: list[Row]) -> Any:
        run: Run = env[0]
        if not rows:
            if any(defaults):
                return result([one(env) if one else None for one in defaults])
            return _nothing(run, table)
        if rank is not None:
            rows = sorted(rows, key=lambda row: rank(env, row))
        return _POLICIES[table.policy](run, table, rows, result)

    return decide


def _nothing(run: Run, table: "DecisionTable") -> Any:
    if table.policy == "C" and table.aggregation == "COUNT":
        return Decimal(0)
    if table.policy in "ROC" and not table.aggregation:
        return []
    run.warn(f"{table.where}: no rule matches")
    return None


def _ranking(table: "DecisionTable", compiler: Compiler) -> Callable[[list[Any], Row], list[int]]:
    """Compile the order of a PRIORITY or OUTPUT ORDER table: the place of each value among its output's values."""
    with compiler.scope.bound(QUESTION) as (slot,):
        columns: list[list[Closure]] = []
        for output in table.outputs:
            tests = output.values.tests if output.values else []
            columns.append([compiler.compile(UnaryTests([test])) for test in tests])

    def place(env: list[Any], tests: list[Closure], value: Any) -> int:
        env[slot] = value
        return next((index for index, test in enumerate(tests) if test(env) is True), len(tests))

    def rank(env: list[Any], row: Row) -> list[int]:
        return [place(env, tests, value) for tests, value in zip(columns, row.values, strict=True)]

    return rank


Result = Callable[[list[Any]], Any]


def _unique(_: Run, table: "DecisionTable", rows: list[Row], result: Result) -> Any:
    if len(rows) > 1:
        numbers = ", ".join(str(row.number) for row in rows)
        raise DmnError(
            f"{table.where}: Expected one rule to match, but {numbers} do",
            code="unique",
            element=table.identity,
        )
    return result(rows[0].values)


def _any(run: Run, table: "DecisionTable", rows: list[Row], result: Result) -> Any:
    first = rows[0]
    for row in rows[1:]:
        if equal(run, first.values, row.values) is not True:
            raise DmnError(
                f"{table.where}: Expected one result of all rules, but {first.number} and {row.number} differ",
                code="any",
                element=table.identity,
            )
    return result(first.values)


def _first(_run: Run, _table: "DecisionTable", rows: list[Row], result: Result) -> Any:
    return result(rows[0].values)


def _every(_run: Run, _table: "DecisionTable", rows: list[Row], result: Result) -> Any:
    return [result(row.values) for row in rows]


def _collect(run: Run, table: "DecisionTable", rows: list[Row], result: Result) -> Any:
    results = _every(run, table, rows, result)
    if not table.aggregation:
        return results
    if table.aggregation == "COUNT":
        return Decimal(len(results))
    if table.aggregation not in ("SUM", "MIN", "MAX") or len(table.outputs) != 1:
        run.warn(f"{table.where}: only one output can be aggregated by SUM, MIN or MAX")
        return None
    return library.find(table.aggregation.lower())(run, [results])


_POLICIES: dict[str, Callable[[Run, Any, list[Row], Result], Any]] = {
    "U": _unique,
    "A": _any,
    "P": _first,
    "F": _first,
    "R": _every,
    "O": _every,
    "C": _collect,
}
