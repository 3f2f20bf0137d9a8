"""The format of the history: canonical, lossless, frozen."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from zoneinfo import ZoneInfo

import orjson
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import HistoryDiffers, InputRefused
from app.domain.events import CaseOpened, DecisionEvaluated, TaskCompleted, TaskOpened, TokensMoved
from app.feel.codec import to_tagged
from app.feel.values import Sealed, YearsMonthsDuration
from app.store.log import body_of, canonical, decode, entry_bytes, leaf_hash

NOON = datetime(2023, 5, 8, 10, 0, tzinfo=UTC)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.builds(YearsMonthsDuration, st.integers(-1000, 1000)),
    st.timedeltas(min_value=timedelta(days=-999), max_value=timedelta(days=999)),
)
keys = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


@given(values)
@settings(max_examples=200)
def test_canonical_text_is_that_of_rfc_8785_whatever_the_characters(value: object) -> None:
    assert canonical(value).encode() == rfc8785.dumps(to_tagged(value))


def test_keys_beyond_the_basic_plane_sort_by_utf_16_units() -> None:
    mixed = {"\U0001f600": "astral", "\ufb33": "basic"}
    assert canonical(mixed) == '{"\U0001f600":"astral","\ufb33":"basic"}'


@given(st.dictionaries(keys, values, max_size=4))
@settings(max_examples=200)
def test_an_event_comes_back_as_it_was_written(submitted: dict[str, object]) -> None:
    event = TaskCompleted(7, submitted)
    assert decode("TaskCompleted", 1, body_of(event)) == event


def test_every_field_type_of_the_events_survives() -> None:
    due = datetime(2023, 6, 1, 23, 59, tzinfo=ZoneInfo("Europe/Rome"))
    for event in (
        CaseOpened("proposal", None),
        TaskOpened(3, "check", "Verifica", "istruttore", None, due, {"n": Decimal("1.10")}),
        TokensMoved([["entered", "a"], ["left", "a"]]),
        DecisionEvaluated("d", "d1", {"t": time(9, 30)}, [1, 3], Sealed("ab" * 32)),
    ):
        assert decode(event.type, event.version, body_of(event)) == event


def test_decimals_keep_their_zeros() -> None:
    back = decode("TaskCompleted", 1, body_of(TaskCompleted(1, {"euro": Decimal("10.50")})))
    assert isinstance(back, TaskCompleted)
    assert str(back.values["euro"]) == "10.50"


def test_numbers_of_things_come_back_as_int() -> None:
    back = decode("TaskOpened", 1, body_of(TaskOpened(3, "e", "n", None, None)))
    assert isinstance(back, TaskOpened)
    assert type(back.task) is int


def test_the_entry_covers_every_column_and_is_canonical_as_a_whole() -> None:
    event = TaskCompleted(7, {"data": date(2023, 5, 8), "città": 'Forlì "x" \u2028'})
    body = body_of(event)
    entry = entry_bytes("FIL-2023-0042", 12, 1, "TaskCompleted", 1, NOON, "rossi", None, body)
    whole = {
        "actor": "rossi",
        "body": orjson.loads(body),
        "case": "FIL-2023-0042",
        "cause": None,
        "instance": 1,
        "recorded_at": "2023-05-08T10:00:00.000000Z",
        "seq": 12,
        "type": "TaskCompleted",
        "version": 1,
    }
    assert entry == rfc8785.dumps(whole)
    assert leaf_hash(entry) == sha256(b"\x00" + entry).digest()


def test_the_bytes_of_an_entry_are_frozen() -> None:
    body = body_of(TaskCompleted(7, {"n": Decimal("1.50"), "d": date(2023, 5, 8), "vuoto": None}))
    entry = entry_bytes("FIL-2023-0042", 12, 1, "TaskCompleted", 1, NOON, "rossi", 3, body)
    assert entry == (
        b'{"actor":"rossi","body":{"task":{"@n":"7"},"values":{"d":{"@d":"2023-05-08"},"n":{"@n":"1.50"},'
        b'"vuoto":null}},"case":"FIL-2023-0042","cause":3,"instance":1,'
        b'"recorded_at":"2023-05-08T10:00:00.000000Z","seq":12,"type":"TaskCompleted","version":1}'
    )


def test_an_instant_is_stamped_in_utc_whatever_its_zone() -> None:
    rome = NOON.astimezone(ZoneInfo("Europe/Rome"))
    assert entry_bytes("A", 1, None, "T", 1, rome, "a", None, "{}") == entry_bytes(
        "A", 1, None, "T", 1, NOON, "a", None, "{}"
    )


def test_an_unknown_type_and_an_unknown_field_are_named() -> None:
    with pytest.raises(HistoryDiffers, match="CaseVanished version 1"):
        decode("CaseVanished", 1, "{}")
    with pytest.raises(HistoryDiffers, match=r"fields \['kind', 'under'\]"):
        decode("CaseOpened", 1, '{"kind":"proposal"}')


def test_text_that_unicode_cannot_carry_is_refused() -> None:
    with pytest.raises(InputRefused):
        canonical({"a": "\ud800"})
