"""Partners at their links: the letter is read in the simulated mailbox, the form is filled in and signed in a browser of their own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.services.house import House


def letters(house: House, case_id: str, to: str) -> list[str]:
    """Give the links that were sent to an address for a case, oldest invitation first."""
    told = [json.loads(path.read_text()) for path in (house.ledger / "pec").glob("[!.]*.json")]
    links = {one["collegamento"] for one in told if one["a"] == to and one["fascicolo"] == case_id}
    paths = [link.removeprefix(house.settings.public_url) for link in links]
    return sorted(paths, key=lambda path: int(path.split("/")[3]))


@contextmanager
def at_link(watched: Any, path: str) -> Iterator[Any]:
    """Open a personal link in a browser that nobody has logged in to."""
    context = watched.page.context.browser.new_context(viewport={"width": 1280, "height": 900})
    own = type(watched)(context, watched.address)
    own.page.set_default_timeout(15_000)
    own.open(path)
    yield own
    assert own.errors == own.violations == own.foreign == []
    context.close()


def sign(typist: Any, answer: dict[str, Any]) -> None:
    """Fill in the adhesion and sign it with the simulator, then send it."""
    page = typist.page
    typist.fill({key: value for key, value in answer.items() if key != "firma"})
    with page.expect_navigation():
        page.locator("button[name=_sign]").click()
    page.locator("input[name=firma][type=hidden]:not([value=''])").first.wait_for(state="attached")
    typist.press()
    assert page.locator("#problems").count() == 0, page.inner_text("#problems")
