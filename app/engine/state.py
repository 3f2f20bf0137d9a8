"""An instance's tokens as canonical JSON bytes and back: no definition, no history, ids by position."""

from typing import TYPE_CHECKING, Any

import orjson

from app.domain.errors import InputRefused
from app.engine.tree import STATES, Token, Tree
from app.feel.codec import from_tagged, to_tagged

if TYPE_CHECKING:
    from app.engine.definitions import Definition

FORMAT = 1
_STATE_NAMES = {state: name for name, state in STATES.items()}


def save(tree: Tree, ends: list[str], *, finished: bool) -> bytes:
    """Give the state after an input; equal trees give equal bytes."""
    places: dict[int, int] = {}
    rows: list[list[Any]] = []
    for token in tree.walk():
        places[token.id] = len(places)
        parent = None if token.parent is None else places[token.parent.id]
        name = _STATE_NAMES[token.state]
        rows.append([parent, token.element.id, name, token.notes, to_tagged(token.data)])
    state = {"v": FORMAT, "tokens": rows, "ends": ends, "finished": finished}
    return orjson.dumps(state, option=orjson.OPT_SORT_KEYS)


def load(tree: Tree, data: bytes) -> list[str]:
    """Put the tokens of a state into an empty tree and give the ends reached so far; raises InputRefused."""
    state = orjson.loads(data)
    if state["v"] != FORMAT:
        raise InputRefused(f"Expected a state of format {FORMAT}, but got {state['v']}")
    if state["finished"]:
        raise InputRefused("Expected an instance that goes on, but it has ended")
    tokens: list[Token] = []
    for parent, element, name, notes, variables in state["tokens"]:
        if element not in tree.spec.task_specs:
            raise InputRefused(f"Expected a state of this definition, but it has no element {element}")
        token = Token(tree, tree.node(element), None if parent is None else tokens[parent], STATES[name])
        token.internal_data = notes
        token.data = from_tagged(variables)
        tokens.append(token)
    tree.task_tree = tokens[0]
    ends: list[str] = state["ends"]
    return ends


def places(data: bytes) -> frozenset[str]:
    """Give the elements at which tokens stand; those of a finished instance are gone."""
    state = orjson.loads(data)
    return frozenset() if state["finished"] else frozenset(token[1] for token in state["tokens"])


def variables(
    definition: "Definition", data: bytes, task: int | None = None, *, wait: int | None = None
) -> dict[str, Any]:
    """Give the variables that a task or a wait sees, or with neither those of the instance; finished instances can be read too."""
    tokens = orjson.loads(data)["tokens"]
    kind, number = ("task", task) if task is not None else ("wait", wait)
    found = 0
    if number is not None:
        found = next((n for n, token in enumerate(tokens) if token[3].get(kind) == number), 0)
    layers: list[dict[str, Any]] = []
    place: int | None = found
    while place is not None:
        parent, element, _, _, own = tokens[place]
        layers.append(from_tagged(own))
        place = None if definition.graph.elements[element].type == "process" else parent
    return {name: value for layer in reversed(layers) for name, value in layer.items()}
