"""The events of a case's history: inputs, which the world caused, and consequences, which followed.

The fields of an event are its body. Values are those of FEEL: None, bool, str, Decimal, date, time, datetime,
durations, Sealed, and lists and dicts (with str keys) of these; `int` is allowed for numbers of tasks, jobs and
their like. A body's format is final from its first version: a new field makes a new `version`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

type_registry: dict[tuple[str, int], type["Event"]] = {}


@dataclass(frozen=True)
class Event:
    """Something that happened in a case."""

    version: ClassVar[int] = 1
    is_input: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        key = (cls.__name__, cls.version)
        if type_registry.setdefault(key, cls) is not cls and type_registry[key].__module__ != cls.__module__:
            raise TypeError(f"Expected one event type {key}, but {cls} and {type_registry[key]} claim it.")

    @property
    def type(self) -> str:
        """The event's name in the log: `TaskCompleted`."""
        return self.__class__.__name__


class Input(Event):
    """An event that the world caused; replay feeds it to a fresh engine."""

    is_input = True


class Consequence(Event):
    """An event that followed from the definition; replay compares it."""


# --- inputs: the case -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CaseOpened(Input):
    """A case of a kind was opened, perhaps under another case (a proposal under its edition)."""

    kind: str
    under: str | None = None


@dataclass(frozen=True)
class PartyAdded(Input):
    """An actor received a role in this case."""

    role: str
    party: str


@dataclass(frozen=True)
class PartyRemoved(Input):
    """An actor lost a role in this case; the tasks that they held in it are released by events of their own."""

    role: str
    party: str


@dataclass(frozen=True)
class AccessRefused(Input):
    """Somebody who had lost their role in this case asked for it and was told that there is none; once a day for each."""

    party: str


@dataclass(frozen=True)
class InvitationTaken(Input):
    """Who holds the link to an instance took it under an account; `instance` is the one that they were invited to."""

    instance: int
    account: str


@dataclass(frozen=True)
class InvitationReleased(Input):
    """An account let go of the invitation that it had taken at this instance, and of those that followed from it."""

    instance: int
    account: str


@dataclass(frozen=True)
class DocumentAdded(Input):
    """A document came into the case; its bytes lie in the blob store under their SHA-256."""

    document: str
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True)
class TaskClaimed(Input):
    """A person took a task from their group."""

    task: int
    assignee: str


@dataclass(frozen=True)
class TaskReleased(Input):
    """The assignee gave the task back to the group."""

    task: int


@dataclass(frozen=True)
class TaskAssigned(Input):
    """A task was given to a person, with a reason."""

    task: int
    assignee: str
    reason: str


@dataclass(frozen=True)
class SignatureVerified(Input):
    """A digital signature was verified: `document` is the file that holds it, `signed` the document it is of (`name`, `sha256`).

    `signer` and `fiscal_code` are sealed. `signed_at` is the time that the signature claims; `format` is cades or pades;
    a `simulated` one has no legal value. `task` and `field` say what it was an answer to.
    """

    task: int
    field: str
    document: str
    signed: str
    name: str
    sha256: str
    signer: Any
    fiscal_code: Any
    signed_at: datetime | None
    format: str
    issuer: str
    simulated: bool


# --- inputs: to an instance -------------------------------------------------------------------------------


@dataclass(frozen=True)
class InstanceStarted(Input):
    """An instance of a definition began, at its none start event or at `start_element`.

    `limits` are those of its FEEL that the house had set otherwise than the standard: it keeps them for ever.
    """

    process: str
    bundle: str
    start_element: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    message: str | None = None
    limits: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TaskCompleted(Input):
    """A person completed a task; `values` is the validated submission."""

    task: int
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class JobCompleted(Input):
    """A handler finished; `result` goes to the element's result variable."""

    job: int
    result: Any = None


@dataclass(frozen=True)
class JobFailed(Input):
    """A handler failed for good: with `error_code` a BPMN error that the diagram may catch, else an incident."""

    job: int
    error_code: str | None
    message: str


@dataclass(frozen=True)
class TimerFired(Input):
    """A timer's due time had come on the house clock."""

    timer: int


@dataclass(frozen=True)
class MessageReceived(Input):
    """A message met the wait that awaits it."""

    wait: int
    name: str
    payload: dict[str, Any] = field(default_factory=dict)
    source: str | None = None


