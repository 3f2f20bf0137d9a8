# mypy: disable-error-code="func-returns-value"
"""Compiling what repeats: for, some, every, and filters. Each round is paid for before it runs."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.feel.compiler import COMPILERS, Compiler
from app.feel.limits import Run
from app.feel.operators import kind_of
from app.feel.scope import Closure
from app.feel.syntax import Filter, For, Iteration, Quantified
from app.feel.values import Range

_MOST = Decimal(10**15)
_ONE_DAY = timedelta(days=1)


def _source(compiler: Compiler, iteration: Iteration) -> Closure:
    """Compile what a loop goes over: a closure that gives an iterable, or None where it is none."""
    low = compiler.compile(iteration.source)
    if iteration.high is None:
        return lambda env: _items(env[0], low(env))
    high = compiler.compile(iteration.high)
    return lambda env: _steps(env[0], low(env), high(env), both_ways=True)


def _items(run: Run, value: Any) -> Iterable[Any] | None:
    if type(value) is list:
        return value
    if type(value) is Range:
        if not (value.low_closed and value.high_closed):
            return _inner(_steps(run, value.low, value.high, both_ways=False), value)
        return _steps(run, value.low, value.high, both_ways=False)
    if value is None:
        return run.warn("a loop needs a list or a range, but has null")
    return [value]


def _inner(steps: Iterable[Any] | None, span: Range) -> Iterable[Any] | None:
    if steps is None:
        return None
    return (
        step
        for step in steps
        if (span.low_closed or step != span.low) and (span.high_closed or step != span.high)
    )


def _steps(run: Run, low: Any, high: Any, *, both_ways: bool) -> Iterable[Any] | None:
    """Give the numbers or dates from one end to the other, lazily: nobody has paid for them yet."""
    if _is_whole(low) and _is_whole(high):
        first, last = int(low), int(high)
        if last < first and not both_ways:
            return []
        step = 1 if last >= first else -1
        return (Decimal(number) for number in _integers(first, last, step))
    if type(low) is date and type(high) is date:
        return _days(low, high)
    return run.warn(f"a loop goes over whole numbers or dates, not from {kind_of(low)} to {kind_of(high)}")


def _is_whole(value: Any) -> bool:
    return type(value) is Decimal and abs(value) < _MOST and value == value.to_integral_value()


def _integers(first: int, last: int, step: int) -> Iterator[int]:
    number = first
    while (number <= last) if step > 0 else (number >= last):
        yield number
        number += step


def _days(low: date, high: date) -> Iterator[date]:
    step = _ONE_DAY if high >= low else -_ONE_DAY
    day = low
    yield day
    while day != high:
        day += step
        yield day


def _rounds(
    env: list[Any], sources: list[tuple[int, Closure]], cost: int, broken: list[bool]
) -> Iterator[None]:
    """Set the slots of every combination in turn; the later iterations see the earlier ones' names."""
    run: Run = env[0]
    slot, source = sources[0]
    items = source(env)
    if items is None:
        broken.append(True)
        return
    for item in items:
        run.spend(cost)
        env[slot] = item
        if len(sources) == 1:
            yield
        else:
            yield from _rounds(env, sources[1:], cost, broken)


def _sources(compiler: Compiler, iterations: list[Iteration]) -> list[tuple[int, Closure]]:
    sources = []
    for iteration in iterations:
        source = _source(compiler, iteration)
        sources.append((compiler.scope.push(iteration.name), source))
    return sources


def _for(compiler: Compiler, node: For) -> Closure:
    scope = compiler.scope
    mark, top = len(scope.locals), scope.top
    sources = _sources(compiler, node.iterations)
    partial = scope.push("partial")
    scope.used.discard(partial)
    body, cost, _ = compiler.measured(node.body)
    shows_partial = partial in scope.used
    del scope.locals[mark:]
    scope.top = top

    def loop(env: list[Any]) -> Any:
        run: Run = env[0]
        results: list[Any] = []
        broken: list[bool] = []
        for _ in _rounds(env, sources, cost + 1, broken):
            if shows_partial:
                run.spend(len(results) // 8)
                env[partial] = list(results)
            results.append(body(env))
            if len(results) > run.limits.items:
                run.counted(len(results))
        return None if broken else results

    return loop


def _quantified(compiler: Compiler, node: Quantified) -> Closure:
    scope = compiler.scope
    mark, top = len(scope.locals), scope.top
    sources = _sources(compiler, node.iterations)
    condition, cost, _ = compiler.measured(node.condition)
    del scope.locals[mark:]
    scope.top = top
    decisive = not node.every

    def quantified(env: list[Any]) -> Any:
        broken: list[bool] = []
        answer: bool | None = node.every
        for _ in _rounds(env, sources, cost + 1, broken):
            found = condition(env)
            if found is decisive:
                return decisive
            if found is None:
                answer = None
            elif type(found) is not bool:
                return env[0].warn("some and every need true or false")
        return None if broken else answer

    return quantified


def _filter(compiler: Compiler, node: Filter) -> Closure:
    base = compiler.compile(node.base)
    with compiler.scope.bound("item", None) as (item_slot, entries_slot):
        condition, cost, _ = compiler.measured(node.condition)
    tests_only = node.tests_only

    def filtered(env: list[Any]) -> Any:
        run: Run = env[0]
        found = base(env)
        if found is None:
            return None
        items = found if type(found) is list else [found]
        if not items:
            return []
        run.spend(cost)
        env[item_slot] = env[entries_slot] = items[0]
        first = condition(env)
        if type(first) is Decimal and not tests_only:
            return _at(run, items, first)
        kept = []
        for index, item in enumerate(items):
            run.spend(cost)
            env[item_slot] = env[entries_slot] = item
            answer = condition(env) if index else first
            if answer is True:
                kept.append(item)
            elif tests_only and answer is not False:
                return run.warn("a boxed filter needs true or false")
        return kept

    return filtered


def _at(run: Run, items: list[Any], position: Decimal) -> Any:
    if position == int(position) and 1 <= abs(position) <= len(items):
        return items[int(position) - 1 if position > 0 else int(position)]
    return run.warn(f"the list of {len(items)} has no item {position}")


COMPILERS.update({For: _for, Quantified: _quantified, Filter: _filter})
