"""Lists that were published: immutable versions, each with the hash of the one before."""

from app.handling import Version
from app.services.house import House
from app.services.use_case import query
from app.store.queries import Queries


@query
def versions(house: House, reader: Queries, name: str) -> list[Version]:
    """Give every version of a publication, oldest first."""
    return [Version(**row) for row in reader.publications(name)]


@query
def names(house: House, reader: Queries) -> list[str]:
    """Give the names under which something was published."""
    return reader.publication_names()


def latest(house: House, name: str) -> Version | None:
    """Give the last version of a publication."""
    found = versions(house, name)
    return found[-1] if found else None
