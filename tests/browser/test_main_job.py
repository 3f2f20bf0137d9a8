"""The main job, as people do it: a lead files a proposal with fifteen partners, the office decides, the list goes out."""

import json
import os
import re
import time
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from app.domain.actors import system
from app.services import cases, definitions, documents, replay, tasks
from app.store.clock import HouseClock
from app.store.database import Database
from app.testing.actors import read_cast
from app.testing.papers import paper
from app.testing.steps import Stage
from app.testing.stories import Step, Story, read_story
from tests.browser import live, partners
from tests.browser.live import violations

pytestmark = pytest.mark.browser
cast = read_cast(live.root)
rome = ZoneInfo("Europe/Rome")
told = live.root / "processes"


def data(process: str, name: str) -> dict[str, Any]:
    return tomllib.loads(
        (told / process / "scenarios" / "data" / f"{name}.toml").read_text(), parse_float=Decimal
    )


novacera = data("f1_presentazione", "novacera")
meccatronica = data("f1_presentazione", "meccatronica")
silent = "99000290140"
DATA = read_story(told / "f1_adesione/scenarios/silenzio.toml", "f1_adesione").data


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=rome).astimezone(UTC)  # type: ignore[misc]


def until(look: Callable[[], Any], seconds: float = 30) -> Any:
    """Wait for what the worker is to do, and give what is seen then."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < end, "Expected the worker to have done it, but it has not."
        time.sleep(0.1)
    return seen


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[Any]:
    """A house on 8 May 2023 with the shipped processes, its people, a worker, and a call that is open."""
    clock = HouseClock(database, demo=True)
    clock.set(at(2022, 3, 1, 10))
    made = live.house_on(database, tmp_path, clock, list(cast.people.values()))
    definitions.deploy_shipped(made, system)
    with live.working(made):
        carla = cast.people["carla"]
        edition = cases.start(made, "f1_edizione", carla)
        values = data("f1_edizione", "edizioni")["demo"]
        local = {key: v.replace(tzinfo=rome) if isinstance(v, datetime) else v for key, v in values.items()}
        tasks.complete(made, f"{edition.id}/1", local, carla)
        clock.set(at(2022, 3, 14, 9))
        until(lambda: cases.startable(made, cast.people["ada"]))
        clock.set(at(2023, 5, 8, 11, 30))
        yield made


@pytest.fixture
def address(house: Any) -> Iterator[str]:
    with live.served(house) as served:
        yield served.address


class Typist:
    """Types values into a form by the names of its fields, as a person would from top to bottom."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def fill(self, values: Any, name: str = "") -> None:
        if isinstance(values, dict):
            for key, value in values.items():
                self.fill(value, f"{name}.{key}" if name else key)
        elif isinstance(values, list) and values and isinstance(values[0], dict):
            self.rows(values, name)
        else:
            self.one(values, name)

    def rows(self, rows: list[dict[str, Any]], name: str) -> None:
        for number, row in enumerate(rows):
            if not self.page.locator(f'[name="{name}.{number}._row"]').count():
                self.page.locator(f'[name=_add][value="{name}"]').click()
                self.page.locator(f'[name="{name}.{number}._row"]').wait_for(state="attached")
            self.fill(row, f"{name}.{number}")

    def one(self, value: Any, name: str) -> None:
        field = self.page.locator(f'#form [name="{name}"]:not([type=hidden]), #form [name="_file.{name}"]')
        if value in (None, "", []) or (value is False and field.first.get_attribute("type") == "checkbox"):
            return
        field.first.wait_for(state="attached")
        kind = field.first.evaluate("field => field.type")
        if isinstance(value, str) and value.startswith("file:"):
            self.upload(value.removeprefix("file:"), name, field)
        elif kind in {"radio", "checkbox"}:
            for chosen in (
                value if isinstance(value, list) else [str(value).lower() if value is True else value]
            ):
                box = self.page.locator(f'#form [name="{name}"][value="{chosen}"]')
                self.page.locator(f'label[for="{box.get_attribute("id")}"]').click()
        elif kind.startswith("select"):
            field.first.select_option(str(value))
        else:
            field.first.fill(str(value).replace(".", ",") if isinstance(value, Decimal) else str(value))

    def upload(self, file: str, name: str, field: Any) -> None:
        body = paper(told / "f1_presentazione" / "scenarios" / "files", file)
        field.first.set_input_files({"name": file, "mimeType": "application/octet-stream", "buffer": body})
        self.page.locator(f"#w-f-{name.replace('.', '-')} .field-files a").wait_for()

    def press(self, selector: str = ".task-buttons .btn-primary") -> None:
        """Press a button and wait for the page it leads to."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()

    def step(self, label: str) -> None:
        """Go to a step of the form."""
        with self.page.expect_navigation():
            self.page.locator(".steps button", has_text=label).click()


def log_in(watched: Any, person: str) -> Typist:
    watched.page.context.clear_cookies()
    page = watched.open("/login")
    page.locator("input[name=login]").fill(person)
    page.locator("#password").fill(live.password)
    page.set_default_timeout(15_000)
    typist = Typist(page)
    typist.press("main button[type=submit]")
    return typist


def do_task(
    watched: Any,
    person: str,
    task: str,
    values: dict[str, Any],
    *,
    shot: str = "",
    term: str = "",
    sign: bool = False,
) -> str:
    """Find a task on a person's desk, claim it, fill it, sign what it asks and complete it; gives the case's number."""
    typist = log_in(watched, person)
    watched.open("/desk")
    if shot:
        watched.shot(f"{shot}-desk")
    typist.press(f'tbody th a:has-text("{task}")')
    if watched.page.locator(".task-free button").count():
        typist.press(".task-free button")
    case_id = str(watched.page.url.split("/")[-2])
    typist.fill(values)
    if sign:
        typist.press("button[name=_sign]")
    if term:
        watched.page.locator(".task-due summary").click()
        assert re.search(term, watched.page.inner_text(".task-due table"), re.DOTALL)
    if shot:
        watched.shot(f"{shot}-task")
        assert violations(watched.page) == []
    typist.press()
    assert watched.page.locator("#problems").count() == 0, watched.page.inner_text("#problems")
    return case_id


def make_the_agreement(typist: Typist) -> None:
    """Go to the last step and let the agreement be made and sent."""
    typist.step("Riepilogo")
    typist.press('.task-buttons [value="accordo"]')
    assert typist.page.locator("#problems").count() == 0, typist.page.inner_text("#problems")


def board(typist: Typist) -> list[tuple[str, str]]:
    """Read the partners' board: the state of each partner, and all that its row says."""
    typist.step("Accordo")
    rows = typist.page.locator(".board tbody tr")
    return [(row.locator(".pr-badge").inner_text(), row.inner_text()) for row in rows.all()]


