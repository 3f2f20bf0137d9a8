"""The same inputs give the same bytes: at another time, in another thread, with other random numbers."""

# ruff: noqa: S311 - chance here makes tests, not secrets

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from random import Random

import orjson
import pytest
from drawing import bundle, event, flows, inputs, node, process, script, tasks, timer
from models import VALUES, Maker
from playing import Played

from app.domain.errors import DefinitionInvalid, ElementFailed
from app.domain.events import InstanceStarted
from app.engine import definitions
from app.engine.definitions import load
from app.engine.runtime import apply
from app.engine.tree import RefusingEnvironment


def everything() -> Played:
    """Play a process with most kinds of elements to its end."""
    inner = node("startEvent", "si") + tasks("ti") + flows("si -> ti")
    several = node(
        "multiInstanceLoopCharacteristics",
        "ml",
        p_collection='["x", "y"]',
        p_element="i",
        p_outputCollection="o",
    )
    body = node("parallelGateway", "g") + node("inclusiveGateway", "j") + tasks("t", "h")
    body += node("serviceTask", "sv", inputs(now="string(now())"), p_handler="a.b", p_result="r")
    body += node("subProcess", "sp", several + inner) + script("x", "now()", "adesso")
    body += node("boundaryEvent", "b", timer("timeCycle", "R/P1D"), attachedToRef="t", cancelActivity="false")
    body += node("intermediateCatchEvent", "c", event("message", "M"), p_result="m")
    body += flows("s -> g -> t -> j\ng -> sv -> j\ng -> sp -> j\ng -> c -> j\nb -> h -> j\nj -> x -> e")
    played = Played(bundle(process(body, extra='<bpmn:message id="M" name="m"/>')), n=1)
    played.fire("b")
    played.complete("ti", a="1")
    played.fire("b")
    played.job("sv", {"k": "v"})
    played.complete("h")
    played.complete("t", z="2")
    played.message("c", q="3")
    played.complete("h")
    played.complete("ti", a="2")
    assert played.finished
    return played


def test_the_same_inputs_give_the_same_bytes(monkeypatch):
    played = everything()

    def refuse(*_: object) -> None:
        raise AssertionError("the engine asked for chance")

    monkeypatch.setattr(uuid, "uuid4", refuse)
    monkeypatch.setattr("SpiffWorkflow.task.uuid4", refuse)
    monkeypatch.setattr(time, "time", lambda: 1.0)
    again = played.replayed()
    assert again.state == played.state
    assert again.numbers == played.numbers


def test_states_are_canonical_json_without_the_definition():
    played = Played(bundle(process(tasks("t") + flows("s -> t -> e"))), b=1, a="x")
    assert played.state == orjson.dumps(orjson.loads(played.state), option=orjson.OPT_SORT_KEYS)
    assert b"flow" not in played.state.lower()
    assert orjson.loads(played.state)["tokens"][0][4] == {"a": "x", "b": {"@n": "1"}}


def test_applying_an_input_leaves_the_state_before_it_usable():
    played = Played(bundle(process(tasks("t") + flows("s -> t -> e"))))
    state, numbers = played.state, played.numbers
    played.complete("t", x="1")
    given, at = played.inputs[-1]
    assert apply(played.definition, state, given, at, numbers, "FIL-1").state == played.state


def test_one_definition_serves_many_threads():
    seeds = range(24)

    def play(seed: int) -> list[bytes]:
        net = Maker(seed).net
        random = Random(seed)
        played = Played(bundle(net.draw()), **dict.fromkeys(net.variables, 0))
        states = [played.state]
        for _ in range(12):
            if played.finished:
                break
            played.complete(
                random.choice(played.at_elements()), **{n: random.randrange(VALUES) for n in net.variables}
            )
            states.append(played.state)
        return states

    alone = [play(seed) for seed in seeds]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(play, [seed for seed in seeds for _ in range(4)]))
    assert together == [states for states in alone for _ in range(4)]


def test_a_bundle_is_parsed_once_and_few_definitions_are_kept(monkeypatch):
    made = bundle(process(tasks("t") + flows("s -> t -> e")))
    assert load(made) is load(made)
    monkeypatch.setattr(definitions, "KEPT", 2)
    for index in range(4):
        load(bundle(process(tasks(f"t{index}") + flows(f"s -> t{index} -> e"))))
    assert len(definitions._cache) == 2


def test_a_bundle_that_failed_once_fails_again_with_the_same_sentence():
    broken = bundle(process(node("serviceTask", "t") + flows("s -> t -> e")))
    sentences = set()
    for _ in range(2):
        with pytest.raises(DefinitionInvalid) as refused:
            load(broken)
        sentences.add(str(refused.value))
    assert sentences == {
        "p.bpmn, t: Expected pratica:handler on the service task t, but it has none. Name the handler, for example protocollo.registra."
    }


def test_python_is_never_evaluated():
    environment = RefusingEnvironment()
    for path in (environment.evaluate, environment.execute, environment.call_service):
        with pytest.raises(ElementFailed, match="Expected FEEL alone"):
            path("__import__('os')", {})
    played = Played(bundle(process(tasks("t") + flows("s -> t -> e"))))
    from app.engine.stepping import Stepping

    turn = Stepping(played.definition, played.at, played.numbers, "FIL-1", 10)
    assert isinstance(turn.tree.script_engine.environment, RefusingEnvironment)


def test_a_state_of_another_definition_is_refused():
    from app.domain.errors import InputRefused
    from app.domain.events import TaskCompleted

    played = Played(bundle(process(tasks("t") + flows("s -> t -> e"))))
    other = load(bundle(process(tasks("u") + flows("s -> u -> e"))))
    with pytest.raises(InputRefused, match="has no element t"):
        apply(other, played.state, TaskCompleted(1), played.at, played.numbers, "FIL-1")


def test_a_start_is_refused_where_the_process_does_not_begin():
    made = bundle(process(tasks("t") + flows("s -> t -> e")))
    from app.domain.errors import InputRefused

    for first in (
        InstanceStarted("q", made.hash),
        InstanceStarted("p", made.hash, start_element="t"),
        InstanceStarted("p", made.hash, variables={"x": 0.5}),
    ):
        with pytest.raises(InputRefused):
            Played(made, first=first)
