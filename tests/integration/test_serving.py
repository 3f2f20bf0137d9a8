"""The running house: its programs end with it, come back when they die, and stop when asked, at any time."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app import serving, supervision
from app.config import Settings
from app.domain.errors import ProgramDied
from app.services import projections
from app.store.clock import HouseClock
from app.store.database import Database

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at processes in /proc")


def until(true: Callable[[], object], seconds: float = 60) -> float:
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < seconds
        time.sleep(0.02)
    return time.monotonic() - begun


@dataclass
class Serve:
    """A `pratica serve` with a home of its own."""

    home: Path
    port: int
    process: "subprocess.Popen[str]"

    def programs(self, word: str) -> list[int]:
        """Give the numbers of the living processes of this house whose command has a word."""
        mark, found = f"PRATICA_HOME={self.home}\0".encode(), []
        for folder in Path("/proc").iterdir():
            try:
                if mark in (folder / "environ").read_bytes() and word in (folder / "cmdline").read_text():
                    found.append(int(folder.name))
            except (OSError, ValueError):
                continue
        return sorted(found)

    def answers(self) -> bool:
        """Tell whether the site answers a request, whatever it says."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.settimeout(5)
                connection.sendall(b"GET /nowhere HTTP/1.0\r\n\r\n")
                return connection.recv(5) == b"HTTP/"
        except OSError:
            return False


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user can pass through: the database of a house of root's lies in the home."""
    with tempfile.TemporaryDirectory(prefix="p", dir="/tmp") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def serve(folder: Path) -> Iterator[Callable[[], Serve]]:
    """Starts `pratica serve` on one home and port, as often as asked; nothing of it is left afterwards."""
    (folder / "content" / "processes").mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = folder / "home"
    own = {"PRATICA_HOME": str(home), "PRATICA_CONTENT": str(folder / "content"), "PORT": str(port)}
    started: list[Serve] = []

    def start() -> Serve:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve"], cwd=ROOT, env={**os.environ, "DATABASE_URL": "", **own},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        started.append(Serve(home, port, process))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()
    until(lambda: not started[0].programs(""))


def test_a_killed_house_leaves_no_program_behind_and_the_next_one_starts_at_once(
    serve: Callable[[], Serve],
) -> None:
    first = serve()
    until(first.answers)
    until(lambda: len(first.programs("granian")) == 2)
    first.process.kill()
    first.process.wait()
    assert until(lambda: not first.programs("app.tether")) < 5
    second = serve()
    until(second.answers)
    second.process.terminate()
    assert second.process.wait(60) == 0


@pytest.mark.parametrize("sign", ["home/postgres.hold", "postmaster.pid", "app.tether"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_house_asked_to_stop_while_it_starts_stops_everything(
    serve: Callable[[], Serve], sign: str, number: signal.Signals
) -> None:
    starting = serve()
    match sign:
        case "app.tether":
            until(lambda: starting.programs("app.tether"))
        case "postmaster.pid":
            until(lambda: any(starting.home.glob("**/postmaster.pid")) or starting.programs("app.tether"))
        case _:
            until((starting.home / "postgres.hold").exists)
    starting.process.send_signal(number)
    said, _ = starting.process.communicate(timeout=60)
    assert (starting.process.returncode, "Traceback" in said) == (0, False)
    until(lambda: not starting.programs(""))


def test_a_program_that_dies_is_started_again_and_said_so(serve: Callable[[], Serve]) -> None:
    house = serve()
    until(house.answers)
    until(lambda: len(house.programs("granian")) == 2)
    (worker,) = house.programs("app.cli\0worker")
    server, child = house.programs("granian")
    os.kill(worker, signal.SIGKILL)
    until(lambda: house.programs("app.cli\0worker") not in ([], [worker]), 15)
    os.kill(server, signal.SIGKILL)
    until(lambda: child not in house.programs("granian"), 5)
    until(house.answers, 15)
    until(lambda: len(house.programs("granian")) == 2)
    os.kill(house.programs("granian")[1], signal.SIGKILL)
    until(house.answers, 15)
    house.process.terminate()
    said, _ = house.process.communicate(timeout=60)
    assert house.process.returncode == 0
    assert "The worker ended by signal 9 (Killed); it is started again." in said
    assert "The web server ended by signal 9 (Killed); it is started again." in said


def test_a_program_that_keeps_dying_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "PAUSE", 0.0)
    said: list[str] = []
    modules = {"clock": ["timeit", "-n1", "-r1"], "worker": ["nowhere"]}
    programs = supervision.Programs(modules, os.environ, said.append)

    def look_on() -> bool:
        programs.look()
        return False

    with pytest.raises(ProgramDied, match=r"Expected the (worker|clock) to run, but it ended 6 times"):
        until(look_on)
    programs.stop()
    assert "The worker ended with exit code 1; it is started again." in said


class NoPrograms:
    """Programs that nobody starts: what they would have been given."""

    given: "list[tuple[dict[str, list[str]], dict[str, str]]]" = []  # noqa: RUF012  cleared by the test

    def __init__(self, modules: dict[str, list[str]], env: dict[str, str], _say: object) -> None:
        self.given.append((modules, env))

    def look(self) -> None:
        """Ask the house to stop, as a person would."""
        os.kill(os.getpid(), signal.SIGTERM)

    def stop(self) -> None:
        """Nothing runs."""


@pytest.fixture
def _signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_signals")
@pytest.mark.parametrize("prepared", [True, False])
def test_a_prepared_house_is_a_demonstration_in_every_program(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared: bool
) -> None:
    (tmp_path / "processes").mkdir()
    monkeypatch.setattr(serving, "Programs", NoPrograms)
    monkeypatch.setattr(NoPrograms, "given", [])
    settings = Settings(home=tmp_path, content=tmp_path, database_url=database.url, port=18_777)
    assert serving.serve(settings, prepared=prepared, workers=1, say=lambda _line: None) == 0
    [(_, env)] = NoPrograms.given
    assert env["PRATICA_DEMO"] == str(int(prepared))


def test_a_house_whose_clock_was_set_stays_a_demonstration(database: Database, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, content=tmp_path, database_url=database.url)
    with serving.opened(settings) as house:
        assert not house.settings.demo
    HouseClock(database, demo=True).set(datetime(2023, 5, 8, tzinfo=UTC))
    with serving.opened(settings) as house:
        assert house.settings.demo
        assert house.clock.now().year == 2023
        assert projections.case_ids(house) == []


@pytest.mark.parametrize(
    "arguments",
    [["worker", "--concurrency", "0"], ["worker", "--concurrency", "-1"], ["serve", "--workers", "0"]],
)
def test_a_number_of_programs_or_jobs_below_one_is_refused(tmp_path: Path, arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments], cwd=ROOT, env={**os.environ, "PRATICA_HOME": str(tmp_path)},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "is not in the range" in done.stderr
