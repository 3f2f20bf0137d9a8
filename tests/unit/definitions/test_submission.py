"""A submission becomes values, or sentences that say at each field what was expected."""

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.definitions.forms import Around, Form, Lens, load_form, missing, submit
from app.domain.cases import Document
from app.domain.errors import FormInvalid, HandlerUnknown

NOW = datetime(2023, 5, 8, 7, 0, tzinfo=UTC)
MakeForm = Callable[..., Form]


def field(kind: str, key: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "label": key, **more}


def errors(
    form: Form, raw: Any, variables: Any = None, language: str = "it", **more: Any
) -> dict[str, list[str]]:
    try:
        submit(form, raw, variables or {}, more.pop("documents", {}), language, NOW, **more)
    except FormInvalid as invalid:
        return invalid.errors
    return {}


def values(form: Form, raw: Any, variables: Any = None, **more: Any) -> dict[str, Any]:
    return submit(form, raw, variables or {}, more.pop("documents", {}), "it", NOW, **more)


def test_each_kind_of_answer_becomes_its_feel_value(make_form: MakeForm) -> None:
    form = make_form(
        field("textfield", "titolo"),
        field("textarea", "testo"),
        field("number", "importo", decimalDigits=2),
        field("datetime", "giorno"),
        field("datetime", "quando", subtype="datetime"),
        field("checkbox", "letto"),
        field("checklist", "ambiti", values=[{"label": "1", "value": "A1"}, {"label": "2", "value": "A2"}]),
        field("radio", "esito", values=[{"label": "Sì", "value": "si"}]),
    )
    raw = {
        "titolo": "  Nova cera ",
        "testo": "una\r\ndue",
        "importo": "1.234,50",
        "giorno": "2023-05-08",
        "quando": "2023-05-08T09:00",
        "letto": "on",
        "ambiti": ["A1", "A2", "A1"],
        "esito": "si",
    }
    got = values(form, raw)
    assert got == {
        "titolo": "Nova cera",
        "testo": "una\ndue",
        "importo": Decimal("1234.50"),
        "giorno": date(2023, 5, 8),
        "quando": datetime(2023, 5, 8, 7, tzinfo=UTC),
        "letto": True,
        "ambiti": ["A1", "A2"],
        "esito": "si",
    }
    assert str(got["importo"]) == "1234.50"


def test_what_is_not_answered_is_null_false_or_empty(make_form: MakeForm) -> None:
    form = make_form(
        field("textfield", "a"),
        field("checkbox", "b"),
        field("number", "c"),
        {"type": "dynamiclist", "path": "d", "components": []},
    )
    assert values(form, {"a": "   ", "c": ""}) == {"a": None, "b": False, "c": None, "d": []}


def test_a_number_is_never_rounded(make_form: MakeForm) -> None:
    form = make_form(field("number", "importo", decimalDigits=2))
    assert errors(form, {"importo": "0,005"}) == {"importo": ["Scrivere al massimo 2 decimali: qui sono 3."]}
    assert errors(form, {"importo": "1.005"}, language="en")["importo"][0].startswith(
        "Write the number without separators"
    )


def test_a_number_that_could_be_two_is_refused_with_both_ways_to_write_it(make_form: MakeForm) -> None:
    form = make_form(field("number", "peso"))
    assert errors(form, {"peso": "1.234"}) == {
        "peso": ["Scrivere 1234 oppure 1,234: 1.234 può significare l'uno o l'altro."]
    }
    assert errors(form, {"peso": "1.234"}, language="en") == {
        "peso": ["Write 1234, or 1,234 with a decimal comma: 1.234 may mean either."]
    }
    assert values(form, {"peso": 1.234}) == values(form, {"peso": "1,234"}) == {"peso": Decimal("1.234")}


def test_faults_are_told_in_the_order_of_the_page_whatever_their_kind(make_form: MakeForm) -> None:
    rows = [field("textfield", "nome", validate={"required": True}), field("number", "quota")]
    form = make_form(
        field("textfield", "titolo", validate={"required": True}),
        field("number", "importo"),
        {
            "type": "group",
            "path": "sede",
            "components": [field("textfield", "via", validate={"required": True})],
        },
        {"type": "dynamiclist", "path": "soci", "components": rows},
        field("datetime", "fine", subtype="date"),
    )
    wrong = {"importo": "x", "soci": [{"quota": "y"}, {"nome": "Ada", "quota": "z"}], "fine": "mai"}
    told = ["titolo", "importo", "sede.via", "soci.0.nome", "soci.0.quota", "soci.1.quota", "fine"]
    assert list(errors(form, wrong)) == told


