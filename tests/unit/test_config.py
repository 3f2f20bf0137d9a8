"""Settings that cannot be used are a sentence that names the variable, never a crash later."""

import os
import stat
from pathlib import Path

import pytest

from app.config import read_settings
from app.domain.errors import ConfigurationInvalid
from app.store.database import Database


@pytest.mark.parametrize("port", ["abc", "0", "-1", "65536", "9" * 5000, "8000.0", ""])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    with pytest.raises(ConfigurationInvalid, match="Expected PORT to be a whole number from 1 to 65535"):
        read_settings({"PRATICA_HOME": str(tmp_path), "PORT": port})


@pytest.mark.parametrize("count", ["-1", "10", "one"])
def test_a_number_of_proxies_that_is_none_is_refused(tmp_path: Path, count: str) -> None:
    with pytest.raises(
        ConfigurationInvalid, match="Expected PRATICA_PROXIES to be a whole number from 0 to 9"
    ):
        read_settings({"PRATICA_HOME": str(tmp_path), "PRATICA_PROXIES": count})
    assert read_settings({"PRATICA_HOME": str(tmp_path), "PRATICA_PROXIES": "0"}).proxies == 0


def test_a_home_that_is_a_file_or_lies_under_one_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for home in (file, file / "below", Path("/proc/none")):
        with pytest.raises(ConfigurationInvalid, match="Expected PRATICA_HOME to be a folder"):
            read_settings({"PRATICA_HOME": str(home)})


def test_a_content_folder_without_processes_is_refused_and_not_an_empty_success(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match="Expected PRATICA_CONTENT to be a folder with"):
        read_settings({"PRATICA_HOME": str(tmp_path), "PRATICA_CONTENT": str(tmp_path / "none")})


@pytest.mark.parametrize(
    "url", ["::::", "mysql://a/b", "postgresql://a:notaport/b", "postgresql://x@127.0.0.1:1/x"]
)
def test_a_database_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationInvalid, match=r"Expected a (URL that begins with|PostgreSQL)"):
        Database(url).migrate()


def test_the_limits_of_feel_are_settings_and_nothing_beyond_reason(tmp_path: Path) -> None:
    home = {"PRATICA_HOME": str(tmp_path)}
    assert read_settings(home).feel == {}
    set_ = home | {"PRATICA_FEEL_STEPS": "1000", "PRATICA_FEEL_INPUT": "5000"}
    assert read_settings(set_).feel == {"steps": 1000, "input": 5000}
    with pytest.raises(ConfigurationInvalid, match="PRATICA_FEEL_DEPTH to be a whole number from 1 to 2000"):
        read_settings(home | {"PRATICA_FEEL_DEPTH": "2001"})


def test_a_home_that_is_empty_text_is_as_if_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings({"PRATICA_HOME": ""}).home == tmp_path / ".pratica"


def test_the_secret_is_made_once_complete_and_its_owner_s_alone(tmp_path: Path) -> None:
    env = {"PRATICA_HOME": str(tmp_path / "home")}
    secret = read_settings(env).secret_key
    assert len(secret) >= 48
    assert read_settings(env).secret_key == secret
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["secret_key"]
    assert stat.S_IMODE((tmp_path / "home" / "secret_key").stat().st_mode) == 0o600


def test_a_secret_is_never_there_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(_number: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        read_settings({"PRATICA_HOME": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kept", [b"", b" \n", b"\xff\xfe secret"])
def test_a_secret_that_is_none_is_refused(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "secret_key").write_bytes(kept)
    with pytest.raises(
        ConfigurationInvalid, match="to hold the secret that signs sessions, but it is empty or no text"
    ):
        read_settings({"PRATICA_HOME": str(tmp_path)})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can enter another user's home")
def test_root_does_not_work_in_another_user_s_home(tmp_path: Path) -> None:
    os.chown(tmp_path, 1, 1)
    with pytest.raises(ConfigurationInvalid, match=r"Expected to run as user daemon.*\(sudo -u daemon\)"):
        read_settings({"PRATICA_HOME": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []


def test_roots_that_are_not_there_and_scanners_without_a_port_are_refused(tmp_path: Path) -> None:
    home = {"PRATICA_HOME": str(tmp_path)}
    with pytest.raises(ConfigurationInvalid, match="Expected PRATICA_SIGNATURE_ROOTS to be"):
        read_settings({**home, "PRATICA_SIGNATURE_ROOTS": str(tmp_path / "none")})
    for clamd in ("localhost", "localhost:0", ":3310", "localhost:99999", "clamd.sock"):
        with pytest.raises(ConfigurationInvalid, match="Expected PRATICA_CLAMD to be"):
            read_settings({**home, "PRATICA_CLAMD": clamd})
    read = read_settings(
        {**home, "PRATICA_CLAMD": "127.0.0.1:3310", "PRATICA_SIGNATURE_ROOTS": str(tmp_path)}
    )
    assert (read.clamd, read.signature_roots) == ("127.0.0.1:3310", tmp_path)
