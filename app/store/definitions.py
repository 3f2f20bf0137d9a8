"""Deployed definitions: bundles by hash, versions by process."""

from collections.abc import Collection
from dataclasses import asdict, dataclass

import orjson
from sqlalchemy import RowMapping, any_, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.domain.bundles import Bundle
from app.domain.definitions import DefinitionFacts, DefinitionRow
from app.domain.errors import NotFound
from app.store import records, tables
from app.store.reading import Reading
from app.store.rows import insert_rows
from app.store.writing import Writing

_d = tables.definition.c
_i = tables.instance.c
_VERSION = select(tables.definition).where(
    _d.process == bindparam("process"), _d.version == bindparam("version")
)
_LATEST_OF = (
    select(tables.definition).where(_d.process == bindparam("process")).order_by(_d.version.desc()).limit(1)
)
_LATEST = select(tables.definition).ext(distinct_on(_d.process)).order_by(_d.process, _d.version.desc())
_EVERY = select(tables.definition).order_by(_d.process, _d.version)
_BY_BUNDLE = select(tables.definition).where(_d.bundle == bindparam("bundle")).limit(1)
_SAME = select(_d.version).where(_d.process == bindparam("process"), _d.bundle == bindparam("bundle"))
_FILES = select(tables.bundle_file).where(tables.bundle_file.c.bundle == bindparam("bundle"))
_HAS_FILES = (
    select(tables.bundle_file.c.bundle).where(tables.bundle_file.c.bundle == bindparam("bundle")).limit(1)
)
_COUNTS = select(
    _i.process,
    _i.bundle,
    func.count().filter(_i.state == "running").label("running"),
    func.count().filter(_i.state != "running").label("finished"),
).group_by(_i.process, _i.bundle)
_ON = (
    select(_i.case_id, _i.number, *(c for c in records.INSTANCE_COLUMNS if c.name == "state"))
    .where(_i.bundle == bindparam("bundle"))
    .order_by(_i.case_id, _i.number)
)
_OF_CASES = select(_i.case_id, _i.number, _i.bundle).where(_i.case_id == any_(bindparam("cases")))
_LOCK = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name"), 0)))


@dataclass(frozen=True)
class DefinitionCount:
    """A deployed version with the number of its instances that run and that have ended."""

    definition: DefinitionRow
    running: int
    finished: int


class DefinitionQueries(Reading):
    """Definitions, bundles and facts."""

    def definition(self, process: str, version: int | None = None) -> DefinitionRow:
        """Give a version of a process, the latest by default; NotFound if there is none."""
        if version is None:
            row = self._row(_LATEST_OF, process=process)
        else:
            row = self._row(_VERSION, process=process, version=version)
        if row is None:
            raise NotFound(f"Expected a definition {process} {version or ''}, but none is deployed.")
        return definition_from(row)

    def latest_definitions(self) -> list[DefinitionRow]:
        """Give the latest version of each process, by the process's id."""
        return [definition_from(row) for row in self._rows(_LATEST)]

    def definitions(self) -> list[DefinitionCount]:
        """Give every version of every process with its counts of instances."""
        counts = {(row["process"], row["bundle"]): row for row in self._rows(_COUNTS)}
        found = []
        for row in self._rows(_EVERY):
            count = counts.get((row["process"], row["bundle"]))
            found.append(
                DefinitionCount(
                    definition_from(row), count["running"] if count else 0, count["finished"] if count else 0
                )
            )
        return found

    def instances_on(self, bundle: str) -> list[tuple[str, int, str]]:
        """Give the instances of a bundle: case, number, state."""
        return [(row["case_id"], row["number"], row["state"]) for row in self._rows(_ON, bundle=bundle)]

    def instance_bundles(self, case_ids: Collection[str]) -> dict[tuple[str, int], str]:
        """Give the hash of the bundle of each instance of some cases, by case and number."""
        rows = self._rows(_OF_CASES, cases=sorted(case_ids))
        return {(row["case_id"], row["number"]): row["bundle"] for row in rows}

    def message_starts(self, name: str) -> list[DefinitionRow]:
        """Give the latest versions that a message of this name starts."""
        return [row for row in self.latest_definitions() if name in row.facts.message_starts]

    def facts(self, bundle: str) -> DefinitionFacts:
        """Give the facts of the definition with this bundle; NotFound if none is deployed."""
        known = self._shelf.facts.get(bundle)
        if known is None:
            row = self._row(_BY_BUNDLE, bundle=bundle)
            if row is None:
                raise NotFound(f"Expected a deployed definition with bundle {bundle}, but there is none.")
            known = self._shelf.facts[bundle] = definition_from(row).facts
        return known

    def bundle(self, bundle: str) -> Bundle:
        """Give a bundle by its hash; NotFound if it was never deployed."""
        known = self._shelf.bundles.get(bundle)
        if known is None:
            files = {row["name"]: bytes(row["content"]) for row in self._rows(_FILES, bundle=bundle)}
            known = self._shelf.bundles[bundle] = Bundle(self.facts(bundle).process, files)
        return known


class DefinitionStore(DefinitionQueries, Writing):
    """Deploying."""

    def save_definition(self, bundle: Bundle, facts: DefinitionFacts, by: str) -> int:
        """Deploy a bundle and give its version, counted from 1 by process; the same bundle again is the same version."""
        self._rows(_LOCK, name=f"definition:{bundle.process}")
        same = self._row(_SAME, process=bundle.process, bundle=bundle.hash)
        if same is not None:
            return int(same["version"])
        if self._row(_HAS_FILES, bundle=bundle.hash) is None:
            files = (
                {"bundle": bundle.hash, "name": n, "content": c} for n, c in sorted(bundle.files.items())
            )
            insert_rows(self._connection, tables.bundle_file, files)
        last = self._row(_LATEST_OF, process=bundle.process)
        version = (last["version"] if last else 0) + 1
        row = {"process": bundle.process, "version": version, "bundle": bundle.hash, "deployed_at": self.now}
        facts_text = orjson.dumps(asdict(facts)).decode()
        self._connection.execute(insert(tables.definition), row | {"deployed_by": by, "facts": facts_text})
        return version


def definition_from(row: RowMapping) -> DefinitionRow:
    """Give a deployed version from its row."""
    return DefinitionRow(
        process=row["process"],
        version=row["version"],
        bundle=row["bundle"],
        deployed_at=row["deployed_at"],
        deployed_by=row["deployed_by"],
        facts=DefinitionFacts(**orjson.loads(row["facts"])),
    )