def test_required_answers_are_asked_for_in_the_language_of_the_person(make_form: MakeForm) -> None:
    form = make_form(
        field("textfield", "a", validate={"required": True}),
        field("checkbox", "b", validate={"required": True}),
    )
    assert errors(form, {}) == {
        "a": ["Compilare questo campo: è obbligatorio."],
        "b": ["Spuntare la casella: senza, non si può proseguire."],
    }
    assert errors(form, {}, language="en")["a"] == ["Fill in this field: it is required."]


def test_lengths_limits_patterns_and_validators_speak_at_their_field(make_form: MakeForm) -> None:
    form = make_form(
        field("textfield", "titolo", validate={"minLength": 5, "maxLength": 8}),
        field("number", "mesi", validate={"min": 6, "max": 60}),
        field("textfield", "codice", validate={"pattern": "^[A-Z]{2}$"}),
        field("textfield", "posta", validate={"validationType": "email"}),
        field("textfield", "piva", properties={"validator": "piva"}),
    )
    found = errors(form, {"titolo": "abc", "mesi": "61", "codice": "x", "posta": "x", "piva": "02342520157"})
    assert found == {
        "titolo": ["Scrivere almeno 5 caratteri: ora sono 3."],
        "mesi": ["Scrivere un numero non superiore a 60."],
        "codice": ["Scrivere il valore nella forma richiesta."],
        "posta": ["Scrivere un indirizzo di posta, per esempio nome@esempio.it."],
        "piva": ["Scrivere una partita IVA di 11 cifre: la cifra di controllo non torna."],
    }


def test_all_faults_are_told_at_once_with_the_path_of_their_row(make_form: MakeForm) -> None:
    form = make_form(
        {
            "type": "dynamiclist",
            "path": "partner",
            "properties": {"unique": "cf", "min_rows": 3},
            "components": [
                field(
                    "textfield",
                    "cf",
                    validate={"required": True},
                    properties={"validator": "codice_fiscale_o_piva"},
                ),
                field("textfield", "ruolo", validate={"required": True}),
            ],
        }
    )
    raw = {"partner": [{"cf": "99000010167", "ruolo": "a"}, {"cf": " 99000010167", "ruolo": ""}]}
    assert errors(form, raw) == {
        "partner": ["Servono almeno 3 righe: ora sono 2."],
        "partner.1.cf": ["Indicare un valore diverso: 99000010167 è già nella riga 1."],
        "partner.1.ruolo": ["Compilare questo campo: è obbligatorio."],
    }


def test_a_row_in_which_nothing_was_typed_is_left_out_and_the_others_keep_their_numbers(
    make_form: MakeForm,
) -> None:
    form = make_form(
        {
            "type": "dynamiclist",
            "path": "righe",
            "components": [field("textfield", "a", validate={"required": True}), field("number", "n")],
        }
    )
    assert values(form, {"righe": [{"a": "", "n": ""}, {"a": "x"}]}) == {"righe": [{"a": "x", "n": None}]}
    assert list(errors(form, {"righe": [{}, {"n": "2"}]})) == ["righe.1.a"]
    assert list(errors(form, {"righe": [{"n": "due"}]})) == ["righe.0.a", "righe.0.n"]


def test_what_a_condition_hides_is_neither_required_nor_stored(make_form: MakeForm) -> None:
    form = make_form(
        field("radio", "decisione", values=[{"label": "s", "value": "si"}, {"label": "n", "value": "no"}]),
        field(
            "textfield",
            "motivo",
            validate={"required": True, "minLength": 3},
            conditional={"hide": '=decisione = "si"'},
        ),
    )
    assert values(form, {"decisione": "si", "motivo": "x"}) == {"decisione": "si"}
    assert list(errors(form, {"decisione": "no", "motivo": "x"})) == ["motivo"]


def test_a_hidden_value_does_not_show_what_depends_on_it(make_form: MakeForm) -> None:
    form = make_form(
        field("checkbox", "uno"),
        field("checkbox", "due", conditional={"hide": "uno = false"}),
        field("textfield", "tre", conditional={"hide": "not(due = true)"}),
    )
    assert values(form, {"uno": "", "due": "on", "tre": "x"}) == {"uno": False}
    assert values(form, {"uno": "on", "due": "on", "tre": "x"}) == {"uno": True, "due": True, "tre": "x"}


