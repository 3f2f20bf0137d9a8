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

BEGINS = read_story(told / "f1_presentazione/scenarios/presentata.toml", "f1_presentazione")
NOVACERA = BEGINS.data["valutazioni"]["novacera"]


def played(database: Database, home: Path, story: Story) -> Any:
    """Play a story in a house."""
    clock = HouseClock(database, demo=True)
    clock.set(story.starts.astimezone(UTC))
    house = live.house_on(database, home, clock, list(cast.people.values()))
    definitions.deploy_shipped(house, system)
    perform(house, story, cast)
    return house


@pytest.fixture
def house(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Iterator[Any]:
    """A house in which the story `BEGINS` of the test's module was played, with a worker."""
    made = played(database, tmp_path, request.module.BEGINS)
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


def check(watched: Any) -> None:
    """Let the head of procedure assign the case, and the officer check it under the law's clock."""
    do_task(watched, "carla", "Assegna istruttore", {"istruttore": "Dario Prova"}, shot="review-0-rup")
    legal = "08/05/2023.*Giorni.*60.*Scadenza nominale.*07/07/2023.*Scadenza effettiva.*07/07/2023.*07/07/2023 23:59:59"
    verified = {
        "controlli": ["visure", "firme", "documenti"],
        "esito_istruttore": "ammissibile",
        "n_imprese_lombarde": 11,
    }
    until(lambda: "Verifica formale" in _desk(watched, "dario"))
    do_task(watched, "dario", "Verifica formale", verified, shot="review-0-istruttore", term=legal)


def _desk(watched: Any, person: str) -> str:
    log_in(watched, person)
    return str(watched.open("/desk").inner_text("main"))


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


def read_the_proposal(watched: Any, house: Any, case_id: str) -> None:
    """Let the executive read the officer's conclusion, and the proposal as it was sent, before deciding."""
    typist = log_in(watched, "hugo")
    page = watched.open("/desk")
    typist.press('tbody th a:has-text("Decisione")')
    conclusion = page.locator("table", has_text="La conclusione dell'istruttore").inner_text()
    assert re.search(r"Ammissibile\s+11\s+10", conclusion)
    assert "Banca o assicurazione" in page.inner_text("#fields")
    done = cases.view(house, case_id, cast.people["hugo"]).tasks
    sent_by = [t.id for t in done if t.form == "frm_proposta" and t.state == "completed"]
    watched.open(f"/tasks/{sent_by[-1]}")
    sent = page.inner_text(".sent")
    assert "Imballaggi Fantasia S.p.A." in sent
    assert "Novacera Polimeri Demo S.r.l." in sent.split("Cronoprogramma")[1].split("Relazione")[0]
    assert page.locator(".sent a", has_text="relazione.pdf").count() == 1
    assert violations(page) == []
    page.locator("button", has_text="English").click()
    expect(page.locator("h1")).to_have_text("The proposal: dossier, partners, agreement")
    page.locator("button", has_text="Italiano").click()
    expect(page.locator("h1")).to_have_text("La proposta: dossier, partner, accordo")


def test_a_committee_scores_blind_meets_and_the_executive_decides(watched: Any, house: Any) -> None:
    check(watched)
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
    read_the_proposal(watched, house, case_id)
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
