"""What fails becomes an incident, at the element, once; resolving it tries that element again and no other."""

from dataclasses import replace
from decimal import Decimal

import pytest
from drawing import bundle, event, flows, inputs, node, process, script, tasks, timer
from playing import Played

from app.domain.errors import InputRefused
from app.domain.events import (
    IncidentClosed,
    IncidentResolved,
    InstanceCancelled,
    InstanceStarted,
    JobCancelled,
    JobCompleted,
    TaskCancelled,
    TaskCompleted,
    TimerCancelled,
    TimerFired,
    WaitClosed,
)


def test_a_condition_that_is_not_true_or_false_stops_the_token_and_nothing_is_done_twice():
    body = script("x", "n + 1", "n") + tasks("t") + flows("s -> x\nx -> t: ok\nt -> e")
    played = Played(bundle(process(body)), n=1)
    (incident,) = played.open["incident"].values()
    assert (incident.element, incident.kind) == ("x", "condition")
    assert "got None" in incident.message
    played.resolve("x", ok=True)
    assert played.variables["n"] == Decimal(2)
    assert played.at_elements() == ["t"]


def test_an_incident_may_come_back_with_a_new_number():
    body = node("userTask", "t", p_due="x") + flows("s -> t -> e")
    played = Played(bundle(process(body)), x="no date")
    assert list(played.open["incident"]) == [1]
    played.resolve("t")
    assert list(played.open["incident"]) == [2]
    with pytest.raises(InputRefused, match="Expected incident 1 to be open"):
        played.feed(IncidentResolved(1, "again"))
    played.resolve("t", x=None)
    assert played.at_elements() == ["t"]


def test_a_fault_before_a_task_opens_leaves_no_boundary_event_armed():
    body = (
        tasks("t")
        + node("boundaryEvent", "b", timer("timeDate", "x"), attachedToRef="t")
        + flows("s -> t -> e\nb -> e")
    )
    played = Played(bundle(process(body)), x="?")
    assert not played.open["task"]
    played.resolve("t", x="2023-06-01")
    assert (played.at_elements(), played.at_elements("timer")) == (["t"], ["b"])


def test_a_job_tried_again_does_not_arm_its_boundary_events_twice():
    body = node("serviceTask", "t", p_handler="a.b") + flows("s -> t -> e\nb -> e")
    body += node("boundaryEvent", "b", timer("timeDuration", "P1D"), attachedToRef="t")
    played = Played(bundle(process(body)))
    played.job_fails("t", None)
    played.resolve("t")
    assert len(played.open["timer"]) == 1
    assert played.at_elements("job") == ["t"]


def test_an_incident_whose_token_is_interrupted_is_closed():
    body = node("serviceTask", "t", p_handler="a.b") + flows("s -> t -> e\nb -> e")
    body += node("boundaryEvent", "b", timer("timeDuration", "P1D"), attachedToRef="t")
    played = Played(bundle(process(body)))
    played.job_fails("t", None)
    played.fire("b")
    assert played.of(IncidentClosed) == [IncidentClosed(1, "t")]
    assert played.finished


def test_a_result_that_no_variable_can_take_is_an_incident_and_the_job_is_done_anew():
    body = node("serviceTask", "t", p_handler="a.b") + flows("s -> t -> e")
    played = Played(bundle(process(body)))
    played.job("t", "just text")
    (incident,) = played.open["incident"].values()
    assert incident.kind == "result"
    played.resolve("t")
    played.job("t", {"x": "1"})
    assert played.finished


def test_the_other_branches_go_on_beside_an_incident():
    body = node("parallelGateway", "g") + node("parallelGateway", "j") + tasks("t") + script("x", "y.z", "w")
    body += node("exclusiveGateway", "q") + flows("s -> g -> t -> j\ng -> x\nx -> j: w\nj -> e").replace(
        'id="q"', 'id="q"'
    )
    body = body.replace(node("exclusiveGateway", "q"), "")
    played = Played(bundle(process(body)))
    assert played.at_elements() == ["t"]
    played.complete("t")
    assert not played.finished
    played.resolve("x", w=True)
    assert played.finished