def everybody_signs(watched: Any, house: Any, case_id: str, codes: list[str]) -> None:
    """Let partners open the last link they received, and sign."""
    mail = {p["cf"]: p["pec"] for p in novacera["proposta"]["partner"]}
    for number, one in enumerate(a for a in novacera["adesioni"] if a["cf"] in codes):
        (*_, link) = until(lambda one=one: partners.letters(house, case_id, mail[one["cf"]]))
        with partners.at_link(watched, link) as own:
            if number == 0:
                own.shot("main-4c-invito")
                assert violations(own.page) == []
            partners.sign(Typist(own.page), one["risposta"])
            assert "Hai risposto" in own.page.inner_text("main")


def sign_and_send(watched: Any, typist: Typist, proposal: dict[str, Any]) -> None:
    page = typist.page
    typist.step("Dossier")
    ambiti = proposal.pop("ambiti")
    typist.fill({"ambiti": ambiti, **proposal})
    watched.shot("main-5-dossier")
    page.locator(".steps button").last.click()
    expect(page.locator(".steps .steps-done")).to_have_count(4)
    watched.shot("main-6-riepilogo")
    typist.press()
    expect(page.locator(".task-buttons .btn-primary")).to_have_text("Firma e invia")
    assert page.locator('[name="esito"]').count() == 0
    page.locator(".recalled summary", has_text="La proposta").click()
    expect(page.locator(".recalled")).to_contain_text("Banca o assicurazione")
    assert "nessun rilievo" in page.inner_text("#fields")
    typist.fill({key: value for key, value in novacera["firma"].items() if key not in ("esito", "firma")})
    typist.press("button[name=_sign]")
    watched.shot("main-7-firma")
    assert violations(page) == []
    typist.press()
    assert page.locator("#problems").count() == 0, page.inner_text("#problems")


