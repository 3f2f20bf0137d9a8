"""Nothing is read wrongly or silently passed over: what stands where nothing reads it is a finding with a way out."""

import pytest
from drawing import HEAD, bundle, event, flows, inputs, node, process, script, tasks, timer
from playing import Played

from app.domain.bundles import Bundle
from app.engine.definitions import load
from app.engine.findings import examine

NAMES = (
    '<bpmn:message id="M" name="m"/><bpmn:error id="E" errorCode="E1"/><bpmn:signal id="S" name="sig"/>'
    '<bpmn:escalation id="K" escalationCode="K1"/>'
)
OTHERS = (
    'xmlns:acme="urn:acme" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" '
    'xmlns:old="http://schema.omg.org/spec/BPMN/2.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:newer="https://pratica.example/schema/bpmn/2.0" '
)
CHAIN = flows("s -> t -> e")


def found(body: str, severity: str = "error", extra: str = NAMES) -> list[tuple[str, str | None]]:
    text = process(body, extra=extra).replace("<bpmn:definitions ", f"<bpmn:definitions {OTHERS}")
    findings = [each for each in examine(bundle(text)) if each.severity == severity]
    assert all(each.message.startswith("Expected") and each.way_out.endswith(".") for each in findings)
    return [(each.code, each.element) for each in findings if each.code != "no_lane"]


def user(inner: str = "", **attributes: str) -> str:
    return node("userTask", "t", inner, **attributes) + CHAIN


def service(inner: str = "", **attributes: str) -> str:
    return node("serviceTask", "t", inner, p_handler="a.b", **attributes) + CHAIN


def extended(inner: str) -> str:
    return f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"


def several(inner: str = "", **attributes: str) -> str:
    return node("multiInstanceLoopCharacteristics", "l", inner, p_collection="[1]", **attributes)


def caught(definition: str, **attributes: str) -> str:
    return user() + node("boundaryEvent", "b", definition, attachedToRef="t", **attributes) + flows("b -> e")


def waiting(form: str, text: str, **more: str) -> str:
    definition = timer(form, text)
    for name, value in more.items():
        definition = definition.replace(f"<bpmn:{form}>", f'<bpmn:{form} {name}="{value}">')
    return node("intermediateCatchEvent", "t", definition) + CHAIN


def chosen(condition: str, **attributes: str) -> str:
    body = node("exclusiveGateway", "x", **attributes) + tasks("t", "u")
    arrows = flows("s -> x\nx -> u\nt -> e\nu -> e")
    when = f'<bpmn:sequenceFlow id="x_t" sourceRef="x" targetRef="t">{condition}</bpmn:sequenceFlow>'
    return body + arrows + when


WHEN = "<bpmn:conditionExpression>a = 1</bpmn:conditionExpression>"
LANES = '<bpmn:laneSet id="ls">{}</bpmn:laneSet>'


def lane(name: str, *ids: str, inner: str = "") -> str:
    named = "".join(f"<bpmn:flowNodeRef>{id_}</bpmn:flowNodeRef>" for id_ in ids)
    return f'<bpmn:lane id="L{name}" name="{name}">{named}{inner}</bpmn:lane>'


