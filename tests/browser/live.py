"""A living house behind the pages: PostgreSQL, the shipped handlers, a worker, and a site that a browser can reach."""

import importlib
import pkgutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import make_server

import handlers
from app.config import Settings
from app.domain.actors import Actor, system
from app.handling import registry
from app.services import cases, definitions, documents, people, tasks
from app.services.house import House
from app.store.blobs import BlobStore
from app.store.database import Database
from app.store.queue import run_worker
from app.store.timers import Sleeper
from app.web.site import create_site
from app.worker.loop import perform
from tests.browser import trial

root = Path(__file__).parents[2]
password = "parola segreta"
axe = (files("axe_playwright_python") / "axe.min.js").read_text()
axe_rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


def shipped_handlers() -> Any:
    """Register the handlers of this checkout."""
    for module in pkgutil.iter_modules(handlers.__path__):
        importlib.import_module(f"handlers.{module.name}")
    return registry


def house_on(database: Database, home: Path, clock: Any, persons: list[Actor]) -> House:
    """Put a house together with people who all have the same password."""
    settings = Settings(
        home=home, content=root, demo=True, secret_key="chiave di prova", authority="Regione Demo"
    )
    made = House(settings, database, clock, BlobStore(home / "blobs"), shipped_handlers())
    for person in persons:
        people.add(made, person, password)
    return made


@contextmanager
def working(house: House) -> Iterator[None]:
    """Let a worker and the sleeper for timers run beside the test."""
    stop = threading.Event()
    sleeper = Sleeper(house.database, house.clock)
    worker = threading.Thread(
        target=run_worker,
        args=(house.database, lambda kind, payload: perform(house, kind, payload), 2, stop),
        daemon=True,
    )
    sleeper.start()
    worker.start()
    yield
    stop.set()
    worker.join(timeout=25)
    sleeper.stop()


@dataclass(frozen=True)
class Served:
    """A site at an address."""

    site: Flask
    address: str


@contextmanager
def served(house: House) -> Iterator[Served]:
    """Serve a house to browsers."""
    site = create_site(house)
    server = make_server("127.0.0.1", 0, site, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Served(site, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def trial_house(database: Database, home: Path, clock: Any) -> Iterator[House]:
    """Put a house together in which the trial process is deployed and its people are known."""
    house = house_on(database, home, clock, trial.persons)
    definitions.deploy(house, trial.bundle, system)
    yield house


chi = {
    "titolo": "Malga senza plastica",
    "tipo": "persona",
    "email": "ada@malga.example",
    "importo": "1200",
    "privacy": "true",
}


def domanda(house: House, case_id: str) -> dict[str, Any]:
    """Give the answers to the second form, with its report uploaded."""
    report = documents.add(house, case_id, "relazione.pdf", b"%PDF-1.7 prova", trial.ada)
    rows = [
        {
            "denominazione": f"Partner {n}",
            "cf": cf,
            "pec": f"p{n}@pec.example",
            "ruolo": "Fornisce materie prime e prove.",
        }
        for n, cf in enumerate(["99000010167", "99000020158"], 1)
    ]
    text = "Togliere la plastica dalla malga in tre anni."
    return {"sintesi": text, "ambiti": ["A2"], "relazione": report.id, "partner": rows}


def begun(house: House, *, filed: bool = False) -> str:
    """Start a case of Ada's and bring it to her second form, or, `filed`, to the office; give its number."""
    case = cases.start(house, "contributo", trial.ada)
    tasks.complete(house, f"{case.id}/1", chi, trial.ada)
    if filed:
        tasks.complete(house, f"{case.id}/2", domanda(house, case.id), trial.ada)
    return case.id


def violations(page: Page) -> list[str]:
    """Give what axe finds against WCAG 2.1 AA and its best practices."""
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, { runOnly: rules })", axe_rules)
    return [f"{v['id']}: {v['help']} {[n['target'] for n in v['nodes']][:3]}" for v in found["violations"]]


def too_wide(page: Page) -> bool:
    """Tell whether the page scrolls sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def tick(page: Page, label: str) -> None:
    """Tick a box or choose an option by what is written beside it, as people do."""
    page.locator("label", has_text=label).first.click()
