"""Published lists: what a reader filters by, and what a version changed."""

import json

from hypothesis import given
from hypothesis import strategies as st

from app.web import listed
from app.web.published import Head

HEAD = Head("Elenco", {"nome": "Name", "stato": "State"}, {"attiva": "active", "cancellata": "removed"})
ROWS = [
    {"id": "1", "nome": "Alfa", "stato": "attiva", "ambiti": ["A1", "A2"]},
    {"id": "2", "nome": "Beta", "stato": "cancellata", "ambiti": ["A2"], "sede": {"citta": "Como"}},
    {"id": "3", "nome": "Gamma", "stato": "attiva", "ambiti": None},
]
BODY = json.dumps({"filters": ["stato", "ambiti", "id", "no"], "note": {"it": "Nota"}}).encode()


def shown(asked: dict[str, str], text: str = "") -> list[str]:
    return [r["id"] for r in listed.matching(ROWS, listed.filters_of(BODY, ROWS, HEAD, asked), text)]


def test_a_filter_offers_the_values_that_stand_in_its_column_by_their_names() -> None:
    found = {
        one.column: one for one in listed.filters_of(BODY, ROWS, HEAD, {"stato": "attiva", "ambiti": "A9"})
    }
    assert list(found) == ["stato", "ambiti", "id"]
    assert found["stato"].options == [("attiva", "active"), ("cancellata", "removed")]
    assert (found["stato"].chosen, found["ambiti"].chosen) == ("attiva", "")


def test_filters_and_words_narrow_each_other_and_look_within_records() -> None:
    assert shown({}) == ["1", "2", "3"]
    assert shown({"stato": "attiva"}) == ["1", "3"]
    assert shown({"stato": "attiva", "ambiti": "A2"}) == ["1"]
    assert shown({}, "COMO beta") == ["2"]
    assert shown({}, "como alfa") == []


def test_a_version_is_compared_row_by_row_and_codes_are_said() -> None:
    after = [ROWS[0] | {"stato": "cancellata", "ambiti": ["A1"]}, ROWS[2], {"id": "4", "nome": "Delta"}]
    found = listed.changes(ROWS, after, "id", HEAD)
    assert [(c.kind, c.row["id"]) for c in found] == [("changed", "1"), ("added", "4"), ("removed", "2")]
    assert found[0].cells == [("stato", "active", "removed"), ("ambiti", "A1, A2", "A1")]


def test_a_body_that_says_nothing_of_itself_has_no_filter_and_no_note() -> None:
    for body in (b"[1]", b"{}", b"no json", b'{"filters": "stato", "note": "x"}'):
        assert listed.filters_of(body, ROWS, HEAD, {}) == []
        assert listed.note_of(body, "it") == ""
    assert (listed.note_of(BODY, "it"), listed.note_of(BODY, "en")) == ("Nota", "")


rows = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2)).map(
    lambda held: [{"id": key, "v": value} for key, value in held.items()]
)


@given(rows, rows)
def test_what_changed_leads_from_one_version_to_the_other(
    before: list[dict[str, object]], after: list[dict[str, object]]
) -> None:
    found = listed.changes(before, after, "id", HEAD)
    built = {row["id"]: row for row in before}
    for change in found:
        if change.kind == "removed":
            del built[change.row["id"]]
        else:
            built[change.row["id"]] = change.row
    assert built == {row["id"]: row for row in after}
    assert len(found) == len({change.row["id"] for change in found})
