"""Histories recorded once: whatever becomes of the engine, they must come out as they did then."""

import base64
import gzip
import json
from datetime import datetime
from pathlib import Path

import pytest

from app.definitions import bundle as bundles
from app.definitions import check
from app.domain.events import TaskCompleted
from app.services.replay import _Replay
from app.store.log import Recorded, decode, entry_bytes, leaf_hash

recordings = sorted((Path(__file__).parent / "histories").glob("*.json.gz"))


class Shelf:
    """The bundles of a recording."""

    def __init__(self, given):
        self._bundles = {
            h: bundles.bundle_from_zip(base64.b64decode(data), process)
            for h, (process, data) in given.items()
        }

    def bundle(self, wanted):
        return self._bundles[wanted]

    def facts(self, wanted):
        return check.facts(self._bundles[wanted])


def load(path):
    content = json.loads(gzip.decompress(path.read_bytes()))
    cases = {}
    for row in content["events"]:
        at = datetime.fromisoformat(row["recorded_at"])
        event = decode(row["type"], row["version"], row["body"])
        entry = Recorded(
            row["case"],
            row["seq"],
            row["instance"],
            event,
            row["actor"],
            row["cause"],
            at,
            bytes.fromhex(row["leaf"]),
        )
        cases.setdefault(row["case"], []).append(entry)
    return Shelf(content["bundles"]), cases, content


def test_there_are_recordings():
    assert recordings


@pytest.mark.parametrize("path", recordings, ids=lambda p: p.name)
def test_a_recorded_history_replays_event_for_event(path):
    shelf, cases, _ = load(path)
    for case_id, history in cases.items():
        replay = _Replay(shelf, case_id)
        assert replay.run(history) is None
        assert replay.inputs > 0


@pytest.mark.parametrize("path", recordings, ids=lambda p: p.name)
def test_the_leaf_of_every_recorded_event_is_still_its_hash(path):
    for row in load(path)[2]["events"]:
        at = datetime.fromisoformat(row["recorded_at"])
        entry = entry_bytes(
            row["case"],
            row["seq"],
            row["instance"],
            row["type"],
            row["version"],
            at,
            row["actor"],
            row["cause"],
            row["body"],
        )
        assert leaf_hash(entry).hex() == row["leaf"]


@pytest.mark.parametrize("path", recordings, ids=lambda p: p.name)
def test_another_answer_would_have_been_noticed(path):
    shelf, cases, _ = load(path)
    case_id, history = next((c, h) for c, h in cases.items() if c.startswith("ED-"))
    place = next(n for n, e in enumerate(history) if isinstance(e.event, TaskCompleted))
    before = history[place]
    changed = TaskCompleted(before.event.task, {**before.event.values, "min_imprese": 3})
    history[place] = Recorded(
        *[getattr(before, f) if f != "event" else changed for f in Recorded.__dataclass_fields__]
    )
    difference = _Replay(shelf, case_id).run(history)
    assert difference is not None
    assert difference.seq > before.seq
