"""Activities: tasks for people, machines and decisions, sub-processes and calls."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from drawing import bundle, event, flows, inputs, node, process, script, tasks
from playing import Played

from app.domain.errors import DefinitionInvalid, InputRefused
from app.domain.events import (
    DecisionEvaluated,
    ExpressionWarned,
    JobOpened,
    MessageThrown,
    TaskCompleted,
    TaskOpened,
    VariablesSet,
)


def test_a_user_task_waits_and_its_submission_becomes_the_result_variable():
    form = node(
        "userTask", "t", name="Dati", p_form="frm_x", p_result="anagrafica", p_due='date("2023-06-01")'
    )
    played = Played(bundle(process(form + flows("s -> t -> e"))))
    (opened,) = played.of(TaskOpened)
    assert (opened.task, opened.element, opened.name, opened.form) == (1, "t", "Dati", "frm_x")
    assert opened.due == datetime(2023, 5, 31, 22, 0, tzinfo=UTC)
    played.complete("t", titolo="Filiera")
    assert played.variables == {"anagrafica": {"titolo": "Filiera"}}
    assert played.finished
    assert played.ends == ["e"]


def test_without_a_result_each_field_is_a_variable_of_its_own():
    played = Played(bundle(process(tasks("t") + flows("s -> t -> e"))))
    played.complete("t", a="1", b=None)
    assert played.variables == {"a": "1", "b": None}


def test_a_completed_task_is_not_completed_again():
    played = Played(bundle(process(tasks("t", "u") + flows("s -> t -> u -> e"))))
    played.complete("t")
    with pytest.raises(InputRefused, match="Expected task 1 to be open, but it is not"):
        played.feed(TaskCompleted(1))


def test_a_lane_names_the_group_and_a_task_in_a_sub_process_inherits_it():
    lanes = '<bpmn:laneSet><bpmn:lane name="istruttore"><bpmn:flowNodeRef>sp</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>'
    inner = node("startEvent", "si") + tasks("t") + flows("si -> t")
    played = Played(bundle(process(lanes + node("subProcess", "sp", inner) + flows("s -> sp -> e"))))
    assert played.of(TaskOpened)[0].lane == "istruttore"


def test_an_assignee_named_in_the_diagram_is_evaluated():
    played = Played(
        bundle(process(node("userTask", "t", p_assignee="chi.id") + flows("s -> t -> e"))), chi={"id": "u1"}
    )
    assert played.of(TaskOpened)[0].assignee == "u1"


def test_a_service_task_opens_a_job_with_evaluated_inputs_and_keeps_its_result():
    service = node(
        "serviceTask", "r", inputs(oggetto='"Pratica " + nome', n="1 + 1"), p_handler="a.b", p_result="prot"
    )
    played = Played(bundle(process(service + flows("s -> r -> e"))), nome="x")
    (opened,) = played.of(JobOpened)
    assert (opened.job, opened.handler, opened.inputs) == (
        1,
        "a.b",
        {"oggetto": "Pratica x", "n": Decimal(2)},
    )
    assert played.definition.handlers == {"a.b"}
    played.job("r", {"numero": Decimal(7)})
    assert played.variables["prot"] == {"numero": Decimal(7)}
    assert played.finished


def test_a_script_sets_its_result_or_each_entry_of_its_context():
    body = script("x1", "1 + 1", "x") + script("x2", "{y: x * 2, z: y + 1}") + flows("s -> x1 -> x2 -> e")
    played = Played(bundle(process(body)))
    assert played.variables == {"x": Decimal(2), "y": Decimal(4), "z": Decimal(5)}


def test_a_send_task_throws_its_message_with_payload_and_key():
    sends = node("sendTask", "m", inputs(partner='"P1"'), messageRef="M", p_key='"K" + string(3)') + flows(
        "s -> m -> e"
    )
    played = Played(bundle(process(sends, extra='<bpmn:message id="M" name="adesione.richiesta"/>')))
    assert played.of(MessageThrown) == [MessageThrown("m", "adesione.richiesta", "K3", {"partner": "P1"})]


def test_a_sub_process_shares_the_variables_of_its_process():
    inner = node("startEvent", "si") + script("x", "a + 1", "b") + tasks("t") + flows("si -> x -> t")
    played = Played(
        bundle(process(node("subProcess", "sp", inner) + tasks("u") + flows("s -> sp -> u -> e"))), a=1
    )
    assert played.at_elements() == ["t"]
    played.complete("t", c="z")
    assert played.variables == {"a": Decimal(1), "b": Decimal(2), "c": "z"}
    assert played.at_elements() == ["u"]


CALLED = process(
    tasks("ti") + flows("si -> ti -> ei") + node("startEvent", "si") + node("endEvent", "ei"), "q", ends=False
)


def test_a_call_maps_in_and_out_and_keeps_the_rest_to_itself():
    mapping = inputs(oggetto='"in " + nome') + inputs("output", esito="risposta")
    mapping = mapping.replace("</bpmn:extensionElements><bpmn:extensionElements>", "")
    played = Played(
        bundle(process(node("callActivity", "c", mapping, calledElement="q") + flows("s -> c -> e")), CALLED),
        nome="N",
    )
    played.complete("ti", risposta="si", altro="no")
    assert played.variables == {"nome": "N", "esito": "si"}
    assert played.finished


def test_a_call_without_mapping_copies_everything_in_and_out():
    call = node("callActivity", "c", calledElement="x:q") + flows("s -> c -> e")
    played = Played(bundle(process(call), CALLED), nome="N")
    played.complete("ti", risposta="si")
    assert played.variables == {"nome": "N", "risposta": "si"}


def test_a_call_with_a_result_gives_one_context():
    call = node("callActivity", "c", inputs(a="1"), calledElement="q", p_result="r") + flows("s -> c -> e")
    played = Played(bundle(process(call), CALLED))
    played.complete("ti", b="2")
    assert played.variables == {"r": {"a": Decimal(1), "b": "2"}}


def test_a_process_that_calls_itself_ends_in_an_incident():
    call = node("callActivity", "c", calledElement="p") + flows("s -> c -> e")
    played = Played(bundle(process(call)))
    (incident,) = played.open["incident"].values()
    assert (incident.element, incident.kind) == ("c", "call_depth")


def test_a_terminate_end_ends_its_own_scope_alone():
    inner = node("startEvent", "si") + node("parallelGateway", "g") + tasks("t", "u")
    inner += node("endEvent", "ei", event("terminate")) + flows("si -> g -> t -> ei") + flows("g -> u")
    body = node("subProcess", "sp", inner) + tasks("v") + flows("s -> sp -> v -> e")
    played = Played(bundle(process(body)))
    played.complete("t")
    assert played.at_elements() == ["v"]


def test_only_new_values_are_reported():
    body = script("x1", "a", "b") + script("x2", "a + 0", "a") + tasks("t") + flows("s -> x1 -> x2 -> t -> e")
    played = Played(bundle(process(body)), a=Decimal(1))
    assert played.of(VariablesSet) == [VariablesSet({"a": Decimal(1), "b": Decimal(1)})]
    played.complete("t", a=Decimal(1))
    assert played.of(VariablesSet) == []


def test_several_flows_out_of_a_task_are_all_taken_and_conditions_are_read():
    body = tasks("t", "u", "v", "w") + flows("s -> t -> u -> e\nv -> e\nw -> e\nt -> v: x > 1\nt -> w: x > 5")
    played = Played(bundle(process(body)), x=2)
    played.complete("t")
    assert played.at_elements() == ["u", "v"]


def test_a_flow_without_an_id_is_followed():
    body = tasks("t") + flows("s -> t") + '<bpmn:sequenceFlow sourceRef="t" targetRef="e"/>'
    played = Played(bundle(process(body)))
    played.complete("t")
    assert played.visits["t->e"] == 1
    assert played.finished


TABLE = b"""<?xml version="1.0"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="urn:m">
  <inputData id="i" name="punti"><variable name="punti" typeRef="number"/></inputData>
  <decision id="d_esito" name="esito"><variable name="esito"/>
    <informationRequirement><requiredInput href="#i"/></informationRequirement>
    <decisionTable hitPolicy="UNIQUE">
      <input label="punti"><inputExpression typeRef="number"><text>punti</text></inputExpression></input>
      <output name="esito"/>
      <rule><inputEntry><text>&gt;= 60</text></inputEntry><outputEntry><text>"idonea"</text></outputEntry></rule>
      <rule><inputEntry><text>%s</text></inputEntry><outputEntry><text>"non idonea"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""


