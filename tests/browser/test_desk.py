"""The desk in a real browser: finding, claiming, assigning and completing tasks; two people on one task."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from app.services import documents, people, tasks
from app.store.clock import FixedClock
from app.store.database import Database
from tests.browser import live, trial
from tests.browser.live import begun, tick, too_wide, violations

pytestmark = pytest.mark.browser


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: FixedClock) -> Iterator[Any]:
    with live.trial_house(database, tmp_path, clock) as made:
        yield made


@pytest.fixture
def address(house: Any) -> Iterator[str]:
    with live.served(house) as served:
        yield served.address


@pytest.fixture
def case_id(house: Any) -> str:
    """A case that waits for the office at its third task."""
    return begun(house, filed=True)


def another(watched: Any, browser: Any, person: str) -> Any:
    """Give a second person with a browser of their own."""
    other = type(watched)(browser.new_context(viewport={"width": 1280, "height": 900}), watched.address)
    other.log_in(person)
    return other


def rows(page: Any) -> list[str]:
    return [row.split("\n")[0].split("\t")[0] for row in page.locator("tbody tr").all_inner_texts()]


def test_an_officer_finds_a_task_claims_it_and_completes_it(watched: Any, case_id: str) -> None:
    watched.log_in("bruno")
    page = watched.open("/desk")
    expect(page.locator("tbody tr")).to_have_count(1)
    watched.shot("desk")
    page.locator("tbody th a").click()
    assert case_id in page.inner_text("main")
    watched.shot("desk-task")
    page.locator(".task-free button").click()
    tick(page, "Ammessa")
    page.fill("[name=motivo]", "Tutto in ordine.")
    page.locator(".task-buttons .btn-primary").click()
    page.wait_for_url(f"**/cases/{case_id}")
    assert watched.errors == watched.violations == []


def test_scopes_search_and_sort_are_links_and_keep_each_other(
    watched: Any, house: Any, case_id: str, clock: FixedClock
) -> None:
    clock.advance(timedelta(hours=1))
    second = begun(house, filed=True)
    tasks.claim(house, f"{second}/3", trial.bruno)
    watched.log_in("bruno")
    counts = {}
    for scope in ("mine", "group", "late", "due", "all", "colleagues"):
        page = watched.open(f"/desk?scope={scope}")
        counts[scope] = page.locator("tbody tr").count()
    assert counts == {"mine": 1, "group": 1, "late": 0, "due": 2, "all": 2, "colleagues": 0}
    page = watched.open("/desk")
    page.locator("thead a").nth(1).click()
    assert "sort=case" in page.url
    page.fill("#q", second)
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert "sort=case" in page.url
    page.fill("#q", "nessuno lo trova")
    page.keyboard.press("Enter")
    expect(page.locator(".pr-empty")).to_be_visible()
    clock.advance(timedelta(days=6))
    page = watched.open("/desk?scope=late")
    assert page.locator("tbody tr").count() == 2
    assert page.locator(".pr-badge-danger").count() == 2
    watched.shot("desk-late")


def test_two_people_on_one_task_the_second_reads_who_did_it_and_keeps_what_they_typed(
    watched: Any,
    browser: Any,
    house: Any,
    case_id: str,
) -> None:
    watched.log_in("bruno")
    first = watched.open(f"/tasks/{case_id}/3")
    other = another(watched, browser, "carla")
    second = other.open(f"/tasks/{case_id}/3")
    for page, reason in ((first, "Tutto in ordine."), (second, "Mancano due firme, direi.")):
        tick(page, "Ammessa")
        page.fill("[name=motivo]", reason)
    first.locator(".task-buttons .btn-primary").click()
    first.wait_for_url(f"**/cases/{case_id}")
    with second.expect_response(
        lambda answer: answer.request.method == "POST" and answer.url.endswith("/3")
    ) as told:
        second.locator(".task-buttons .btn-primary").click()
    assert told.value.status == 409
    text = second.inner_text("main")
    assert "Bruno Istrice" in text
    assert "08/05/2023 12:00:00" in text
    assert "Mancano due firme, direi." in text
    other.shot("desk-second-person")
    assert violations(second) == []
    second.context.close()


def test_two_people_who_type_at_once_are_told_and_nothing_is_overwritten(
    watched: Any, browser: Any, house: Any, case_id: str
) -> None:
    watched.log_in("bruno")
    first = watched.open(f"/tasks/{case_id}/3")
    other = another(watched, browser, "carla")
    second = other.open(f"/tasks/{case_id}/3")
    first.fill("[name=motivo]", "Tutto in ordine.")
    expect(first.locator("#saved")).to_contain_text("✓")
    second.fill("[name=motivo]", "Manca una firma.")
    expect(second.locator("#saved.task-unsaved")).to_contain_text(
        "Motivo (Bruno Istrice, 08/05/2023 12:00:00)"
    )
    second.fill("[name=motivo]", "Manca una firma, direi.")
    expect(second.locator("#saved.task-unsaved")).to_contain_text("Motivo (Bruno Istrice")
    assert tasks.view(house, f"{case_id}/3", trial.bruno).values["motivo"] == "Tutto in ordine."
    second.locator(".task-buttons button[value=save]").click()
    expect(second.locator("q")).to_have_text("Tutto in ordine.")
    assert second.input_value("[name=motivo]") == "Manca una firma, direi."
    assert violations(second) == []
    second.locator(".task-buttons button[value=save]").click()
    expect(second.locator(".alert-success")).to_be_visible()
    assert tasks.view(house, f"{case_id}/3", trial.bruno).values["motivo"] == "Manca una firma, direi."
    assert watched.errors == other.errors == other.violations == []
    second.context.close()


def test_who_types_while_a_colleague_claims_the_task_is_told_at_once(
    watched: Any,
    browser: Any,
    house: Any,
    case_id: str,
) -> None:
    watched.log_in("bruno")
    page = watched.open(f"/tasks/{case_id}/3")
    tasks.claim(house, f"{case_id}/3", trial.carla)
    page.fill("[name=motivo]", "Intanto scrivo.")
    expect(page.locator("#saved.task-unsaved")).to_contain_text("Carla Dossi")
    assert page.input_value("[name=motivo]") == "Intanto scrivo."


def test_a_draft_stays_with_the_task_when_it_changes_hands(
    watched: Any, browser: Any, house: Any, case_id: str
) -> None:
    tasks.claim(house, f"{case_id}/3", trial.bruno)
    watched.log_in("bruno")
    page = watched.open(f"/tasks/{case_id}/3")
    page.fill("[name=motivo]", "Manca solo la visura.")
    page.locator(".task-buttons button[value=save]").click()
    page.locator("#assign summary").click()
    watched.shot("desk-assign")
    page.select_option("#assign-to", "carla")
    page.fill("#assign-reason", "Ferie")
    page.locator("#assign button").click()
    page.wait_for_url("**/desk**")
    assert "Bruno" not in page.inner_text("tbody") if page.locator("tbody").count() else True
    other = another(watched, browser, "carla")
    assert other.open(f"/tasks/{case_id}/3").input_value("[name=motivo]") == "Manca solo la visura."
    other.page.context.close()


def test_a_task_without_a_reason_is_not_assigned(watched: Any, house: Any, case_id: str) -> None:
    tasks.claim(house, f"{case_id}/3", trial.bruno)
    watched.log_in("bruno")
    page = watched.open(f"/tasks/{case_id}/3")
    page.locator("#assign summary").click()
    page.locator("#assign-reason").evaluate("field => field.removeAttribute('required')")
    page.select_option("#assign-to", "carla")
    page.fill("#assign-reason", " ")
    page.locator("#assign form").evaluate("form => form.setAttribute('novalidate', '')")
    with page.expect_navigation():
        page.locator("#assign button").click()
    assert tasks.view(house, f"{case_id}/3", trial.bruno).task.assignee == "bruno"
    expect(page.locator("#assign-reason-error")).to_be_visible()
    expect(page.locator("#assign-reason")).to_be_focused()
    expect(page.locator("#assign-to")).to_have_value("carla")
    assert violations(page) == []


def test_a_released_task_is_free_for_the_group_again(watched: Any, house: Any, case_id: str) -> None:
    tasks.claim(house, f"{case_id}/3", trial.bruno)
    watched.log_in("bruno")
    page = watched.open(f"/tasks/{case_id}/3")
    page.locator(".task-verbs form button").first.click()
    page.wait_for_url("**/desk**")
    assert tasks.view(house, f"{case_id}/3", trial.carla).may >= {"claim", "complete"}


def test_a_person_of_another_group_does_not_learn_of_the_task(watched: Any, case_id: str) -> None:
    watched.log_in("zeno")
    page = watched.open(f"/tasks/{case_id}/3")
    assert "Malga" not in page.inner_text("main")
    assert page.request.get(page.url).status == 404


def test_the_worklist_is_walked_by_keys(watched: Any, house: Any, case_id: str) -> None:
    begun(house, filed=True)
    watched.log_in("bruno")
    page = watched.open("/desk")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tbody tr").nth(1)).to_have_attribute("data-here", "")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/**")
    page.go_back()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()


def test_a_due_date_opens_to_its_sum(watched: Any, case_id: str) -> None:
    watched.log_in("bruno")
    page = watched.open(f"/tasks/{case_id}/3")
    page.locator(".task-due summary").click()
    table = page.inner_text(".task-due table")
    assert "08/05/2023 12:00:00" in table
    assert "13/05/2023 12:00:00" in table


@pytest.mark.parametrize("path", ["/desk", "/desk?scope=mine", "/tasks/{}/3", "/tasks/{}/1"])
def test_pages_of_the_desk_are_clean_for_axe_and_fit_a_phone(watched: Any, case_id: str, path: str) -> None:
    watched.log_in("bruno")
    page = watched.open(path.format(case_id))
    assert page.locator("h1").count() == 1
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert not too_wide(page)
    watched.shot(f"desk-320{path.replace('/', '-').replace('?', '-').format('case')}")


def test_the_desk_speaks_english_to_who_reads_english(watched: Any, case_id: str) -> None:
    watched.log_in("erika")
    page = watched.open("/desk")
    assert "Due in 7 days" in page.inner_text("main")
    assert page.locator("html").get_attribute("lang") == "en"


def test_on_a_narrow_screen_a_task_is_a_card_with_nothing_out_of_sight(watched: Any, case_id: str) -> None:
    watched.log_in("bruno")
    watched.page.set_viewport_size({"width": 320, "height": 700})
    page = watched.open("/desk")
    edges = [
        box["x"] + box["width"] for cell in page.locator("tbody td").all() if (box := cell.bounding_box())
    ]
    assert edges
    assert max(edges) <= 320
    label = page.locator("tbody td[data-label]").first
    assert label.evaluate("cell => getComputedStyle(cell, '::before').content").startswith('"')


def test_who_is_the_only_one_for_a_task_is_not_offered_it(watched: Any, house: Any, case_id: str) -> None:
    for person in (trial.carla, trial.erika):
        people.add(house, replace(person, groups=frozenset()), live.password)
    watched.log_in("bruno")
    assert watched.open(f"/tasks/{case_id}/3").locator("#assign").count() == 0
    people.add(house, trial.carla, live.password)
    offered = watched.open(f"/tasks/{case_id}/3").locator("#assign-to option").all_text_contents()
    assert offered == ["Scegli", trial.carla.name]


def test_a_completed_task_is_read_by_those_who_may_see_the_case(watched: Any, case_id: str) -> None:
    watched.log_in("bruno")
    page = watched.open(f"/tasks/{case_id}/2")
    text = page.inner_text(".sent")
    assert "Togliere la plastica dalla malga in tre anni." in text
    assert "Partner 2" in text
    assert page.locator(".sent a", has_text="relazione.pdf").count() == 1
    assert page.locator("aside a", has_text="La domanda").count() == 0
    assert violations(page) == []
    assert watched.open(f"/tasks/{case_id}/3").locator("aside a", has_text="La domanda").count() == 1


def test_a_file_that_no_answer_names_is_marked_among_the_documents(
    watched: Any, house: Any, case_id: str
) -> None:
    documents.add(house, case_id, "tolto.pdf", b"%PDF-1.7 tolto", trial.ada)
    watched.log_in("bruno")
    rows = watched.open(f"/cases/{case_id}/documents").locator("tbody tr")
    marked = [row.inner_text() for row in rows.all() if "in nessuna risposta inviata" in row.inner_text()]
    assert len(marked) == 1
    assert "tolto.pdf" in marked[0]
    assert violations(watched.page) == []
