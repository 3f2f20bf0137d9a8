"""The portal in a real browser: starting, coming back, and following one's own cases."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from app.services import cases
from app.store.clock import FixedClock
from app.store.database import Database
from tests.browser import live, trial
from tests.browser.live import begun, too_wide, violations

pytestmark = pytest.mark.browser


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: FixedClock) -> Iterator[Any]:
    with live.trial_house(database, tmp_path, clock) as made:
        yield made


@pytest.fixture
def address(house: Any) -> Iterator[str]:
    with live.served(house) as served:
        yield served.address


def test_a_newcomer_sees_what_to_do_and_starts_with_one_button(watched: Any, house: Any) -> None:
    watched.log_in("ada")
    page = watched.open("/portal")
    expect(page.locator(".pr-empty")).to_be_visible()
    watched.shot("portal-empty")
    page.locator(".call button").click()
    page.wait_for_url("**/tasks/*/1")
    assert len(cases.mine(house, trial.ada)) == 1


def test_a_card_says_state_next_step_whose_turn_and_by_when(watched: Any, house: Any) -> None:
    begun(house)
    begun(house, filed=True)
    watched.log_in("ada")
    page = watched.open("/portal")
    mine, waiting = page.locator(".mine-turn"), page.locator(".mine-card:not(.mine-turn)")
    expect(mine).to_contain_text("Stai preparando la domanda")
    expect(mine).to_contain_text("La domanda")
    expect(mine).to_contain_text("31/05/2023 17:00")
    expect(waiting).to_contain_text("Stiamo controllando la domanda")
    watched.shot("portal")
    mine.locator(".btn-primary").click()
    page.wait_for_url("**/tasks/*/2")


def test_the_page_of_a_case_tells_its_party_what_happened_and_lets_documents_be_taken_away(
    watched: Any, house: Any
) -> None:
    case_id = begun(house, filed=True)
    watched.log_in("ada")
    page = watched.open(f"/portal/cases/{case_id}")
    assert "Stiamo controllando la domanda" in page.inner_text("main")
    assert page.locator(".pr-timeline li").first.inner_text().count("La domanda") == 1
    with page.expect_download() as download:
        page.locator("aside a", has_text="relazione.pdf").click()
    assert Path(download.value.path()).read_bytes() == b"%PDF-1.7 prova"
    watched.shot("portal-case")


def test_a_stranger_does_not_learn_of_a_case(watched: Any, house: Any) -> None:
    case_id = begun(house)
    watched.log_in("zeno")
    assert (
        watched.open(f"/portal/cases/{case_id}")
        .request.get(f"{watched.address}/portal/cases/{case_id}")
        .status
        == 404
    )


def test_a_double_click_on_start_opens_one_case(watched: Any, house: Any) -> None:
    watched.log_in("ada")
    page = watched.open("/portal")
    page.evaluate(
        """async () => { const form = document.querySelector('.call form'); const data = new FormData(form);
        const send = () => fetch(form.action, {method: 'POST', body: data}); await Promise.all([send(), send()]); }""",
    )
    assert len(cases.mine(house, trial.ada)) == 1


@pytest.mark.parametrize("filed", [False, True])
def test_pages_of_the_portal_are_clean_for_axe_and_fit_a_phone(watched: Any, house: Any, filed: bool) -> None:
    case_id = begun(house, filed=filed)
    watched.log_in("ada")
    for path in ("/portal", f"/portal/cases/{case_id}"):
        page = watched.open(path)
        page.set_viewport_size({"width": 1280, "height": 900})
        assert page.locator("h1").count() == 1
        assert violations(page) == []
        page.set_viewport_size({"width": 320, "height": 640})
        assert not too_wide(page)
