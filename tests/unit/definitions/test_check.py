"""One check of a whole bundle: manifest, lanes, forms, handlers and expressions agree with its diagrams."""

import json
from pathlib import Path

import pytest

from app.definitions.bundle import read_bundle
from app.definitions.check import check, facts
from app.domain.bundles import Bundle
from app.domain.definitions import Finding
from app.domain.errors import DefinitionInvalid

BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:pratica="https://pratica.example/schema/bpmn/1.0" id="d" targetNamespace="x">
  <bpmn:message id="M_1" name="domanda.arrivata"/>
  <bpmn:process id="p" isExecutable="true">
    <bpmn:laneSet id="ls">
      <bpmn:lane id="L1" name="istruttore"><bpmn:flowNodeRef>SE</bpmn:flowNodeRef><bpmn:flowNodeRef>UT</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>ST</bpmn:flowNodeRef><bpmn:flowNodeRef>EE</bpmn:flowNodeRef></bpmn:lane>
    </bpmn:laneSet>
    <bpmn:startEvent id="SE"><bpmn:outgoing>f1</bpmn:outgoing>
      <bpmn:messageEventDefinition id="md" messageRef="M_1"/></bpmn:startEvent>
    <bpmn:userTask id="UT" name="Esamina" pratica:form="frm_esame" pratica:result="esame" pratica:due="today() + duration(&quot;P3D&quot;)">
      <bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing></bpmn:userTask>
    <bpmn:serviceTask id="ST" pratica:handler="protocollo.registra" pratica:result="protocollo">
      <bpmn:extensionElements><pratica:input name="oggetto" value="esame.esito"/></bpmn:extensionElements>
      <bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing></bpmn:serviceTask>
    <bpmn:endEvent id="EE"><bpmn:incoming>f3</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="SE" targetRef="UT"/>
    <bpmn:sequenceFlow id="f2" sourceRef="UT" targetRef="ST"/>
    <bpmn:sequenceFlow id="f3" sourceRef="ST" targetRef="EE"/>
  </bpmn:process>
