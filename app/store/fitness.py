"""Whether the house can live in a PostgreSQL: looked at before every migration, and by the doctor."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import class_row

from app.domain.errors import ConfigurationInvalid

OLDEST = 15
PATIENCE = 10
"""Seconds that a database is given to answer."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOOK = """
SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
    current_setting('server_encoding') AS encoding, current_setting('transaction_read_only') = 'on' AS read_only,
    current_user AS who, current_database() AS name,
    EXISTS (SELECT FROM pg_roles WHERE rolname = 'pratica_app') AS role,
    coalesce((SELECT pg_has_role(current_user, oid, %(member)s) FROM pg_roles WHERE rolname = 'pratica_app'), false) AS member,
    (SELECT me.rolsuper OR %(makes)s AND me.rolcreaterole OR
        coalesce(pg_has_role(current_user, app.oid, 'MEMBER WITH ADMIN OPTION'), me.rolcreaterole)
        FROM pg_roles me LEFT JOIN pg_roles app ON app.rolname = 'pratica_app' WHERE me.rolname = current_user) AS makes_member,
    coalesce(has_schema_privilege('public', 'CREATE'), false) AS makes_tables,
    to_regclass('alembic_version') IS NOT NULL AS begun,
    coalesce(has_table_privilege(to_regclass('alembic_version'), 'SELECT'), false) AS readable,
    '' AS revision
"""


@dataclass(frozen=True)
class Look:
    """One thing looked at: whether it is `good`, what it is, and the detail with the way to mend it."""

    good: bool
    what: str
    detail: str


@dataclass
class Condition:
    """What a database is and what its user may do there; `revision` is the schema's, empty where there is none."""

    version: str
    number: int
    encoding: str
    read_only: bool
    who: str
    name: str
    role: bool
    member: bool
    makes_member: bool
    makes_tables: bool
    begun: bool
    readable: bool
    revision: str

    def looks(self) -> Iterator[Look]:
        """Give what is to be seen; the sentence of a fault says how to mend it."""
        yield self._version()
        yield self._encoding()
        yield self._writing()
        yield self._schema()
        yield self._rights()

    def _version(self) -> Look:
        fault = f"Expected PostgreSQL {OLDEST} or newer, but this is {self.version}: upgrade it, or set DATABASE_URL to another."
        good = self.number >= OLDEST * 10_000
        return Look(good, "PostgreSQL", f"version {self.version}, user {self.who}" if good else fault)

    def _encoding(self) -> Look:
        fault = (
            f"Expected the encoding UTF8, but the database {self.name} has {self.encoding}: make one with"
            f" CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0, and name it in DATABASE_URL."
        )
        good = self.encoding == "UTF8"
        return Look(good, "encoding", self.encoding if good else fault)

    def _writing(self) -> Look:
        fault = (
            f"Expected a database that can be written, but {self.name} is read-only for {self.who}: it is a standby, or"
            " default_transaction_read_only is on. Connect to the primary, or ALTER ROLE ... RESET default_transaction_read_only."
        )
        return Look(not self.read_only, "writing", fault if self.read_only else "allowed")

    def _schema(self) -> Look:
        scripts = ScriptDirectory.from_config(configuration())
        head, known = scripts.get_current_head(), {script.revision for script in scripts.walk_revisions()}
        if self.begun and not self.readable:
            fault = f"Expected {self.who} to be the owner of the tables, but it may not even read them: connect as their owner."
            return Look(False, "schema", fault)
        if self.revision and self.revision not in known:
            fault = (
                f"Expected the schema {head} or an older one, but the database has {self.revision}, which a newer Pratica made:"
                " install that one, or go back to a backup of the database."
            )
            return Look(False, "schema", fault)
        if self.revision == head:
            return Look(True, "schema", f"{head}, up to date")
        return Look(True, "schema", f"{self.revision or 'none'} yet: the next start makes {head}")

    def _rights(self) -> Look:
        if not self.revision and not self.makes_tables:
            fault = (
                f"Expected {self.who} to be allowed to make tables, but it is not: make it the owner of the database"
                f" (ALTER DATABASE {self.name} OWNER TO {self.who}), or connect as the owner."
            )
            return Look(False, "rights", fault)
        if self.member or self.makes_member:
            return Look(
                True, "rights", "acts as pratica_app" if self.member else "may make the role pratica_app"
            )
        make = "" if self.role else "CREATE ROLE pratica_app NOLOGIN; "
        fault = (
            f"Expected {self.who} to act as the role pratica_app, but {'it may not' if self.role else 'there is no such role'}:"
            f" let an administrator say: {make}GRANT pratica_app TO {self.who};"
        )
        return Look(False, "rights", fault)


def configuration() -> Config:
    """Give Alembic's configuration."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def condition(url: str, patience: int = PATIENCE) -> Condition:
    """Look at the database of a libpq URL; ConfigurationInvalid where there is none or it lets nobody in."""
    try:
        with psycopg.connect(
            url, autocommit=True, client_encoding="UTF8", connect_timeout=patience
        ) as connection:
            new = connection.info.server_version >= 160_000  # noqa: PLR2004  SET came with 16, and CREATEROLE grants no other's roles
            rights = {"member": "SET" if new else "MEMBER", "makes": not new}
            with connection.cursor(row_factory=class_row(Condition)) as cursor:
                seen = cursor.execute(_LOOK, rights).fetchone()
            if seen is None:
                raise ConfigurationInvalid("Expected the database to answer, but it gave nothing.")
            if seen.readable:
                row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
                seen.revision = str(row[0]) if row else ""
            return seen
    except psycopg.Error as refused:
        raise ConfigurationInvalid(
            f"Expected a PostgreSQL at {_address(url)} that lets us in, but: {' '.join(str(refused).split())}"
        ) from refused


def require_fit(url: str) -> None:
    """Raise ConfigurationInvalid with the first thing that keeps the house from living in a database."""
    for look in condition(url).looks():
        if not look.good:
            raise ConfigurationInvalid(look.detail)


def _address(url: str) -> str:
    """Give where a URL leads, without its password."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:
        return "DATABASE_URL"
    where = f"{parts.get('host', 'the local socket')}:{parts.get('port', 5432)}"
    return f"DATABASE_URL ({where}, database {parts.get('dbname', '')})"
