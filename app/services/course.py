"""The course of a case: one input, and all that follows from it within the same transaction."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from app.domain.actors import system
from app.domain.cases import Case
from app.domain.definitions import DefinitionFacts, DefinitionRow
from app.domain.errors import HandlerError, PraticaError
from app.domain.events import (
    CaseStateChanged,
    Consequence,
    Event,
    Input,
    InstanceHeld,
    InstanceStarted,
    JobCompleted,
    JobFailed,
    JobOpened,
    MessageReceived,
    MessageThrown,
    SignalReceived,
    SignalThrown,
    TokensMoved,
    WaitOpened,
)
from app.engine import definitions as engine_definitions
from app.engine import runtime
from app.feel.errors import FeelError
from app.feel.values import normalise
from app.services.house import House
from app.services.inside import InsideHouse
from app.store.unit_of_work import UnitOfWork

MAX_FOLLOWING = 2_500
"""Inputs that may follow from one: a multi-instance activity of 2,000 handlers, and no circle of messages."""

HANDLER_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    FeelError,
    ImportError,
    LookupError,
    NameError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a mistake in a handler raises; an error of the database is none and undoes the transaction."""


def states_reached(facts: DefinitionFacts, consequences: Iterable[Event], before: str) -> list[Event]:
    """Derive the case's changes of state from the elements and flows that the tokens passed (manifest, `[reached]`)."""
    changes: list[Event] = []
    for event in consequences:
        if isinstance(event, TokensMoved):
            for kind, element in event.moves:
                state = facts.states.get(element) if kind in ("entered", "took") else None
                if state and state != before:
                    changes.append(CaseStateChanged(state))
                    before = state
    return changes


@dataclass
class _Running:
    facts: DefinitionFacts
    bundle: str
    state: bytes


