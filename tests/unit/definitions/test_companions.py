"""What a register said of a row: it fills what is empty, keeps what was typed, and cannot be made up or moved."""

import json
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from app.definitions.forms import Form, companions, load_form, read, read_posted, submit
from app.definitions.forms.sealed_text import said_in, written

NOW = datetime(2023, 5, 8, tzinfo=UTC)
ANSWER = {
    "esito": "trovato",
    "fonte": "Registro imprese",
    "modalita": "simulato",
    "data": date(2023, 5, 8),
    "denominazione": "Novacera S.r.l.",
    "provincia": "PC",
    "addetti": 12,
}
LOOKUP = {
    "handler": "registro",
    "from": "piva, cf",
    "fills": {
        "denominazione": "denominazione",
        "sede": 'if provincia = "PC" then "fuori" else provincia',
        "strano": '"non in elenco"',
    },
}


def seal(payload: str) -> str:
    return sha256(f"segreto{payload}".encode()).hexdigest()


def form() -> Form:
    options = [{"value": "MI"}, {"value": "fuori"}]
    row = [
        {"type": "textfield", "key": "cf"},
        {"type": "textfield", "key": "piva"},
        {"type": "textfield", "key": "denominazione"},
        {"type": "select", "key": "sede", "values": options},
        {"type": "select", "key": "strano", "values": options},
    ]
    group = [{"type": "textfield", "key": "codice"}, {"type": "textfield", "key": "nome"}]
    inner = {"handler": "registro", "from": "codice", "fills": {"nome": "denominazione"}}
    components: list[dict[str, Any]] = [
        {"type": "dynamiclist", "path": "partner", "components": row, "properties": {"lookup": LOOKUP}},
        {"type": "group", "path": "ente", "components": group, "properties": {"lookup": inner}},
    ]
    return load_form(json.dumps({"id": "f", "components": components}).encode())


def looked_up(raw: dict[str, Any], path: str = "partner.0.registro") -> dict[str, Any]:
    found = companions.container(form().fields, raw, path)
    assert found
    item, holder, _ = found
    assert item.lookup
    code = companions.asked_code(item.lookup, holder)[1]
    said = companions.fill(item, holder, ANSWER, code, NOW)
    companions.put(holder, item.lookup.holder, written(said, seal))
    return raw


def test_empty_fields_are_filled_and_what_was_typed_stays() -> None:
    raw = looked_up({"partner": [{"piva": "9 90", "denominazione": "Mia"}, {"piva": "1"}]})
    assert {k: v for k, v in raw["partner"][0].items() if k != "registro"} == {
        "piva": "9 90",
        "denominazione": "Mia",
        "sede": "fuori",
    }
    assert said_in(raw["partner"][0]["registro"]) == {
        "esito": "trovato",
        "fonte": "Registro imprese",
        "modalita": "simulato",
        "data": date(2023, 5, 8),
        "chiesto": "990",
        "valori": {"denominazione": "Novacera S.r.l.", "sede": "fuori"},
    }
    assert raw["partner"][1] == {"piva": "1"}


def test_what_the_register_said_is_part_of_the_submission_in_a_row_and_in_a_group() -> None:
    raw = looked_up(looked_up({"partner": [{"cf": "99"}], "ente": {"codice": "7"}}), "ente.registro")
    values = submit(form(), raw, {}, {}, now=NOW)
    assert values["partner"][0]["registro"]["valori"]["denominazione"] == "Novacera S.r.l."
    assert (values["ente"]["nome"], values["ente"]["registro"]["chiesto"]) == ("Novacera S.r.l.", "7")


def test_it_travels_with_its_row_through_the_page() -> None:
    raw = looked_up({"partner": [{"cf": "1"}, {"cf": "99"}]}, "partner.1.registro")
    text = raw["partner"][1]["registro"]
    posted = {"partner.0.cf": "1", "partner.1.cf": "99", "partner.1.registro": text, "_remove": "partner.0"}
    again = read_posted(form(), posted)
    assert again["partner"] == [{"cf": "99", "registro": text}]
    assert companions.trusted(form(), again, seal)["partner"][0]["registro"] == text


def test_one_that_was_made_up_altered_or_moved_to_another_code_is_dropped() -> None:
    raw = looked_up({"partner": [{"cf": "99"}]})
    text = raw["partner"][0]["registro"]
    forged = written({**(said_in(text) or {}), "valori": {"denominazione": "Falsa"}}, lambda _: "0" * 40)
    for row in (
        {"cf": "99", "registro": forged},
        {"cf": "98", "registro": text},
        {"cf": "99", "registro": text + "0"},
        {"cf": "99", "registro": "niente"},
        {"cf": "99", "registro": {"valori": {}}},
    ):
        assert companions.trusted(form(), {"partner": [row]}, seal)["partner"][0]["registro"] is None, row


def test_any_text_in_its_place_is_nothing_at_all() -> None:
    for text in ("a.b", "eyJhIjoxfQ.x", ".", "W1tbW10.x", "\ud800.x", "é.x"):
        reading = read(form(), {"partner": [{"cf": "1", "registro": text}]}, companions_around())
        assert reading.faults == ()


def companions_around() -> Any:
    from app.definitions.forms import Around

    return Around(now=NOW)


def test_what_a_variable_held_is_sealed_again_for_the_page() -> None:
    said = said_in(looked_up({"partner": [{"cf": "99"}]})["partner"][0]["registro"])
    raw = companions.resealed(form(), {"partner": [{"cf": "99", "registro": said}]}, seal)
    assert companions.trusted(form(), raw, seal) == raw
    assert said_in(raw["partner"][0]["registro"]) == said