def test_a_hidden_group_hides_all_that_is_in_it(make_form: MakeForm) -> None:
    form = make_form(
        field("checkbox", "ha_sede"),
        {
            "type": "group",
            "path": "sede",
            "conditional": {"hide": "not(ha_sede)"},
            "components": [field("textfield", "comune", validate={"required": True})],
        },
    )
    assert values(form, {"ha_sede": ""}) == {"ha_sede": False}
    assert values(form, {"ha_sede": "on", "sede": {"comune": "Bergamo"}})["sede"] == {"comune": "Bergamo"}
    assert list(errors(form, {"ha_sede": "on"})) == ["sede.comune"]


def test_conditions_in_a_row_see_the_row_then_the_form_then_the_variables(make_form: MakeForm) -> None:
    form = make_form(
        field("textfield", "tipo"),
        {
            "type": "dynamiclist",
            "path": "righe",
            "components": [
                field("textfield", "tipo"),
                field("textfield", "a", conditional={"hide": 'tipo = "x"'}),
                field("textfield", "b", conditional={"hide": "i = limite"}),
                field("textfield", "c", conditional={"hide": 'parent.tipo != "alto"'}),
            ],
        },
    )
    raw = {
        "tipo": "alto",
        "righe": [{"tipo": "x", "a": "1", "b": "1", "c": "1"}, {"tipo": "y", "a": "2", "b": "2"}],
    }
    got = values(form, raw, {"limite": 2})["righe"]
    assert got == [{"tipo": "x", "b": "1", "c": "1"}, {"tipo": "y", "a": "2", "c": None}]


def test_rules_in_feel_speak_where_they_are_told_to(make_form: MakeForm) -> None:
    rule = {
        "expression": "fine > inizio",
        "message_it": "La fine deve venire dopo il {{inizio}}.",
        "message_en": "The end must come after {{inizio}}.",
        "field": "fine",
    }
    form = make_form(field("datetime", "inizio"), field("datetime", "fine"), validate=[rule])
    raw = {"inizio": "2023-05-08", "fine": "2023-05-01"}
    assert errors(form, raw) == {"fine": ["La fine deve venire dopo il 08/05/2023."]}
    assert errors(form, {"inizio": "2023-05-08"}) == {}
    assert values(form, {"inizio": "2023-05-08", "fine": "2023-05-09"})


def test_a_rule_of_a_field_sees_its_value_and_the_house_clock(make_form: MakeForm) -> None:
    rule = {
        "expression": "value <= today()",
        "message_it": "Non nel futuro.",
        "message_en": "Not in the future.",
    }
    form = make_form(field("datetime", "data", properties={"validate": [rule]}))
    assert errors(form, {"data": "2023-05-09"}) == {"data": ["Non nel futuro."]}
    assert errors(form, {"data": "2023-05-08"}) == {}


def test_an_outcome_may_waive_what_is_required_but_not_what_is_readable(make_form: MakeForm) -> None:
    rule = {
        "expression": "count(partner) >= 2",
        "message_it": "Servono due partner.",
        "message_en": "Two partners.",
    }
    form = make_form(
        field("textfield", "titolo", validate={"required": True}),
        field("number", "mesi", validate={"required": True}),
        {
            "type": "dynamiclist",
            "path": "partner",
            "properties": {"min_rows": 2},
            "components": [field("textfield", "cf")],
        },
        field(
            "radio",
            "esito",
            values=[{"label": "a", "value": "accordo"}, {"label": "r", "value": "riepilogo"}],
            validate={"required": True},
        ),
        outcome="esito",
        optional_when_outcome=["accordo"],
        validate=[rule],
    )
    assert values(form, {"esito": "accordo"})["titolo"] is None
    assert list(errors(form, {"esito": "accordo", "mesi": "tre"})) == ["mesi"]
    assert set(errors(form, {"esito": "riepilogo"})) == {"titolo", "mesi", "partner", ""}
    assert "esito" in errors(form, {})


def test_a_form_may_say_in_feel_when_nothing_is_required(make_form: MakeForm) -> None:
    form = make_form(
        field("checkbox", "rinuncia"),
        field("textfield", "iban", validate={"required": True}),
        required_unless="rinuncia",
    )
    assert values(form, {"rinuncia": "on"}) == {"rinuncia": True, "iban": None}
    assert list(errors(form, {"rinuncia": ""})) == ["iban"]


