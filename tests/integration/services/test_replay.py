"""What replay says of a history that was altered, cut, forged or in part forgotten, and what a rebuild needs."""

import contextlib
import dataclasses
import threading

import psycopg
import pytest

from app.domain.errors import NotFound, PraticaError
from app.domain.events import TaskCompleted
from app.services import cases, projections, replay, tasks
from app.store.clock import HouseClock
from app.store.log import entry_bytes, leaf_hash
from tests.small import anna, carla, flows, lane

BODY = (
    '<bpmn:startEvent id="s"/><bpmn:userTask id="u" pratica:result="r"/><bpmn:endEvent id="e"/>'
    + flows("s>u", "u>e")
    + lane("ufficio", "u")
)


@pytest.fixture
def case_id(house, deploy) -> str:
    deploy("prova", BODY)
    case = cases.start(house, "prova", carla)
    tasks.complete(house, f"{case.id}/1", {}, anna)
    assert replay.case(house, case.id).equal
    return case.id


@pytest.fixture
def owner(house, database_url):
    """The database's owner, who has taken the trigger away."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE event DISABLE TRIGGER USER")
        yield connection


@pytest.mark.parametrize(
    "alteration",
    [
        "body = replace(body, '1', '2')",
        "body = '{'",
        "actor = 'mallory'",
        "recorded_at = recorded_at - interval '1 day'",
        "leaf = decode(repeat('00', 32), 'hex')",
        "type = 'Unheard'",
        "version = 9",
        "instance = 99",
    ],
)
def test_an_altered_event_is_a_difference_and_the_other_cases_are_replayed_all_the_same(
    house, case_id, owner, alteration
):
    other = cases.start(house, "prova", carla)
    owner.execute(
        f"UPDATE event SET {alteration} WHERE case_id = %s AND type = 'TaskCompleted'",  # noqa: S608  ours
        (case_id,),
    )
    altered, kept = replay.every(house)
    assert altered.difference is not None
    assert altered.difference.got == "one that was altered"
    assert (kept.case_id, kept.equal) == (other.id, True)


def test_a_removed_event_is_a_difference(house, case_id, owner):
    owner.execute("DELETE FROM event WHERE case_id = %s AND type = 'TaskCompleted'", (case_id,))
    found = replay.case(house, case_id).difference
    assert found is not None
    assert found.expected == f"event {found.seq}"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"body": "{"}, "Expected the body of TaskCompleted to be readable"),
        ({"body": '{"task":"one","values":{}}'}, "Expected the fields of TaskCompleted to fit"),
        ({"instance": 99}, "Expected instance 99 to have been started"),
        ({"type": "Unheard"}, "Expected a known event type"),
    ],
)
def test_a_forged_event_with_its_own_leaf_is_a_difference_and_never_a_crash(
    house, case_id, owner, change, words
):
    with house.database.reader() as reader:
        (row,) = [r for r in reader.history(case_id) if isinstance(r.event, TaskCompleted)]
    forged = {"instance": 1, "type": "TaskCompleted", "body": '{"task":{"@n":"1"},"values":{}}'} | change
    entry = entry_bytes(
        case_id, row.seq, forged["instance"], forged["type"], 1, row.recorded_at, row.actor, row.cause, forged["body"]
    )  # fmt: skip
    owner.execute(
        "UPDATE event SET instance = %s, type = %s, body = %s, leaf = %s WHERE case_id = %s AND seq = %s",
        (forged["instance"], forged["type"], forged["body"], leaf_hash(entry), case_id, row.seq),
    )
    found = replay.case(house, case_id).difference
    assert found is not None
    assert words in found.got


def test_a_case_with_a_forgotten_key_replays_as_erased(house, deploy):
    deploy("prova", BODY)
    case = cases.start(house, "prova", carla)
    with house.database.unit_of_work(house.clock, house.blobs) as uow:
        sealed = uow.seal(f"{case.id}:carla", "RSSCRL80A01H501U")
    other = cases.start(house, "prova", carla, variables={"cf": sealed, "ancora": [sealed]})
    assert replay.case(house, other.id).equal
    with house.database.unit_of_work(house.clock, house.blobs) as uow:
        assert uow.forget(f"{case.id}:carla")
    forgotten = replay.case(house, other.id)
    assert (forgotten.difference, forgotten.erased, forgotten.equal) == (None, 1, False)
    assert replay.case(house, case.id).equal


def test_events_cut_from_the_end_are_a_difference(house, case_id, owner):
    owner.execute("DELETE FROM event WHERE case_id = %s AND seq > 3", (case_id,))
    found = replay.case(house, case_id).difference
    assert found is not None
    assert found.seq == 4
    assert "the case counts" in found.got


def test_a_case_whose_history_is_gone_is_named_as_long_as_anything_knows_its_number(house, case_id, owner):
    owner.execute("DELETE FROM event WHERE case_id = %s", (case_id,))
    for row in (True, False):
        (gone,) = replay.every(house)
        assert gone.case_id == case_id
        assert gone.difference is not None
        assert "no event is left" in gone.difference.got
        if row:
            owner.execute('DELETE FROM "case"')


@pytest.mark.parametrize(
    "change", ["cause = 1", "recorded_at = recorded_at + interval '30 days'", "actor = 'mallory'"]
)
def test_a_consequence_forged_with_its_own_leaf_is_a_difference(house, case_id, owner, change):
    owner.execute(
        f"UPDATE event SET {change} WHERE case_id = %s AND type = 'InstanceCompleted'",  # noqa: S608  ours
        (case_id,),
    )
    with house.database.reader() as reader:
        ((seq, entry),) = [
            (seq, entry) for seq, entry, leaf in reader.entries(case_id) if leaf_hash(entry) != leaf
        ]
    owner.execute(
        "UPDATE event SET leaf = %s WHERE case_id = %s AND seq = %s", (leaf_hash(entry), case_id, seq)
    )
    found = replay.case(house, case_id).difference
    assert found is not None
    assert found.seq == seq


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE instance SET snapshot = '\\x00ff'", "snapshot 1"),
        ("UPDATE instance SET snapshot = NULL", "snapshot 1"),
        ("UPDATE \"case\" SET state = 'in_elenco'", "case"),
        ("UPDATE task SET completed_by = 'mallory'", "task"),
        ("DELETE FROM party", "party"),
        ('DELETE FROM "case"', "case"),
    ],
)
def test_what_the_tables_say_beside_the_history_is_named_and_mended_by_a_rebuild(
    house, case_id, owner, change, named
):
    owner.execute(change)
    said = replay.case(house, case_id)
    assert (said.difference, said.equal, said.caches) == (None, False, [named])
    assert projections.rebuild(house, case_id) == [named]
    assert replay.case(house, case_id).equal
    assert projections.rebuild(house, case_id) == []


def test_a_rebuild_and_people_at_work_take_turns(house, deploy):
    loop = (
        '<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="m"/><bpmn:userTask id="u"/>'
        + flows("s>m", "m>u", "u>m")
        + lane("ufficio", "u")
    )
    deploy("giro", loop)
    case = cases.start(house, "giro", carla)
    faults: list[BaseException] = []

    def rebuild() -> None:
        try:
            for _ in range(15):
                projections.rebuild(house, case.id)
        except BaseException as fault:  # noqa: BLE001 - told to the test
            faults.append(fault)

    beside = threading.Thread(target=rebuild)
    beside.start()
    for number in range(1, 31):
        tasks.complete(house, f"{case.id}/{number}", {}, anna)
    beside.join()
    assert faults == []
    assert replay.case(house, case.id).equal


def test_the_times_of_a_history_and_of_a_register_never_fall(house, deploy):
    deploy("prova", BODY)
    house = dataclasses.replace(house, clock=HouseClock(house.database))
    case = cases.start(house, "prova", carla)

    def busy() -> None:
        for _ in range(6):
            for verb in (tasks.claim, tasks.release):
                with contextlib.suppress(PraticaError):
                    verb(house, f"{case.id}/1", anna)
            cases.start(house, "prova", carla)

    crowd = [threading.Thread(target=busy) for _ in range(6)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    with house.database.reader() as reader:
        times = [entry.recorded_at for entry in reader.history(case.id)]
        entered = [entry.entered_at for entry in reader.entries_of("case:REQ")]
    assert len(entered) == 37
    assert times == sorted(times)
    assert entered == sorted(entered)


def test_a_case_whose_row_is_lost_is_rebuilt_from_its_history(house, case_id, owner):
    before = owner.execute('SELECT * FROM "case"').fetchall()
    snapshot = owner.execute("SELECT snapshot FROM instance").fetchall()
    for table in ("task", "instance", "party", "case"):
        owner.execute(psycopg.sql.SQL("DELETE FROM {}").format(psycopg.sql.Identifier(table)))
    assert projections.case_ids(house) == [case_id]
    projections.rebuild(house, case_id)
    assert owner.execute('SELECT * FROM "case"').fetchall() == before
    assert owner.execute("SELECT snapshot FROM instance").fetchall() == snapshot


def test_a_case_without_a_history_is_not_found(house):
    with pytest.raises(NotFound, match="Expected a history of case FIL-2023-9999"):
        replay.case(house, "FIL-2023-9999")
