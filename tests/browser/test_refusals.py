"""Refusals in a living house: what one may not do is told with its reason, and nothing that was typed is lost."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.config import read_settings
from app.definitions import forms
from app.domain.actors import Actor, Capability, system
from app.domain.bundles import Bundle
from app.domain.events import TaskAssigned
from app.services import cases, definitions, tasks
from app.store.clock import FixedClock, HouseClock
from app.store.database import Database
from app.web.site import create_site
from tests.browser import live, trial
from tests.browser.live import begun
from tests.small import bpmn, flows, lane, manifest

body = lane("richiedente", "u") + (
    '<bpmn:startEvent id="s"/><bpmn:userTask id="u"/><bpmn:endEvent id="e"/>' + flows("s>u", "u>e")
)
upper = {"sopra.bpmn": bpmn("sopra", body), "process.toml": manifest("sopra", "edition")}
only_open = b'under = "edition"\nstate = "aperta"\n[lanes]'
lower = {
    "sotto.bpmn": bpmn("sotto", body),
    "process.toml": manifest("sotto").replace(b"[lanes]", only_open, 1),
}


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: FixedClock) -> Iterator[Any]:
    with live.trial_house(database, tmp_path, clock) as made:
        yield made


@pytest.fixture
def as_person(site: Flask) -> Callable[[str], FlaskClient]:
    """Give a client without a browser, logged in as somebody."""
    site.config["WTF_CSRF_ENABLED"] = False

    def log_in(person: str) -> FlaskClient:
        client = site.test_client()
        assert client.post("/login", data={"login": person, "password": live.password}).status_code == 303
        return client

    return log_in


@pytest.mark.parametrize("name", ["endpoint", "_method", "_anchor", "_external", "_scheme"])
def test_links_of_the_desk_repeat_only_what_the_desk_asks(as_person: Any, house: Any, name: str) -> None:
    begun(house, filed=True)
    answer = as_person(trial.bruno.id).get(f"/desk?{name}=x&q=malga")
    assert answer.status_code == 200
    assert "q=malga" in answer.text
    assert f"{name}=x" not in answer.text.split("<main", 1)[1]


def test_who_holds_and_who_completed_a_task_is_told_by_name(as_person: Any, house: Any) -> None:
    case_id = begun(house, filed=True)
    tasks.claim(house, f"{case_id}/3", trial.bruno)
    answer = as_person("carla").post(f"/tasks/{case_id}/3/claim")
    assert answer.status_code == 409
    assert "Bruno Istrice" in answer.text
    tasks.complete(house, f"{case_id}/3", {"esito": "ammessa", "motivo": "Tutto in ordine."}, trial.bruno)
    answer = as_person("carla").post(f"/tasks/{case_id}/3/claim")
    assert "Bruno Istrice" in answer.text


def test_who_is_too_late_for_a_task_reads_who_took_it_and_when_and_finds_the_ways_on(
    as_person: Any, house: Any, clock: FixedClock
) -> None:
    case_id = begun(house, filed=True)
    tasks.claim(house, f"{case_id}/3", trial.bruno)
    clock.advance(timedelta(hours=1))
    answer = as_person("carla").post(f"/tasks/{case_id}/3/claim")
    main = answer.text.split("<main", 1)[1]
    assert answer.status_code == 409
    assert "Bruno Istrice l&#39;ha preso in carico il 08/05/2023 12:00:00" in main
    for address in (f"/tasks/{case_id}/3", f"/cases/{case_id}", "/desk"):
        assert f'href="{address}"' in main


@pytest.mark.parametrize(
    ("person", "sentence"),
    [
        ("bruno", "Scegli una persona del gruppo Istruttore."),
        ("erika", "Choose a person of the group Case officer."),
    ],
)
@pytest.mark.parametrize("to", ["", "zeno", "nobody"])
def test_a_task_is_given_to_people_of_its_group_only_and_the_field_says_so(
    as_person: Any, house: Any, person: str, sentence: str, to: str
) -> None:
    case_id = begun(house, filed=True)
    answer = as_person(person).post(f"/tasks/{case_id}/3/assign", data={"to": to, "reason": "Sono in ferie"})
    assert answer.status_code == 422
    field = answer.text.split('id="assign-to-error"', 1)[1]
    assert sentence in field
    assert 'aria-describedby="assign-to-error"' in field
    assert 'value="Sono in ferie"' in field


def test_a_group_is_called_by_its_name_not_by_its_code(as_person: Any, house: Any) -> None:
    case_id = begun(house, filed=True)
    answer = as_person("ada").post(f"/tasks/{case_id}/3/claim")
    assert answer.status_code == 403
    assert "Istruttore" in answer.text
    assert "istruttore" not in answer.text.split("<main", 1)[1]
    assert "libera, per Istruttore" in as_person("bruno").get("/desk").text
    assert "free, for Case officer" in as_person("erika").get("/desk").text


def test_a_form_of_a_session_that_began_anew_is_given_back_to_who_typed_it(site: Flask, house: Any) -> None:
    case_id = begun(house)
    ada, zeno = site.test_client(), site.test_client()
    with_token(ada, "ada")
    with_token(zeno, "zeno")
    page = ada.get(f"/tasks/{case_id}/2").text
    typed = {
        "csrf_token": "of a session before",
        "_by": hidden(page, "_by"),
        "sintesi": "Quello che ho scritto",
    }
    answer = ada.post(f"/tasks/{case_id}/2", data=typed)
    assert answer.status_code == 400
    assert 'value="Quello che ho scritto"' in answer.text
    assert 'name="_kept"' in answer.text
    forged = ada.post(f"/tasks/{case_id}/2", data=typed | {"_by": hidden(zeno.get("/help").text, "_by")})
    assert forged.status_code == 400
    assert "Quello che ho scritto" not in forged.text


def with_token(client: FlaskClient, person: str) -> None:
    token = hidden(client.get("/login").text, "csrf_token")
    data = {"login": person, "password": live.password, "csrf_token": token}
    assert client.post("/login", data=data).status_code == 303


def hidden(page: str, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def test_a_case_is_opened_only_under_one_that_takes_new_ones(as_person: Any, house: Any) -> None:
    for name, content in {"sopra": upper, "sotto": lower}.items():
        definitions.deploy(house, Bundle(name, content), system)
    closed = cases.start(house, "sopra", trial.bruno)
    ada = as_person("ada")
    answer = ada.post("/portal/start", data={"process": "sotto", "under": closed.id})
    assert answer.status_code == 403
    assert f"{closed.id} in questo momento non riceve nuove pratiche" in answer.text
    assert cases.mine(house, trial.ada) == []


def test_a_process_that_another_one_starts_is_not_for_people(as_person: Any, house: Any) -> None:
    never_by_hand = manifest("sopra", "edition", who="system")
    definitions.deploy(house, Bundle("sopra", upper | {"process.toml": never_by_hand}), system)
    answer = as_person("ada").post("/portal/start", data={"process": "sopra"})
    assert answer.status_code == 403
    assert "Non si avvia a mano" in answer.text


def test_only_failed_attempts_to_log_in_are_counted(house: Any) -> None:
    site = create_site(house)
    site.config["WTF_CSRF_ENABLED"] = False
    client = site.test_client()
    right = {"login": "ada", "password": live.password}
    assert {client.post("/login", data=right).status_code for _ in range(15)} == {303}
    wrong = [client.post("/login", data=right | {"password": "x"}).status_code for _ in range(12)]
    assert wrong[0] == 422
    assert wrong[-1] == 429


def test_a_task_says_why_it_comes_to_this_person(as_person: Any, house: Any) -> None:
    case_id = begun(house, filed=True)
    assert "Tocca a te come Istruttore." in as_person("bruno").get(f"/tasks/{case_id}/3").text
    second = begun(house)
    assert "Tocca a te come Richiedente." in as_person("ada").get(f"/tasks/{second}/2").text


def test_the_clock_is_not_set_to_where_no_date_is_left(database: Database, tmp_path: Path) -> None:
    operator = Actor("olga", "Olga Opera", capabilities=frozenset({Capability.operator}))
    made = live.house_on(database, tmp_path, HouseClock(database, demo=True), [operator])
    site = create_site(made)
    site.config.update(WTF_CSRF_ENABLED=False)
    olga = site.test_client()
    olga.post("/login", data={"login": "olga", "password": live.password})
    before = made.clock.now()
    assert olga.post("/admin/clock", data={"to": "9999-12-31T23:59"}).status_code == 303
    assert "fino al 2099" in olga.get("/admin").text
    assert made.clock.now() - before < timedelta(minutes=5)


@pytest.mark.parametrize(("field", "kept"), [("relazione", 1), ("titolo", 0), ("nowhere", 0), ("", 0)])
def test_a_file_is_taken_only_where_the_form_asks_for_one(
    as_person: Any, house: Any, field: str, kept: int
) -> None:
    case_id = begun(house)
    file = (BytesIO(b"%PDF-1.7 prova"), "prova.pdf")
    answer = as_person("ada").post(f"/tasks/{case_id}/2", data={"_do": "save", f"_file.{field}": file})
    assert answer.status_code == 303
    assert len(cases.view(house, case_id, trial.ada).documents) == kept


SAMPLES = {
    "good": (b"%PDF-1.7 prova", "prova.pdf"),
    "other": (b"PK\x03\x04 a word document", "relazione.docx"),
}


def sent(kind: str, **fields: str) -> dict[str, Any]:
    data, name = SAMPLES[kind]
    return {"_do": "save", "_section": "g_progetto", **fields, "_file.relazione": (BytesIO(data), name)}


def document_names(house: Any, case_id: str) -> list[str]:
    return [document.name for document in cases.view(house, case_id, trial.ada).documents]


@pytest.mark.parametrize("address", ["", "/draft", "/file"])
def test_a_file_for_a_task_that_is_closed_is_not_kept_and_the_answer_says_so(
    as_person: Any, house: Any, address: str
) -> None:
    case_id = begun(house, filed=True)
    before = document_names(house, case_id)
    text = "Scritto quando era tardi."
    answer = as_person("ada").post(f"/tasks/{case_id}/2{address}", data=sent("good", sintesi=text))
    assert answer.status_code == 409
    assert "prova.pdf" in answer.text
    assert document_names(house, case_id) == before
    if not address:
        assert text in answer.text
        assert "Questi file non sono stati conservati: prova.pdf." in answer.text


def test_a_file_of_a_task_that_a_colleague_holds_is_not_kept(as_person: Any, house: Any) -> None:
    case_id = begun(house)
    with house.database.unit_of_work(house.clock, house.blobs) as uow:
        case = uow.lock_case(case_id)
        uow.record(case, 1, [TaskAssigned(2, trial.bruno.id, "prova")], actor="system")
    answer = as_person("ada").post(f"/tasks/{case_id}/2", data=sent("good"))
    assert answer.status_code == 409
    assert document_names(house, case_id) == []


def test_a_kind_that_the_field_does_not_take_is_refused_there_and_the_file_before_stays(
    as_person: Any, house: Any
) -> None:
    case_id, ada = begun(house), as_person("ada")
    assert ada.post(f"/tasks/{case_id}/2", data=sent("good")).status_code == 303
    (kept,) = cases.view(house, case_id, trial.ada).documents
    answer = ada.post(f"/tasks/{case_id}/2", data=sent("other", relazione=kept.id))
    assert answer.status_code == 422
    error = answer.text.split('id="f-relazione-error"', 1)[1].split("</p>", 1)[0]
    assert error.rstrip().endswith(".pdf.")
    assert ".xlsx" not in error
    assert document_names(house, case_id) == ["prova.pdf"]
    assert tasks.view(house, f"{case_id}/2", trial.ada).values["relazione"] == kept.id


def test_a_field_has_a_limit_of_its_own(as_person: Any, house: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(SAMPLES, "good", (b"%PDF-" + b"x" * 700_000, "prova.pdf"))
    house.settings.__dict__["document_limit"] = 600_000
    case_id = begun(house)
    answer = as_person("ada").post(f"/tasks/{case_id}/2", data=sent("good", sintesi="Resta scritto."))
    assert answer.status_code == 422
    assert "supera 0.6 MB" in answer.text.split('id="f-relazione-error"', 1)[1]
    assert "Resta scritto." in answer.text


def test_a_form_with_more_files_than_one_request_may_bring_says_what_to_do(
    as_person: Any, house: Any
) -> None:
    house.settings.__dict__.update(document_limit=200_000, request_limit=1_000_000)
    case_id, ada = begun(house), as_person("ada")
    many = [(BytesIO(b"%PDF-" + b"x" * 400_000), f"{n}.pdf") for n in range(5)]
    answer = ada.post(f"/tasks/{case_id}/2", data={"_do": "save", "_file.relazione": many})
    assert answer.status_code == 413
    assert "Torna indietro con il pulsante del browser" in answer.text
    assert ada.post("/logout").status_code == 303
    assert ada.post(f"/tasks/{case_id}/2", data={"x": "y" * 1_500_000}).status_code == 413


def test_files_within_the_request_limit_are_each_refused_alone_and_no_text_is_lost(
    as_person: Any, house: Any
) -> None:
    house.settings.__dict__.update(document_limit=100_000)
    case_id, ada = begun(house), as_person("ada")
    many = [(BytesIO(b"%PDF-" + b"x" * 400_000), f"{n}.pdf") for n in range(9)]
    answer = ada.post(
        f"/tasks/{case_id}/2",
        data={"_do": "save", "_section": "g_progetto", "sintesi": "Resta scritto.", "_file.relazione": many},
    )
    assert answer.status_code == 422
    assert answer.text.split('id="f-relazione-error"', 1)[1].split("</p>", 1)[0].count("supera 0.1 MB") == 9
    assert tasks.view(house, f"{case_id}/2", trial.ada).values["sintesi"] == "Resta scritto."


def test_the_same_form_with_a_file_sent_three_times_at_once_is_one_completion_and_one_document(
    as_person: Any, house: Any
) -> None:
    case = cases.start(house, "contributo", trial.ada)
    tasks.complete(house, f"{case.id}/1", live.chi, trial.ada)
    answered = live.domanda(house, case.id) | {"relazione": ""}
    tasks.save_draft(house, f"{case.id}/2", answered, trial.ada)
    before = len(document_names(house, case.id))
    clients = [as_person("ada") for _ in range(3)]

    def post(client: FlaskClient) -> tuple[int, str]:
        typed = sent("good", sintesi=answered["sintesi"], ambiti="A2", _key="una chiave") | {
            "_do": "complete"
        }
        answer = client.post(f"/tasks/{case.id}/2", data=typed)
        return answer.status_code, answer.headers.get("Location", "")

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(post, clients))
    answers.append(post(clients[0]))
    assert answers == [(303, f"/portal/cases/{case.id}")] * 4
    assert document_names(house, case.id)[before:] == ["prova.pdf"]


def test_the_shipped_forms_fit_into_one_request() -> None:
    settings = read_settings({})
    for path in (live.root / "forms").rglob("*.json"):
        form = forms.load_form(path.read_bytes())
        for section in form.sections or (form,):
            asked = [item for item in forms.every(section.fields) if item.type == "filepicker"]
            most = sum(
                (item.bounds.most or 10 if item.multiple else 1)
                * (item.bounds.max_bytes or settings.document_limit)
                for item in asked
            )
            assert most < settings.request_limit, path


def posting(page: str, **typed: str) -> dict[str, str]:
    """Give what a browser without scripts posts: what the page was loaded with, and what was typed."""
    return {"_base": unescape(hidden(page, "_base")), "_key": hidden(page, "_key"), "_do": "save", **typed}


@pytest.fixture
def examined(house: Any) -> str:
    """The address of an officer's task whose draft Bruno began."""
    case_id = begun(house, filed=True)
    tasks.save_draft(house, f"{case_id}/3", {"esito": "", "motivo": "Da vedere."}, trial.bruno)
    return f"/tasks/{case_id}/3"


