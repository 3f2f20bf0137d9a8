"""Settings that cannot be used are a sentence that names the variable, never a crash later."""

from pathlib import Path

import pytest

from app.config import read_settings
from app.domain.errors import ConfigurationInvalid
from app.store.database import Database


@pytest.mark.parametrize("port", ["abc", "0", "-1", "65536", "9" * 5000, "8000.0", ""])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    with pytest.raises(ConfigurationInvalid, match="Expected PORT to be a whole number from 1 to 65535"):
        read_settings({"PRATICA_HOME": str(tmp_path), "PORT": port})


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
