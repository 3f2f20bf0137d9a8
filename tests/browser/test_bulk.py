"""Bulk work, the query line, saved filters, and what stands beside a form, in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from app.domain.actors import system
from app.domain.bundles import Bundle
from app.services import definitions, documents, tasks
from app.store.clock import FixedClock
from app.store.database import Database
from app.testing.papers import made_up
from tests.browser import live, trial
from tests.browser.live import begun, too_wide, violations
from tests.integration.services.test_decided import DMN

pytestmark = pytest.mark.browser
DECIDED = """<bpmn:sequenceFlow id="f4" sourceRef="UT_esame" targetRef="GW"/>
  <bpmn:exclusiveGateway id="GW" default="f6"/><bpmn:userTask id="UT_atto" name="Prepara l'atto"/>
  <bpmn:sequenceFlow id="f5" sourceRef="GW" targetRef="UT_atto"><bpmn:conditionExpression>esame.esito = "ammessa"</bpmn:conditionExpression></bpmn:sequenceFlow>
  <bpmn:sequenceFlow id="f6" sourceRef="GW" targetRef="EE_no"/><bpmn:endEvent id="EE_no" name="Respinta"/>
  <bpmn:sequenceFlow id="f7" sourceRef="UT_atto" targetRef="EE"/>"""


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: FixedClock) -> Iterator[Any]:
    with live.trial_house(database, tmp_path, clock) as made:
        yield made


@pytest.fixture
def address(house: Any) -> Iterator[str]:
    with live.served(house) as served:
        yield served.address


RULED = """<bpmn:sequenceFlow id="f3" sourceRef="UT_domanda" targetRef="BR"/>
  <bpmn:businessRuleTask id="BR" name="Conta" pratica:decision="d_numero" pratica:result="numero"><bpmn:extensionElements>
  <pratica:input name="imprese" value="count(domanda.partner)"/></bpmn:extensionElements></bpmn:businessRuleTask>
  <bpmn:sequenceFlow id="f3b" sourceRef="BR" targetRef="UT_esame"/>"""


def deploy_decided(house: Any, *, ruled: bool = False) -> None:
    """Deploy the trial process with a choice behind its last task, and `ruled` with a decision before it."""
    last = '<bpmn:sequenceFlow id="f4" sourceRef="UT_esame" targetRef="EE"/>'
    files = dict(trial.bundle.files)
    drawn = files["contributo.bpmn"].decode().replace(last, DECIDED)
    lane = "<bpmn:flowNodeRef>UT_esame"
    drawn = drawn.replace(lane, f"<bpmn:flowNodeRef>UT_atto</bpmn:flowNodeRef>{lane}")
    if ruled:
        before = '<bpmn:sequenceFlow id="f3" sourceRef="UT_domanda" targetRef="UT_esame"/>'
        drawn, files["d_numero.dmn"] = drawn.replace(before, RULED), DMN
    files["contributo.bpmn"] = drawn.encode()
    definitions.deploy(house, Bundle("contributo", files), system)


def select_all(page: Any) -> None:
    for box in page.locator("tbody .desk-tick input").all():
        box.check()


def test_a_selection_is_looked_at_assigned_and_taken_back(watched: Any, house: Any) -> None:
    ids = [begun(house, filed=True) for _ in range(3)]
    tasks.claim(house, f"{ids[2]}/3", trial.carla)
    watched.log_in("bruno")
    page = watched.open("/desk")
    page.locator("thead .desk-tick input").check()
    expect(page.locator("#selected")).to_have_text("2 attività selezionate")
    watched.shot("bulk-selected")
    page.select_option("#bulk-to", "carla")
    page.locator("#bar button[value=assign]").click()
    expect(page.locator("#reason-error")).to_be_visible()
    assert page.locator("#to").input_value() == "carla"
    assert violations(page) == []
    page.fill("#reason", "Ferie di Bruno")
    page.locator("main form button", has_text="Guarda di nuovo").click()
    tasks.claim(house, f"{ids[1]}/3", trial.erika)
    text = page.inner_text("main")
    assert "2 attività passano di mano" in text
    assert ids[0] in text
    watched.shot("bulk-preview")
    assert violations(page) == []
    page.locator(".pr-actions .btn-primary").click()
    page.wait_for_url("**/desk/bulk/**")
    watched.shot("bulk-done")
    text = page.inner_text("main")
    assert "Fatto con 1 attività" in text
    assert "Nel frattempo" not in text
    assert "Erika Reeve" in text or "passata di mano" in text
    assert tasks.view(house, f"{ids[0]}/3", trial.bruno).task.assignee == "carla"
    assert violations(page) == []
    page.locator("main form button", has_text="Annulla").click()
    expect(page.locator(".alert-info")).to_be_visible()
    watched.shot("bulk-undone")
    assert tasks.view(house, f"{ids[0]}/3", trial.bruno).task.assignee is None
    page.set_viewport_size({"width": 320, "height": 700})
    assert not too_wide(page)
    assert watched.errors == watched.violations == []


def test_without_scripts_a_selection_is_claimed(watched_without_scripts: Any, house: Any) -> None:
    ids = [begun(house, filed=True) for _ in range(2)]
    watched_without_scripts.log_in("bruno")
    page = watched_without_scripts.open("/desk")
    page.locator("#bar button[value=claim]").click()
    expect(page.locator(".alert-warning")).to_be_visible()
    select_all(page)
    page.locator("#bar button[value=claim]").click()
    page.locator(".pr-actions .btn-primary").click()
    page.wait_for_url("**/desk/bulk/**")
    watched_without_scripts.shot("bulk-no-scripts")
    assert [tasks.view(house, f"{one}/3", trial.bruno).task.assignee for one in ids] == ["bruno", "bruno"]


def test_a_line_that_is_not_understood_says_why_and_keeps_its_text(watched: Any, house: Any) -> None:
    case_id = begun(house, filed=True)
    watched.log_in("bruno")
    page = watched.open("/desk")
    page.fill("#q", "gruppo:istruttore scadenza:domani")
    page.keyboard.press("Enter")
    expect(page.locator("#q-error")).to_contain_text("scadenza:domani")
    assert page.input_value("#q") == "gruppo:istruttore scadenza:domani"
    assert page.locator("tbody tr").count() == 0
    assert violations(page) == []
    watched.shot("desk-line-refused")
    page.fill("#q", "gruppo:istruttore scadenza:<7g richiedente:ada")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert case_id in page.inner_text("tbody")
    page.fill("#q", "richiedente:nessuno")
    page.keyboard.press("Enter")
    expect(page.locator(".pr-empty")).to_be_visible()


def test_filters_and_columns_are_kept_and_shared(watched: Any, house: Any, browser: Any) -> None:
    begun(house, filed=True)
    watched.log_in("bruno")
    page = watched.open("/desk?scope=due&columns=process&columns=due")
    assert page.locator("thead th").all_inner_texts()[2:4] == ["Entro quando ↑", "Procedimento"]
    page.locator(".desk-tools details").nth(2).locator("summary").click()
    page.fill("#keep-name", "In scadenza")
    page.select_option("#keep-shared", "istruttore")
    page.locator(".desk-keep button").click()
    expect(page.locator(".desk-saved a")).to_have_text("In scadenza")
    watched.shot("desk-saved")
    assert violations(page) == []
    other = type(watched)(browser.new_context(viewport={"width": 1280, "height": 900}), watched.address)
    other.log_in("erika")
    page = other.open("/desk")
    page.locator(".desk-saved a").click()
    assert "scope=due" in page.url
    assert "Bruno Istrice" in page.inner_text(".desk-saved")
    assert page.locator("thead th").all_inner_texts()[2:4] == ["By when ↑", "Process"]
    assert page.locator(".desk-saved button").count() == 0
    page.context.close()


def test_keys_select_and_help(watched: Any, house: Any) -> None:
    begun(house, filed=True)
    watched.log_in("bruno")
    page = watched.open("/desk")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#selected")).to_have_text("1 attività selezionata")
    page.keyboard.press("?")
    expect(page.locator("#q-help kbd").first).to_be_visible()
    watched.shot("desk-keys")


def test_a_task_says_where_each_outcome_leads(watched: Any, house: Any) -> None:
    deploy_decided(house)
    case_id = begun(house, filed=True)
    watched.log_in("erika")
    page = watched.open(f"/tasks/{case_id}/3")
    told = page.inner_text(".side-outcomes")
    assert "What each outcome leads to" in told
    assert "Admitted" in told
    assert "task: Prepara l'atto" in told
    assert "it ends: Respinta" in told
    watched.shot("task-outcomes")
    assert violations(page) == []


def test_a_document_opens_beside_the_form_and_what_is_typed_stays(watched: Any, house: Any) -> None:
    case_id = begun(house, filed=True)
    documents.add(house, case_id, "visura.pdf", made_up("Visura camerale"), trial.ada)
    watched.log_in("bruno")
    page = watched.open(f"/tasks/{case_id}/3")
    page.fill("[name=motivo]", "Lo scrivo mentre leggo.")
    with page.expect_response(lambda answer: answer.url.endswith("/view")) as got:
        page.locator("a[data-beside]", has_text="visura.pdf").click()
    assert got.value.status == 200
    headers = got.value.all_headers()
    assert headers["content-disposition"].startswith("inline")
    assert "default-src 'none'" in headers["content-security-policy"]
    expect(page.locator("#reader iframe")).to_be_visible()
    expect(page.locator("#reader-title")).to_be_focused()
    page.wait_for_timeout(1500)
    watched.shot("task-beside")
    assert page.input_value("[name=motivo]") == "Lo scrivo mentre leggo."
    assert violations(page) == []
    page.locator("#reader-close").click()
    expect(page.locator("#reader")).to_be_hidden()
    assert page.input_value("[name=motivo]") == "Lo scrivo mentre leggo."
    assert watched.errors == watched.violations == []


def test_only_what_runs_nothing_is_shown_and_only_to_who_may_see_it(watched: Any, house: Any) -> None:
    case_id = begun(house, filed=True)
    with house.database.unit_of_work(house.clock, house.blobs) as uow:
        uow.lock_case(case_id)
        page_of_script = uow.add_document(case_id, "a.html", "text/html", b"<script>1</script>", "ada")
        drawing = uow.add_document(case_id, "a.svg", "image/svg+xml", b"<svg/>", "ada")
    watched.log_in("bruno")
    request = watched.page.request
    for one in (page_of_script, drawing):
        answer = request.get(f"{watched.address}/documents/{one.id}/view")
        assert answer.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["content-security-policy"]
    watched.open("/desk")
    watched.page.locator("form[action$=logout] button").click()
    watched.log_in("zeno")
    assert request.get(f"{watched.address}/documents/{drawing.id}/view").status == 404


def test_decisions_stand_beside_the_form_with_their_reasons(watched: Any, house: Any) -> None:
    deploy_decided(house, ruled=True)
    case_id = begun(house, filed=True)
    watched.log_in("bruno")
    page = watched.open(f"/tasks/{case_id}/3")
    beside = page.locator(".side", has_text="Sono poche (art. 4)")
    expect(beside).to_have_count(1)
    watched.shot("task-decisions")
    beside.locator("a").first.click()
    page.wait_for_url("**/decisions#e*")
    expect(page.locator("tr.pr-hit").first).to_contain_text("Sono poche (art. 4)")
    assert violations(page) == []
