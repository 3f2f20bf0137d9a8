"""Running the house: the server with its worker and database."""

import os
import signal
import socket
import subprocess
import sys
import threading
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
from app.store.postgres import EmbeddedServer
from app.testing import demo
from app.worker import loop

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
    with database(settings) as url:
        house = create_house(replace(settings, demo=settings.demo or demonstration), url)
        house.database.migrate()
        try:
            yield house
        finally:
            house.database.close()


def prepare(settings: Settings, url: str, *, prepared: bool) -> list[str]:
    """Migrate, and for a demonstration deploy the shipped processes and add its people; gives lines to print."""
    house = create_house(settings, url)
    try:
        house.database.migrate()
        if not prepared:
            return []
        return demo.begin(house)
    finally:
        house.database.close()


def serve(settings: Settings, *, prepared: bool, workers: int, say: Callable[[str], None]) -> int:
    """Run web and worker until one of them ends or a signal comes; gives the exit code."""
    require_free_port(settings)
    with _database(settings) as (url, revive):
        lines = prepare(settings, url, prepared=prepared)
        running = _programs(settings, url, workers)
        for line in [*lines, *(_await_answer(settings, running))]:
            say(line)
        return _wait(running, revive)


def _programs(settings: Settings, url: str, workers: int) -> "list[subprocess.Popen[bytes]]":
    """Start the web server and the worker."""
    options = (
        f"--interface wsgi --factory --no-ws --log-level warning --blocking-threads 4 --workers {workers}"
    )
    where = ["--host", settings.host, "--port", str(settings.port)]
    web = [sys.executable, "-m", "granian", *options.split(), *where, "app.main:create_app"]
    work = [sys.executable, "-m", "app.cli", "worker"]
    env = {**os.environ, "DATABASE_URL": url, "PRATICA_HOME": str(settings.home)}
    return [subprocess.Popen(program, env=env) for program in (web, work)]  # noqa: S603  our own programs


def require_free_port(settings: Settings) -> None:
    """Raise ConfigurationInvalid where something else listens at the address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise ConfigurationInvalid(
                f"Expected port {settings.port} of {settings.host} to be free, but it is not: {error.strerror}. Set PORT to another.",
            ) from error


def _await_answer(settings: Settings, running: "list[subprocess.Popen[bytes]]") -> list[str]:
    """Wait until the web server takes connections; gives the lines that say where it is and how to stop it."""
    while all(process.poll() is None for process in running):
        try:
            socket.create_connection((settings.host, settings.port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return [f"Pratica: http://{settings.host}:{settings.port}", "Stop with Ctrl+C."]
    return ["Pratica did not start: the reason stands above."]


def _wait(running: "list[subprocess.Popen[bytes]]", revive: Callable[[], None]) -> int:
    stop = threading.Event()

    def asked(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)
    while not stop.wait(0.5) and all(process.poll() is None for process in running):
        revive()
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
    return 0 if stop.is_set() else 1


def work(settings: Settings, concurrency: int) -> None:
    """Perform jobs and timers until a signal comes."""
    with opened(settings) as house:
        loop.run(house, concurrency)
