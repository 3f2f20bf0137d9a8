"""The kinds of columns: FEEL values, instants, and short ways to write the plain ones."""

from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Column, Integer, MetaData, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from app.feel.codec import from_tagged, to_tagged

metadata = MetaData()


class Instant(TypeDecorator[datetime]):
    """An aware date and time; read back in UTC."""

    impl = TIMESTAMP(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuse a date and time without an offset: it would mean another instant on another machine."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"Expected a date and time with an offset, but got {value}")
        return value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give the instant in UTC."""
        return None if value is None else value.astimezone(UTC)


class Tagged(TypeDecorator[Any]):
    """A FEEL value as tagged JSON text (`app.feel.codec`)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        """Write a value; null stays NULL."""
        return None if value is None else orjson.dumps(to_tagged(value)).decode()

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        """Read a value."""
        return None if value is None else from_tagged(orjson.loads(value))


class TaggedDocument(TypeDecorator[Any]):
    """A FEEL context as tagged jsonb, which case queries can look into; U+0000, which jsonb refuses, is replaced."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> Any:
        """Write a context."""
        tagged = orjson.dumps(to_tagged(value or {}))
        return orjson.loads(tagged.replace(b"\\u0000", b"\\ufffd") if b"\\u0000" in tagged else tagged)

    def process_result_value(self, value: Any, _dialect: Dialect) -> Any:
        """Read a context."""
        return from_tagged(value)


def texts(*names: str, null: bool = False, default: str | None = None) -> list[Column[str]]:
    """Give text columns."""
    server = None if default is None else text(f"'{default}'")
    return [Column(name, Text, nullable=null, server_default=server) for name in names]


def wholes(*names: str, null: bool = False) -> list[Column[int]]:
    """Give columns of whole numbers."""
    return [Column(name, Integer, nullable=null) for name in names]


def instants(*names: str, null: bool = False) -> list[Column[datetime]]:
    """Give columns of instants."""
    return [Column(name, Instant, nullable=null) for name in names]
