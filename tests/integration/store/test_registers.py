"""Registers are gapless, whatever happens at once."""

import random
import threading
from collections.abc import Callable

import pytest

from app.domain.cases import Case
from app.store.clock import FixedClock
from app.store.database import Database


def test_a_register_counts_from_its_first_number_and_begins_again_each_year(
    database: Database, clock: FixedClock
) -> None:
    with database.unit_of_work(clock) as uow:
        book = uow.register("protocollo", 2023, first=1207)
        assert [book.enter({"n": n}, f"k{n}") for n in range(3)] == [1207, 1208, 1209]
        assert uow.register("protocollo", 2024).enter({}, "k9") == 1
        assert uow.register("decreti").enter({}, "k0") == 1


def test_the_same_key_gets_the_same_number(database: Database, clock: FixedClock) -> None:
    for _ in range(2):
        with database.unit_of_work(clock) as uow:
            assert uow.register("protocollo", 2023).enter({"oggetto": "domanda"}, "FIL-1/1/1") == 1
    with database.reader() as reader:
        entries = reader.entries_of("protocollo")
    assert [(e.year, e.number, e.key, e.body) for e in entries] == [
        (2023, 1, "FIL-1/1/1", {"oggetto": "domanda"})
    ]


def test_numbers_follow_each_other_while_many_enter_and_some_are_undone(
    database: Database, clock: FixedClock
) -> None:
    dice = random.Random(7)  # noqa: S311  a test's choice, not a secret
    plans = [[dice.random() < 0.4 for _ in range(8)] for _ in range(6)]
    failures: list[BaseException] = []

    def enter(worker: int) -> None:
        for turn, undone in enumerate(plans[worker]):
            try:
                with database.unit_of_work(clock) as uow:
                    uow.register("protocollo", 2023).enter({}, f"{worker}/{turn}")
                    assert 1 / (not undone) == 1
            except ZeroDivisionError:
                pass
            except BaseException as failure:  # noqa: BLE001  seen by the assertion below
                failures.append(failure)

    threads = [threading.Thread(target=enter, args=(worker,)) for worker in range(len(plans))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    kept = sum(not undone for plan in plans for undone in plan)
    with database.reader() as reader:
        assert [entry.number for entry in reader.entries_of("protocollo")] == list(range(1, kept + 1))


def test_the_same_key_at_once_is_entered_once(database: Database, clock: FixedClock) -> None:
    given: list[int] = []

    def enter() -> None:
        with database.unit_of_work(clock) as uow:
            given.append(uow.register("protocollo", 2023).enter({}, "same"))

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert given == [1, 1, 1, 1]


def test_a_case_that_was_not_opened_gives_its_number_back(
    database: Database, clock: FixedClock, open_case: Callable[..., Case]
) -> None:
    def broken() -> None:
        with database.unit_of_work(clock) as uow:
            uow.open_case("proposal", "FIL", 42, actor="rossi")
            uow.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert open_case().id == "FIL-2023-0042"
