"""Published lists: immutable numbered versions, each with the hash of the one before."""

from hashlib import sha256
from typing import Any

from sqlalchemy import RowMapping, bindparam, func, insert, select

from app.store import tables
from app.store.reading import Reading
from app.store.writing import Writing

_p = tables.publication.c
_COLUMNS = select(_p.name, _p.number, _p.sha256, _p.previous, _p.body, _p.published_at)
_VERSIONS = _COLUMNS.where(_p.name == bindparam("name")).order_by(_p.number)
_LATEST = _COLUMNS.where(_p.name == bindparam("name")).order_by(_p.number.desc()).limit(1)
_NAMES = select(_p.name).distinct().order_by(_p.name)
_LOCK = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name"), 1)))


class PublicationQueries(Reading):
    """Reading what was published; a version is a dict with name, number, sha256, previous and body."""

    def publications(self, name: str) -> list[dict[str, Any]]:
        """Give every version of a publication, oldest first."""
        return [_version(row) for row in self._rows(_VERSIONS, name=name)]

    def latest_publication(self, name: str) -> dict[str, Any] | None:
        """Give the last version of a publication, if there is one."""
        row = self._row(_LATEST, name=name)
        return _version(row) if row else None

    def publication_names(self) -> list[str]:
        """Give the names under which something was published."""
        return [row["name"] for row in self._rows(_NAMES)]


class PublicationStore(PublicationQueries, Writing):
    """Publishing."""

    def held_publication(self, name: str) -> dict[str, Any] | None:
        """Give the last version of a publication; nobody else publishes under the name until the transaction ends."""
        self._rows(_LOCK, name=name)
        return self.latest_publication(name)

    def publish(self, name: str, body: bytes, first: int = 1) -> dict[str, Any]:
        """Publish the next version of `name`, numbered from `first` without gaps and chained by SHA-256 to the one before."""
        before = self.held_publication(name)
        version = {
            "name": name,
            "number": before["number"] + 1 if before else first,
            "sha256": sha256(body).hexdigest(),
            "previous": before["sha256"] if before else None,
            "body": body,
        }
        self._connection.execute(insert(tables.publication), version | {"published_at": self.now})
        return version


def _version(row: RowMapping) -> dict[str, Any]:
    version = {name: row[name] for name in ("name", "number", "sha256", "previous")}
    return version | {"body": bytes(row["body"])}
