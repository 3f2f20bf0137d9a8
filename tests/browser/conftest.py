"""A site on a house of paper, served for a real browser, and what is checked on every page."""

import importlib.util
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from app.web.site import create_site

_spec = importlib.util.spec_from_file_location("paper", Path(__file__).with_name("paper.py"))
assert _spec and _spec.loader
paper: Any = importlib.util.module_from_spec(_spec)
sys.modules["paper"] = paper
_spec.loader.exec_module(paper)

chromium = {
    "executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"),
    "args": [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
    ],
}


@pytest.fixture
def paper_services() -> Iterator[None]:
    """Let the services answer from memory for one test: no other test may find them so."""
    with paper.services_of_paper():
        yield


@pytest.fixture
def house(tmp_path: Path, paper_services: None) -> Any:
    return paper.paper_house(tmp_path)


@pytest.fixture
def site(house: Any) -> Flask:
    return create_site(house)


@pytest.fixture
def visitor(site: Flask) -> FlaskClient:
    site.config["WTF_CSRF_ENABLED"] = False
    return site.test_client()


@pytest.fixture
def client_of(site: Flask) -> Any:
    """Give a client without a browser, logged in as somebody."""
    site.config["WTF_CSRF_ENABLED"] = False

    def log_in(person: str) -> FlaskClient:
        client = site.test_client()
        assert client.post("/login", data={"login": person, "password": paper.password}).status_code == 303
        return client

    return log_in


@pytest.fixture
def address(site: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, site, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        started = play.chromium.launch(**chromium)
        yield started
        started.close()


class Watched:
    """A browser page that remembers every broken rule of the content security policy and every script error."""

    def __init__(self, context: BrowserContext, address: str, *, scripts: bool = True) -> None:
        self.scripts = scripts
        self.address, self.violations, self.errors, self.foreign = address, [], [], []
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("request", self._asked)

    def _heard(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.violations.append(message.text)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:")):
            self.foreign.append(request.url)

    def open(self, path: str) -> Page:
        """Open a path and wait until its diagram, if it has one, is drawn."""
        self.page.goto(f"{self.address}{path}", wait_until="load")
        if self.scripts and self.page.locator("#viewer").count():
            self.page.locator(".bjs-powered-by").wait_for(timeout=10_000)
        return self.page

    def log_in(self, person: str) -> None:
        """Log in through the page, as people do."""
        self.open("/login")
        self.page.get_by_role("textbox").first.fill(person)
        self.page.locator("#password").fill(paper.password)
        with self.page.expect_navigation():
            self.page.locator("main button[type=submit]").click()

    def shot(self, name: str) -> None:
        """Keep a picture of the page, for those who look: with PRATICA_SHOTS=1 (nothing is proved by it)."""
        if not os.environ.get("PRATICA_SHOTS"):
            return
        folder = Path(__file__).parent / "shots"
        folder.mkdir(exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png", full_page=True)


@pytest.fixture
def watched(browser: Browser, address: str) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Watched(context, address)
    context.close()


@pytest.fixture
def watched_without_scripts(browser: Browser, address: str) -> Iterator[Watched]:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    yield Watched(context, address, scripts=False)
    context.close()
