"""The history speaks in sentences: names for people, not for machines."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask_babel import Babel

from app.definitions import decision_tables
from app.domain.bundles import Bundle
from app.services.history import Moment
from app.web.sentences import sentence

when = datetime(2023, 5, 8, tzinfo=UTC)
table = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
    '<decision id="d1_rilievi" name="{name}"><decisionTable/></decision></definitions>'
)


@pytest.fixture(autouse=True)
def speaking() -> Iterator[None]:
    site = Flask(__name__)
    Babel(site, default_locale="en")
    with site.test_request_context():
        yield


def said(type_: str, actor: str = "ada", **body: object) -> str:
    moment = Moment(7, when, actor, type_, True, 1, "e", None, body)
    return sentence(moment, {"e": "Window"}, {"ada": "Ada Prova", "system": "the system"})


def test_a_sentence_begins_with_a_capital_whoever_acts() -> None:
    assert (
        said("DocumentAdded", "system", name="ricevuta_1.pdf")
        == "The system added the document “ricevuta_1.pdf”."
    )
    assert said("DocumentAdded", name="a.pdf").startswith("Ada Prova")


def test_a_message_is_called_in_words() -> None:
    assert said("WaitOpened", name="finestra_chiusa") == "“Window” waits for “finestra chiusa”."


def test_who_sent_a_message_or_began_a_process_is_named_where_it_was_a_person() -> None:
    assert said("MessageReceived", name="ritiro_bozza").startswith("Ada Prova sent the message")
    assert said("MessageReceived", "system", name="ritiro_bozza") == "The message “ritiro bozza” arrived."
    assert said("InstanceStarted", process="p") == "Ada Prova began the process “p”."


@pytest.mark.parametrize(
    ("name", "read"), [("d1_rilievi", "D1 rilievi"), ("Rilievi_formali qui", "Rilievi_formali qui")]
)
def test_a_decision_named_for_machines_is_read_in_words(name: str, read: str) -> None:
    bundle = Bundle("p", {"d.dmn": table.format(name=name).encode()})
    assert decision_tables.tables(bundle)["d1_rilievi"].name == read
