"""Versions of drafts in a living house: kept, bounded, restored, exported and imported, unreadable once a key is forgotten."""

import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy

from app.definitions import forms
from app.definitions.forms import Loaded, load_form, marks
from app.domain import drafts as rules
from app.domain.errors import DraftFileInvalid, NotFound, TaskNotOpen
from app.services import cases, documents, drafts, parties, people, tasks, timers
from app.services.use_case import use_case
from tests.small import anna as officer
from tests.small import carla, flows, lane

FORM = json.dumps(
    {
        "schemaVersion": 19,
        "type": "default",
        "id": "f",
        "components": [
            {"type": "textfield", "key": "a", "label": "A"},
            {"type": "textfield", "key": "b", "label": "B"},
            {"type": "filepicker", "key": "file", "label": "File", "accept": ".pdf", "multiple": True},
            {
                "type": "dynamiclist",
                "path": "righe",
                "label": "Righe",
                "components": [{"type": "textfield", "key": "c", "label": "C"}],
            },
        ],
    }
).encode()
BODY = lane("richiedente", "u", "v") + (
    '<bpmn:startEvent id="s"/><bpmn:userTask id="u" pratica:form="f"/><bpmn:userTask id="v"/><bpmn:endEvent id="e"/>'
    + flows("s>u", "u>v", "v>e")
)
nora = carla.__class__("nora", "Nora Prova", email="Nora@Prova.it")
ugo = carla.__class__("ugo", "Ugo Prova", email="ugo@prova.it")


@pytest.fixture
def task(house: Any, deploy: Any) -> str:
    """The first task of a case that Carla and Nora prepare together."""
    for person in (nora, ugo):
        people.add(house, person, "parola")
    deploy("prova", BODY, files={"forms/f.json": FORM})
    case = cases.start(house, "prova", carla)
    parties.add(house, case.id, "nora", carla)
    return f"{case.id}/1"


@use_case
def forget(house: Any, uow: Any, subject: str) -> bool:
    return bool(uow.forget(subject))


def save(house: Any, task: str, by: Any, after: timedelta = timedelta(0), **values: Any) -> Any:
    house.clock.advance(after)
    return tasks.save_draft(house, task, values, by)


def typed(house: Any, task: str, by: Any = carla) -> dict[str, Any]:
    values = tasks.view(house, task, by).values
    return {name: value for name, value in values.items() if value != [{}]}


def listed(house: Any, task: str, by: Any = carla) -> list[tuple[str, str, Any]]:
    return [
        (v.saved_by, v.why, v.values and v.values.get("a")) for v in drafts.kept(house, task, by).versions
    ]


def test_a_version_stays_when_another_person_saves_and_when_time_went_by(house: Any, task: str) -> None:
    save(house, task, carla, a="1")
    save(house, task, carla, timedelta(minutes=9), a="2")
    assert listed(house, task) == []
    save(house, task, carla, timedelta(minutes=1), a="3")
    assert listed(house, task) == [("carla", "time", "2")]
    save(house, task, nora, timedelta(minutes=2), a="4")
    assert listed(house, task) == [("carla", "person", "3"), ("carla", "time", "2")]
    save(house, task, nora, timedelta(minutes=30), a="4")
    assert len(listed(house, task)) == 2, "what changes nothing leaves nothing"


def test_two_who_type_in_turns_leave_one_version_a_minute(house: Any, task: str) -> None:
    for turn in range(40):
        save(house, task, (carla, nora)[turn % 2], timedelta(seconds=5), a=str(turn))
    assert len(listed(house, task)) <= 5


def test_versions_are_bounded_and_thinned_out_where_they_are_dense(house: Any, task: str) -> None:
    for turn in range(90):
        save(house, task, carla, timedelta(minutes=10 + turn % 7), a=str(turn))
        if turn == 3:
            drafts.restore(house, task, 1, carla)
    versions = drafts.kept(house, task, carla).versions
    assert len(versions) == rules.most_versions
    assert [v.values["a"] for v in versions[: rules.newest_kept]] == [str(n) for n in range(88, 68, -1)]
    assert any(v.why == "restore" for v in versions)
    older = [v.saved_at for v in versions[rules.newest_kept :] if v.why != "restore"]
    assert min(late - early for late, early in pairwise(older)) > timedelta(minutes=10)
    assert len({v.number for v in versions}) == len(versions)


