"""What a hostile or careless designer may draw ends in an incident, in bounded time and space."""

from collections import Counter
from decimal import Decimal

import orjson
import pytest
from drawing import bundle, flows, inputs, node, process, script, tasks, timer
from playing import Played

from app.engine import gateways, stepping

LOOP = node("exclusiveGateway", "m") + node("exclusiveGateway", "q", default="q_m")


def looped(text: str, name: str = "x", **variables: object) -> Played:
    body = LOOP + script("x", text, name) + flows("s -> m -> x -> q -> m\nq -> e: stop = true")
    return Played(bundle(process(body)), **variables)


def only_incident(played: Played) -> tuple[str, str]:
    (incident,) = played.open["incident"].values()
    return incident.element, incident.kind


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("[x, x]", "a"),
        ("x + x", "aaaaaaaaaa"),
        ("sum(for i in 1..50000 return i)", 0),
    ],
)
def test_a_loop_that_doubles_its_data_or_burns_its_fuel_is_stopped(text, first, monkeypatch):
    monkeypatch.setattr(Played, "times", 1)
    played = looped(text, x=first)
    element, kind = only_incident(played)
    assert element in {"x", "m", "q"}
    assert kind in {"expression", "fuel_limit", "step_limit"}
    assert len(played.state) < 5_000_000
    played.resolve(element, stop=True, x="small")
    assert played.finished


def test_a_function_is_no_variable_no_input_and_no_result():
    played = Played(bundle(process(script("x", "function(a) a + 1", "f") + flows("s -> x -> e"))))
    assert only_incident(played) == ("x", "expression")
    task = node("serviceTask", "t", inputs(f="[function(a) a]"), p_handler="a.b")
    assert only_incident(Played(bundle(process(task + flows("s -> t -> e"))))) == ("t", "expression")


def test_values_are_data_and_never_code():
    text = "__import__('os').system('true')"
    body = (
        script("x", "string length(testo)", "n") + node("exclusiveGateway", "g", default="g_e") + tasks("t")
    )
    body += flows("s -> x -> g -> e\ng -> t: n > 100\nt -> e")
    played = Played(bundle(process(body)), testo=text)
    assert played.variables["n"] == Decimal(len(text))
    assert played.finished


def test_too_many_runs_are_an_incident_and_open_nothing():
    marker = node("multiInstanceLoopCharacteristics", "l", p_collection="1..2001")
    body = node("userTask", "t", marker.replace("1..2001", "for i in 1..2001 return i")) + flows(
        "s -> t -> e"
    )
    played = Played(bundle(process(body)))
    assert only_incident(played) == ("t", "instances")
    assert not played.open["task"]


def test_many_runs_stay_quick_to_go_on_with():
    marker = node(
        "multiInstanceLoopCharacteristics",
        "l",
        p_collection="for i in 1..500 return i",
        p_outputCollection="o",
    )
    played = Played(bundle(process(node("userTask", "t", marker, p_result="r") + flows("s -> t -> e"))))
    assert len(played.open["task"]) == 500
    assert len(played.state) < 100_000
    played.complete("t", v="1")
    assert len(orjson.loads(played.state)["tokens"]) == 501


def test_a_fault_in_what_listens_from_the_start_is_told_at_the_start_event():
    inner = node("startEvent", "se", timer("timeDate", "quando")) + tasks("h") + flows("se -> h")
    body = tasks("t") + node("subProcess", "es", inner, triggeredByEvent="true") + flows("s -> t -> e")
    played = Played(bundle(process(body)), quando="mai")
    assert only_incident(played) == ("s", "timer")
    played.resolve("s", quando="2024-01-01")
    assert (played.at_elements(), played.at_elements("timer")) == (["t"], ["se"])


def test_names_of_ours_are_free_for_designers():
    body = node("startEvent", "Start") + tasks("End", "Root") + flows("Start -> End -> Root")
    played = Played(bundle(process(body, ends=False)))
    played.complete("End")
    played.complete("Root")
    assert played.finished


