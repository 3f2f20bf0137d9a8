"""A handler that makes an act is given the decisions of the case, with the rows that hit."""

from decimal import Decimal

from app.services import cases, tasks
from app.services.decided import decisions_of
from tests.small import carla, flows, handler

DMN = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="n">
<inputData id="i1" name="imprese"><variable name="imprese" typeRef="number"/></inputData>
<decision id="d_numero" name="d_numero_imprese"><variable name="d_numero_imprese" typeRef="string"/>
<informationRequirement id="r1"><requiredInput href="#i1"/></informationRequirement>
<decisionTable id="t1" hitPolicy="UNIQUE"><input id="c1" label="imprese"><inputExpression typeRef="number"><text>imprese</text></inputExpression></input>
<output id="o1" name="esito" label="esito" typeRef="string"/>
<rule id="a"><description>Bastano dieci (art. 4)</description><inputEntry><text>&gt;= 10</text></inputEntry><outputEntry><text>"si"</text></outputEntry></rule>
<rule id="b"><description>Sono poche (art. 4)</description><inputEntry><text>&lt; 10</text></inputEntry><outputEntry><text>"no"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""
BODY = (
    '<bpmn:startEvent id="s"/><bpmn:businessRuleTask id="decide" name="Conta" pratica:decision="d_numero"'
    ' pratica:result="esito"><bpmn:extensionElements><pratica:input name="imprese" value="9"/>'
    "</bpmn:extensionElements></bpmn:businessRuleTask>"
    '<bpmn:serviceTask id="atto" pratica:handler="prova.atto" pratica:result="testo"/>'
    '<bpmn:userTask id="vede"/><bpmn:endEvent id="e"/>'
    + flows("s>decide", "decide>atto", "atto>vede", "vede>e")
)
WORDS = '[words]\nimprese = {it = "Numero di imprese", en = "Number of enterprises"}\nd_numero = {it = "Numero minimo", en = "Least number"}\n'


def test_the_act_has_the_decision_that_was_recorded_in_the_same_transaction(house, deploy, registry):
    seen = []
    handler(registry, "prova.atto", lambda *, house: seen.extend(house.decisions()), inside=True)
    deploy("prova", BODY, extra=WORDS, files={"d.dmn": DMN})
    case = cases.start(house, "prova", carla)
    [decision] = seen
    assert (decision.name, decision.element_name, decision.matched) == ("Numero minimo", "Conta", (2,))
    assert decision.table.inputs == ["Numero di imprese"]
    assert [(row.number, row.inputs, row.note) for row in decision.hits] == [
        (2, ["< 10"], "Sono poche (art. 4)")
    ]
    assert decision.inputs == {"imprese": Decimal(9)}
    assert decision.output == "no"
    assert tasks.view(house, f"{case.id}/1", carla).case.id == case.id


def test_decisions_are_named_in_the_language_that_is_asked_for(house, deploy, registry):
    handler(registry, "prova.atto", lambda *, house: None, inside=True)
    deploy("prova", BODY, extra=WORDS, files={"d.dmn": DMN})
    case = cases.start(house, "prova", carla)
    with house.database.reader() as reader:
        [decision] = decisions_of(reader, case.id, "en")
    assert decision.name == "Least number"
    assert decision.labels["imprese"] == "Number of enterprises"