</bpmn:definitions>"""
MANIFEST = """
[process]
id = "p"
kind = "domanda"
title = {it = "Domanda", en = "Application"}
[start]
who = "message"
[lanes]
istruttore = {kind = "office", it = "Istruttore", en = "Officer"}
[case]
title = "esame.titolo"
prefix = "DOM"
first = 7
[record]
esito = "esame.esito"
[states]
in_esame = {it = "In esame", en = "Under review"}
chiusa = {it = "Chiusa", en = "Closed"}
[reached]
UT = "in_esame"
EE = "chiusa"
"""
FORM = {
    "id": "frm_esame",
    "components": [
        {"type": "textfield", "key": "esito", "label": "Esito", "properties": {"label_en": "Outcome"}}
    ],
}


def bundle(
    bpmn: str = BPMN, manifest: str | None = MANIFEST, form: str | None = None, **more: bytes
) -> Bundle:
    files = {"p.bpmn": bpmn.encode(), "forms/frm_esame.json": (form or json.dumps(FORM)).encode(), **more}
    if manifest is not None:
        files["process.toml"] = manifest.encode()
    return Bundle("p", files)


def found(
    bundle: Bundle, handlers: frozenset[str] = frozenset({"protocollo.registra"})
) -> list[tuple[str, str, str]]:
    return [(f.file, f.element, f.code) for f in check(bundle, handlers)]


def _only(bundle: Bundle, code: str) -> Finding:
    (finding,) = [f for f in check(bundle, {"protocollo.registra"}) if f.code == code]
    assert finding.way_out
    return finding


def test_a_sound_bundle_has_no_findings() -> None:
    assert found(bundle()) == []


def test_the_facts_of_a_bundle_are_those_of_its_manifest_and_its_message_starts() -> None:
    known = facts(bundle())
    assert (known.process, known.kind, known.titles) == (
        "p",
        "domanda",
        {"it": "Domanda", "en": "Application"},
    )
    assert known.lanes == {"istruttore": "office"}
    assert known.message_starts == {"domanda.arrivata": "SE"}
    assert known.states == {"UT": "in_esame", "EE": "chiusa"}
    assert (known.record, known.title_path) == ({"esito": "esame.esito"}, "esame.titolo")
    assert (known.start_who, known.number_prefix, known.number_first) == ("message", "DOM", 7)
    with pytest.raises(DefinitionInvalid):
        facts(bundle(manifest=None))


@pytest.mark.parametrize(
    ("before", "after", "element", "code"),
    [
        ("istruttore = {", "altro = {", "lanes.istruttore", "lane_unknown"),
        ("istruttore = {", "altro = {", "lanes.altro", "lane_unused"),
        ('UT = "in_esame"', 'UX = "in_esame"', "reached.UX", "element_unknown"),
        ('kind = "office", it', 'kind = "office", same = ["a.b"], it', "lanes.istruttore", "lane_invited"),
        (
            'kind = "office", it',
            'kind = "office", invited = "a", until = ["EX"], it',
            "lanes.istruttore.until",
            "element_unknown",
        ),
        ('EE = "chiusa"', 'EE = "finita"', "reached.EE", "state_unknown"),
        ('EE = "chiusa"', 'EE = "finita"', "states.chiusa", "state_unreached"),
        ('it = "Chiusa", en = "Closed"', "", "states.chiusa", "state_unnamed"),
        ('it = "Chiusa", en = "Closed"', 'it = "Chiusa"', "states.chiusa", "untranslated"),
        ('id = "p"', 'id = "q"', "process.id", "manifest_process"),
        ('who = "message"', 'who = "anyone"', "start.who", "start_plain"),
        ('prefix = "DOM"\n', "", "case.prefix", "case_prefix"),
        ('who = "message"', 'who = "message"\nrole = "istruttore"', "start.role", "start_role"),
    ],
)
def test_the_manifest_must_fit_the_diagrams(before: str, after: str, element: str, code: str) -> None:
    assert before in MANIFEST
    text = MANIFEST.replace(before, after)
    if code == "case_prefix":
        text = text.replace('who = "message"', 'who = "group:istruttore"')
    assert ("process.toml", element, code) in found(bundle(manifest=text))


ASKED = """
[messages."domanda.arrivata"]
who = "istruttore"
form = "frm_esame"
about = "esame.esito"
it = "Chiedi"
en = "Ask"
[thread]
answered = ["EE"]
[thread.shows]
"domanda.arrivata" = ["esito"]
UT = ["esito"]
"""


def test_a_message_with_a_form_and_a_thread_that_fit_have_no_finding() -> None:
    assert found(bundle(manifest=MANIFEST + ASKED)) == []


@pytest.mark.parametrize(
    ("before", "after", "element", "code"),
    [
        ('form = "frm_esame"', 'form = "frm_altro"', "messages.domanda.arrivata.form", "form_missing"),
        ('about = "esame.esito"', 'about = "esame."', "messages.domanda.arrivata.about", "feel"),
        ('UT = ["esito"]', 'UX = ["esito"]', "thread.shows.UX", "thread_unknown"),
        ('UT = ["esito"]', 'UT = ["altro"]', "thread.shows.UT", "thread_field"),
        ('["EE"]', '["EX"]', "thread.answered", "element_unknown"),
    ],
)
def test_what_a_message_asks_and_a_thread_shows_must_be_there(
    before: str, after: str, element: str, code: str
) -> None:
    text = (MANIFEST + ASKED).replace(before, after)
    assert ("process.toml", element, code) in found(bundle(manifest=text))


def test_people_start_by_a_message_only_what_says_so() -> None:
    text = (MANIFEST + ASKED).replace('who = "message"', 'who = "system"')
    assert ("process.toml", "messages.domanda.arrivata", "start_message") in found(bundle(manifest=text))


def test_a_form_that_a_message_alone_asks_is_in_the_bundle_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "processes" / "p").mkdir(parents=True)
    (tmp_path / "forms" / "p").mkdir(parents=True)
    (tmp_path / "processes" / "p" / "p.bpmn").write_text(BPMN)
    text = MANIFEST + ASKED.replace('form = "frm_esame"', 'form = "frm_altro"')
    (tmp_path / "processes" / "p" / "process.toml").write_text(text)
    for name in ("frm_esame", "frm_altro"):
        (tmp_path / "forms" / "p" / f"{name}.json").write_text(json.dumps(FORM | {"id": name}))
    made = read_bundle(tmp_path, "p")
    assert {"forms/frm_esame.json", "forms/frm_altro.json"} <= set(made.files)
    assert [code for _, _, code in found(made)] == []


def test_a_form_or_handler_that_is_not_there_is_named_at_its_element() -> None:
    files = dict(bundle().files)
    del files["forms/frm_esame.json"]
    assert found(Bundle("p", files)) == [("p.bpmn", "UT", "form_missing")]
    assert found(bundle(), frozenset({"altro"})) == [("p.bpmn", "ST", "handler_unknown")]
    assert check(bundle()) == []


def test_a_form_that_nobody_asks_is_a_warning() -> None:
    more = bundle(**{"forms/frm_altro.json": json.dumps({**FORM, "id": "frm_altro"}).encode()})
    finding = _only(more, "form_unused")
    assert (finding.file, finding.severity) == ("forms/frm_altro.json", "warning")


def test_faults_of_forms_are_among_the_findings() -> None:
    form = {"id": "frm_esame", "components": [{"type": "iframe"}]}
    assert found(bundle(form=json.dumps(form))) == [("forms/frm_esame.json", "", "iframe")]


@pytest.mark.parametrize(
    ("before", "after", "element", "feel"),
    [
        ('value="esame.esito"', "value=\"${esame.esito == 'x'}\"", "ST", 'esame.esito = "x"'),
        ('pratica:due="today() + duration(&quot;P3D&quot;)"', 'pratica:due="${scadenza}"', "UT", "scadenza"),
    ],
)
def test_an_expression_of_another_engine_is_refused_once_with_its_feel(
    before: str, after: str, element: str, feel: str
) -> None:
    changed = bundle(bpmn=BPMN.replace(before, after))
    assert found(changed) == [("p.bpmn", element, "foreign_expression")]
    assert feel in _only(changed, "foreign_expression").way_out


@pytest.mark.parametrize(
    "hostile",
    [
        '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + BPMN.partition("?>")[2],
        '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + BPMN.partition("?>")[2],
        "<bpmn:definitions",
        "",
        "<a/>",
    ],
)
def test_a_hostile_or_broken_diagram_is_a_finding_and_never_a_crash(hostile: str) -> None:
    findings = check(bundle(bpmn=hostile), {"protocollo.registra"})
    assert any(f.file == "p.bpmn" and f.severity == "error" for f in findings)
    assert "root:" not in str(findings)


@pytest.mark.parametrize("kind", ["timer", "signal"])
def test_a_start_that_would_never_come_is_refused_with_a_way_out(kind: str) -> None:
    trigger = {
        "timer": "<bpmn:timerEventDefinition><bpmn:timeDate>2030-01-01T00:00:00Z</bpmn:timeDate></bpmn:timerEventDefinition>",
        "signal": '<bpmn:signalEventDefinition signalRef="S_1"/>',
    }[kind]
    diagram = (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">'
        '<bpmn:signal id="S_1" name="suona"/><bpmn:process id="p" isExecutable="true">'
        f'<bpmn:startEvent id="SE">{trigger}</bpmn:startEvent><bpmn:endEvent id="EE"/>'
        '<bpmn:sequenceFlow id="f" sourceRef="SE" targetRef="EE"/></bpmn:process></bpmn:definitions>'
    )
    table = '[process]\nid = "p"\nkind = "k"\ntitle = "P"\n[start]\nwho = "system"\n'
    found = check(Bundle("p", {"p.bpmn": diagram.encode(), "process.toml": table.encode()}))
    assert [(f.element, f.severity) for f in found if f.code == "unserved_start"] == [("SE", "error")]


def test_a_manifest_nested_too_deep_is_a_finding() -> None:
    found = check(Bundle("p", {"p.bpmn": b"<a/>", "process.toml": b"x = " + b"[" * 5000 + b"]" * 5000}))
    assert "manifest_unreadable" in {f.code for f in found}
