"""The list, as people do it: what was admitted is drafted, decreed and signed, published, and told to its lead."""

from typing import Any

import pytest

from app.services import cases, publications, replay
from app.testing.stories import read_story
from tests.browser import test_review_job
from tests.browser.test_main_job import at, cast, do_task, log_in, told, until

pytestmark = [pytest.mark.browser, pytest.mark.long]

BEGINS = read_story(told / "f1_istruttoria/scenarios/ammessa.toml", "f1_istruttoria")
house, address = test_review_job.house, test_review_job.address


def test_an_admitted_proposal_enters_the_list_by_decree(watched: Any, house: Any) -> None:
    case_id, ada = "FIL-2023-0001", cast.people["ada"]
    house.clock.set(at(2023, 6, 20, 10))
    typist = log_in(watched, "carla")
    watched.open("/desk")
    typist.press(".desk-own li:has-text('elenco') button")
    assert "ELE-2023-0001 è aperta: il prossimo passo è di altri" in watched.page.inner_text("main")
    assert watched.page.url.endswith("/desk")
    do_task(watched, "dario", "Controlla bozza e differenze", {}, shot="main-12-elenco")
    do_task(watched, "carla", "Conferma", {"esito": "conferma"})
    do_task(watched, "dario", "Redigi il decreto", {}, shot="main-13-redigi")
    do_task(watched, "carla", "Verifica il decreto", {"esito": "conferma"}, shot="main-13-verifica")
    house.clock.set(at(2023, 6, 28, 10))
    signed = {"esito": "firma", "firmatario": "Hugo Simulati", "firmatario_cf": "SMLHGU66B25Z999A"}
    do_task(watched, "hugo", "Firma il decreto", signed, shot="main-13-firma", sign=True)
    until(lambda: publications.latest(house, "elenco-filiere"))
    listed = watched.open("/publications/elenco-filiere")
    assert "Novacera Polimeri Demo S.r.l." in listed.inner_text("main")
    assert "Versione 5" in listed.inner_text("main")
    assert "pubblicate altrove" in listed.inner_text("main")
    watched.shot("main-13-elenco-pubblicato")
    log_in(watched, "ada")
    watched.open(f"/portal/cases/{case_id}")
    watched.shot("main-14-in-elenco")
    until(lambda: cases.view(house, case_id, ada).case.state == "in_elenco")
    assert replay.case(house, case_id).equal
    assert watched.errors == watched.violations == watched.foreign == []
