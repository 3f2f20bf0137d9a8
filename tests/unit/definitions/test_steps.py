"""A form as it looks with the answers so far: steps with counts, first values, what shows, what is personal."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from app.definitions.forms import Around, Form, Lens, missing, personal, prefill, read_posted, sealed
from app.definitions.texts import Text

NOW = datetime(2023, 5, 8, 7, 0, tzinfo=UTC)
MakeForm = Callable[..., Form]


def field(kind: str, key: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "label": key, **more}


def _hub(make_form: MakeForm) -> Form:
    return make_form(
        {
            "type": "group",
            "id": "dati",
            "label": "Dati",
            "properties": {"section": True, "label_en": "Data"},
            "components": [
                field("textfield", "titolo", validate={"required": True, "minLength": 5}),
                field("number", "mesi", validate={"required": True}),
                field("textfield", "note"),
            ],
        },
        {
            "type": "group",
            "id": "partenariato",
            "label": "Partner",
            "properties": {"section": True},
            "components": [
                {
                    "type": "dynamiclist",
                    "path": "partner",
                    "properties": {"min_rows": 2},
                    "components": [field("textfield", "cf", validate={"required": True})],
                }
            ],
        },
        field("radio", "esito", values=[{"label": "a", "value": "accordo"}]),
        outcome="esito",
        optional_when_outcome=["accordo"],
    )


def test_each_step_counts_what_is_done_missing_and_to_mend(make_form: MakeForm) -> None:
    form = _hub(make_form)
    assert [(s.key, s.label.of("en")) for s in form.sections] == [
        ("dati", "Data"),
        ("partenariato", "Partner"),
        ("", ""),
    ]
    raw = {"titolo": "ab", "esito": "accordo", "partner": [{"cf": "x"}]}
    counts = missing(form, raw, Around(now=NOW))
    assert (counts["dati"].done, counts["dati"].missing, counts["dati"].wrong, counts["dati"].total) == (
        0,
        1,
        1,
        2,
    )
    assert (counts["partenariato"].done, counts["partenariato"].missing, counts["partenariato"].total) == (
        1,
        1,
        2,
    )
    assert counts[""].total == 0


def test_a_step_that_is_done_has_nothing_missing(make_form: MakeForm) -> None:
    raw = {"titolo": "Novacera", "mesi": "6", "partner": [{"cf": "x"}, {"cf": "y"}]}
    counts = missing(_hub(make_form), raw, Around(now=NOW))
    assert all(progress.missing == progress.wrong == 0 for progress in counts.values())
    assert counts["dati"].done == counts["dati"].total == 2


def test_first_values_are_those_of_the_variables_then_the_defaults(make_form: MakeForm) -> None:
    form = make_form(
        field("textfield", "titolo"),
        field("number", "mesi", defaultValue=12),
        field("select", "tipo", defaultValue="a", values=[{"label": "a", "value": "a"}]),
        {"type": "group", "path": "referente", "components": [field("textfield", "nome")]},
        {"type": "dynamiclist", "path": "uno", "components": [field("textfield", "x", defaultValue="z")]},
        {
            "type": "dynamiclist",
            "path": "due",
            "defaultRepetitions": 0,
            "components": [field("textfield", "x")],
        },
        {
            "type": "dynamiclist",
            "path": "tre",
            "properties": {"rows": "for r in trovati return {x: r}"},
            "components": [field("textfield", "x")],
        },
    )
    known = {"titolo": "Nova", "referente": {"nome": "Ada", "altro": 1}, "trovati": ["F02"], "estraneo": 1}
    assert prefill(form, known, NOW) == {
        "titolo": "Nova",
        "mesi": Decimal(12),
        "tipo": "a",
        "referente": {"nome": "Ada"},
        "uno": [{"x": "z"}],
        "due": [],
        "tre": [{"x": "F02"}],
    }


def test_first_values_can_be_looked_at_before_anyone_types(make_form: MakeForm) -> None:
    form = make_form(
        field("datetime", "giorno"), field("datetime", "quando", subtype="datetime"), field("number", "n")
    )
    known = {"giorno": date(2023, 5, 8), "quando": NOW, "n": Decimal("1.50")}
    lens = Lens(form, prefill(form, known), Around(known, now=NOW))
    assert lens.reading.faults == ()
    assert lens.reading.settled.values == known


def test_the_lens_tells_what_shows_what_is_locked_and_what_feel_computes(make_form: MakeForm) -> None:
    form = make_form(
        field("checkbox", "si"),
        field("textfield", "perche", conditional={"hide": "si = false"}),
        field("textfield", "fisso", readonly="=true"),
        {
            "type": "dynamiclist",
            "path": "righe",
            "components": [
                field("number", "n"),
                {"type": "expression", "id": "d", "expression": "n * 2"},
                field("select", "s", valuesExpression="[n]"),
            ],
        },
        {"type": "table", "id": "t", "dataSource": "=trovati"},
    )
    raw = read_posted(form, {"si": "", "righe.0._row": "1", "righe.1.n": "2,5"})
    lens = Lens(form, raw, Around({"trovati": [{"a": 1}], "fisso": "f"}, now=NOW))
    ticked, why, fixed, rows, table = form.fields
    number, double, choice = rows.fields
    assert (lens.shows(ticked), lens.shows(why), lens.shows(number, "righe.0.")) == (True, False, True)
    assert (lens.locked(fixed), lens.locked(ticked), lens.computed(fixed)) == (True, False, "f")
    assert (lens.computed(double, "righe.0."), lens.computed(double, "righe.1.")) == (None, Decimal("5.0"))
    assert lens.options(choice, "righe.1.")[0].value == Decimal("2.5")
    assert lens.computed(table) == [{"a": 1}]
    text = Text("Riga {{i}}: {{n}}, {{giorno}}{{ignoto}}", "Row {{i}}")
    assert lens.text(text, number, "righe.1.") == "Riga 2: 2,5, "


def test_personal_values_are_named_with_their_subject_and_can_be_sealed(make_form: MakeForm) -> None:
    form = make_form(
        {
            "type": "group",
            "path": "referente",
            "properties": {"personal": "referente"},
            "components": [field("textfield", "nome"), field("textfield", "tel")],
        },
        {
            "type": "dynamiclist",
            "path": "membri",
            "components": [
                field("textfield", "cf", properties={"personal": "membro"}),
                field("textfield", "ruolo"),
            ],
        },
        field("textfield", "titolo"),
    )
    values = {"referente": {"nome": "Ada", "tel": None}, "membri": [{"cf": "1", "ruolo": "r"}], "titolo": "t"}
    assert personal(form, values) == [("referente.nome", "referente"), ("membri.0.cf", "membro")]
    closed = sealed(form, values, lambda subject, value: f"<{subject}:{value}>")
    assert closed == {
        "referente": {"nome": "<referente:Ada>", "tel": None},
        "membri": [{"cf": "<membro:1>", "ruolo": "r"}],
        "titolo": "t",
    }
    assert values["membri"] == [{"cf": "1", "ruolo": "r"}]
