"""One completion through the service layer, against the same statements sent bare (design: at most 4 x; 3 ms median).

Twin cases stand at the same task. Half of them are completed by `tasks.complete`; what one of those sent to PostgreSQL
is written down, and sent again for each of the other half by psycopg alone: prepared, one transaction each, fsync on,
only the case number replaced. Both halves alternate, so that both see the same machine.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import psycopg
import sqlalchemy
from psycopg.types.json import Json, Jsonb

from app.config import Settings
from app.domain.actors import system
from app.domain.bundles import Bundle
from app.handling import Registry
from app.services import cases, definitions, people, tasks
from app.services.house import House
from app.store.blobs import BlobStore
from app.store.clock import FixedClock
from app.store.database import Database
from app.store.postgres import temporary
from tests.small import bpmn, carla, flows, lane, manifest, start

pairs, warm = 150, 10
BODY = (
    lane("richiedente", "uno", "due")
    + '<bpmn:startEvent id="s"/><bpmn:userTask id="uno" name="Uno"/><bpmn:exclusiveGateway id="g" default="f_g_due"/><bpmn:userTask id="due" name="Due"/><bpmn:endEvent id="e"/>'
    + flows("s>uno", "uno>g", "g>due", "due>e")
)


@dataclass
class Tape:
    """The statements that one completion sent, with their parameters."""

    statements: list[tuple[str, Any]] = field(default_factory=list)
    commits: int = 0
    running: bool = False

    def listen(self, engine: sqlalchemy.Engine) -> None:
        """Write down every statement while running."""

        def before(
            _c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
        ) -> None:
            if self.running:
                self.statements.append((statement, parameters))

        def commit(_c: Any) -> None:
            self.commits += self.running

        sqlalchemy.event.listen(engine, "before_cursor_execute", before)
        sqlalchemy.event.listen(engine, "commit", commit)


def moved(value: Any, old: str, new: str) -> Any:
    """Give parameters with one case number replaced by another."""
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, bytes):
        return value.replace(old.encode(), new.encode())
    if isinstance(value, Json | Jsonb):
        return type(value)(moved(value.obj, old, new))
    if isinstance(value, dict):
        return {key: moved(item, old, new) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(moved(item, old, new) for item in value)
    return value


def bare(connection: psycopg.Connection[Any], tape: Tape, old: str, new: str) -> float:
    """Send the tape's statements for another case in one transaction; gives milliseconds."""
    ready = [(statement, moved(parameters, old, new)) for statement, parameters in tape.statements]
    begin = perf_counter()
    with connection.transaction(), connection.cursor() as cursor:
        for statement, parameters in ready:
            if isinstance(parameters, list):
                cursor.executemany(statement, parameters)
            else:
                cursor.execute(statement, parameters, prepare=True)
            if cursor.description:
                cursor.fetchall()
    return (perf_counter() - begin) * 1000


def completed(house: House, case_id: str) -> float:
    """Complete the case's first task; gives milliseconds."""
    begin = perf_counter()
    tasks.complete(house, f"{case_id}/1", {"nota": "una nota di prova"}, carla, key=f"key {case_id}")
    return (perf_counter() - begin) * 1000


def measure(house: House, url: str) -> tuple[list[float], list[float], Tape]:
    """Measure both halves, alternating; gives service times, bare times and the tape."""
    people.add(house, carla, "a password for the benchmark")
    definitions.deploy(
        house, Bundle("prova", {"prova.bpmn": bpmn("prova", BODY), "process.toml": manifest("prova")}), system
    )
    ids = [cases.start(house, "prova", carla).id for _ in range(2 * (pairs + warm))]
    tape = Tape()
    tape.listen(house.database.engine)
    for case_id in ids[: warm - 1]:
        completed(house, case_id)
    tape.running = True
    model = ids[warm - 1]
    completed(house, model)
    tape.running = False
    served: list[float] = []
    sent: list[float] = []
    with psycopg.connect(url, autocommit=True) as connection:
        for case_id in ids[pairs + warm : pairs + 2 * warm]:
            bare(connection, tape, model, case_id)
        for mine, twin in zip(ids[warm : warm + pairs], ids[pairs + 2 * warm :], strict=True):
            served.append(completed(house, mine))
            sent.append(bare(connection, tape, model, twin))
    return served, sent, tape


def run() -> list[dict[str, Any]]:
    """Measure one completion and give its rows."""
    with tempfile.TemporaryDirectory() as home, temporary(durable=True) as url:
        settings = Settings(home=Path(home), content=Path(home))
        database = Database(url, pool_size=4)
        database.migrate()
        house = House(settings, database, FixedClock(start), BlobStore(Path(home) / "blobs"), Registry())
        served, sent, tape = measure(house, url)
        database.close()
    ratio = median(served) / median(sent)
    p95 = {"served": quantiles(served, n=20)[-1], "bare": quantiles(sent, n=20)[-1]}
    return [
        {
            "name": "completion",
            "value": round(ratio, 2),
            "unit": "x bare statements",
            "limit": 4,
            "n": pairs,
            "p95": round(p95["served"] / p95["bare"], 2),
            "beside": {"served_ms": round(median(served), 3), "bare_ms": round(median(sent), 3)},
        },
        {
            "name": "completion median",
            "value": round(median(served), 3),
            "unit": "ms",
            "limit": 3,
            "n": pairs,
            "p95": round(p95["served"], 3),
            "beside": None,
        },
        {
            "name": "completion statements",
            "value": len(tape.statements),
            "unit": "statements",
            "limit": 15,
            "n": 1,
            "p95": None,
            "beside": {"commits": tape.commits},
        },
    ]
