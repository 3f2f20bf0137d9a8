"""What follows from an input in the same transaction: handlers, messages, signals, timers, incidents."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.domain.actors import system
from app.domain.errors import HandlerError, NotAllowed, NotFound
from app.engine import runtime
from app.services import cases, course, history, incidents, jobs, messages, replay, tasks, timers
from app.worker.loop import perform
from tests.small import anna, carla, flows, handler, lane, operator


def types(house, case):
    return [m.type for m in history.timeline(house, case.id, carla)]


def elements(house, case):
    return [t.element for t in cases.view(house, case.id, carla).tasks if t.state == "open"]


MESSAGE = '<bpmn:message id="m" name="prova.avviso"/>'
WAITS = (
    '<bpmn:startEvent id="s"/><bpmn:intermediateCatchEvent id="aspetta"><bpmn:messageEventDefinition messageRef="m"/>'
    '</bpmn:intermediateCatchEvent><bpmn:userTask id="dopo"/><bpmn:endEvent id="e"/>'
    + flows("s>aspetta", "aspetta>dopo", "dopo>e")
)


def test_an_inside_handler_gives_its_number_in_the_same_transaction(house, deploy, registry):
    handler(
        registry,
        "prova.numera",
        lambda *, house: house.enter("prova", {"case": house.case_id}, 2023),
        inside=True,
    )
    body = '<bpmn:startEvent id="s"/><bpmn:serviceTask id="numera" pratica:handler="prova.numera" pratica:result="numero"/><bpmn:userTask id="vede"/><bpmn:endEvent id="e"/>'
    deploy("prova", body + flows("s>numera", "numera>vede", "vede>e"))
    numbers = []
    for _ in range(3):
        case = cases.start(house, "prova", carla)
        numbers.append(
            next(
                m.body["result"] for m in history.timeline(house, case.id, carla) if m.type == "JobCompleted"
            )
        )
        assert replay.case(house, case.id).equal
    assert [int(n) for n in numbers] == [1, 2, 3]


def test_what_follows_from_a_person_s_input_is_recorded_as_the_system_s(house, deploy, registry):
    handler(
        registry,
        "prova.scrive",
        lambda *, house: house.add_document("a.txt", "text/plain", b"a"),
        inside=True,
    )
    body = '<bpmn:startEvent id="s"/><bpmn:serviceTask id="scrive" pratica:handler="prova.scrive" pratica:result="d"/><bpmn:userTask id="vede"/><bpmn:endEvent id="e"/>'
    deploy("prova", body + flows("s>scrive", "scrive>vede", "vede>e"))
    case = cases.start(house, "prova", carla)
    with house.database.reader() as reader:
        by = {entry.event.type: entry.actor for entry in reader.history(case.id) if entry.event.is_input}
    assert by["InstanceStarted"] == "carla"
    assert by["DocumentAdded"] == by["JobCompleted"] == "system"


def test_a_refusing_handler_leaves_no_gap_in_its_register(house, deploy, registry):
    def numbers_then_refuses(volte, *, house):
        number = house.enter("prova", {}, 2023)
        if volte == "rifiuta":
            raise HandlerError("prova.rifiutata", "no")
        return number

    handler(registry, "prova.numera", numbers_then_refuses, inside=True)
    body = (
        '<bpmn:startEvent id="s"/><bpmn:serviceTask id="numera" pratica:handler="prova.numera" pratica:result="numero"><bpmn:extensionElements>'
        '<pratica:input name="volte" value="modo"/></bpmn:extensionElements></bpmn:serviceTask>'
        '<bpmn:boundaryEvent id="b" attachedToRef="numera"><bpmn:errorEventDefinition errorRef="err"/></bpmn:boundaryEvent>'
        '<bpmn:endEvent id="e"/><bpmn:endEvent id="rifiutata"/>'
    )
    deploy(
        "prova",
        body + flows("s>numera", "numera>e", "b>rifiutata"),
        above='<bpmn:error id="err" errorCode="prova.rifiutata"/>',
    )
    bad = cases.start(house, "prova", carla, variables={"modo": "rifiuta"})
    good = cases.start(house, "prova", carla, variables={"modo": "va"})
    assert cases.view(house, bad.id, carla).instances[0].ends == ("rifiutata",)
    result = next(
        m.body["result"] for m in history.timeline(house, good.id, carla) if m.type == "JobCompleted"
    )
    assert int(result) == 1


def test_a_message_before_its_receiver_is_kept_until_taken(house, deploy):
    before = lane("richiedente", "prima") + '<bpmn:startEvent id="s"/><bpmn:userTask id="prima"/>'
    body = before + WAITS.replace('<bpmn:startEvent id="s"/>', "").replace(
        flows("s>aspetta"), flows("s>prima", "prima>aspetta")
    )
    deploy("prova", body, above=MESSAGE)
    case = cases.start(house, "prova", carla)
    assert messages.send(house, case.id, "prova.avviso", {"testo": "eccomi"}, system) is False
    assert elements(house, case) == ["prima"]
    tasks.complete(house, f"{case.id}/1", {}, carla)
    assert elements(house, case) == ["dopo"]
    assert replay.case(house, case.id).equal


def test_a_message_goes_to_the_other_instance_of_its_case_and_starts_one(house, deploy):
    deploy(
        "attesa",
        WAITS.replace(
            '<bpmn:startEvent id="s"/>',
            '<bpmn:startEvent id="s"><bpmn:messageEventDefinition messageRef="n"/></bpmn:startEvent>',
        ),
        above=MESSAGE + '<bpmn:message id="n" name="prova.nasce"/>',
        who="message",
    )
    throws = (
        '<bpmn:startEvent id="s"/><bpmn:intermediateThrowEvent id="nasce"><bpmn:messageEventDefinition messageRef="n"/></bpmn:intermediateThrowEvent>'
        '<bpmn:intermediateThrowEvent id="avvisa"><bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateThrowEvent><bpmn:endEvent id="e"/>'
    )
    deploy(
        "prova",
        throws + flows("s>nasce", "nasce>avvisa", "avvisa>e"),
        above=MESSAGE + '<bpmn:message id="n" name="prova.nasce"/>',
    )
    case = cases.start(house, "prova", carla)
    view = cases.view(house, case.id, carla)
    assert [i.process for i in view.instances] == ["prova", "attesa"]
    assert elements(house, case) == ["dopo"]
    assert replay.case(house, case.id).equal


TIMER = (
    lane("richiedente", "aspetta")
    + '<bpmn:startEvent id="s"/><bpmn:userTask id="aspetta"/><bpmn:boundaryEvent id="b" attachedToRef="aspetta"><bpmn:timerEventDefinition>'
    "<bpmn:timeDuration>P10D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent><bpmn:endEvent id='e'/><bpmn:endEvent id='scaduta'/>"
    + flows("s>aspetta", "aspetta>e", "b>scaduta")
)


def test_a_timer_fires_once_and_never_early(house, deploy):
    deploy("prova", TIMER)
    case = cases.start(house, "prova", carla)
    house.clock.advance(timedelta(days=10) - timedelta(microseconds=1))
    assert timers.fire(house, case.id, 1) is False
    house.clock.advance(timedelta(microseconds=1))
    assert timers.fire(house, case.id, 1) is True
    assert timers.fire(house, case.id, 1) is False
    assert cases.view(house, case.id, carla).instances[0].ends == ("scaduta",)
    assert types(house, case).count("TimerFired") == 1
    assert replay.case(house, case.id).equal


def test_an_outside_handler_that_gives_up_opens_an_incident_and_a_retry_goes_on(house, deploy, registry):
    calls = []

    def flaky(*, call):
        calls.append(call.key)
        if len(calls) < 3:
            raise ConnectionError("giù")
        return "fatto"

    handler(registry, "prova.esterno", flaky)
    body = '<bpmn:startEvent id="s"/><bpmn:serviceTask id="chiama" pratica:handler="prova.esterno" pratica:result="esito"/><bpmn:endEvent id="e"/>'
    deploy("prova", body + flows("s>chiama", "chiama>e"))
    case = cases.start(house, "prova", carla)
    for last in (False, True):
        with pytest.raises(ConnectionError):
            jobs.perform_handler(house, case.id, 1)
        assert (jobs.failed(house, case.id, 1, "giù") is None) is last
    found = incidents.open_list(house, operator)
    assert len(found) == 1
    assert "gave up after 2 attempts" in found[0].message
    with pytest.raises(NotAllowed):
        incidents.resolve(house, case.id, found[0].number, "riprovo", anna)
    incidents.resolve(house, case.id, found[0].number, "la rete è tornata", operator)
    jobs.perform_handler(house, case.id, 2)
    assert cases.view(house, case.id, carla).instances[0].state == "completed"
    assert incidents.open_list(house, operator) == []
    assert replay.case(house, case.id).equal


def test_a_signal_reaches_its_own_case_and_the_cases_under_it(house, deploy):
    signal = '<bpmn:signal id="g" name="prova.chiusa"/>'
    upper = (
        '<bpmn:startEvent id="s"/><bpmn:userTask id="chiude"/><bpmn:intermediateThrowEvent id="annuncia"><bpmn:signalEventDefinition signalRef="g"/>'
        '</bpmn:intermediateThrowEvent><bpmn:endEvent id="e"/>'
    )
    lower = (
        '<bpmn:startEvent id="s"/><bpmn:intermediateCatchEvent id="sente"><bpmn:signalEventDefinition signalRef="g"/></bpmn:intermediateCatchEvent>'
        '<bpmn:endEvent id="e"/>' + flows("s>sente", "sente>e")
    )
    deploy(
        "sopra",
        lane("richiedente", "chiude") + upper + flows("s>chiude", "chiude>annuncia", "annuncia>e"),
        above=signal,
        kind="edition",
    )
    deploy("sotto", lower, above=signal)
    edition, other = (cases.start(house, "sopra", carla) for _ in range(2))
    from app.services.use_case import use_case

    @use_case
    def open_under(house, uow, under):
        from app.services.course import Course

        case = uow.open_case("request", "REQ", 1, under=under, actor=carla.id)
        Course(house, uow, case, carla.id).start(uow.definition("sotto"), {})
        return case

    mine, others = open_under(house, edition.id), open_under(house, other.id)
    tasks.complete(house, f"{edition.id}/1", {}, carla)
    with house.database.reader() as reader:
        waiting = {w.case_id for w in reader.waits(kind="signal", name="prova.chiusa", reach=edition.id)}
    assert waiting == {mine.id}
    payload = {"name": "prova.chiusa", "payload": {}, "source": f"{edition.id}/1"}
    jobs.deliver_signal(house, mine.id, 1, payload)
    with house.database.reader() as reader:
        assert reader.instances_of(mine.id)[0].state == "completed"
        assert reader.instances_of(others.id)[0].state == "running"


def test_people_send_what_is_offered_to_them_and_nothing_else(house, deploy):
    offer = '[messages."prova.avviso"]\nwho = "richiedente"\nit = "Avvisa"\nen = "Warn"\n'
    deploy("prova", WAITS, above=MESSAGE, extra=offer)
    case = cases.start(house, "prova", carla)
    assert [o.label for o in messages.offered(house, case.id, carla)] == ["Avvisa"]
    with pytest.raises(NotFound):
        messages.send(house, case.id, "prova.avviso", {}, anna)
    with pytest.raises(NotAllowed):
        messages.send(house, case.id, "prova.altro", {}, carla)
    assert messages.send(house, case.id, "prova.avviso", {}, carla) is True
    assert messages.offered(house, case.id, carla) == []
    with pytest.raises(NotAllowed):
        messages.send(house, case.id, "prova.avviso", {}, carla)
    assert replay.case(house, case.id).equal


CIRCLES = {
    "a_handler": '<bpmn:serviceTask id="gira" pratica:handler="prova.gira" pratica:result="r"/>'
    + flows("s>gira", "gira>gira"),
    "messages": '<bpmn:parallelGateway id="g"/><bpmn:intermediateCatchEvent id="gira"><bpmn:messageEventDefinition messageRef="m"/>'
    '</bpmn:intermediateCatchEvent><bpmn:intermediateThrowEvent id="t"><bpmn:messageEventDefinition messageRef="m"/>'
    '</bpmn:intermediateThrowEvent><bpmn:intermediateThrowEvent id="u"><bpmn:messageEventDefinition messageRef="m"/>'
    '</bpmn:intermediateThrowEvent><bpmn:endEvent id="e"/>'
    + flows("s>g", "g>gira", "gira>t", "t>gira", "g>u", "u>e"),
}


@pytest.mark.parametrize("circle", CIRCLES)
def test_what_follows_from_each_other_without_end_is_held_by_an_incident(
    house, deploy, registry, monkeypatch, circle
):
    monkeypatch.setattr(course, "MAX_FOLLOWING", 12)
    handler(registry, "prova.gira", lambda *, house: 1, inside=True)
    deploy("prova", '<bpmn:startEvent id="s"/>' + CIRCLES[circle], above=MESSAGE)
    case = cases.start(house, "prova", carla)
    (incident,) = cases.view(house, case.id, carla).incidents
    assert (incident.element, incident.kind) == ("gira", "course_limit")
    assert incident.message.startswith("Expected at most 12 messages, signals and jobs")
    assert replay.case(house, case.id).equal
    incidents.resolve(house, case.id, incident.number, "ancora", operator)
    assert [i.state for i in cases.view(house, case.id, carla).incidents] == ["resolved", "open"]


def test_messages_that_start_instances_without_end_are_held_by_an_incident(house, deploy, monkeypatch):
    monkeypatch.setattr(runtime, "MAX_INSTANCES", 5)
    deploy(
        "prova",
        '<bpmn:startEvent id="s"/><bpmn:startEvent id="da"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>'
        '<bpmn:intermediateThrowEvent id="t"><bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateThrowEvent>'
        '<bpmn:endEvent id="e"/>' + flows("s>t", "da>t", "t>e"),
        above=MESSAGE,
    )
    case = cases.start(house, "prova", carla)
    view = cases.view(house, case.id, carla)
    assert len(view.instances) == 6
    assert [i.kind for i in view.incidents] == ["course_limit"]
    assert replay.case(house, case.id).equal


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda: {}["manca"], "prova.rompe: KeyError: 'manca'"),
        (lambda: 1 / 0, "prova.rompe: ZeroDivisionError"),
        (lambda: 0.5, "Expected an exact number, but got the float 0.5"),
        (object, "Expected a value of FEEL, but got a Python object"),
    ],
)
def test_a_mistake_in_an_inside_handler_is_an_incident_and_undoes_what_it_did(
    house, deploy, registry, broken, words
):
    def breaks(*, house):
        house.enter("prova", {}, 2023)
        return broken()

    handler(registry, "prova.rompe", breaks, inside=True)
    handler(registry, "prova.conta", lambda *, house: house.enter("prova", {}, 2023), inside=True)
    for process in ("rompe", "conta"):
        body = f'<bpmn:startEvent id="s"/><bpmn:serviceTask id="x" pratica:handler="prova.{process}" pratica:result="n"/><bpmn:endEvent id="e"/>'
        deploy(process, body + flows("s>x", "x>e"))
    case = cases.start(house, "rompe", carla)
    (incident,) = cases.view(house, case.id, carla).incidents
    assert (incident.element, words in incident.message) == ("x", True)
    after = cases.start(house, "conta", carla)
    moments = history.timeline(house, after.id, carla)
    assert [int(m.body["result"]) for m in moments if m.type == "JobCompleted"] == [1]


THROWS = (
    '<bpmn:startEvent id="s"/><bpmn:intermediateThrowEvent id="t" pratica:key="&quot;K&quot;"><bpmn:messageEventDefinition messageRef="m"/>'
    '</bpmn:intermediateThrowEvent><bpmn:serviceTask id="h" pratica:handler="prova.{0}" pratica:result="r"/><bpmn:endEvent id="e"/>'
    + flows("s>t", "t>h", "h>e")
)
AWAITS = (
    '<bpmn:startEvent id="s"/><bpmn:parallelGateway id="g"/><bpmn:intermediateCatchEvent id="c" pratica:key="&quot;K&quot;">'
    '<bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateCatchEvent><bpmn:serviceTask id="h" pratica:handler="prova.{0}"'
    ' pratica:result="r"/><bpmn:endEvent id="e"/>' + flows("s>g", "g>c", "g>h", "h>e", "c>e")
)


@pytest.mark.parametrize("slow", ["lancia", "attende"])
def test_a_message_thrown_while_its_wait_is_being_opened_arrives(house, deploy, registry, slow):
    reached, go_on = threading.Event(), threading.Event()

    def stays(*, house):
        reached.set()
        assert go_on.wait(20)
        return 1

    handler(registry, "prova.stays", stays, inside=True)
    handler(registry, "prova.goes", lambda *, house: 1, inside=True)
    for name, body in {"lancia": THROWS, "attende": AWAITS}.items():
        deploy(name, body.format("stays" if name == slow else "goes"), above=MESSAGE, kind=name)
    quick = "attende" if slow == "lancia" else "lancia"
    with ThreadPoolExecutor() as pool:
        opening = pool.submit(cases.start, house, slow, carla)
        assert reached.wait(20)
        made = {quick: cases.start(house, quick, carla).id}
        jobs_before = deferred(house)
        early = [pool.submit(perform, house, "message", job) for job in jobs_before]
        pool.submit(go_on.set)
        made[slow] = opening.result(20).id
        for done in early:
            done.result(20)
    for job in deferred(house)[len(jobs_before) :]:
        perform(house, "message", job)
    assert [i.state for i in cases.view(house, made["attende"], carla).instances] == ["completed"]


def deferred(house):
    with house.database.engine.connect() as connection:
        return list(connection.execute(text("SELECT args FROM procrastinate_jobs ORDER BY id")).scalars())


def test_what_was_typed_outlives_a_task_that_time_took_away(house, deploy):
    deploy("prova", TIMER)
    case = cases.start(house, "prova", carla)
    tasks.save_draft(house, f"{case.id}/1", {"nota": "mesi di lavoro"}, carla)
    house.clock.advance(timedelta(days=10))
    timers.fire(house, case.id, 1)
    seen = tasks.view(house, f"{case.id}/1", carla)
    assert seen.task.state == "cancelled"
    assert seen.may == frozenset()
    assert seen.values["nota"] == "mesi di lavoro"