def test_a_step_limit_parks_every_token_that_would_go_on_and_leaves_people_alone():
    body = node("parallelGateway", "g") + tasks("t") + node("exclusiveGateway", "m") + script("x", "1", "x")
    body += node("exclusiveGateway", "q", default="q_m") + flows(
        "s -> g -> t -> e\ng -> m -> x -> q -> m\nq -> e: stop = true"
    )
    played = Played(bundle(process(body)))
    assert played.at_elements() == ["t"]
    (incident,) = played.open["incident"].values()
    assert incident.kind == "step_limit"
    played.resolve(incident.element, stop=True)
    played.complete("t")
    assert played.finished


def test_a_fork_that_never_ends_is_stopped_too():
    body = node("exclusiveGateway", "m") + node("parallelGateway", "g") + node("task", "u")
    body += flows("s -> m -> g -> m\ng -> u -> m")
    played = Played(bundle(process(body)))
    kinds = {incident.kind for incident in played.open["incident"].values()}
    assert kinds <= {"step_limit", "token_limit"}
    assert len(played.open["incident"]) == 1


def test_a_cancelled_instance_closes_everything_and_takes_no_more_inputs():
    body = node("parallelGateway", "g") + tasks("t") + node("serviceTask", "j", p_handler="a.b")
    body += node("intermediateCatchEvent", "c", event("message", "M")) + script("x", "1", "x") + tasks("n")
    body += node("boundaryEvent", "b", timer("timeDuration", "P1D"), attachedToRef="t")
    body += flows("s -> g -> t -> e\ng -> j -> e\ng -> c -> e\nb -> e\ng -> x\nx -> n: null\nn -> e")
    played = Played(bundle(process(body, extra='<bpmn:message id="M" name="m"/>')))
    played.feed(InstanceCancelled("withdrawn"))
    kinds = {type(each) for each in played.last}
    assert {TaskCancelled, JobCancelled, TimerCancelled, WaitClosed, IncidentClosed} <= kinds
    assert played.finished
    assert played.ends is None
    for late in (TaskCompleted(1), JobCompleted(1), TimerFired(1), InstanceCancelled("twice")):
        with pytest.raises(InputRefused, match="Expected an instance that goes on, but it has ended"):
            played.feed(late)


def test_inputs_for_what_is_not_open_are_refused_and_change_nothing():
    played = Played(bundle(process(tasks("t") + flows("s -> t -> e"))))
    state = played.state
    for wrong in (TaskCompleted(9), JobCompleted(1), TimerFired(1), IncidentResolved(1, "x")):
        with pytest.raises(InputRefused, match="to be open, but it is not"):
            played.feed(wrong)
    with pytest.raises(InputRefused, match="Expected values of FEEL"):
        played.feed(TaskCompleted(1, {"x": 1.5}))
    assert played.state == state


def test_faults_inside_feel_are_incidents_too():
    body = script("x", "for a in 1..100000 return for b in 1..100000 return a * b", "x") + flows(
        "s -> x -> e"
    )
    played = Played(bundle(process(body)))
    (incident,) = played.open["incident"].values()
    assert incident.kind == "expression"


def test_a_deadlock_is_told_and_not_waited_out():
    body = node("exclusiveGateway", "x", default="x_j") + tasks("t") + node("parallelGateway", "j")
    body += flows("s -> x -> j\nx -> t: go\nt -> j\nj -> e")
    played = Played(bundle(process(body)), go=False)
    (incident,) = played.open["incident"].values()
    assert (incident.element, incident.kind) == ("j", "deadlock")


