"""The query line: what it says, and a sentence for each thing that it cannot say."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.query_line import Known, Line, read_line
from app.web.query_lines import why

ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2023, 5, 8, 10, 0, tzinfo=UTC)
KNOWN = Known(
    groups={"istruttore": ("Istruttore", "Case officer"), "rup": ("Responsabile", "Head of procedure")},
    processes={"p_elenco": ("Aggiornamento dell'elenco", "Update of the list"), "p_uno": ("Uno", "One")},
    people={"bianchi": "Ugo Bianchi", "verdi": "Ada Verdi"},
    roles=frozenset({"capofila", "partner"}),
)


def line(text: str) -> Line:
    return read_line(text, KNOWN, NOW, ROME)


def faults(text: str) -> list[tuple[str, str]]:
    return [(fault.word, fault.why) for fault in line(text).faults]


def test_the_line_of_the_screens_is_read_whole() -> None:
    read = line("gruppo:istruttore scadenza:<7g capofila:Novacera molino verde")
    assert (read.group, read.party, read.text) == ("istruttore", ("capofila", "novacera"), "molino verde")
    assert (read.before, read.after) == (datetime(2023, 5, 15, 10, tzinfo=UTC), None)
    assert read.faults == ()


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("group:officer", "group", "istruttore"),
        ('processo:"dell\'elenco"', "processes", ("p_elenco",)),
        ("process:p_uno", "processes", ("p_uno",)),
        ("di:io", "whose", "me"),
        ("held:nobody", "whose", "nobody"),
        ("di:bian", "held", ("bianchi",)),
        ("due:late", "before", NOW),
        ("scadenza:nessuna", "undated", True),
        ("due:>3d", "after", datetime(2023, 5, 11, 10, tzinfo=UTC)),
        ("scadenza:<20/11/2023", "before", datetime(2023, 11, 20, tzinfo=ROME)),
        ("scadenza:>2023-11-20", "after", datetime(2023, 11, 21, tzinfo=ROME)),
        ("scadenza:oggi", "after", datetime(2023, 5, 8, tzinfo=ROME)),
        ("scadenza:oggi", "before", datetime(2023, 5, 9, tzinfo=ROME)),
        ('"10:30 riunione"', "text", "10:30 riunione"),
    ],
)
def test_each_word_in_both_languages(text: str, field: str, value: object) -> None:
    assert getattr(line(text), field) == value
    assert line(text).faults == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("colore:rosso", [("colore:rosso", "key")]),
        ("gruppo:protocollo", [("gruppo:protocollo", "group")]),
        ("gruppo:r", [("gruppo:r", "group")]),
        ("scadenza:domani", [("scadenza:domani", "due")]),
        ("scadenza:31/02/2023", [("scadenza:31/02/2023", "due")]),
        ("due:31/12/9999", [("due:31/12/9999", "due")]),
        ("scadenza:<99999g", [("scadenza:<99999g", "due")]),
        ("di:rossi", [("di:rossi", "held")]),
        ("processo:due", [("processo:due", "process")]),
        ('capofila:""', [('capofila:""', "party")]),
        ("di:io di:nessuno", [("di:nessuno", "twice")]),
        ('mulino "verde', [('"', "quote")]),
        ("a:1 scadenza:x", [("a:1", "key"), ("scadenza:x", "due")]),
    ],
)
def test_what_cannot_be_read_is_named_with_its_reason(text: str, expected: list[tuple[str, str]]) -> None:
    assert faults(text) == expected
    assert {reason for _, reason in expected} <= why.keys()


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert all(fault.why in why for fault in line(text).faults)
