"""Which side of a case somebody stands on: a party's, or the office's."""

from collections.abc import Iterable

from app.domain.cases import Instance
from app.store.queries import Queries


def is_party(reader: Queries, instances: Iterable[Instance], roles: Iterable[str]) -> bool:
    """Tell whether these roles in a case make somebody a party of it: those that the office appoints people to do not."""
    held = set(roles)
    if not held:
        return False
    appointed = {
        role for bundle in {one.bundle for one in instances} for role in reader.facts(bundle).appointed
    }
    return bool(held - appointed)
