"""Colleagues: added and removed by those who prepare a case, each an event, and access ends with the role."""

from typing import Any

import pytest

from app.domain.actors import Actor
from app.domain.errors import NotAllowed, NotFound, TaskTaken
from app.domain.events import PartyAdded, PartyRemoved, TaskReleased
from app.services import cases, documents, history, parties, people, projections, replay, tasks
from app.store.queries import WorklistFilter
from tests.small import anna, carla, flows, lane

BODY = lane("richiedente", "u", "v") + (
    '<bpmn:startEvent id="s"/><bpmn:userTask id="u"/><bpmn:userTask id="v"/><bpmn:endEvent id="e"/>'
    + flows("s>u", "u>v", "v>e")
)
nora = Actor("nora", "Nora Prova", email="Nora@Prova.it")
ugo = Actor("ugo", "Ugo Prova", email="due@prova.it")
ida = Actor("ida", "Ida Prova", email="due@prova.it")


@pytest.fixture
def case_id(house: Any, deploy: Any) -> str:
    for person in (nora, ugo, ida):
        people.add(house, person, "parola")
    deploy("prova", BODY)
    return cases.start(house, "prova", carla).id


def events_of(house: Any, case_id: str) -> list[Any]:
    with house.database.reader() as reader:
        return [entry.event for entry in reader.history(case_id)]


@pytest.mark.parametrize("named", ["nora", " nora ", "nora@prova.it", "NORA@PROVA.IT"])
def test_a_colleague_is_found_by_name_or_mail_and_does_what_the_first_one_does(
    house: Any, case_id: str, named: str
) -> None:
    with pytest.raises(NotFound):
        tasks.view(house, f"{case_id}/1", nora)
    assert parties.add(house, case_id, named, carla) == nora
    assert [person.id for person in parties.colleagues(house, case_id, carla)] == ["carla", "nora"]
    assert events_of(house, case_id)[-1] == PartyAdded("richiedente", "nora")
    assert tasks.complete(house, f"{case_id}/1", {}, nora).completed_by == "nora"


@pytest.mark.parametrize(
    "named", ["", "   ", "nessuno", "due@prova.it", "anna", "otto", "x" * 1000, "nora\0", "%"]
)
def test_an_unknown_name_two_of_one_mail_and_the_office_are_answered_alike(
    house: Any, case_id: str, named: str
) -> None:
    with pytest.raises(NotAllowed) as refused:
        parties.add(house, case_id, named, carla)
    assert refused.value.details == {"reason": "colleague_unknown"}


def test_only_who_has_the_role_adds_removes_and_sees_who_is_there(house: Any, case_id: str) -> None:
    assert parties.colleagues(house, case_id, nora) == []
    for act in (parties.add, parties.remove):
        with pytest.raises(NotFound):
            act(house, case_id, "ugo", nora)
    parties.add(house, case_id, "nora", carla)
    with pytest.raises(NotAllowed) as there:
        parties.add(house, case_id, "nora", carla)
    assert there.value.details["reason"] == "colleague_there"
    with pytest.raises(NotFound):
        parties.remove(house, case_id, "ugo", carla)
    assert anna.groups


def test_who_is_removed_loses_access_at_once_and_their_tasks_are_released(house: Any, case_id: str) -> None:
    parties.add(house, case_id, "nora", carla)
    tasks.complete(house, f"{case_id}/1", {}, nora)
    tasks.save_draft(house, f"{case_id}/2", {}, nora)
    tasks.claim(house, f"{case_id}/2", nora)
    document = documents.add(house, case_id, "a.txt", b"testo", nora)
    with pytest.raises(TaskTaken):
        tasks.claim(house, f"{case_id}/2", carla)
    parties.remove(house, case_id, "nora", carla)
    assert events_of(house, case_id)[-2:] == [PartyRemoved("richiedente", "nora"), TaskReleased(2)]
    for ask in (
        lambda: tasks.view(house, f"{case_id}/2", nora),
        lambda: tasks.view(house, f"{case_id}/1", nora),
        lambda: tasks.save_draft(house, f"{case_id}/2", {}, nora),
        lambda: cases.view(house, case_id, nora),
        lambda: history.timeline(house, case_id, nora),
        lambda: documents.read(house, document.id, nora),
    ):
        with pytest.raises(NotFound):
            ask()
    assert cases.mine(house, nora) == cases.find(house, "", nora) == []
    assert not tasks.worklist(house, nora, WorklistFilter()).tasks
    assert tasks.claim(house, f"{case_id}/2", carla).assignee == "carla"
    parties.add(house, case_id, "nora", carla)
    assert tasks.view(house, f"{case_id}/1", nora).task.completed_by == "nora"


def test_the_last_one_stays_and_one_may_go_where_another_stays(house: Any, case_id: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        parties.remove(house, case_id, "carla", carla)
    assert refused.value.details["reason"] == "colleague_last"
    parties.add(house, case_id, "nora", carla)
    parties.remove(house, case_id, "carla", carla)
    with pytest.raises(NotFound):
        tasks.view(house, f"{case_id}/1", carla)
    with pytest.raises(NotAllowed):
        parties.remove(house, case_id, "nora", nora)


def test_replay_and_rebuild_say_the_same_of_who_came_and_went(house: Any, case_id: str) -> None:
    for _turn in range(2):
        parties.add(house, case_id, "nora", carla)
        tasks_held = tasks.claim(house, f"{case_id}/1", nora)
        parties.remove(house, case_id, "nora", carla)
    assert tasks_held.assignee == "nora"
    assert projections.rebuild(house, case_id) == []
    assert replay.case(house, case_id).equal
    with pytest.raises(NotFound):
        cases.view(house, case_id, nora)
