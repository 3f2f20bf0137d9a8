"""Gateways: joins count tokens per incoming flow, and are right in loops and in every order."""

from itertools import permutations, product

import pytest
from drawing import bundle, event, flows, node, process, script, tasks, timer
from playing import Played

XOR = node("exclusiveGateway", "x", default="x_c") + tasks("a", "b", "c")
XOR += flows("s -> x\nx -> a: n > 10\nx -> b: n > 5\nx -> c\na -> e\nb -> e\nc -> e")


@pytest.mark.parametrize(("n", "expected"), [(11, "a"), (6, "b"), (1, "c")])
def test_an_exclusive_gateway_takes_the_first_true_condition_or_the_default(n, expected):
    assert Played(bundle(process(XOR)), n=n).at_elements() == [expected]


def test_an_exclusive_gateway_without_a_true_condition_opens_an_incident():
    body = (
        node("exclusiveGateway", "x")
        + tasks("a", "b")
        + flows("s -> x\nx -> a: n > 10\nx -> b: n > 5\na -> e\nb -> e")
    )
    played = Played(bundle(process(body)), n=1)
    (incident,) = played.open["incident"].values()
    assert (incident.element, incident.kind) == ("x", "no_flow")
    played.resolve("x", n=7)
    assert played.at_elements() == ["b"]


LOOP_PARALLEL = (
    node("parallelGateway", "f")
    + node("parallelGateway", "j")
    + node("exclusiveGateway", "m")
    + node("exclusiveGateway", "x", default="x_m")
    + tasks("a", "b", "t")
    + flows("s -> m -> f -> a -> j\nf -> b -> j\nj -> t -> x\nx -> m\nx -> e: fine")
)


@pytest.mark.parametrize("orders", list(product(permutations("ab"), repeat=3)))
def test_a_parallel_join_in_a_loop_waits_for_all_its_branches_in_every_order(orders):
    played = Played(bundle(process(LOOP_PARALLEL)))
    for last, order in enumerate(orders):
        assert played.at_elements() == ["a", "b"]
        played.complete(order[0])
        assert played.at_elements() == [order[1]]
        played.complete(order[1])
        assert played.at_elements() == ["t"]
        played.complete("t", fine=last == 2)
    assert played.finished


def test_a_second_token_on_the_same_flow_waits_for_its_own_partner():
    body = node("parallelGateway", "f") + node("exclusiveGateway", "m") + node("parallelGateway", "j")
    body += tasks("a", "b", "c") + flows("s -> f -> a -> m\nf -> b -> m\nm -> j\nf -> c -> j\nj -> e")
    played = Played(bundle(process(body)))
    played.complete("a")
    played.complete("b")
    assert played.tokens["j"] == 2
    assert not played.finished
    played.complete("c")
    assert played.tokens["j"] == 1
    assert played.tokens["e"] == 0
    (incident,) = played.open["incident"].values()
    assert (incident.element, incident.kind) == ("j", "deadlock")


OR = (
    node("inclusiveGateway", "o")
    + node("inclusiveGateway", "j")
    + tasks("a", "b", "c", "t")
    + flows("s -> o\no -> a: x\no -> b: y\no -> c: z\na -> j\nb -> j\nc -> j\nj -> t -> e")
)


@pytest.mark.parametrize("taken", [(x, y, z) for x, y, z in product((True, False), repeat=3) if x or y or z])
def test_an_inclusive_join_waits_for_the_branches_that_were_taken_and_no_others(taken):
    names = [name for name, on in zip("abc", taken, strict=True) if on]
    for order in permutations(names):
        played = Played(bundle(process(OR)), **dict(zip("xyz", taken, strict=True)))
        for index, name in enumerate(order):
            assert "t" not in played.at_elements(), index
            played.complete(name)
        assert played.at_elements() == ["t"]


def test_an_inclusive_join_fires_when_the_token_it_waited_for_ends_elsewhere():
    body = node("inclusiveGateway", "o") + node("inclusiveGateway", "j") + tasks("a", "b", "t")
    body += node("exclusiveGateway", "x", default="x_j") + node("endEvent", "e2")
    body += flows("s -> o\no -> a: true\no -> b: true\na -> j\nb -> x -> j\nx -> e2: stop\nj -> t -> e")
    played = Played(bundle(process(body)))
    played.complete("a")
    assert played.at_elements() == ["b"]
    played.complete("b", stop=True)
    assert played.at_elements() == ["t"]


def test_an_inclusive_join_waits_for_what_a_boundary_event_may_still_send():
    body = node("inclusiveGateway", "o") + node("inclusiveGateway", "j") + tasks("a", "b", "r", "t")
    body += node("boundaryEvent", "be", timer("timeDuration", "PT1H"), attachedToRef="b") + node(
        "endEvent", "e2"
    )
    body += flows("s -> o\no -> a: true\no -> b: true\na -> j\nb -> e2\nbe -> r -> j\nj -> t -> e")
    played = Played(bundle(process(body)))
    played.complete("a")
    assert played.at_elements() == ["b"]
    played.fire("be")
    assert played.at_elements() == ["r"]
    played.complete("r")
    assert played.at_elements() == ["t"]


def test_an_inclusive_join_in_a_loop_is_right_in_every_round():
    body = node("exclusiveGateway", "m") + node("exclusiveGateway", "x", default="x_m")
    body += OR.replace('id="s_o" sourceRef="s"', 'id="m_o" sourceRef="m"').replace(
        'id="t_e" sourceRef="t" targetRef="e"', 'id="t_x" sourceRef="t" targetRef="x"'
    )
    body += flows("s -> m\nx -> m\nx -> e: fine")
    played = Played(bundle(process(body)), x=True, y=True, z=False)
    for last in range(4):
        played.complete("b" if last % 2 else "a")
        assert len(played.at_elements()) == 1
        played.complete("a" if last % 2 else "b")
        played.complete("t", fine=last == 3)
    assert played.finished


MESSAGES = '<bpmn:message id="M" name="m1"/><bpmn:signal id="S" name="s1"/>'
RACE = (
    node("eventBasedGateway", "g")
    + node("intermediateCatchEvent", "cm", event("message", "M"), p_result="r")
    + node("intermediateCatchEvent", "cs", event("signal", "S"))
    + node("intermediateCatchEvent", "ct", timer("timeDuration", "P2D"))
    + node("receiveTask", "rt", messageRef="M", p_key='"other"')
    + tasks("a", "b", "c", "d")
    + flows("s -> g -> cm -> a -> e\ng -> cs -> b -> e\ng -> ct -> c -> e\ng -> rt -> d -> e")
)


def test_the_first_event_behind_an_event_based_gateway_decides_and_the_others_are_closed():
    race = bundle(process(RACE, extra=MESSAGES))
    for act, expected in (
        (lambda p: p.message("cm", x="1"), "a"),
        (lambda p: p.signal("s1"), "b"),
        (lambda p: p.fire("ct"), "c"),
        (lambda p: p.message("rt"), "d"),
    ):
        played = Played(race)
        assert played.at_elements("wait") == ["cm", "cs", "rt"]
        act(played)
        assert played.at_elements() == [expected]
        assert not played.open["wait"]
        assert not played.open["timer"]
        if expected == "a":
            assert played.variables == {"r": {"x": "1"}}


def test_a_loop_of_scripts_that_never_waits_ends_in_an_incident():
    body = node("exclusiveGateway", "m") + script("x", "n + 1", "n") + flows("s -> m -> x -> m")
    played = Played(bundle(process(body)), n=0)
    (incident,) = played.open["incident"].values()
    assert incident.kind == "step_limit"
    assert played.variables["n"] > 9000
