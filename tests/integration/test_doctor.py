"""The doctor looks at the database itself, and changes nothing by looking."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app import doctor
from app.config import Settings
from app.store.postgres import EmbeddedServer
from tests.papers import authority


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that every user can pass through, not made yet."""
    with tempfile.TemporaryDirectory(prefix="p", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "home"


def looks(home: Path, url: str | None = None, **more: Any) -> dict[str, tuple[bool, str]]:
    settings = Settings(home=home, content=Path(__file__).parents[2], database_url=url, **more)
    return {look.what: (look.good, look.detail) for look in doctor.examine(settings)}


def test_a_database_that_can_be_used_is_described(database_url: str, home: Path) -> None:
    seen = looks(home, database_url)
    assert seen["PostgreSQL"][1].startswith("version 18.")
    assert seen["encoding"] == (True, "UTF8")
    assert seen["writing"] == (True, "allowed")
    assert seen["schema"][0]
    assert seen["schema"][1].endswith("up to date")
    assert seen["rights"] == (True, "acts as pratica_app")


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "mysql://a/b",
        "postgresql://x@127.0.0.1:1/x",
        "postgresql://x@no-such-host.invalid/x",
        "postgresql://x@h/x?foo=bar",
    ],
)
def test_a_database_that_is_none_is_missing(home: Path, url: str) -> None:
    good, detail = looks(home, url)["PostgreSQL"]
    assert not good
    assert detail.startswith("Expected a ")
    assert detail.endswith("Start it, or mend DATABASE_URL.")


def test_what_is_wrong_with_a_database_is_missing_with_its_mend(database_url: str, home: Path) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    good, detail = looks(home, database_url)["schema"]
    assert (good, "install that one" in detail) == (False, True)


def test_the_embedded_database_is_found_and_nothing_is_made(home: Path) -> None:
    assert looks(home)["PostgreSQL"] == (True, f"embedded, not made yet: it will lie in {home / 'postgres'}")
    assert not home.exists()
    server = EmbeddedServer(home, durable=False)
    server.start()
    settings = Settings(home=home, content=home)
    assert f"embedded, in {home / 'postgres'}; it is running" in [
        look.detail for look in doctor.examine(settings)
    ]
    seen = looks(home)
    assert seen["PostgreSQL"][1].startswith("version 18")
    assert seen["schema"] == (True, "none yet: the next start makes 0006")
    server.stop()
    assert looks(home)["PostgreSQL"] == (
        True,
        f"embedded, in {home / 'postgres'}; it is not running, any command starts it",
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server may be kept out of a home")
def test_a_database_outside_its_home_is_said_to_be(home: Path) -> None:
    home.parent.chmod(0o700)
    assert (
        "in /var/lib, since the user nobody, as whom it runs, cannot pass through"
        in looks(home)["PostgreSQL"][1]
    )
    server = EmbeddedServer(home, durable=False)
    server.start()
    server.stop()
    assert (
        f"embedded, in {server.place} (outside the home, which the user nobody could not reach"
        in looks(home)["PostgreSQL"][1]
    )
    shutil.rmtree(server.place)


def test_whose_signatures_are_believed_is_said(home: Path, tmp_path: Path) -> None:
    good, detail = looks(home)["signatures"]
    assert good
    assert detail.startswith("no roots configured: signatures are refused")
    assert "no legal value" in looks(home, demo=True)["signatures"][1]
    assert not home.exists()
    roots = tmp_path / "roots.pem"
    roots.write_bytes(authority("uno").pem + authority("due").pem)
    assert looks(home, signature_roots=roots)["signatures"] == (True, f"2 roots from {roots}")
    roots.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    good, detail = looks(home, signature_roots=roots)["signatures"]
    assert not good
    assert "PRATICA_SIGNATURE_ROOTS" in detail


def test_a_scanner_is_off_or_unreachable(home: Path) -> None:
    assert looks(home)["virus scanner"][1].startswith("off")
    good, detail = looks(home, clamd="127.0.0.1:1")["virus scanner"]
    assert not good
    assert detail.startswith("unreachable at 127.0.0.1:1")
