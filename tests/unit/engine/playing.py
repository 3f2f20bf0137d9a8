"""Play an instance in tests: by element names, with what is open kept as the house would keep it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from app.domain.bundles import Bundle
from app.domain.events import (
    Consequence,
    IncidentClosed,
    IncidentOpened,
    IncidentResolved,
    Input,
    InstanceCompleted,
    InstanceStarted,
    JobCancelled,
    JobCompleted,
    JobFailed,
    JobOpened,
    MessageReceived,
    SignalReceived,
    TaskCancelled,
    TaskCompleted,
    TaskOpened,
    TimerCancelled,
    TimerFired,
    TimerSet,
    TokensMoved,
    VariablesSet,
    WaitClosed,
    WaitOpened,
)
from app.domain.numbers import Numbers
from app.engine.definitions import load
from app.engine.runtime import apply, start

NOW = datetime(2023, 5, 8, 7, 0, tzinfo=UTC)
OPENING = {
    TaskOpened: "task",
    JobOpened: "job",
    TimerSet: "timer",
    WaitOpened: "wait",
    IncidentOpened: "incident",
}
CLOSING = {
    TaskCancelled: "task",
    JobCancelled: "job",
    TimerCancelled: "timer",
    WaitClosed: "wait",
    IncidentClosed: "incident",
}


class Played:
    """One instance from its start on; every input is applied twice and must give the same bytes."""

    times = 2

    def __init__(
        self, bundle: Bundle, at: datetime = NOW, first: InstanceStarted | None = None, **variables: Any
    ) -> None:
        self.definition = load(bundle)
        self.at = at
        self.open: dict[str, dict[int, Any]] = {kind: {} for kind in OPENING.values()}
        self.variables: dict[str, Any] = {}
        self.visits: Counter[str] = Counter()
        self.tokens: Counter[str] = Counter()
        self.moves: list[list[str]] = []
        self.ends: list[str] | None = None
        self.numbers = Numbers()
        self.inputs: list[tuple[Input, datetime]] = []
        started = first or InstanceStarted(bundle.process, bundle.hash, variables=variables)
        self.take(
            started, [start(self.definition, started, at, self.numbers, "FIL-1") for _ in range(self.times)]
        )

    def feed(self, given: Input) -> Sequence[Consequence]:
        """Apply an input."""
        state = self.state
        return self.take(
            given,
            [apply(self.definition, state, given, self.at, self.numbers, "FIL-1") for _ in range(self.times)],
        )

    def take(self, given: Input, twice: list[Any]) -> Sequence[Consequence]:
        """Keep what an input led to."""
        applied = twice[0]
        assert all(again == applied for again in twice)
        self.inputs.append((given, self.at))
        self.state, self.numbers, self.finished = applied.state, applied.numbers, applied.finished
        self.last = applied.consequences
        for consequence in applied.consequences:
            self._keep(consequence)
        self._check_tokens()
        return self.last

    def _keep(self, consequence: Consequence) -> None:
        if isinstance(consequence, TokensMoved):
            self.moves += consequence.moves
            for what, id_ in consequence.moves:
                self.visits[id_] += what != "left"
                self.tokens[id_] += {"entered": 1, "left": -1, "took": 0}[what]
        elif isinstance(consequence, VariablesSet):
            self.variables |= consequence.values
        elif isinstance(consequence, InstanceCompleted):
            self.ends = consequence.ends
        elif type(consequence) in OPENING:
            kind = OPENING[type(consequence)]
            self.open[kind][getattr(consequence, kind)] = consequence
        elif type(consequence) in CLOSING:
            kind = CLOSING[type(consequence)]
            del self.open[kind][getattr(consequence, kind)]

    def _check_tokens(self) -> None:
        """What entered and has not left must be exactly the tokens of the state."""
        rows = orjson.loads(self.state)["tokens"]
        live = Counter(
            element
            for _, element, _, notes, _ in rows[1:]
            if "arm" not in notes and "body" not in notes and (element in self.definition.elements)
        )
        assert live == +self.tokens
        assert all(count >= 0 for count in self.tokens.values())

    def find(self, kind: str, element: str) -> int:
        """Give the first open number of a kind at an element."""
        return next(n for n, opened in sorted(self.open[kind].items()) if opened.element == element)

    def at_elements(self, kind: str = "task") -> list[str]:
        """Name the elements at which a kind is open."""
        return sorted(opened.element for opened in self.open[kind].values())

    def complete(self, element: str, **values: Any) -> Sequence[Consequence]:
        """Complete the task at an element."""
        number = self.find("task", element)
        del self.open["task"][number]
        return self.feed(TaskCompleted(number, values))

    def job(self, element: str, result: Any = None) -> Sequence[Consequence]:
        """Complete the job at an element."""
        number = self.find("job", element)
        del self.open["job"][number]
        return self.feed(JobCompleted(number, result))

    def job_fails(self, element: str, code: str | None, message: str = "broken") -> Sequence[Consequence]:
        """Fail the job at an element."""
        number = self.find("job", element)
        del self.open["job"][number]
        return self.feed(JobFailed(number, code, message))

    def fire(self, element: str, late: timedelta = timedelta(0)) -> Sequence[Consequence]:
        """Let the timer at an element fire, at its due time or later."""
        number = self.find("timer", element)
        self.at = max(self.at, self.open["timer"].pop(number).due + late)
        return self.feed(TimerFired(number))

    def message(self, element: str, **payload: Any) -> Sequence[Consequence]:
        """Let the awaited message come to an element."""
        number = self.find("wait", element)
        return self.feed(MessageReceived(number, self.open["wait"][number].name, payload))

    def signal(self, name: str, **payload: Any) -> Sequence[Consequence]:
        """Let a signal come."""
        return self.feed(SignalReceived(name, payload))

    def resolve(self, element: str, **variables: Any) -> Sequence[Consequence]:
        """Resolve the incident at an element."""
        number = self.find("incident", element)
        del self.open["incident"][number]
        return self.feed(IncidentResolved(number, "corrected", variables))

    def of(self, kind: type) -> list[Any]:
        """Give the consequences of one type of the last input."""
        return [each for each in self.last if isinstance(each, kind)]

    def replayed(self) -> "Played":
        """Play the same inputs at the same times from the beginning, as the history would."""
        (first, at), *others = self.inputs
        again = Played.__new__(Played)
        again.__dict__ |= {key: value for key, value in self.__dict__.items() if key == "definition"}
        assert isinstance(first, InstanceStarted)
        applied = start(self.definition, replace(first), at, Numbers(), "FIL-1")
        again.state, again.numbers = applied.state, applied.numbers
        for given, moment in others:
            applied = apply(self.definition, again.state, given, moment, again.numbers, "FIL-1")
            again.state, again.numbers = applied.state, applied.numbers
        return again
