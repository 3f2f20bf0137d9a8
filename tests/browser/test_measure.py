"""A measure, as people do it: defined, approved, announced; its window opens and closes by the clock, and leads are invited."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from app.domain.actors import system
from app.services import cases, definitions, publications, replay
from app.services.house import House
from app.store.clock import HouseClock
from app.store.database import Database
from app.testing import player
from app.testing.clock import travel
from app.testing.stories import read_story
from tests.browser import live
from tests.browser.live import too_wide, violations
from tests.browser.test_main_job import Typist, at, cast, data, do_task, log_in, rome, told, until

pytestmark = [pytest.mark.browser, pytest.mark.long]
measure = data("f2_misura", "misure")
LIST = "elenco-filiere"


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    """A house on 18 March 2024 with two partnerships on the list, one of them put there by this test, and a worker."""
    clock = HouseClock(database, demo=True)
    made = live.house_on(database, tmp_path, clock, list(cast.people.values()))
    definitions.deploy_shipped(made, system)
    story = read_story(told / "f1_presentazione/scenarios/dimostrazione.toml", "f1_presentazione")
    clock.set(story.starts)
    stage = player.perform(made, story, cast)
    list_too(made, stage.named["filo"])
    travel(made, clock, at(2024, 3, 18, 10))
    with live.working(made):
        yield made


def list_too(house: House, case_id: str) -> None:
    """Publish the next version of the list with one more partnership: how it came there is told elsewhere."""
    last = publications.latest(house, LIST)
    assert last
    body = json.loads(last.body)
    row = {
        **body["righe"][0],
        "case_id": case_id,
        "titolo": "FILO D'ARIA",
        "capofila": "Filo d'Aria Demo S.r.l.",
    }
    body["righe"].append(row)
    with house.database.unit_of_work(house.clock, house.blobs) as uow:
        uow.publish(LIST, json.dumps(body).encode())


@pytest.fixture
def address(house: House) -> Iterator[str]:
    with live.served(house) as served:
        yield served.address


def typed(values: dict[str, Any], *names: str) -> dict[str, Any]:
    """Give some of the values, instants as a browser's field takes them."""
    chosen = {name: values[name] for name in names if name in values}
    return {k: f"{v:%Y-%m-%dT%H:%M}" if isinstance(v, datetime) else v for k, v in chosen.items()}


STEPS = {
    "Misura e atti": ("codice", "titolo", "dgr_riferimenti", "gestore", "procedura", "ambiti"),
    "Risorse e aiuto": (
        "dotazione", "contributo_max", "spesa_min", "min_imprese", "intensita", "regime", "riduzione_de_minimis",
        "scoring_spese_ammissibili",
    ),
    "Criteri e punteggi": ("criteri", "soglia", "premialita"),
    "Finestra e termini": ("apertura", "chiusura", "giorni_accettazione", "termine_giorni", "aperta_a_non_riconosciute"),
}  # fmt: skip


def define(watched: Any) -> str:
    """Fill in the definition, first with weights that sum to 99 and an opening that is past; gives the case's number."""
    typist = log_in(watched, "carla")
    page = watched.open("/desk")
    typist.press(".desk-own li:has-text('Misura') button")
    case_id = str(page.url.split("/")[-2])
    wrong = {**measure["demo"], "apertura": at(2024, 3, 1, 10).astimezone(rome)}
    wrong["criteri"] = [dict(one) for one in wrong["criteri"]]
    wrong["criteri"][0]["max"] = 9
    for number, (step, names) in enumerate(STEPS.items()):
        if number:
            typist.step(step)
        typist.fill(typed(wrong, *names))
        watched.shot(f"measure-1-{number}")
    typist.step("Riepilogo")
    typist.press()
    expect(page.locator("#problems")).to_contain_text("I pesi dei criteri devono fare 100")
    watched.shot("measure-2-pesi-99")
    assert violations(page) == []
    typist.step("Criteri")
    page.locator("summary", has_text="C1").first.click()
    typist.fill({"criteri": [{"max": 10}]})
    typist.step("Riepilogo")
    typist.press()
    until(lambda: any(t.number == 2 for t in cases.view(watched.house, case_id, system).tasks))
    page = watched.open(f"/tasks/{case_id}/2")
    expect(page.locator("main")).to_contain_text("Da correggere dopo il controllo: Apertura")
    typist.step("Finestra")
    expect(page.locator("main")).to_contain_text("L'apertura è già passata")
    watched.shot("measure-3-apertura-passata")
    assert violations(page) == []
    assert page.locator('[name="giorni_accettazione"]').input_value() == "30"
    typist.fill(typed(measure["demo"], "apertura"))
    typist.step("Riepilogo")
    typist.press()
    assert page.locator("#problems").count() == 0, page.inner_text("#problems")
    return case_id


def sign_the_decree(watched: Any) -> None:
    typist = log_in(watched, "hugo")
    watched.open("/desk")
    typist.press('tbody th a:has-text("Firma il decreto")')
    typist.fill({k: v for k, v in measure["firma"].items() if k != "firma_file"})
    typist.press("button[name=_sign]")
    typist.press()
    assert watched.page.locator("#problems").count() == 0, watched.page.inner_text("#problems")


def state(house: House, case_id: str) -> str:
    return cases.view(house, case_id, system).case.state