def the_others_sign(house: Any, case_id: str, codes: list[str]) -> None:
    """Let partners sign without a browser: it takes five seconds each (PRATICA_SHOTS=1 lets everybody use one)."""
    story = Story("f1_presentazione", "others", "others", at(2023, 5, 8), (), DATA, live.root / "none")
    stage = Stage(house, story, cast)
    stage.last = case_id
    more = {"of": "partner.cf = item.cf", "by": "assignee", "values": "item.risposta"}
    each = f"novacera.adesioni[list contains({json.dumps(codes)}, cf)]"
    with ThreadPoolExecutor(1) as beside:
        beside.submit(
            stage.take, Step("others", 1, "complete", "UT_adesione", {"each": each, **more})
        ).result()


def file_the_proposal(watched: Any, house: Any) -> str:
    typist = log_in(watched, "ada")
    page = watched.open("/portal")
    watched.shot("main-1-portal")
    typist.press(".call button")
    typist.fill(novacera["anagrafica"])
    watched.shot("main-2-anagrafica")
    typist.press()
    case_id = str(page.url.split("/")[-2])
    proposal = dict(novacera["proposta"])
    proposal.pop("esito")
    typist.step("Partner")
    typist.fill({"partner": proposal.pop("partner")})
    watched.shot("main-3-partner")
    typist.step("Accordo")
    money = [dict(row) for row in proposal.pop("impegni_economici")]
    money[1]["importo"] -= 30000
    typist.fill({"impegni_economici": money})
    make_the_agreement(typist)
    three = ["99000030173", "99000040198", "99000380156"]
    everybody = [a["cf"] for a in novacera["adesioni"]]
    every = bool(os.environ.get("PRATICA_SHOTS"))
    everybody_signs(watched, house, case_id, three if every else three[:1])
    the_others_sign(house, case_id, [] if every else three[1:])
    page.goto(page.url)
    assert [state for state, _ in board(typist)].count("Ha firmato questo testo") == 3
    watched.shot("main-4-accordo")
    assert violations(page) == []

    typist.fill({"impegni_economici": [{}, {"importo": money[1]["importo"] + 30000}]})
    make_the_agreement(typist)
    stale = [text for state, text in board(typist) if "superata" in state]
    assert len(stale) == 3
    assert all(
        "Imballaggi Fantasia S.p.A., importo: da «150.000,00» a «180.000,00»" in text for text in stale
    )
    watched.shot("main-4b-versione-due")
    in_browsers = everybody if every else three[:1]
    everybody_signs(watched, house, case_id, in_browsers)
    the_others_sign(house, case_id, [code for code in everybody if code not in in_browsers])
    page.goto(page.url)
    assert [state for state, _ in board(typist)].count("Ha firmato questo testo") == 14

    sign_and_send(watched, typist, proposal)
    return case_id


def test_a_proposal_is_filed_by_all_its_partners_in_the_browser(watched: Any, house: Any) -> None:
    case_id = file_the_proposal(watched, house)
    ada = cast.people["ada"]
    signed = next(t for t in cases.view(house, case_id, ada).tasks if t.element == "UT_firma")
    receipt = until(
        lambda: next(
            (
                d
                for d in cases.view(house, case_id, ada).documents
                if d.name.startswith("ricevuta") and d.name.endswith(".pdf")
            ),
            None,
        )
    )
    text = "".join(
        page.extract_text() for page in PdfReader(BytesIO(documents.read(house, receipt.id, ada)[1])).pages
    )
    assert f"{signed.ended_at.astimezone(rome):%d/%m/%Y, ore %H:%M:%S}" in text
    page = watched.open(f"/portal/cases/{case_id}")
    expect(page.locator(".receipts")).to_contain_text(receipt.name)
    assert f"{signed.ended_at.astimezone(rome):%d/%m/%Y %H:%M:%S}" in page.inner_text("main")
    assert violations(page) == []
    watched.shot("main-8-ricevuta")
    with page.expect_download() as download:
        page.locator(".receipts a").first.click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")

    until(lambda: any(t.element == "UT_assegna" for t in cases.view(house, case_id, ada).tasks))
    assert replay.case(house, case_id).equal
    assert watched.errors == watched.violations == watched.foreign == []


