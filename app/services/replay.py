"""Replay: feed a case's recorded inputs to a fresh engine and compare every consequence with the recorded one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.domain.definitions import DefinitionFacts
from app.domain.errors import DefinitionInvalid, HistoryDiffers, InputRefused, NotFound
from app.domain.events import (
    CaseStateChanged,
    Event,
    Input,
    InstanceStarted,
    TaskAssigned,
    TaskClaimed,
    TaskReleased,
)
from app.domain.numbers import Numbers
from app.engine import definitions as engine_definitions
from app.engine import runtime
from app.services.course import states_reached
from app.services.house import House
from app.services.use_case import query
from app.store.log import Recorded, body_of
from app.store.queries import Queries

_beside_the_engine = (TaskClaimed, TaskReleased, TaskAssigned)


@dataclass(frozen=True)
class Difference:
    """The first event that a replay did not reproduce: its number in the case, what was recorded, what came now."""

    seq: int
    expected: str
    got: str


@dataclass(frozen=True)
class ReplayResult:
    """What became of a replay: how many inputs were fed, how many consequences compared, the first difference.

    `erased` counts the personal values whose key is forgotten: what they were cannot be compared any more.
    """

    case_id: str
    inputs: int
    consequences: int
    difference: Difference | None
    states: dict[int, bytes]
    erased: int = 0

    @property
    def equal(self) -> bool:
        """Whether every consequence came out as recorded, and nothing was forgotten."""
        return self.difference is None and not self.erased


class _Replay:
    def __init__(self, reader: Queries, case_id: str) -> None:
        self.reader, self.case_id = reader, case_id
        self.numbers, self.state = Numbers(), ""
        self.states: dict[int, bytes] = {}
        self.bundles: dict[int, str] = {}
        self.inputs = self.consequences = 0

    def run(self, history: Sequence[Recorded]) -> Difference | None:
        for entry, followers in _grouped(history):
            if entry.instance is None or isinstance(entry.event, _beside_the_engine):
                continue
            self.inputs += 1
            difference = self._one(entry, followers)
            if difference:
                return difference
        return None

    def _one(self, entry: Recorded, followers: list[Recorded]) -> Difference | None:
        try:
            got = self._apply(entry)
        except (DefinitionInvalid, InputRefused, NotFound) as error:
            return Difference(entry.seq, _text(entry.event), f"refused: {error}")
        self.consequences += len(followers)
        for recorded, event in zip(followers, got, strict=False):
            expected, text = _text(recorded.event), _text(event)
            if expected != text:
                return Difference(recorded.seq, expected, text)
        if len(got) > len(followers):
            return Difference(entry.seq, "nothing more", _text(got[len(followers)]))
        if len(followers) > len(got):
            return Difference(followers[len(got)].seq, _text(followers[len(got)].event), "nothing more")
        return None

    def _apply(self, entry: Recorded) -> list[Event]:
        number, event = entry.instance, entry.event
        if number is None or not isinstance(event, Input):
            raise InputRefused(f"Expected an input to an instance at {entry.seq}, but found {event.type}.")
        if not isinstance(event, InstanceStarted) and number not in self.states:
            raise InputRefused(f"Expected instance {number} to have been started, but it was not.")
        if isinstance(event, InstanceStarted):
            self.bundles[number] = event.bundle
            numbers = replace(self.numbers, instance=number)
            definition = engine_definitions.load(self.reader.bundle(event.bundle))
            applied = runtime.start(definition, event, entry.recorded_at, numbers, self.case_id)
        else:
            definition = engine_definitions.load(self.reader.bundle(self.bundles[number]))
            applied = runtime.apply(
                definition,
                self.states[number],
                event,
                entry.recorded_at,
                self.numbers,
                self.case_id,
            )
        self.states[number], self.numbers = applied.state, applied.numbers
        facts: DefinitionFacts = self.reader.facts(self.bundles[number])
        changes = states_reached(facts, applied.consequences, self.state)
        self.state = (
            changes[-1].state if changes and isinstance(changes[-1], CaseStateChanged) else self.state
        )
        return [*applied.consequences, *changes]


def _grouped(history: Sequence[Recorded]) -> Iterator[tuple[Recorded, list[Recorded]]]:
    """Pair each input with the consequences recorded right behind it."""
    place = 0
    while place < len(history):
        entry, place = history[place], place + 1
        followers: list[Recorded] = []
        while place < len(history) and not history[place].event.is_input:
            followers.append(history[place])
            place += 1
        yield entry, followers


def _text(event: Event) -> str:
    return f"{event.type} {body_of(event)}"


@query
def case(house: House, reader: Queries, case_id: str) -> ReplayResult:
    """Replay one case; the result names the first difference, be it an alteration of the history itself.

    Raises NotFound for a case without a history.
    """
    found = _broken(reader, case_id)
    replay = _Replay(reader, case_id)
    if found is None:
        try:
            history = reader.history(case_id)
        except HistoryDiffers as unreadable:
            found = Difference(0, "a history that can be read", str(unreadable))
        else:
            found = replay.run(history)
            erased = reader.erased(vars(entry.event) for entry in history)
            return ReplayResult(case_id, replay.inputs, replay.consequences, found, replay.states, erased)
    return ReplayResult(case_id, 0, 0, found, {})


def _broken(reader: Queries, case_id: str) -> Difference | None:
    """Give the first event that is not the one its leaf hash was made of, or that is missing."""
    expected = 0
    for seq, unaltered in reader.leaves(case_id):
        expected += 1
        if seq != expected:
            return Difference(expected, f"event {expected}", f"event {seq}: those before it are gone")
        if not unaltered:
            return Difference(seq, "the event that its leaf hash was made of", "one that was altered")
    if not expected:
        raise NotFound(f"Expected a history of case {case_id}, but there is none.")
    return None


def every(house: House) -> Iterator[ReplayResult]:
    """Replay every case that has a history, in the order of their numbers."""
    with house.database.reader() as reader:
        numbers = reader.recorded_cases()
    for case_id in numbers:
        yield case(house, case_id)
