"""Documents: by those concerned, read by those who may see the case, stored once by content."""

import pytest

from app.domain.actors import Actor, Capability
from app.domain.errors import DocumentRefused, NotAllowed, NotFound
from app.services import cases, documents
from tests.small import anna, carla, flows, lane

PDF = b"%PDF-1.7\nuna relazione"
BODY = lane("richiedente", "chiede") + (
    '<bpmn:startEvent id="s"/><bpmn:userTask id="chiede"/><bpmn:endEvent id="e"/>'
    + flows("s>chiede", "chiede>e")
)
auditor = Actor("aldo", "Aldo Prova", capabilities=frozenset({Capability.auditor}))


@pytest.fixture
def case(house, deploy):
    deploy("prova", BODY)
    return cases.start(house, "prova", carla)


def test_a_party_adds_and_an_auditor_reads_but_does_not_add(house, case):
    added = documents.add(house, case.id, "relazione.pdf", PDF, carla)
    assert documents.read(house, added.id, auditor) == (added, PDF)
    with pytest.raises(NotAllowed):
        documents.add(house, case.id, "altra.pdf", PDF, auditor)


def test_who_may_not_see_the_case_does_not_learn_of_its_documents(house, case):
    added = documents.add(house, case.id, "relazione.pdf", PDF, carla)
    with pytest.raises(NotFound):
        documents.read(house, added.id, anna)
    with pytest.raises(NotFound):
        documents.add(house, case.id, "relazione.pdf", PDF, anna)


def test_the_same_bytes_are_stored_once(house, case):
    one, two = (documents.add(house, case.id, f"{n}.pdf", PDF, carla) for n in "ab")
    assert one.sha256 == two.sha256
    assert one.id != two.id


def test_what_is_too_large_leaves_no_event(house, case):
    with pytest.raises(DocumentRefused):
        documents.add(house, case.id, "grande.pdf", PDF + b"x" * house.settings.document_limit, carla)
    assert cases.view(house, case.id, carla).case.seq == case.seq
