"""Making definitions available, and seeing which there are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.definitions import bundle as bundles
from app.definitions import check, manifest
from app.domain.actors import Actor, Capability
from app.domain.bundles import Bundle
from app.domain.definitions import DefinitionRow, Finding
from app.domain.errors import BundleInvalid, NotAllowed
from app.services.house import House
from app.services.use_case import query, use_case
from app.store.queries import Queries
from app.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class DefinitionView:
    """One deployed version with what runs on it; `instances` are (case, number, state)."""

    row: DefinitionRow
    running: int
    finished: int
    instances: list[tuple[str, int, str]]


def require_designer(by: Actor) -> None:
    """Raise NotAllowed unless the actor is a designer or the system."""
    if not by.is_system and Capability.designer not in by.capabilities:
        raise NotAllowed(f"Expected a process designer, but {by.name} is not one.", reason="not_designer")


def findings(house: House, bundle: Bundle) -> list[Finding]:
    """Give every static finding of a bundle, errors first."""
    found = check.check(bundle, house.handlers.names())
    return sorted(found, key=lambda finding: finding.severity != "error")


@use_case
def deploy(house: House, uow: UnitOfWork, bundle: Bundle, by: Actor) -> int:
    """Make a bundle the latest version of its process and give the version; BundleInvalid if it has errors."""
    require_designer(by)
    errors = tuple(finding for finding in findings(house, bundle) if finding.severity == "error")
    if errors:
        raise BundleInvalid(f"Expected no errors in {bundle.process}, but there are {len(errors)}.", errors)
    return uow.save_definition(bundle, check.facts(bundle), by.id)


def deploy_shipped(house: House, by: Actor) -> dict[str, int]:
    """Deploy every process of the content folder that is not the latest already; gives versions by process."""
    known = _latest(house)
    versions: dict[str, int] = {}
    for name in bundles.processes(house.settings.content):
        bundle = bundles.read_bundle(house.settings.content, name)
        there = known.get(name)
        versions[name] = there.version if there and there.bundle == bundle.hash else deploy(house, bundle, by)
    return versions


@query
def _latest(house: House, reader: Queries) -> dict[str, DefinitionRow]:
    return {row.process: row for row in reader.latest_definitions()}


@query
def group_names(house: House, reader: Queries, language: str) -> dict[str, str]:
    """Give what the latest definitions call their candidate groups, by code; the first that names a group counts."""
    return lanes_of(reader, reader.latest_definitions(), language)


def lanes_of(reader: Queries, rows: Sequence[DefinitionRow], language: str) -> dict[str, str]:
    """Give what some definitions call their candidate groups, by code; the first that names a group counts."""
    names: dict[str, str] = {}
    for row in rows:
        for code, label in _lanes(reader.bundle(row.bundle).files.get(manifest.FILE), language).items():
            names.setdefault(code, label)
    return names


@lru_cache(maxsize=256)
def _lanes(data: bytes | None, language: str) -> dict[str, str]:
    lanes = manifest.known(data).lanes.values()
    return {lane.name: lane.label.of(language) or lane.name for lane in lanes}


@query
def bundles_of(house: House, reader: Queries, case_ids: Collection[str]) -> dict[tuple[str, int], Bundle]:
    """Give the bundle that each instance of some cases runs on, by case and number: for names that pages show."""
    return {key: reader.bundle(held) for key, held in reader.instance_bundles(case_ids).items()}


@query
def every(house: House, reader: Queries, by: Actor) -> list[DefinitionView]:
    """Give every deployed version, latest first within its process, with what runs on it."""
    require_designer(by)
    return [
        DefinitionView(
            count.definition, count.running, count.finished, reader.instances_on(count.definition.bundle)
        )
        for count in reader.definitions()
    ]


@query
def bundle(house: House, reader: Queries, bundle_hash: str, by: Actor) -> Bundle:
    """Give a deployed bundle's bytes."""
    require_designer(by)
    return reader.bundle(bundle_hash)
