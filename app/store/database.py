"""The database: connections, migrations, units of work and readers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from app.domain.errors import ConfigurationInvalid
from app.store.blobs import BlobStore
from app.store.clock import Clock
from app.store.queries import Queries
from app.store.reading import Shelf
from app.store.unit_of_work import UnitOfWork

ROLE = "pratica_app"
"""The role that the application acts as; it may add to the history and may not change it."""

LOST = (OperationalError, psycopg.OperationalError)
"""What is raised where the database went away while it was used."""

_MIGRATION_LOCK = 7_203_114_522
_DRIVER = "postgresql+psycopg"


class Database:
    """A PostgreSQL database by its libpq URL; connections are made when needed, at most `pool_size` and 4 more."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = url
        self._shelf = Shelf()
        self.engine = _engine(_parsed(url), ROLE, pool_size=pool_size, max_overflow=4, pool_recycle=1800)

    @property
    def role_url(self) -> str:
        """The libpq URL that connects as the application's role: for the queue and the sleeper."""
        return as_role(self.url)

    def migrate(self) -> None:
        """Bring the schema up to date, as the owner; several processes at once take turns.

        Raises ConfigurationInvalid where the database cannot be had or is not one that the house can live in.
        """
        from alembic import command

        from app.store import fitness

        fitness.require_fit(libpq_url(self.url))
        config = fitness.configuration()
        with self._owner() as connection:
            connection.execute(select(func.pg_advisory_lock(_MIGRATION_LOCK)))
            connection.commit()
            try:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                connection.commit()
            except DBAPIError as refused:
                said = " ".join(str(refused.orig).split())
                raise ConfigurationInvalid(
                    f"Expected PostgreSQL to bring the schema up to date, but it said: {said}"
                ) from refused
            finally:
                connection.rollback()
                connection.execute(select(func.pg_advisory_unlock(_MIGRATION_LOCK)))
                connection.commit()

    def _owner(self) -> Connection:
        return _engine(_parsed(self.url), None, poolclass=NullPool).connect()

    @contextmanager
    def unit_of_work(self, clock: Clock, blobs: BlobStore | None = None) -> Iterator[UnitOfWork]:
        """Open a transaction that is committed when the block ends and undone when it raises."""
        with self.engine.begin() as connection:
            uow = UnitOfWork(connection, self._shelf, clock, blobs)
            yield uow
            uow.flush()

    @contextmanager
    def reader(self) -> Iterator[Queries]:
        """Open a read-only transaction: all its answers are of one instant."""
        with self._read_connection() as connection:
            yield Queries(connection, self._shelf)

    def _read_connection(self) -> Connection:
        connection = self.engine.connect()
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def as_role(url: str) -> str:
    """Give a libpq URL whose connections act as the application's role."""
    return _libpq(_parsed(url).update_query_dict({"options": f"-c role={ROLE} -c timezone=UTC"}))


def libpq_url(url: str) -> str:
    """Give a database's URL as libpq reads it, whatever driver it names; ConfigurationInvalid where it is none."""
    return _libpq(_parsed(url))


def _libpq(url: URL) -> str:
    address, _, query = url.set(drivername="postgresql").render_as_string(hide_password=False).partition("?")
    return f"{address}{'?' if query else ''}{query.replace('+', '%20')}"  # libpq does not take + for a blank


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as broken:
        raise ConfigurationInvalid(
            "Expected a URL that begins with postgresql://, but DATABASE_URL is none."
        ) from broken
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise ConfigurationInvalid(
            f"Expected a URL that begins with postgresql://, but got {parsed.drivername}://."
        )
    return parsed.set(drivername=_DRIVER)


def _engine(url: URL, role: str | None, **options: Any) -> Engine:
    settings = "-c timezone=UTC" if role is None else f"-c timezone=UTC -c role={role}"
    engine = create_engine(
        url,
        connect_args={"options": settings, "application_name": "pratica"},
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        **options,
    )
    # a batch of rows is one INSERT with many VALUES; by default psycopg would send one statement for each row
    engine.dialect.use_insertmanyvalues_wo_returning = True
    return engine
