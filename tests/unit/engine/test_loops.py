"""Activities that run several times: multi-instance and standard loops."""

from decimal import Decimal

import pytest
from drawing import bundle, event, flows, inputs, node, process, script, tasks, timer
from playing import Played

from app.domain.events import JobOpened, TaskCancelled, TaskOpened


def several(inner: str = "", **attributes: str) -> str:
    sequential = attributes.pop("sequential", "false")
    return node("multiInstanceLoopCharacteristics", "ml", inner, isSequential=sequential, **attributes)


def review(sequential: str = "false", inner: str = "") -> Played:
    marker = several(
        inner,
        sequential=sequential,
        p_collection="esperti",
        p_element="esperto",
        p_outputCollection="schede",
        p_outputElement="{chi: esperto, voto: scheda.voto, n: loopCounter}",
    )
    body = node("userTask", "t", marker, p_result="scheda", name="Valuta") + flows("s -> t -> e")
    return Played(bundle(process(body)), esperti=["a", "b", "c"])


def test_a_parallel_multi_instance_opens_one_task_for_each_item_and_collects_in_their_order():
    played = review()
    assert [(task.task, task.item) for task in played.of(TaskOpened)] == [(1, "a"), (2, "b"), (3, "c")]
    for number in (3, 1, 2):
        del played.open["task"][number]
        from app.domain.events import TaskCompleted

        played.feed(TaskCompleted(number, {"voto": str(number)}))
    assert played.variables["schede"] == [
        {"chi": who, "voto": vote, "n": Decimal(n)}
        for n, (who, vote) in enumerate(zip("abc", "123", strict=True), 1)
    ]
    assert set(played.variables) == {"esperti", "schede"}
    assert played.finished


def test_a_sequential_multi_instance_opens_the_next_after_the_last():
    played = review("true")
    for item in "abc":
        assert [task.item for task in played.of(TaskOpened)] == [item]
        played.complete("t", voto=item)
    assert [each["voto"] for each in played.variables["schede"]] == ["a", "b", "c"]
    assert played.finished


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_a_completion_condition_ends_the_rest(sequential):
    until = "<bpmn:completionCondition>numberOfCompletedInstances &gt;= 2</bpmn:completionCondition>"
    played = review(sequential, until)
    played.complete("t", voto="1")
    assert not played.finished
    played.complete("t", voto="2")
    assert played.finished
    assert played.of(TaskCancelled) == ([TaskCancelled(3, "t")] if sequential == "false" else [])
    assert [each and each["voto"] for each in played.variables["schede"]] == ["1", "2", None]


def test_a_completion_condition_is_tried_after_each_run_even_of_scripts_done_at_once():
    until = "<bpmn:completionCondition>numberOfCompletedInstances = 1</bpmn:completionCondition>"
    marker = several(
        until, p_collection="[1, 2, 3]", p_element="x", p_outputCollection="out", p_outputElement="x * 10"
    )
    body = node("scriptTask", "t", "<bpmn:script>x</bpmn:script>" + marker, p_result="y") + flows(
        "s -> t -> e"
    )
    assert Played(bundle(process(body))).variables["out"] == [Decimal(10), None, None]


def test_an_empty_collection_passes_at_once_with_an_empty_result():
    marker = several(p_collection="[]", p_outputCollection="out")
    body = node("userTask", "t", marker) + flows("s -> t -> e")
    played = Played(bundle(process(body)))
    assert played.finished
    assert played.variables == {"out": []}


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_a_cardinality_runs_that_often_with_jobs(sequential):
    marker = several(
        "<bpmn:loopCardinality>n + 1</bpmn:loopCardinality>", sequential=sequential, p_outputCollection="out"
    )
    task = node(
        "serviceTask",
        "t",
        inputs(i="loopCounter", of="numberOfInstances") + marker,
        p_handler="a.b",
        p_result="r",
    )
    played = Played(bundle(process(task + flows("s -> t -> e"))), n=1)
    seen = []
    while not played.finished:
        seen += [opened.inputs for opened in played.of(JobOpened)]
        played.job("t", "ok")
    assert seen == [{"i": Decimal(1), "of": Decimal(2)}, {"i": Decimal(2), "of": Decimal(2)}]
    assert played.variables["out"] == ["ok", "ok"]


