"""Activities that run several times: multi-instance (parallel, sequential) and standard loops (BPMN 2.0.2, 13.3.6)."""

from decimal import Decimal
from typing import Any

from app.domain.errors import ElementFailed
from app.engine.diagram import Loop
from app.engine.tree import Token
from app.engine.turn import Turn
from app.feel.codec import from_tagged, to_tagged

MAX_INSTANCES = 2_000


def begin(turn: Turn, token: Token) -> bool | None:
    """Start the first body, or all bodies, of an activity with a loop marker."""
    loop = _loop(token)
    if loop.kind == "standard":
        token.notes["turns"] = 0
        if loop.maximum == 0 or (loop.test_before and not _goes_on(turn, token, loop)):
            return True
        _turn_again(token)
        return None
    items = _items(turn, token, loop)
    if not items:
        _give(turn, token, loop, [])
        return True
    token.notes.update(items=to_tagged(items), results={}, begun=0)
    for _ in items if loop.kind == "parallel" else items[:1]:
        _start_next(token, loop)
    _count(token, loop)
    return None


def collect(turn: Turn, token: Token) -> None:
    """Keep what a body leaves: its output element, else its result variable, else what it set."""
    outer = token.parent
    loop = _loop(token)
    if loop.kind == "standard":
        return
    if loop.output_element is not None:
        value = turn.evaluate(loop.output_element, token)
    elif token.element.result is not None:
        value = token.data.get(token.element.result)
    else:
        value = {name: each for name, each in token.data.items() if name not in {"loopCounter", loop.element}}
    outer.notes["results"][str(token.notes["body"])] = to_tagged(value)


def advance(turn: Turn, token: Token) -> bool | None:
    """Go on after a body has ended: the next one, or the end."""
    loop = _loop(token)
    if loop.kind == "standard":
        ended = loop.maximum is not None and token.notes["turns"] >= loop.maximum
        if not ended and _goes_on(turn, token, loop):
            _turn_again(token)
            return None
        token.data.clear()
        return True
    return _advance_several(turn, token, loop)


def _advance_several(turn: Turn, token: Token, loop: Loop) -> bool | None:
    _count(token, loop)
    total = len(token.notes["items"])
    enough = loop.until is not None and _truth(turn.evaluate(loop.until, token), token, "completionCondition")
    if enough:
        for body in token.live():
            turn.cancel(body)
    elif loop.kind == "sequential" and token.notes["begun"] < total:
        _start_next(token, loop)
        _count(token, loop)
        return None
    if token.live():
        return None
    results = token.notes["results"]
    token.data.clear()
    _give(turn, token, loop, [from_tagged(results.get(str(index))) for index in range(total)])
    for note in ("items", "results", "begun"):
        del token.notes[note]
    return True


def _items(turn: Turn, token: Token, loop: Loop) -> list[Any]:
    if loop.collection is not None:
        value = turn.evaluate(loop.collection, token.parent)
        if not isinstance(value, list):
            raise ElementFailed(
                "collection", f"Expected a list for {token.element.id}, but got {value!r:.80}"
            )
        count = len(value)
    else:
        number = turn.evaluate(loop.cardinality or "", token.parent)
        if not isinstance(number, Decimal) or number != number.to_integral_value() or number < 0:
            raise ElementFailed("cardinality", f"Expected a whole number of runs, but got {number!r:.80}")
        count = int(number) if number <= MAX_INSTANCES else MAX_INSTANCES + 1
        value = [None] * count
    if count > MAX_INSTANCES:
        raise ElementFailed(
            "instances", f"Expected at most {MAX_INSTANCES} runs, but {token.element.id} asks for more"
        )
    return list(value)


def _start_next(token: Token, loop: Loop) -> None:
    index = token.notes["begun"]
    token.notes["begun"] = index + 1
    body = token.enter(token.task_spec, {"body": index, "local": True})
    body.data["loopCounter"] = Decimal(index + 1)
    if loop.element is not None:
        body.data[loop.element] = from_tagged(token.notes["items"][index])


def _turn_again(token: Token) -> None:
    token.notes["turns"] += 1
    token.data["loopCounter"] = Decimal(token.notes["turns"])
    token.enter(token.task_spec, {"body": token.notes["turns"]})


def _count(token: Token, loop: Loop) -> None:
    results = token.notes["results"]
    token.data.update(
        numberOfInstances=Decimal(len(token.notes["items"])),
        numberOfActiveInstances=Decimal(len(token.live())),
        numberOfCompletedInstances=Decimal(len(results)),
    )
    if loop.output_collection is not None and not loop.blind:
        token.data[loop.output_collection] = [from_tagged(results[key]) for key in sorted(results, key=int)]


def _give(turn: Turn, token: Token, loop: Loop, results: list[Any]) -> None:
    if loop.output_collection is not None:
        turn.write(token.parent, {loop.output_collection: results})


def _goes_on(turn: Turn, token: Token, loop: Loop) -> bool:
    return loop.condition is None or _truth(turn.evaluate(loop.condition, token), token, "loopCondition")


def _truth(value: Any, token: Token, place: str) -> bool:
    if isinstance(value, bool):
        return value
    raise ElementFailed(
        "condition", f"Expected true or false from the {place} of {token.element.id}, but got {value!r:.80}"
    )


def _loop(token: Token) -> Loop:
    loop = token.element.loop
    if loop is None:
        raise ElementFailed("loop", f"Expected a loop marker on {token.element.id}, but it has none")
    return loop
