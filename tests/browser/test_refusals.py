"""Refusals in a living house: what one may not do is told with its reason, and nothing that was typed is lost."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.actors import Actor, Capability, system
from app.domain.bundles import Bundle
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
def site(house: Any) -> Flask:
    made = create_site(house)
    made.config.update(RATELIMIT_ENABLED=False)
    return made


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