def announce(watched: Any, house: Any, case_id: str) -> None:
    """Let the decree be drafted, checked, covered and signed, which announces the measure."""
    do_task(watched, "dario", "Redigi il decreto", {})
    until(lambda: any(t.element == "UT_verifica_rup" for t in cases.view(house, case_id, system).tasks))
    do_task(watched, "carla", "Verifica il decreto", {"esito": "conferma"})
    do_task(watched, "teresa", "Visto contabile", measure["visto"])
    sign_the_decree(watched)
    until(lambda: state(house, case_id) == "programmata")


def read_the_page(watched: Any) -> None:
    """Read the measure's page without an account, in both languages, on a narrow screen too."""
    watched.page.context.clear_cookies()
    page = watched.open("/")
    expect(page.locator("main")).to_contain_text("Misure")
    watched.shot("measure-7-home")
    assert violations(page) == []
    page.locator(f'a:has-text("{measure["demo"]["titolo"]}")').click()
    for text in (
        "03/06/2024 10:00:00",
        "15/07/2024 17:00:00",
        "21 giorni",
        "XII/9999",
        "600.000",
        "Innovatività",
    ):
        expect(page.locator("main")).to_contain_text(text)
    assert page.locator("table", has_text="Criteri e pesi").locator("tbody tr").count() == 6
    watched.shot("measure-8-pubblica")
    assert violations(page) == []
    with page.expect_download() as download:
        page.locator('main a:has-text("Deliberazione della Giunta")').click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    page.locator("button", has_text="English").click()
    expect(page.locator("main")).to_contain_text("Criteria and weights")
    expect(page.locator("main")).to_contain_text("600,000")
    narrow(watched, "measure-8c-320")
    page.locator("button", has_text="Italiano").click()


def narrow(watched: Any, shot: str) -> None:
    watched.page.set_viewport_size({"width": 320, "height": 700})
    assert not too_wide(watched.page)
    watched.shot(shot)
    watched.page.set_viewport_size({"width": 1280, "height": 900})


def read_the_invitation(watched: Any, lead: str) -> Typist:
    """Let a lead find the invitation on the portal and open it."""
    typist = log_in(watched, lead)
    page = until(lambda: invited(watched))
    watched.shot(f"measure-9-{lead}-portale")
    assert violations(page) == []
    typist.press('.mine-card:has-text("Leggi l\'invito") a.btn')
    expect(page.locator("main")).to_contain_text("è invitata alla misura")
    expect(page.locator("main")).to_contain_text("15/07/2024 17:00")
    watched.shot(f"measure-10-{lead}-invito")
    assert violations(page) == []
    return typist


def test_officials_define_a_measure_and_every_lead_on_the_list_is_invited(watched: Any, house: Any) -> None:
    watched.house = house
    case_id = define(watched)
    aiuti = {key: value for key, value in measure["aiuti"].items() if key != "esito"}
    do_task(watched, "hugo", "Regime di aiuto", aiuti, shot="measure-4-aiuti")
    do_task(watched, "hugo", "Proposta di deliberazione", measure["proposta"], shot="measure-5-proposta")
    house.clock.set(at(2024, 4, 22, 15))
    given = {**measure["approvata"], "data": "2024-04-22"}
    do_task(watched, "nives", "Registra l'esito", given, shot="measure-6-giunta")
    assert watched.open(f"/calls/{case_id}").locator("h1").inner_text() != measure["demo"]["titolo"]
    until(lambda: any(t.element == "UT_redigi" for t in cases.view(house, case_id, system).tasks))
    house.clock.set(at(2024, 5, 13, 10))
    announce(watched, house, case_id)
    read_the_page(watched)

    read_the_invitation(watched, "bruno")
    typist = read_the_invitation(watched, "ada")
    narrow(watched, "measure-10-320")
    typist.fill({"risposta": "interessata"})
    typist.press()
    assert typist.page.locator("#problems").count() == 0, typist.page.inner_text("#problems")
    watched.open("/portal/cases/FIL-2023-0001")
    expect(typist.page.locator("aside")).to_contain_text("Cambia la risposta all'invito")
    watched.shot("measure-11-risposta")

    house.clock.set(at(2024, 6, 3, 9, 59))
    assert state(house, case_id) == "programmata"
    house.clock.set(at(2024, 6, 3, 10))
    until(lambda: state(house, case_id) == "aperta")
    expect(watched.open(f"/calls/{case_id}").locator("main")).to_contain_text("La finestra è aperta")
    house.clock.set(at(2024, 7, 15, 17))
    until(lambda: state(house, case_id) == "chiusa")
    expect(watched.open(f"/calls/{case_id}").locator("main")).to_contain_text("La finestra si è chiusa")
    watched.shot("measure-12-chiusa")
    until(lambda: not open_invitations(house))
    record = cases.view(house, case_id, system).case.record
    assert (record["aperta_alle"] >= at(2024, 6, 3, 10), record["chiusa_alle"]) == (True, at(2024, 7, 15, 17))
    assert all(replay.case(house, one).equal for one in (case_id, "FIL-2023-0001", "FIL-2023-0002"))
    assert watched.errors == watched.violations == watched.foreign == []


def invited(watched: Any) -> Any:
    """Give the portal's page once the invitation stands there."""
    page = watched.open("/portal")
    return page if page.locator(".mine-card", has_text="Leggi l'invito").count() else None


def open_invitations(house: House) -> list[Any]:
    return [
        task
        for case_id in ("FIL-2023-0001", "FIL-2023-0002")
        for task in cases.view(house, case_id, system).tasks
        if task.state == "open" and task.element == "UT_invito"
    ]
