"""Updates of a list at once on a real PostgreSQL: one after the other, each from the version before, no case twice."""

import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import count, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.handling import load_handlers
from app.services import cases, publications, replay, tasks
from tests.small import anna, carla, flows, lane

CASES, BATCHES = 5, 3
STATE = (
    '[states.pronta]\noffice = {it = "Pronta", en = "Ready"}\n[reached]\nUT_attende = "pronta"\n'
    '[record]\ntitolo = {path = "titolo", it = "Titolo", en = "Title"}\n'
)
WAITS = f"""
{lane("ufficio", "UT_attende")}<bpmn:startEvent id="s"/><bpmn:userTask id="UT_attende"/>
<bpmn:scriptTask id="SC_cambia" pratica:result="titolo"><bpmn:script>titolo + " bis"</bpmn:script></bpmn:scriptTask>
{flows("s>UT_attende", "UT_attende>SC_cambia", "SC_cambia>UT_attende")}"""
ERRORS = """<bpmn:error id="E_moved" errorCode="elenco.versione_concorrente"/>
<bpmn:error id="E_none" errorCode="elenco.nulla_da_applicare"/>"""
UPDATES = f"""
{lane("ufficio", "UT_firma")}<bpmn:startEvent id="s"/>
<bpmn:serviceTask id="ST_raccogli" pratica:handler="elenco.raccogli" pratica:result="raccolta"><bpmn:extensionElements>
<pratica:input name="elenco" value="elenco"/><pratica:input name="tipo" value='"proposal"'/><pratica:input name="stato" value='"pronta"'/>
<pratica:input name="aggiornati" value='["pronta"]'/><pratica:input name="usciti" value="[]"/>
</bpmn:extensionElements></bpmn:serviceTask>
<bpmn:userTask id="UT_firma"/>
<bpmn:serviceTask id="ST_applica" pratica:handler="elenco.applica_versione" pratica:result="versione"><bpmn:extensionElements>
<pratica:input name="elenco" value="elenco"/><pratica:input name="precedente" value="raccolta.precedente"/>
<pratica:input name="righe" value="raccolta.righe[list contains(scelte, case_id)]"/>
<pratica:input name="decreto" value='{{numero: "1", data: today()}}'/><pratica:input name="tipo" value='"proposal"'/>
<pratica:input name="stato" value='"pronta"'/><pratica:input name="prima" value="5"/>
</bpmn:extensionElements></bpmn:serviceTask>
<bpmn:boundaryEvent id="ER_moved" attachedToRef="ST_applica"><bpmn:errorEventDefinition errorRef="E_moved"/></bpmn:boundaryEvent>
<bpmn:boundaryEvent id="ER_none" attachedToRef="ST_applica"><bpmn:errorEventDefinition errorRef="E_none"/></bpmn:boundaryEvent>
<bpmn:endEvent id="e"/><bpmn:endEvent id="EE_niente"/>
{flows("s>ST_raccogli", "ST_raccogli>UT_firma", "UT_firma>ST_applica", "ST_applica>e", "ER_moved>ST_raccogli", "ER_none>EE_niente")}"""


@pytest.fixture
def proposals(house, deploy, registry):
    """Give the numbers of proposals that wait for a list."""
    for name in ("elenco.raccogli", "elenco.applica_versione"):
        registry.add(load_handlers().get(name))
    deploy("proposta", WAITS, kind="proposal", extra=STATE)
    deploy("aggiorna", UPDATES, kind="list", above=ERRORS)
    return [cases.start(house, "proposta", carla, variables={"titolo": f"P{n}"}).id for n in range(CASES)]


def sign(house, case_id):
    """Sign what a batch holds, again where it had to collect again, until it has no task left."""
    while todo := [t for t in cases.view(house, case_id, anna).tasks if t.state == "open"]:
        tasks.complete(house, todo[0].id, {}, anna)


names = count()
chosen = st.lists(
    st.sets(st.integers(0, CASES - 1), min_size=1, max_size=CASES), min_size=2, max_size=BATCHES
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=chosen)
def test_batches_at_once_follow_each_other_and_list_every_case_once(house, proposals, chosen):
    name = f"elenco-{next(names)}"
    batches = [
        cases.start(
            house,
            "aggiorna",
            carla,
            variables={"elenco": name, "scelte": [proposals[n] for n in sorted(one)]},
        ).id
        for one in chosen
    ]
    with ThreadPoolExecutor(len(batches)) as pool:
        for done in [pool.submit(sign, house, batch) for batch in batches]:
            done.result(60)

    versions = publications.versions(house, name)
    bodies = [json.loads(version.body) for version in versions]
    assert [version.number for version in versions] == list(range(5, 5 + len(versions)))
    assert [sha256(version.body).hexdigest() for version in versions] == [v.sha256 for v in versions]
    assert bodies[0]["precedente"] is None
    for (before, old), (_, new) in pairwise(zip(versions, bodies, strict=True)):
        assert new["precedente"] == before.sha256
        assert new["righe"][: len(old["righe"])] == old["righe"]
    listed = [row["case_id"] for row in bodies[-1]["righe"]]
    assert sorted(listed) == sorted({proposals[n] for one in chosen for n in one})
    for batch in batches:
        view = cases.view(house, batch, anna)
        assert [instance.state for instance in view.instances] == ["completed"]
        assert replay.case(house, batch).equal


def test_a_version_never_changes_after_its_publication(house, proposals):
    """Check 10 of the call: a chain that changes its data stands in one version as it was, in a later one as it is."""
    name = f"elenco-{next(names)}"

    def update(*chosen):
        variables = {"elenco": name, "scelte": list(chosen)}
        sign(house, cases.start(house, "aggiorna", carla, variables=variables).id)
        return publications.latest(house, name)

    first = update(*proposals[:2])
    (waits,) = [t for t in cases.view(house, proposals[0], anna).tasks if t.state == "open"]
    tasks.complete(house, waits.id, {}, anna)
    second = update(proposals[0])
    third = update(proposals[2])
    kept = publications.versions(house, name)
    assert kept == [first, second, third]
    titles = [[row["titolo"] for row in json.loads(version.body)["righe"]] for version in kept]
    assert titles == [["P0", "P1"], ["P0 bis", "P1"], ["P0 bis", "P1", "P2"]]
    with house.database.engine.connect() as connection:
        for statement in (
            "UPDATE publication SET body = ''",
            "DELETE FROM publication",
            "TRUNCATE publication",
        ):
            with pytest.raises(DBAPIError):
                connection.execute(text(statement))
            connection.rollback()
    assert publications.versions(house, name) == kept
