"""The partners' board in a real browser: each row with its state, its facts and what the lead can do about it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy
from playwright.sync_api import expect

from app.domain.actors import system
from app.services import cases, messages
from tests.browser import test_main_job
from tests.browser.live import too_wide, violations
from tests.browser.test_main_job import at, cast, log_in, meccatronica, nine_have_signed, silent, until

pytestmark = pytest.mark.browser
house = test_main_job.house
address = test_main_job.address
fausto = cast.people["fausto"]
awaited = next(p["denominazione"] for p in meccatronica["proposta"]["partner"] if p["cf"] == silent)


@pytest.fixture
def case_id(house: Any) -> Iterator[str]:
    """A proposal in whose partnership nine have signed and one is awaited."""
    house.clock.set(at(2023, 12, 1, 10))
    yield nine_have_signed(house)


def hub(house: Any, case_id: str, **more: str) -> str:
    found = cases.view(house, case_id, system).tasks
    task = next(t for t in found if t.state == "open" and t.element == "UT_proposta")
    query = "&".join(f"{key}={value}" for key, value in more.items())
    return f"/tasks/{case_id}/{task.number}?section=accordo_sezione{query and '&' + query}"


def reminders(house: Any, case_id: str) -> int:
    mail = next(p["pec"] for p in meccatronica["proposta"]["partner"] if p["cf"] == silent)
    told = [json.loads(path.read_text()) for path in (house.ledger / "pec").glob("[!.]*.json")]
    return len([t for t in told if t["a"] == mail and t["oggetto"].startswith("Promemoria")])


def waiting_rows(house: Any, case_id: str) -> list[Any]:
    return [o for o in messages.offered(house, case_id, fausto) if o.name == "sollecita_invito"]


def test_a_lead_reminds_and_revokes_from_the_row_and_what_was_typed_is_kept(
    watched: Any, house: Any, case_id: str
) -> None:
    log_in(watched, "fausto")
    page = watched.open(hub(house, case_id))
    row = page.locator(".board tbody tr", has=page.locator("th", has_text=awaited))
    expect(row.locator(".pr-badge")).to_have_text(re.compile("Invitata, in attesa"))
    expect(row).to_contain_text("L'invito scade il 21/12/2023 10:00. Nessun promemoria finora.")
    expect(row.locator("button")).to_have_text([re.compile("Sollecita ora"), re.compile("Revoca l'invito")])
    signed = page.locator(".board tr.board-success").first
    whole = signed.locator(".board-hash code").last
    expect(whole).to_be_hidden()
    signed.locator(".board-hash summary").press("Enter")
    expect(whole).to_have_text(re.compile("^[0-9a-f]{64}$"))
    expect(signed).to_contain_text("v1 · 01/12/2023")
    assert page.locator(".offers").count() == 0
    watched.shot("board-1-tavola")
    assert violations(page) == []

    page.locator('[name="impegni_economici.0.descrizione"]').fill("Macchine e prove di laboratorio")
    with page.expect_navigation():
        row.locator("button", has_text="Sollecita ora").click()
    assert "/messages/sollecita_invito" in page.url
    expect(page.locator("main")).to_contain_text(awaited)
    watched.shot("board-2-sollecita")
    assert violations(page) == []
    with page.expect_navigation():
        page.locator("main .btn-primary").click()
    assert re.search(r"/tasks/.*section=accordo_sezione#f-table_adesioni-\d+$", page.url)
    expect(page.locator(".pr-alert").first).to_contain_text(f"Sollecita ora ({awaited}): fatto")
    expect(page.locator('[name="impegni_economici.0.descrizione"]')).to_have_value(
        "Macchine e prove di laboratorio"
    )
    until(lambda: reminders(house, case_id) == 1)
    until(lambda: waiting_rows(house, case_id)[0].later)
    page.reload()
    expect(row).to_contain_text("Un promemoria inviato")
    expect(row).to_contain_text("si può di nuovo dal 02/12/2023")
    expect(row.locator("button", has_text="Sollecita ora")).to_have_count(0)
    watched.shot("board-3-sollecitato")
    page.goto(f"{watched.address}/cases/{case_id}/messages/sollecita_invito?key={case_id}/{silent}")
    expect(page.locator("main")).to_contain_text("Non ancora: Un promemoria è partito da meno di un giorno")


def test_a_lead_leaves_a_revocation_as_it_is_and_then_revokes(watched: Any, house: Any, case_id: str) -> None:
    log_in(watched, "fausto")
    page = watched.open(hub(house, case_id))
    row = page.locator(".board tbody tr", has=page.locator("th", has_text=awaited))
    with page.expect_navigation():
        row.locator("button", has_text="Revoca l'invito").click()
    with page.expect_navigation():
        page.locator("main a", has_text="Lascia tutto com'è").click()
    assert "section=accordo_sezione" in page.url
    with page.expect_navigation():
        row.locator("button", has_text="Revoca l'invito").click()
    with page.expect_navigation():
        page.locator("main .btn-primary").click()
    expect(page.locator(".form-problems")).to_be_visible()
    page.locator("textarea").fill("Un altro partner prende il suo posto")
    with page.expect_navigation():
        page.locator("main .btn-primary").click()
    expect(row.locator(".pr-badge")).to_have_text(re.compile("Invito revocato"))
    expect(row).to_contain_text("Un altro partner prende il suo posto")
    expect(row.locator("button")).to_have_count(0)
    page.locator("button", has_text="English").click()
    expect(row.locator(".pr-badge")).to_have_text(re.compile("Invitation revoked"))
    watched.shot("board-4-english")
    assert watched.errors == watched.violations == watched.foreign == []


def test_the_board_on_a_phone_without_scripts_on_paper_and_its_statements(
    watched: Any, house: Any, case_id: str
) -> None:
    log_in(watched, "fausto")
    path = hub(house, case_id)
    page = watched.open(path)
    page.set_viewport_size({"width": 320, "height": 800})
    assert not too_wide(page)
    assert violations(page) == []
    assert page.locator(".board button").first.bounding_box()["height"] >= 24
    watched.shot("board-5-320")
    page.emulate_media(media="print")
    expect(page.locator(".board")).to_be_visible()
    expect(page.locator(".board-hash code").nth(1)).to_be_visible()
    watched.shot("board-6-print")
    page.emulate_media(media="screen")

    cookies = page.context.cookies()
    plain = page.context.browser.new_context(
        java_script_enabled=False, viewport={"width": 1280, "height": 900}
    )
    plain.add_cookies(cookies)
    bare = plain.new_page()
    bare.goto(watched.address + path)
    bare.locator('[name="impegni_economici.0.descrizione"]').fill("Scritto senza script")
    bare.locator(".board button", has_text="Sollecita ora").click()
    bare.locator("main .btn-primary").click()
    assert "section=accordo_sezione" in bare.url
    assert bare.locator('[name="impegni_economici.0.descrizione"]').input_value() == "Scritto senza script"
    plain.close()
    until(lambda: reminders(house, case_id) == 1)

    sent: list[str] = []
    sqlalchemy.event.listen(
        house.database.engine, "before_cursor_execute", lambda *told: sent.append(told[2])
    )
    client = page.context.request

    def statements() -> int:
        sent.clear()
        assert client.get(watched.address + path).ok
        return len([text for text in sent if "procrastinate" not in text])

    def revocable() -> list[Any]:
        return [o for o in messages.offered(house, case_id, fausto) if o.name == "revoca_invito"]

    statements()
    many, before = statements(), revocable()
    for offer in before[-6:]:
        messages.send(house, case_id, offer.name, {"motivo": "Cambia il partenariato"}, fausto, offer.key)
    assert len(revocable()) == len(before) - 6
    statements()
    assert statements() == many
