"""One input in progress: what processors may ask for and what they may cause."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.domain.errors import ElementFailed
from app.domain.events import (
    Consequence,
    IncidentClosed,
    IncidentOpened,
    JobCancelled,
    TaskCancelled,
    TimerCancelled,
    WaitClosed,
)
from app.domain.numbers import Numbers
from app.engine.diagram import Element
from app.engine.expressions import Fuel
from app.engine.tree import Token, Tree
from app.feel.codec import to_tagged
from app.feel.values import normalise

if TYPE_CHECKING:
    from app.engine.definitions import Definition

_CLOSING: dict[str, Any] = {
    "task": TaskCancelled,
    "job": JobCancelled,
    "timer": TimerCancelled,
    "wait": WaitClosed,
    "incident": IncidentClosed,
}


Place = tuple[str, bool]
"""An element at which a token is, and whether it waits there as at an inclusive join."""


class Turn:
    """The tokens of an instance, the clock and counters of one input, and the consequences so far.

    `work` counts what was looked at to decide joins; `in_the_way` keeps for each scope and inclusive join where the
    token was that kept it waiting.
    """

    def __init__(self, definition: "Definition", at: datetime, numbers: Numbers, case_id: str) -> None:
        self.definition = definition
        self.graph = definition.graph
        self.at = at
        self.numbers = numbers
        self.case_id = case_id
        self.moves: list[list[str]] = []
        self.events: list[Consequence] = []
        self.fuel = Fuel()
        self.work = 0
        self.in_the_way: dict[tuple[int, str], Place] = {}
        self.written: set[str] = set()
        self.ends: list[str] = []
        self.finished = False
        self.cancelled = False
        self.tree = Tree(definition.spec, self)  # type: ignore[arg-type]  # stepping adds the rest

    # --- what follows ---

    def emit(self, consequence: Consequence) -> None:
        """Add a consequence in order of appearance."""
        self.events.append(consequence)

    def number(self, kind: str, token: Token) -> int:
        """Give the next number of a kind and note it at the token it belongs to."""
        number, self.numbers = self.numbers.next(kind)
        token.notes[kind] = number
        return number

    def move(self, what: str, id_: str) -> None:
        """Add a move of a token: entered, left or took."""
        self.moves.append([what, id_])

    def arrive(self, scope: Token, element: str, **notes: Any) -> Token:
        """Put a new token on an element of a scope."""
        token = scope.enter(self.tree.node(element), notes)
        self.move("entered", element)
        return token

    def open_incident(self, token: Token, kind: str, message: str) -> None:
        """Stop a token where it is until a person helps."""
        token.fail()
        token.notes.pop("held", None)
        number = self.number("incident", token)
        place = token.element.id
        if token.element.type == "process":  # not drawn: what fails there is what listens from its start on
            start = self.graph.start_of(place)
            place = token.notes.get("start") or (start.id if start is not None else place)
        self.emit(IncidentOpened(number, place, kind, message))

    # --- variables ---

    def read(self, token: Token) -> Mapping[str, Any]:
        """Give the variables that an element sees: its own scope's and those of the scopes around it."""
        layers: list[Mapping[str, Any]] = []
        scope: Token | None = token
        while scope is not None:
            if scope.data:
                layers.append(scope.data)
            scope = None if scope.element.type == "process" else scope.parent
        if len(layers) == 1:
            return layers[0]
        return {name: value for layer in reversed(layers) for name, value in layer.items()}

    def write(self, token: Token, values: Mapping[str, Any]) -> None:
        """Set variables in the scope of an element: the process, or the body of a multi-instance activity."""
        scope = token
        while scope.element.type != "process" and not scope.notes.get("local"):
            scope = scope.parent
        values = normalise(values)
        to_tagged(values)  # a function is a value of FEEL, but none that could be kept
        scope.data.update(values)
        if scope.parent is None:
            self.written.update(values)

    def deposit(self, token: Token, element: Element, value: Any) -> None:
        """Set an element's result: its result variable, or each entry of a context as a variable of its own."""
        if element.result is not None:
            self.write(token, {element.result: value})
        elif isinstance(value, Mapping):
            self.write(token, value)
        else:
            message = f"Expected a context, or a result variable on {element.id}, but got {value!r:.80}"
            raise ElementFailed("result", message)

    def evaluate(self, text: str, token: Token) -> Any:
        """Evaluate a FEEL text of the definition in the scope of a token; raises FeelError."""
        return self.evaluate_with(text, self.read(token))

    def evaluate_with(self, text: str, variables: Mapping[str, Any]) -> Any:
        """Evaluate a FEEL text of the definition over variables; raises FeelError."""
        return self.definition.expressions.evaluate(text, variables, self.at, self.fuel)

    def inputs(self, token: Token) -> dict[str, Any]:
        """Evaluate an element's input mapping; what it gives can be written into the history."""
        variables = self.read(token)
        given = {name: self.evaluate_with(text, variables) for name, text in token.element.inputs}
        to_tagged(given)
        return given

    # --- ends ---

    def close(self, token: Token) -> None:
        """Tell the world that what was open at a token is not open any more."""
        for kind, consequence in _CLOSING.items():
            number = token.notes.pop(kind, None)
            if number is not None:
                self.emit(consequence(number, token.element.id))

    def cancel(self, token: Token) -> None:
        """Take a token away with all inside it."""
        tokens = list(self.tree.walk(token))
        for each in tokens:
            self.close(each)
            if not each.is_arm and not each.is_body and each.element.type != "process":
                self.move("left", each.element.id)
        for each in reversed(tokens):
            each.remove()

    def disarm(self, token: Token) -> None:
        """Stop what listens for a token or a scope."""
        for arm in token.arms():
            self.close(arm)
            arm.remove()
