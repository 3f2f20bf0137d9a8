"""The four verbs on a task, and what must not happen when two people want the same one."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.definitions.forms import Loaded, load_form, marks
from app.domain.errors import DraftChanged, KeyReused, NotAllowed, NotFound, TaskNotOpen, TaskTaken
from app.services import cases, history, replay, tasks
from app.store.queries import WorklistFilter
from tests.small import anna, bruno, carla, flows, lane

BODY = (
    lane("ufficio", "controlla")
    + '<bpmn:startEvent id="s"/><bpmn:userTask id="chiede" name="Chiede"/><bpmn:userTask id="controlla" name="Controlla"/><bpmn:endEvent id="e"/>'
    + flows("s>chiede", "chiede>controlla", "controlla>e")
).replace(
    "</bpmn:laneSet>",
    '<bpmn:lane id="l2" name="richiedente"><bpmn:flowNodeRef>chiede</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>',
)

FORM = b'{"id": "f", "type": "default", "schemaVersion": 19, "components": [{"type": "textfield", "key": "a", "label": "A"}]}'


@pytest.fixture
def asked(house, deploy):
    """A case whose office task is open."""
    deploy("prova", BODY)
    case = cases.start(house, "prova", carla)
    tasks.complete(house, f"{case.id}/1", {}, carla)
    return f"{case.id}/2"


def test_the_starter_receives_the_role_and_the_first_task(house, deploy):
    deploy("prova", BODY)
    case = cases.start(house, "prova", carla)
    assert case.id == "REQ-2023-0001"
    assert [t.element for t in tasks.worklist(house, carla, WorklistFilter()).tasks] == ["chiede"]
    assert tasks.worklist(house, anna, WorklistFilter()).tasks == []


def test_a_completion_is_one_batch_and_replays(house, asked):
    tasks.complete(house, asked, {}, anna)
    case_id = asked.split("/")[0]
    kinds = [m.type for m in history.timeline(house, case_id, carla)]
    assert kinds[-3:] == ["TaskCompleted", "TokensMoved", "InstanceCompleted"]
    assert replay.case(house, case_id).equal


def test_a_claimed_task_belongs_to_one_person(house, asked):
    tasks.claim(house, asked, anna)
    with pytest.raises(TaskTaken):
        tasks.complete(house, asked, {}, bruno)
    tasks.release(house, asked, anna)
    assert tasks.complete(house, asked, {}, bruno).completed_by == "bruno"


def test_the_second_reads_who_did_it(house, asked):
    tasks.complete(house, asked, {}, anna)
    with pytest.raises(TaskNotOpen) as caught:
        tasks.complete(house, asked, {}, bruno)
    assert caught.value.details["by"] == "anna"


def test_two_people_at_once_complete_it_once(house, asked):
    outcomes = []

    def go(who):
        try:
            outcomes.append(tasks.complete(house, asked, {}, who).completed_by)
        except TaskNotOpen:
            outcomes.append("too late")

    threads = [threading.Thread(target=go, args=(who,)) for who in (anna, bruno)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(outcomes) == "too late"
    assert len(outcomes) == 2


def test_the_same_request_twice_gets_the_same_answer(house, asked):
    first = tasks.complete(house, asked, {}, anna, key="k1")
    again = tasks.complete(house, asked, {}, anna, key="k1")
    assert first == again
    with pytest.raises(KeyReused):
        tasks.complete(house, asked, {"other": "form"}, anna, key="k1")


def test_a_task_of_another_group_cannot_be_done_and_a_case_of_others_does_not_exist(house, asked):
    with pytest.raises(NotAllowed):
        tasks.complete(house, asked, {}, carla)
    stranger = carla.__class__("zeno", "Zeno")
    with pytest.raises(NotFound):
        tasks.view(house, asked, stranger)
    with pytest.raises(NotFound):
        tasks.complete(house, asked, {}, stranger)


def test_assigning_needs_a_candidate_and_a_reason(house, asked):
    with pytest.raises(NotAllowed):
        tasks.assign(house, asked, "carla", "perché sì", anna)
    with pytest.raises(NotAllowed):
        tasks.assign(house, asked, "bruno", " ", anna)
    assert tasks.assign(house, asked, "bruno", "carico di lavoro", anna).assignee == "bruno"


def test_who_is_too_late_learns_who_holds_the_task_and_since_when(house, asked):
    tasks.claim(house, asked, anna)
    since = house.clock.now()
    house.clock.advance(timedelta(hours=2))
    with pytest.raises(TaskTaken) as late:
        tasks.claim(house, asked, bruno)
    assert (late.value.details["by"], late.value.details["at"]) == ("anna", since)


def test_a_draft_survives_a_release_and_goes_with_the_completion(house, asked):
    tasks.claim(house, asked, anna)
    saved = tasks.save_draft(house, asked, {"nota": "a metà"}, anna).at
    tasks.release(house, asked, anna)
    seen = tasks.view(house, asked, bruno)
    assert seen.draft_saved_at == saved
    assert seen.values["nota"] == "a metà"
    tasks.complete(house, asked, {}, bruno)
    assert tasks.view(house, asked, bruno).draft_saved_at is None


def test_saves_at_once_take_turns_and_each_sees_the_one_before(house, deploy):
    form = load_form(FORM)
    deploy(
        "prova", BODY.replace('id="chiede" ', 'id="chiede" pratica:form="f" '), files={"forms/f.json": FORM}
    )
    case = cases.start(house, "prova", carla)
    loaded = Loaded(marks(form, {}), frozenset({"a"}))
    tasks.save_draft(house, f"{case.id}/1", {"a": "prima"}, carla, loaded)
    with ThreadPoolExecutor(4) as pool:
        saved = list(
            pool.map(
                lambda n: tasks.save_draft(house, f"{case.id}/1", {"a": str(n)}, carla, loaded), range(4)
            )
        )
    assert [one.merged.clashes for one in saved] == [("a",)] * 4
    assert saved[0].authors["a"] == ("carla", house.clock.now())
    assert tasks.view(house, f"{case.id}/1", carla).values["a"] == "prima"
    with pytest.raises(DraftChanged):
        tasks.complete(house, f"{case.id}/1", {"a": "dopo"}, carla, loaded=loaded)
    shown = Loaded(marks(form, {"a": "prima"}), frozenset({"a"}))
    assert tasks.complete(house, f"{case.id}/1", {"a": "dopo"}, carla, loaded=shown).state == "completed"


@pytest.mark.parametrize(
    "task_id", ["x", "REQ-2023-0001/", "REQ-2023-0001/0x1", "REQ-2023-0001/99999999999999", "../1", "/1"]
)
def test_a_task_number_of_another_shape_is_not_found(house, task_id):
    with pytest.raises(NotFound):
        tasks.view(house, task_id, anna)
