"""Replay: feed a case's recorded inputs to a fresh engine and compare every consequence with the recorded one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

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

    `erased` counts the personal values whose key is forgotten: what they were cannot be compared any more. `caches` names
    the tables, and the snapshots, that say something else than the history: a rebuild mends them.
    """

    case_id: str
    inputs: int
    consequences: int
    difference: Difference | None
    states: dict[int, bytes]
    erased: int = 0
    caches: list[str] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Whether every consequence came out as recorded, nothing was forgotten, and the tables say the same."""
        return self.difference is None and not self.erased and not self.caches


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
            expected, text = _following(recorded, recorded.event), _following(entry, event)
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


def _following(place: Recorded, event: Event) -> str:
    """Write a consequence with what it takes over from its input: when, in which instance, because of what, by whom."""
    cause = place.seq if place.event.is_input else place.cause
    return (
        f"{_text(event)} at {place.recorded_at.isoformat()} in {place.instance} of {cause} by {place.actor}"
    )


def _text(event: Event) -> str:
    return f"{event.type} {body_of(event)}"


def compared(reader: Queries, case_id: str) -> ReplayResult:
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
            caches = [] if found else _caches(reader, case_id, history, replay)
            inputs, consequences = replay.inputs, replay.consequences
            return ReplayResult(case_id, inputs, consequences, found, replay.states, erased, caches)
    return ReplayResult(case_id, 0, 0, found, {})


@query
def case(house: House, reader: Queries, case_id: str) -> ReplayResult:
    """Replay one case of a house, as `compared` does."""
    return compared(reader, case_id)


def _caches(reader: Queries, case_id: str, history: Sequence[Recorded], replay: _Replay) -> list[str]:
    """Name the tables and the snapshots that are not what the history makes."""
    kept = reader.snapshots(case_id)
    wrong = [f"snapshot {number}" for number, state in replay.states.items() if kept.get(number) != state]
    return [*reader.differing(case_id, history), *wrong]


def _broken(reader: Queries, case_id: str) -> Difference | None:
    """Give the first event that is not the one its leaf hash was made of, or that is missing."""
    expected = 0
    for seq, unaltered in reader.leaves(case_id):
        expected += 1
        if seq != expected:
            return Difference(expected, f"event {expected}", f"event {seq}: those before it are gone")
        if not unaltered:
            return Difference(seq, "the event that its leaf hash was made of", "one that was altered")
    counted = reader.events_counted(case_id)
    if expected and counted > expected:
        return Difference(expected + 1, f"event {expected + 1}", f"nothing: the case counts {counted} events")
    if not expected and not counted:
        raise NotFound(f"Expected a history of case {case_id}, but there is none.")
    return None if expected else Difference(1, f"{counted} events", "nothing: the whole history is gone")


def every(house: House) -> Iterator[ReplayResult]:
    """Replay every case that has a history or was ever given a number, in the order of their numbers."""
    with house.database.reader() as reader:
        recorded, numbered = set(reader.recorded_cases()), reader.numbered_cases()
    for case_id in sorted(recorded | numbered):
        if case_id in recorded:
            yield case(house, case_id)
        else:
            gone = Difference(
                1, "a history of this case", "nothing: it was given a number, and no event is left"
            )
            yield ReplayResult(case_id, 0, 0, gone, {})
