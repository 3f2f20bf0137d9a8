"""Databases copied from a migrated template: each story gets a fresh one within milliseconds."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from app.store.database import Database
from app.store.postgres import EmbeddedServer


@contextmanager
def copy_of(server: EmbeddedServer, template: str = "pratica") -> Iterator[Database]:
    """Open a copy of the database `template`, which nobody may be using, and drop it when the block ends."""
    name = f"copy_{secrets.token_hex(6)}"
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        connection.execute(made)
        database = Database(server.url_of(name))
        try:
            yield database
        finally:
            database.close()
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
