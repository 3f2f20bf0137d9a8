"""Compiling unary tests: the cells of decision tables, and what follows `in`."""

from typing import Any

from app.feel import operators
from app.feel.compiler import COMPILERS, Compiler
from app.feel.limits import Run
from app.feel.scope import Closure
from app.feel.syntax import In, Literal, Node, UnaryTest, UnaryTests
from app.feel.values import Range

QUESTION = "?"


def _unary_tests(compiler: Compiler, node: UnaryTests) -> Closure:
    """Compile a cell; the slot of `?` has been given by the caller."""
    if not node.tests:
        return lambda _env: True
    tests = [_test(compiler, test) for test in node.tests]
    single, negated = tests[0] if len(tests) == 1 else None, node.negated

    def cell(env: list[Any]) -> Any:
        answer = single(env) if single is not None else _any_of(tests, env)
        if negated:
            return None if answer is None else not answer
        return answer

    return cell


def _any_of(tests: list[Closure], env: list[Any]) -> bool | None:
    answer: bool | None = False
    for test in tests:
        found = test(env)
        if found is True:
            return True
        if found is None:
            answer = None
    return answer


def _test(compiler: Compiler, node: UnaryTest) -> Closure:
    compiler.count += 1
    slot, _ = compiler.scope.find(QUESTION)
    if slot is None:
        raise AssertionError("the value under test has a slot")
    if node.operator == "in":
        return _membership(compiler, node.operand, slot)
    operand, operator = compiler.compile(node.operand), node.operator
    if operator in ("=", "!="):
        return _equality(operand, slot, equal=operator == "=")

    def ordered(env: list[Any]) -> Any:
        return operators.ordered(env[0], operator, env[slot], operand(env))

    return ordered


def _equality(operand: Closure, slot: int, *, equal: bool) -> Closure:
    def equality(env: list[Any]) -> Any:
        answer = operators.equal(env[0], env[slot], operand(env))
        return answer if equal or answer is None else not answer

    return equality


def _membership(compiler: Compiler, node: Node, slot: int) -> Closure:
    compiler.scope.used.discard(slot)
    operand = compiler.compile(node)
    asks = slot in compiler.scope.used
    if type(node) is Literal:
        value = node.value
        return lambda env: operators.equal(env[0], env[slot], value)

    def membership(env: list[Any]) -> Any:
        found = operand(env)
        if asks and (type(found) is bool or found is None):
            return found
        return matches(env[0], env[slot], found)

    return membership


def matches(run: Run, value: Any, test: Any) -> bool | None:
    """Whether a value passes a test that is a value: a range holds it, a list has it or a range that holds it, else it is equal.

    A test that is true or false by itself, against a value that is neither, says so itself.
    """
    if type(test) is Range and type(value) is not Range:
        return operators.included(run, value, test)
    if type(test) is list:
        run.spend(len(test))
        if type(value) is list and operators.equal(run, value, test):
            return True
        return any(_one_of(run, value, one) for one in test)
    if type(test) is bool and type(value) is not bool:
        return test
    return operators.equal(run, value, test)


def _one_of(run: Run, value: Any, one: Any) -> bool:
    if type(one) is Range and type(value) is not Range:
        return operators.included(run, value, one) is True
    return operators.equal(run, value, one) is True


def _in(compiler: Compiler, node: In) -> Closure:
    value = compiler.compile(node.value)
    with compiler.scope.bound(QUESTION) as (slot,):
        tests = [_test(compiler, test) for test in node.tests if type(test) is UnaryTest]

    def inside(env: list[Any]) -> Any:
        env[slot] = value(env)
        return _any_of(tests, env)

    return inside


COMPILERS.update({UnaryTests: _unary_tests, In: _in})
