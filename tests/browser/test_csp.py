"""No page breaks the content security policy, asks another site for anything, or raises a script error."""

from typing import Any

import pytest

pytestmark = pytest.mark.browser
pages = {
    "": [
        "/",
        "/login",
        "/help",
        "/accessibility",
        "/privacy",
        "/publications",
        "/publications/elenco",
        "/nowhere",
    ],
    "ada": [
        f"/cases/FIL-2023-0042{part}"
        for part in ("", "/tasks", "/record", "/documents", "/decisions", "/history", "/diagram")
    ],
    "dora": ["/studio", "/studio/processes/f1_presentazione", "/studio/upload"],
    "olga": ["/admin", "/admin/incidents/FIL-2023-0042/1"],
}


@pytest.mark.parametrize("person", list(pages))
def test_pages_keep_the_policy_and_load_nothing_from_elsewhere(watched: Any, person: str) -> None:
    if person:
        watched.log_in(person)
    for path in pages[person]:
        watched.open(path)
        watched.shot(f"{person or 'visitor'}-{path.strip('/').replace('/', '_') or 'home'}")
    assert watched.violations == []
    assert watched.errors == []
    assert watched.foreign == []


def test_the_player_moves_within_the_policy_and_keeps_the_watermark_in_its_corner(watched: Any) -> None:
    watched.log_in("ada")
    page = watched.open("/cases/FIL-2023-0042/diagram")
    page.locator("#step").press("ArrowLeft")
    page.locator("#step").press("ArrowRight")
    mark = page.locator(".bjs-powered-by").bounding_box()
    box = page.locator("#viewer").bounding_box()
    assert watched.violations == []
    assert mark["x"] + mark["width"] == pytest.approx(box["x"] + box["width"], abs=25)
    assert mark["y"] + mark["height"] == pytest.approx(box["y"] + box["height"], abs=25)


def test_the_policy_would_be_seen_to_break(watched: Any) -> None:
    page = watched.open("/help")
    page.locator("main").evaluate("element => { element.innerHTML = '<p style=\"color:red\">x</p>' }")
    page.wait_for_timeout(200)
    assert watched.violations
