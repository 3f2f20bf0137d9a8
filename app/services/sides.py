"""Which side of a case somebody stands on: a party's, or the office's."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.actors import Actor
from app.domain.cases import Document, Instance, texts_within
from app.domain.events import JobCompleted
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


@dataclass(frozen=True)
class Reserved:
    """What of a case its parties are not shown: what some instances decided and made, and roles that the office gives."""

    instances: frozenset[int] = frozenset()
    roles: frozenset[str] = frozenset()
    papers: frozenset[str] = frozenset()

    def __contains__(self, instance: object) -> bool:
        return instance in self.instances

    def hides(self, document: Document) -> bool:
        """Tell whether a file is one that the office's own work made."""
        return document.id in self.papers


def reserved(reader: Queries, case_id: str, by: Actor) -> Reserved:
    """Give what is not shown to an actor: nothing to the office, and to parties the work of processes that are reserved (manifest)."""
    roles = frozenset() if by.is_system else reader.roles(case_id, by.id)
    if not roles:
        return Reserved()
    instances = reader.instances_of(case_id)
    facts = {one.number: reader.facts(one.bundle) for one in instances}
    if not is_party(reader, instances, roles):
        return Reserved()
    inside = frozenset(number for number, each in facts.items() if each.reserved)
    appointed = frozenset(role for each in facts.values() for role in each.appointed)
    return Reserved(inside, appointed, made_by(reader, case_id, inside))


def made_by(
    reader: Queries, case_id: str, instances: Collection[int], since: Mapping[int, datetime] | None = None
) -> frozenset[str]:
    """Give the ids of the papers that instances of a case made, each from its instant of `since` on; other texts of results are among them."""
    if not instances:
        return frozenset()
    begun = since or {}
    made = reader.history_of(case_id, instances, {JobCompleted.__name__})
    late = [e for e in made if e.instance is None or e.recorded_at >= begun.get(e.instance, e.recorded_at)]
    return frozenset(
        t for e in late if isinstance(e.event, JobCompleted) for t in texts_within(e.event.result)
    )