def test_a_window_that_closes_while_somebody_types_is_said_and_what_was_typed_is_kept(
    watched: Any, house: Any
) -> None:
    typist = log_in(watched, "ada")
    page = watched.open("/portal")
    typist.press(".call button")
    case_id = str(page.url.split("/")[-2])
    typist.fill(novacera["anagrafica"])
    house.clock.set(at(2023, 12, 31, 17))
    ada = cast.people["ada"]
    until(lambda: cases.view(house, case_id, ada).case.state == "scaduta")
    with page.expect_response(
        lambda answer: answer.request.method == "POST" and answer.url.endswith("/1")
    ) as told_:
        page.locator(".task-buttons .btn-primary").click()
    assert told_.value.status == 409
    page.locator("a[download]").wait_for()
    text = page.inner_text("main")
    assert "NOVACERA – imballaggi circolari" in text
    assert novacera["anagrafica"]["abstract"] in text
    assert "La finestra si è chiusa il 31/12/2023 alle 17:00:00: la firma non era ancora arrivata" in text
    watched.shot("main-15-finestra-chiusa")
    assert violations(page) == []


def nine_have_signed(house: Any) -> str:
    """Let the lead invite ten partners, and nine of them sign on the first day."""
    story = Story("f1_presentazione", "nine", "nine", at(2023, 5, 8), (), DATA, live.root / "none")
    stage = Stage(house, story, cast)
    edition = cases.startable(house, cast.people["fausto"])[0].under
    stage.named["edizione"] = edition.id if edition else ""
    steps: list[tuple[str, str, dict[str, Any]]] = [
        ("start", "f1_presentazione", {"as": "m", "under": "edizione", "by": "fausto"}),
        ("complete", "UT_anagrafica", {"by": "fausto", "values": "meccatronica.anagrafica"}),
        (
            "complete",
            "UT_proposta",
            {"by": "fausto", "values": 'context put(meccatronica.proposta, "esito", "accordo")'},
        ),
        (
            "complete",
            "UT_adesione",
            {
                "each": f'meccatronica.adesioni[cf != "{silent}"]',
                "of": "partner.cf = item.cf",
                "by": "assignee",
                "values": "item.risposta",
            },
        ),
    ]
    for verb, about, more in steps:
        if about == "UT_adesione":
            until(lambda: len(waiting(house, stage.last)) == 10)
        with ThreadPoolExecutor(
            1
        ) as beside:  # the browser's own loop runs in this thread, and signing needs one
            beside.submit(stage.take, Step("nine", 1, verb, about, more)).result()
    return stage.last


def waiting(house: Any, case_id: str) -> list[Any]:
    """Give the open adhesions of a case."""
    found = cases.view(house, case_id, system).tasks
    return [task for task in found if task.state == "open" and task.element == "UT_adesione"]


def test_a_silent_partner_is_invited_again_and_signs_on_the_twenty_sixth_day(
    watched: Any, house: Any
) -> None:
    house.clock.set(at(2023, 12, 1, 10))
    case_id = nine_have_signed(house)
    mail = next(p["pec"] for p in meccatronica["proposta"]["partner"] if p["cf"] == silent)
    (first,) = partners.letters(house, case_id, mail)
    house.clock.set(at(2023, 12, 21, 10, 1))
    until(lambda: not waiting(house, case_id))

    typist = log_in(watched, "fausto")
    hub = next(
        t
        for t in cases.view(house, case_id, system).tasks
        if t.state == "open" and t.element == "UT_proposta"
    )
    page = watched.open(f"/tasks/{hub.case_id}/{hub.number}")
    silent_rows = [state for state, _ in board(typist) if "risposta" in state]
    assert silent_rows == ["Nessuna risposta nel termine"]
    watched.shot("silenzio-1-tavola")
    assert violations(page) == []
    typist.step("Riepilogo")
    typist.press()
    expect(page.locator(".findings")).to_contain_text("Meno di 10 imprese")
    expect(page.locator(".findings")).to_contain_text("9 imprese lombarde hanno firmato su 10: ne manca una")
    watched.shot("silenzio-2-rifiutata")

    with partners.at_link(watched, first) as own:
        assert "L'invito è scaduto il 21/12/2023" in own.page.inner_text("main")
        own.shot("silenzio-3-scaduto")
        assert violations(own.page) == []
    make_the_agreement(typist)
    until(lambda: len(partners.letters(house, case_id, mail)) == 2)
    house.clock.set(at(2023, 12, 27, 9))
    with partners.at_link(watched, partners.letters(house, case_id, mail)[-1]) as own:
        answer = next(a["risposta"] for a in meccatronica["adesioni"] if a["cf"] == silent)
        partners.sign(Typist(own.page), answer)
    page.goto(page.url)
    assert {state.split(":")[0] for state, _ in board(typist)} == {"Ha firmato questo testo", "Capofila"}
    typist.step("Riepilogo")
    typist.press()
    expect(page.locator(".task-buttons .btn-primary")).to_have_text("Firma e invia")