def test_what_an_autosave_costs(house: Any, task: str) -> None:
    sent: list[str] = []
    save(house, task, carla, a="1")
    save(house, task, carla, a="2")
    sqlalchemy.event.listen(
        house.database.engine, "before_cursor_execute", lambda _c, _k, sql, *_more: sent.append(sql)
    )
    costs = []
    for after in (timedelta(seconds=2), timedelta(minutes=11)):
        sent.clear()
        save(house, task, carla, after, a=str(after))
        costs.append(len(sent))
    for turn in range(rules.most_versions):
        save(house, task, carla, timedelta(minutes=11), a=f"x{turn}")
    sent.clear()
    save(house, task, carla, timedelta(minutes=11), a="last")
    assert [len(sent) - costs[0], costs[1] - costs[0]] == [2, 1]
    assert not any("draft_version" in sql for sql in sent[: costs[0] - 2])


def test_versions_go_with_the_draft_when_the_task_is_completed(house: Any, task: str) -> None:
    save(house, task, carla, a="1")
    save(house, task, nora, a="2")
    tasks.complete(house, task, {"a": "3"}, carla)
    with house.database.engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT count(*) FROM draft_version")).scalar() == 0
    with pytest.raises(NotFound):
        drafts.kept(house, task, carla)


def test_only_who_may_complete_the_task_reads_its_versions(house: Any, task: str) -> None:
    save(house, task, carla, a="1")
    save(house, task, nora, a="2")
    for stranger in (ugo, officer):
        with pytest.raises(NotFound):
            drafts.kept(house, task, stranger)
        with pytest.raises(NotFound):
            drafts.restore(house, task, 1, stranger)


def test_a_forgotten_key_makes_that_persons_versions_unreadable_and_no_others(house: Any, task: str) -> None:
    save(house, task, carla, a="di Carla")
    save(house, task, nora, timedelta(minutes=2), a="di Nora")
    save(house, task, carla, timedelta(minutes=2), a="ancora di Carla")
    assert forget(house, "carla")
    kept = drafts.kept(house, task, nora)
    assert (kept.values, kept.saved_at) == (None, None)
    assert listed(house, task, nora) == [("nora", "person", "di Nora"), ("carla", "person", None)]
    with pytest.raises(NotFound):
        drafts.restore(house, task, 1, nora)
    save(house, task, carla, timedelta(minutes=2), a="dopo")
    assert listed(house, task, nora)[-1] == ("carla", "person", None), "a new key opens nothing older"
    with house.database.engine.connect() as connection:
        held = "SELECT count(*) FROM draft_version WHERE saved_by = 'carla' AND sealed <> ''"
        assert connection.execute(sqlalchemy.text(held)).scalar() == 0


def test_a_restore_keeps_the_present_draft_first_and_drops_files_that_are_gone(house: Any, task: str) -> None:
    case_id = task.partition("/")[0]
    report = documents.add(house, case_id, "relazione.pdf", b"%PDF-1.7 x", carla)
    lost = "0" * 24
    save(house, task, carla, a="uno", file=[report.id, lost])
    save(house, task, nora, a="due")
    restored = drafts.restore(house, task, 1, nora)
    assert restored.gone == [lost]
    assert typed(house, task) == {"a": "uno", "file": [report.id]}
    assert listed(house, task)[0] == ("nora", "restore", "due")
    drafts.restore(house, task, 2, carla)
    assert tasks.view(house, task, carla).values["a"] == "due"


def test_a_restore_does_not_overwrite_what_somebody_saved_since_the_page_was_shown(
    house: Any, task: str
) -> None:
    form = load_form(FORM)
    save(house, task, carla, a="uno", b="uno")
    save(house, task, nora, a="due", b="due")
    shown = marks(form, tasks.view(house, task, carla).values)
    save(house, task, nora, timedelta(seconds=5), a="due", b="tre")
    restored = drafts.restore(house, task, 1, carla, Loaded(shown, frozenset(shown)))
    assert restored.saved.merged.clashes == ("b",)
    assert restored.saved.authors["b"].by == "nora"
    assert typed(house, task) == {"a": "uno", "b": "tre"}


def test_a_file_goes_to_another_case_and_names_what_is_not_there(house: Any, task: str) -> None:
    case_id = task.partition("/")[0]
    report = documents.add(house, case_id, "relazione.pdf", b"%PDF-1.7 x", carla)
    other = documents.add(house, case_id, "altro.pdf", b"%PDF-1.7 y", carla)
    save(house, task, carla, a="uno", righe=[{"c": "1"}, {"c": "2"}], file=[report.id, other.id])
    data = drafts.export(house, tasks.view(house, task, carla), tasks.view(house, task, carla).values)
    assert b"PDF-1.7" not in data
    case = cases.start(house, "prova", ugo)
    there = documents.add(house, case.id, "rinominata.pdf", b"%PDF-1.7 x", ugo)
    view = tasks.view(house, f"{case.id}/1", ugo)
    save(house, view.task.id, ugo, a="prima", b="resta")
    view = tasks.view(house, f"{case.id}/1", ugo)
    imported = drafts.examine(view, data)
    assert [(left.path, left.value["name"], left.why) for left in imported.taken.left] == [
        ("file", "altro.pdf", "file")
    ]
    assert tasks.view(house, view.task.id, ugo).values["a"] == "prima", (
        "nothing is saved before it is confirmed"
    )
    drafts.bring_in(house, view.task.id, imported, ugo, marks(load_form(FORM), view.values))
    now = tasks.view(house, view.task.id, ugo).values
    assert now == {"a": "uno", "b": "resta", "righe": [{"c": "1"}, {"c": "2"}], "file": [there.id]}
    assert listed(house, view.task.id, ugo) == [("ugo", "import", "prima")]


