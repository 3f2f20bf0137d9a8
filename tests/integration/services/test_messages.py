"""Messages with forms, by name and key, and those that start an instance; the thread that comes of them."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import event

from app.domain.actors import Actor, system
from app.domain.errors import DocumentRefused, FormInvalid, KeyReused, NotAllowed, NotFound
from app.services import cases, documents, messages, people, replay, submitted, tasks, threads
from app.services.documents import Wanted
from app.store.queries import Queries
from tests.small import anna, bruno, carla, flows

dario = Actor("dario", "Dario Prova")


def form(name, *fields):
    components = [{"type": kind, "key": key, "label": key, **more} for key, kind, more in fields]
    return {f"forms/{name}.json": json.dumps({"id": name, "components": components}).encode()}


QUESTION = form(
    "frm_domanda",
    ("oggetto", "textfield", {"validate": {"required": True, "minLength": 5}}),
    ("chi", "textfield", {"properties": {"personal": "capofila"}}),
    ("allegati", "filepicker", {"multiple": True, "accept": ".pdf"}),
)
ANSWER = form(
    "frm_risposta",
    ("risposta", "textarea", {"validate": {"required": True}}),
    ("allegati", "filepicker", {"multiple": True}),
    ("nota", "textarea", {}),
)
LANES = (
    '<bpmn:laneSet id="ls"><bpmn:lane id="l1" name="ufficio"><bpmn:flowNodeRef>risponde</bpmn:flowNodeRef></bpmn:lane>'
    '<bpmn:lane id="l2" name="richiedente"><bpmn:flowNodeRef>s</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>'
)
ASKED = (
    LANES
    + '<bpmn:startEvent id="s" pratica:result="domanda"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>'
    '<bpmn:userTask id="risponde" name="Risponde" pratica:form="frm_risposta" pratica:result="risposta" pratica:due=\'now() + duration("P10D")\'/>'
    '<bpmn:boundaryEvent id="ritira" attachedToRef="risponde" pratica:key="domanda.oggetto"><bpmn:messageEventDefinition messageRef="r"/></bpmn:boundaryEvent>'
    '<bpmn:endEvent id="e"/><bpmn:endEvent id="via"/>' + flows("s>risponde", "risponde>e", "ritira>via")
)
MESSAGES = '<bpmn:message id="m" name="domanda.posta"/><bpmn:message id="r" name="domanda.ritirata"/>'
OFFERS = """
[messages."domanda.posta"]
who = "richiedente"
form = "frm_domanda"
states = ["in_esame"]
it = "Chiedi"
en = "Ask"
[messages."domanda.ritirata"]
who = "richiedente"
about = "domanda.oggetto"
it = "Ritira"
en = "Withdraw"
[thread]
it = "Domande"
en = "Questions"
answered = ["e"]
[thread.shows]
"domanda.posta" = ["oggetto", "chi", "allegati"]
risponde = ["risposta", "allegati"]
"""
MAIN = (
    LANES.replace("risponde", "esamina").replace("flowNodeRef>s<", "flowNodeRef>compila<")
    + '<bpmn:startEvent id="s"/><bpmn:userTask id="compila"/><bpmn:userTask id="esamina"/><bpmn:endEvent id="e"/>'
    + flows("s>compila", "compila>esamina", "esamina>e")
)
STATES = """
[states]
bozza = {it = "Bozza", en = "Draft"}
in_esame = {it = "In esame", en = "Under review"}
[reached]
compila = "bozza"
esamina = "in_esame"
"""


@pytest.fixture
def case(house, deploy):
    """A case of Carla's under review, in which questions may be asked."""
    people.add(house, dario, "password of dario")
    deploy("prova", MAIN, extra=STATES)
    extra = OFFERS
    deploy("domanda", ASKED, above=MESSAGES, extra=extra, who="message", files={**QUESTION, **ANSWER})
    opened = cases.start(house, "prova", carla, variables={"titolo": "La pratica"})
    tasks.complete(house, f"{opened.id}/1", {}, carla)
    return opened


def ask(house, case, subject="Dove siete?", by=carla, **more):
    values = {"oggetto": subject, **more.pop("values", {})}
    return messages.send(house, case.id, "domanda.posta", values, by, **more)


def open_tasks(house, case):
    return [t for t in cases.view(house, case.id, system).tasks if t.state == "open"]


def test_a_person_s_message_starts_an_instance_in_the_case_in_their_name(house, case):
    assert [(o.name, o.label) for o in messages.offered(house, case.id, carla)] == [
        ("domanda.posta", "Chiedi")
    ]
    assert ask(house, case) is True
    view = cases.view(house, case.id, carla)
    assert [i.process for i in view.instances] == ["prova", "domanda"]
    assert [t.element for t in open_tasks(house, case)] == ["esamina", "risponde"]
    with house.database.reader() as reader:
        started = [e for e in reader.history(case.id) if e.event.type == "InstanceStarted"]
    assert (started[-1].actor, started[-1].event.message) == ("carla", "domanda.posta")
    assert replay.case(house, case.id).equal


