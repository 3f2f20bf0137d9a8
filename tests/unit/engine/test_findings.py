"""What is not executed is refused, with file, element, fault and way out; all findings come at once."""

import pytest
from drawing import HEAD, bundle, event, flows, inputs, node, process, script, tasks, timer

from app.domain.bundles import Bundle
from app.domain.errors import DefinitionInvalid
from app.engine.definitions import load
from app.engine.findings import examine
from app.engine.reports import Finding

NAMES = '<bpmn:message id="M" name="m"/><bpmn:error id="E" errorCode="E1"/><bpmn:escalation id="K" escalationCode="K1"/>'


def codes(body: str, *files: str, ends: bool = True, severity: str = "error") -> dict[str, str | None]:
    found = examine(bundle(process(body, extra=NAMES, ends=ends), *files))
    return {finding.code: finding.element for finding in found if finding.severity == severity}


CATCH = '<bpmn:intermediateCatchEvent id="c">{}</bpmn:intermediateCatchEvent>'
SOUND = tasks("t") + flows("s -> t -> e")
REFUSED = {
    "complex gateway": (node("complexGateway", "x") + flows("s -> x -> e"), "not_executed", None),
    "transaction": (node("transaction", "x") + flows("s -> x -> e"), "not_executed", None),
    "ad-hoc sub-process": (node("adHocSubProcess", "x") + flows("s -> x -> e"), "not_executed", None),
    "conditional event": (
        CATCH.format("<bpmn:conditionalEventDefinition/>") + flows("s -> c -> e"),
        "not_executed",
        "c",
    ),
    "compensation": (
        SOUND + node("boundaryEvent", "b", "<bpmn:compensateEventDefinition/>", attachedToRef="t"),
        "not_executed",
        "b",
    ),
    "for compensation": (
        node("userTask", "t", isForCompensation="true") + flows("s -> t -> e"),
        "not_executed",
        "t",
    ),
    "start quantity": (node("userTask", "t", startQuantity="2") + flows("s -> t -> e"), "not_executed", "t"),
    "shared event definition": (
        CATCH.format("<bpmn:eventDefinitionRef>x</bpmn:eventDefinitionRef>") + flows("s -> c -> e"),
        "not_executed",
        "c",
    ),
    "two event definitions": (
        CATCH.format(event("message", "M") + timer("timeDuration", "PT1H")) + flows("s -> c -> e"),
        "multiple_events",
        "c",
    ),
    "none catch event": (CATCH.format("") + flows("s -> c -> e"), "event_kind", "c"),
    "catch without message": (CATCH.format(event("message")) + flows("s -> c -> e"), "no_reference", "c"),
    "catch of an unknown message": (
        CATCH.format(event("message", "X")) + flows("s -> c -> e"),
        "no_reference",
        "c",
    ),
    "timer without time": (
        CATCH.format("<bpmn:timerEventDefinition/>") + flows("s -> c -> e"),
        "no_timer",
        "c",
    ),
    "error that does not interrupt": (
        SOUND
        + node("boundaryEvent", "b", event("error"), attachedToRef="t", cancelActivity="false")
        + flows("b -> e"),
        "not_interrupting",
        "b",
    ),
    "error end without code": (node("endEvent", "x", event("error")) + flows("s -> x"), "no_reference", "x"),
    "escalation on a task": (
        SOUND + node("boundaryEvent", "b", event("escalation", "K"), attachedToRef="t") + flows("b -> e"),
        "boundary",
        "b",
    ),
    "boundary on nothing": (
        SOUND + node("boundaryEvent", "b", event("error"), attachedToRef="x"),
        "boundary",
        "b",
    ),
    "service without handler": (node("serviceTask", "x") + flows("s -> x -> e"), "no_handler", "x"),
    "script without text": (node("scriptTask", "x") + flows("s -> x -> e"), "no_script", "x"),
    "script in another language": (
        node("scriptTask", "x", "<bpmn:script>1</bpmn:script>", scriptFormat="javascript")
        + flows("s -> x -> e"),
        "script_format",
        "x",
    ),
    "rule without decision": (node("businessRuleTask", "x") + flows("s -> x -> e"), "no_decision", "x"),
    "unknown decision": (
        node("businessRuleTask", "x", p_decision="d") + flows("s -> x -> e"),
        "unknown_decision",
        "x",
    ),
    "send without message": (node("sendTask", "x") + flows("s -> x -> e"), "send", "x"),
    "receive without message": (node("receiveTask", "x") + flows("s -> x -> e"), "receive", "x"),
    "receive that starts": (
        node("receiveTask", "x", messageRef="M", instantiate="true") + flows("s -> x -> e"),
        "not_executed",
        "x",
    ),
    "call of nothing": (node("callActivity", "x") + flows("s -> x -> e"), "unknown_process", "x"),
    "call of an unknown process": (
        node("callActivity", "x", calledElement="q") + flows("s -> x -> e"),
        "unknown_process",
        "x",
    ),
    "two starts": (SOUND + node("startEvent", "s2") + flows("s2 -> e"), "starts", "p"),
    "empty sub-process": (node("subProcess", "x") + flows("s -> x -> e"), "no_start", "x"),
    "unreached": (SOUND + tasks("u"), "unreached", "u"),
    "flow to nothing": (SOUND + flows("t -> nowhere"), "flow_end", "t"),
    "flow from nothing": (SOUND + flows("nowhere -> t"), "flow_end", "nowhere_t"),
    "flow out of an end": (SOUND + flows("e -> t"), "flow_out", "e"),
    "flow into a start": (SOUND + flows("t -> s"), "flow_in", "s"),
    "exclusive flow without condition": (
        node("exclusiveGateway", "x") + tasks("t") + flows("s -> x -> t -> e\nx -> e"),
        "no_condition",
        "x",
    ),
    "condition behind a parallel gateway": (
        node("parallelGateway", "x") + tasks("t") + flows("s -> x\nx -> t: 1 = 1\nt -> e"),
        "condition_unread",
        "x",
    ),
    "event gateway before a task": (
        node("eventBasedGateway", "x") + tasks("t") + flows("s -> x -> t -> e"),
        "event_gateway",
        "x",
    ),
    "event gateway that starts": (
        node("eventBasedGateway", "x", instantiate="true")
        + CATCH.format(event("message", "M"))
        + flows("s -> x -> c -> e"),
        "not_executed",
        "x",
    ),
    "link without a catch": (
        node("intermediateThrowEvent", "x", '<bpmn:linkEventDefinition name="L"/>') + flows("s -> x"),
        "link",
        "x",
    ),
    "loop without condition": (
        node("userTask", "t", "<bpmn:standardLoopCharacteristics/>") + flows("s -> t -> e"),
        "loop",
        "t",
    ),
    "several of nothing": (
        node("userTask", "t", "<bpmn:multiInstanceLoopCharacteristics/>") + flows("s -> t -> e"),
        "loop",
        "t",
    ),
    "loop data of the standard": (
        node(
            "userTask",
            "t",
            '<bpmn:multiInstanceLoopCharacteristics p="1"><bpmn:loopDataInputRef>x</bpmn:loopDataInputRef>'
            "</bpmn:multiInstanceLoopCharacteristics>",
        )
        + flows("s -> t -> e"),
        "loop_data",
        "t",
    ),
    "behaviour of one": (
        node(
            "userTask", "t", node("multiInstanceLoopCharacteristics", "l", p_collection="[1]", behavior="One")
        )
        + flows("s -> t -> e"),
        "not_executed",
        "t",
    ),
    "unknown attribute of ours": (node("userTask", "t", p_frm="x") + flows("s -> t -> e"), "attribute", "t"),
    "mapping without a value": (
        node("serviceTask", "t", inputs(x=""), p_handler="a.b") + flows("s -> t -> e"),
        "mapping",
        "t",
    ),
    "the same id twice": (
        SOUND + node("subProcess", "x", node("startEvent", "s")) + flows("t -> x"),
        "duplicate",
        "s",
    ),
    "syntax": (script("x", "1 +", "y") + flows("s -> x -> e"), "feel", "x"),
    "syntax in a condition": (tasks("t") + flows("s -> t\nt -> e: a ="), "feel", "t"),
    "syntax in a timer": (CATCH.format(timer("timeDate", "now( +")) + flows("s -> c -> e"), "feel", "c"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_executed_is_refused(name):
    body, code, element = REFUSED[name]
    found = codes(body)
    assert code in found, found
    assert element is None or found[code] == element
    with pytest.raises(DefinitionInvalid, match=r"p\.bpmn.*Expected .*\. \S") as refused:
        load(bundle(process(body, extra=NAMES)))
    assert refused.value.details["findings"]


def test_a_process_needs_a_start_event():
    assert codes(tasks("t", "u") + flows("t -> u\nu -> t"), ends=False) == {"no_start": "p"}


def test_a_sound_process_has_no_finding_but_the_lane():
    assert codes(SOUND) == {}
    assert codes(SOUND, severity="warning") == {"no_lane": "t"}


WARNED = {
    "plain_task": node("task", "t") + flows("s -> t -> e"),
    "only_drawn": node("userTask", "t", "<bpmn:ioSpecification/>") + flows("s -> t -> e"),
    "result_lost": node(
        "userTask", "t", node("multiInstanceLoopCharacteristics", "l", p_collection="[1]"), p_result="r"
    )
    + flows("s -> t -> e"),
    "foreign": '<bpmn:userTask id="t" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:assignee="x"/>'
    + flows("s -> t -> e"),
    "timer_start": SOUND + node("startEvent", "s2", timer("timeCycle", "R/P1D")) + flows("s2 -> t"),
}


@pytest.mark.parametrize("code", WARNED)
def test_what_is_only_drawn_is_warned_of(code):
    assert code in codes(WARNED[code], severity="warning")
    assert codes(WARNED[code]) == {}


def test_all_findings_come_at_once_with_positions_in_feel():
    body = node("serviceTask", "x") + script("y", "a + * b", "z") + flows("s -> x -> y -> e")
    findings = examine(bundle(process(body)))
    assert {finding.code for finding in findings} == {"no_handler", "feel"}
    (wrong,) = [finding for finding in findings if finding.code == "feel"]
    assert "line 1, column 5" in wrong.message


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<broken", "xml"),
        (b"", "xml"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]>' + process(SOUND).encode(), "doctype"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + process(SOUND).encode(), "doctype"),
        (b"<html/>", "not_bpmn"),
        (b" " * (8 * 1024 * 1024 + 1), "too_large"),
        (f'{HEAD}<bpmn:process id="q"/></bpmn:definitions>'.encode(), "no_process"),
    ],
)
def test_a_file_that_is_no_diagram_is_one_finding(data, code):
    found = [finding.code for finding in examine(Bundle("p", {"p.bpmn": data}))]
    assert code in found


