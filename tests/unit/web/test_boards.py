"""A board: which messages stand beside which row, what a row says, and where its buttons lead."""

import json
from typing import Any

import pytest
from flask import Flask

from app.definitions import forms
from app.services.messages import Offered
from app.web import boards, ways_back

HASH = "ab" * 32
columns = [
    {"key": "nome", "label": "Partner"},
    {
        "key": "stato",
        "label": "Stato",
        "values": [
            {"value": "ok", "label": "Firmata", "label_en": "Signed", "tone": "success", "icon": "check"},
            {"value": "no", "label": "Rifiutata"},
        ],
    },
    {"key": "firme", "label": "Ha firmato"},
    {"key": "motivo", "label": "Motivo"},
]


def drawn(*rows: Any, offers: tuple[Offered, ...] = (), language: str = "it") -> tuple[boards.Card, ...]:
    board = {"title": "nome", "state": "stato", "messages": "cf"}
    table = {
        "type": "table",
        "id": "t",
        "dataSource": "[]",
        "columns": columns,
        "properties": {"board": board},
    }
    form = forms.load_form(json.dumps({"id": "frm", "components": [table]}).encode())
    (asked,) = form.fields
    assert asked.board
    return boards.cards(asked, asked.board, "f-t", rows, offers, language)


def test_a_message_stands_beside_the_row_whose_key_it_has_and_beside_no_other() -> None:
    one, other = Offered("sollecita", "Sollecita", "", "FIL-1/111", "Alfa"), Offered("vai", "Vai", "", "22")
    strange = Offered("ritira", "Ritira", "", "FIL-1")
    rows = (
        {"nome": "Alfa", "cf": "111"},
        {"nome": "Alfa", "cf": "11"},
        {"nome": "Beta", "cf": "22"},
        {"nome": "x"},
    )
    found = drawn(*rows, offers=(one, other, strange))
    assert [[act.offer.name for act in card.acts] for card in found] == [["sollecita"], [], ["vai"], []]
    assert len({card.id for card in found}) == 4


def test_a_state_is_its_word_with_tone_and_icon_and_an_unknown_one_is_shown_as_it_is() -> None:
    signed, plain, unknown = drawn({"stato": "ok"}, {"stato": "no"}, {"stato": "altro"}, language="en")
    assert (signed.state, signed.tone, signed.icon) == ("Signed", "success", "check")
    assert (plain.state, plain.tone) == ("Rifiutata", "neutral")
    assert (unknown.state, unknown.tone, unknown.icon) == ("altro", "neutral", "info-circle")


def test_facts_that_hold_nothing_are_left_out_and_a_fingerprint_is_short_with_the_whole_at_hand() -> None:
    (card,) = drawn({"firme": [{"v": "v1", "chi": None, "impronta": HASH}, {"v": "v2"}], "motivo": None})
    ((label, lines),) = card.facts
    assert label == "Ha firmato"
    assert [[(part.text, part.whole) for part in line] for line in lines] == [
        [("v1", ""), ("abababababab…", HASH)],
        [("v2", "")],
    ]


def test_what_a_button_posts_is_read_back_whatever_is_in_the_key() -> None:
    offer = Offered("a:b c", "x", "", "FIL-1/è&at=x")
    assert boards.asked_for(boards.ask_for(offer, "f-t-1").removeprefix("ask:")) == {
        "name": "a:b c",
        "key": "FIL-1/è&at=x",
        "at": "f-t-1",
    }
    assert boards.asked_for("%ff=1&;&name") == {}


@pytest.mark.parametrize(
    ("query", "way"),
    [
        ("task=2&section=accordo&at=f-t-1", {"task": "2", "section": "accordo", "at": "f-t-1"}),
        ("task=2&section=&at=//evil.example", {"task": "2"}),
        ("task=2%0d%0a&section=x", {}),
        ("section=x", {}),
        ("task=9999999999", {}),
    ],
)
def test_the_way_back_is_a_task_a_step_and_a_place_or_nothing(query: str, way: dict[str, str]) -> None:
    with Flask("x").test_request_context(f"/?{query}"):
        assert ways_back.given() == way
