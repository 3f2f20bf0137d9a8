# mypy: disable-error-code="func-returns-value"
"""Compiling functions: definitions, and calls by position or by name."""

from typing import Any

from app.feel import library
from app.feel.calls import convert, invoke
from app.feel.compiler import COMPILERS, Compiler
from app.feel.kinds import converted
from app.feel.limits import CALL, Run
from app.feel.operators import kind_of
from app.feel.scope import Closure
from app.feel.syntax import Call, FunctionDefinition, Name
from app.feel.values import Function


def _definition(compiler: Compiler, node: FunctionDefinition) -> Closure:
    if node.external:
        return lambda env: env[0].warn("external functions are not called here")
    names, kinds = tuple(node.names), tuple(node.kinds)
    with compiler.scope.bound(*names) as slots:
        body, cost, height = compiler.measured(node.body)

    def define(env: list[Any]) -> Function:
        captured = list(env)

        def call(run: Run, arguments: list[Any]) -> Any:
            run.spend(cost)
            inner = captured.copy()
            inner[0] = run
            for slot, kind, name, value in zip(slots, kinds, names, arguments, strict=True):
                inner[slot], fits = converted(kind, value)
                if not fits:
                    return run.warn(f"{name} should be {kind.name}, but is {kind_of(value)}")
            run.descend(height + CALL)
            result = body(inner)
            run.depth -= height + CALL
            return result if made.result is None else convert(run, made.result, result, "the result")

        made = Function(names, call, kinds, node.result, slots=captured)
        return made

    return define


def _call(compiler: Compiler, node: Call) -> Closure:
    if type(node.function) is Name:
        slot, _ = compiler.scope.find(node.function.name)
        if slot is None and node.function.name in library.NAMES:
            return _builtin_call(compiler, node, node.function.name)
    function = compiler.compile(node.function)
    arguments = [compiler.compile(argument) for argument in node.arguments]
    names = node.names

    def call(env: list[Any]) -> Any:
        called = function(env)
        return invoke(env[0], called, [argument(env) for argument in arguments], names)

    return call


def _builtin_call(compiler: Compiler, node: Call, name: str) -> Closure:
    arguments = [compiler.compile(argument) for argument in node.arguments]
    implementation = library.find(name)
    order = library.arrange(name, node.names) if node.names is not None else None
    misnamed = node.names is not None and order is None

    def call(env: list[Any]) -> Any:
        run = env[0]
        values = [argument(env) for argument in arguments]
        if name in env[1].context:
            own = env[1].own_function(run, name)
            if own is not None:
                return invoke(run, own, values, node.names)
        if misnamed:
            return run.warn(f"{name} has no parameters of these names")
        if order is not None:
            values = [library.ABSENT if index is None else values[index] for index in order]
        return implementation(run, values)

    return call


COMPILERS.update({Call: _call, FunctionDefinition: _definition})