def test_an_entity_bomb_is_refused_quickly():
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">{levels}]><x>&a11;</x>'.encode()
    assert {finding.code for finding in examine(Bundle("p", {"p.bpmn": bomb}))} <= {
        "xml",
        "doctype",
        "no_process",
    }


def test_more_than_two_thousand_elements_in_one_diagram_are_too_many():
    names = [f"t{n}" for n in range(2_001)]
    assert "too_many" in codes(tasks(*names) + flows(" -> ".join(["s", *names, "e"])))


def test_ids_are_unique_among_the_processes_of_a_definition_and_only_there():
    called = process(tasks("t") + flows("s -> t"), "q")
    call = node("callActivity", "c", calledElement="q") + flows("s -> c -> e")
    assert codes(call, called) == {"duplicate": "s"}
    assert codes(SOUND, called) == {}


def test_a_process_marked_as_not_executable_is_refused():
    drawn = process(SOUND).replace('isExecutable="true"', 'isExecutable="false"')
    assert [finding.code for finding in examine(bundle(drawn)) if finding.severity == "error"] == [
        "not_executable"
    ]


def test_a_called_process_that_starts_by_message_alone_cannot_be_called():
    called = process(
        node("startEvent", "s1", event("message", "M")) + tasks("u") + flows("s1 -> u"),
        "q",
        NAMES,
        ends=False,
    )
    assert codes(node("callActivity", "c", calledElement="q") + flows("s -> c -> e"), called) == {
        "no_start": "c"
    }