def test_computed_answers_are_looked_up_in_the_variables(make_form: MakeForm) -> None:
    form = make_form(
        field("select", "partner", valuesExpression="for p in elenco return {value: p.cf, label: p.nome}"),
        field("checklist", "anni", valuesExpression="[2022, 2023]"),
    )
    known = {"elenco": [{"cf": "1", "nome": "Uno"}, {"cf": "2", "nome": "Due"}]}
    assert values(form, {"partner": "2", "anni": ["2023"]}, known) == {
        "partner": "2",
        "anni": [Decimal(2023)],
    }
    assert errors(form, {"partner": "3"}, known) == {
        "partner": ["Scegliere una delle risposte in elenco: 3 non c'è."]
    }


def test_every_declaration_must_be_ticked_where_all_are_asked(make_form: MakeForm) -> None:
    options = [{"label": "a", "value": "a"}, {"label": "b", "value": "b"}]
    form = make_form(
        field(
            "checklist",
            "dichiarazioni",
            values=options,
            validate={"required": True},
            properties={"all": True},
        )
    )
    assert errors(form, {"dichiarazioni": ["a"]}) == {
        "dichiarazioni": ["Spuntare tutte le voci: ne mancano 1."]
    }
    assert errors(form, {"dichiarazioni": ["a", "b"]}) == {}


def _document(id_: str, name: str, size: int = 10) -> Document:
    return Document(id_, "C-1", name, "application/pdf", size, "0" * 64, NOW, "p")


def test_files_must_be_documents_of_the_case_of_the_right_type_and_size(make_form: MakeForm) -> None:
    form = make_form(field("filepicker", "relazione", accept=".pdf,.p7m", properties={"max_bytes": 1048576}))
    known = {
        "d1": _document("d1", "Relazione.PDF"),
        "d2": _document("d2", "a.exe"),
        "d3": _document("d3", "b.pdf", 2 * 1048576),
    }
    assert values(form, {"relazione": "d1"}, documents=known) == {"relazione": "d1"}
    assert "non è tra i documenti" in errors(form, {"relazione": "dx"}, documents=known)["relazione"][0]
    assert "a.exe non lo è" in errors(form, {"relazione": "d2"}, documents=known)["relazione"][0]
    assert "1 MB" in errors(form, {"relazione": "d3"}, documents=known)["relazione"][0]


def test_a_validator_from_outside_refuses_at_its_field(make_form: MakeForm) -> None:
    form = make_form(field("filepicker", "firma", properties={"validator": "firma.verifica"}))
    documents = {"d1": _document("d1", "a.p7m")}

    def verify(place: Any, around: Any) -> str | None:
        return None if place.value == "d1" and around.variables["buona"] else "Firmare il testo esatto."

    assert (
        errors(form, {"firma": "d1"}, {"buona": True}, documents=documents, checks={"firma.verifica": verify})
        == {}
    )
    assert errors(
        form, {"firma": "d1"}, {"buona": False}, documents=documents, checks={"firma.verifica": verify}
    ) == {"firma": ["Firmare il testo esatto."]}


def test_a_submission_is_not_taken_unverified_where_a_validator_is_not_at_hand(make_form: MakeForm) -> None:
    form = make_form(field("filepicker", "firma", properties={"validator": "firma.verifica"}))
    with pytest.raises(HandlerUnknown, match=r"firma\.verifica"):
        values(form, {"firma": ""})


def test_what_is_read_only_comes_from_the_variables_whatever_is_sent(make_form: MakeForm) -> None:
    form = make_form(
        field("number", "punteggio", readonly=True),
        field("textfield", "mai", disabled=True),
        {
            "type": "dynamiclist",
            "path": "rilievi",
            "allowAddRemove": False,
            "properties": {"rows": "for r in trovati return {codice: r}"},
            "components": [
                field("textfield", "codice", readonly=True),
                field("textfield", "nota", validate={"required": True}),
            ],
        },
    )
    known = {"punteggio": Decimal(60), "trovati": ["F02", "F06"]}
    raw = {"punteggio": "99", "mai": "x", "rilievi": [{"codice": "F99", "nota": "a"}, {"nota": "b"}]}
    assert values(form, raw, known) == {
        "punteggio": Decimal(60),
        "rilievi": [{"codice": "F02", "nota": "a"}, {"codice": "F06", "nota": "b"}],
    }
    assert errors(form, {"rilievi": [{"nota": "a"}]}, known) == {
        "rilievi": ["Rispondere per ognuna delle 2 righe, senza aggiungerne: ora sono 1."]
    }
    assert list(errors(form, {"rilievi": [{"nota": "a"}, {}]}, known)) == ["rilievi.1.nota"]