def test_a_mapping_fault_at_the_return_of_a_call_keeps_what_the_call_did():
    called = process(tasks("ti") + node("startEvent", "si") + flows("si -> ti"), "q", ends=False)
    mapping = inputs("output", x="for a in 1..100000 return for b in 1..100000 return b")
    played = Played(
        bundle(process(node("callActivity", "c", mapping, calledElement="q") + flows("s -> c -> e")), called)
    )
    played.complete("ti", y="1")
    (incident,) = played.open["incident"].values()
    assert (incident.element, incident.kind) == ("c", "expression")


def test_an_instance_keeps_the_limits_it_was_started_with():
    body = tasks("t") + script("x", "count(for i in 1..n return i)", "r") + flows("s -> t -> x -> e")
    made = bundle(process(body))
    started = InstanceStarted(made.process, made.hash, variables={"n": 900}, limits={"items": 500})
    played = Played(made, first=started)
    played.complete("t")
    (incident,) = played.open["incident"].values()
    assert "at most 500 items" in incident.message
    free = Played(made, n=900)
    free.complete("t")
    assert free.variables["r"] == 900
    spent = Played(made, first=replace(started, limits={"input": 100}))
    spent.complete("t")
    (incident,) = spent.open["incident"].values()
    assert (incident.kind, "at most 100 steps of FEEL" in incident.message) == ("fuel_limit", True)


STUCK = (
    node("exclusiveGateway", "x", default="x_j") + tasks("t") + node("parallelGateway", "j") + tasks("after")
)
STUCK_FLOWS = "s -> x -> j\nx -> t: go\nt -> j\nj -> after -> e"


def _listening(inner: str, arrows: str, interrupting: str = "false") -> str:
    start = node(
        "startEvent", "se", '<bpmn:messageEventDefinition messageRef="M"/>', isInterrupting=interrupting
    )
    return node("subProcess", "es", start + inner + flows(arrows), triggeredByEvent="true")


@pytest.mark.parametrize(
    ("inner", "interrupting", "reported"),
    [
        (tasks("h"), "false", True),
        (node("endEvent", "h", "<bpmn:terminateEventDefinition/>"), "false", True),
        (tasks("h"), "true", False),
        (node("endEvent", "h", '<bpmn:escalationEventDefinition escalationRef="K"/>'), "false", False),
        (node("serviceTask", "h", p_handler="a.b"), "false", False),
    ],
)
def test_a_deadlock_is_told_unless_what_listens_can_end_it(inner, interrupting, reported):
    body = STUCK + _listening(inner, "se -> h", interrupting) + flows(STUCK_FLOWS)
    names = '<bpmn:message id="M" name="m"/><bpmn:escalation id="K" escalationCode="K1"/>'
    played = Played(bundle(process(body, extra=names)), go=False)
    assert [i.kind for i in played.open["incident"].values()] == ["deadlock"] * reported
    if reported:
        played.message("se")
        assert played.visits["h"] == 1


INNER = (
    node("startEvent", "si")
    + node("exclusiveGateway", "y", default="y_k")
    + tasks("ti")
    + node("parallelGateway", "k")
    + node("endEvent", "ee")
    + flows("si -> y -> k\ny -> ti: go\nti -> k\nk -> ee")
)
LATE = '<bpmn:messageEventDefinition messageRef="M"/>'


@pytest.mark.parametrize(
    ("behind", "reported"),
    [
        (tasks("h"), True),
        (node("endEvent", "h", "<bpmn:terminateEventDefinition/>"), False),
        (node("parallelGateway", "h") + flows("f -> h\nh -> e"), False),
    ],
)
def test_a_boundary_path_that_leads_to_a_join_or_ends_the_scope_may_still_end_a_deadlock(behind, reported):
    guard = node("boundaryEvent", "b", LATE, attachedToRef="sp", cancelActivity="false")
    body = node("parallelGateway", "f") + node("subProcess", "sp", INNER) + guard + behind
    body += flows("s -> f -> sp -> e\nb -> h")
    played = Played(bundle(process(body, extra='<bpmn:message id="M" name="m"/>')), go=False)
    assert [(i.element, i.kind) for i in played.open["incident"].values()] == [("k", "deadlock")] * reported