def decided(mapping: str = "", second: bytes = b"&lt; 60", **variables: object) -> Played:
    rule = node("businessRuleTask", "br", mapping, p_decision="d_esito", p_result="esito")
    return Played(bundle(process(rule + flows("s -> br -> e")), d__dmn=TABLE % second), **variables)


def test_a_business_rule_task_evaluates_its_decision_and_tells_what_it_read_and_matched():
    played = decided(inputs(punti="n + 1"), n=59)
    (evaluated,) = played.of(DecisionEvaluated)
    assert (evaluated.element, evaluated.decision, evaluated.matched) == ("br", "d_esito", [1])
    assert evaluated.inputs == {"punti": Decimal(60)}
    assert played.variables["esito"] == evaluated.output == "idonea"
    assert decided(punti=3).variables["esito"] == "non idonea"


REQUIRING = b"""<?xml version="1.0"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="urn:m">
  <inputData id="i" name="punti"><variable name="punti" typeRef="number"/></inputData>
  <decision id="d_media" name="media"><variable name="media"/>
    <informationRequirement><requiredInput href="#i"/></informationRequirement>
    <literalExpression><text>punti / divisore</text></literalExpression></decision>
  <decision id="d_esito" name="esito"><variable name="esito"/>
    <informationRequirement><requiredDecision href="#d_media"/></informationRequirement>
    <decisionTable hitPolicy="UNIQUE">
      <input label="media"><inputExpression><text>media</text></inputExpression></input><output name="esito"/>
      <rule><inputEntry><text>&gt;= 6</text></inputEntry><outputEntry><text>"idonea"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""


def test_the_decisions_that_a_decision_is_made_of_are_told_with_it_and_why_one_is_null():
    rule = node("businessRuleTask", "br", p_decision="d_esito", p_result="esito")
    drawn = process(rule + flows("s -> br -> e"))
    (whole,) = Played(bundle(drawn, d__dmn=REQUIRING.replace(b"divisore", b"10")), punti=70).of(
        DecisionEvaluated
    )
    media = {"decision": "d_media", "inputs": {}, "matched": [], "output": Decimal(7)}
    assert (whole.required, whole.matched, whole.warnings) == ([media], [1], [])
    (broken,) = Played(bundle(drawn, d__dmn=REQUIRING), punti=70).of(DecisionEvaluated)
    assert (broken.output, broken.required[0]["output"]) == (None, None)
    assert "there is no variable 'divisore'" in broken.warnings


def test_an_expression_that_gives_null_by_a_fault_says_why_and_one_that_asks_for_what_is_absent_does_not():
    body = script("x1", "{quota: 1 / zero, resto: 2}") + script("x2", "{y: if assente = null then 1 else 2}")
    told = Played(bundle(process(body + flows("s -> x1 -> x2 -> e"))), zero=0).of(ExpressionWarned)
    assert [(each.element, each.expression) for each in told] == [("x1", "{quota: 1 / zero, resto: 2}")]
    assert told[0].warnings == ["number / number has no result: division by zero"]


def test_a_misspelt_variable_is_told_with_the_one_probably_meant():
    gate = node("exclusiveGateway", "g", default="g_e") + node("endEvent", "f")
    played = Played(bundle(process(gate + flows("s -> g -> e\ng -> f: puntegio > 60"))), punteggio=65)
    (incident,) = played.open["incident"].values()
    assert incident.kind == "condition"
    (told,) = played.of(ExpressionWarned)
    assert told.warnings[0] == "there is no variable 'puntegio' (did you mean 'punteggio'?)"


def test_a_table_that_contradicts_itself_is_an_incident_and_a_fault_in_a_cell_a_finding():
    (incident,) = decided(second=b"&gt;= 60", punti=70).open["incident"].values()
    assert (incident.element, incident.kind) == ("br", "decision")
    with pytest.raises(DefinitionInvalid, match=r"d\.dmn, d_esito: .*Expected a value"):
        decided(second=b"&lt; &lt; 60", punti=70)
