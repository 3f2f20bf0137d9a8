"""Two pages on one draft: what one of them changed is saved, what both changed is not overwritten."""

from decimal import Decimal
from typing import Any

from app.definitions.forms import Form, Loaded, load_form, marks, reconcile
from tests.browser import trial

domanda, chi = load_form(trial.domanda), load_form(trial.chi)
before: dict[str, Any] = {"titolo": "Malga", "importo": "1200", "tipo": "persona", "privacy": ""}


def merged(
    mine: dict[str, Any], saved: dict[str, Any], form: Form = chi, shown: dict[str, Any] = before
) -> Any:
    return reconcile(form, {**shown, **mine}, saved, Loaded(marks(form, shown), frozenset(mine)))


def test_the_same_answer_has_the_same_mark_however_it_was_typed_or_stored() -> None:
    typed = {"importo": "1.200,00", "privacy": "", "titolo": "  ", "inizio": ""}
    assert marks(chi, typed) == marks(chi, {"importo": Decimal(1200), "privacy": False, "titolo": None})
    assert marks(chi, {"importo": "mille"}) != marks(chi, {"importo": ""})
    rows = {"partner": [{"cf": "1", "capofila": "true"}, {}]}
    stored = {"partner": [{"cf": "1", "capofila": True}, {"cf": None, "denominazione": ""}], "ambiti": []}
    assert marks(domanda, rows) == marks(domanda, stored)
    assert marks(domanda, rows) != marks(domanda, {"partner": rows["partner"][:1]})


def test_no_shape_of_a_draft_breaks_the_marks() -> None:
    for odd in ("x", ["x"], {"a": 1}, 7, None, [[{}]], True):
        assert marks(domanda, {"partner": odd, "ambiti": odd, "sintesi": odd}).keys() >= {"partner", "ambiti"}


def test_what_only_one_side_changed_is_merged() -> None:
    found = merged({"titolo": "Malghe", "importo": "1200"}, {**before, "importo": "1300"})
    assert found.values == {**before, "titolo": "Malghe", "importo": "1300"}
    assert (found.clashes, found.taken) == ((), ("importo",))


def test_what_both_changed_stays_as_it_was_saved_and_is_named() -> None:
    found = merged({"titolo": "Malghe", "importo": "1400"}, {**before, "importo": "1300"})
    assert found.values == {**before, "titolo": "Malghe", "importo": "1300"}
    assert (found.clashes, found.taken) == (("importo",), ())


def test_what_both_changed_alike_is_no_clash() -> None:
    found = merged({"importo": "1.300,00"}, {**before, "importo": "1300"})
    assert (found.values["importo"], found.clashes, found.taken) == ("1.300,00", (), ())


def test_what_the_page_does_not_post_is_taken_from_the_draft() -> None:
    found = merged({"titolo": "Malghe"}, {**before, "tipo": "impresa"})
    assert (found.values["tipo"], found.values["titolo"], found.taken) == ("impresa", "Malghe", ("tipo",))


def test_a_page_that_shows_the_draft_as_it_is_overwrites_it_knowingly() -> None:
    found = merged({"importo": "1400"}, {**before, "importo": "1300"}, shown={**before, "importo": "1300"})
    assert (found.values["importo"], found.clashes, found.taken) == ("1400", (), ())
