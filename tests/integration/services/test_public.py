"""What everybody may read of a case, and messages of one case that start an instance in another."""

import pytest

from app.domain.actors import system
from app.domain.errors import BundleInvalid, NotFound
from app.services import cases, messages, public, replay, tasks
from app.testing.clock import settle
from tests.small import anna, carla, flows, handler, lane, manifest

SHOWN = """
[record]
titolo = {path = "titolo", it = "Titolo", en = "Title"}
posti = {path = "posti", it = "Posti", en = "Places"}
segreto = {path = "segreto", it = "Segreto", en = "Secret"}
atto = {path = "atto", it = "Atto", en = "Act"}
[states]
bozza = {it = "Bozza", en = "Draft"}
bandita = {office = {it = "Bandita", en = "Announced"}, applicant = {it = "Si può partecipare", en = "One may take part"}}
[reached]
scrive = "bozza"
manda = "bandita"
[public]
it = "Bandi"
en = "Calls"
states = ["bandita"]
facts = ["titolo"]
tables = ["posti"]
documents = ["atto"]
"""
MESSAGE = '<bpmn:message id="m" name="bando.invito"/>'
CALL = (
    lane("ufficio", "scrive") + '<bpmn:startEvent id="s"/><bpmn:userTask id="scrive"/>'
    '<bpmn:sendTask id="manda" messageRef="m" pratica:key="chi"><bpmn:extensionElements>'
    '<pratica:input name="da" value="titolo"/></bpmn:extensionElements></bpmn:sendTask>'
    '<bpmn:userTask id="attende"/><bpmn:endEvent id="e"/>'
    + flows("s>scrive", "scrive>manda", "manda>attende", "attende>e")
)
LANES = '<bpmn:laneSet id="ls"><bpmn:lane id="l" name="richiedente"><bpmn:flowNodeRef>legge</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>'
INVITED = (
    LANES + '<bpmn:startEvent id="s"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>'
    '<bpmn:userTask id="legge"/><bpmn:endEvent id="e"/>' + flows("s>legge", "legge>e")
)
LIVING = '<bpmn:startEvent id="s"/><bpmn:userTask id="vive"/><bpmn:endEvent id="e"/>' + flows(
    "s>vive", "vive>e"
)


def sender(kind):
    """Give the manifest of a process that messages of cases of another kind start."""
    plain = manifest("invito", "proposal", who="message")
    return {"process.toml": plain.replace(b"[lanes]", f'from = "{kind}"\n[lanes]'.encode(), 1)}


@pytest.fixture
def asked(house, deploy):
    """A proposal of Carla's, and what it takes to invite it: gives the case's number."""
    deploy("vita", LIVING, kind="proposal")
    deploy("bando", CALL, above=MESSAGE, kind="call", extra=SHOWN)
    return cases.start(house, "vita", carla).id


def announced(house, whom):
    variables = {"titolo": "Bando", "chi": whom, "posti": [{"n": 3}], "segreto": "x"}
    call = cases.start(house, "bando", anna, variables=variables)
    settle(house)
    task = next(t for t in cases.view(house, call.id, system).tasks if t.state == "open")
    tasks.complete(house, task.id, {}, anna)
    settle(house)
    return call.id


def running(house, case_id):
    return [instance.process for instance in cases.view(house, case_id, system).instances]


def test_a_message_starts_an_instance_in_the_case_that_its_key_numbers(house, deploy, asked):
    deploy("invito", INVITED, above=MESSAGE, kind="proposal", who="message", files=sender("call"))
    announced(house, asked)
    assert running(house, asked) == ["vita", "invito"]
    (task,) = [t for t in cases.view(house, asked, carla).tasks if t.element == "legge"]
    assert tasks.view(house, task.id, carla).variables["da"] == "Bando"
    assert replay.case(house, asked).equal


