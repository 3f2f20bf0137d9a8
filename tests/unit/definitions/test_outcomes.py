"""What an outcome leads to is what happens when it is chosen, or nothing is said."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.definitions.forms import load_form
from app.definitions.outcomes import leads
from app.definitions.reads import reads
from app.domain.bundles import Bundle
from app.engine.definitions import load
from tests.small import bpmn, flows, manifest

NOW = datetime(2023, 5, 8, 8, tzinfo=UTC)


def form(**more):
    fields = [
        {
            "type": "radio",
            "key": "esito",
            "label": "Esito",
            "values": [{"value": "si", "label": "Ammessa"}, {"value": "no", "label": "Respinta"}],
        },
        {"type": "number", "key": "punti", "label": "Punti"},
        {"type": "textarea", "key": "motivo", "label": "Motivo"},
    ]
    data = {"id": "f", "type": "default", "schemaVersion": 19, "components": fields, **more}
    return load_form(json.dumps(data).encode())


def told(body, *, variables=None, above="", extra=None, element="u"):
    """Give label -> names of what comes next; an empty label where every outcome leads there."""
    bundle = Bundle(
        "prova",
        {"prova.bpmn": bpmn("prova", body, above), "process.toml": manifest("prova"), **(extra or {})},
    )
    found = leads(load(bundle), element, form(), variables or {}, NOW)
    return {str(lead.label): [f"{rest.kind} {rest.element}" for rest in lead.rests] for lead in found}


def choice(condition, *, result='pratica:result="esame"', middle="", before="u>g"):
    return (
        f'<bpmn:startEvent id="s"/><bpmn:userTask id="u" name="Esame" pratica:form="f" {result}/>{middle}'
        '<bpmn:exclusiveGateway id="g" default="f_g_b"/><bpmn:userTask id="a" name="Ammette"/>'
        '<bpmn:endEvent id="b" name="Respinta"/><bpmn:endEvent id="e"/>'
        f'<bpmn:sequenceFlow id="f_g_a" sourceRef="g" targetRef="a"><bpmn:conditionExpression>{condition}'
        "</bpmn:conditionExpression></bpmn:sequenceFlow>" + flows("s>u", "g>b", "a>e", *before.split())
    )


BOTH = {"Ammessa": ["task a"], "Respinta": ["end b"]}


@pytest.mark.parametrize(
    ("condition", "variables", "expected"),
    [
        ('esame.esito = "si"', {}, BOTH),
        ('esame.esito = "si" and soglia &lt; 10', {"soglia": Decimal(3)}, BOTH),
        ('esame.esito = "si" and esame.punti &gt; 3', {}, {}),
        ("esame.punti &gt; 3", {"esame": {"punti": Decimal(9)}}, {}),
        ("count(esame) &gt; 1", {}, {}),
        ('esame.esito = "si" and now() &gt; chiusura', {"chiusura": NOW}, {}),
        ("esame.esito", {}, {}),
        ("soglia &lt; 10", {"soglia": Decimal(3)}, {"": ["task a"]}),
    ],
)
def test_a_condition_is_told_where_it_reads_the_option_and_what_is_known(condition, variables, expected):
    assert told(choice(condition), variables=variables) == expected


def test_without_a_result_variable_the_fields_are_variables():
    assert told(choice('esito = "si"', result="")) == BOTH
    assert told(choice('punti = 1 and esito = "si"', result=""), variables={"punti": Decimal(1)}) == {}


def test_scripts_on_the_way_are_evaluated_and_what_they_cannot_know_stays_unknown():
    script = '<bpmn:scriptTask id="x" scriptFormat="feel" pratica:result="v"><bpmn:script>{}</bpmn:script></bpmn:scriptTask>'
    known = choice("v", middle=script.format('esame.esito = "si"'), before="u>x x>g")
    assert told(known) == BOTH
    unknown = choice("v", middle=script.format("esame.punti = 1"), before="u>x x>g")
    assert told(unknown, variables={"v": True}) == {}


DMN = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="n">
<inputData id="i" name="x"><variable name="x"/></inputData>
<decision id="d" name="d"><variable name="d"/><informationRequirement><requiredInput href="#i"/></informationRequirement>
<decisionTable hitPolicy="UNIQUE"><input label="x"><inputExpression typeRef="string"><text>x</text></inputExpression></input><output name="o"/>
<rule><inputEntry><text>"si"</text></inputEntry><outputEntry><text>true</text></outputEntry></rule>
<rule><inputEntry><text>not("si")</text></inputEntry><outputEntry><text>false</text></outputEntry></rule></decisionTable></decision></definitions>"""