def typed_so_far(house: Any, address: str) -> dict[str, Any]:
    return tasks.view(house, address.removeprefix("/tasks/"), trial.bruno).values


def test_two_officers_on_one_draft_keep_what_each_of_them_changed(
    as_person: Any, house: Any, examined: str
) -> None:
    bruno, carla = as_person("bruno"), as_person("carla")
    pages = [client.get(examined).text for client in (bruno, carla)]
    bruno.post(examined, data=posting(pages[0], motivo="Tutto in ordine."))
    answer = carla.post(examined, data=posting(pages[1], motivo="Da vedere.", esito="ammessa"))
    assert answer.status_code == 303
    assert typed_so_far(house, examined) == {"esito": "ammessa", "motivo": "Tutto in ordine."}
    assert (
        "Cambiato da altri nel frattempo: Motivo (Bruno Istrice, 08/05/2023 12:00:00)."
        in carla.get(examined).text
    )


def test_what_two_officers_changed_is_told_with_who_and_when_and_overwritten_only_knowingly(
    as_person: Any, house: Any, examined: str, clock: FixedClock
) -> None:
    bruno, carla = as_person("bruno"), as_person("carla")
    pages = [client.get(examined).text for client in (bruno, carla)]
    bruno.post(examined, data=posting(pages[0], motivo="Tutto in ordine."))
    clock.advance(timedelta(minutes=1))
    answer = carla.post(examined, data=posting(pages[1], motivo="Manca una firma.", esito="respinta"))
    assert answer.status_code == 409
    assert "salvato da Bruno Istrice il 08/05/2023 12:00:00" in answer.text
    assert "<q>Tutto in ordine.</q>" in answer.text
    assert "Manca una firma.</textarea>" in answer.text
    assert typed_so_far(house, examined) == {"esito": "respinta", "motivo": "Tutto in ordine."}
    clock.advance(timedelta(minutes=1))
    again = posting(answer.text, motivo="Manca una firma.", esito="respinta")
    assert carla.post(examined, data=again).status_code == 303
    assert typed_so_far(house, examined)["motivo"] == "Manca una firma."
    told = bruno.post(examined, data=posting(pages[0], motivo="Tutto in ordine, davvero."))
    assert "salvato da Carla Dossi il 08/05/2023 12:02:00" in told.text


