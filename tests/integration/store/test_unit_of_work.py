"""One action, one lock, one transaction, one batch of events."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy

from app.domain.actors import Actor
from app.domain.cases import Case
from app.domain.errors import KeyReused, NotFound
from app.domain.events import (
    CaseStateChanged,
    IncidentOpened,
    IncidentResolved,
    InstanceCancelled,
    InstanceCompleted,
    InstanceStarted,
    JobCompleted,
    JobOpened,
    TaskClaimed,
    TaskCompleted,
    TaskOpened,
    TimerSet,
    TokensMoved,
    VariablesSet,
    WaitOpened,
)
from app.domain.numbers import Numbers
from app.store.blobs import BlobStore
from app.store.clock import FixedClock
from app.store.database import Database

Open = Callable[..., Case]


def test_a_case_takes_its_number_from_a_yearly_book(open_case: Open, clock: FixedClock) -> None:
    assert [open_case().id, open_case().id] == ["FIL-2023-0042", "FIL-2023-0043"]
    clock.advance(timedelta(days=366))
    assert open_case().id == "FIL-2024-0042"


def test_the_year_of_a_case_is_that_of_rome(open_case: Open, clock: FixedClock) -> None:
    clock.set(clock.now().replace(year=2023, month=12, day=31, hour=23, minute=30))
    assert open_case().id.startswith("FIL-2024-")


def test_a_history_reads_back_with_its_causes(database: Database, open_case: Open, clock: FixedClock) -> None:
    case = open_case()
    with database.unit_of_work(clock) as uow:
        locked = uow.lock_case(case.id)
        uow.record(locked, 1, [TaskCompleted(1, {"esito": "ok"}), CaseStateChanged("done")], actor="bianchi")
    with database.reader() as reader:
        history = reader.history(case.id)
    assert [(r.seq, r.event.type, r.actor, r.cause, r.instance) for r in history] == [
        (1, "CaseOpened", "rossi", None, None),
        (2, "PartyAdded", "rossi", None, None),
        (3, "InstanceStarted", "rossi", None, 1),
        (4, "TokensMoved", "rossi", 3, 1),
        (5, "TaskOpened", "rossi", 3, 1),
        (6, "TaskCompleted", "bianchi", None, 1),
        (7, "CaseStateChanged", "bianchi", 6, 1),
    ]
    assert {r.recorded_at for r in history} == {clock.now()}


def test_nothing_is_written_when_the_block_raises(
    database: Database, open_case: Open, clock: FixedClock
) -> None:
    case = open_case()

    def broken() -> None:
        with database.unit_of_work(clock) as uow:
            uow.record(uow.lock_case(case.id), 1, [TaskCompleted(1)], actor="bianchi")
            uow.defer("timer", case_id=case.id, number=1)
            uow.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    with database.reader() as reader:
        assert reader.case(case.id).seq == case.seq
        assert reader.task(case.id, 1).state == "open"
    with database.engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT count(*) FROM procrastinate_jobs")).scalar() == 0


def test_what_is_recorded_is_read_back_within_the_unit(
    database: Database, open_case: Open, clock: FixedClock
) -> None:
    case = open_case()
    with database.unit_of_work(clock) as uow:
        uow.record(uow.lock_case(case.id), 1, [TaskClaimed(1, "bianchi")], actor="bianchi")
        assert uow.task(case.id, 1).assignee == "bianchi"
        assert uow.case(case.id).seq == case.seq + 1


def test_a_stale_case_in_hand_does_not_number_events_twice(
    database: Database, open_case: Open, clock: FixedClock, blobs: BlobStore
) -> None:
    case = open_case()
    with database.unit_of_work(clock, blobs) as uow:
        stale = uow.lock_case(case.id)
        uow.add_document(case.id, "a.pdf", "application/pdf", b"%PDF", "rossi")
        after = uow.record(stale, 1, [TaskClaimed(1, "bianchi")], actor="bianchi")
    assert after.seq == case.seq + 2


def test_recording_needs_the_lock(database: Database, open_case: Open, clock: FixedClock) -> None:
    case = open_case()
    with database.unit_of_work(clock) as uow, pytest.raises(NotFound, match="to hold case"):
        uow.record(case, 1, [TaskClaimed(1, "bianchi")], actor="bianchi")


def test_the_second_of_two_waits_for_the_first_and_sees_what_it_did(
    database: Database, open_case: Open, clock: FixedClock
) -> None:
    case, seen, holding, go = open_case(), [], threading.Event(), threading.Event()

    def second() -> None:
        holding.wait(10)
        with database.unit_of_work(clock) as uow:
            go.set()
            uow.lock_case(case.id)
            seen.append(uow.task(case.id, 1).completed_by)

    thread = threading.Thread(target=second)
    thread.start()
    with database.unit_of_work(clock) as uow:
        locked = uow.lock_case(case.id)
        holding.set()
        go.wait(10)
        uow.record(locked, 1, [TaskCompleted(1)], actor="bianchi")
    thread.join(10)
    assert seen == ["bianchi"]


def test_a_savepoint_undoes_its_block_and_no_more(
    database: Database, open_case: Open, clock: FixedClock, blobs: BlobStore
) -> None:
    case = open_case()
    with database.unit_of_work(clock, blobs) as uow:
        locked = uow.lock_case(case.id)
        uow.record(locked, 1, [TaskClaimed(1, "bianchi")], actor="bianchi")

        def inside() -> None:
            with uow.savepoint():
                uow.register("protocollo", 2023).enter({}, "k")
                uow.add_document(case.id, "a.pdf", "application/pdf", b"%PDF", "rossi")
                uow.defer("handler", case_id=case.id, number=1)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            inside()
        assert uow.current(case.id).seq == case.seq + 1
        assert uow.register("protocollo", 2023).enter({}, "other") == 1
        after = uow.record(uow.current(case.id), 1, [TaskCompleted(1)], actor="bianchi")
    assert after.seq == case.seq + 2
    with database.reader() as reader:
        assert reader.documents_of(case.id) == []
        assert [entry.seq for entry in reader.history(case.id)] == list(range(1, after.seq + 1))


def test_a_savepoint_that_holds_keeps_its_work(
    database: Database, open_case: Open, clock: FixedClock, blobs: BlobStore
) -> None:
    case = open_case()
    with database.unit_of_work(clock, blobs) as uow:
        uow.lock_case(case.id)
        with uow.savepoint():
            document = uow.add_document(case.id, "a.pdf", "application/pdf", b"%PDF", "rossi")
        assert uow.document_bytes(document.id) == b"%PDF"
    with database.reader() as reader:
        assert reader.document(document.id) == document
        assert reader.history(case.id)[-1].event.type == "DocumentAdded"


# --- idempotency ------------------------------------------------------------------------------------------


def test_a_repeated_request_gets_the_stored_answer(database: Database, clock: FixedClock) -> None:
    with database.unit_of_work(clock) as uow:
        assert uow.key("k1", "hash") is None
        uow.answer("k1", {"task": "FIL-2023-0042/7"})
    with database.unit_of_work(clock) as uow:
        assert uow.key("k1", "hash") == {"task": "FIL-2023-0042/7"}


def test_a_key_with_another_request_is_refused(database: Database, clock: FixedClock) -> None:
    with database.unit_of_work(clock) as uow:
        uow.key("k1", "hash")
        uow.answer("k1", "done")
    with database.unit_of_work(clock) as uow, pytest.raises(KeyReused):
        uow.key("k1", "another")


def test_a_request_that_was_undone_may_come_again(database: Database, clock: FixedClock) -> None:
    def broken() -> None:
        with database.unit_of_work(clock) as uow:
            uow.key("k1", "hash")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    with database.unit_of_work(clock) as uow:
        assert uow.key("k1", "hash") is None


def test_without_a_key_every_request_is_the_first(database: Database, clock: FixedClock) -> None:
    with database.unit_of_work(clock) as uow:
        assert uow.key(None, "hash") is None
        uow.answer(None, "done")
        assert uow.key(None, "hash") is None


# --- projections ------------------------------------------------------------------------------------------


def test_a_lane_says_which_kind_of_candidate_group_it_is(database: Database, open_case: Open) -> None:
    office, role = open_case(), open_case(lane="capofila")
    with database.reader() as reader:
        assert reader.task(office.id, 1).group_kind == "office"
        assert reader.task(role.id, 1).group_kind == "case_role"


def test_the_manifest_s_paths_fill_record_and_title(
    database: Database, open_case: Open, clock: FixedClock
) -> None:
    case = open_case()
    assert (case.title, case.record) == ("Molino", {"ambito": "A2"})
    with database.unit_of_work(clock) as uow:
        changed = VariablesSet({"importo": 5, "progetto": {"titolo": "Forno"}})
        uow.record(uow.lock_case(case.id), 1, [TaskCompleted(1), changed], actor="bianchi")
    with database.reader() as reader:
        after = reader.case(case.id)
        assert (after.title, after.record) == ("Forno", {"ambito": "A2", "importo": 5})
        assert reader.task(case.id, 1).case_title == "Forno"


def test_an_instance_is_in_incident_until_it_is_resolved(
    database: Database, open_case: Open, clock: FixedClock
) -> None:
    case = open_case(IncidentOpened(1, "x", "handler", "no answer"))
    with database.reader() as reader:
        assert reader.instances_of(case.id)[0].state == "incident"
        assert [incident.case_id for incident in reader.open_incidents()] == [case.id]
    with database.unit_of_work(clock) as uow:
        uow.record(uow.lock_case(case.id), 1, [IncidentResolved(1, "mended")], actor="operator")
    with database.reader() as reader:
        assert reader.instances_of(case.id)[0].state == "running"
        assert reader.incident(case.id, 1).resolved_by == "operator"
        assert reader.open_incidents() == []


def test_cancelling_an_instance_leaves_nothing_of_it_open(
    database: Database, open_case: Open, clock: FixedClock
) -> None:
    case = open_case(
        JobOpened(1, "j", "a.b", {"x": 1}),
        TimerSet(1, "t", clock.now()),
        WaitOpened(1, "w", "message", "risposta"),
        IncidentOpened(1, "x", "k", "m"),
    )
    with database.unit_of_work(clock) as uow:
        uow.record(uow.lock_case(case.id), 1, [InstanceCancelled("withdrawn")], actor="rossi")
    with database.reader() as reader:
        assert reader.instances_of(case.id)[0].state == "cancelled"
        assert reader.task(case.id, 1).state == "cancelled"
        assert reader.job(case.id, 1).state == "cancelled"
        assert reader.timers_of(case.id) == []
        assert reader.waits(kind="message", name="risposta") == []
        assert reader.incident(case.id, 1).state == "resolved"


def test_an_instance_s_snapshot_is_the_last_one_recorded(
    database: Database, open_case: Open, clock: FixedClock
) -> None:
    case = open_case()
    with database.unit_of_work(clock) as uow:
        ended = [TaskCompleted(1), InstanceCompleted(["end"])]
        uow.record(uow.lock_case(case.id), 1, ended, actor="bianchi", state=b"snapshot 2")
    with database.reader() as reader:
        instance, snapshot = reader.instance(case.id, 1)
        assert (instance.state, instance.ends, snapshot) == ("completed", ("end",), b"snapshot 2")


def test_counters_of_the_engine_are_kept(database: Database, open_case: Open, clock: FixedClock) -> None:
    case = open_case()
    with database.unit_of_work(clock) as uow:
        uow.record(uow.lock_case(case.id), 1, [TaskCompleted(1)], actor="b", numbers=Numbers(task=4, job=2))
    with database.reader() as reader:
        assert reader.case(case.id).numbers == Numbers(task=4, job=2, instance=1)


def test_a_wait_for_a_message_without_a_key_waits_for_its_own_case(
    database: Database, open_case: Open
) -> None:
    case = open_case(WaitOpened(1, "w", "message", "risposta"))
    open_case(WaitOpened(1, "w", "message", "risposta"))
    with database.reader() as reader:
        assert [w.case_id for w in reader.waits(kind="message", name="risposta", key=case.id)] == [case.id]


def test_a_signal_reaches_the_case_and_all_below_it(
    database: Database, open_case: Open, clock: FixedClock
) -> None:
    top = open_case(WaitOpened(1, "w", "signal", "chiusura"))
    other = open_case(WaitOpened(1, "w", "signal", "chiusura"))
    with database.unit_of_work(clock) as uow:
        below = uow.open_case("measure", "MIS", under=top.id, actor="x")
        deep = uow.open_case("application", "DOM", under=below.id, actor="x")
        bundle = uow.definition("f1").bundle
        begun = [InstanceStarted("f1", bundle), WaitOpened(1, "w", "signal", "chiusura")]
        uow.record(deep, 1, begun, actor="x")
    with database.reader() as reader:
        reached = reader.waits(kind="signal", name="chiusura", reach=top.id)
        assert {wait.case_id for wait in reached} == {top.id, deep.id}
        assert [w.case_id for w in reader.waits(kind="signal", name="chiusura", reach=other.id)] == [other.id]


def test_a_nul_character_reaches_the_history_and_not_the_tables(
    database: Database, open_case: Open, clock: FixedClock
) -> None:
    case = open_case()
    with database.unit_of_work(clock) as uow:
        named = VariablesSet({"progetto": {"titolo": "a\0b", "ambito": "\0"}})
        opened = TaskOpened(2, "e", "n\0", "istruttore", None, item={"k": "\0"})
        uow.record(uow.lock_case(case.id), 1, [TaskCompleted(1, {"nota": "\0"}), named, opened], actor="b")
    with database.reader() as reader:
        assert reader.history(case.id)[5].event == TaskCompleted(1, {"nota": "\0"})
        assert reader.case(case.id).title == "a\ufffdb"
        assert reader.task(case.id, 2).item == {"k": "\0"}


# --- attempts, messages, drafts, publications -------------------------------------------------------------


def test_attempts_are_counted_while_a_job_is_open(
    database: Database, open_case: Open, clock: FixedClock
) -> None:
    case = open_case(JobOpened(1, "j", "a.b", {"x": 1}))
    for attempt in (1, 2):
        with database.unit_of_work(clock) as uow:
            job = uow.begin_attempt(case.id, 1)
            assert job is not None
            assert (job.attempts, job.key) == (attempt, f"{case.id}/1/1")
    with database.unit_of_work(clock) as uow:
        failed = uow.note_failure(case.id, 1, "no answer")
        assert failed is not None
        assert (failed.attempts, failed.last_error) == (2, "no answer")
        uow.record(uow.lock_case(case.id), 1, [JobCompleted(1, "r")], actor="system")
    with database.unit_of_work(clock) as uow:
        assert uow.begin_attempt(case.id, 1) is None
        assert uow.begin_attempt(case.id, 9) is None
        assert uow.note_failure(case.id, 1, "late") is None


def test_kept_messages_are_taken_in_order_and_once(database: Database, clock: FixedClock) -> None:
    with database.unit_of_work(clock) as uow:
        first = uow.keep_message("risposta", "FIL-1", {"n": 1}, "FIL-2/1")
        uow.keep_message("risposta", "FIL-1", {"n": 2})
        uow.keep_message("risposta", "FIL-9", {"n": 3})
    with database.unit_of_work(clock) as uow:
        assert [m.payload["n"] for m in uow.matching_messages("risposta", "FIL-1")] == [1, 2]
        kept = uow.kept_message(first)
        assert kept is not None
        assert kept.source == "FIL-2/1"
        assert uow.take_message(first)
        assert not uow.take_message(first)
        assert uow.kept_message(first) is None


def test_a_message_that_one_is_taking_is_not_given_to_another(database: Database, clock: FixedClock) -> None:
    with database.unit_of_work(clock) as uow:
        uow.keep_message("risposta", "FIL-1", {})
    with database.unit_of_work(clock) as one, database.unit_of_work(clock) as other:
        assert len(one.matching_messages("risposta", "FIL-1")) == 1
        assert other.matching_messages("risposta", "FIL-1") == []


def test_a_draft_is_kept_until_its_task_is_completed(
    database: Database, open_case: Open, clock: FixedClock
) -> None:
    case = open_case()
    with database.unit_of_work(clock) as uow:
        uow.save_draft(case.id, 1, {"cf": "RSSCRL"}, "rossi")
        assert uow.save_draft(case.id, 1, {"cf": "RSSCRL80A01"}, "rossi") == clock.now()
    with database.unit_of_work(clock) as uow:
        assert uow.draft(case.id, 1)[:4] == ({"cf": "RSSCRL80A01"}, clock.now(), "rossi", {})
        uow.record(uow.lock_case(case.id), 1, [TaskCompleted(1)], actor="rossi")
    with database.unit_of_work(clock) as uow:
        assert uow.draft(case.id, 1) is None


def test_publications_are_numbered_and_chained(database: Database, clock: FixedClock) -> None:
    with database.unit_of_work(clock) as uow:
        one = uow.publish("elenco", b"one")
        two = uow.publish("elenco", b"two")
        uow.publish("altro", b"x")
    assert (one["number"], one["previous"], two["number"], two["previous"]) == (1, None, 2, one["sha256"])
    with database.reader() as reader:
        assert reader.publications("elenco") == [one, two]
        assert reader.latest_publication("elenco") == two
        assert reader.publication_names() == ["altro", "elenco"]


def test_a_list_begun_elsewhere_goes_on_from_its_first_number(database: Database, clock: FixedClock) -> None:
    with database.unit_of_work(clock) as uow:
        numbers = [uow.publish("continuato", body, first=5)["number"] for body in (b"five", b"six")]
    assert numbers == [5, 6]


def test_a_plain_completion_is_at_most_15_statements_and_one_commit(
    database: Database, open_case: Open, clock: FixedClock, bianchi: Actor
) -> None:
    case = open_case()
    sent: list[str] = []
    commits: list[object] = []

    def count(
        _connection: object, _cursor: object, sql: str, given: object, _context: object, _many: bool
    ) -> None:
        sent.extend([sql] * (len(given) if isinstance(given, list) else 1))

    sqlalchemy.event.listen(database.engine, "before_cursor_execute", count)
    sqlalchemy.event.listen(database.engine, "commit", commits.append)
    with database.unit_of_work(clock) as uow:
        uow.key("k", "h")
        assert uow.may_see(bianchi, case.id)
        locked = uow.lock_case(case.id)
        task = uow.task(case.id, 1)
        uow.roles(case.id, bianchi.id)
        uow.instance(case.id, task.instance)
        consequences = [
            TokensMoved([["left", "check"], ["entered", "decide"]]),
            VariablesSet({"importo": 5}),
            TaskOpened(2, "decide", "Decisione", "protocollo", None, clock.now()),
            CaseStateChanged("decision"),
        ]
        uow.record(
            locked, 1, [TaskCompleted(1, {"esito": "ok"}), *consequences], actor=bianchi.id, state=b"2"
        )
        uow.defer("handler", case_id=case.id, number=1)
        uow.answer("k", task.id)
        uow.task(case.id, 1)
    assert len(sent) <= 15, "\n\n".join(sent)
    assert len(commits) == 1
