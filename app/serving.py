"""Running the house: the server with its worker and database."""

import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import TYPE_CHECKING

from app.config import Settings
from app.domain.errors import ConfigurationInvalid
from app.main import create_house
from app.services.house import House
from app.store.clock import HouseClock
from app.store.postgres import EmbeddedServer
from app.supervision import Programs
from app.testing import demo
from app.worker import loop

_PORT_PATIENCE = 2.0
"""Seconds that the programs of a killed house are given to leave its port."""

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    Opened = AbstractContextManager[House]


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Give the database's address for as long as it is needed; the embedded server stops with its last user."""
    with _database(settings) as (url, _):
        yield url


@contextmanager
def _database(settings: Settings) -> "Iterator[tuple[str, Callable[[], None]]]":
    """Give the database's address and what brings it back where it is ours and has died."""
    if settings.database_url:
        yield settings.database_url, _nothing
        return
    server = EmbeddedServer(settings.home)
    url = server.start()
    try:
        yield url, server.revive
    finally:
        server.stop()


def _nothing() -> None:
    """Leave a database of somebody else alone."""


@contextmanager
def opened(settings: Settings, *, demonstration: bool = False) -> Iterator[House]:
    """Give a house on a migrated database, and close everything behind it."""
    with (
        database(settings) as url,
        _house(replace(settings, demo=settings.demo or demonstration), url) as house,
    ):
        yield house


@contextmanager
def _house(settings: Settings, url: str) -> Iterator[House]:
    """Give a house on a migrated database; one whose clock a demonstration has set is a demonstration for good."""
    house = create_house(settings, url)
    try:
        house.database.migrate()
        if not settings.demo and HouseClock(house.database).was_set():
            clock = HouseClock(house.database, demo=True)
            house = replace(house, settings=replace(settings, demo=True), clock=clock)
        yield house
    finally:
        house.database.close()


def serve(settings: Settings, *, prepared: bool, workers: int, say: Callable[[str], None]) -> int:
    """Run web and worker until a signal comes, and give the exit code; `prepared` makes it a demonstration.

    For a demonstration the shipped processes are deployed and its people added first.
    """
    stop = StopRequest()
    require_free_port(settings)
    with _database(settings) as (url, revive):
        if stop.asked:
            return 0
        with _house(replace(settings, demo=settings.demo or prepared), url) as house:
            lines = demo.begin(house) if prepared else []
            settings = house.settings
        if stop.asked:
            return 0
        lines += [f"Pratica: http://{settings.host}:{settings.port}", "Stop with Ctrl+C."]
        programs = Programs(_modules(settings, workers), _environment(settings, url), say)
        try:
            _attend(settings, programs, revive, stop, lambda: say("\n".join(lines)))
        finally:
            programs.stop()
    return 0


def _modules(settings: Settings, workers: int) -> dict[str, list[str]]:
    """Give the programs: module and arguments by name."""
    options = (
        f"--interface wsgi --factory --no-ws --log-level warning --blocking-threads 4 --workers {workers}"
        " --respawn-failed-workers"
    )
    where = ["--host", settings.host, "--port", str(settings.port)]
    return {
        "web server": ["granian", *options.split(), *where, "app.main:create_app"],
        "worker": ["app.cli", "worker"],
    }


def _environment(settings: Settings, url: str) -> dict[str, str]:
    """Give the environment in which a program reads the very settings that we have."""
    own = {"DATABASE_URL": url, "PRATICA_HOME": str(settings.home), "PRATICA_DEMO": str(int(settings.demo))}
    return {**os.environ, **own}


class StopRequest:
    """Whether SIGTERM or SIGINT has come since this was made; a wait for it ends at once."""

    def __init__(self) -> None:
        self.asked = False
        self._heard, self._said = os.pipe()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True
        os.write(
            self._said, b"."
        )  # not an Event: its lock may be held by the very wait that a signal interrupts

    def wait(self, seconds: float) -> bool:
        """Wait at most so long, and tell whether a signal has come."""
        select.select([self._heard], [], [], seconds)
        return self.asked


def require_free_port(settings: Settings) -> None:
    """Raise ConfigurationInvalid where something else listens at the address and goes on doing so."""
    deadline = time.monotonic() + _PORT_PATIENCE
    while taken := _taken(settings):
        if time.monotonic() > deadline:
            raise ConfigurationInvalid(
                f"Expected port {settings.port} of {settings.host} to be free, but it is not: {taken}. Set PORT to another."
            )
        time.sleep(0.05)


def _taken(settings: Settings) -> str:
    """Give why the address cannot be had; empty where it can."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            return error.strerror or str(error)
    return ""


def _attend(
    settings: Settings,
    programs: Programs,
    revive: Callable[[], None],
    stop: StopRequest,
    announce: Callable[[], None],
) -> None:
    """Keep database and programs alive until asked to stop; announce the first answer."""
    answered = False
    while not stop.wait(0.5 if answered else 0.1):
        revive()
        programs.look()
        if not answered and _answers(settings):
            answered = True
            announce()


def _answers(settings: Settings) -> bool:
    """Tell whether the web server takes connections."""
    try:
        socket.create_connection((settings.host, settings.port), 1).close()
    except OSError:
        return False
    return True


def work(settings: Settings, concurrency: int) -> None:
    """Perform jobs and timers until a signal comes."""
    with opened(settings) as house:
        loop.run(house, concurrency)
