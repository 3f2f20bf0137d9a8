"""The review, as people do it: a committee is appointed, scores blind, meets, and the executive decides."""

import re
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from app.domain.actors import system
from app.services import cases, definitions, replay
from app.store.clock import HouseClock
from app.store.database import Database
from app.testing.player import perform
from app.testing.stories import Story, read_story
from tests.browser import live
from tests.browser.live import violations
from tests.browser.test_main_job import Typist, at, cast, do_task, log_in, told, until

pytestmark = pytest.mark.browser

REVIEWED = read_story(told / "f1_istruttoria/scenarios/verificata.toml", "f1_istruttoria")
NOVACERA = REVIEWED.data["valutazioni"]["novacera"]


def played(database: Database, home: Path, story: Story) -> Any:
    """Play a story in a house."""
    clock = HouseClock(database, demo=True)
    clock.set(story.starts.astimezone(UTC))
    house = live.house_on(database, home, clock, list(cast.people.values()))
    definitions.deploy_shipped(house, system)
    perform(house, story, cast)
    return house


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[Any]:
    made = played(database, tmp_path, REVIEWED)
    with live.working(made):
        yield made


@pytest.fixture
def address(house: Any) -> Iterator[str]:
    with live.served(house) as served:
        yield served.address


def names(committee: dict[str, Any]) -> dict[str, Any]:
    """Give a committee with the names that people choose from."""
    people = cast.people
    members = [{**one, "utente": people[one["utente"]].name} for one in committee["membri"]]
    return {
        "membri": members,
        "presidente": people[committee["presidente"]].name,
        "segretario": people[committee["segretario"]].name,
        "atto": committee["atto"],
    }


def fill_sheet(typist: Typist, sheet: dict[str, Any]) -> None:
    """Type the scores and reasons, one criterion after the other, unfolding each."""
    for number, row in enumerate(sheet["punteggi"]):
        card = typist.page.locator(".field-card").nth(number)
        if card.get_attribute("open") is None:
            card.locator("summary").click()
        typist.fill({"punteggio": row["punteggio"], "motivazione": row["motivazione"]}, f"punteggi.{number}")


def hand_in(watched: Any, person: str, sheet: dict[str, Any]) -> None:
    """Let a member hand in a sheet."""
    typist = log_in(watched, person)
    watched.open("/desk")
    typist.press('tbody th a:has-text("Scheda di valutazione")')
    fill_sheet(typist, sheet)
    typist.press()
    assert watched.page.locator("#problems").count() == 0, watched.page.inner_text("#problems")


def meets(watched: Any) -> None:
    """Let the secretariat record the session and sign the minutes."""
    typist, page = log_in(watched, "gaia"), watched.page
    watched.open("/desk")
    typist.press('tbody th a:has-text("Seduta del nucleo")')
    if page.locator(".task-free button").count():
        typist.press(".task-free button")
    text = page.inner_text("#fields")
    assert re.search(r"Totale da approvare:\s*78[.,]00", text)
    assert re.search(r"81[.,]00.*75[.,]67.*77[.,]33", text, re.DOTALL)
    watched.shot("review-5-seduta")
    assert violations(page) == []
    typist.fill({"data": "2023-06-14", "presenti": ["sara", "luca", "elena"], "decisione": "unanimita"})
    typist.press()
    assert page.locator("#problems").count() == 0, page.inner_text("#problems")
    watched.open("/desk")
    typist.press('tbody th a:has-text("Firma il verbale")')
    if page.locator(".task-free button").count():
        typist.press(".task-free button")
    typist.fill({"firmatario_cf": NOVACERA["verbale"]["firmatario_cf"]})
    typist.press("button[name=_sign]")
    watched.shot("review-6-verbale")
    typist.press()
    assert page.locator("#problems").count() == 0, page.inner_text("#problems")


def test_a_committee_scores_blind_meets_and_the_executive_decides(watched: Any, house: Any) -> None:
    case_id = do_task(watched, "hugo", "Nomina del nucleo", names(NOVACERA["nucleo"]), shot="review-1-nomina")
    sara, luca, elena = NOVACERA["schede"]
    typist = log_in(watched, "sara")
    page = watched.open("/desk")
    typist.press('tbody th a:has-text("Scheda di valutazione")')
    sheet = "/tasks/" + page.url.partition("/tasks/")[2]
    watched.shot("review-2-scheda")
    assert violations(page) == []
    typist.fill({"punteggi": [{"punteggio": 16}]})
    typist.press()
    assert "Il massimo per questo criterio è 15" in page.inner_text("#problems")
    fill_sheet(typist, sara["scheda"])
    expect(page.locator("#fields")).to_contain_text("81,00 su 100", timeout=20_000)
    watched.shot("review-3-totale")
    typist.press()
    assert page.locator("#problems").count() == 0, page.inner_text("#problems")

    for reader in ("luca", "hugo", "marta"):
        log_in(watched, reader)
        watched.open(sheet)
        assert "si potrà leggere quando sarà arrivato l'ultimo" in page.inner_text("main")
    watched.shot("review-4-ancora-chiusa")
    hand_in(watched, "luca", luca["scheda"])
    hand_in(watched, "elena", elena["scheda"])

    house.clock.set(at(2023, 6, 14, 10))
    meets(watched)
    do_task(watched, "carla", "Proposta motivata", dict(NOVACERA["proposta"]), shot="review-7-proposta")
    do_task(watched, "hugo", "Decisione", {"decisione": "approva_ammissione"}, shot="review-8-decisione")
    view = cases.view(house, case_id, cast.people["carla"])
    assert view.case.state == "ammessa_in_attesa_elenco"
    assert str(view.case.record["punteggio"]) == "78.00"
    log_in(watched, "ada")
    watched.open(f"/portal/cases/{case_id}")
    watched.shot("review-9-capofila")
    assert "78.00" not in page.inner_text("main")
    assert until(lambda: replay.case(house, case_id).equal)
    assert watched.errors == watched.violations == watched.foreign == []
