"""What a post means: one page over the whole of what was typed, files kept or taken out, and one key for one post."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from werkzeug.datastructures import MultiDict

from app.definitions import forms
from app.domain.errors import DocumentRefused
from app.web import submissions, uploads
from tests.browser import trial

form = forms.load_form(trial.domanda)
before = {
    "sintesi": "Prima",
    "ambiti": ["A1"],
    "relazione": "doc1",
    "partner": [{"cf": "1", "capofila": "true"}, {"cf": "2"}],
}


@pytest.fixture
def site() -> Iterator[Flask]:
    made = Flask(__name__)
    Babel(made, default_locale="en")
    yield made


def merged(*posted: tuple[str, str]) -> dict[str, Any]:
    view: Any = SimpleNamespace(form=form, values=before)
    return submissions.merged(view, MultiDict(posted))


def test_a_page_with_one_section_leaves_the_others_as_they_were() -> None:
    after = merged(
        ("_section", "g_progetto"),
        ("sintesi", "Dopo"),
        ("ambiti", ""),
        ("ambiti", "A2"),
        ("relazione", "doc1"),
    )
    assert after == {**before, "sintesi": "Dopo", "ambiti": ["A2"]}


def test_choosing_nothing_and_unticking_are_answers_too() -> None:
    assert merged(("_section", "g_progetto"), ("ambiti", ""))["ambiti"] == []
    rows = merged(("_section", "g_partner"), ("partner.0._row", "1"), ("partner.0.cf", "1"))["partner"]
    assert rows == [{"cf": "1", "capofila": ""}]


def test_a_section_that_the_form_does_not_have_changes_nothing() -> None:
    assert merged(("_section", "altrove"), ("sintesi", "Dopo")) == before


def test_the_summary_changes_nothing_of_the_sections() -> None:
    assert merged(("_section", ""), ("_do", "complete")) == before


@pytest.mark.parametrize(
    ("posted", "wanted"),
    [
        ({"_add": "partner"}, ("add", "partner")),
        ({"_remove": "partner.2"}, ("remove", "partner.2")),
        ({"_outcome": "firma"}, ("complete", "firma")),
        ({"_do": "complete"}, ("complete", "")),
        ({"_do": "go:g_partner"}, ("go", "g_partner")),
        ({}, ("save", "")),
    ],
)
def test_a_post_says_what_was_pressed_and_keeps_where_nothing_was(
    site: Flask, posted: dict[str, str], wanted: Any
) -> None:
    with site.test_request_context(method="POST", data=posted):
        assert submissions.wanted() == wanted


def test_the_very_same_post_has_the_same_key_and_another_one_has_not() -> None:
    one = MultiDict({"titolo": "Malga", "csrf_token": "x"})
    assert submissions.key_for("k", one) == submissions.key_for(
        "k", MultiDict({"csrf_token": "y", "titolo": "Malga"})
    )
    assert submissions.key_for("k", one) != submissions.key_for("k", MultiDict({"titolo": "Malghe"}))
    assert submissions.key_for("k", one) != submissions.key_for("l", one)
    assert submissions.key_for("", one) == ""


def test_the_key_of_a_post_follows_the_bytes_of_its_files_and_not_what_became_of_them() -> None:
    one = MultiDict({"titolo": "Malga"})
    keys = {
        submissions.key_for("k", one, files)
        for files in (
            [("relazione", "a.pdf", "00")],
            [("relazione", "a.pdf", "01")],
            [("relazione", "b.pdf", "00")],
            [],
        )
    }
    assert len(keys) == 4
    assert submissions.key_for("k", one, [("relazione", "a.pdf", "00")]) in keys


def test_the_field_of_a_file_is_known_in_whatever_row_it_stands() -> None:
    assert uploads.within_row("partner.12.allegati") == "allegati"
    assert uploads.within_row("accordo.documento") == "accordo.documento"


def test_files_that_are_ticked_to_go_are_taken_out(site: Flask) -> None:
    posted = MultiDict([("altri", ""), ("altri", "d1"), ("altri", "d2"), ("_drop.altri", "d1")])
    with site.test_request_context(method="POST", data=posted):
        submissions.drop_files(posted)
    assert posted.getlist("altri") == ["", "d2"]


def test_a_refused_file_is_told_in_words_that_help(site: Flask) -> None:
    with site.test_request_context():
        large = DocumentRefused("x", reason="too_large", name="a.pdf", limit_mb="20")
        assert uploads.refusal(large) == "a.pdf is larger than 20 MB. Send a smaller file."
        assert uploads.refusal(DocumentRefused("Expected another file.")) == "Expected another file."
