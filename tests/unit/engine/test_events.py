"""Events: timers, messages, signals, errors, escalations, links and event sub-processes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from drawing import bundle, event, flows, inputs, node, process, script, tasks, timer
from playing import NOW, Played

from app.domain.errors import InputRefused
from app.domain.events import (
    InstanceStarted,
    JobCancelled,
    MessageReceived,
    MessageThrown,
    SignalThrown,
    TaskCancelled,
    TimerCancelled,
    TimerSet,
    WaitOpened,
)

NAMES = (
    '<bpmn:message id="M" name="m1"/><bpmn:signal id="S" name="s1"/><bpmn:error id="E" errorCode="E1"/>'
    '<bpmn:error id="F" errorCode="E2"/><bpmn:escalation id="K" escalationCode="K1"/>'
)


def waiting_for(form: str, text: str, **variables: object) -> Played:
    catch = node("intermediateCatchEvent", "t", timer(form, text)) + flows("s -> t -> e")
    return Played(bundle(process(catch)), **variables)


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("timeDuration", "PT15M", NOW + timedelta(minutes=15)),
        ("timeDuration", "P1M", datetime(2023, 6, 8, 7, 0, tzinfo=UTC)),
        ("timeDuration", "P2W", NOW + timedelta(weeks=2)),
        ("timeDuration", 'duration("P" + string(giorni) + "D")', NOW + timedelta(days=10)),
        ("timeDate", "2023-05-08T09:30:00+02:00", datetime(2023, 5, 8, 7, 30, tzinfo=UTC)),
        ("timeDate", "2023-05-09", datetime(2023, 5, 8, 22, 0, tzinfo=UTC)),
        ("timeDate", "fine", datetime(2023, 5, 31, 22, 0, tzinfo=UTC)),
        ("timeDate", "iso", datetime(2023, 5, 8, 12, 0, tzinfo=UTC)),
        ("timeDate", 'now() + @"PT1H"', NOW + timedelta(hours=1)),
        ("timeCycle", "R3/PT10M", NOW + timedelta(minutes=10)),
    ],
)
def test_a_timer_is_due_at_an_instant_computed_at_the_recorded_time(form, text, expected):
    from datetime import date

    played = waiting_for(form, text, giorni=10, fine=date(2023, 6, 1), iso="2023-05-08T14:00:00+02:00")
    assert [each.due for each in played.of(TimerSet)] == [expected]
    played.fire("t")
    assert played.finished


@pytest.mark.parametrize("text", ["null", '"soon"', "42", "R0/PT1H", "R/PT0S", "P999999999Y"])
def test_a_timer_without_a_usable_time_opens_an_incident(text):
    played = waiting_for("timeCycle" if text.startswith("R") else "timeDuration", text)
    (incident,) = played.open["incident"].values()
    assert (incident.element, incident.kind) == ("t", "timer")


def test_an_end_of_month_does_not_run_over():
    catch = node("intermediateCatchEvent", "t", timer("timeDuration", "P1M")) + flows("s -> t -> e")
    played = Played(bundle(process(catch)), at=datetime(2024, 1, 31, 9, 0, tzinfo=UTC))
    assert played.of(TimerSet)[0].due == datetime(2024, 2, 29, 9, 0, tzinfo=UTC)


def test_a_message_is_awaited_with_its_key_and_by_default_with_the_case():
    body = node("intermediateCatchEvent", "c1", event("message", "M"))
    body += node("receiveTask", "c2", messageRef="M", p_key='"P-" + string(n)', p_result="r") + flows(
        "s -> c1 -> c2 -> e"
    )
    played = Played(bundle(process(body, extra=NAMES)), n=4)
    assert played.of(WaitOpened) == [WaitOpened(1, "c1", "message", "m1", "FIL-1")]
    played.message("c1", x="1")
    assert played.of(WaitOpened) == [WaitOpened(2, "c2", "message", "m1", "P-4")]
    with pytest.raises(InputRefused, match="got the message other"):
        played.feed(MessageReceived(2, "other"))
    played.message("c2", y="2")
    assert {key: played.variables[key] for key in ("x", "r")} == {"x": "1", "r": {"y": "2"}}


def test_thrown_messages_and_signals_leave_the_instance_with_their_payload():
    body = node("intermediateThrowEvent", "t1", inputs(a="1") + event("message", "M"))
    body += node("endEvent", "t2", inputs(b="2") + event("signal", "S")) + flows("s -> t1 -> t2")
    played = Played(bundle(process(body, extra=NAMES)))
    assert played.of(MessageThrown) == [MessageThrown("t1", "m1", None, {"a": Decimal(1)})]
    assert played.of(SignalThrown) == [SignalThrown("t2", "s1", {"b": Decimal(2)})]
    assert played.ends == ["t2"]


def with_boundary(definition: str, *, interrupting: bool = True, host: str | None = None) -> Played:
    body = (host or tasks("t")) + node(
        "boundaryEvent",
        "b",
        definition,
        attachedToRef="t",
        cancelActivity=str(interrupting).lower(),
        p_result="r",
    )
    body += tasks("h") + flows("s -> t -> e\nb -> h -> e")
    return Played(bundle(process(body, extra=NAMES)))


def test_an_interrupting_timer_cancels_its_task_and_a_completed_task_its_timer():
    played = with_boundary(timer("timeDuration", "P20D"))
    played.fire("b")
    assert played.of(TaskCancelled) == [TaskCancelled(1, "t")]
    assert played.of(TimerCancelled) == []
    assert played.at_elements() == ["h"]
    played = with_boundary(timer("timeDuration", "P20D"))
    played.complete("t")
    assert played.of(TimerCancelled) == [TimerCancelled(1, "b")]
    assert played.finished


def test_a_non_interrupting_message_comes_as_often_as_it_is_sent():
    played = with_boundary(event("message", "M"), interrupting=False)
    for count in (1, 2, 3):
        played.message("b", n=str(count))
        assert played.at_elements() == ["h"] * count + ["t"]
    assert played.variables["r"] == {"n": "3"}
    played.complete("t")
    assert not played.open["wait"]
    for _ in range(3):
        played.complete("h")
    assert played.finished


def test_a_cycle_counts_from_its_own_due_times_and_never_from_a_late_firing():
    played = with_boundary(timer("timeCycle", "R3/P3D"), interrupting=False)
    dues = [played.of(TimerSet)[0].due]
    for _ in range(2):
        played.fire("b", late=timedelta(hours=5))
        dues.append(played.of(TimerSet)[0].due)
    played.fire("b")
    assert played.of(TimerSet) == []
    assert dues == [NOW + timedelta(days=3 * n) for n in (1, 2, 3)]
    assert played.at_elements() == ["h", "h", "h", "t"]


def test_a_signal_meets_all_waits_of_its_name():
    body = (
        node("parallelGateway", "g") + node("intermediateCatchEvent", "c", event("signal", "S")) + tasks("t")
    )
    body += node("boundaryEvent", "b", event("signal", "S"), attachedToRef="t") + flows(
        "s -> g -> c -> e\ng -> t -> e\nb -> e"
    )
    played = Played(bundle(process(body, extra=NAMES)))
    with pytest.raises(InputRefused, match="Expected a wait for the signal s2"):
        played.signal("s2")
    played.signal("s1", x="1")
    assert played.finished
    assert played.of(TaskCancelled) == [TaskCancelled(1, "t")]


SERVICE = node("serviceTask", "t", p_handler="a.b")


def test_a_handlers_business_error_goes_to_the_boundary_event_of_its_code():
    body = SERVICE + node("boundaryEvent", "b1", event("error", "E"), attachedToRef="t", p_result="err")
    body += node("boundaryEvent", "b2", event("error"), attachedToRef="t") + tasks("h1", "h2")
    body += flows("s -> t -> e\nb1 -> h1 -> e\nb2 -> h2 -> e")
    played = Played(bundle(process(body, extra=NAMES)))
    played.job_fails("t", "E1", "down")
    assert played.at_elements() == ["h1"]
    assert played.variables["err"] == {"code": "E1", "message": "down"}
    assert played.of(JobCancelled) == []
    played = Played(bundle(process(body, extra=NAMES)))
    played.job_fails("t", "E9")
    assert played.at_elements() == ["h2"]


def test_an_error_that_nobody_catches_and_a_technical_failure_open_an_incident():
    for code, kind in (("E1", "uncaught_error"), (None, "job")):
        played = Played(bundle(process(SERVICE + flows("s -> t -> e"))))
        played.job_fails("t", code)
        (incident,) = played.open["incident"].values()
        assert (incident.element, incident.kind) == ("t", kind)
        played.resolve("t")
        assert played.at_elements("job") == ["t"]
        played.job("t")
        assert played.finished


def error_in(inner_end: str, boundary: str) -> Played:
    inner = node("startEvent", "si") + node("parallelGateway", "g") + tasks("t", "u")
    inner += node("endEvent", "ei", inner_end) + flows("si -> g -> t -> ei") + flows("g -> u")
    body = node("subProcess", "sp", inner) + boundary + tasks("h") + flows("s -> sp -> e\nb -> h -> e")
    return Played(bundle(process(body, extra=NAMES)))


def test_an_error_end_event_ends_its_sub_process_and_all_in_it():
    played = error_in(
        event("error", "E"), node("boundaryEvent", "b", event("error", "E"), attachedToRef="sp")
    )
    played.complete("t")
    assert played.at_elements() == ["h"]
    assert played.of(TaskCancelled) == [TaskCancelled(2, "u")]


def test_an_error_of_another_code_is_not_swallowed():
    played = error_in(
        event("error", "F"), node("boundaryEvent", "b", event("error", "E"), attachedToRef="sp")
    )
    played.complete("t")
    (incident,) = played.open["incident"].values()
    assert (incident.element, incident.kind) == ("ei", "uncaught_error")


@pytest.mark.parametrize("interrupting", ["true", "false"])
def test_an_escalation_is_caught_with_or_without_an_interruption(interrupting):
    caught = node(
        "boundaryEvent", "b", event("escalation", "K"), attachedToRef="sp", cancelActivity=interrupting
    )
    played = error_in(event("escalation", "K"), caught)
    played.complete("t")
    assert played.at_elements() == (["h"] if interrupting == "true" else ["h", "u"])


def test_an_escalation_that_nobody_catches_goes_on_as_the_standard_says():
    body = (
        node("intermediateThrowEvent", "k", event("escalation", "K")) + tasks("t") + flows("s -> k -> t -> e")
    )
    assert Played(bundle(process(body, extra=NAMES))).at_elements() == ["t"]


def test_an_error_from_a_called_process_is_caught_at_the_call():
    called = process(
        node("startEvent", "si") + node("endEvent", "ei", event("error", "E")) + flows("si -> ei"),
        "q",
        NAMES,
        ends=False,
    )
    body = node("callActivity", "c", calledElement="q") + node(
        "boundaryEvent", "b", event("error", "E"), attachedToRef="c"
    )
    body += tasks("h") + flows("s -> c -> e\nb -> h -> e")
    assert Played(bundle(process(body, extra=NAMES), called)).at_elements() == ["h"]


def test_links_lead_from_every_throw_to_the_catch_of_their_name():
    link = '<bpmn:linkEventDefinition name="L"/>'
    body = (
        node("intermediateThrowEvent", "l1", link) + node("intermediateCatchEvent", "l2", link) + tasks("t")
    )
    played = Played(bundle(process(body + flows("s -> l1\nl2 -> t -> e"))))
    assert played.at_elements() == ["t"]


def test_message_starts_are_named_and_start_with_the_payload():
    body = (
        node("startEvent", "sm", event("message", "M"), p_result="msg")
        + tasks("t")
        + flows("s -> t\nsm -> t -> e")
    )
    made = bundle(process(body, extra=NAMES))
    first = InstanceStarted("p", made.hash, start_element="sm", variables={"x": "1"}, message="m1")
    played = Played(made, first=first)
    assert played.definition.message_starts == {"m1": "sm"}
    assert played.definition.has_none_start
    assert played.variables == {"x": "1", "msg": {"x": "1"}}
    assert played.visits["s"] == 0


def with_event_sub_process(definition: str, *, interrupting: bool, extra: str = "") -> Played:
    inner = node("startEvent", "se", definition, isInterrupting=str(interrupting).lower(), p_result="r")
    inner += tasks("h") + flows("se -> h")
    body = (
        tasks("t") + node("subProcess", "es", inner, triggeredByEvent="true") + extra + flows("s -> t -> e")
    )
    return Played(bundle(process(body, extra=NAMES)))


@pytest.mark.parametrize(
    "definition", [event("message", "M"), event("signal", "S"), timer("timeDuration", "P1D")]
)
@pytest.mark.parametrize("interrupting", [True, False])
def test_an_event_sub_process_interrupts_its_process_or_runs_beside_it(definition, interrupting):
    played = with_event_sub_process(definition, interrupting=interrupting)
    if "timer" in definition:
        played.fire("se")
    elif "signal" in definition:
        played.signal("s1", x="1")
    else:
        played.message("se", x="1")
    assert played.at_elements() == (["h"] if interrupting else ["h", "t"])
    for element in played.at_elements():
        played.complete(element)
    assert played.finished
    assert not played.open["timer"]
    assert not played.open["wait"]


def test_a_process_does_not_wait_for_an_event_sub_process_that_never_starts():
    played = with_event_sub_process(timer("timeDuration", "P1D"), interrupting=True)
    played.complete("t")
    assert played.finished
    assert type(played.last[-2]) is TimerCancelled


def test_an_error_event_sub_process_catches_what_its_scope_throws():
    inner = node("startEvent", "se", event("error", "E"), p_result="r") + tasks("h") + flows("se -> h")
    body = SERVICE + node("subProcess", "es", inner, triggeredByEvent="true") + flows("s -> t -> e")
    played = Played(bundle(process(body, extra=NAMES)))
    played.job_fails("t", "E1", "down")
    assert played.at_elements() == ["h"]
    assert played.variables["r"] == {"code": "E1", "message": "down"}


def test_a_boundary_event_is_not_armed_by_a_script_that_is_done_at_once():
    host = script("t", "1", "x")
    played = with_boundary(timer("timeDuration", "P1D"), host=host)
    assert played.finished
    assert played.of(TimerSet) == []
