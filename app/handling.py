"""Handlers: the functions behind service tasks, found by name.

An *inside* handler runs in the transaction that records its result and touches the house only through the port
`House`; an *outside* handler runs with no transaction and no lock, at least once, with one idempotency key.
"""

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NewType, Protocol

from app.domain.cases import Case, Document
from app.domain.decisions import Decision
from app.domain.errors import ConfigurationInvalid, HandlerUnknown

DocumentId = NewType("DocumentId", str)


@dataclass(frozen=True)
class NewDocument:
    """A document that an outside handler made: the house stores it and puts its id in its place."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class Version:
    """One immutable version of a publication; `previous` is the SHA-256 of the version before."""

    name: str
    number: int
    sha256: str
    previous: str | None
    body: bytes


class House(Protocol):
    """What an inside handler may do with the house, within the case's own transaction."""

    case_id: str
    key: str

    @property
    def now(self) -> datetime:
        """The instant that the result is recorded at."""

    def enter(self, register: str, body: dict[str, Any], year: int | None = None) -> int:
        """Enter `body` in a register and give its number; the same job twice gives the same number."""

    def entered_at(self, register: str) -> datetime:
        """Give the instant of this job's entry in a register, which never lies before that of an earlier number."""

    def add_document(self, name: str, media_type: str, data: bytes) -> DocumentId:
        """Add a document to the case."""

    def read_document(self, document: DocumentId) -> bytes:
        """Give a document's bytes."""

    def documents(self) -> list[Document]:
        """Give the case's documents in order of arrival."""

    def appoint(self, role: str, people: list[str]) -> None:
        """Give a case role to exactly these people, by their ids, and take it from all others; HandlerError if one is unknown."""

    def name(self, person: str) -> str:
        """Give the name of somebody by their id; the id where nobody has it."""

    def involved(self, person: str) -> set[tuple[str, str]]:
        """Give how somebody has to do with the case: (`holds`, role), (`held`, role), (`acted`, candidate group)."""

    def appointed(self, role: str) -> list[str]:
        """Give the ids of the people who have a case role, in order."""

    def opened(self, value: Any) -> Any:
        """Give a value with its personal parts in plain, for a paper of the case; what was erased is empty text when written."""

    def cases(self, kind: str, state: str | None = None) -> list[Case]:
        """Give the cases of a kind, in a state where one is given, in order of their numbers."""

    def decisions(self, language: str = "it") -> list[Decision]:
        """Give the decisions taken in the case so far, in order: inputs, table, rows that hit, output; named in a language."""

    def publish(self, name: str, body: bytes, first: int = 1) -> Version:
        """Publish the next version of `name`, chained to the one before; the very first has the number `first`."""

    def latest(self, name: str) -> Version | None:
        """Give the last published version of `name`, which stays the last until this transaction ends or publishes."""


@dataclass(frozen=True)
class Invitation:
    """A link to the tasks that an instance has for somebody without an account: who acts by it, and its address.

    The address is a secret: it goes to the person invited, and into no result.
    """

    actor: str
    address: str


@dataclass(frozen=True)
class Call:
    """What an outside handler knows of its call; `key` is the idempotency key of its effect."""

    key: str
    case_id: str
    recorded_at: datetime
    attempt: int
    ledger: Path
    read_document: Callable[[DocumentId], bytes]
    documents: Callable[[], list[Document]]
    invitation: Callable[[], Invitation]


@dataclass(frozen=True)
class Handler:
    """A registered handler."""

    name: str
    inside: bool
    function: Callable[..., Any]

    @property
    def parameters(self) -> dict[str, Any]:
        """The names and types of the inputs, without the port."""
        hints = typing.get_type_hints(self.function)
        port = "house" if self.inside else "call"
        return {n: hints.get(n, Any) for n in inspect.signature(self.function).parameters if n != port}

    def call(self, inputs: Mapping[str, Any], port: House | Call) -> Any:
        """Call the handler with inputs by name, and with its port where it asks for one: what only computes does not."""
        name = "house" if self.inside else "call"
        wants = name in inspect.signature(self.function).parameters
        return self.function(**inputs, **({name: port} if wants else {}))


class Registry:
    """The handlers by name; two of one name are refused and both are named."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}

    def add(self, entry: Handler) -> None:
        """Register a handler."""
        before = self._handlers.get(entry.name)
        if before and before.function.__qualname__ != entry.function.__qualname__:
            raise ConfigurationInvalid(
                f"Expected one handler {entry.name!r}, but {before.function.__module__}.{before.function.__qualname__}"
                f" and {entry.function.__module__}.{entry.function.__qualname__} both claim it.",
            )
        self._handlers[entry.name] = entry

    def get(self, name: str) -> Handler:
        """Give the handler of a name, or raise HandlerUnknown with the names there are."""
        if name not in self._handlers:
            known = ", ".join(sorted(self._handlers))
            raise HandlerUnknown(f"Expected a handler named {name!r}, but the handlers are: {known}.")
        return self._handlers[name]

    def names(self) -> frozenset[str]:
        """Give every registered name."""
        return frozenset(self._handlers)


registry = Registry()


def handler(name: str, *, inside: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function as the handler `name`."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        registry.add(Handler(name, inside, function))
        return function

    return register


def load_handlers() -> Registry:
    """Import every module of the packages in the entry-point group `pratica.handlers` and give the registry."""
    for entry in sorted(entry_points(group="pratica.handlers"), key=lambda e: e.name):
        package = entry.load()
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
    return registry
