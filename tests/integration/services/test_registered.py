"""Registers and other cases behind a form: asked within a time, never blocking, never made up, and what is unique stays so."""

import json
import threading
import time
from typing import Any

import pytest

from app.definitions.forms.sealed_text import said_in, written
from app.domain.errors import FormInvalid, HandlerError, HandlerUnknown
from app.handling import Call
from app.services import cases, registered, submitted, tasks
from tests.small import anna, bruno, carla, flows, handler, lane

FORM = {
    "id": "frm",
    "components": [
        {"type": "textfield", "key": "titolo", "properties": {"unique_in": {"except": ["ritirata"]}}},
        {
            "type": "dynamiclist",
            "path": "partner",
            "components": [{"type": "textfield", "key": "piva"}, {"type": "textfield", "key": "nome"}],
            "properties": {
                "lookup": {"handler": "registro", "from": "piva", "fills": {"nome": "denominazione"}}
            },
        },
    ],
}
BODY = (
    '<bpmn:startEvent id="s"/><bpmn:userTask id="u" pratica:form="frm"/><bpmn:userTask id="v" pratica:form="frm"/>'
    '<bpmn:endEvent id="e"/>' + flows("s>u", "u>v", "v>e") + lane("richiedente", "u", "v")
)
EXTRA = """[states.aperta]
office = {it = "Aperta", en = "Open"}
applicant = {it = "Aperta", en = "Open"}
[states.ritirata]
office = {it = "Ritirata", en = "Withdrawn"}
applicant = {it = "Ritirata", en = "Withdrawn"}
[reached]
u = "aperta"
e = "ritirata"
"""


@pytest.fixture
def begun(house: Any, registry: Any, deploy: Any) -> Any:
    handler(registry, "registro", lambda codice, call: {"denominazione": codice})
    files = {"forms/frm.json": json.dumps(FORM).encode()}
    deploy("prova", BODY, files=files, extra=EXTRA)
    deploy("altra", BODY, files=files, extra=EXTRA, kind="other")
    return lambda process="prova", who=carla: f"{cases.start(house, process, who).id}/1"


def errors(house: Any, task: str, titolo: str, who: Any = carla) -> list[str]:
    try:
        tasks.complete(house, task, {"titolo": titolo}, who)
    except FormInvalid as invalid:
        return invalid.errors["titolo"]
    return []


def test_a_title_that_another_case_of_the_kind_has_is_refused(house: Any, begun: Any) -> None:
    first, second, other = begun(), begun(who=bruno), begun("altra")
    assert errors(house, first, "NOVACERA – imballaggi circolari") == []
    number = first.partition("/")[0]
    (sentence,) = errors(house, second, "Novacéra: Imballaggi  circolari", bruno)
    assert number in sentence
    assert errors(house, second, "Novacera due", bruno) == []
    assert errors(house, other, "NOVACERA – imballaggi circolari") == []


def test_the_own_title_and_that_of_a_case_that_does_not_count_are_free(house: Any, begun: Any) -> None:
    first, second = begun(), begun(who=bruno)
    case = first.partition("/")[0]
    assert errors(house, first, "Malga") == []
    assert errors(house, f"{case}/2", "Malga") == []
    assert cases.view(house, case, carla).case.state == "ritirata"
    assert errors(house, second, "Malga", bruno) == []


def asked(house: Any, registry: Any, function: Any, code: str = "990") -> dict[str, Any]:
    handler(registry, "registro", function)
    return registered.ask(house, "REQ-1", "registro", code)


def test_a_register_gets_the_code_and_its_answer_says_that_it_was_found(house: Any, registry: Any) -> None:
    def found(codice: str, *, call: Call) -> dict[str, Any]:
        return {"denominazione": f"{codice} di {call.case_id}", "fonte": "R"}

    answer = asked(house, registry, found)
    assert (answer["esito"], answer["denominazione"]) == ("trovato", "990 di REQ-1")
    assert answer["data"] == house.clock.now()


@pytest.mark.parametrize(
    "fault", [HandlerError("giu", "x"), OSError("rete"), KeyError("campo"), TimeoutError(), TypeError("x")]
)
def test_a_register_that_fails_counts_as_down(house: Any, registry: Any, fault: Exception) -> None:
    def broken(codice: str, *, call: Call) -> dict[str, Any]:
        raise fault

    assert asked(house, registry, broken)["esito"] == "non_disponibile"


def test_one_that_knows_nothing_finds_nothing(house: Any, registry: Any) -> None:
    assert asked(house, registry, lambda codice, call: None)["esito"] == "non_trovato"


def test_one_that_is_slow_is_not_waited_for_and_one_that_hangs_takes_no_more_threads(
    house: Any, registry: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registered, "SECONDS", 0.2)
    stop = threading.Event()

    def hangs(codice: str, *, call: Call) -> dict[str, Any]:
        stop.wait(10)
        return {}

    handler(registry, "registro", hangs)
    begun_at = time.monotonic()
    seen = [registered.ask(house, "REQ-1", "registro", "990")["esito"] for _ in range(registered.THREADS)]
    full = time.monotonic()
    seen.append(registered.ask(house, "REQ-1", "registro", "990")["esito"])
    assert time.monotonic() - full < 0.15
    assert full - begun_at < 4
    stop.set()
    assert set(seen) == {"non_disponibile"}
    for _ in range(50):
        if registered.ask(house, "REQ-1", "registro", "990")["esito"] == "trovato":
            return
        time.sleep(0.05)
    pytest.fail("Expected the threads to come back, but they did not.")


def test_an_inside_handler_is_never_asked_from_a_page(house: Any, registry: Any) -> None:
    handler(registry, "dentro", lambda codice, house: {}, inside=True)
    with pytest.raises(HandlerUnknown):
        registered.ask(house, "REQ-1", "dentro", "990")


def test_what_a_register_said_is_kept_in_the_draft_and_in_the_submission_and_a_forgery_in_neither(
    house: Any, begun: Any
) -> None:
    task = begun()
    case = task.partition("/")[0]
    said = {"esito": "trovato", "fonte": "R", "chiesto": "990", "valori": {"nome": "Vera"}}
    true = written(said, registered.seal_of(house, case))
    elsewhere = written(said, registered.seal_of(house, "REQ-9999"))
    raw = {
        "titolo": "T",
        "partner": [{"piva": "990", "registro": true}, {"piva": "990", "registro": elsewhere}],
    }
    tasks.save_draft(house, task, raw, carla)
    kept = tasks.view(house, task, carla).values["partner"]
    assert (said_in(kept[0]["registro"]), kept[1]["registro"]) == (said, None)
    tasks.complete(house, task, raw, carla)
    sent = submitted.of_task(house, task, carla)
    assert sent
    assert [row.get("registro") for row in sent.values["partner"]] == [said, None]
    again = tasks.view(house, f"{case}/2", carla).values["partner"]
    assert said_in(again[0]["registro"]) == said
    assert isinstance(again[0]["registro"], str)
    assert anna.id != carla.id
