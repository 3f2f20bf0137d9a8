"""A database that the house cannot live in is a sentence that says how to mend it, before anything is touched."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from app.domain.errors import ConfigurationInvalid
from app.store import fitness
from app.store.database import Database
from app.store.postgres import EmbeddedServer, temporary_server

ROOT = Path(__file__).resolve().parents[3]
Make = Callable[..., str]
GRANTED = "GRANT pratica_app TO {name}"
"""Said by an administrator, so that a role that may make none can do its work."""


@pytest.fixture(scope="module")
def open_server() -> Iterator[EmbeddedServer]:
    """A server that lets every role in."""
    with temporary_server() as started:
        started._write("pg_hba.conf", "local all all trust\n")
        with psycopg.connect(started.url, autocommit=True) as connection:
            connection.execute("SELECT pg_reload_conf()")
            connection.execute("CREATE ROLE reader LOGIN")
            connection.execute("CREATE ROLE pratica_app NOLOGIN")
        yield started


@pytest.fixture
def make(open_server: EmbeddedServer) -> Make:
    """Makes a database of a new role, after statements by an administrator, and gives the role's URL to it."""

    def of(*statements: str, options: str = "") -> str:
        name = f"d{secrets.token_hex(4)}"
        with psycopg.connect(open_server.url, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {name} LOGIN")
            connection.execute(f"CREATE DATABASE {name} OWNER {name} {options}")
            for statement in statements:
                connection.execute(statement.format(name=name))
        return open_server.url_of(name).replace("//pratica@", f"//{name}@")

    return of


def as_reader(url: str) -> str:
    """Give the URL of a database as a role that may do nothing there."""
    return f"postgresql://reader@{url.partition('@')[2]}"


def pratica(url: str, *arguments: str, home: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "DATABASE_URL": url, "PRATICA_HOME": str(home)},
    )  # fmt: skip


def refusal(url: str) -> str:
    """Give the sentence with which migrations are refused."""
    database = Database(url)
    try:
        with pytest.raises(ConfigurationInvalid) as refused:
            database.migrate()
    finally:
        database.close()
    return str(refused.value)


def test_a_role_that_may_make_no_roles_finds_the_one_that_an_administrator_made(make: Make) -> None:
    url = make()
    assert "let an administrator say: " in refusal(url)
    granted = make(GRANTED)
    database = Database(granted)
    database.migrate()
    database.migrate()
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT current_user").scalar() == "pratica_app"
    database.close()
    assert "to be the owner of the tables" in refusal(as_reader(granted))


def test_a_role_that_may_make_roles_needs_no_administrator() -> None:
    with temporary_server() as server:
        server._write("pg_hba.conf", "local all all trust\n")
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("SELECT pg_reload_conf()")
            connection.execute("CREATE ROLE maker LOGIN CREATEROLE")
            connection.execute("CREATE DATABASE made OWNER maker")
        database = Database(server.url_of("made").replace("//pratica@", "//maker@"))
        database.migrate()
        database.close()
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE ROLE other LOGIN CREATEROLE")
            connection.execute("CREATE DATABASE another OWNER other")
        assert "GRANT pratica_app TO other;" in refusal(
            server.url_of("another").replace("//pratica@", "//other@")
        )


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_another_encoding_is_refused(make: Make, encoding: str) -> None:
    url = make(options=f"ENCODING '{encoding}' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0")
    assert "Expected the encoding UTF8, but the database d" in refusal(url)
    assert f"has {encoding}" in refusal(url)


def test_a_database_that_is_read_only_is_refused(make: Make) -> None:
    url = make("ALTER ROLE {name} SET default_transaction_read_only = on", GRANTED)
    assert "Expected a database that can be written, but d" in refusal(url)


def test_a_user_who_may_make_no_tables_is_refused(make: Make) -> None:
    assert "Expected reader to be allowed to make tables" in refusal(as_reader(make()))


def test_a_schema_newer_than_the_code_is_refused(make: Make) -> None:
    url = make(GRANTED)
    database = Database(url)
    database.migrate()
    database.close()
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "or an older one, but the database has 9999, which a newer Pratica made" in refusal(url)


def test_a_migration_that_postgresql_refuses_is_a_sentence(make: Make) -> None:
    url = make(GRANTED)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE event (n int)")
    assert refusal(url).startswith(
        "Expected PostgreSQL to bring the schema up to date, but it said: relation"
    )


def test_an_old_postgresql_is_refused(make: Make) -> None:
    seen = fitness.condition(make(GRANTED))
    assert all(look.good for look in seen.looks())
    seen.number, seen.version = 140_011, "14.11"
    assert [look.detail for look in seen.looks() if not look.good] == [
        "Expected PostgreSQL 15 or newer, but this is 14.11: upgrade it, or set DATABASE_URL to another."
    ]


@pytest.mark.parametrize("end", ["?foo=bar", "&foo=bar"])
def test_an_option_that_is_none_is_refused(make: Make, end: str) -> None:
    url = make()
    assert "lets us in, but: " in refusal(url.partition("?")[0] + end if end[0] == "?" else url + end)


def test_the_command_line_says_it_with_exit_code_2(make: Make, tmp_path: Path) -> None:
    url = make("ALTER ROLE {name} SET default_transaction_read_only = on")
    for address in (url, "postgresql://x@127.0.0.1:1/x", "postgresql://x@127.0.0.1/x?foo=bar"):
        done = pratica(address, "rebuild", home=tmp_path)
        assert (done.returncode, done.stderr.startswith("Expected a "), "Traceback" in done.stderr) == (
            2,
            True,
            False,
        )


def test_a_password_is_never_said() -> None:
    assert "segreta" not in refusal("postgresql://x:segreta@127.0.0.1:1/x")


def test_arguments_that_are_no_text_are_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "replay", b"a\xff"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "PRATICA_HOME": str(tmp_path)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "Expected arguments in UTF-8, but got 'a\\udcff'.\n")


def test_stories_of_a_process_that_is_none_are_not_an_empty_success(tmp_path: Path) -> None:
    done = pratica("", "scenario", "nope", home=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("Expected a process, but 'nope' is none. Processes: ")
