"""Blind sheets: what one person gave changes nothing that another can read, before the last sheet is in.

The same story is played in two houses in which one member scores otherwise. Everybody then reads every page they can get
to: the two houses must not differ by one character, in what they show, how much of it, or whether it is there at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.config import Settings
from app.domain.errors import NotAllowed, NotFound
from app.handling import load_handlers
from app.services import cases, decided, documents, drafts, history, submitted, tasks
from app.services.house import House
from app.store.blobs import BlobStore
from app.store.clock import FixedClock
from app.store.copies import copy_of
from app.store.postgres import EmbeddedServer
from app.testing.actors import read_cast
from app.testing.faults import Faults
from app.testing.player import prepare
from app.testing.steps import Stage
from app.testing.stories import Step, read_story
from app.web.site import create_site

root = Path(__file__).parents[2]
STORY = read_story(root / "processes/f1_istruttoria/scenarios/valutata.toml", "f1_istruttoria")
GIVEN = STORY.data["valutazioni"]["novacera"]["schede"]
CAST = read_cast(root)
MEMBERS = ("sara", "luca", "elena")
READERS = ("luca", "hugo", "marta", "ada")
"""A member, an officer, the auditor, the lead: the others of the cast have the rights of one of these, or fewer."""

MOST = 25


@dataclass
class Told:
    """A house in which one member has handed in, and two have not."""

    stage: Stage
    client: FlaskClient
    words: str

    @property
    def house(self) -> House:
        return self.stage.house

    def task(self, whose: str) -> str:
        """Give the id of somebody's sheet."""
        found = cases.view(self.house, self.stage.last, _system()).tasks
        return next(t.id for t in found if t.element == "UT_scheda" and whose in (t.assignee, t.completed_by))

    def complete(self, whose: str, values: Any) -> None:
        """Hand in somebody's sheet."""
        where = {"by": whose, "values": values, "of": f'posto.utente = "{whose}"'}
        self.stage.take(Step("blind", 1, "complete", "UT_scheda", where))

    def pages(self, reader: str) -> dict[str, str]:
        """Read every page that somebody can get to, as they stand without what is new on each request."""
        client = create_site(self.house)
        client.config.update(WTF_CSRF_ENABLED=False)
        browser = client.test_client()
        browser.post("/login", data={"login": reader, "password": CAST.password})
        case = self.stage.last
        todo = ["/", "/portal", "/desk", "/cases", f"/cases?q={case}", f"/cases/{case}", f"/portal/{case}"]
        todo += [
            f"/cases/{case}/{name}" for name in ("history", "diagram", "documents", "decisions", "tasks")
        ]
        number = max(int(t.id.rpartition("/")[2]) for t in cases.view(self.house, case, _system()).tasks)
        todo += [f"/tasks/{case}/{n}" for n in range(number - 4, number + 2)]
        seen: dict[str, str] = {}
        while todo and len(seen) < MOST:
            path = todo.pop(0)
            if path in seen:
                continue
            answer = browser.get(path)
            seen[path] = (
                f"{answer.status_code}\n{_plain(answer.text) if answer.mimetype.startswith('text') else ''}"
            )
            todo += [link for link in re.findall(r'href="(/[^"#]*)"', answer.text) if _wanted(link, case)]
        return seen


def _system() -> Any:
    from app.domain.actors import system

    return system


def _wanted(link: str, case: str) -> bool:
    """Follow what leads on within the case, and not to files or out."""
    path = link.replace("&amp;", "&")
    return case in path and not path.startswith(("/static", "/logout")) and "seq=" not in path


def _plain(page: str) -> str:
    page = re.sub(r'(name="(csrf_token|_key|_base|_loaded)" value=")[^"]*', r"\1", page)
    return re.sub(r"\b[0-9a-f]{12,64}\b", "<id>", page)


def _first(one: str, other: str) -> tuple[str, str]:
    """Give where two pages begin to differ."""
    place = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return one[place - 80 : place + 80], other[place - 80 : place + 80]


@pytest.fixture(scope="module")
def two(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Told]]:
    """The two houses: in one, the first member gives least of all, in other words."""
    from contextlib import ExitStack

    with ExitStack() as held:
        yield [_told(server, tmp_path_factory.mktemp("b"), held, low=low) for low in (False, True)]


def _told(server: EmbeddedServer, home: Path, held: Any, *, low: bool) -> Told:
    settings = Settings(home=home, content=root, secret_key="of a test", demo=True)
    database = held.enter_context(copy_of(server))
    clock = FixedClock(STORY.starts.astimezone(UTC))
    house = House(settings, database, clock, BlobStore(home / "b"), Faults(load_handlers()))
    prepare(house, CAST)
    stage = Stage(house, STORY, CAST)
    for step in STORY.steps:
        if step.verb == "complete" and step.more.get("each") == "valutazioni.novacera.schede":
            break
        if "refused" not in step.more:
            stage.take(step)
    words = "Parole che nessuno deve ancora leggere, scritte per essere cercate in ogni pagina della casa."
    rows = [
        {**row, "punteggio": 1, "motivazione": words} if low else row
        for row in GIVEN[0]["scheda"]["punteggi"]
    ]
    told = Told(stage, create_site(house).test_client(), words)
    told.complete("sara", {"punteggi": rows})
    return told


@pytest.mark.parametrize(
    "reader", [*READERS[:2], *(pytest.param(one, marks=pytest.mark.long) for one in READERS[2:])]
)
def test_what_one_member_gave_changes_no_page_of_anybody_else(two: list[Told], reader: str) -> None:
    high, low = (told.pages(reader) for told in two)
    assert list(high) == list(low)
    assert {path: _first(high[path], low[path]) for path in high if high[path] != low[path]} == {}
    assert not any(two[1].words in page for page in low.values())


