"""A form that asks for a signature takes only the right one; what was verified is in the history, and replay stays equal."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.errors import FormInvalid, NotAllowed
from app.domain.events import SignatureVerified, TaskCompleted
from app.feel.values import Sealed
from app.services import cases, documents, history, replay, signatures, simulator, tasks, trust
from app.services.documents import Wanted
from app.store.personal import Erased
from app.testing.papers import made_up
from tests.papers import CODE, OTHER, authority, cades, person
from tests.small import carla, flows, lane

BODY = lane("richiedente", "firma") + (
    '<bpmn:startEvent id="s"/><bpmn:userTask id="firma" name="Firma" pratica:form="frm_firma" pratica:result="fatto"/>'
    '<bpmn:endEvent id="e"/>' + flows("s>firma", "firma>e")
)
FORM = {
    "id": "frm_firma",
    "components": [
        {
            "type": "filepicker",
            "key": "accordo",
            "label": "Accordo",
            "accept": ".pdf",
            "validate": {"required": True},
        },
        {"type": "textfield", "key": "cf", "label": "Codice fiscale di chi firma"},
        {
            "type": "filepicker",
            "key": "firma",
            "label": "Accordo firmato",
            "accept": ".p7m,.pdf",
            "validate": {"required": True},
            "properties": {
                "validator": "firma",
                "signed": "=accordo",
                "signer": "=cf",
                "personal": "firmatario",
            },
        },
    ],
}
PDF = made_up("accordo.pdf")


@pytest.fixture
def signed_house(house, tmp_path):
    """A house that believes one authority of its own."""
    ca = authority()
    (tmp_path / "roots").mkdir()
    (tmp_path / "roots" / "ca.pem").write_bytes(ca.pem)
    return replace(house, settings=replace(house.settings, signature_roots=tmp_path / "roots")), ca


@pytest.fixture
def task(house, deploy):
    deploy("prova", BODY, files={"forms/frm_firma.json": json.dumps(FORM).encode()})
    case = cases.start(house, "prova", carla)
    return next(t for t in cases.view(house, case.id, carla).tasks if t.state == "open")


def put(house, task, name, data):
    return documents.attach(house, task.id, name, data, carla, Wanted()).id


def told(house, task, raw, language="it"):
    with pytest.raises(FormInvalid) as refused:
        tasks.complete(house, task.id, raw, carla, language=language)
    return refused.value.errors


def test_a_good_signature_is_taken_and_stands_in_the_history(signed_house, task):
    house, ca = signed_house
    accordo = put(house, task, "accordo.pdf", PDF)
    file = put(house, task, "accordo.pdf.p7m", cades(PDF, person(ca), ca, at=house.clock.now()))
    raw = {"accordo": accordo, "cf": CODE, "firma": file}
    assert tasks.complete(house, task.id, raw, carla).state == "completed"
    with house.database.reader() as reader:
        events = [entry.event for entry in reader.history(task.case_id)]
    verified = next(event for event in events if isinstance(event, SignatureVerified))
    assert events.index(verified) + 1 == next(n for n, e in enumerate(events) if isinstance(e, TaskCompleted))
    assert (verified.signed, verified.document, verified.field) == (accordo, file, "firma")
    assert isinstance(verified.signer, Sealed)
    assert isinstance(verified.fiscal_code, Sealed)
    assert (verified.format, verified.issuer, verified.simulated) == (
        "cades",
        "Certificatore di prova",
        False,
    )
    assert verified.signed_at == house.clock.now()
    moment = next(m for m in history.timeline(house, task.case_id, carla) if m.type == "SignatureVerified")
    assert (moment.body["signer"], moment.body["fiscal_code"]) == ("Ada De Marchi", CODE)
    assert moment.element == "firma"
    assert replay.case(house, task.case_id).equal
    with house.database.unit_of_work(house.clock, house.blobs) as uow:
        uow.forget(f"{task.case_id}:firmatario")
    moment = next(m for m in history.timeline(house, task.case_id, carla) if m.type == "SignatureVerified")
    assert isinstance(moment.body["signer"], Erased)
    assert replay.case(house, task.case_id).difference is None


def test_a_wrong_signature_is_refused_at_its_field_in_the_persons_language(signed_house, task):
    house, ca = signed_house
    accordo = put(house, task, "accordo.pdf", PDF)
    by_mario = put(house, task, "mario.p7m", cades(PDF, person(ca, OTHER, "Mario Rossi"), ca))
    older = put(house, task, "vecchio.p7m", cades(made_up("bozza.pdf"), person(ca), ca))
    stranger = put(house, task, "altro.p7m", cades(PDF, person(authority("Ignoto")), ca))
    for file, italian, english in (
        (by_mario, f"ha firmato Mario Rossi ({OTHER})", f"fiscal code {CODE} has to sign: Mario Rossi"),
        (older, "forse una versione precedente", "perhaps an earlier version"),
        (stranger, "emesso da Ignoto", "issued by Ignoto"),
        (accordo, "non c'è nessuna firma", "no signature in accordo.pdf"),
    ):
        raw = {"accordo": accordo, "cf": CODE, "firma": file}
        (said,) = told(house, task, raw)["firma"]
        assert italian in said
        (said,) = told(house, task, raw, "en")["firma"]
        assert english in said
    assert tasks.view(house, task.id, carla).task.state == "open"


def test_what_must_be_answered_before_signing_is_named(signed_house, task):
    house, ca = signed_house
    accordo = put(house, task, "accordo.pdf", PDF)
    file = put(house, task, "a.p7m", cades(PDF, person(ca), ca))
    assert "Codice fiscale di chi firma" in told(house, task, {"accordo": accordo, "firma": file})["firma"][0]
    errors = told(house, task, {"cf": CODE, "firma": file})
    assert errors["firma"] == ["Il documento da firmare non c'è ancora: prima rispondere a Accordo."]


def test_without_roots_nothing_is_believed(house, task):
    accordo, ca = put(house, task, "accordo.pdf", PDF), authority()
    file = put(house, task, "a.p7m", cades(PDF, person(ca), ca))
    raw = {"accordo": accordo, "cf": CODE, "firma": file}
    assert "non ha ancora indicato" in told(house, task, raw)["firma"][0]


def test_the_simulator_signs_for_whom_the_form_names_and_only_in_a_demonstration(house, task):
    accordo = put(house, task, "accordo.pdf", PDF)
    raw = {"accordo": accordo, "cf": CODE}
    with pytest.raises(NotAllowed):
        simulator.sign(house, task.id, "firma", raw, carla)
    demo = replace(house, settings=replace(house.settings, demo=True))
    with pytest.raises(FormInvalid) as early:
        simulator.sign(demo, task.id, "firma", {"accordo": accordo}, carla)
    assert "Codice fiscale di chi firma" in early.value.errors["firma"][0]
    file = simulator.sign(demo, task.id, "firma", raw, carla)
    assert file.name == "accordo.pdf.p7m"
    data = house.blobs.read(file.sha256)
    wanted = signatures.Wanted(PDF, CODE, house.clock.now() + timedelta(days=9000))
    found = signatures.verify(data, wanted, trust.of(demo.settings))
    assert (found.signer, found.simulated, found.signed_at) == ("Carla Prova", True, house.clock.now())
    assert b"modalita: simulato" in data
    assert b"nessun valore legale" in data
    assert "non ha ancora indicato" in told(house, task, {**raw, "firma": file.id})["firma"][0]
    tasks.complete(demo, task.id, {**raw, "firma": file.id}, carla)
    moment = next(m for m in history.timeline(house, task.case_id, carla) if m.type == "SignatureVerified")
    assert moment.body["simulated"] is True
    assert replay.case(house, task.case_id).equal


def test_the_demonstrations_authority_is_made_once_for_its_owner_only(tmp_path):
    one, _ = trust.demo_authority(tmp_path / "home")
    two, _ = trust.demo_authority(tmp_path / "home")
    assert one.dump() == two.dump()
    assert "nessun valore legale" in trust.name_of(one)
    assert (tmp_path / "home" / "demo_authority.pem").stat().st_mode & 0o777 == 0o600
