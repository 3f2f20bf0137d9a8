"""Pages that reach outside their form: findings that move while one types, a register that fills in, codes of a table."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from app.domain.actors import system
from app.services import cases, definitions, jobs, tasks
from app.services.submitted import of_task
from app.store.clock import FixedClock
from app.store.database import Database
from tests.browser import chain, live, trial
from tests.browser.live import too_wide, violations

pytestmark = pytest.mark.browser
novacera, imballaggi = "99000010167", "99000020158"


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: FixedClock) -> Iterator[Any]:
    made = live.house_on(database, tmp_path, clock, trial.persons)
    folder = live.root / "forms" / "tables"
    definitions.deploy(
        made, chain.bundle({f"tables/{p.name}": p.read_bytes() for p in folder.glob("*.csv")}), system
    )
    yield made


@pytest.fixture
def address(house: Any) -> Iterator[str]:
    with live.served(house) as served:
        yield served.address


def begun(house: Any) -> str:
    case = cases.start(house, "filiera", trial.ada)
    jobs.perform_handler(house, case.id, 1)
    return case.id


def opened(watched: Any, house: Any) -> tuple[Any, str]:
    case = begun(house)
    watched.log_in("ada")
    page = watched.open(f"/tasks/{case}/1")
    page.set_default_timeout(8000)
    return page, case


def cells(page: Any) -> list[str]:
    return page.locator("#findings tbody tr td:first-child").all_inner_texts()


def test_the_findings_move_with_what_is_typed_and_are_told_politely(watched: Any, house: Any) -> None:
    page, case = opened(watched, house)
    assert cells(page) == ["F01", "F02"]
    expect(page.locator(".findings-headline")).to_have_text("0 imprese su 3")
    news = page.locator("#findings-news")
    assert (news.get_attribute("role"), news.inner_text()) == ("status", "")
    page.locator('[name="partner.0.denominazione"]').press_sequentially("Malga")
    expect(page.locator(".findings-headline")).to_have_text("1 imprese su 3")  # the field still has the focus
    expect(news).to_have_text("1 imprese su 3")
    expect(page.locator('[name="partner.0.denominazione"]')).to_be_focused()
    for n in (1, 2):
        page.locator('[name=_add][value="partner"]').click()
        page.fill(f'[name="partner.{n}.denominazione"]', f"Malga {n}")
    expect(page.locator(".findings-headline")).to_have_text("3 imprese su 3")
    expect(page.locator("#findings table")).to_have_count(0)
    watched.shot("findings-live")
    page.fill('[name="partner.2.denominazione"]', "")
    expect(page.locator("#findings tbody tr")).to_have_count(1)
    assert cells(page) == ["F01"]
    assert violations(page) == []
    raw = tasks.view(house, f"{case}/1", trial.ada).values
    assert [row["denominazione"] for row in raw["partner"]] == ["Malga", "Malga 1", ""]
    assert (watched.violations, watched.errors) == ([], [])


def test_without_scripts_the_findings_move_with_each_save(watched_without_scripts: Any, house: Any) -> None:
    page, _ = opened(watched_without_scripts, house)
    assert cells(page) == ["F01", "F02"]
    page.fill('[name="partner.0.denominazione"]', "Malga")
    page.get_by_role("button", name="Salva la bozza").first.click()
    expect(page.locator(".findings-headline")).to_have_text("1 imprese su 3")
    page.locator('[name=_add][value="partner"]').click()
    page.fill('[name="partner.1.denominazione"]', "Malga 2")
    page.get_by_role("button", name="Salva la bozza").first.click()
    assert cells(page) == ["F01"]


def look_up(watched: Any, house: Any) -> tuple[Any, str]:
    page, case = opened(watched, house)
    page.fill('[name="partner.0.piva"]', novacera)
    page.fill('[name="partner.0.rea"]', "MI-1")
    page.get_by_role("button", name="Compila dal registro imprese").first.click()
    expect(page.locator('[name="partner.0.denominazione"]')).to_have_value("Novacera Polimeri Demo S.r.l.")
    return page, case


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_register_fills_what_is_empty_and_says_where_it_differs(
    watched: Any, watched_without_scripts: Any, house: Any, scripts: bool
) -> None:
    page, case = look_up(watched if scripts else watched_without_scripts, house)
    assert page.locator('[name="partner.0.rea"]').input_value() == "MI-1"
    source = "Registro imprese (simulato), 08/05/2023"
    expect(page.locator("#f-partner-0-denominazione-notes")).to_have_text(
        f"{source}: Novacera Polimeri Demo S.r.l."
    )
    expect(page.locator("#f-partner-0-rea-notes")).to_contain_text(f"{source} dice altro: BG-9900001")
    expect(page.locator("#f-partner-0-registro-hint")).to_contain_text(f"{source}: trovata")
    assert "f-partner-0-rea-notes" in page.locator('[name="partner.0.rea"]').get_attribute("aria-describedby")
    page.reload()
    expect(page.locator("#f-partner-0-rea-notes")).to_contain_text("BG-9900001")
    if scripts:
        watched.shot("register-filled")
        assert violations(page) == []
        assert not too_wide(page)
        page.fill('[name="partner.0.rea"]', "BG-9900001")
        page.locator('[name="partner.0.rea"]').blur()
        expect(page.locator("#f-partner-0-rea-notes")).to_have_text(f"{source}: BG-9900001")
    page.get_by_role("button", name=re.compile("^(Invia|Completa)")).first.click()
    expect(page.locator("body")).to_contain_text("completata")
    sent = of_task(house, f"{case}/1", trial.bruno)
    assert sent.values["partner"][0]["registro"]["valori"]["rea"] == "BG-9900001"
    assert sent.values["partner"][0]["registro"]["modalita"] == "simulato"


def test_the_officer_reads_what_the_register_said_beside_the_answers(watched: Any, house: Any) -> None:
    page, case = look_up(watched, house)
    page.get_by_role("button", name=re.compile("^(Invia|Completa)")).first.click()
    expect(page.locator("body")).to_contain_text("completata")
    page.goto(f"{watched.address}/cases/{case}")
    page.context.clear_cookies()
    watched.log_in("bruno")
    page = watched.open(f"/tasks/{case}/2")
    page.locator(".recalled details summary").first.click()
    told = page.locator(".recalled")
    expect(told).to_contain_text("Registro imprese (simulato), 08/05/2023")
    expect(told).to_contain_text("BG-9900001 (diverso)")
    watched.shot("register-officer")


def test_a_register_that_fails_later_does_not_take_away_what_it_said_before(watched: Any, house: Any) -> None:
    page, _ = look_up(watched, house)
    stopped = house.ledger / "registro_imprese" / "fermo"
    stopped.parent.mkdir(parents=True)
    stopped.touch()
    page.get_by_role("button", name="Compila dal registro imprese").first.click()
    expect(page.locator("body")).to_contain_text("il registro ora non risponde")
    expect(page.locator("#f-partner-0-rea-notes")).to_contain_text("BG-9900001")


def test_a_register_that_is_down_or_knows_nothing_stops_nobody(watched: Any, house: Any) -> None:
    page, _ = opened(watched, house)
    stopped = house.ledger / "registro_imprese" / "fermo"
    stopped.parent.mkdir(parents=True)
    stopped.touch()
    page.fill('[name="partner.0.piva"]', novacera)
    page.fill('[name="partner.0.indirizzo"]', "Via mia 1")
    page.get_by_role("button", name="Compila dal registro imprese").first.click()
    expect(page.locator("#f-partner-0-registro-hint")).to_contain_text("il registro ora non risponde")
    assert page.locator('[name="partner.0.indirizzo"]').input_value() == "Via mia 1"
    watched.shot("register-down")
    stopped.unlink()
    page.fill('[name="partner.0.piva"]', "99000380156")
    page.get_by_role("button", name="Compila dal registro imprese").first.click()
    expect(page.locator("#f-partner-0-registro-hint")).to_contain_text("nessun risultato per 99000380156")
    page.fill('[name="partner.0.piva"]', "123")
    page.get_by_role("button", name="Compila dal registro imprese").first.click()
    expect(page.locator("#f-partner-0-piva-error")).to_contain_text("11 cifre")
    page.fill('[name="partner.0.piva"]', "")
    page.get_by_role("button", name="Compila dal registro imprese").first.click()
    expect(page.locator("#f-partner-0-piva-error")).to_contain_text("Scrivi prima il codice")
    assert page.locator('[name="partner.0.indirizzo"]').input_value() == "Via mia 1"


def test_who_asks_too_often_is_told_so_and_loses_nothing(
    watched_without_scripts: Any, house: Any, monkeypatch: Any
) -> None:
    from app.web import lookups

    monkeypatch.setattr(lookups, "most", "1/minute")
    with live.served(house) as served:
        watched_without_scripts.address = served.address
        page, case = opened(watched_without_scripts, house)
        page.fill('[name="partner.0.piva"]', novacera)
        page.get_by_role("button", name="Compila dal registro imprese").first.click()
        expect(page.locator('[name="partner.0.rea"]')).to_have_value("BG-9900001")
        page.fill('[name="partner.0.indirizzo"]', "Via mia 1")
        page.get_by_role("button", name="Compila dal registro imprese").first.click()
        expect(page.locator("#f-partner-0-piva-error")).to_contain_text("troppe volte")
        assert page.locator('[name="partner.0.indirizzo"]').input_value() == "Via mia 1"
    assert tasks.view(house, f"{case}/1", trial.ada).values["partner"][0]["indirizzo"] == "Via mia 1"


def test_what_the_process_asked_beforehand_begins_the_field_and_is_told(watched: Any, house: Any) -> None:
    page, _ = opened(watched, house)
    assert page.locator('[name="prima"]').input_value() == "Imballaggi Fantasia S.p.A."
    expect(page.locator("#f-prima-notes")).to_have_text(
        "Registro imprese (simulato), 08/05/2023: Imballaggi Fantasia S.p.A."
    )
    page.fill('[name="prima"]', "Altra")
    page.locator('[name="prima"]').blur()
    expect(page.locator("#f-prima-notes")).to_contain_text("dice altro: Imballaggi Fantasia S.p.A.")


def test_a_code_of_the_wrong_version_is_refused_and_the_right_one_is_offered(
    watched: Any, house: Any
) -> None:
    page, _ = opened(watched, house)
    page.select_option('[name="settore.versione"]', "2025")
    page.fill('[name="settore.codice"]', "25.73")
    page.get_by_role("button", name=re.compile("^(Invia|Completa)")).first.click()
    expect(page.locator("#f-settore-codice-error")).to_contain_text(
        "25.73 non c'è. È in ATECO 2007, «Fabbricazione di utensileria»"
    )
    watched.shot("ateco-wrong")
    page.fill('[name="settore.codice"]', "")
    page.locator('[name="settore.codice"]').press_sequentially("utensileria")
    expect(page.locator("#f-settore-codice-codes option").first).to_have_attribute("value", "25.63")
    page.fill('[name="settore.codice"]', "25.63")
    page.locator('[name="settore.codice"]').blur()
    expect(page.locator("#f-settore-codice-notes")).to_have_text("Fabbricazione di utensileria")
    assert violations(page) == []
    assert (watched.violations, watched.errors) == ([], [])


def test_codes_are_given_to_those_who_may_see_the_task_and_no_others(client_of: Any, house: Any) -> None:
    case = begun(house)
    asked = f"/tasks/{case}/1/codes?field=settore.codice&by=2007&q=25.73"
    log_in = client_of
    assert log_in("zeno").get(asked).status_code == 404
    ada = log_in("ada")
    assert ada.get(asked).json["codes"][0] == {"code": "25.73", "title": "Fabbricazione di utensileria"}
    for strange in ("field=settore.codice&by=1999&q=25", "field=niente&q=25", "field=partner.0.piva&q=9", ""):
        assert ada.get(f"/tasks/{case}/1/codes?{strange}").json == {"codes": []}
