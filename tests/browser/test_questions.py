"""Questions and answers in a real browser: a lead asks, the office answers, both in both languages; nothing typed is lost."""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from playwright.sync_api import expect

from app.definitions import bundle as bundles
from app.domain.actors import Actor, system
from app.domain.bundles import Bundle
from app.services import cases, definitions, messages, tasks, threads
from app.store.clock import FixedClock
from app.store.database import Database
from tests.browser import live
from tests.browser.live import too_wide, violations

pytestmark = pytest.mark.browser
ada = Actor("ada", "Ada Lamberti")
amy = Actor("amy", "Amy Leader", language="en")
bruno = Actor("bruno", "Bruno Istrice", groups=frozenset({"istruttore"}))
erika = Actor("erika", "Erika Reeve", groups=frozenset({"istruttore"}), language="en")
subject, question = "Sede di un partner", "Un partner trasferisce la sede: dobbiamo comunicarlo subito?"
answer = "No: si comunica quando il trasferimento è iscritto nel Registro delle imprese."
pdf = {"name": "visura.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 visura"}

BPMN = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t" id="d">
 <bpmn:process id="proposta" isExecutable="true">
  <bpmn:laneSet id="ls"><bpmn:lane id="l1" name="istruttore"><bpmn:flowNodeRef>UT_esame</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
  <bpmn:startEvent id="SE"/><bpmn:userTask id="UT_esame" name="Esame"/><bpmn:endEvent id="EE"/>
  <bpmn:sequenceFlow id="f1" sourceRef="SE" targetRef="UT_esame"/><bpmn:sequenceFlow id="f2" sourceRef="UT_esame" targetRef="EE"/>
 </bpmn:process></bpmn:definitions>"""
MANIFEST = """
[process]
id = "proposta"
kind = "proposal"
title = {it = "Proposta", en = "Proposal"}
[start]
who = "anyone"
role = "capofila"
[lanes]
capofila = {kind = "case_role", it = "Capofila", en = "Lead"}
istruttore = {kind = "office", it = "Istruttore", en = "Case officer"}
[case]
title = "titolo"
prefix = "FIL"
[states.in_istruttoria]
office = {it = "In istruttoria", en = "In review"}
applicant = {it = "Stiamo controllando", en = "We are checking"}
[states.chiusa]
office = {it = "Chiusa", en = "Closed"}
applicant = {it = "La proposta è chiusa", en = "The proposal is closed"}
[reached]
UT_esame = "in_istruttoria"
EE = "chiusa"
"""


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: FixedClock) -> Iterator[Any]:
    made = live.house_on(database, tmp_path, clock, [ada, amy, bruno, erika])
    files = {"proposta.bpmn": BPMN.encode(), "process.toml": MANIFEST.encode()}
    definitions.deploy(made, Bundle("proposta", files), system)
    definitions.deploy(made, bundles.read_bundle(live.root, "f1_quesito"), system)
    with live.working(made):
        yield made


@pytest.fixture
def address(house: Any) -> Iterator[str]:
    with live.served(house) as served:
        yield served.address


def opened(house: Any, by: Actor = ada) -> str:
    return cases.start(house, "proposta", by, variables={"titolo": "Filiera della plastica"}).id


def asked(house: Any, case_id: str, by: Actor = ada, about: str = subject) -> None:
    messages.send(house, case_id, "quesito.posto", {"oggetto": about, "testo": question}, by)


def answered(house: Any, case_id: str, by: Actor = bruno) -> None:
    (task,) = [t for t in cases.view(house, case_id, by).tasks if t.element == "UT_rispondi"]
    values = {"esito": "rispondi", "risposta": answer, "nota": "Nota soltanto nostra"}
    tasks.complete(house, task.id, values, by)
    until(lambda: threads.of_case(house, case_id, by)[0].answered)


def until(look: Callable[[], Any], seconds: float = 30) -> None:
    end = monotonic() + seconds
    while not look():
        assert monotonic() < end
        sleep(0.1)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_lead_asks_and_reads_that_the_office_has_it(
    watched: Any, watched_without_scripts: Any, house: Any, scripts: bool
) -> None:
    case_id, used = opened(house), watched if scripts else watched_without_scripts
    used.log_in("ada")
    page = used.open(f"/portal/cases/{case_id}")
    page.get_by_role("link", name="Fai una domanda all'ufficio").click()
    assert page.title().startswith("Fai una domanda all'ufficio")
    page.fill("[name=oggetto]", subject)
    page.fill("[name=testo]", question)
    page.locator("[type=file]").set_input_files(pdf)
    used.shot("question-form")
    page.get_by_role("button", name="Invia la domanda").click()
    page.wait_for_url(f"**/portal/cases/{case_id}")
    talk = page.locator(".thread > li")
    expect(talk.locator(".thread-title")).to_have_text(subject)
    expect(talk).to_contain_text("in attesa dell'ufficio")
    expect(talk).to_contain_text("entro il 18/05/2023")
    expect(talk).to_contain_text(question)
    expect(talk.locator("a", has_text="visura.pdf")).to_be_visible()
    assert "Stiamo controllando" in page.inner_text(".proposal-state")
    assert violations(page) == [] if scripts else True
    used.shot("question-asked")
    assert used.errors == used.violations == []


def test_the_office_reads_the_question_and_answers_and_the_lead_reads_it(watched: Any, house: Any) -> None:
    case_id = opened(house)
    kept = messages.attach(
        house, case_id, "quesito.posto", None, ("visura.pdf", pdf["buffer"]), ada, messages.Wanted()
    )
    messages.send(
        house,
        case_id,
        "quesito.posto",
        {"oggetto": subject, "testo": f"{question}\n*Grazie* <b>", "allegati": [kept.id]},
        ada,
    )
    watched.log_in("bruno")
    page = watched.open(f"/tasks/{case_id}/2")
    expect(page.locator("#fields")).to_contain_text("*Grazie* <b>")
    expect(page.locator("#fields a", has_text="visura.pdf")).to_be_visible()
    assert violations(page) == []
    watched.shot("question-task")
    page.fill("[name=risposta]", answer)
    page.fill("[name=nota]", "Nota soltanto nostra")
    with page.expect_navigation():
        page.get_by_role("button", name="Completa").click()
    until(lambda: threads.of_case(house, case_id, bruno)[0].answered)
    page = watched.open(f"/cases/{case_id}/messages")
    expect(page.locator(".thread")).to_contain_text(answer)
    expect(page.locator(".thread-state")).to_contain_text("risposta data")
    assert violations(page) == []
    watched.shot("question-office")
    page.context.clear_cookies()
    watched.log_in("ada")
    page = watched.open("/portal")
    expect(page.locator(".mine-card")).to_contain_text("1 risposta dell'ufficio")
    page.locator(".mine-card a", has_text="Leggi").click()
    expect(page.locator(".thread")).to_contain_text(answer)
    assert "Nota soltanto nostra" not in page.content()
    assert violations(page) == []
    watched.shot("question-answered")
    for path in (
        f"/tasks/{case_id}/2",
        *(f"/cases/{case_id}/{part}" for part in ("history", "messages", "diagram")),
    ):
        answer_of_site = page.request.get(f"{watched.address}{path}")
        assert answer_of_site.status == 200
        assert "Nota soltanto nostra" not in answer_of_site.text(), path


def test_both_sides_read_english(watched: Any, house: Any) -> None:
    case_id = opened(house, amy)
    watched.log_in("amy")
    page = watched.open(f"/portal/cases/{case_id}")
    page.get_by_role("link", name="Ask the office a question").click()
    page.get_by_role("button", name="Send the question").click()
    expect(page.locator("#problems li")).to_have_count(2)
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("Question").fill(question)
    page.get_by_role("button", name="Send the question").click()
    expect(page.locator("h2", has_text="Questions and answers")).to_be_visible()
    expect(page.locator(".thread-state")).to_contain_text("waiting for the office")
    expect(page.get_by_role("link", name=f"Withdraw the question: QUE-2023-0001 · {subject}")).to_be_visible()
    watched.shot("question-en")
    page.context.clear_cookies()
    watched.log_in("erika")
    page = watched.open(f"/tasks/{case_id}/2")
    expect(page.locator("h1")).to_have_text("Answer the question")
    watched.shot("question-task-en")
    page.fill("[name=risposta]", answer)
    page.get_by_role("button", name="Complete").click()
    until(lambda: threads.of_case(house, case_id, erika)[0].answered)
    expect(watched.open(f"/cases/{case_id}/messages").locator(".thread-state")).to_contain_text("answered")


def test_a_refused_question_keeps_what_was_typed_and_its_file(
    watched_without_scripts: Any, house: Any
) -> None:
    case_id, used = opened(house), watched_without_scripts
    used.log_in("ada")
    page = used.open(f"/cases/{case_id}/messages/quesito.posto")
    page.fill("[name=oggetto]", "Ehi")
    page.fill("[name=testo]", question)
    page.locator("[type=file]").set_input_files([pdf, {**pdf, "name": "programma.exe"}])
    page.locator(".message-form .btn-primary").click()
    expect(page.locator("#problems li")).to_have_count(1)
    expect(page.locator("#w-f-allegati .field-error")).to_contain_text("programma.exe")
    page.locator(".message-form .btn-primary").click()
    expect(page.locator("#w-f-oggetto .field-error")).to_be_visible()
    assert page.locator("[name=testo]").input_value() == question
    expect(page.locator(".field-files a")).to_have_text("visura.pdf")
    used.shot("question-refused")
    page.fill("[name=oggetto]", subject)
    page.locator(".message-form .btn-primary").click()
    page.wait_for_url(f"**/portal/cases/{case_id}")
    expect(page.locator(".thread a", has_text="visura.pdf")).to_be_visible()
    assert len(cases.view(house, case_id, ada).documents) == 1


def test_a_page_sent_twice_asks_once_and_other_words_are_shown_again(watched: Any, house: Any) -> None:
    case_id = opened(house)
    watched.log_in("ada")
    page = watched.open(f"/cases/{case_id}/messages/quesito.posto")
    page.fill("[name=oggetto]", subject)
    page.fill("[name=testo]", question)
    post = """async (words) => { const data = new FormData(document.getElementById('form'));
        data.set('_do', 'complete'); if (words) data.set('oggetto', words);
        const answer = await fetch(document.getElementById('form').action, {method: 'POST', body: data, redirect: 'manual'});
        return [answer.status, answer.type, await answer.text()]; }"""
    assert page.evaluate(post, "")[1] == page.evaluate(post, "")[1] == "opaqueredirect"
    assert len(cases.view(house, case_id, ada).instances) == 2
    status, _, html = page.evaluate(post, "Altro oggetto")
    tasks.complete(house, f"{case_id}/1", {}, bruno)
    late, _, told = page.evaluate(post, "Troppo tardi")
    assert late == 409
    assert "Troppo tardi" in told
    assert page.evaluate(post, "")[1] == "opaqueredirect"
    assert status == 409
    assert "Altro oggetto" in html
    assert "già stata inviata" in html
    assert len(cases.view(house, case_id, ada).instances) == 2


def test_a_session_that_ends_gives_the_question_back(watched: Any, house: Any) -> None:
    case_id = opened(house)
    watched.log_in("ada")
    page = watched.open(f"/cases/{case_id}/messages/quesito.posto")
    page.fill("[name=oggetto]", subject)
    page.fill("[name=testo]", question)
    page.context.clear_cookies()
    page.locator(".message-form .btn-primary").click()
    page.locator("#password").wait_for()
    page.get_by_role("textbox").first.fill("ada")
    page.locator("#password").fill(live.password)
    page.locator("main button[type=submit]").click()
    with page.expect_navigation():
        page.locator("main form .btn-primary").click()
    assert page.locator("[name=testo]").input_value() == question
    assert len(cases.view(house, case_id, ada).instances) == 1
    page.locator(".message-form .btn-primary").click()
    page.wait_for_url(f"**/portal/cases/{case_id}")


def test_what_comes_too_late_is_said_and_can_be_kept(watched: Any, house: Any) -> None:
    case_id = opened(house)
    watched.log_in("ada")
    page = watched.open(f"/cases/{case_id}/messages/quesito.posto")
    page.fill("[name=oggetto]", subject)
    page.fill("[name=testo]", question)
    tasks.complete(house, f"{case_id}/1", {}, bruno)
    page.locator(".message-form .btn-primary").click()
    expect(page.locator(".alert")).to_contain_text("Quello che hai scritto non è stato inviato")
    expect(page.locator(".answers")).to_contain_text(question)
    assert violations(page) == []
    watched.shot("question-late")
    with page.expect_download() as download:
        page.get_by_role("link", name="file di testo").click()
    assert question in Path(download.value.path()).read_text()


def test_two_questions_are_withdrawn_one_by_one(watched: Any, house: Any) -> None:
    case_id = opened(house)
    asked(house, case_id)
    asked(house, case_id, about="Numero minimo")
    watched.log_in("ada")
    page = watched.open(f"/portal/cases/{case_id}")
    expect(page.locator(".offers li")).to_have_count(3)
    page.get_by_role("link", name="QUE-2023-0002 · Numero minimo").click()
    expect(page.locator("main")).to_contain_text("QUE-2023-0002 · Numero minimo")
    page.get_by_role("button", name="Ritira la domanda").click()
    page.wait_for_url(f"**/portal/cases/{case_id}")
    states = page.locator(".thread-state").all_inner_texts()
    assert "Ritirata" in states[0]
    assert "in attesa dell'ufficio" in states[1]
    watched.page.set_viewport_size({"width": 320, "height": 800})
    assert not too_wide(page)
    watched.shot("question-narrow")


def test_the_office_is_not_offered_the_lead_s_question(watched: Any, house: Any) -> None:
    case_id = opened(house)
    watched.log_in("bruno")
    page = watched.open(f"/cases/{case_id}/messages")
    expect(page.locator(".pr-empty")).to_be_visible()
    assert page.locator(".offers").count() == 0
    answer = page.request.get(f"{watched.address}/cases/{case_id}/messages/quesito.posto")
    assert answer.status == 403
