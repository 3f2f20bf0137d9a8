"""Projections say what the history says: dropped and rebuilt they are the same."""

from collections.abc import Callable
from datetime import UTC, timedelta
from itertools import pairwise
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from app.domain import events
from app.domain.cases import Case
from app.store import tables
from app.store.blobs import BlobStore
from app.store.clock import FixedClock
from app.store.database import Database
from app.store.projections import PROJECTIONS

BESIDE = {"snapshot", "claimed_at", "search"}
ids = st.integers(1, 4)
elements = st.sampled_from(["check", "decide"])
history = st.lists(
    st.one_of(
        st.builds(events.TaskOpened, ids, elements, st.text(max_size=5), st.sampled_from(["istruttore", "capofila"]), st.none()),
        st.builds(events.TaskClaimed, ids, st.sampled_from(["bianchi", "verdi"])),
        st.builds(events.TaskReleased, ids),
        st.builds(events.TaskAssigned, ids, st.just("verdi"), st.just("ferie")),
        st.builds(events.TaskCompleted, ids, st.just({})),
        st.builds(events.TaskCancelled, ids, elements),
        st.builds(events.JobOpened, ids, elements, st.just("a.b"), st.just({"x": 1})),
        st.builds(events.JobCompleted, ids, st.none()),
        st.builds(events.JobFailed, ids, st.none(), st.text(max_size=5)),
        st.builds(events.JobCancelled, ids, elements),
        st.builds(events.TimerSet, ids, elements, st.datetimes(timezones=st.just(UTC))),
        st.builds(events.TimerFired, ids),
        st.builds(events.TimerCancelled, ids, elements),
        st.builds(events.WaitOpened, ids, elements, st.sampled_from(["message", "signal"]), st.just("n"), st.none()),
        st.builds(events.WaitClosed, ids, elements),
        st.builds(events.IncidentOpened, ids, elements, st.just("k"), st.text(max_size=5)),
        st.builds(events.IncidentResolved, ids, st.just("mended")),
        st.builds(events.VariablesSet, st.fixed_dictionaries({"progetto": st.fixed_dictionaries({"titolo": st.text(max_size=4), "ambito": st.just("A1")})})),
        st.builds(events.CaseStateChanged, st.sampled_from(["a", "b"])),
        st.builds(events.PartyAdded, st.just("partner"), st.sampled_from(["neri", "gialli"])),
        st.builds(events.PartyRemoved, st.just("partner"), st.sampled_from(["neri", "gialli"])),
        st.builds(events.InvitationTaken, ids, st.sampled_from(["neri", "gialli"])),
        st.builds(events.InvitationReleased, ids, st.sampled_from(["neri", "gialli"])),
        st.builds(events.InstanceCompleted, st.just(["end"])),
        st.builds(events.InstanceCancelled, st.just("withdrawn")),
    ),
    max_size=25,
)  # fmt: skip


def everything(database: Database, case_id: str) -> dict[str, list[tuple[Any, ...]]]:
    found = {}
    with database.engine.connect() as connection:
        for table in PROJECTIONS:
            columns = [column for column in table.c if column.name not in BESIDE]
            owner = table.c.id if table is tables.case else table.c.case_id
            rows = connection.execute(select(*columns).where(owner == case_id))
            found[table.name] = sorted((tuple(row) for row in rows), key=repr)
    return found


def unlike_any_before(seen: set[tuple[str, int]], event: events.Event) -> bool:
    """Numbers are given once: a history opens a task, job, timer, wait or incident of one number only once."""
    opened = {"TaskOpened": "task", "JobOpened": "job", "TimerSet": "timer", "WaitOpened": "wait"}
    opened["IncidentOpened"] = "incident"
    if event.type not in opened:
        return True
    key = (event.type, getattr(event, opened[event.type]))
    return not (key in seen or seen.add(key))  # type: ignore[func-returns-value]


@given(happened=history, cuts=st.sets(st.integers(0, 25), max_size=4))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rebuilt_projections_are_the_same(
    database: Database,
    clock: FixedClock,
    open_case: Callable[..., Case],
    happened: list[events.Event],
    cuts: set[int],
) -> None:
    case = open_case()
    seen = {("TaskOpened", 1)}
    recorded = [event for event in happened if unlike_any_before(seen, event)]
    edges = [0, *sorted(cut for cut in cuts if cut < len(recorded)), len(recorded)]
    for start, end in pairwise(edges):  # the same history, however it was cut into transactions
        clock.advance(timedelta(minutes=1))
        with database.unit_of_work(clock) as uow:
            uow.record(uow.lock_case(case.id), 1, recorded[start:end], actor="bianchi")
    before = everything(database, case.id)
    with database.unit_of_work(clock) as uow:
        uow.rebuild(case.id)
    assert everything(database, case.id) == before


def test_a_rebuild_mends_what_was_changed_and_what_was_lost(
    database: Database, clock: FixedClock, blobs: BlobStore, open_case: Callable[..., Case]
) -> None:
    case = open_case()
    with database.unit_of_work(clock, blobs) as uow:
        uow.lock_case(case.id)
        uow.add_document(case.id, "a.pdf", "application/pdf", b"%PDF", "rossi")
    before = everything(database, case.id)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE task SET assignee = 'mallory', state = 'cancelled'"))
        connection.execute(text("DELETE FROM party"))
        connection.execute(text('DELETE FROM "case"'))
    with database.unit_of_work(clock) as uow:
        rebuilt = uow.rebuild(case.id)
    assert rebuilt.title == "Molino"
    assert everything(database, case.id) == before


def test_a_rebuild_keeps_snapshots(
    database: Database, clock: FixedClock, open_case: Callable[..., Case]
) -> None:
    case = open_case()
    with database.unit_of_work(clock) as uow:
        uow.rebuild(case.id)
        uow.write_snapshot(case.id, 1, b"made by a replay")
    with database.reader() as reader:
        assert reader.instance(case.id, 1)[1] == b"made by a replay"


def test_an_altered_event_shows_by_its_leaf(database: Database, open_case: Callable[..., Case]) -> None:
    case = open_case()
    with psycopg.connect(database.url) as owner:
        owner.execute("ALTER TABLE event DISABLE TRIGGER ALL")
        owner.execute("UPDATE event SET actor = 'mallory' WHERE seq = 2")
    with database.reader() as reader:
        assert reader.altered(case.id) == [2]
