"""An invitation under an account, as a partner does it: the offer, the log-in, the portal, the answer, letting go."""

from typing import Any

import pytest
from playwright.sync_api import expect

from app.services import cases, replay
from tests.browser import live, partners
from tests.browser import test_main_job as main
from tests.browser.live import violations

pytestmark = pytest.mark.browser
house, address = main.house, main.address


@pytest.fixture
def link(house: Any) -> tuple[str, str]:
    """Give a proposal in which one partner has not answered yet, and that partner's link."""
    house.clock.set(main.at(2023, 12, 1, 10))
    case_id = main.nine_have_signed(house)
    mail = next(p["pec"] for p in main.meccatronica["proposta"]["partner"] if p["cf"] == main.silent)
    return case_id, partners.letters(house, case_id, mail)[-1]


def log_in(page: Any, person: str) -> None:
    """Fill in the log-in page that stands before somebody."""
    page.fill("#login", person)
    page.fill("#password", live.password)
    with page.expect_navigation():
        page.locator("main button[type=submit]").click()


def shot(watched: Any, name: str) -> None:
    """Keep pictures of the page at both widths; it never scrolls sideways, and axe finds nothing."""
    page = watched.page
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} at {width}"
        watched.shot(f"utenza-{name}-{width}")
    if watched.scripts:
        assert violations(page) == []
    page.set_viewport_size({"width": 1280, "height": 900})


def keep(watched: Any, path: str, person: str) -> None:
    """Go from the link over the log-in and the confirmation to the page of the account."""
    page = watched.open(path)
    shot(watched, "1-offerta")
    page.get_by_role("link", name="Accedi e tienilo").click()
    log_in(page, person)
    shot(watched, "2-conferma")
    page.get_by_role("button", name="Tienilo nella mia utenza").click()
    expect(page.locator("main")).to_contain_text("Tieni questo invito nella tua utenza")


def test_a_partner_keeps_an_invitation_and_signs_from_the_portal(
    watched: Any, house: Any, link: tuple[str, str]
) -> None:
    case_id, path = link
    keep(watched, path, "bruno")
    shot(watched, "3-pagina")
    page = watched.open("/portal")
    shot(watched, "4-portale")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#invited")).to_have_text("Proposals you were invited to")
    shot(watched, "4-portale-en")
    page.locator("section", has=page.locator("#invited")).get_by_role("link", name="Go on").click()
    expect(page.locator("main")).to_contain_text("Under your account")
    shot(watched, "3-pagina-en")
    page.get_by_role("button", name="Italiano").click()
    answer = next(a["risposta"] for a in main.meccatronica["adesioni"] if a["cf"] == main.silent)
    partners.sign(main.Typist(page), answer)
    expect(page.locator("main")).to_contain_text("Hai risposto il")
    expect(page.locator("section", has=page.locator("#course"))).to_contain_text("Bruno Finti ha completato")
    shot(watched, "5-risposta")
    watched.open("/portal")
    expect(page.locator(".mine-card")).to_contain_text("Aderisco e firmo")
    shot(watched, "6-portale-risposta")
    with partners.at_link(watched, path) as own:
        expect(own.page.locator("main")).to_contain_text("Un’utenza tiene questo invito")
        shot(own, "7-collegamento")
    done = [t for t in cases.view(house, case_id, main.system).tasks if t.completed_by == "bruno"]
    assert [task.element for task in done] == ["UT_adesione"]
    assert replay.case(house, case_id).equal
    watched.open(f"/portal/cases/{case_id}")
    assert "404" in page.inner_text("main")
    assert watched.errors == watched.violations == []


def test_it_works_without_scripts_and_is_let_go(
    watched_without_scripts: Any, house: Any, link: tuple[str, str]
) -> None:
    watched, (_case_id, path) = watched_without_scripts, link
    keep(watched, path, "ada")
    page = watched.page
    page.get_by_role("link", name="Lascia questo invito").click()
    shot(watched, "8-lascia")
    page.get_by_role("button", name="Lascialo").click()
    expect(page.locator("main")).to_contain_text("La tua utenza non tiene più questo invito")
    assert page.locator("#invited").count() == 0
    watched.open("/logout")
    page.context.clear_cookies()
    watched.open(path)
    page.get_by_role("link", name="Accedi e tienilo").click()
    log_in(page, "fausto")
    expect(page.locator("main")).to_contain_text("La tua utenza prepara questa proposta")
    shot(watched, "9-rifiuto")