def test_a_finding_is_one_sentence_with_its_way_out():
    finding = Finding("a.bpmn", "t", "error", "x", "Expected a, but b", "Do c.")
    assert finding.sentence() == "a.bpmn, t: Expected a, but b. Do c."


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("timeDuration", "P2000000Y"),
        ("timeDuration", "PT"),
        ("timeDuration", "R/PT1S"),
        ("timeDate", "2020-13-45"),
        ("timeCycle", "R/PT0S"),
        ("timeCycle", "R0/PT1S"),
        ("timeCycle", "2020-01-01"),
    ],
)
def test_a_timer_text_that_can_never_be_due_is_told_and_a_deployed_one_still_loads(form, text):
    body = node("intermediateCatchEvent", "t", timer(form, text)) + flows("s -> t -> e")
    assert [(f.element, f.code) for f in examine(bundle(process(body)))] == [("t", "timer_value")]
    assert load(bundle(process(body))).process == "p"


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("timeDuration", "PT15M"),
        ("timeDuration", "P2W"),
        ("timeDate", "2023-05-08"),
        ("timeCycle", "R3/PT10M"),
    ],
)
def test_a_timer_text_of_the_standard_is_none(form, text):
    body = node("intermediateCatchEvent", "t", timer(form, text)) + flows("s -> t -> e")
    assert [f.code for f in examine(bundle(process(body)))] == []
