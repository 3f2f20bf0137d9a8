"""Bulk work: what was shown is what happens, once, and it can be taken back."""

import random
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.errors import KeyReused, NotAllowed, NotFound, TaskNotOpen, TaskTaken
from app.services import bulk, cases, history, people, replay, tasks, worklists
from app.services.bulk import Wish
from app.store.queries import WorklistFilter
from tests.integration.services.test_tasks import BODY
from tests.small import anna, bruno, carla

elsa = replace(anna, id="elsa", name="Elsa Altrove", groups=frozenset({"altro"}))
GIVE = Wish("assign", "bruno", "Ferie di Anna")


@pytest.fixture
def waiting(house, deploy):
    """Give a function that opens office tasks and gives their ids."""
    deploy("prova", BODY)
    people.add(house, elsa, "p")

    def opened(count):
        found = []
        for _ in range(count):
            case = cases.start(house, "prova", carla)
            tasks.complete(house, f"{case.id}/1", {}, carla)
            found.append(f"{case.id}/2")
        return found

    return opened


def holder(house, task):
    return tasks.view(house, task, anna).task.assignee


def stood(house, wish, ids, by):
    lines = bulk.preview(house, wish, ids, by)
    return {line.id: line.holder for line in lines}


def reasons(lines):
    return [
        (line.id, type(line.refusal), (line.refusal.details.get("reason") if line.refusal else None))
        for line in lines
    ]


@pytest.mark.parametrize("seed", range(4))
def test_the_dry_run_is_what_then_happens(house, waiting, seed):
    chance = random.Random(seed)  # noqa: S311 (a seed, not a secret)
    ids = waiting(8)
    for task in ids:
        state = chance.choice(["free", "anna", "bruno", "done"])
        if state == "done":
            tasks.complete(house, task, {}, anna)
        elif state != "free":
            tasks.claim(house, task, {"anna": anna, "bruno": bruno}[state])
    ids += ["REQ-2023-9999/1", f"{ids[0].split('/')[0]}/99", "nothing"]
    by = chance.choice([anna, bruno, elsa])
    for wish in chance.sample(
        [Wish("claim"), Wish("release"), GIVE, Wish("assign", "elsa", "Prova"), Wish("assign", "bruno", " ")],
        3,
    ):
        shown = bulk.preview(house, wish, ids, by)
        done = bulk.carry_out(house, wish, {line.id: line.holder for line in shown}, by, f"k{wish}")
        assert reasons(done.lines) == reasons(shown)
        for line in done.done:
            wanted = {"claim": by.id, "release": None}.get(wish.verb, wish.to)
            assert holder(house, line.id) == wanted
    for case in {task.split("/")[0] for task in ids[:8]}:
        assert replay.case(house, case).equal


def test_a_preview_does_nothing(house, waiting):
    [task] = waiting(1)
    before = len(history.timeline(house, task.split("/")[0], carla))
    bulk.preview(house, GIVE, [task], anna)
    assert len(history.timeline(house, task.split("/")[0], carla)) == before


@pytest.mark.parametrize(
    ("by", "wish", "error", "reason"),
    [
        (elsa, GIVE, NotFound, None),
        (carla, GIVE, NotAllowed, "not_candidate"),
        (anna, Wish("assign", "elsa", "Prova"), NotAllowed, "not_receiver"),
        (anna, Wish("assign", "nobody", "Prova"), NotAllowed, "not_receiver"),
        (anna, Wish("assign", "bruno", "x"), NotAllowed, "reason_missing"),
        (anna, Wish("release"), NotAllowed, "not_holder"),
    ],
)
def test_who_may_bulk_assign_what(house, waiting, by, wish, error, reason):
    [line] = bulk.preview(house, wish, waiting(1), by)
    assert type(line.refusal) is error
    assert line.refusal.details.get("reason") == reason


def test_a_double_click_counts_once(house, waiting):
    ids = waiting(3)
    held = stood(house, GIVE, ids, anna)
    outcomes = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(bulk.carry_out(house, GIVE, held, anna, "k")))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(outcome.done) for outcome in outcomes] == [3, 3]
    for task in ids:
        kinds = [m.type for m in history.timeline(house, task.split("/")[0], carla)]
        assert kinds.count("TaskAssigned") == 1
    with pytest.raises(KeyReused):
        bulk.carry_out(house, Wish("claim"), held, anna, "k")
    with pytest.raises(NotFound):
        bulk.outcome(house, "k", bruno)


def test_what_broke_off_half_way_is_finished_by_the_same_key(house, waiting, monkeypatch):
    ids = waiting(3)
    held, done = stood(house, GIVE, ids, anna), bulk._done

    def breaks(house, wish, task_id, *rest):
        if task_id == ids[1]:
            raise ConnectionError
        return done(house, wish, task_id, *rest)

    monkeypatch.setattr(bulk, "_done", breaks)
    with pytest.raises(ConnectionError):
        bulk.carry_out(house, GIVE, held, anna, "k")
    monkeypatch.undo()
    assert len(bulk.carry_out(house, GIVE, held, anna, "k").done) == 3
    assert [m.type for m in history.timeline(house, ids[0].split("/")[0], carla)].count("TaskAssigned") == 1