@pytest.mark.parametrize("reader", READERS)
def test_no_service_tells_it_either(two: list[Told], reader: str) -> None:
    told, by = two[1], CAST.people[reader]
    sheet = told.task("sara")
    if not _sees(told, by):
        return
    with pytest.raises(NotAllowed, match="once the last of its kind is in"):
        tasks.view(told.house, sheet, by)
    assert submitted.of_task(told.house, sheet, by) is None
    assert all(
        one.task.id != sheet for one in submitted.last(told.house, told.stage.last, ["frm_scheda"], by)
    )
    assert told.words not in repr(history.timeline(told.house, told.stage.last, by))


def _sees(told: Told, by: Any) -> bool:
    return cases.may_see(told.house, told.stage.last, by)


def test_nobody_takes_over_or_reads_what_another_types(two: list[Told]) -> None:
    told = two[0]
    open_sheet = told.task("elena")
    tasks.save_draft(
        told.house, open_sheet, {"punteggi": [{"codice": "G1", "punteggio": 3}]}, CAST.people["elena"]
    )
    for reader in ("luca", "sara", "hugo"):
        for verb in ("claim", "release"):
            with pytest.raises(NotAllowed):
                getattr(tasks, verb)(told.house, open_sheet, CAST.people[reader])
        with pytest.raises(NotAllowed):
            tasks.assign(told.house, open_sheet, reader, "Per leggere la bozza", CAST.people[reader])
        with pytest.raises(Exception, match="Expected"):
            drafts.kept(told.house, open_sheet, CAST.people[reader])
    with pytest.raises(NotAllowed):
        tasks.release(told.house, open_sheet, CAST.people["elena"])
    assert tasks.view(told.house, open_sheet, CAST.people["elena"]).values["punteggi"][0]["punteggio"] == 3


def test_whoever_is_replaced_does_not_know_of_the_case_any_more(two: list[Told]) -> None:
    told = two[0]
    values = {
        "sostituto": "vito",
        "qualifica": "Esperto",
        "motivo": "Scheda non consegnata nei termini",
        "atto": "Decreto dimostrativo n. 120",
    }
    told.stage.take(
        Step(
            "b",
            1,
            "send",
            "nucleo.sostituzione",
            {"by": "hugo", "values": values, "key": "FIL-2023-0001/luca"},
        )
    )
    assert not _sees(told, CAST.people["luca"])
    assert told.pages("luca")[f"/cases/{told.stage.last}"].startswith("404")
    assert _sees(told, CAST.people["vito"])
    noted = [
        m
        for m in history.timeline(told.house, told.stage.last, CAST.people["marta"])
        if m.type == "AccessRefused"
    ]
    assert [one.body["party"] for one in noted] == ["luca"]
    told.stage.take(
        Step(
            "b",
            1,
            "complete",
            "UT_scheda",
            {"by": "vito", "values": GIVEN[1]["scheda"], "of": 'posto.utente = "vito"'},
        )
    )
    told.complete("elena", GIVEN[2]["scheda"])


def test_who_comes_in_after_an_exclusion_reads_nothing_that_was_made_of_the_scores(two: list[Told]) -> None:
    told, zoe = two[0], CAST.people["zoe"]
    told.stage.take(Step("b", 1, "advance", datetime(2023, 6, 14, 10, tzinfo=UTC).replace(tzinfo=None), {}))
    session = {**STORY.data["valutazioni"]["novacera"]["seduta"], "presenti": ["sara", "vito"]}
    told.stage.take(Step("b", 1, "complete", "UT_seduta", {"by": "gaia", "values": session}))
    minutes = next(
        d
        for d in cases.view(told.house, told.stage.last, _system()).documents
        if d.name.startswith("verbale")
    )
    assert documents.read(told.house, minutes.id, CAST.people["vito"])
    assert not _reads(told, minutes.id, CAST.people["ada"])
    signed = next(
        t.id for t in cases.view(told.house, told.stage.last, _system()).tasks if t.element == "UT_firma"
    )
    assert minutes.id not in {d.id for d in tasks.view(told.house, signed, CAST.people["ada"]).documents}
    assert decided.of_case(told.house, told.stage.last, CAST.people["ada"], "it") != []
    assert "d4_divergenza" not in [
        d.id for d in decided.of_case(told.house, told.stage.last, CAST.people["ada"], "it")
    ]
    values = {
        "esce": "elena",
        "sostituto": "zoe",
        "qualifica": "Esperta",
        "motivo": "Conflitto emerso dopo la valutazione",
        "atto": "Decreto n. 9",
    }
    told.stage.take(
        Step(
            "b",
            1,
            "send",
            "nucleo.esclusione",
            {"by": "hugo", "values": values, "key": "FIL-2023-0001/nucleo"},
        )
    )
    assert _sees(told, zoe)
    assert not _reads(told, minutes.id, zoe)
    assert "d4_divergenza" not in [d.id for d in decided.of_case(told.house, told.stage.last, zoe, "it")]
    assert not any(
        "81.00" in page or "81,00" in page or "77,33" in page for page in told.pages("zoe").values()
    )


def _reads(told: Told, document: str, by: Any) -> bool:
    try:
        documents.read(told.house, document, by)
    except NotFound:
        return False
    return True


def test_when_the_last_sheet_is_in_all_of_them_can_be_read(two: list[Told]) -> None:
    told = two[1]
    for number, member in enumerate(MEMBERS[1:], 1):
        told.complete(member, GIVEN[number]["scheda"])
    assert told.words in repr(submitted.of_task(told.house, told.task("sara"), CAST.people["luca"]))
    assert told.words in repr(history.timeline(told.house, told.stage.last, CAST.people["marta"]))