def test_an_incident_in_one_run_leaves_the_others_alone():
    marker = node(
        "multiInstanceLoopCharacteristics", "l", p_collection="[1, 2]", p_element="i", p_outputCollection="o"
    )
    body = node("serviceTask", "t", marker, p_handler="a.b", p_result="r") + flows("s -> t -> e")
    played = Played(bundle(process(body)))
    played.job_fails("t", None)
    played.job("t", "second")
    assert not played.finished
    played.resolve("t")
    played.job("t", "first")
    assert played.variables["o"] == ["first", "second"]
    assert played.finished


@pytest.mark.parametrize("text", [repr("k" * 201).replace("'", '"'), '"a\\u0000b"'])
@pytest.mark.parametrize("tag", ["intermediateCatchEvent", "intermediateThrowEvent"])
def test_a_key_that_no_index_can_hold_is_an_incident(tag, text):
    message = '<bpmn:messageEventDefinition messageRef="m"/>'
    body = node(tag, "x", message, p_key=text) + flows("s -> x -> e")
    played = Played(bundle(process(body, extra='<bpmn:message id="m" name="m"/>')))
    assert only_incident(played) == ("x", "key")


def test_an_assignee_that_no_table_can_hold_is_an_incident():
    body = node("userTask", "t", p_assignee='"a\\u0000b"') + flows("s -> t -> e")
    assert only_incident(Played(bundle(process(body)))) == ("t", "assignee")


def test_an_input_that_throws_without_end_is_stopped_before_its_steps_are_used_up(monkeypatch):
    monkeypatch.setattr(stepping, "MAX_EVENTS", 20)
    thrown = node("intermediateThrowEvent", "x", '<bpmn:signalEventDefinition signalRef="sg"/>')
    body = LOOP + thrown + flows("s -> m -> x -> q -> m\nq -> e: stop = true")
    played = Played(bundle(process(body, extra='<bpmn:signal id="sg" name="sg"/>')), stop=False)
    assert only_incident(played)[1] == "event_limit"


@pytest.mark.parametrize("waiting", [10, 300])
def test_what_is_looked_at_for_inclusive_joins_counts_towards_the_steps(waiting, monkeypatch):
    """An endless loop through an inclusive join, beside joins that an open task keeps waiting."""
    monkeypatch.setattr(Played, "times", 1)
    looks = Counter()
    blocks = gateways._blocks
    monkeypatch.setattr(gateways, "_blocks", lambda *asked: looks.update("b") or blocks(*asked))
    joins = [f"j{n}" for n in range(waiting)]
    body = (
        "".join(node("inclusiveGateway", id_) for id_ in ["a", "b", *joins])
        + tasks("t")
        + node("exclusiveGateway", "m")
    )
    body += (
        node("parallelGateway", "f")
        + node("parallelGateway", "g")
        + script("x", "1", "n")
        + script("y", "1", "n")
    )
    lines = [f"f -> {join} -> e\ng -> {join}" for join in joins]
    lines += ["s -> f -> t -> g", "f -> m -> a", "a -> x: true", "a -> y: true", "x -> b", "y -> b -> m"]
    played = Played(bundle(process(body + flows("\n".join(lines)))))
    assert only_incident(played)[1] == "step_limit"
    assert played.at_elements() == ["t"]
    assert looks.total() < 50 * 20_000
    assert played.visits["m"] < (4_000 if waiting == 10 else 1_000)


def test_two_hundred_inclusive_joins_that_fire_in_one_input_stay_within_its_steps():
    joins = [f"j{n}" for n in range(200)]
    body = "".join(node("inclusiveGateway", id_) for id_ in joins) + tasks("t")
    body += node("parallelGateway", "f") + node("parallelGateway", "g")
    lines = [f"f -> {join} -> e\ng -> {join}" for join in joins]
    played = Played(bundle(process(body + flows("\n".join(["s -> f -> t -> g", *lines])))))
    played.complete("t")
    assert played.finished
    assert not played.open["incident"]