def test_computed_values_are_stored_only_under_a_key_and_may_hide_others(make_form: MakeForm) -> None:
    form = make_form(
        {
            "type": "dynamiclist",
            "path": "righe",
            "components": [field("number", "n"), field("expression", "doppio", expression="n * 2")],
        },
        {"type": "expression", "id": "x", "expression": "1 + 1"},
        field("expression", "somma", expression="sum(righe.doppio)"),
        field("textfield", "perche", conditional={"hide": "somma < 10"}),
    )
    got = values(form, {"righe": [{"n": "1"}, {"n": "2"}], "somma": "999", "perche": "x"})
    assert got == {
        "righe": [{"n": Decimal(1), "doppio": Decimal(2)}, {"n": Decimal(2), "doppio": Decimal(4)}],
        "somma": Decimal(6),
    }
    assert values(form, {"righe": [{"n": "5"}], "perche": "x"})["perche"] == "x"


def test_an_unknown_field_is_an_error_to_the_api_and_nothing_to_a_browser(make_form: MakeForm) -> None:
    form = make_form(
        field("textfield", "a"), {"type": "group", "path": "g", "components": [field("textfield", "b")]}
    )
    raw = {"a": "1", "z": "2", "g": {"b": "3", "y": "4"}}
    assert values(form, raw) == {"a": "1", "g": {"b": "3"}}
    assert errors(form, raw, strict=True) == {
        "z": ["Questo campo non fa parte del modulo."],
        "g.y": ["Questo campo non fa parte del modulo."],
    }


@pytest.mark.parametrize(
    "raw",
    [
        {"a": {"x": 1}},
        {"a": 5},
        {"g": "no"},
        {"righe": "no"},
        {"righe": [3]},
        {"n": True},
        {"n": [1, 2]},
        {"c": {"a": "b"}},
        {"g": None},
    ],
)
def test_a_value_of_the_wrong_shape_is_a_sentence_and_never_a_crash(
    make_form: MakeForm, raw: dict[str, Any]
) -> None:
    form = make_form(
        field("textfield", "a"),
        field("number", "n"),
        field("radio", "c", values=[{"label": "l", "value": "v"}]),
        {"type": "group", "path": "g", "components": [field("textfield", "b")]},
        {"type": "dynamiclist", "path": "righe", "components": [field("textfield", "b")]},
    )
    assert errors(form, raw, strict=True)


def test_a_date_may_have_to_lie_ahead(make_form: MakeForm) -> None:
    form = make_form(field("datetime", "data", disallowPassedDates=True))
    assert errors(form, {"data": "2023-05-07"}) == {
        "data": ["Indicare una data non anteriore a oggi, 08/05/2023."]
    }
    assert errors(form, {"data": "2023-05-08"}) == {}


raw_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["A1", "2023-05-08", "1,5"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "n", "righe", "g", "b"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["a", "n", "d", "q", "c", "k", "f", "g", "righe", "z"]), raw_values, max_size=6
    ),
    st.booleans(),
)
def test_no_submission_crashes_the_reading(raw: dict[str, Any], strict: bool) -> None:
    form = load_form(ANY_FORM)
    with contextlib.suppress(FormInvalid):
        values(form, raw, strict=strict)
    Lens(form, raw, Around(now=NOW))
    missing(form, raw, Around(now=NOW))


ANY_FORM = json.dumps(
    {
        "id": "frm_x",
        "components": [
            field("textfield", "a", properties={"validator": "piva"}),
            field("number", "n", decimalDigits=1),
            field("datetime", "d"),
            field("datetime", "q", subtype="datetime", disallowPassedDates=True),
            field("checklist", "c", valuesExpression='["A1", 2]'),
            field("checkbox", "k", conditional={"hide": "n > 2"}),
            field("filepicker", "f", multiple=True),
            {
                "type": "group",
                "path": "g",
                "components": [field("textfield", "b", conditional={"hide": "a = null"})],
            },
            {
                "type": "dynamiclist",
                "path": "righe",
                "properties": {"unique": "b"},
                "components": [field("number", "b"), field("textfield", "a")],
            },
            field("expression", "e", expression="sum(righe.b) + n"),
        ],
    }
).encode()
