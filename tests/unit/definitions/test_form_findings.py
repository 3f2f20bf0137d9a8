"""What is wrong with a form is found before anyone fills it in, all at once, each with a way out."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.definitions import form_findings
from app.definitions.forms import Around, Lens, load_form, prefill, read, read_posted
from app.definitions.forms.model import TYPES
from app.domain.definitions import Finding


def examine(*components: Any, **properties: Any) -> list[Finding]:
    form = {"id": "frm_x", "components": list(components), "properties": properties}
    return form_findings.examine("forms/frm_x.json", json.dumps(form).encode(), {"firma.verifica"})


def field(kind: str, key: str | None = "a", **more: Any) -> dict[str, Any]:
    more["properties"] = {"label_en": "x", **more.get("properties", {})}
    return {"type": kind, "label": "x", **({"key": key} if key is not None else {}), **more}


OPTIONS = [{"label": "1", "value": "1"}]


def test_a_sound_form_has_no_findings() -> None:
    found = examine(
        field(
            "textfield",
            "a",
            validate={"pattern": "^x$", "minLength": 1, "maxLength": 2},
            properties={"validator": ["piva"]},
        ),
        field("filepicker", "firma", properties={"validator": "firma.verifica"}),
        field("radio", "esito", values=OPTIONS, conditional={"hide": '=a = "x"'}),
        {"type": "group", "path": "g", "components": [field("textfield", "a")]},
        {
            "type": "dynamiclist",
            "path": "r",
            "properties": {"unique": "a"},
            "components": [field("textfield", "a")],
        },
        {"type": "text", "text": "Ciao {{a}}"},
        {"type": "button", "label": "Vai", "properties": {"label_en": "Go", "outcome": "1"}},
        outcome="esito",
        optional_when_outcome=["1"],
    )
    assert found == []


@pytest.mark.parametrize(
    ("component", "code"),
    [
        ({"type": "iframe", "url": "https://example.org"}, "iframe"),
        ({"type": "colourpicker"}, "component_type"),
        ("text", "component_type"),
        (field("textfield", None), "key_missing"),
        ({"type": "dynamiclist", "components": []}, "key_missing"),
        (field("textfield", "due parole"), "key"),
        (field("textfield", "_add"), "key"),
        (field("textfield", "this"), "key"),
        (field("textfield", "a-b"), "key"),
        (field("textfield", "0.cf"), "key"),
        (field("textfield", conditional={"hide": "=a = "}), "feel"),
        (field("textfield", readonly="=1 +"), "feel"),
        (field("select", valuesExpression="for x in"), "feel"),
        (field("textfield", conditional={"hide": "${a == 'x'}"}), "foreign_expression"),
        (field("expression", expression="len(a)"), "foreign_expression"),
        ({"type": "text", "text": "Ciao {{1 +}}"}, "feel"),
        (field("select"), "options"),
        (field("select", values=[*OPTIONS, *OPTIONS]), "option_repeated"),
        (field("textfield", validate={"pattern": "(?=x)"}), "pattern"),
        (field("textfield", validate={"minLength": 5, "maxLength": 2}), "bounds"),
        (field("number", validate={"min": 5, "max": "2.5"}), "bounds"),
        (field("textfield", properties={"validator": "vat"}), "validator"),
        (field("datetime", subtype="week"), "subtype"),
        (field("textfield", properties={"validate": "a > 1"}), "rule"),
        (field("textfield", properties={"validate": [{"message_it": "x"}]}), "rule"),
        (field("textfield", properties={"validate": [{"expression": "a >"}]}), "feel"),
        (
            field("textfield", properties={"validate": [{"expression": "a > 1", "message_it": "x"}]}),
            "rule_message",
        ),
        (field("textfield", properties={"section": True}), "section"),
        (field("textfield", properties={"colour": "red"}), "property"),
        ({"type": "image", "source": "https://example.org/x.png"}, "image"),
        ({"type": "image", "source": "//example.org/x.png"}, "image"),
        ({"type": "image", "source": "/\\\\evil.com/x"}, "image"),
        ({"type": "image", "source": "/\t/evil.com/x"}, "image"),
        ({"type": "image", "source": "/static/a b.png"}, "image"),
        (
            {"type": "dynamiclist", "path": "r", "defaultRepetitions": 1_000_000_000, "components": []},
            "shape",
        ),
        (
            {"type": "dynamiclist", "path": "r", "defaultRepetitions": "1e999999999", "components": []},
            "shape",
        ),
        ({"type": "dynamiclist", "path": "r", "defaultRepetitions": -1, "components": []}, "shape"),
        (field("textfield", validate={"maxLength": "many"}), "shape"),
        (field("number", validate={"max": "1e999999"}), "shape"),
        (field("number", decimalDigits=10**9), "shape"),
        (field("textfield", description="\ud800"), "shape"),
        (field("textfield", properties={"label_en": "a\0"}), "shape"),
        (field("textfield", properties={"values_en": '{"a": "\\ud800"}'}), "shape"),
        (field("select", values=[{"label": "x", "value": "\udfff"}]), "shape"),
        ({"type": "dynamiclist", "path": "r", "properties": {"unique": "cf"}, "components": []}, "unique"),
        ({"type": "textfield", "key": "a", "label": "Solo italiano"}, "untranslated"),
        (field("textfield", validate="required"), "shape"),
        (field("select", values=["a"]), "shape"),
        (
            {"type": "dynamiclist", "path": "r", "components": [field("textfield", readonly=True)]},
            "row_readonly",
        ),
    ],
)
def test_each_fault_has_its_finding_with_a_way_out(component: Any, code: str) -> None:
    found = [finding for finding in examine(component) if finding.code == code]
    assert len(found) == 1
    assert found[0].way_out
    assert found[0].message.startswith("Expected")


def test_a_key_may_not_be_taken_twice_nor_be_a_value_and_a_group() -> None:
    twice = examine(field("textfield", "a"), {"type": "group", "components": [field("number", "a")]})
    both = examine(
        field("textfield", "g"), {"type": "group", "path": "g", "components": [field("number", "a")]}
    )
    apart = examine(
        field("textfield", "a"), {"type": "dynamiclist", "path": "r", "components": [field("number", "a")]}
    )
    assert ([f.code for f in twice], [f.code for f in both], apart) == (["key"], ["key"], [])


def test_feel_errors_name_their_place_in_the_text() -> None:
    (found,) = examine(field("textfield", conditional={"hide": '=a = "x" andd b'}))
    assert "line 1, column 9" in found.message
    assert (found.element, found.severity) == ("a", "error")


def test_an_outcome_must_be_a_question_of_the_form_with_that_answer() -> None:
    assert [f.code for f in examine(field("textfield", "a"), outcome="a")] == ["outcome"]
    assert [f.code for f in examine(outcome="esito")] == ["outcome"]
    wrong = examine(field("radio", "esito", values=OPTIONS), outcome="esito", optional_when_outcome=["2"])
    assert [f.code for f in wrong] == ["outcome_value"]


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"components": 3}', b"\xff", b"[" * 100_000])
def test_what_is_no_form_is_one_finding(data: bytes) -> None:
    assert [f.code for f in form_findings.examine("forms/f.json", data)] == ["form_unreadable"]


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(["", "a", "=a", "=1 +", "{{a", "[1]", "{}", "a.b", "true"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["a", "value", "expression", "hide"]), inner, max_size=2)
    ),
    max_leaves=4,
)
attributes = [
    "key",
    "path",
    "id",
    "label",
    "values",
    "valuesExpression",
    "validate",
    "conditional",
    "readonly",
    "disabled",
    "subtype",
    "accept",
    "multiple",
    "columns",
    "dataSource",
    "source",
    "text",
    "appearance",
    "allowAddRemove",
    "defaultRepetitions",
    "defaultValue",
    "decimalDigits",
    "expression",
]
own = [
    "personal",
    "validator",
    "validate",
    "min_rows",
    "max_rows",
    "unique",
    "rows",
    "section",
    "outcome",
    "all",
    "values_en",
    "label_en",
    "max_bytes",
]
components = st.recursive(
    st.builds(
        lambda kind, given, mine: {"type": kind, **given, "properties": mine},
        st.sampled_from(sorted(TYPES)) | anything,
        st.dictionaries(st.sampled_from(attributes), anything, max_size=4),
        st.dictionaries(st.sampled_from(own), anything, max_size=3) | anything,
    ),
    lambda inner: st.builds(
        lambda kind, inside, given: {"type": kind, "components": inside, **given},
        st.sampled_from(["group", "dynamiclist"]),
        st.lists(inner, max_size=3) | anything,
        st.dictionaries(st.sampled_from(attributes), anything, max_size=2),
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(components, max_size=4),
    st.dictionaries(
        st.sampled_from([*own, "optional_when_outcome", "required_unless"]), anything, max_size=3
    ),
)
def test_no_form_crashes_the_check_and_what_passes_it_can_be_asked(
    parts: list[Any], mine: dict[str, Any]
) -> None:
    data = json.dumps({"id": "frm_x", "components": parts, "properties": mine}).encode()
    if any(f.severity == "error" for f in form_findings.examine("forms/frm_x.json", data)):
        return
    form = load_form(data)
    read(form, prefill(form, {}), Around())
    Lens(form, read_posted(form, {}), Around())


def _nested(depth: int, inner: dict[str, Any]) -> dict[str, Any]:
    for _ in range(depth - 1):
        inner = {"type": "group", "components": [inner]}
    return inner


@pytest.mark.parametrize("depth", [9, 150, 300])
def test_a_form_too_deep_for_a_page_is_one_finding(depth: int) -> None:
    assert [f.code for f in examine(_nested(depth, field("textfield")))] == ["extent"]
    assert examine(_nested(8, field("textfield"))) == []


def test_a_form_of_more_than_500_components_is_one_finding() -> None:
    many = [field("textfield", f"a{n}") for n in range(501)]
    assert [f.code for f in examine(*many)] == ["extent"]
    assert examine(*many[:500]) == []


def test_a_title_with_half_a_character_is_a_finding() -> None:
    data = json.dumps({"id": "frm_x", "title": "\ud800", "components": []}).encode()
    assert [f.code for f in form_findings.examine("forms/frm_x.json", data)] == ["shape"]


def _lists(*rows: int) -> dict[str, Any]:
    inner: list[dict[str, Any]] = [field("textfield")]
    for number, count in enumerate(rows):
        inner = [
            {"type": "dynamiclist", "path": f"r{number}", "defaultRepetitions": count, "components": inner}
        ]
    return inner[0]


def test_lists_within_lists_multiply_their_rows() -> None:
    assert examine(_lists(5, 100)) == []
    assert [f.code for f in examine(_lists(6, 100))] == ["rows"]


def test_what_was_deployed_before_begins_with_no_more_rows_than_a_form_may_have() -> None:
    for rows in ((10**9,), (100, 100, 100), (10**9, 10**9)):
        form = load_form(json.dumps({"id": "frm_x", "components": [_lists(*rows)]}).encode())
        assert json.dumps(prefill(form, {}), default=str).count("{") <= 4 * 500


def test_a_signature_field_says_what_is_signed_and_by_whom() -> None:
    sound = {"validator": "firma", "signed": "=accordo", "signer": "=rappresentante.cf"}
    assert examine(field("filepicker", "firma", properties=sound)) == []
    codes = [f.code for f in examine(field("filepicker", "firma", properties={"validator": ["firma"]}))]
    assert codes == ["signature", "signature"]
    broken = {**sound, "signed": "=accordo +", "signer": "${cf}"}
    assert {f.code for f in examine(field("filepicker", "firma", properties=broken))} == {
        "feel",
        "foreign_expression",
    }
    (where,) = examine(field("textfield", "firma", properties=sound))
    assert where.code == "signature_place"
    (several,) = examine(field("filepicker", "firma", multiple=True, properties=sound))
    assert several.code == "signature_place"
    idle = examine(field("filepicker", "firma", properties={"signed": "=accordo"}))
    assert [f.code for f in idle] == ["signature_idle"]


def board(**more: Any) -> dict[str, Any]:
    states = [{"value": "x", "label": "x", "label_en": "x", **more.pop("state_of_x", {})}]
    columns = [{"key": "nome", "label": "n"}, {"key": "stato", "label": "s", "values": states}]
    return field("table", None, dataSource="=[]", columns=columns, properties={"board": {**more}})


def test_a_board_names_the_columns_of_title_and_state_and_tones_that_there_are() -> None:
    sound = {"title": "nome", "state": "stato", "messages": "cf"}
    assert examine(board(**sound, state_of_x={"tone": "success", "icon": "check"})) == []
    for wrong in ({}, {"title": "nome"}, {"title": "nome", "state": "altro"}, {**sound, "messages": 5}):
        assert [f.code for f in examine(board(**wrong))] == ["board"]
    assert [f.code for f in examine(board(**sound, state_of_x={"tone": "red"}))] == ["board_tone"]
    assert "board" in {f.code for f in examine(field("textfield", properties={"board": sound}))}
    assert [f.code for f in examine(field("table", None, dataSource="=[]", properties={"board": "x"}))] == [
        "shape"
    ]