def test_nobody_completes_a_task_with_answers_that_their_page_did_not_show(
    as_person: Any, house: Any, examined: str
) -> None:
    bruno, carla = as_person("bruno"), as_person("carla")
    page = carla.get(examined).text
    bruno.post(examined, data=posting(bruno.get(examined).text, esito="respinta"))
    typed = posting(page, motivo="Tutto in ordine.", esito="") | {"_do": "complete"}
    answer = carla.post(examined, data=typed)
    assert answer.status_code == 409
    assert "<q>Respinta</q>" in answer.text
    assert "Ora è nel campo." in answer.text
    assert tasks.view(house, examined.removeprefix("/tasks/"), trial.bruno).task.state == "open"
    sent = posting(answer.text, motivo="Tutto in ordine.", esito="respinta") | {"_do": "complete"}
    assert carla.post(examined, data=sent).status_code == 303


def test_two_tabs_of_one_person_do_not_overwrite_each_other(as_person: Any, house: Any) -> None:
    case_id = begun(house)
    ada = as_person("ada")
    address = f"/tasks/{case_id}/2"
    pages = [ada.get(f"{address}?section=g_progetto").text for _tab in range(2)]
    first = {"_section": "g_progetto", "sintesi": "Dalla prima scheda.", "ambiti": "A1"}
    assert ada.post(address, data=posting(pages[0], **first)).status_code == 303
    second = {"_section": "g_progetto", "sintesi": "Dalla seconda scheda.", "ambiti": ""}
    answer = ada.post(f"{address}/draft", data=posting(pages[1], **second))
    assert "In sintesi (te, in un'altra scheda o su un altro dispositivo" in answer.json["meanwhile"]
    assert "Ambiti" in answer.json["meanwhile"]
    values = tasks.view(house, f"{case_id}/2", trial.ada).values
    assert (values["sintesi"], values["ambiti"]) == ("Dalla prima scheda.", ["A1"])
    again = posting(pages[1], **second) | {"_base": answer.json["base"]}
    assert "In sintesi" in ada.post(f"{address}/draft", data=again).json["meanwhile"]


def test_a_form_given_back_after_a_session_ended_is_kept_as_a_draft(as_person: Any, house: Any) -> None:
    case_id = begun(house)
    ada, address = as_person("ada"), f"/tasks/{case_id}/2"
    kept = posting(ada.get(address).text, sintesi="Scritto prima.", _kept="1", _section="g_progetto")
    answer = ada.post(address, data=kept)
    assert answer.status_code == 200
    assert "Scritto prima.</textarea>" in answer.text
    assert tasks.view(house, f"{case_id}/2", trial.ada).values["sintesi"] == "Scritto prima."


def test_a_form_given_back_for_a_task_that_is_closed_shows_what_was_typed(as_person: Any, house: Any) -> None:
    case_id = begun(house, filed=True)
    typed = {"_kept": "1", "_section": "g_progetto", "sintesi": "Scritto troppo tardi."}
    answer = as_person("ada").post(f"/tasks/{case_id}/2", data=typed)
    assert answer.status_code == 409
    assert "Scritto troppo tardi." in answer.text