def test_who_was_slower_reads_who_was_quicker_and_the_rest_is_done(house, waiting):
    ids = waiting(3)
    claim = Wish("claim")
    held = stood(house, claim, ids, anna)
    tasks.claim(house, ids[1], bruno)
    tasks.complete(house, ids[2], {}, bruno)
    outcome = bulk.carry_out(house, claim, held, anna, "k")
    assert [line.id for line in outcome.done] == [ids[0]]
    taken, closed = (line.refusal for line in outcome.lines[1:])
    assert (type(taken), taken.details["by"]) == (TaskTaken, "bruno")
    assert (type(closed), closed.details["by"]) == (TaskNotOpen, "bruno")


def test_a_task_that_changed_hands_after_the_preview_is_left_alone(house, waiting):
    [task] = waiting(1)
    held = stood(house, GIVE, [task], anna)
    tasks.claim(house, task, anna)
    [line] = bulk.carry_out(house, GIVE, held, anna, "k").lines
    assert line.refusal.details["reason"] == "changed_hands"
    assert holder(house, task) == "anna"


def test_two_officers_at_once_share_a_selection_without_a_double(house, waiting):
    ids = waiting(6)
    claim = Wish("claim")
    held = stood(house, claim, ids, anna)
    outcomes = {}

    def go(who, mine):
        outcomes[who.id] = bulk.carry_out(house, claim, {task: held[task] for task in mine}, who, "k")

    threads = [threading.Thread(target=go, args=given) for given in ((anna, ids), (bruno, ids[::-1]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    got = {who: {line.id for line in outcome.done} for who, outcome in outcomes.items()}
    assert got["anna"] | got["bruno"] == set(ids)
    assert not got["anna"] & got["bruno"]
    assert all(holder(house, task) == who for who, held in got.items() for task in held)


@pytest.mark.parametrize(
    ("before", "wish", "after"),
    [
        (None, Wish("claim"), None),
        ("anna", Wish("release"), "anna"),
        (None, GIVE, None),
        ("anna", GIVE, "anna"),
    ],
)
def test_undo_puts_the_task_back_where_it_was(house, waiting, before, wish, after):
    [task] = waiting(1)
    if before:
        tasks.claim(house, task, anna)
    bulk.carry_out(house, wish, stood(house, wish, [task], anna), anna, "k")
    outcome = bulk.undo(house, "k", "Annullata", anna)
    assert holder(house, task) == after
    assert len(outcome.undone.done) == 1
    assert bulk.undo(house, "k", "Annullata", anna).undone == outcome.undone
    assert replay.case(house, task.split("/")[0]).equal
    types = [m.type for m in history.timeline(house, task.split("/")[0], carla)]
    assert types.count("TaskClaimed") + types.count("TaskReleased") + types.count("TaskAssigned") == 2 + bool(
        before
    )


def test_undo_leaves_alone_what_went_on_since(house, waiting):
    ids = waiting(3)
    bulk.carry_out(house, GIVE, stood(house, GIVE, ids, anna), anna, "k")
    tasks.release(house, ids[0], bruno)
    tasks.claim(house, ids[0], bruno)
    tasks.complete(house, ids[1], {}, bruno)
    undone = bulk.undo(house, "k", "Annullata", anna).undone
    assert [line.id for line in undone.done] == [ids[2]]
    assert undone.lines[0].refusal.details["reason"] == "gone_on"
    assert isinstance(undone.lines[1].refusal, TaskNotOpen)
    assert holder(house, ids[0]) == "bruno"


def test_a_selection_has_an_end(house):
    assert len(bulk.chosen([f"A/{n}" for n in range(500)] * 2)) == bulk.MOST


def test_the_worklist_asks_as_many_statements_for_ten_rows_as_for_one(house, waiting):
    import sqlalchemy

    counts = []

    def statements():
        seen = []
        listen = lambda *given: seen.append(given[2])  # noqa: E731 (must be removed again by name)
        sqlalchemy.event.listen(house.database.engine, "before_cursor_execute", listen)
        page = tasks.worklist(house, anna, WorklistFilter(due_after=house.clock.now() - timedelta(days=1)))
        tasks.worklist(house, anna, WorklistFilter(party=("richiedente", "carla")))
        sqlalchemy.event.remove(house.database.engine, "before_cursor_execute", listen)
        counts.append(len(seen))
        return page

    waiting(1)
    statements()
    waiting(9)
    statements()
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("name", "shared", "reason"),
    [(" ", "", "filter_name"), ("x" * 61, "", "filter_name"), ("Urgenti", "altro", "not_candidate")],
)
def test_a_filter_that_cannot_be_kept_says_why(house, name, shared, reason):
    with pytest.raises(NotAllowed) as refused:
        worklists.save(house, name, "scope=late", shared, anna)
    assert refused.value.details["reason"] == reason
    assert worklists.saved(house, anna) == []


def test_filters_are_forty_at_most_and_one_can_be_saved_again(house):
    for number in range(worklists.MOST_SAVED):
        worklists.save(house, f"Filtro {number}", "scope=late", "", anna)
    worklists.save(house, "Filtro 1", "scope=due", "ufficio", anna)
    with pytest.raises(NotAllowed) as refused:
        worklists.save(house, "Uno di troppo", "", "", anna)
    assert refused.value.details["reason"] == "filters_full"
    assert [one.address for one in worklists.saved(house, bruno)] == ["scope=due"]
    worklists.forget(house, "Filtro 1", bruno)
    worklists.forget(house, "Filtro 1", anna)
    assert worklists.saved(house, bruno) == []