@pytest.mark.parametrize("value", ["null", '"abc"', "3"])
def test_what_is_not_a_list_is_an_incident(value):
    marker = several(p_collection=value)
    body = node("userTask", "t", marker) + flows("s -> t -> e")
    (incident,) = Played(bundle(process(body))).open["incident"].values()
    assert incident.kind == "collection"


def test_a_sub_process_for_each_item_keeps_its_variables_to_itself():
    inner = (
        node("startEvent", "si")
        + tasks("t")
        + script("x", 'chi + voto + "!"', "esito")
        + flows("si -> t -> x")
    )
    marker = several(
        p_collection='["a", "b"]', p_element="chi", p_outputCollection="out", p_outputElement="esito"
    )
    body = node("subProcess", "sp", marker + inner) + flows("s -> sp -> e")
    played = Played(bundle(process(body)))
    assert played.at_elements() == ["t", "t"]
    played.complete("t", voto="1")
    played.complete("t", voto="2")
    assert played.variables == {"out": ["a1!", "b2!"]}
    assert played.finished


def test_a_call_for_each_item_has_variables_of_its_own_even_when_entered_twice():
    called = process(tasks("ti") + node("startEvent", "si") + flows("si -> ti"), "q", ends=False)
    marker = several(p_collection='["a", "b"]', p_element="it", p_outputCollection="out", sequential="true")
    call = node("callActivity", "c", inputs(chi="it") + marker, calledElement="q", p_result="r")
    body = node("exclusiveGateway", "m") + call + tasks("u") + node("exclusiveGateway", "x", default="x_m")
    played = Played(bundle(process(body + flows("s -> m -> c -> u -> x -> m\nx -> e: fine")), called))
    for turn in range(2):
        played.complete("ti", k="1")
        played.complete("ti", k="2")
        assert played.variables["out"] == [{"chi": "a", "k": "1"}, {"chi": "b", "k": "2"}]
        played.complete("u", fine=turn == 1)
    assert played.finished


def test_a_boundary_event_ends_all_runs():
    marker = several(p_collection='["a", "b"]', p_outputCollection="out")
    body = node("userTask", "t", marker) + node(
        "boundaryEvent", "b", timer("timeDuration", "P1D"), attachedToRef="t"
    )
    body += tasks("h") + flows("s -> t -> e\nb -> h -> e")
    played = Played(bundle(process(body)))
    assert len(played.open["timer"]) == 1
    played.complete("t")
    played.fire("b")
    assert played.at_elements() == ["h"]


def test_an_error_in_one_run_ends_them_all_at_the_boundary():
    marker = several(p_collection="[1, 2]")
    body = node("serviceTask", "t", marker, p_handler="a.b") + node(
        "boundaryEvent", "b", event("error"), attachedToRef="t"
    )
    body += tasks("h") + flows("s -> t -> e\nb -> h -> e")
    played = Played(bundle(process(body)))
    played.job_fails("t", "E1")
    assert played.at_elements() == ["h"]
    assert not played.open["job"]


def standard(condition: str | None, task: str = "t", **attributes: str) -> Played:
    inner = f"<bpmn:loopCondition>{condition}</bpmn:loopCondition>" if condition else ""
    marker = node("standardLoopCharacteristics", "sl", inner, **attributes)
    return Played(bundle(process(node("userTask", task, marker) + flows("s -> t -> e"))), ancora=True)


def test_a_standard_loop_goes_on_while_its_condition_holds():
    played = standard("ancora")
    for _ in range(3):
        played.complete("t", ancora=True)
    played.complete("t", ancora=False)
    assert played.finished
    assert played.variables == {"ancora": False}


def test_a_standard_loop_stops_at_its_maximum_and_may_test_before():
    played = standard(None, loopMaximum="2")
    played.complete("t")
    assert not played.finished
    played.complete("t")
    assert played.finished
    assert standard("not(ancora)", testBefore="true").finished


def test_a_loop_counter_is_read_in_the_body_and_the_condition():
    played = standard("loopCounter &lt; 3")
    for _ in range(3):
        assert not played.finished
        played.complete("t")
    assert played.finished
    assert "loopCounter" not in played.variables
