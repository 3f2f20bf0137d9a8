"""The last minute before a deadline: 500 partners at their links and 200 leads who file, against a served house.

Two web processes and a worker on an embedded PostgreSQL, as `pratica serve` starts them; signatures are real (the
demonstration's authority). Everything is prepared through the services; what is measured goes over HTTP. All partners
open their links at the same moment; the leads come one after the other over the last minute, whether or not those before
have been answered, and the house's clock ticks: the window closes while the last are sending. Nothing may be answered with a 500, every
filing must be found as it was answered, each legal instant must be that of the signature and lie before its registration,
and the instants of the protocol must rise with its numbers.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookiejar import CookieJar
from itertools import pairwise
from pathlib import Path
from statistics import quantiles
from typing import Any

from app.config import Settings, content_directory
from app.domain.actors import system
from app.domain.events import TaskCompleted
from app.services import cases, definitions, invitations, people
from app.services.house import House
from app.serving import opened
from app.testing.actors import read_cast
from app.testing.clock import settle
from app.testing.steps import Stage
from app.testing.stories import Step, Story, read_story

PARTNERS, FILED, LAST = 500, 200, 60.0
SESSIONS = 24
PORT, PASSWORD = 18_931, "a password for the benchmark"


@dataclass
class Load:
    """How much is asked: so many partners at once, and so many filings over the `last` seconds."""

    partners: int = PARTNERS
    filed: int = FILED
    last: float = LAST


@dataclass
class Answers:
    """What the web answered: seconds and status of each request."""

    seconds: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def p95(self) -> float:
        """Give the 95th percentile in milliseconds."""
        return round(quantiles(self.seconds, n=20)[-1] * 1000, 1)


class Browser:
    """A browser without scripts: cookies, the token of its page, forms."""

    def __init__(self, answers: Answers) -> None:
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener, self.answers = urllib.request.build_opener(jar, Kept()), answers

    def get(self, path: str) -> str:
        """Get a page."""
        return self._ask(urllib.request.Request(f"http://127.0.0.1:{PORT}{path}"))

    def post(self, path: str, page: str, fields: list[tuple[str, str]]) -> str:
        """Post a form with the token of the page that it stood on."""
        hidden = re.findall(r'<input type="hidden" name="(csrf_token|_key|_base)" value="([^"]*)"', page)
        body = urllib.parse.urlencode([*((n, v.replace("&#34;", '"')) for n, v in hidden), *fields]).encode()
        return self._ask(urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", body))

    def _ask(self, request: urllib.request.Request) -> str:
        begin = time.perf_counter()
        with self.opener.open(request, timeout=600) as answer:
            text = str(answer.read().decode())
            self.answers.statuses.append(answer.status)
        self.answers.seconds.append(time.perf_counter() - begin)
        return text


class Kept(urllib.request.HTTPErrorProcessor):
    """Lets refusals through as answers, and follows redirects."""

    def http_response(self, request: Any, response: Any) -> Any:
        """Give an answer as it is, unless it leads elsewhere."""
        if response.status in (302, 303):
            return super().http_response(request, response)
        return response


def run(load: Load | None = None) -> Iterator[dict[str, Any]]:
    """Give the rows: answers with a 500, lost filings, instants out of order, and how long people waited."""
    wanted = load or Load()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(
            home=home, content=content_directory(), demo=True, secret_key="of a benchmark", port=PORT
        )
        with opened(settings) as house:
            yield from Deadline(house, wanted).measured()


class Deadline:
    """One run: a call with its partnerships, the crowd, and what is found afterwards."""

    def __init__(self, house: House, load: Load) -> None:
        self.house, self.load = house, load
        self.data = read_story(
            house.settings.content / "processes/f1_presentazione/scenarios/pronta.toml", "f1_presentazione"
        ).data
        self.cast = read_cast(house.settings.content)
        self.stage = Stage(
            house, Story("b", "b", "b", house.clock.now(), (), self.data, Path("none")), self.cast
        )

    def measured(self) -> Iterator[dict[str, Any]]:
        """Prepare, let the crowd in, and look."""
        self.open_the_call()
        waiting = [self.partnership(None) for _ in range(-(-self.load.partners // 10))]
        ready = [self.partnership(["99000240152"]) for _ in range(self.load.filed)]
        with self.served():
            partners, leads = Answers(), Answers()
            links = [link for case in waiting for link in self.links(case)][: self.load.partners]
            self.crowd(links, lambda link: self.sign(link, partners))
            logged = [self.log_in(leads) for _ in range(min(SESSIONS, self.load.filed))]
            leads.seconds.clear()
            self.house.clock.advance(
                self.closing - timedelta(seconds=self.load.last) - self.house.clock.now()
            )
            pairs = [(case, logged[n % len(logged)]) for n, case in enumerate(ready)]
            told = self.crowd(pairs, lambda pair: self.file(*pair), self.load.last)
            self.wait_for_receipts(ready)
        yield from self.rows(partners, leads, dict(told), waiting, ready)

    def open_the_call(self) -> None:
        """Deploy, add people, and open an edition for small partnerships."""
        definitions.deploy_shipped(self.house, system)
        for person in ("carla", "fausto"):
            people.add(self.house, self.cast.people[person], PASSWORD)
        rules = {**self.data["edizioni"]["demo"], "min_imprese": 2}
        self.closing = rules["chiusura"]
        self.house.clock.set(rules["apertura"] - timedelta(days=1))
        self.do("start", "f1_edizione", {"as": "edizione", "by": "carla"})
        self.do("complete", "UT_definisci", {"by": "carla", "values": rules})
        self.house.clock.set(self.closing - timedelta(days=3))
        settle(self.house)

    def do(self, verb: str, about: Any, more: dict[str, Any]) -> None:
        """Take one step of a story."""
        self.stage.take(Step("deadline", 1, verb, about, more))

    def partnership(self, only: list[str] | None) -> str:
        """Prepare a proposal: invited and waiting, or with `only` these partners, signed and ready for the lead."""
        told = self.data["meccatronica"]
        proposal = dict(told["proposta"])
        if only:
            codes = [told["proposta"]["partner"][0]["cf"], *only]
            for name, key in (
                ("partner", "cf"),
                ("impegni_economici", "impresa"),
                ("cronoprogramma", "responsabile"),
            ):
                proposal[name] = [row for row in proposal[name] if row[key] in codes]
        self.count = getattr(self, "count", 0) + 1
        facts = {**told["anagrafica"], "titolo": f"Partenariato di prova {self.count}"}
        self.do("start", "f1_presentazione", {"as": "p", "under": "edizione", "by": "fausto"})
        self.do("complete", "UT_anagrafica", {"by": "fausto", "values": facts})
        self.do("complete", "UT_proposta", {"by": "fausto", "values": {**proposal, "esito": "accordo"}})
        for code in only or []:
            answer = next(a["risposta"] for a in told["adesioni"] if a["cf"] == code)
            self.do(
                "complete",
                "UT_adesione",
                {"by": "assignee", "values": answer, "of": f'partner.cf = "{code}"'},
            )
        if only:
            self.do("complete", "UT_proposta", {"by": "fausto", "values": {**proposal, "esito": "riepilogo"}})
        return self.stage.last

    def links(self, case_id: str) -> list[str]:
        """Give the links of a case's open invitations."""
        open_ones = [
            t
            for t in cases.view(self.house, case_id, system).tasks
            if t.state == "open" and t.element == "UT_adesione"
        ]
        addresses = [
            invitations.to_instance(self.house, case_id, task.instance).address for task in open_ones
        ]
        return [address.removeprefix(self.house.settings.public_url) for address in addresses]

    @contextmanager
    def served(self) -> Iterator[None]:
        """Serve the house with two web processes and a worker."""
        url = self.house.database.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
        own = {"DATABASE_URL": url, "PRATICA_HOME": str(self.house.settings.home), "PRATICA_DEMO": "1"}
        environment = {
            **os.environ,
            **own,
            "PRATICA_SECRET_KEY": self.house.settings.secret_key,
            "PORT": str(PORT),
        }
        web = f"granian --interface wsgi --factory --no-ws --log-level warning --blocking-threads 4 --workers 2 --host 127.0.0.1 --port {PORT} app.main:create_app"
        started = [
            subprocess.Popen([sys.executable, "-m", *words], env=environment, cwd=self.house.settings.content)
            for words in (web.split(), ["app.cli", "worker"])
        ]
        try:
            until(self.answers)
            yield
        finally:
            for program in started:
                program.terminate()
            for program in started:
                program.wait(30)

    def answers(self) -> bool:
        """Tell whether the web answers."""
        try:
            return "Pratica" in Browser(Answers()).get("/")
        except OSError:
            return False

    def crowd(self, whom: list[Any], act: Callable[[Any], Any], over: float = 0.0) -> list[Any]:
        """Let each act on their own: all at once, or their beginnings spread over so many seconds."""
        begin = time.monotonic()

        def in_turn(place: int, one: Any) -> Any:
            time.sleep(max(0.0, begin + over * place / len(whom) - time.monotonic()))
            return act(one)

        with ThreadPoolExecutor(len(whom)) as pool:
            return list(pool.map(in_turn, range(len(whom)), whom))

    def sign(self, link: str, answers: Answers) -> None:
        """Open a link, sign with the simulator, and send."""
        browser = Browser(answers)
        page = browser.get(link)
        name = (re.findall(r"per <strong>([^<]+)</strong>", page) or [""])[0]
        told = self.data["meccatronica"]["adesioni"]
        answer = next(a["risposta"] for a in told if a["denominazione"] == name)
        fields = list(flat({key: value for key, value in answer.items() if key != "firma"}))
        page = browser.post(link, page, [*fields, ("_sign", "firma")])
        browser.post(link, page, [*fields, ("firma", signed_in(page, "firma")), ("_do", "complete")])

    def log_in(self, answers: Answers) -> Browser:
        """Log the lead in."""
        browser = Browser(answers)
        page = browser.get("/login")
        browser.post("/login", page, [("login", "fausto"), ("password", PASSWORD)])
        return browser

    def file(self, case_id: str, browser: Browser) -> tuple[str, str]:
        """Sign and send the proposal of a case; gives its number and what the page said."""
        own = Browser(browser.answers)
        own.opener = browser.opener
        task = (
            next(
                t
                for t in cases.view(self.house, case_id, system).tasks
                if t.state == "open" and t.element == "UT_firma"
            )
            if self.is_open(case_id)
            else None
        )
        if task is None:
            return case_id, "closed"
        path = f"/tasks/{case_id}/{task.number}"
        page = own.get(path)
        given = {k: v for k, v in self.data["meccatronica"]["firma"].items() if k not in ("esito", "firma")}
        page = own.post(path, page, [*flat(given), ("_sign", "firma")])
        if not signed_in(page, "firma"):
            return case_id, "closed"
        page = own.post(
            path, page, [*flat(given), ("firma", signed_in(page, "firma")), ("_outcome", "firma")]
        )
        return case_id, "closed" if "La finestra si è chiusa" in page else "sent"

    def is_open(self, case_id: str) -> bool:
        """Tell whether the lead may still sign."""
        found = cases.view(self.house, case_id, system).tasks
        return any(t.state == "open" and t.element == "UT_firma" for t in found)

    def wait_for_receipts(self, ready: list[str]) -> None:
        """Wait until each filing has its receipt, and the window has closed on the others."""
        ends = ("in_istruttoria", "scaduta")
        until(lambda: all(cases.view(self.house, case, system).case.state in ends for case in ready))

    def rows(
        self, partners: Answers, leads: Answers, told: dict[str, str], waiting: list[str], ready: list[str]
    ) -> Iterator[dict[str, Any]]:
        """Compare what was answered with what is held."""
        filed, lost, entries = 0, 0, []
        for case_id in ready:
            case = cases.view(self.house, case_id, system).case
            instant = self.signed_at(case_id)
            in_time = instant is not None and instant <= self.closing
            filed += in_time
            lost += (told[case_id] == "sent") != (instant is not None) or in_time != (
                case.state == "in_istruttoria"
            )
            if in_time:
                entry = case.record["protocollo"]
                entries.append((entry["numero"], entry["data"], case.record["ricevuta_alle"], instant))
        entries.sort()
        falling = sum(after[1] < before[1] for before, after in pairwise(entries))
        moved = sum(legal != instant or legal > entered for _, entered, legal, instant in entries)
        signed = sum(self.adhered(case_id) for case_id in waiting)
        errors = sum(status >= 500 for status in [*partners.statuses, *leads.statuses])
        count = len(partners.seconds)
        yield row("deadline.server_errors", errors, "answers", 0, count + len(leads.seconds))
        yield row("deadline.partners_missing", self.load.partners - signed, "partners", 0, self.load.partners)
        yield row("deadline.filings_lost", lost, "filings", 0, self.load.filed)
        yield row("deadline.instants_falling", falling, "entries", 0, len(entries))
        yield row("deadline.instants_moved", moved, "entries", 0, len(entries))
        yield {
            **row("deadline.partner_page", round(sum(partners.seconds) / count * 1000, 1), "ms", None, count),
            "p95": partners.p95(),
        }
        lead = round(sum(leads.seconds) / len(leads.seconds) * 1000, 1)
        yield {
            **row("deadline.lead_page", lead, "ms", None, len(leads.seconds)),
            "p95": leads.p95(),
            "beside": {"filed_in_time": filed, "of": self.load.filed},
        }

    def signed_at(self, case_id: str) -> Any:
        """Give the recorded instant of the lead's signature, or None."""
        found = cases.view(self.house, case_id, system).tasks
        number = next((t.number for t in found if t.element == "UT_firma" and t.state == "completed"), None)
        with self.house.database.reader() as reader:
            history = reader.history(case_id)
        return next(
            (e.recorded_at for e in history if isinstance(e.event, TaskCompleted) and e.event.task == number),
            None,
        )

    def adhered(self, case_id: str) -> int:
        """Give how many partners of a case have signed."""
        found = cases.view(self.house, case_id, system).tasks
        return sum(t.element == "UT_adesione" and t.state == "completed" for t in found)


def row(name: str, value: float, unit: str, limit: float | None, n: int) -> dict[str, Any]:
    """Give a row of the benchmark."""
    return {"name": name, "value": value, "unit": unit, "limit": limit, "n": n, "p95": None, "beside": None}


def flat(values: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Give answers as the fields of a post."""
    if isinstance(values, dict):
        for key, value in values.items():
            yield from flat(value, f"{name}.{key}" if name else key)
    elif isinstance(values, list):
        yield from ((name, str(value)) for value in values)
    else:
        yield name, str(values)


def signed_in(page: str, field: str) -> str:
    """Give the id of the file that a page holds in a field, or nothing."""
    found = re.findall(rf'name="{field}" value="([0-9a-f]+)"', page)
    return str(found[-1]) if found else ""


def until(look: Callable[[], bool], seconds: float = 240) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not look():
        if time.monotonic() > end:
            raise TimeoutError("Expected the house to come to rest, but it did not.")
        time.sleep(0.2)
