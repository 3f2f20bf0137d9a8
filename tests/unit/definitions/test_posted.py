"""What a browser posts: nothing typed is lost, rows come and go where they are asked to."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.definitions.forms import load_form, merge, posted_from, read_posted

FORM = load_form(
    json.dumps(
        {
            "id": "frm_x",
            "properties": {"outcome": "esito"},
            "components": [
                {
                    "type": "group",
                    "path": "referente",
                    "properties": {"section": True},
                    "components": [
                        {"type": "textfield", "key": "nome"},
                        {"type": "checkbox", "key": "consenso"},
                    ],
                },
                {
                    "type": "dynamiclist",
                    "path": "partner",
                    "components": [
                        {"type": "textfield", "key": "cf"},
                        {"type": "checklist", "key": "ambiti", "values": [{"label": "A1", "value": "A1"}]},
                        {
                            "type": "dynamiclist",
                            "path": "spesa",
                            "components": [{"type": "number", "key": "importo"}],
                        },
                    ],
                },
                {"type": "textarea", "key": "note"},
                {"type": "radio", "key": "esito", "values": [{"label": "Sì", "value": "si"}]},
            ],
        }
    ).encode()
)
texts = st.text(max_size=12)
spending = st.fixed_dictionaries({"importo": texts})
rows = st.fixed_dictionaries(
    {
        "cf": texts,
        "ambiti": st.lists(st.sampled_from(["A1", "A2"]), unique=True),
        "spesa": st.lists(spending, max_size=2),
    }
)
trees = st.fixed_dictionaries(
    {
        "referente": st.fixed_dictionaries({"nome": texts, "consenso": st.sampled_from(["on", ""])}),
        "partner": st.lists(rows, max_size=4),
        "note": texts,
        "esito": texts,
    }
)


def _posted(tree: dict[str, Any], **more: str) -> MultiDict[str, str]:
    pairs = [(name, value) for name, values in posted_from(FORM, tree).items() for value in values]
    return MultiDict([*pairs, *more.items()])


def _same(tree: dict[str, Any], raw: dict[str, Any]) -> bool:
    """Whether two raw trees hold the same answers; an empty list of ticks may be absent."""
    kept = {**raw, "partner": [{"ambiti": [], **row} for row in raw["partner"]]}
    return kept == tree


@settings(max_examples=150)
@given(trees)
def test_what_was_typed_comes_back_as_it_was(tree: dict[str, Any]) -> None:
    assert _same(tree, read_posted(FORM, _posted(tree)))


@settings(max_examples=100)
@given(trees)
def test_adding_a_row_keeps_every_other_row(tree: dict[str, Any]) -> None:
    raw = read_posted(FORM, _posted(tree, _add="partner"))
    assert raw["partner"][-1] == {}
    raw["partner"].pop()
    assert _same(tree, raw)


@settings(max_examples=100)
@given(trees.filter(lambda tree: tree["partner"]), st.data())
def test_removing_a_row_keeps_every_other_row(tree: dict[str, Any], data: st.DataObject) -> None:
    gone = data.draw(st.integers(0, len(tree["partner"]) - 1))
    raw = read_posted(FORM, _posted(tree, _remove=f"partner.{gone}"))
    left = {**tree, "partner": [row for n, row in enumerate(tree["partner"]) if n != gone]}
    assert _same(left, raw)


def test_rows_within_rows_are_added_and_removed() -> None:
    tree = {"partner": [{"cf": "x", "spesa": [{"importo": "1"}, {"importo": "2"}]}]}
    assert read_posted(FORM, _posted(tree, _add="partner.0.spesa"))["partner"][0]["spesa"] == [
        {"importo": "1"},
        {"importo": "2"},
        {},
    ]
    assert read_posted(FORM, _posted(tree, _remove="partner.0.spesa.0"))["partner"][0]["spesa"] == [
        {"importo": "2"}
    ]


def test_rows_keep_their_order_when_numbers_are_missing_or_beyond_nine() -> None:
    posted = {"partner.10.cf": "c", "partner.2.cf": "a", "partner.9.cf": "b"}
    assert [row["cf"] for row in read_posted(FORM, posted)["partner"]] == ["a", "b", "c"]


def test_a_row_of_which_nothing_is_posted_stays_by_its_marker() -> None:
    assert read_posted(FORM, {"partner.0._row": "1"})["partner"] == [{"spesa": []}]


def test_names_that_the_form_does_not_have_are_ignored() -> None:
    raw = read_posted(FORM, {"csrf_token": "x", "partner.x.cf": "y", "partner.0.other": "z", "note": "n"})
    assert raw["note"] == "n"
    assert "csrf_token" not in raw
    assert raw["partner"] == [{"spesa": []}]


def test_a_button_may_decide_the_outcome() -> None:
    assert read_posted(FORM, {"esito": "", "_outcome": "si"})["esito"] == "si"


def test_a_step_of_a_form_reads_its_own_fields_and_leaves_the_rest_of_the_draft() -> None:
    draft = {"referente": {"nome": "Ada", "consenso": "on"}, "note": "da tenere", "partner": [{"cf": "x"}]}
    posted = read_posted(FORM, {"referente.nome": "Ada D."}, section="referente")
    assert posted == {"referente": {"nome": "Ada D.", "consenso": ""}}
    assert merge(draft, posted) == {**draft, "referente": {"nome": "Ada D.", "consenso": ""}}


@settings(max_examples=150)
@given(st.dictionaries(st.text(max_size=20), st.lists(st.text(max_size=5), max_size=3), max_size=6))
def test_no_post_breaks_the_reading(posted: dict[str, list[str]]) -> None:
    read_posted(FORM, posted)


@settings(max_examples=100)
@given(
    st.lists(
        st.sampled_from(
            ["partner", "partner.0", "partner.0.cf", "partner.0.0.cf", "note.x", "_add", "_remove.1"]
        )
    )
)
def test_no_crooked_name_breaks_the_reading(names: list[str]) -> None:
    read_posted(FORM, dict.fromkeys(names, "partner.0"))