class Course:
    """Feeds inputs to the instances of one locked case and routes what they throw until all is quiet."""

    def __init__(self, house: House, uow: UnitOfWork, case: Case, actor: str) -> None:
        self.house, self.uow, self.case, self.actor = house, uow, case, actor
        self._running: dict[int, _Running] = {}
        self._todo: deque[Callable[[], None]] = deque()
        self._following = 0

    def start(
        self,
        row: DefinitionRow,
        variables: dict[str, Any],
        *,
        element: str | None = None,
        message: str | None = None,
    ) -> int:
        """Start an instance of a definition in this case and give its number."""
        number, numbers = self.case.numbers.next("instance")
        limits = dict(self.house.settings.feel)
        started = InstanceStarted(row.process, row.bundle, element, variables, message, limits)
        definition = engine_definitions.load(self.uow.bundle(row.bundle))
        applied = runtime.start(definition, started, self.uow.now, numbers, self.case.id)
        self._running[number] = _Running(row.facts, row.bundle, applied.state)
        self._record(number, started, applied)
        return number

    def feed(self, instance: int, event: Input) -> None:
        """Apply one input to an instance, record it with its consequences, and queue what follows."""
        running = self._load(instance)
        definition = engine_definitions.load(self.uow.bundle(running.bundle))
        applied = runtime.apply(
            definition, running.state, event, self.uow.now, self.case.numbers, self.case.id
        )
        running.state = applied.state
        self._record(instance, event, applied)

    def _go_on(self, instance: int, event: Input) -> None:
        """Feed an input that followed from another; where there are too many, what it leads to is held by an incident."""
        self.actor = system.id  # the person's own input is recorded; what follows from it, nobody did
        self._following += 1
        if self._following > MAX_FOLLOWING:
            limit = f"{MAX_FOLLOWING} messages, signals and jobs that follow from each other without a wait"
            self.feed(instance, InstanceHeld(limit))
        self.feed(instance, event)

    def settle(self) -> Case:
        """Work off everything that follows until nothing is left to do in this transaction."""
        while self._todo:
            self._todo.popleft()()
        return self.case

    def _load(self, instance: int) -> _Running:
        if instance not in self._running:
            found, state = self.uow.instance(self.case.id, instance)
            facts = self.uow.facts(found.bundle)
            self._running[instance] = _Running(facts, found.bundle, state)
        return self._running[instance]

    def _record(self, instance: int, event: Input, applied: runtime.Applied) -> None:
        facts = self._running[instance].facts
        changes = states_reached(facts, applied.consequences, self.case.state)
        self.case = self.uow.record(
            self.case,
            instance,
            [event, *applied.consequences, *changes],
            actor=self.actor,
            numbers=applied.numbers,
            state=applied.state,
        )
        for consequence in applied.consequences:
            self._follow(instance, consequence)

    def _follow(self, instance: int, event: Consequence) -> None:
        match event:
            case JobOpened():
                self._todo.append(lambda: self._job(instance, event))
            case MessageThrown():
                self._todo.append(lambda: self._message(instance, event))
            case SignalThrown():
                self._todo.append(lambda: self._signal(instance, event))
            case WaitOpened(kind="message"):
                self._todo.append(lambda: self._kept_message(instance, event))
            case _:
                pass  # tasks, timers and ends are projections: people and the sleeper take them from there

    def _job(self, instance: int, job: JobOpened) -> None:
        if job.handler not in self.house.handlers.names():
            self._go_on(
                instance,
                JobFailed(job.job, None, f"Expected a handler named {job.handler!r}, but there is none."),
            )
        elif self.house.handlers.get(job.handler).inside:
            self._go_on(instance, self._inside(instance, job))
        else:
            self.uow.defer("handler", case_id=self.case.id, number=job.job)

    def _inside(self, instance: int, job: JobOpened) -> Input:
        key = f"{self.case.id}/{instance}/{job.job}"
        port = InsideHouse(self.uow, self.case.id, key)
        try:
            with self.uow.savepoint():
                result = normalise(self.house.handlers.get(job.handler).call(job.inputs, port))
        except HandlerError as error:
            return JobFailed(job.job, error.error_code, str(error))
        except PraticaError as error:
            return JobFailed(job.job, None, f"{job.handler}: {error}")
        except HANDLER_FAULTS as fault:
            return JobFailed(job.job, None, f"{job.handler}: {type(fault).__name__}: {fault}")
        self.case = self.uow.current(self.case.id)
        return JobCompleted(job.job, result)

    def _message(self, instance: int, thrown: MessageThrown) -> None:
        key, source = thrown.key or self.case.id, f"{self.case.id}/{instance}"
        waits = self.uow.waits(kind="message", name=thrown.name, key=key)
        mine = [wait for wait in waits if wait.case_id == self.case.id]
        if mine:
            received = MessageReceived(mine[0].number, thrown.name, thrown.payload, source)
            self._go_on(mine[0].instance, received)
        elif waits:
            kept = self.uow.keep_message(thrown.name, key, thrown.payload, source)
            self.uow.defer("message", case_id=waits[0].case_id, number=kept)
        elif not self._message_start(thrown, key):
            kept = self.uow.keep_message(thrown.name, key, thrown.payload, source)
            self.uow.defer("message", case_id=self.case.id, number=kept)

    def _message_start(self, thrown: MessageThrown, key: str) -> bool:
        own = key == self.case.id or key.startswith(f"{self.case.id}/")
        rows = self.uow.message_starts(thrown.name) if own else []
        for row in rows:
            if row.facts.kind == self.case.kind:
                self.actor = system.id
                self.start(
                    row,
                    thrown.payload,
                    element=row.facts.message_starts[thrown.name],
                    message=thrown.name,
                )
        return any(row.facts.kind == self.case.kind for row in rows)

    def _kept_message(self, instance: int, wait: WaitOpened) -> None:
        for message in self.uow.matching_messages(wait.name, wait.key or self.case.id)[:1]:
            self.uow.take_message(message.id)
            self._go_on(instance, MessageReceived(wait.wait, message.name, message.payload, message.source))

    def _signal(self, instance: int, thrown: SignalThrown) -> None:
        source = f"{self.case.id}/{instance}"
        reached: set[tuple[str, int]] = set()
        for wait in self.uow.waits(kind="signal", name=thrown.name, reach=self.case.id):
            place = (wait.case_id, wait.instance)
            if place in reached:
                continue
            reached.add(place)
            if wait.case_id == self.case.id:
                self._go_on(wait.instance, SignalReceived(thrown.name, thrown.payload, source))
            else:
                payload = {"name": thrown.name, "payload": thrown.payload, "source": source}
                self.uow.defer("signal", case_id=wait.case_id, number=wait.instance, payload=payload)
