"""The embedded server: shared, stopped by its last user, and left by no kill behind."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from app.domain.errors import ConfigurationInvalid
from app.store import places
from app.store.postgres import EmbeddedServer, temporary

ROOT = Path(__file__).resolve().parents[3]
OWNER = """
import sys, time
from pathlib import Path
from app.store.postgres import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), durable=False)
server.start()
print(server.place, flush=True)
sys.stdin.readline()
server.stop()
print("stopped", flush=True)
"""


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def until(true: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not true():
        time.sleep(0.02)
    return true()


def owner(home: Path, **options: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-c", OWNER, str(home)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, **options,
    )  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home whose server's own folder, wherever it lies, is removed afterwards."""
    folder = tmp_path / "home"
    yield folder
    for record in ("postgres.place", "postgres.socket"):
        if (folder / record).is_file():
            shutil.rmtree((folder / record).read_text().splitlines()[0], ignore_errors=True)


def test_a_server_keeps_its_data_from_one_start_to_the_next(home: Path) -> None:
    server = EmbeddedServer(home, durable=False)
    url = server.start()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        row = connection.execute("SELECT current_setting('server_version_num')::int / 10000").fetchone()
        assert row == (18,)
    server.stop()
    assert not answers(url)
    assert EmbeddedServer(home, durable=False).start() == url
    again = EmbeddedServer(home, durable=False)
    again.start()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    again.stop()


def test_two_processes_share_a_server_and_the_last_one_stops_it(home: Path) -> None:
    first, second = owner(home), owner(home)
    assert first.stdout is not None
    assert second.stdout is not None
    assert first.stdout.readline() == second.stdout.readline()
    url = EmbeddedServer(home).url
    first.communicate("\n")
    assert answers(url)
    second.communicate("\n")
    assert not answers(url)


def test_a_killed_owner_leaves_no_server_behind(home: Path) -> None:
    victim = owner(home)
    assert victim.stdout is not None
    victim.stdout.readline()
    url = EmbeddedServer(home).url
    assert answers(url)
    victim.kill()
    victim.communicate()
    assert until(lambda: not answers(url))
    server = EmbeddedServer(home, durable=False)
    assert server.start() == url
    assert answers(url)
    server.stop()
    assert not answers(url)


def test_a_killed_owner_takes_the_server_from_nobody_else(home: Path) -> None:
    victim, other = owner(home), EmbeddedServer(home, durable=False)
    assert victim.stdout is not None
    victim.stdout.readline()
    url = other.start()
    victim.kill()
    victim.communicate()
    time.sleep(0.5)
    assert answers(url)
    other.stop()
    assert not answers(url)


