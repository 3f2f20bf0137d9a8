"""The worklist, and who may see a case."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import sqlalchemy

from app.domain.actors import Actor, system
from app.domain.cases import Case
from app.domain.events import PartyAdded, PartyRemoved, TaskClaimed, TaskCompleted, TaskOpened
from app.store.clock import FixedClock
from app.store.database import Database
from app.store.queries import WorklistFilter, WorklistPage
from app.store.saved_filters import SavedFilter

Open = Callable[..., Case]


@pytest.fixture
def stocked(database: Database, open_case: Open, clock: FixedClock) -> list[Case]:
    """Three cases: the first free and late, the second held by bianchi, the third free without a due date."""
    due = clock.now()
    first = open_case(
        TaskOpened(2, "e2", "Zeta", "istruttore", None, due - timedelta(days=1)),
        TaskOpened(3, "e3", "Protocollo", "protocollo", None, due + timedelta(days=1)),
    )
    second = open_case(TaskOpened(2, "e2", "Alfa", "istruttore", None, due + timedelta(days=2)))
    third = open_case(TaskOpened(2, "e4", "Integrazione società", "capofila", "frm", due + timedelta(days=5)))
    for case, task in ((first, 1), (second, 1), (third, 1)):
        with database.unit_of_work(clock) as uow:
            done = [TaskCompleted(task)]
            uow.record(uow.lock_case(case.id), 1, done, actor="old")
    with database.unit_of_work(clock) as uow:
        uow.record(uow.lock_case(second.id), 1, [TaskClaimed(2, "bianchi")], actor="bianchi")
    return [first, second, third]


def ask(database: Database, actor: Actor, clock: FixedClock, **wanted: Any) -> WorklistPage:
    with database.reader() as reader:
        return reader.worklist(actor, WorklistFilter(**wanted), clock.now())


def names(page: WorklistPage) -> list[str]:
    return [task.name for task in page.tasks]


def test_an_officer_finds_free_tasks_of_their_groups_and_their_own(
    database: Database, stocked: list[Case], bianchi: Actor, clock: FixedClock
) -> None:
    page = ask(database, bianchi, clock)
    assert (names(page), page.total, page.capped, page.pages) == (["Zeta", "Alfa"], 2, False, 1)
    assert names(ask(database, bianchi, clock, scope="mine")) == ["Alfa"]
    assert names(ask(database, bianchi, clock, scope="group")) == ["Zeta"]
    assert names(ask(database, bianchi, clock, scope="late")) == ["Zeta"]
    assert names(ask(database, bianchi, clock, scope="due")) == ["Zeta", "Alfa"]


def test_a_party_finds_the_tasks_of_their_role_in_their_case_alone(
    database: Database, stocked: list[Case], rossi: Actor, open_case: Open, clock: FixedClock
) -> None:
    other = open_case(TaskOpened(2, "e", "Altrui", "capofila", None), party="neri")
    assert names(ask(database, rossi, clock)) == ["Integrazione società"]
    neri = Actor("neri", "Neri")
    assert [task.case_id for task in ask(database, neri, clock).tasks] == [other.id]


def test_what_a_colleague_holds_is_no_work_of_mine_but_can_be_seen(
    database: Database, stocked: list[Case], clock: FixedClock
) -> None:
    verdi = Actor("verdi", "Verdi", groups=frozenset({"istruttore", "protocollo"}))
    assert names(ask(database, verdi, clock)) == ["Zeta", "Protocollo"]
    assert names(ask(database, verdi, clock, scope="colleagues")) == ["Alfa"]


def test_a_group_can_be_picked_but_not_one_that_is_not_mine(
    database: Database, stocked: list[Case], bianchi: Actor, clock: FixedClock
) -> None:
    assert names(ask(database, bianchi, clock, group="istruttore")) == ["Zeta", "Alfa"]
    assert names(ask(database, bianchi, clock, group="protocollo")) == []


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("due", ["Zeta", "Alfa"]),
        ("name", ["Alfa", "Zeta"]),
        ("case", ["Zeta", "Alfa"]),
        ("opened", ["Zeta", "Alfa"]),
    ],
)
def test_a_worklist_sorts(
    database: Database, stocked: list[Case], bianchi: Actor, clock: FixedClock, sort: str, expected: list[str]
) -> None:
    assert names(ask(database, bianchi, clock, sort=sort)) == expected


def test_words_find_tasks_by_case_number_title_and_name(
    database: Database, stocked: list[Case], rossi: Actor, bianchi: Actor, clock: FixedClock
) -> None:
    assert names(ask(database, bianchi, clock, text="zet")) == ["Zeta"]
    assert names(ask(database, bianchi, clock, text=stocked[1].id)) == ["Alfa"]
    assert names(ask(database, bianchi, clock, text="MOLINO alf")) == ["Alfa"]
    assert names(ask(database, rossi, clock, text="societa")) == ["Integrazione società"]
    assert names(ask(database, bianchi, clock, text="nulla")) == []


def test_due_before_narrows(
    database: Database, stocked: list[Case], bianchi: Actor, clock: FixedClock
) -> None:
    assert names(ask(database, bianchi, clock, due_before=clock.now() + timedelta(days=1))) == ["Zeta"]


def test_pages_are_cut_from_one_order_and_the_count_is_capped(
    database: Database, open_case: Open, clock: FixedClock, bianchi: Actor
) -> None:
    start = clock.now()
    many = [
        TaskOpened(n, "e", f"T{n:04d}", "istruttore", None, start + timedelta(minutes=n % 7))
        for n in range(2, 1202)
    ]
    open_case(*many)
    pages = [ask(database, bianchi, clock, size=100, page=page) for page in (1, 2)]
    seen = [(task.due, task.number) for page in pages for task in page.tasks]
    assert seen == sorted(seen)
    assert len(seen) == 200
    assert (pages[0].total, pages[0].capped, pages[0].pages) == (1000, True, 10)
    assert ask(database, bianchi, clock, size=100, page=999).tasks != []
    frequent = ask(database, bianchi, clock, size=100, text="fil")
    assert [task.id for task in frequent.tasks] == [task.id for task in pages[0].tasks]
    assert frequent.capped


def test_a_worklist_walks_the_index_of_each_group(
    database: Database, open_case: Open, clock: FixedClock, bianchi: Actor
) -> None:
    open_case(*[TaskOpened(n, "e", "T", "istruttore", None) for n in range(2, 3000)])
    with psycopg.connect(database.url) as owner:
        owner.execute("ANALYZE task")
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, sql: str, given: Any, _context: Any, _many: bool) -> None:
        if "LATERAL" in sql and not sql.startswith("EXPLAIN"):
            plan = connection.exec_driver_sql(f"EXPLAIN {sql}", given)
            plans.append("\n".join(row[0] for row in plan))

    sqlalchemy.event.listen(database.engine, "before_cursor_execute", explain)
    ask(database, bianchi, clock)
    assert "task_claimable_due_idx" in plans[0], plans[0]


# --- who may see ------------------------------------------------------------------------------------------


def test_who_may_see_a_case(
    database: Database, open_case: Open, clock: FixedClock, rossi: Actor, bianchi: Actor, auditor: Actor
) -> None:
    case = open_case()
    helper = Actor("helper", "Helper")
    with database.unit_of_work(clock) as uow:
        uow.record(uow.lock_case(case.id), 1, [TaskCompleted(1)], actor="helper")
    seen = {}
    everybody = {
        "party": rossi,
        "group that had a task": bianchi,
        "auditor": auditor,
        "completer": helper,
        "system": system,
        "other group": Actor("x", "X", groups=frozenset({"protocollo"})),
        "group named as a case role": Actor("y", "Y", groups=frozenset({"capofila"})),
        "stranger": Actor("z", "Z"),
    }
    with database.reader() as reader:
        seen = {who: reader.may_see(actor, case.id) for who, actor in everybody.items()}
        assert not reader.may_see(auditor, "FIL-1999-0001")
    assert seen == {
        "party": True,
        "group that had a task": True,
        "auditor": True,
        "completer": True,
        "system": True,
        "other group": False,
        "group named as a case role": False,
        "stranger": False,
    }


def test_a_search_finds_only_what_one_may_see(
    database: Database, open_case: Open, clock: FixedClock, rossi: Actor, auditor: Actor
) -> None:
    mine, other = open_case(), open_case(party="neri")
    with database.reader() as reader:
        assert [case.id for case in reader.search("molino", rossi)] == [mine.id]
        assert {case.id for case in reader.search("molino fi", auditor)} == {mine.id, other.id}
        assert reader.search("", auditor) == []
        assert [case.id for case in reader.cases_of(rossi)] == [mine.id]


def test_a_party_added_later_sees_the_case(database: Database, open_case: Open, clock: FixedClock) -> None:
    case, neri = open_case(), Actor("neri", "Neri")
    with database.unit_of_work(clock) as uow:
        assert not uow.may_see(neri, case.id)
        uow.record(uow.lock_case(case.id), None, [PartyAdded("partner", "neri")], actor="rossi")
        assert uow.may_see(neri, case.id)
        assert uow.roles(case.id, "neri") == {"partner"}


# --- what a query line narrows, and what is kept ------------------------------------------------------------


def test_who_worked_on_a_case_sees_for_whom_it_waits(
    database: Database, stocked: list[Case], bianchi: Actor, clock: FixedClock
) -> None:
    old = Actor("old", "Old", groups=frozenset({"istruttore"}))
    assert names(ask(database, old, clock, scope="waiting")) == ["Protocollo", "Integrazione società"]
    assert names(ask(database, bianchi, clock, scope="waiting")) == []
    with database.unit_of_work(clock) as uow:
        case = uow.record(uow.lock_case(stocked[0].id), None, [PartyAdded("partner", "old")], actor="rossi")
        uow.record(case, None, [PartyRemoved("partner", "old")], actor="rossi")
    assert names(ask(database, old, clock, scope="waiting")) == ["Integrazione società"]


def test_a_line_narrows_by_due_date_holder_process_and_party(
    database: Database, stocked: list[Case], bianchi: Actor, rossi: Actor, clock: FixedClock
) -> None:
    with database.unit_of_work(clock) as uow:
        uow.people.add(Actor("rossi", "Carla Rossi", organisation="Novacera Tech"), "p")
    assert names(ask(database, bianchi, clock, due_after=clock.now())) == ["Alfa"]
    assert names(ask(database, bianchi, clock, undated=True)) == []
    assert names(ask(database, bianchi, clock, holders=("bianchi",))) == ["Alfa"]
    assert names(ask(database, bianchi, clock, processes=("f1",))) == ["Zeta", "Alfa"]
    assert names(ask(database, bianchi, clock, processes=("f2",))) == []
    assert names(ask(database, bianchi, clock, party=("capofila", "Novacera"))) == ["Zeta", "Alfa"]
    assert names(ask(database, bianchi, clock, party=("capofila", "nova_era"))) == []
    assert names(ask(database, bianchi, clock, party=("partner", "novacera"))) == []


def test_filters_are_kept_by_name_and_shared_with_a_group(database: Database, clock: FixedClock) -> None:
    with database.unit_of_work(clock) as uow:
        for saved in (
            SavedFilter("bianchi", "Miei", "scope=mine", ""),
            SavedFilter("bianchi", "Urgenti", "scope=late", "istruttore"),
            SavedFilter("bianchi", "Miei", "scope=due", ""),
        ):
            uow.save_filter(saved)
    with database.reader() as reader:
        own = reader.saved_filters("bianchi", ["rup"])
        assert [(one.name, one.address) for one in own] == [("Miei", "scope=due"), ("Urgenti", "scope=late")]
        assert [one.name for one in reader.saved_filters("verdi", ["istruttore"])] == ["Urgenti"]
        assert reader.saved_filters("verdi", ["rup"]) == []
    with database.unit_of_work(clock) as uow:
        uow.drop_filter("verdi", "Urgenti")
        uow.drop_filter("bianchi", "Urgenti")
    with database.reader() as reader:
        assert [one.name for one in reader.saved_filters("bianchi", ["istruttore"])] == ["Miei"]