@dataclass(frozen=True)
class SignalReceived(Input):
    """A signal reached this instance; all its waits of that name are met."""

    name: str
    payload: dict[str, Any] = field(default_factory=dict)
    source: str | None = None


@dataclass(frozen=True)
class IncidentResolved(Input):
    """A person let an instance go on: the element is tried again, with `variables` corrected where given."""

    incident: int
    reason: str
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class InstanceCancelled(Input):
    """A person ended an instance, with a reason."""

    reason: str


@dataclass(frozen=True)
class InstanceHeld(Input):
    """The house stopped an instance at what it does next, since its case went on without a wait; `limit` says how far."""

    limit: str


# --- consequences: from the engine room -------------------------------------------------------------------


@dataclass(frozen=True)
class TokensMoved(Consequence):
    """The way the tokens took during one input: each move is `entered`, `left` or `took` and an id."""

    moves: list[list[str]]


@dataclass(frozen=True)
class VariablesSet(Consequence):
    """Variables of the instance that have a new value after the input (the whole value each)."""

    values: dict[str, Any]


@dataclass(frozen=True)
class TaskOpened(Consequence):
    """A task waits for a person of the lane's candidate group, or for the `assignee` that the diagram names."""

    task: int
    element: str
    name: str
    lane: str | None
    form: str | None
    due: datetime | None = None
    item: Any = None
    assignee: str | None = None


@dataclass(frozen=True)
class TaskCancelled(Consequence):
    """A task ended without a completion: a boundary event or an end took its token."""

    task: int
    element: str


@dataclass(frozen=True)
class JobOpened(Consequence):
    """A handler is to be called with these inputs."""

    job: int
    element: str
    handler: str
    inputs: dict[str, Any]


@dataclass(frozen=True)
class JobCancelled(Consequence):
    """The token of a job is gone; its result will not be used."""

    job: int
    element: str


@dataclass(frozen=True)
class TimerSet(Consequence):
    """A timer is due at an instant of the house clock."""

    timer: int
    element: str
    due: datetime


@dataclass(frozen=True)
class TimerCancelled(Consequence):
    """A timer will not fire any more."""

    timer: int
    element: str


@dataclass(frozen=True)
class WaitOpened(Consequence):
    """An element waits for a message (`kind` message, with its correlation key) or a signal."""

    wait: int
    element: str
    kind: str
    name: str
    key: str | None = None


@dataclass(frozen=True)
class WaitClosed(Consequence):
    """An element waits no more."""

    wait: int
    element: str


@dataclass(frozen=True)
class MessageThrown(Consequence):
    """A message left the instance; without a `key` it is meant for its own case."""

    element: str
    name: str
    key: str | None
    payload: dict[str, Any]


@dataclass(frozen=True)
class SignalThrown(Consequence):
    """A signal left the instance, for its own case and the cases under it."""

    element: str
    name: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class DecisionEvaluated(Consequence):
    """A DMN decision was evaluated: what it read, the rules that matched (from 1), what it gave, and why something is null.

    `required` are the decisions it was made of, in the order in which they were evaluated, each with the same
    `decision`, `inputs`, `matched` and `output`.
    """

    element: str
    decision: str
    inputs: dict[str, Any]
    matched: list[int]
    output: Any
    required: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ExpressionWarned(Consequence):
    """An expression of an element gave null where something was wrong in it, and this is what."""

    element: str
    expression: str
    warnings: list[str]


@dataclass(frozen=True)
class IncidentOpened(Consequence):
    """The instance cannot go on at an element without help; `kind` is a short code."""

    incident: int
    element: str
    kind: str
    message: str


@dataclass(frozen=True)
class IncidentClosed(Consequence):
    """An incident needs no help any more: its token is gone (a boundary event, an end, a cancellation)."""

    incident: int
    element: str


@dataclass(frozen=True)
class InstanceCompleted(Consequence):
    """No token is left; `ends` are the end events that were reached, in order."""

    ends: list[str]


# --- consequences: from the case --------------------------------------------------------------------------


@dataclass(frozen=True)
class CaseStateChanged(Consequence):
    """The case has another state, as its manifest derives it from the elements reached."""

    state: str