def test_a_second_process_leaves_state_title_and_record_of_the_case_alone(house, case):
    before = cases.view(house, case.id, carla)
    ask(house, case)
    tasks.complete(house, f"{case.id}/3", {"risposta": "Qui."}, anna)
    after = cases.view(house, case.id, carla)
    assert (after.case.state, after.case.title, after.case.record) == ("in_esame", "La pratica", {})
    assert after.label == before.label == "In esame"
    assert replay.case(house, case.id).equal


def test_nobody_else_may_ask(house, case):
    with pytest.raises(NotFound):
        ask(house, case, by=dario)
    with pytest.raises(NotAllowed) as refused:
        ask(house, case, by=anna)
    assert refused.value.details["reason"] == "not_candidate"
    with pytest.raises(NotAllowed):
        messages.view(house, case.id, "domanda.posta", None, anna)
    with pytest.raises(NotAllowed):
        messages.attach(house, case.id, "domanda.posta", None, ("a.pdf", b"%PDF-1.7"), anna, Wanted())
    assert messages.offered(house, case.id, anna) == []
    assert messages.asked(house, case.id, "domanda.posta", anna) is None
    assert len(cases.view(house, case.id, carla).instances) == 1


def test_a_message_is_not_offered_in_a_state_that_is_not_listed(house, case):
    draft = cases.start(house, "prova", carla)
    assert messages.offered(house, draft.id, carla) == []
    with pytest.raises(NotAllowed) as refused:
        ask(house, draft)
    assert refused.value.details["reason"] == "message_not_awaited"
    assert len(cases.view(house, draft.id, carla).instances) == 1


def test_a_case_of_another_kind_and_the_system_s_processes_offer_nothing(house, case, deploy):
    deploy("altra", MAIN, kind="other", extra=STATES)
    other = cases.start(house, "altra", carla)
    tasks.complete(house, f"{other.id}/1", {}, carla)
    assert messages.offered(house, other.id, carla) == []
    with pytest.raises(NotAllowed):
        ask(house, other)


def test_what_is_sent_must_fit_the_form_and_a_refusal_leaves_nothing(house, case):
    with pytest.raises(FormInvalid) as refused:
        messages.send(house, case.id, "domanda.posta", {"oggetto": "Ehi", "allegati": ["nessuno"]}, carla)
    assert set(refused.value.errors) >= {"oggetto"}
    assert len(cases.view(house, case.id, carla).instances) == 1
    view = messages.view(house, case.id, "domanda.posta", None, carla)
    assert [f.name for f in view.form.fields] == ["oggetto", "chi", "allegati"]


def test_personal_fields_of_a_message_are_sealed_and_can_be_forgotten(house, case):
    ask(house, case, values={"chi": "Mario Segreto"})
    with house.database.reader() as reader:
        rows = reader.history(case.id)
    assert all("Mario Segreto" not in repr(row.event) for row in rows)
    (talk,) = threads.of_case(house, case.id, anna)
    assert talk.entries[0].values["chi"] == "Mario Segreto"


def test_files_of_a_message_are_documents_of_the_case_that_an_answer_names(house, case):
    wanted = Wanted((".pdf",))
    with pytest.raises(DocumentRefused):
        messages.attach(house, case.id, "domanda.posta", None, ("a.pdf", b"no"), carla, wanted)
    kept = messages.attach(house, case.id, "domanda.posta", None, ("a.pdf", b"%PDF-1.7 a"), carla, wanted)
    again = messages.attach(house, case.id, "domanda.posta", None, ("a.pdf", b"%PDF-1.7 a"), carla, wanted)
    assert kept.id == again.id
    ask(house, case, values={"allegati": [kept.id]})
    assert [(d.name, d.answered) for d in cases.view(house, case.id, anna).documents] == [("a.pdf", True)]
    (talk,) = threads.of_case(house, case.id, anna)
    assert talk.entries[0].values["allegati"] == [kept.id]
    with house.database.reader() as reader:
        assert reader.differing(case.id, reader.history(case.id)) == []


