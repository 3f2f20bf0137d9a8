"""Record the histories of a story for ever: `python -m tests.replay.record NAME PROCESS/STORY`.

A recording holds the events of every case that the story made and the bundles they ran on. It is written once and
never again: what the engine did then, every later engine must do.
"""

import base64
import gzip
import json
import sys
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.config import read_settings
from app.definitions.bundle import bundle_to_zip
from app.domain.events import InstanceStarted
from app.handling import load_handlers
from app.services.house import House
from app.store.blobs import BlobStore
from app.store.clock import FixedClock
from app.store.database import Database
from app.store.log import Recorded, body_of
from app.store.postgres import temporary
from app.testing.actors import read_cast
from app.testing.player import perform, prepare
from app.testing.stories import read_story

folder = Path(__file__).parent / "histories"


def line(entry: Recorded) -> dict[str, Any]:
    """Give an event as JSON."""
    event = entry.event
    return {
        "case": entry.case_id, "seq": entry.seq, "instance": entry.instance, "type": event.type, "version": event.version,
        "recorded_at": entry.recorded_at.isoformat(), "actor": entry.actor, "cause": entry.cause, "body": body_of(event),
        "leaf": entry.leaf.hex(),
    }  # fmt: skip


def recording(house: House) -> dict[str, Any]:
    """Give every case's history and the bundles they ran on."""
    with house.database.reader() as reader:
        entries = [entry for case_id in reader.case_ids() for entry in reader.history(case_id)]
        hashes = {e.event.bundle for e in entries if isinstance(e.event, InstanceStarted)}
        bundles = {h: (reader.bundle(h).process, bundle_to_zip(reader.bundle(h))) for h in sorted(hashes)}
    return {
        "events": [line(entry) for entry in entries],
        "bundles": {h: [process, base64.b64encode(data).decode()] for h, (process, data) in bundles.items()},
    }


def main(name: str, story: str) -> None:
    """Play a story in a house of its own and write its recording."""
    process, _, title = story.partition("/")
    settings = read_settings({})
    with TemporaryDirectory() as home, temporary() as url:
        told = read_story(settings.content / "processes" / process / "scenarios" / f"{title}.toml", process)
        database, cast = Database(url), read_cast(settings.content)
        database.migrate()
        own = replace(settings, home=Path(home), demo=True)
        clock = FixedClock(told.starts.astimezone(UTC))
        house = House(own, database, clock, BlobStore(Path(home) / "blobs"), load_handlers())
        prepare(house, cast)
        perform(house, told, cast)
        text = json.dumps(recording(house), sort_keys=True)
        database.close()
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main(*sys.argv[1:])