@pytest.mark.parametrize(("read", "expected"), [("esame.esito", BOTH), ("esame.motivo", {})])
def test_a_decision_on_the_way_is_made_where_all_it_reads_is_known(read, expected):
    rule = (
        '<bpmn:businessRuleTask id="x" pratica:decision="d" pratica:result="v"><bpmn:extensionElements>'
        f'<pratica:input name="x" value="{read}"/></bpmn:extensionElements></bpmn:businessRuleTask>'
    )
    assert told(choice("v", middle=rule, before="u>x x>g"), extra={"d.dmn": DMN}) == expected


def test_a_machine_is_named_and_the_way_goes_on_behind_it_until_a_condition():
    machine = '<bpmn:serviceTask id="m" pratica:handler="h.x" pratica:result="v"/>'
    straight = choice('esame.esito = "si"', middle=machine, before="u>m m>g")
    assert told(straight) == {"": ["machine m"]}
    later = choice("soglia &lt; 10", middle=machine, before="u>m m>g")
    assert told(later, variables={"soglia": Decimal(3)}) == {"": ["machine m"]}
    simple = (
        '<bpmn:startEvent id="s"/><bpmn:userTask id="u"/>'
        + machine
        + '<bpmn:userTask id="t"/><bpmn:endEvent id="e"/>'
    )
    assert told(simple + flows("s>u", "u>m", "m>t", "t>e")) == {"": ["machine m", "task t"]}
    caught = '<bpmn:boundaryEvent id="k" attachedToRef="m"><bpmn:errorEventDefinition errorRef="x"/></bpmn:boundaryEvent>'
    above = '<bpmn:error id="x" errorCode="x"/>'
    body = simple + caught + flows("s>u", "u>m", "m>t", "t>e", "k>e")
    assert told(body, above=above) == {"": ["machine m"]}


def test_parallel_branches_are_all_named_and_a_join_that_others_must_reach_is_untold():
    split = (
        '<bpmn:startEvent id="s"/><bpmn:userTask id="u"/><bpmn:parallelGateway id="p"/><bpmn:userTask id="a"/>'
        '<bpmn:userTask id="b"/><bpmn:parallelGateway id="j"/><bpmn:userTask id="c"/><bpmn:endEvent id="e"/>'
        + flows("s>u", "u>p", "p>a", "p>b", "a>j", "b>j", "j>c", "c>e")
    )
    assert told(split) == {"": ["task a", "task b"]}
    assert told(split, element="a") == {}


def test_the_end_of_a_sub_process_leads_on_unless_others_may_be_in_it():
    inside = '<bpmn:startEvent id="i"/><bpmn:userTask id="u"/>{}<bpmn:endEvent id="x"/>'
    body = (
        '<bpmn:startEvent id="s"/><bpmn:subProcess id="sp">{}</bpmn:subProcess><bpmn:userTask id="t"/><bpmn:endEvent id="e"/>'
        + flows("s>sp", "sp>t", "t>e")
    )
    one = inside.format("") + flows("i>u", "u>x")
    assert told(body.format(one)) == {"": ["task t"]}
    two = inside.format('<bpmn:userTask id="v"/><bpmn:parallelGateway id="p"/>') + flows(
        "i>p", "p>u", "p>v", "u>x", "v>x"
    )
    assert told(body.format(two)) == {}


def test_one_of_several_at_once_says_nothing():
    body = (
        '<bpmn:startEvent id="s"/><bpmn:userTask id="u"><bpmn:multiInstanceLoopCharacteristics pratica:collection="chi" pratica:element="uno"/>'
        '</bpmn:userTask><bpmn:endEvent id="e"/>' + flows("s>u", "u>e")
    )
    assert told(body) == {}


def test_a_loop_without_a_stop_is_untold():
    body = (
        '<bpmn:startEvent id="s"/><bpmn:userTask id="u"/><bpmn:exclusiveGateway id="g" default="f_g_e"/><bpmn:task id="t"/>'
        '<bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f" sourceRef="g" targetRef="t"><bpmn:conditionExpression>ancora'
        "</bpmn:conditionExpression></bpmn:sequenceFlow>" + flows("s>u", "u>g", "t>g", "g>e")
    )
    assert told(body, variables={"ancora": False}) == {"": ["end e"]}
    assert told(body, variables={"ancora": True}) == {}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ('esame.esito = "x" and a.b.c > 1', {("esame", "esito"), ("a", "b", "c")}),
        ("count(partner[esito = 1])", {("count",), ("partner",), ("esito",)}),
        ("if a then {x: b} else [c]", {("a",), ("b",), ("c",)}),
    ],
)
def test_every_place_that_an_expression_reads_is_found(text, places):
    assert reads(text) == places
