"""WCAG 2.1 AA by axe on every kind of page, and what axe misses: one h1, 320 px, keyboard, no scripts."""

import json
from importlib.resources import files
from typing import Any

import pytest

pytestmark = pytest.mark.browser
axe = (files("axe_playwright_python") / "axe.min.js").read_text()
pages = {
    "": ["/", "/login", "/help", "/accessibility", "/publications", "/publications/elenco", "/nowhere"],
    "ada": [
        "/cases",
        "/cases/FIL-2023-0042",
        "/cases/FIL-2023-0042/tasks",
        "/cases/FIL-2023-0042/parties",
        "/cases/FIL-2023-0042/record",
        "/cases/FIL-2023-0042/documents",
        "/cases/FIL-2023-0042/messages",
        "/cases/FIL-2023-0042/decisions",
        "/cases/FIL-2023-0042/history",
        "/cases/FIL-2023-0042/diagram",
    ],
    "dora": ["/studio", "/studio/processes/f1_presentazione", "/studio/upload"],
    "olga": ["/admin", "/admin/incidents/FIL-2023-0042/1"],
}
rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


def _violations(page: Any) -> list[str]:
    # the script is evaluated by the debugger, past the page's policy, which stays as strict as it is
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, { runOnly: rules })", rules)
    return [
        f"{v['id']}: {v['help']} {json.dumps([n['target'] for n in v['nodes']][:3])}"
        for v in found["violations"]
    ]


@pytest.mark.parametrize("person", list(pages))
def test_axe_finds_nothing(watched: Any, person: str) -> None:
    if person:
        watched.log_in(person)
    found = {}
    for path in pages[person]:
        page = watched.open(path)
        found[path] = _violations(page)
        assert page.locator("h1").count() == 1, path
        assert page.title().endswith("Pratica"), path
    assert {path: list_ for path, list_ in found.items() if list_} == {}


def test_axe_would_find_a_planted_fault(watched: Any) -> None:
    page = watched.open("/help")
    page.locator("main").evaluate("element => element.append(document.createElement('img'))")
    assert any(v.startswith("image-alt") for v in _violations(page))


@pytest.mark.parametrize("person", list(pages))
def test_nothing_runs_over_a_screen_of_320_pixels(watched: Any, person: str) -> None:
    if person:
        watched.log_in(person)
    watched.page.set_viewport_size({"width": 320, "height": 640})
    wide = {}
    for path in pages[person]:
        page = watched.open(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            wide[path] = width
        watched.shot(f"320-{person or 'visitor'}-{path.strip('/').replace('/', '_') or 'home'}")
    assert wide == {}


def test_the_first_key_offers_to_skip_to_the_content(watched: Any) -> None:
    page = watched.open("/help")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left >= 0")


def test_a_person_logs_in_by_keyboard_alone(watched: Any) -> None:
    page = watched.open("/login")
    page.locator("#login").focus()
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type("parola segreta")
    page.keyboard.press("Enter")
    page.wait_for_url("**/portal")


def test_a_refused_log_in_takes_the_reader_to_the_reason(watched: Any) -> None:
    page = watched.open("/login")
    page.locator("#login").fill("ada")
    page.locator("#password").fill("x")
    page.keyboard.press("Enter")
    page.locator("#log-in-error").wait_for()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert page.locator("#login").get_attribute("aria-describedby") == "log-in-error"


def test_without_scripts_the_diagram_and_its_steps_are_there(watched_without_scripts: Any) -> None:
    watched_without_scripts.log_in("ada")
    page = watched_without_scripts.open("/cases/FIL-2023-0042/diagram?seq=3")
    assert page.locator("#picture svg").is_visible()
    assert page.locator("#player").is_hidden()
    assert page.locator("tr[aria-current=step] th").inner_text() == "3"
    page.locator("tr[data-frame='1'] a").click()
    assert page.locator("tr[aria-current=step] th").inner_text() == "6"