def test_a_killed_server_starts_again(home: Path) -> None:
    server = EmbeddedServer(home, durable=False)
    url = server.start()
    postmaster = int((server.data / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    assert until(lambda: not answers(url))
    assert server.start() == url
    assert answers(url)
    server.stop()


def test_a_server_killed_while_in_use_is_revived_and_a_living_one_left_alone(home: Path) -> None:
    server = EmbeddedServer(home, durable=False)
    url = server.start()
    number = int((server.data / "postmaster.pid").read_text().split()[0])
    server.revive()
    assert int((server.data / "postmaster.pid").read_text().split()[0]) == number
    os.kill(number, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        server.revive()
        with suppress(psycopg.OperationalError):
            psycopg.connect(url).close()
            break
    assert int((server.data / "postmaster.pid").read_text().split()[0]) != number
    server.stop()


def test_a_first_start_that_was_killed_half_way_is_begun_anew(home: Path) -> None:
    server = EmbeddedServer(home, durable=False)
    home.mkdir(parents=True)
    server.data.mkdir()
    (server.data / "half").write_text("made")
    assert answers(server.start())
    server.stop()


def test_only_the_server_s_own_user_enters_its_folder_and_it_listens_nowhere_else(home: Path) -> None:
    server = EmbeddedServer(home, durable=False)
    with psycopg.connect(server.start()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert stat.S_IMODE(server.socket_folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    server.stop()


def test_no_parent_s_mode_is_touched(home: Path) -> None:
    home.mkdir(parents=True)
    home.chmod(0o700)
    before = [(part, stat.S_IMODE(part.stat().st_mode)) for part in home.parents]
    server = EmbeddedServer(home, durable=False)
    server.start()
    server.stop()
    assert [(part, stat.S_IMODE(part.stat().st_mode)) for part in home.parents] == before


def test_a_home_with_a_very_long_path_has_its_socket_elsewhere(tmp_path: Path) -> None:
    home = tmp_path / ("casa'" * 12) / ("x" * 60)
    server = EmbeddedServer(home, durable=False)
    server.__dict__["place"] = home / "postgres"  # even where root would have put it elsewhere
    home.mkdir(parents=True)
    server.place.mkdir(mode=0o700)
    os.chown(server.place, server.identity.uid, server.identity.gid)
    assert server.socket_folder != server.place
    assert len(os.fsencode(server.socket_folder)) < 90
    assert server.socket_folder == EmbeddedServerOf(server).socket_folder
    shutil.rmtree(server.socket_folder)


def EmbeddedServerOf(server: EmbeddedServer) -> EmbeddedServer:  # noqa: N802  reads as the class it makes
    other = EmbeddedServer(server.home, durable=False)
    other.__dict__["place"] = server.place
    return other


def test_a_temporary_server_leaves_nothing_behind() -> None:
    with temporary(durable=False) as url:
        assert answers(url)
        folder = Path(url.split("host=")[1].replace("%2F", "/"))
        assert folder.is_dir()
    assert not folder.exists()


def interpreter_for(uid: int) -> str:
    """Give a Python of our version that a user can start: ours may lie in a home that they cannot enter."""
    code = "import sys; print(sys.version_info[:2] == " + repr(sys.version_info[:2]) + ")"
    for candidate in (sys.executable, "/usr/bin/python3"):
        with suppress(OSError):
            done = subprocess.run(
                [candidate, "-c", code], user=uid, capture_output=True, text=True, check=False
            )
            if done.stdout == "True\n":
                return candidate
    pytest.skip("no interpreter that an ordinary user can start")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_s_server_lies_in_their_home() -> None:
    person = pwd.getpwnam("daemon")
    with tempfile.TemporaryDirectory(prefix="p", dir="/tmp") as folder:
        os.chown(folder, person.pw_uid, person.pw_gid)
        home = Path(folder) / "home"
        process = subprocess.Popen(
            [interpreter_for(person.pw_uid), "-c", OWNER, str(home)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            user=person.pw_uid, group=person.pw_gid, extra_groups=[], env={"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path[1:]])},
        )  # fmt: skip
        assert process.stdout is not None
        place = process.stdout.readline().strip()
        assert place == str(home / "postgres")
        assert Path(place).stat().st_uid == person.pw_uid
        said, _ = process.communicate("\n")
        assert said == "stopped\n"
        assert process.returncode == 0


def test_a_killed_user_of_a_temporary_server_leaves_no_folder_either() -> None:
    passing = OWNER.replace("durable=False)", "durable=False, passing=True)")
    home = Path(tempfile.mkdtemp())
    command = [sys.executable, "-c", passing, str(home)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, cwd=ROOT
    ) as victim:
        assert victim.stdout is not None
        place = Path(victim.stdout.readline().strip())
        assert place.is_dir()
        victim.kill()
    assert until(lambda: not place.exists() and not home.exists())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused by PostgreSQL")
def test_as_root_the_server_runs_as_nobody_with_programs_it_can_reach(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import app.store.postgres as module

    wheel = module.wheel_folder()
    hidden = home / "site" / wheel.name
    home.mkdir(parents=True, mode=0o700)
    shutil.copytree(wheel / "pginstall18", hidden / "pginstall18", symlinks=True)
    shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), hidden.with_name(f"{wheel.name}.libs"))
    monkeypatch.setattr(module, "wheel_folder", lambda: hidden)
    server = EmbeddedServer(home, durable=False)
    assert answers(server.start())
    postmaster = (server.data / "postmaster.pid").read_text().split()[0]
    assert Path(f"/proc/{postmaster}").stat().st_uid == server.identity.uid != 0
    assert server.binaries.is_relative_to(server.place)
    server.stop()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can pass through."""
    with tempfile.TemporaryDirectory(prefix="p", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root has a server that is another user's")


@root_only
def test_as_root_the_database_lies_in_a_home_that_can_be_reached_and_nothing_else_there_can(
    open_folder: Path,
) -> None:
    home = open_folder / "home"
    (home / "blobs").mkdir(parents=True)
    (home / "blobs").chmod(0o755)
    home.chmod(0o700)
    server = EmbeddedServer(home, durable=False)
    assert answers(server.start())
    assert server.place == home / "postgres"
    assert server.place.stat().st_uid == server.identity.uid
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (home, server.place, home / "blobs")}
    assert modes == {"home": 0o701, "postgres": 0o700, "blobs": 0o700}
    assert stat.S_IMODE(open_folder.stat().st_mode) == 0o755
    server.stop()
    copy = open_folder / "copy"
    shutil.copytree(home, copy, ignore=shutil.ignore_patterns(".s.*"))
    for path in (copy / "postgres", *(copy / "postgres").rglob("*")):
        os.chown(path, server.identity.uid, server.identity.gid)
    url = server.start()
    own = EmbeddedServer(copy, durable=False)
    assert own.start() != url
    with psycopg.connect(own.url) as connection:
        assert connection.execute("SHOW data_directory").fetchone() == (str(copy / "postgres" / "data"),)
    own.stop()
    assert answers(url)
    server.stop()


@root_only
def test_a_copied_home_never_opens_the_database_of_the_first(home: Path, tmp_path: Path) -> None:
    server = EmbeddedServer(home, durable=False)
    url = server.start()
    assert not server.place.is_relative_to(home), "nobody may pass through pytest's folders"
    assert places.found(home) == server.place
    copy = tmp_path / "copy"
    shutil.copytree(home, copy)
    for opened in (EmbeddedServer(copy, durable=False).start, lambda: places.found(copy)):
        with pytest.raises(
            ConfigurationInvalid, match=r"belongs to the home .*/home, of which this one is a copy"
        ):
            opened()
    assert answers(url)
    server.stop()
    home.rename(tmp_path / "moved")
    moved = EmbeddedServer(tmp_path / "moved", durable=False)
    assert moved.start() == url
    moved.stop()
    record = copy / "postgres.place"
    record.write_text(record.read_text().splitlines()[0])
    restored = EmbeddedServer(copy, durable=False)
    assert restored.start() == url
    restored.stop()
    shutil.rmtree(restored.place)
    with pytest.raises(ConfigurationInvalid, match=r"but there is no such folder\. Bring it back"):
        EmbeddedServer(copy).start()


def test_a_copied_home_has_a_socket_of_its_own(tmp_path: Path) -> None:
    first, copy = tmp_path / "first", tmp_path / "copy"
    first.mkdir()
    who, long = places.server_identity(), tmp_path / ("x" * 100)
    folder = places.socket_folder(first, long, who)
    shutil.copytree(first, copy)
    own = places.socket_folder(copy, long, who)
    assert own != folder
    assert places.socket_folder(copy, long, who) == own
    assert places.socket_folder(first, long, who) == folder
    for made in (own, folder):
        made.rmdir()


@root_only
def test_data_of_another_user_are_refused_and_stay_theirs(open_folder: Path) -> None:
    data = open_folder / "home" / "postgres" / "data"
    data.mkdir(parents=True)
    for folder in (data, data.parent):
        os.chown(folder, 1, 1)
    with pytest.raises(ConfigurationInvalid, match="to belong to the user nobody, but it belongs to daemon"):
        EmbeddedServer(open_folder / "home").start()
    assert data.parent.stat().st_uid == 1