def test_two_questions_at_once_are_told_apart_by_their_keys(house, case):
    ask(house, case, "La prima")
    ask(house, case, "La seconda")
    assert [len(talk.waiting) for talk in threads.of_case(house, case.id, carla)] == [1, 1]
    offers = [o for o in messages.offered(house, case.id, carla) if o.name == "domanda.ritirata"]
    assert [(o.key, o.about) for o in offers] == [("La prima", "La prima"), ("La seconda", "La seconda")]
    with pytest.raises(NotAllowed):
        messages.send(house, case.id, "domanda.ritirata", {}, carla)
    with pytest.raises(NotAllowed):
        messages.send(house, case.id, "domanda.ritirata", {}, anna, "La seconda")
    assert messages.send(house, case.id, "domanda.ritirata", {}, carla, "La seconda") is True
    states = [(t.instance.number, t.instance.ends) for t in threads.of_case(house, case.id, carla)]
    assert states == [(3, ("via",)), (2, ())]
    with pytest.raises(NotAllowed):
        messages.send(house, case.id, "domanda.ritirata", {}, carla, "La seconda")
    assert replay.case(house, case.id).equal


def test_a_key_of_another_case_reaches_nothing_here(house, case):
    other = cases.start(house, "prova", dario)
    tasks.complete(house, f"{other.id}/1", {}, dario)
    ask(house, other, "La sua", by=dario)
    with pytest.raises(NotAllowed):
        messages.send(house, case.id, "domanda.ritirata", {}, carla, "La sua")
    assert len(open_tasks(house, other)) == 2


def test_a_page_s_key_sends_once_and_refuses_other_answers(house, case):
    assert ask(house, case, request="pagina-1") is True
    assert ask(house, case, request="pagina-1") is True
    assert len(cases.view(house, case.id, carla).instances) == 2
    with pytest.raises(KeyReused):
        ask(house, case, "Altra cosa", request="pagina-1")
    assert messages.send(house, case.id, "domanda.ritirata", {}, carla, "Dove siete?", request="p2") is True
    assert messages.send(house, case.id, "domanda.ritirata", {}, carla, "Dove siete?", request="p2") is True


def test_a_refused_submission_does_not_use_its_page_s_key_up(house, case):
    with pytest.raises(FormInvalid):
        ask(house, case, "Ehi", request="pagina-1")
    assert ask(house, case, request="pagina-1") is True


def test_a_thread_shows_parties_the_named_fields_of_the_office_and_no_others(house, case):
    ask(house, case)
    number = open_tasks(house, case)[-1].number
    (waiting,) = threads.of_case(house, case.id, carla)
    assert [t.element for t in waiting.waiting] == ["risponde"]
    assert waiting.by is not None
    assert not waiting.answered
    kept = documents.add(house, case.id, "r.pdf", b"%PDF-1.7 r", anna)
    answer = {"risposta": "In via Roma.", "allegati": [kept.id], "nota": "Solo per noi"}
    tasks.complete(house, f"{case.id}/{number}", answer, anna)
    (talk,) = threads.of_case(house, case.id, carla)
    assert talk.answered
    assert [(e.name, e.by, e.office) for e in talk.entries] == [
        ("domanda.posta", "carla", False),
        ("risponde", "anna", True),
    ]
    assert talk.entries[1].values == {"risposta": "In via Roma.", "allegati": [kept.id]}
    assert "Solo per noi" not in repr(talk)
    assert submitted.of_task(house, f"{case.id}/{number}", carla) is None
    assert documents.read(house, kept.id, carla)[1] == b"%PDF-1.7 r"
    with pytest.raises(NotFound):
        threads.of_case(house, case.id, dario)


def test_what_was_deployed_before_with_an_unknown_key_is_still_offered(house, deploy, monkeypatch):
    body = '<bpmn:startEvent id="s"/><bpmn:intermediateCatchEvent id="a"><bpmn:messageEventDefinition messageRef="r"/></bpmn:intermediateCatchEvent><bpmn:endEvent id="e"/>'
    offer = '[messages."domanda.ritirata"]\nwho = "richiedente"\nit = "Ritira"\nen = "Withdraw"\n'
    deploy("vecchia", body + flows("s>a", "a>e"), above=MESSAGES.split("/>")[1] + "/>", extra=offer)
    case = cases.start(house, "vecchia", carla)
    bundle_of = Queries.bundle

    def aged(reader, digest):
        found = bundle_of(reader, digest)
        return type(found)(
            found.process,
            {**found.files, "process.toml": found.files["process.toml"] + b"[un_tempo]\nx = 1\n"},
        )

    monkeypatch.setattr(Queries, "bundle", aged)
    assert [o.name for o in messages.offered(house, case.id, carla)] == ["domanda.ritirata"]
    assert messages.send(house, case.id, "domanda.ritirata", {}, carla) is True


