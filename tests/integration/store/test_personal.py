"""Personal values: a commitment in the history, forgotten with their key."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import text

from app.domain.cases import Case
from app.domain.events import TaskCompleted
from app.feel.values import Sealed
from app.store.clock import FixedClock
from app.store.database import Database
from app.store.personal import Erased


def test_sealed_values_of_every_type_open_again(database: Database, clock: FixedClock) -> None:
    plain = {
        "cf": "RSSCRL80A01H501U",
        "nato": date(1980, 1, 1),
        "figli": [Decimal("1.50"), None, {"a": True}],
    }
    with database.unit_of_work(clock) as uow:
        sealed = {key: uow.seal("rossi", value) for key, value in plain.items()}
        assert uow.unseal({"in": [sealed], "n": 1}) == {"in": [plain], "n": 1}


def test_the_same_value_of_one_subject_is_one_commitment(database: Database, clock: FixedClock) -> None:
    with database.unit_of_work(clock) as uow:
        assert uow.seal("rossi", "x") == uow.seal("rossi", "x")
        assert uow.seal("rossi", "x") != uow.seal("bianchi", "x")
        sealed = uow.seal("rossi", "x")
        assert uow.seal("rossi", sealed) is sealed


def test_a_value_cannot_be_tried_out_against_its_commitment(database: Database, clock: FixedClock) -> None:
    """Twins under two subjects differ, so that a commitment is no plain hash of its value."""
    from hashlib import sha256

    with database.unit_of_work(clock) as uow:
        assert uow.seal("rossi", "x").commitment != sha256(b'"x"').hexdigest()


def test_forgetting_a_key_erases_the_values_and_leaves_the_proof(
    database: Database, clock: FixedClock, open_case: Callable[..., Case]
) -> None:
    case = open_case()
    with database.unit_of_work(clock) as uow:
        values = {"cf": uow.seal("rossi", "RSSCRL80A01H501U"), "altro": uow.seal("bianchi", "y"), "n": 1}
        uow.record(uow.lock_case(case.id), 1, [TaskCompleted(1, values)], actor="rossi")
    with database.reader() as reader:
        before = reader.history(case.id)
    with database.unit_of_work(clock) as uow:
        assert uow.forget("rossi")
        assert not uow.forget("rossi")
    with database.reader() as reader:
        after = reader.history(case.id)
        last = after[-1].event
        assert [r.leaf for r in after] == [r.leaf for r in before]
        assert reader.altered(case.id) == []
        assert isinstance(last, TaskCompleted)
        opened = reader.unseal(last.values)
        assert isinstance(opened["cf"], Erased)
        assert not opened["cf"]
        assert (opened["altro"], opened["n"]) == ("y", 1)


def test_what_is_sealed_after_an_erasure_opens_and_what_was_sealed_before_stays_erased(
    database: Database, clock: FixedClock
) -> None:
    with database.unit_of_work(clock) as uow:
        old = uow.seal("rossi", "RSSCRL80A01H501U")
        uow.forget("rossi")
    with database.unit_of_work(clock) as uow:
        new = uow.seal("rossi", "RSSCRL80A01H501U")
        assert new != old
        assert uow.unseal([old, new]) == [Erased(old.commitment), "RSSCRL80A01H501U"]


def test_no_plain_copy_lies_in_any_table(
    database: Database, clock: FixedClock, open_case: Callable[..., Case]
) -> None:
    case = open_case()
    secret = "RSSCRL80A01H501U"
    with database.unit_of_work(clock) as uow:
        values = {"cf": uow.seal("rossi", secret)}
        uow.save_draft(case.id, 1, {"cf": secret}, "rossi")
        uow.record(uow.lock_case(case.id), 1, [TaskCompleted(1, values)], actor="rossi", state=b"s")
        uow.save_draft(case.id, 2, {"cf": secret}, "rossi")
    with database.engine.connect() as connection:
        tables = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).scalars()
        for table in tables.all():
            if table != "alembic_version":
                query = text(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE :wanted')  # noqa: S608  names from the catalogue
                assert connection.execute(query, {"wanted": f"%{secret}%"}).scalar() == 0, table
                encoded = {"wanted": f"%{secret.encode().hex()}%"}
                assert connection.execute(query, encoded).scalar() == 0, table


def test_drafts_go_with_the_key_of_who_typed_them(
    database: Database, clock: FixedClock, open_case: Callable[..., Case]
) -> None:
    case = open_case()
    with database.unit_of_work(clock) as uow:
        uow.save_draft(case.id, 1, {"cf": "x"}, "rossi")
        uow.forget("rossi")
    with database.unit_of_work(clock) as uow:
        assert uow.draft(case.id, 1) is None
        uow.save_draft(case.id, 1, {"cf": "y"}, "rossi")
        assert uow.draft(case.id, 1)[:4] == ({"cf": "y"}, clock.now(), "rossi", {})


def test_an_altered_ciphertext_does_not_open(database: Database, clock: FixedClock) -> None:
    with database.unit_of_work(clock) as uow:
        one, two = uow.seal("rossi", "x"), uow.seal("rossi", "y")
    with database.engine.begin() as connection:
        swap = "UPDATE personal_value SET ciphertext = (SELECT ciphertext FROM personal_value WHERE commitment = :b)"
        connection.execute(text(f"{swap} WHERE commitment = :a"), {"a": one.commitment, "b": two.commitment})
    with database.reader() as reader, pytest.raises(InvalidTag):
        reader.unseal(one)


def test_a_commitment_that_nobody_knows_is_erased(database: Database) -> None:
    with database.reader() as reader:
        assert reader.unseal([Sealed("00" * 32)]) == [Erased("00" * 32)]