@pytest.mark.parametrize("kind", ["edition", "proposal", None])
def test_a_message_of_another_kind_of_case_starts_nothing_and_waits(house, deploy, asked, kind):
    files = sender(kind) if kind else None
    deploy("invito", INVITED, above=MESSAGE, kind="proposal", who="message", files=files)
    announced(house, asked)
    assert running(house, asked) == ["vita"]
    with house.database.unit_of_work(house.clock, house.blobs) as uow:
        assert len(uow.matching_messages("bando.invito", asked)) == 1


@pytest.mark.parametrize("key", ["PRO-2023-9999", "BAN-2023-0001", "x"])
def test_a_key_that_numbers_no_case_of_the_kind_starts_nothing(house, deploy, asked, key):
    deploy("invito", INVITED, above=MESSAGE, kind="proposal", who="message", files=sender("call"))
    call = announced(house, key)
    assert (running(house, asked), running(house, call)) == (["vita"], ["bando"])


def test_what_a_person_sends_is_no_message_of_a_case(house, deploy, asked):
    deploy("invito", INVITED, above=MESSAGE, kind="proposal", who="message", files=sender("call"))
    call = announced(house, "x")
    messages.send(house, call, "bando.invito", {}, system, asked)
    settle(house)
    assert running(house, asked) == ["vita"]


def test_from_without_a_message_start_is_a_finding(deploy):
    plain = manifest("vita", "proposal").replace(b"[lanes]", b'from = "call"\n[lanes]', 1)
    with pytest.raises(BundleInvalid) as refused:
        deploy("vita", LIVING, kind="proposal", files={"process.toml": plain})
    assert [finding.element for finding in refused.value.findings] == ["start.from"]


def test_what_is_public_must_be_in_the_manifest(deploy):
    wrong = SHOWN.replace('["bandita"]', '["altrove"]').replace('["posti"]', '["sedie"]')
    with pytest.raises(BundleInvalid) as refused:
        deploy("bando", CALL, above=MESSAGE, kind="call", extra=wrong)
    assert {finding.element for finding in refused.value.findings} == {"public.altrove", "public.sedie"}


def test_a_case_is_shown_in_its_public_states_and_no_more_of_it_than_it_says(house, asked):
    with pytest.raises(NotFound):
        public.view(
            house, cases.start(house, "bando", anna, variables={"titolo": "Bozza", "chi": "x"}).id, "it"
        )
    call = announced(house, "x")
    seen = public.view(house, call, "en")
    assert (seen.case.record, seen.label, seen.together) == (
        {"titolo": "Bando", "posti": [{"n": 3}]},
        "One may take part",
        "Calls",
    )
    assert [one.case.id for one in public.shown(house, "it")] == [call]
    for hidden in (asked, "CAL-2023-9999"):
        with pytest.raises(NotFound):
            public.view(house, hidden, "it")


def test_only_the_documents_that_the_manifest_names_are_handed_out(house, asked, deploy, registry):
    handler(registry, "scrivi", writes, inside=True)
    body = (
        CALL.replace(
            'id="f_s_scrive" sourceRef="s" targetRef="scrive"', 'id="f" sourceRef="s" targetRef="prima"'
        )
        + WRITES
    )
    deploy("bando", body, above=MESSAGE, kind="call", extra=SHOWN)
    call = announced(house, "x")
    ((_, act),) = public.view(house, call, "it").documents
    assert public.read(house, call, act.id, "it") == (act, b"atto")
    (other,) = [d.id for d in cases.view(house, call, system).documents if d.name == "altro.pdf"]
    for wanted in (other, "nessuno"):
        with pytest.raises(NotFound):
            public.read(house, call, wanted, "it")
    with pytest.raises(NotFound):
        public.read(house, asked, act.id, "it")


WRITES = '<bpmn:serviceTask id="prima" pratica:handler="scrivi"/>' + flows("prima>scrive")


def writes(*, house):
    """Add two documents of which the record names one."""
    return {
        "atto": house.add_document("atto.pdf", "application/pdf", b"atto"),
        "altro": house.add_document("altro.pdf", "application/pdf", b"altro"),
    }
