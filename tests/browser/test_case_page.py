"""The page of a case: five lines, sections, sentences, decisions with the rows that hit, and the player."""

import re
from typing import Any

import pytest

from app.domain import events
from app.web.sentences import sentences


def test_the_overview_says_state_turn_and_date_in_five_lines(client_of: Any) -> None:
    page = client_of("ada").get("/cases/FIL-2023-0042").text
    facts = re.search(r'<dl class="pr-facts">(.*?)</dl>', page, re.DOTALL)
    assert facts
    assert facts[1].count("<dt>") == 5
    assert "Stai preparando la proposta" in facts[1]
    assert "Dati del partenariato" in facts[1]
    assert "06/11/2023" in facts[1]


@pytest.mark.parametrize(
    "section", ["tasks", "parties", "record", "documents", "decisions", "history", "diagram"]
)
def test_every_section_is_a_link_and_a_page_of_its_own(client_of: Any, section: str) -> None:
    client = client_of("bruno")
    assert f'href="/cases/FIL-2023-0042/{section}"' in client.get("/cases/FIL-2023-0042").text
    page = client.get(f"/cases/FIL-2023-0042/{section}")
    assert page.status_code == 200
    assert page.text.count("<h1") == 1


def test_the_record_stands_in_the_order_of_the_manifest(client_of: Any) -> None:
    page = client_of("bruno").get("/cases/FIL-2023-0042/record").text
    assert re.findall(r"<dt>(\w+)</dt>", page) == ["Titolo", "Province", "Importo", "Aperta"]
    assert "<dd>Bergamo, Sondrio</dd>" in page
    assert "<dd>1250000,50</dd>" in page


def test_a_decision_marks_the_row_that_hit_and_no_other(client_of: Any) -> None:
    page = client_of("bruno").get("/cases/FIL-2023-0042/decisions").text
    hits = re.findall(r'<tr class="pr-hit">\s*<th scope="row">(\d+)', page)
    assert hits == ["1", "1"]
    assert page.count("<tr") == (1 + 1) + (1 + 5)


def test_the_history_puts_what_followed_under_what_was_done(client_of: Any) -> None:
    page = client_of("ada").get("/cases/FIL-2023-0042/history").text
    third = re.search(r'<li id="e3".*?</ol>', page, re.DOTALL)
    assert third
    assert page.count('class="pr-input"') == 4
    assert 'id="e4"' not in page


def test_every_type_of_event_has_its_sentence() -> None:
    here = {name for name, _version in events.type_registry} - {"Input", "Consequence"}
    assert here == set(sentences)


def test_the_diagram_as_it_stood_at_a_step_is_a_page_of_its_own(client_of: Any) -> None:
    page = client_of("ada").get("/cases/FIL-2023-0042/diagram?seq=3").text
    picture = re.search(r"<svg[^>]*>.*</svg>\s*</div>", page, re.DOTALL)
    assert picture
    assert re.search(r'data-element-id="UT_anagrafica" class="element active"', picture[0])
    assert "style=" not in picture[0]
    later = client_of("ada").get("/cases/FIL-2023-0042/diagram").text
    assert re.search(r'data-element-id="UT_anagrafica" class="element done"', later)


def test_the_diagram_comes_as_it_was_deployed(client_of: Any) -> None:
    from paper import bundle

    answer = client_of("ada").get("/cases/FIL-2023-0042/instances/1/diagram.bpmn")
    assert answer.data == bundle.files["f1_presentazione.bpmn"]
    assert client_of("ada").get("/cases/FIL-2023-0042/instances/1/diagram.bpmn?file=../x").status_code == 404
    assert client_of("dora").get("/cases/FIL-2023-0042/instances/1/diagram.bpmn").status_code == 404


def test_an_operator_resolves_an_incident_with_a_reason_and_corrected_data(
    client_of: Any, house: Any
) -> None:
    client, address = client_of("olga"), "/admin/incidents/FIL-2023-0042/1"
    assert client.post(address, data={"reason": ""}).status_code == 422
    assert client.post(address, data={"reason": "riprova", "variables": "[1"}).status_code == 422
    assert client.post(address, data={"reason": "riprova", "variables": "[1]"}).status_code == 422
    assert house.said == []
    assert (
        client.post(address, data={"reason": "l'ospite è tornato", "variables": '{"x": 1.10}'}).status_code
        == 303
    )
    (told,) = house.said
    assert told[:4] == ("resolve", "FIL-2023-0042", 1, "l'ospite è tornato")
    assert str(told[4]["x"]) == "1.10"
    assert client.get("/admin/incidents/FIL-2023-0042/9").status_code == 404


def test_the_demonstration_clock_goes_on_by_leaps_or_to_a_civil_time(client_of: Any, house: Any) -> None:
    client = client_of("olga")
    client.post("/admin/clock", data={"leap": "day"})
    assert house.clock.time.isoformat() == "2023-11-07T09:00:07+00:00"
    client.post("/admin/clock", data={"to": "2023-12-01T17:00:00"})
    assert house.clock.time.isoformat() == "2023-12-01T17:00:00+01:00"
    client.post("/admin/clock", data={"to": "domani"})
    assert "Scrivi la data" in client.get("/admin").text
    assert house.clock.time.isoformat() == "2023-12-01T17:00:00+01:00"
    assert client_of("bruno").post("/admin/clock", data={"leap": "day"}).status_code == 403


@pytest.mark.browser
def test_the_player_steps_by_keyboard_and_marks_the_same_row_of_the_table(watched: Any) -> None:
    watched.log_in("ada")
    page = watched.open("/cases/FIL-2023-0042/diagram")
    assert page.locator("#viewer .pr-mark-active[data-element-id=UT_proposta]").count() == 1
    page.locator("#step").press("ArrowLeft")
    assert page.locator("#viewer .pr-mark-active[data-element-id=UT_anagrafica]").count() == 1
    assert page.locator("#viewer .pr-mark-active[data-element-id=UT_proposta]").count() == 0
    assert page.locator("tr[aria-current=step] th").inner_text() == "3"
    assert page.url.endswith("?instance=1&seq=3")
    page.locator("tr[data-frame='1'] a").click()
    assert page.locator("#step").input_value() == "1"
    taken = page.locator("#viewer [data-element-id=F_GW_finestra__SP_preparazione] .djs-visual > path")
    assert taken.evaluate("path => getComputedStyle(path).stroke") == "rgb(0, 89, 179)"


@pytest.mark.browser
def test_who_asks_for_less_motion_steps_by_hand(browser: Any, address: str) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{address}/login")
    page.locator("#login").fill("ada")
    page.locator("#password").fill("parola segreta")
    page.keyboard.press("Enter")
    page.wait_for_url("**/portal")
    page.goto(f"{address}/cases/FIL-2023-0042/diagram")
    page.locator(".bjs-powered-by").wait_for()
    assert page.locator("#play").is_hidden()
    assert page.locator("#forward").is_visible()
    context.close()
