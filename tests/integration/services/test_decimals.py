"""A number keeps its decimals from the form to the record, the table, the history and the page; none is ever a float."""

import json
from decimal import Decimal

import pytest

from app.domain.events import DecisionEvaluated
from app.services import cases, replay, tasks
from app.web.answers import number
from tests.small import anna, carla, flows, lane

TABLE = b"""<?xml version="1.0"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="urn:m">
  <inputData id="i" name="importo"><variable name="importo" typeRef="number"/></inputData>
  <decision id="d_soglia" name="soglia"><variable name="soglia"/>
    <informationRequirement><requiredInput href="#i"/></informationRequirement>
    <decisionTable hitPolicy="UNIQUE">
      <input label="importo"><inputExpression typeRef="number"><text>importo</text></inputExpression></input>
      <output name="esito"/>
      <rule><inputEntry><text>&lt;= 0.30</text></inputEntry><outputEntry><text>"dentro"</text></outputEntry></rule>
      <rule><inputEntry><text>&gt; 0.30</text></inputEntry><outputEntry><text>"fuori"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""
FORM = {
    "id": "frm_importo",
    "type": "default",
    "properties": {"title_en": "Amount"},
    "components": [
        {
            "id": "importo",
            "type": "number",
            "key": "importo",
            "label": "Importo",
            "decimalDigits": 2,
            "validate": {"required": True},
            "properties": {"label_en": "Amount"},
        }
    ],
}
BODY = (
    '<bpmn:startEvent id="s"/><bpmn:userTask id="u" pratica:form="frm_importo" pratica:result="domanda"/>'
    '<bpmn:scriptTask id="x" pratica:result="somma"><bpmn:script>domanda.importo + 0.10 + 0.10</bpmn:script></bpmn:scriptTask>'
    '<bpmn:businessRuleTask id="br" pratica:decision="d_soglia" pratica:result="esito"><bpmn:extensionElements>'
    '<pratica:input name="importo" value="somma"/></bpmn:extensionElements></bpmn:businessRuleTask><bpmn:userTask id="v"/>'
    '<bpmn:endEvent id="e"/>' + flows("s>u", "u>x", "x>br", "br>v", "v>e") + lane("ufficio", "u", "v")
)


@pytest.mark.parametrize(
    ("typed", "kept", "total", "verdict"),
    [("0,10", "0.10", "0.30", "dentro"), ("0,11", "0.11", "0.31", "fuori")],
)
def test_a_typed_number_is_the_same_decimal_everywhere(house, deploy, typed, kept, total, verdict):
    files = {"d.dmn": TABLE, "forms/frm_importo.json": json.dumps(FORM).encode()}
    deploy("conto", BODY, extra='[record]\nimporto = "domanda.importo"\nsomma = "somma"\n', files=files)
    case = cases.start(house, "conto", carla)
    tasks.complete(house, f"{case.id}/1", {"importo": typed}, anna)
    record = cases.view(house, case.id, anna).case.record
    assert [str(record[key]) for key in ("importo", "somma")] == [kept, total]
    with house.database.reader() as reader:
        (decided,) = [e.event for e in reader.history(case.id) if isinstance(e.event, DecisionEvaluated)]
    assert isinstance(decided, DecisionEvaluated)
    assert (str(decided.inputs["importo"]), decided.output) == (total, verdict)
    assert type(decided.inputs["importo"]) is Decimal
    assert number(record["somma"], "it") == total.replace(".", ",")
    assert replay.case(house, case.id).equal