def test_an_import_leaves_what_others_saved_since_the_report(house: Any, task: str) -> None:
    save(house, task, carla, a="uno", b="uno")
    view = tasks.view(house, task, carla)
    data = drafts.export(house, view, {"a": "dal file", "b": "dal file"})
    imported = drafts.examine(view, data)
    save(house, task, nora, timedelta(seconds=5), a="di Nora", b="uno")
    saved = drafts.bring_in(house, task, imported, carla, marks(load_form(FORM), view.values))
    assert saved.merged.clashes == ("a",)
    assert typed(house, task) == {"a": "di Nora", "b": "dal file"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no_json"),
        (b"%PDF-1.7", "no_json"),
        (b'{"format": "pratica-draft", "version": 1, "answers": {"a": NaN}}', "no_json"),
        (b'{"format": "pratica-draft", "version": ' + b"9" * 5000 + b"}", "draft_format"),
        (b"\xff\xfe{\x00}\x00", "no_json"),
        (b"[]", "no_draft"),
        (b'{"format": "other"}', "no_draft"),
        (b'{"format": "pratica-draft", "version": 1, "form": {"id": "f"}, "answers": []}', "no_draft"),
        (b'{"format": "pratica-draft", "version": 2, "form": {"id": "f"}, "answers": {}}', "draft_format"),
        (b'{"format": "pratica-draft", "version": 1, "form": {"id": "g"}, "answers": {}}', "other_form"),
        (b" " * (10 * 1024 * 1024), "draft_too_large"),
        (b"[" * 1_000_000, "draft_too_deep"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "draft_too_deep"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason(house: Any, task: str, data: bytes, reason: str) -> None:
    with pytest.raises(DraftFileInvalid) as refused:
        drafts.examine(tasks.view(house, task, carla), data)
    assert refused.value.details["reason"] == reason


def test_who_saved_first_is_told_what_others_saved_since(house: Any, task: str) -> None:
    save(house, task, carla, a="di Carla", b="di Carla")
    assert tasks.view(house, task, carla).by_others == {}
    form = load_form(FORM)
    shown = marks(form, tasks.view(house, task, nora).values)
    house.clock.advance(timedelta(seconds=5))
    page = Loaded(shown, frozenset(shown))
    tasks.save_draft(house, task, {"a": "di Nora", "b": "di Carla"}, nora, page)
    by_others = tasks.view(house, task, carla).by_others
    assert {name: author.by for name, author in by_others.items()} == {"a": "nora"}
    assert tasks.view(house, task, nora).by_others == {}
    save(house, task, carla, timedelta(seconds=5), a="di Carla", b="di Carla")
    assert tasks.view(house, task, carla).by_others == {}


def test_count_says_how_many_answers_there_are() -> None:
    form = load_form(FORM)
    assert forms.count(form, {"a": "x", "b": "", "righe": [{"c": "1"}, {"c": ""}], "file": ["d"]}) == 3


def test_a_cancelled_task_keeps_its_versions_to_be_read(house: Any, deploy: Any) -> None:
    body = lane("richiedente", "u") + (
        '<bpmn:startEvent id="s"/><bpmn:userTask id="u" pratica:form="f"/><bpmn:endEvent id="e"/>'
        '<bpmn:boundaryEvent id="b" attachedToRef="u"><bpmn:timerEventDefinition><bpmn:timeDuration>"P1D"'
        "</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>" + flows("s>u", "u>e", "b>e")
    )
    deploy("scade", body, files={"forms/f.json": FORM})
    case = cases.start(house, "scade", carla)
    save(house, f"{case.id}/1", carla, a="1")
    save(house, f"{case.id}/1", carla, timedelta(minutes=20), a="2")
    house.clock.advance(timedelta(days=2))
    timers.fire(house, case.id, 1)
    assert tasks.view(house, f"{case.id}/1", carla).task.state == "cancelled"
    assert listed(house, f"{case.id}/1") == [("carla", "time", "1")]
    with pytest.raises(TaskNotOpen):
        drafts.restore(house, f"{case.id}/1", 1, carla)
