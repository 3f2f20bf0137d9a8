"""The schema: as the tables say, and the history cannot be changed."""

import threading

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.domain.cases import Case
from app.domain.errors import ConfigurationInvalid
from app.store import tables
from app.store.database import Database
from app.store.postgres import EmbeddedServer

GUARDED = ("event", "publication", "register_entry")
CHANGES = ("UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}")


def statements(table: str, column: str) -> list[sql.Composed]:
    name, place = sql.Identifier(table), sql.Identifier(column)
    return [
        sql.SQL("UPDATE {} SET {} = {}").format(name, place, place),
        sql.SQL("DELETE FROM {}").format(name),
        sql.SQL("TRUNCATE {}").format(name),
    ]


def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    with database.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), tables.metadata)
    assert [change for change in found if "procrastinate" not in str(change)] == []


@pytest.mark.parametrize("table", GUARDED)
def test_the_application_may_only_add(database: Database, table: str) -> None:
    column = tables.metadata.tables[table].columns[1].name
    for statement in statements(table, column):
        with (
            psycopg.connect(database.role_url) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)


@pytest.mark.parametrize("table", GUARDED)
def test_even_the_owner_is_stopped_by_the_trigger(
    database: Database, open_case: object, clock: object, table: str
) -> None:
    with database.unit_of_work(clock) as uow:  # type: ignore[arg-type]
        uow.register("protocollo", 2023).enter({}, "k")
        uow.publish("elenco", b"body")
        uow.open_case("proposal", "FIL", actor="rossi")
    column = tables.metadata.tables[table].columns[1].name
    for statement in statements(table, column):
        with (
            psycopg.connect(database.url) as connection,
            pytest.raises(psycopg.errors.RestrictViolation, match="Expected only additions"),
        ):
            connection.execute(statement)


def test_the_application_cannot_take_the_guard_away(database: Database) -> None:
    with (
        psycopg.connect(database.role_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("ALTER TABLE event DISABLE TRIGGER event_append_only")


def test_the_application_s_connections_act_as_its_role(database: Database) -> None:
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT current_user")).scalar() == "pratica_app"


def test_an_event_number_is_given_once(database: Database, open_case: object) -> None:
    case: Case = open_case()  # type: ignore[operator]
    with database.engine.connect() as connection, pytest.raises(DBAPIError, match="event_case_id_seq_key"):
        connection.execute(
            text(
                "INSERT INTO event (case_id, seq, type, version, recorded_at, actor, body, leaf)"
                " SELECT case_id, seq, type, version, recorded_at, actor, body, leaf FROM event"
                " WHERE case_id = :case_id"
            ),
            {"case_id": case.id},
        )


def test_several_processes_may_migrate_at_once(server: EmbeddedServer) -> None:
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated_at_once")
    failures: list[Exception] = []

    def migrate() -> None:
        database = Database(server.url_of("migrated_at_once"))
        try:
            database.migrate()
        except ConfigurationInvalid as error:
            failures.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=migrate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