def test_waits_of_one_name_in_one_instance_say_which_they_are(house, deploy):
    body = (
        '<bpmn:startEvent id="s"/><bpmn:receiveTask id="a" messageRef="r" pratica:key="p.codice">'
        '<bpmn:multiInstanceLoopCharacteristics pratica:collection="partner" pratica:element="p"/></bpmn:receiveTask><bpmn:endEvent id="e"/>'
    )
    offer = '[messages."domanda.ritirata"]\nwho = "richiedente"\nabout = "p.nome"\nit = "Ritira"\nen = "Withdraw"\n'
    deploy("tanti", body + flows("s>a", "a>e"), above=MESSAGES.split("/>")[1] + "/>", extra=offer)
    partner = [{"codice": "a1", "nome": "Alfa"}, {"codice": "b2", "nome": "Beta"}]
    case = cases.start(house, "tanti", carla, variables={"partner": partner})
    assert [(o.key, o.about) for o in messages.offered(house, case.id, carla)] == [
        ("a1", "Alfa"),
        ("b2", "Beta"),
    ]
    messages.send(house, case.id, "domanda.ritirata", {}, carla, "b2")
    assert [o.about for o in messages.offered(house, case.id, carla)] == ["Alfa"]


def test_the_statements_of_offers_and_threads_do_not_grow_with_the_questions(house, case):
    counted = []
    event.listen(house.database.engine, "before_cursor_execute", lambda *told: counted.append(told[2]))

    def cost(look):
        look()
        counted.clear()
        look()
        return len([text for text in counted if not text.startswith(("SET", "BEGIN", "SAVEPOINT"))])

    assert cost(lambda: messages.offered(house, case.id, carla)) <= 6
    assert cost(lambda: threads.of_case(house, case.id, carla)) <= 2
    for number in range(5):
        ask(house, case, f"Domanda {number}", values={"chi": "Mario Segreto"})
    assert cost(lambda: messages.offered(house, case.id, carla)) <= 8
    assert cost(lambda: threads.of_case(house, case.id, carla)) <= 6
    assert bruno.groups


WAIT = (
    '<bpmn:startEvent id="s"/><bpmn:userTask id="attende"/>'
    '<bpmn:boundaryEvent id="b" attachedToRef="attende" cancelActivity="false" pratica:key="chiave">'
    '<bpmn:messageEventDefinition messageRef="r"/></bpmn:boundaryEvent>'
    '<bpmn:scriptTask id="segna" scriptFormat="feel" pratica:result="ultimo"><bpmn:script>now()</bpmn:script></bpmn:scriptTask>'
    '<bpmn:endEvent id="e"/><bpmn:endEvent id="via"/>'
    + flows("s>attende", "attende>e", "b>segna", "segna>via")
)
ONCE_A_DAY = """
[messages."domanda.ritirata"]
who = "richiedente"
about = "nome"
when = 'ultimo = null or now() >= ultimo + duration("P1D")'
later.it = "Di nuovo dal {{ultimo + duration(\\"P1D\\")}}"
note.it = "Ultimo: {{if ultimo = null then \\"mai\\" else ultimo}}"
it = "Sollecita"
en = "Remind"
"""


def test_a_message_whose_condition_is_false_is_refused_in_words_of_the_manifest_and_comes_again(
    house, deploy
):
    deploy("promemoria", WAIT, above=MESSAGES.split("/>")[1] + "/>", extra=ONCE_A_DAY)
    case = cases.start(house, "promemoria", carla, variables={"nome": "Alfa", "chiave": "k"})
    (offer,) = messages.offered(house, case.id, carla)
    assert (offer.note, offer.later) == ("Ultimo: mai", "")
    messages.send(house, case.id, "domanda.ritirata", {}, carla, "k")
    (offer,) = messages.offered(house, case.id, carla)
    assert (offer.note, offer.later) == ("Ultimo: 08/05/2023 10:00", "Di nuovo dal 09/05/2023 10:00")
    for look in (
        lambda: messages.send(house, case.id, "domanda.ritirata", {}, carla, "k"),
        lambda: messages.view(house, case.id, "domanda.ritirata", "k", carla),
    ):
        with pytest.raises(NotAllowed) as refused:
            look()
        assert refused.value.details == {"reason": "message_later", "said": "Di nuovo dal 09/05/2023 10:00"}
    house.clock.advance(timedelta(days=1))
    messages.send(house, case.id, "domanda.ritirata", {}, carla, "k")
    assert messages.offered(house, case.id, carla)[0].note == "Ultimo: 09/05/2023 10:00"
    assert replay.case(house, case.id).equal


def test_a_condition_that_cannot_be_computed_holds_nothing_up(house, deploy):
    text = ONCE_A_DAY.replace("ultimo = null or", "nessuno.che > 5 and")
    deploy("promemoria", WAIT, above=MESSAGES.split("/>")[1] + "/>", extra=text)
    case = cases.start(house, "promemoria", carla, variables={"nome": "Alfa", "chiave": "k"})
    messages.send(house, case.id, "domanda.ritirata", {}, carla, "k")
