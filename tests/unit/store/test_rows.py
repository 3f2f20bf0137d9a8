"""Row changes merge in memory."""

from app.store import tables
from app.store.rows import Rows


def test_a_patch_of_a_waiting_row_becomes_part_of_its_insert() -> None:
    rows = Rows()
    rows.insert(tables.timer, {"case_id": "A", "number": 1, "element": "e"})
    rows.patch(tables.timer, ("A", 1), {"element": "f"})
    assert rows.inserts[tables.timer][("A", 1)]["element"] == "f"
    assert not rows.patches


def test_a_row_that_is_made_and_removed_in_one_unit_never_reaches_the_database() -> None:
    rows = Rows()
    rows.insert(tables.timer, {"case_id": "A", "number": 1})
    rows.delete(tables.timer, ("A", 1))
    assert not rows.inserts[tables.timer]
    assert not rows.deletes


def test_two_patches_of_one_row_are_one() -> None:
    rows = Rows()
    rows.patch(tables.task, ("A", 1), {"assignee": "rossi"})
    rows.patch(tables.task, ("A", 1), {"assignee": None, "state": "completed"})
    assert rows.patches[tables.task] == {("A", 1): {"assignee": None, "state": "completed"}}


def test_a_sweep_reaches_rows_that_wait() -> None:
    rows = Rows()
    rows.insert(tables.task, {"case_id": "A", "number": 1, "state": "open"})
    rows.insert(tables.task, {"case_id": "A", "number": 2, "state": "completed"})
    rows.sweep(tables.task, {"case_id": "A", "state": "open"}, {"state": "cancelled"})
    assert [row["state"] for row in rows.inserts[tables.task].values()] == ["cancelled", "completed"]


def test_a_removing_sweep_takes_waiting_rows_with_it() -> None:
    rows = Rows()
    rows.insert(tables.wait, {"case_id": "A", "number": 1, "instance": 1})
    rows.insert(tables.wait, {"case_id": "A", "number": 2, "instance": 2})
    rows.sweep(tables.wait, {"case_id": "A", "instance": 1}, None)
    assert list(rows.inserts[tables.wait]) == [("A", 2)]
