"""Decree and list in a browser: each form as its officer sees it, wide and narrow, and the list that everybody reads."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain.actors import system
from app.services import cases, definitions, publications
from app.store.clock import HouseClock
from app.store.database import Database
from app.testing.clock import settle
from app.testing.faults import Faults
from app.testing.player import perform
from app.testing.stories import read_story
from tests.browser import live
from tests.browser.test_main_job import at, cast, log_in, told

pytestmark = pytest.mark.browser
SIGNED = {"esito": "firma", "firmatario": "Hugo Simulati", "firmatario_cf": "SMLHGU66B25Z999A"}


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[Any]:
    """A house without a worker: the test lets it settle after each step."""
    clock = HouseClock(database, demo=True)
    clock.set(at(2022, 3, 1, 10))
    made = live.house_on(database, tmp_path, clock, list(cast.people.values()))
    made = replace(made, handlers=Faults(made.handlers))
    definitions.deploy_shipped(made, system)
    return made


@pytest.fixture
def address(house: Any) -> Iterator[str]:
    with live.served(house) as served:
        yield served.address


def look(watched: Any, name: str) -> None:
    """Keep pictures of a page at both widths, and let nothing be cut off or unreadable for anybody."""
    for width in (320, 1280):
        watched.page.set_viewport_size({"width": width, "height": 900})
        watched.shot(f"{name}-{width}")
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
    assert live.violations(watched.page) == [], name


def do(watched: Any, house: Any, case_id: str, person: str, values: dict[str, Any], shot: str = "") -> None:
    """Fill and complete the open task of a case as a person; a signature that is asked is made by the simulator."""
    (task,) = [t for t in cases.view(house, case_id, system).tasks if t.state == "open"]
    typist = log_in(watched, person)
    page = watched.open(f"/tasks/{task.id}")
    if page.locator(".task-free button").count():
        typist.press(".task-free button")
    typist.fill(values)
    if page.locator("button[name=_sign]:visible").count():
        typist.press("button[name=_sign]")
    if shot:
        look(watched, shot)
    typist.press()
    assert page.locator("#problems").count() == 0, page.inner_text("#problems")
    settle(house)


def test_a_list_is_prepared_decreed_signed_and_read_by_everybody(watched: Any, house: Any) -> None:
    story = read_story(told / "f1_istruttoria/scenarios/ammessa.toml", "f1_istruttoria")
    edition = perform(house, story, cast).named["edizione"]
    case = cases.start(house, "f1_elenco", cast.people["carla"], under=edition).id
    do(watched, house, case, "dario", {}, shot="elenco-1-prepara")
    do(watched, house, case, "carla", {"esito": "conferma"}, shot="elenco-2-conferma")
    do(watched, house, case, "dario", {}, shot="elenco-3-redigi")
    why = "Manca il richiamo alla composizione del partenariato"
    do(watched, house, case, "carla", {"esito": "rinvia", "motivo": why}, shot="elenco-4-verifica")
    do(watched, house, case, "dario", {}, shot="elenco-5-rinviato")
    do(watched, house, case, "carla", {"esito": "conferma"})
    house.clock.set(at(2023, 6, 28, 10))
    do(watched, house, case, "hugo", SIGNED, shot="elenco-6-firma")
    assert cases.view(house, case, system).case.state == "pubblicato"
    (version,) = publications.versions(house, "elenco-filiere")
    assert version.number == 5

    page = watched.open("/publications/elenco-filiere")
    said = page.inner_text("main")
    for part in ("Novacera Polimeri Demo S.r.l.", "Versione 5", "pubblicate altrove", "prima versione qui"):
        assert part in said, part
    assert "DMRDAA75C54Z999S" not in page.content()
    look(watched, "elenco-7-pubblico")
    page.fill("#q", "nessuna così")
    with page.expect_navigation():
        page.locator(".desk-search button").click()
    assert "Novacera Polimeri" not in page.inner_text("main")
    look(watched, "elenco-8-vuoto")
    assert watched.errors == watched.violations == watched.foreign == []


@pytest.mark.long
def test_a_decree_that_spends_has_its_visa_and_a_bulletin_that_is_down_is_decided_on(
    watched: Any, house: Any
) -> None:
    act = read_story(told / "sub_decreto/scenarios/adottato.toml", "sub_decreto").data["atti"]["bando"]
    house.handlers.plan("burl.pubblica", "burl.non_disponibile", 3)
    house.clock.set(at(2024, 5, 10, 9))
    given = {"atto": act, "spesa": True, "tentativi_burl": 1}
    case = cases.start(house, "sub_decreto", system, variables=given).id
    do(watched, house, case, "dario", {})
    do(watched, house, case, "carla", {"esito": "conferma"})
    visa = {"esito": "rilasciato", "capitolo": "14.01.104.1", "impegno": "2024/1042"}
    do(watched, house, case, "teresa", visa, shot="decreto-1-visto")
    do(watched, house, case, "hugo", SIGNED, shot="decreto-2-firma")
    late = {"esito": "in_ritardo", "motivo": "Il bollettino riapre lunedì: la pubblicazione seguirà"}
    do(watched, house, case, "dario", late, shot="decreto-3-in-ritardo")
    assert cases.view(house, case, system).case.state == "adottato"
    log_in(watched, "dario")
    watched.open(f"/cases/{case}/documents")
    look(watched, "decreto-4-documenti")
    assert watched.errors == watched.violations == watched.foreign == []