REFUSED = {
    "error reference to nothing": (caught(event("error", "X")), "dangling", "b"),
    "empty error reference": (caught(event("error").replace("/>", ' errorRef=""/>')), "dangling", "b"),
    "message reference to nothing": (caught(event("message", "X")), "no_reference", "b"),
    "sequential maybe": (user(several(isSequential="yes")), "boolean", "t"),
    "cancel capital": (caught(event("error", "E"), cancelActivity="TRUE"), "boolean", "b"),
    "compensation one": (user(isForCompensation="1"), "not_executed", "t"),
    "zeebe task definition": (
        service(extended('<zeebe:taskDefinition type="x"/>')),
        "foreign_extension",
        "t",
    ),
    "zeebe mapping": (service(extended("<zeebe:ioMapping/>")), "foreign_extension", "t"),
    "camunda listener": (user(extended("<camunda:taskListener/>")), "foreign_extension", "t"),
    "camunda in": (user(extended('<camunda:in variables="all"/>')), "foreign_extension", "t"),
    "spiff script": (user(extended("<spiffworkflow:preScript/>")), "foreign_extension", "t"),
    "misspelt input": (service(extended('<pratica:inpt name="a" value="1"/>')), "extension", "t"),
    "misspelt name": (service(extended('<pratica:input name="a" value="1" frob="1"/>')), "extension", "t"),
    "input outside": (service('<pratica:input name="a" value="1"/>'), "unread", "t"),
    "input on a user task": (user(inputs(a="1")), "extension", "t"),
    "output on a service task": (service(inputs("output", a="1")), "extension", "t"),
    "input on an end": (
        tasks("t") + node("endEvent", "x", inputs(a="1")) + flows("s -> t -> x"),
        "extension",
        "x",
    ),
    "two extensions": (service(inputs(a="1") + inputs(b="1")), "twice", "t"),
    "two inputs of one name": (
        service(extended('<pratica:input name="a" value="1"/><pratica:input name="a" value="2"/>')),
        "twice",
        "t",
    ),
    "collection on the task": (user(several(), p_collection="[1]"), "misplaced", "t"),
    "key on the definition": (
        caught(event("message", "M").replace("/>", ' pratica:key="a"/>')),
        "misplaced",
        "b",
    ),
    "key without a message": (caught(event("signal", "S"), p_key="a"), "misplaced", "b"),
    "key where a handler sends": (
        node("sendTask", "t", p_handler="a.b", p_key="1") + CHAIN,
        "misplaced",
        "t",
    ),
    "another version of ours": (user(extended('<newer:input name="a" value="1"/>')), "namespace", "t"),
    "an attribute of another version": (
        user().replace("<bpmn:userTask", '<bpmn:userTask newer:form="f"'),
        "namespace",
        "t",
    ),
    "handler on a user task": (user(p_handler="a.b"), "misplaced", "t"),
    "key on a user task": (user(p_key="a"), "misplaced", "t"),
    "due on a service task": (service(p_due="today()"), "misplaced", "t"),
    "frobnicate": (user(frobnicate="1"), "unread", "t"),
    "wrong case": (user(several(issequential="true")), "unread", "t"),
    "operation": (service(operationRef="o"), "unread", "t"),
    "implementation": (service(implementation="java:x"), "unread", "t"),
    "default to nothing": (chosen(WHEN, default="nowhere"), "default", "x"),
    "default of another": (chosen(WHEN, default="t_e"), "default", "x"),
    "default on a task": (user(default="s_t"), "default", "t"),
    "condition in javascript": (
        chosen(WHEN.replace("Expression>", 'Expression language="javascript">', 1), default="x_u"),
        "language",
        "x_t",
    ),
    "condition of another type": (
        chosen(WHEN.replace("Expression>", 'Expression xsi:type="acme:tCondition">', 1), default="x_u"),
        "language",
        "x_t",
    ),
    "timer in groovy": (waiting("timeDuration", "PT1M", language="groovy"), "language", "t"),
    "loop in juel": (
        user(
            '<bpmn:standardLoopCharacteristics><bpmn:loopCondition language="juel">a</bpmn:loopCondition></bpmn:standardLoopCharacteristics>'
        ),
        "language",
        "t",
    ),
    "two lanes": (LANES.format(lane("a", "t") + lane("b", "t")) + user(), "two_lanes", "t"),
    "two markers": (user(several() + '<bpmn:standardLoopCharacteristics loopMaximum="2"/>'), "twice", "t"),
    "loop maximum": (
        user(
            '<bpmn:standardLoopCharacteristics loopMaximum="${n}"><bpmn:loopCondition>a</bpmn:loopCondition></bpmn:standardLoopCharacteristics>'
        ),
        "loop_maximum",
        "t",
    ),
    "loop maximum of 5,000 digits": (
        user(
            f'<bpmn:standardLoopCharacteristics loopMaximum="{"9" * 5000}"><bpmn:loopCondition>a</bpmn:loopCondition></bpmn:standardLoopCharacteristics>'
        ),
        "loop_maximum",
        "t",
    ),
    "two times": (
        node(
            "intermediateCatchEvent",
            "t",
            "<bpmn:timerEventDefinition><bpmn:timeDate>2030-01-01</bpmn:timeDate><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>",
        )
        + CHAIN,
        "twice",
        "t",
    ),
    "a task in a task": (user(node("userTask", "inner")), "unread", "inner"),
    "an unknown child": (user("<bpmn:foo/>"), "unread", "t"),
    "a stray cardinality": (user("<bpmn:loopCardinality>3</bpmn:loopCardinality>"), "unread", "t"),
    "BPMN 1": (user() + '<old:userTask id="o"/>', "unread", "o"),
    "no namespace": (user() + '<userTask xmlns="" id="o"/>', "unread", "o"),
    "correlation subscription": (user() + "<bpmn:correlationSubscription/>", "not_executed", None),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_nothing_reads_is_refused_and_nothing_else_is(name):
    body, code, element = REFUSED[name]
    assert found(body) == [(code, element)]


WARNED = {
    "attribute of acme": (
        user().replace("<bpmn:userTask", '<bpmn:userTask acme:assignee="x"'),
        "foreign",
        "t",
    ),
    "zeebe form": (user(extended('<zeebe:formDefinition formKey="x"/>')), "foreign_extension", "t"),
    "acme's own": (user(extended("<acme:note/>")), "foreign_extension", "t"),
    "result of a timer": (caught(timer("timeDuration", "PT1H"), p_result="r"), "result_unread", "b"),
    "result of a plain message": (
        node("sendTask", "t", messageRef="M", p_result="r") + CHAIN,
        "result_unread",
        "t",
    ),
    "a lane of nothing": (LANES.format(lane("a", "t", "nowhere")) + user(), "lane_ref", "La"),
    "rendering": (user("<bpmn:rendering/>"), "only_drawn", "t"),
}


@pytest.mark.parametrize("name", WARNED)
def test_what_changes_nothing_that_runs_is_warned_of(name):
    body, code, element = WARNED[name]
    assert found(body) == []
    assert found(body, "warning") == [(code, element)]


def test_what_takes_the_place_of_a_foreign_attribute_is_named():
    body = user().replace("<bpmn:userTask", '<bpmn:userTask camunda:candidateGroups="x" camunda:formKey="f"')
    findings = examine(bundle(process(body).replace("<bpmn:definitions ", f"<bpmn:definitions {OTHERS}")))
    ways_out = " ".join(each.way_out for each in findings if each.code == "foreign")
    assert "lane" in ways_out
    assert "pratica:form" in ways_out


SOUND = {
    "condition in FEEL": chosen(
        WHEN.replace(
            "Expression>",
            'Expression xsi:type="bpmn:tFormalExpression" language="https://www.omg.org/spec/DMN/20191111/FEEL/">',
            1,
        ),
        default="x_u",
    ),
    "colours": user().replace("<bpmn:userTask", '<bpmn:userTask bioc:stroke="red"'),
    "web service": service(implementation="##WebService"),
    "nested lanes": LANES.format(
        lane("a", "t", inner=f"<bpmn:childLaneSet id='cl'>{lane('b', 't')}</bpmn:childLaneSet>")
    )
    + user(),
    "spaces around a truth": user(isForCompensation=" false "),
    "documentation": user("<bpmn:documentation><b xmlns=''>x</b></bpmn:documentation>"),
}


@pytest.mark.parametrize("name", SOUND)
def test_what_the_standard_allows_is_no_finding(name):
    assert found(SOUND[name]) == []
    assert found(SOUND[name], "warning") == []


TOP = {
    "declared_twice": ('<bpmn:message id="M" name="a"/><bpmn:message id="M" name="b"/>', "error"),
    "unread": ('<bpmn:correlationProperty id="cp"/>', "error"),
    "only_drawn": ('<bpmn:globalUserTask id="g"/>', "warning"),
}


@pytest.mark.parametrize("code", TOP)
def test_what_stands_at_the_top_and_is_not_read_is_told(code):
    extra, severity = TOP[code]
    assert [each for each, _ in found(user(), severity, extra)] == [code]
    other = "warning" if severity == "error" else "error"
    assert found(user(), other, extra) == []


def test_a_choreography_and_a_correlation_key_in_a_collaboration_are_told():
    assert found(user(), "warning", '<bpmn:choreography id="ch"/>') == [("only_drawn", "ch")]
    keyed = '<bpmn:collaboration id="c"><bpmn:correlationKey id="k"/></bpmn:collaboration>'
    assert found(user(), "error", keyed) == [("unread", "k")]


@pytest.mark.parametrize(
    ("language", "severity"), [("http://www.w3.org/1999/XPath", "warning"), ("groovy", "error")]
)
def test_a_file_that_declares_another_language_is_told(language, severity):
    text = process(user()).replace(
        "<bpmn:definitions ", f'<bpmn:definitions expressionLanguage="{language}" '
    )
    assert [(f.code, f.severity) for f in examine(bundle(text)) if f.code != "no_lane"] == [
        ("language", severity)
    ]


def test_a_second_process_that_nothing_calls_is_warned_of():
    second = '<bpmn:process id="q" isExecutable="true"><bpmn:startEvent id="qs"/></bpmn:process>'
    text = process(user()).replace("</bpmn:definitions>", f"{second}</bpmn:definitions>")
    assert [(f.code, f.element) for f in examine(bundle(text)) if f.code != "no_lane"] == [("uncalled", "q")]
    pool = text.replace('id="q" isExecutable="true"', 'id="q" isExecutable="false"')
    assert [f.code for f in examine(bundle(pool)) if f.code != "no_lane"] == []


TIMERS = [
    ("timeDuration", "PT5X"),
    ("timeDuration", "P1.5Y"),
    ("timeDate", "2023-5-8"),
    ("timeDate", "2020-13-45T00:00:00Z"),
    ("timeCycle", "R0/PT5M"),
    ("timeDuration", "P2000000Y"),
    ("timeCycle", "R99999999999999999999/PT5M"),
]


@pytest.mark.parametrize(("form", "text"), TIMERS)
def test_what_is_written_as_iso_8601_and_can_never_be_is_an_error_told_once(form, text):
    assert found(waiting(form, text)) == [("timer_value", "t")]
    played = Played(bundle(process(waiting(form, text))))
    assert [each.kind for each in played.open["incident"].values()] == ["timer"]


@pytest.mark.parametrize("text", ["termine", "P", "Prossima", "R", "date and time(giorno)"])
def test_feel_that_only_begins_like_iso_8601_is_feel(text):
    assert found(waiting("timeDate", text)) == []


NEIGHBOURS = {
    "complex gateway": node("complexGateway", "t"),
    "transaction": node("transaction", "t", node("startEvent", "si") + tasks("ti") + flows("si -> ti")),
    "ad hoc": node("adHocSubProcess", "t"),
    "misspelt tag": node("usertask", "t"),
    "choreography task": node("choreographyTask", "t"),
    "BPMN 1": '<old:userTask id="t"/>',
}


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_what_is_refused_casts_no_blame_on_its_neighbours(name):
    body = NEIGHBOURS[name] + tasks("u") + flows("s -> t -> u -> e")
    assert [code for code, _ in found(body)] == ["unread" if name == "BPMN 1" else "not_executed"]


REFUSED_ALONE = {
    "conditional": caught("<bpmn:conditionalEventDefinition/>"),
    "compensation": caught("<bpmn:compensateEventDefinition/>").replace(flows("b -> e"), "")
    + node("userTask", "undo", isForCompensation="true"),
    "shared definition": caught("<bpmn:eventDefinitionRef>x</bpmn:eventDefinitionRef>"),
}


@pytest.mark.parametrize("name", REFUSED_ALONE)
def test_what_is_refused_is_not_blamed_for_its_place_too(name):
    assert {code for code, _ in found(REFUSED_ALONE[name])} == {"not_executed"}


def test_an_element_without_an_id_is_one_finding():
    body = tasks("t", "u").replace(' id="t"', "") + flows("s -> t -> u -> e")
    assert [code for code, _ in found(body)] == ["no_id"]
    guarded = node("transaction", "t") + node("boundaryEvent", "b", event("error"), attachedToRef="t")
    assert [code for code, _ in found(guarded + tasks("u") + flows("s -> t -> e\nb -> u"))] == [
        "not_executed"
    ]


def test_the_other_texts_of_true_and_false_are_read_as_xml_schema_says():
    played = Played(bundle(process(user(several(isSequential="1").replace("[1]", "[1, 2]")))))
    assert len(played.open["task"]) == 1
    beside = Played(bundle(process(caught(event("signal", "S"), cancelActivity="0"), extra=NAMES)))
    beside.signal("sig")
    assert beside.at_elements() == ["t"]
    tested = '<bpmn:standardLoopCharacteristics testBefore="1"><bpmn:loopCondition>false</bpmn:loopCondition></bpmn:standardLoopCharacteristics>'
    assert Played(bundle(process(user(tested)))).finished
    start = node("startEvent", "se", event("signal", "S"), isInterrupting="0")
    inner = node("subProcess", "es", start + tasks("h") + flows("se -> h"), triggeredByEvent="1")
    both = Played(bundle(process(user() + inner, extra=NAMES)))
    both.signal("sig")
    assert both.at_elements() == ["h", "t"]
    drawn = process(user()).replace('isExecutable="true"', 'isExecutable="0"')
    assert "not_executable" in {each.code for each in examine(bundle(drawn))}


def test_a_diagram_with_too_many_flows_is_refused():
    body = tasks("t", "u") + flows("s -> t -> u -> e")
    more = "".join(f'<bpmn:sequenceFlow id="f{n}" sourceRef="t" targetRef="u"/>' for n in range(5_000))
    assert ("too_many", None) in found(body + more)


def test_a_script_stands_only_in_a_script_task():
    assert found(script("t", "1", "a") + CHAIN) == []
    assert found(user("<bpmn:script>1</bpmn:script>")) == [("unread", "t")]


def test_a_definition_of_nothing_but_a_root_is_read():
    empty = Bundle("p", {"p.bpmn": f"{HEAD}</bpmn:definitions>".encode()})
    assert {each.code for each in examine(empty)} == {"no_process"}
    assert load(bundle(process(user()))).process == "p"


def test_what_was_deployed_before_and_says_something_in_vain_still_loads():
    """Such an error stops a deployment; cases that run already go on as they did."""
    for name in (
        "frobnicate",
        "zeebe mapping",
        "input on a user task",
        "two lanes",
        "error reference to nothing",
    ):
        text = process(REFUSED[name][0], extra=NAMES).replace(
            "<bpmn:definitions ", f"<bpmn:definitions {OTHERS}"
        )
        assert Played(bundle(text)).at_elements("job" if "zeebe" in name else "task") == ["t"]
