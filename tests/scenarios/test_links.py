"""Personal links, over HTTP without a browser: what opens, for whom, how long, and what one may see behind it."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html

from app.config import Settings
from app.domain.actors import system
from app.domain.errors import NotAllowed, NotFound
from app.handling import load_handlers
from app.services import cases, documents, invitations, messages
from app.services.house import House
from app.store.blobs import BlobStore
from app.store.clock import FixedClock
from app.store.copies import copy_of
from app.store.database import Database
from app.store.postgres import EmbeddedServer
from app.testing.actors import read_cast
from app.testing.clock import settle
from app.testing.faults import Faults
from app.testing.papers import made_up
from app.testing.player import prepare
from app.testing.steps import Stage
from app.testing.stories import Step, read_story
from app.web.site import create_site
from handlers.canonical import ROME

root = Path(__file__).parents[2]
STORY = read_story(root / "processes/f1_presentazione/scenarios/pronta.toml", "f1_presentazione")
ONE, OTHER = "99000020158", "99000030173"
REFUSAL = {"decisione": "rifiuta", "motivo": "Non abbiamo le persone per questo"}


@dataclass
class Invited:
    """A house in which fourteen partners are invited, and the site that serves it."""

    house: House
    stage: Stage
    client: FlaskClient

    @property
    def case(self) -> str:
        """The number of the proposal."""
        return self.stage.last

    def link(self, code: str) -> str:
        """Give the newest link of a partner."""
        told = [json.loads(p.read_text()) for p in (self.house.ledger / "pec").glob("[!.]*.json")]
        mail = next(p["pec"] for p in STORY.data["novacera"]["proposta"]["partner"] if p["cf"] == code)
        found = [one["collegamento"] for one in told if one["a"] == mail]
        paths = [link.removeprefix(self.house.settings.public_url) for link in found]
        return max(paths, key=lambda path: int(path.split("/")[3]))

    def post(self, link: str, values: dict[str, Any], verb: str = "complete") -> Any:
        """Send an answer from the page as it stands."""
        page = self.client.get(link).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        return self.client.post(link, data={"csrf_token": token[1] if token else "", "_do": verb, **values})

    def do(self, verb: str, about: Any, **more: Any) -> None:
        """Take a step of a story."""
        self.stage.take(Step("links", 1, verb, about, more))


@dataclass
class Played:
    """What was played once: a database that nobody is in, a home, the time, and the stage as it was left."""

    database: str
    home: Path
    at: datetime
    stage: Stage


@pytest.fixture(scope="session")
def invited_once(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The story until partners are asked, played once: each test begins with a copy of what it left."""
    home, cast = tmp_path_factory.mktemp("invited"), read_cast(root)
    with copy_of(server) as database:
        house = house_at(home, database, STORY.starts.astimezone(UTC))
        prepare(house, cast)
        stage = Stage(house, STORY, cast)
        for step in STORY.steps:
            if step.verb == "complete" and step.about == "UT_adesione":
                break
            stage.take(step)
        database.close()
        yield Played(str(database.engine.url.database), home, house.clock.now(), stage)


def house_at(home: Path, database: Database, now: datetime) -> House:
    """Put a demonstration's house together whose clock stands."""
    settings = Settings(home=home, content=root, secret_key="of a test", demo=True)
    return House(settings, database, FixedClock(now), BlobStore(home / "b"), Faults(load_handlers()))


@pytest.fixture
def invited(server: EmbeddedServer, tmp_path: Path, invited_once: Played) -> Iterator[Invited]:
    shutil.copytree(invited_once.home, tmp_path, dirs_exist_ok=True)
    with copy_of(server, invited_once.database) as database:
        house = house_at(tmp_path, database, invited_once.at)
        stage = Stage(house, STORY, read_cast(root))
        stage.go_on_from(invited_once.stage)
        yield Invited(house, stage, create_site(house).test_client())


def test_a_link_opens_one_task_without_an_account_and_tells_nobody(invited: Invited) -> None:
    answer = invited.client.get(invited.link(ONE))
    assert answer.status_code == 200
    assert "Imballaggi Fantasia S.p.A." in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert invited.client.get("/portal").status_code == 303


def test_a_guessed_link_opens_nothing_and_guessing_is_stopped_while_genuine_links_stay_open(
    invited: Invited,
) -> None:
    link = invited.link(ONE)
    wrong = link[:-1] + ("A" if link[-1] != "A" else "B")
    seen = [invited.client.get(wrong).status_code for _ in range(31)]
    assert seen == [404] * 30 + [429]
    assert invited.client.get(link).status_code == 200
    swapped = link.replace(link.split("/")[3], invited.link(OTHER).split("/")[3], 1)
    assert invited.client.get(swapped).status_code in (404, 429)


def test_a_link_serves_for_one_answer(invited: Invited) -> None:
    link = invited.link(ONE)
    assert invited.post(link, REFUSAL).status_code == 303
    again = invited.client.get(link)
    assert "Hai risposto il" in again.text
    assert REFUSAL["motivo"] in again.text
    late = invited.client.post(link, data={"_do": "complete", **REFUSAL})
    assert late.status_code in (400, 409)
    done = [t for t in cases.view(invited.house, invited.case, system).tasks if t.state == "completed"]
    assert len([t for t in done if t.element == "UT_adesione"]) == 1


def test_an_answer_without_a_reason_stays_on_the_page(invited: Invited) -> None:
    answer = invited.post(invited.link(ONE), {"decisione": "rifiuta", "motivo": "no"})
    assert answer.status_code == 422
    assert ">\nno</textarea>" in answer.text


def test_a_revoked_link_and_a_superseded_one_say_why_and_keep_what_is_typed(invited: Invited) -> None:
    link = invited.link(ONE)
    reason = {"motivo": "Un altro partner prende il suo posto"}
    invited.do("send", "revoca_invito", key=f"{invited.case}/{ONE}", by="ada", values=reason)
    assert "Il capofila ha revocato l&#39;invito" in invited.client.get(link).text
    other = invited.link(OTHER)
    page = invited.client.get(other).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    invited.do("complete", "UT_proposta", by="ada", values=dearer())
    late = invited.client.post(
        other, data={"csrf_token": token[1] if token else "", "_do": "complete", **REFUSAL}
    )
    assert late.status_code == 409
    assert "questo invito non vale più" in late.text
    assert REFUSAL["motivo"] in late.text
    assert invited.link(OTHER) != other


def dearer() -> dict[str, Any]:
    """Give the hub's answers with one amount changed."""
    proposal = dict(STORY.data["novacera"]["proposta"], esito="accordo")
    first, *rest = proposal["impegni_economici"]
    return {**proposal, "impegni_economici": [{**first, "importo": first["importo"] + 1}, *rest]}


def test_the_window_closes_while_a_partner_has_the_page_open(invited: Invited) -> None:
    link = invited.link(ONE)
    page = invited.client.get(link).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    invited.do("advance", STORY.data["edizioni"]["demo"]["chiusura"])
    late = invited.client.post(
        link, data={"csrf_token": token[1] if token else "", "_do": "complete", **REFUSAL}
    )
    assert late.status_code == 409
    assert REFUSAL["motivo"] in late.text


def test_behind_a_link_there_are_its_own_documents_alone(invited: Invited) -> None:
    link = invited.link(ONE)
    held = {d.name: d.id for d in cases.view(invited.house, invited.case, system).documents}
    agreed = next(id_ for name, id_ in held.items() if name.startswith("accordo"))
    paper = next(id_ for name, id_ in held.items() if name == "relazione.pdf")
    assert invited.client.get(f"{link}/documents/{agreed}").status_code == 200
    assert invited.client.get(f"{link}/documents/{paper}").status_code == 404


def test_no_secret_of_a_link_is_in_the_history(invited: Invited) -> None:
    secret = invited.link(ONE).rpartition("/")[2]
    with invited.house.database.reader() as reader:
        history = reader.history(invited.case)
    assert secret not in str(history)
    number = int(invited.link(ONE).split("/")[3])
    assert secret == invitations.token(invited.house, invited.case, number)


def test_what_a_partner_uploaded_and_has_not_sent_is_theirs_alone(invited: Invited) -> None:
    link, ada = invited.link(ONE), read_cast(root).people["ada"]
    page = invited.client.get(link).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    data = {
        "csrf_token": token[1] if token else "",
        "_file.procura": (BytesIO(made_up("procura.pdf")), "procura.pdf"),
    }
    stored = invited.client.post(f"{link}/file", data=data, content_type="multipart/form-data").json[
        "documents"
    ]
    assert invited.client.get(f"{link}/documents/{stored[0]}").status_code == 200
    assert "procura.pdf" not in {d.name for d in cases.view(invited.house, invited.case, ada).documents}
    with pytest.raises(NotFound):
        documents.read(invited.house, stored[0], ada)


def log_in(client: FlaskClient, person: str) -> None:
    """Log a person of the demonstration in."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    given = {"csrf_token": token[1] if token else "", "login": person, "password": read_cast(root).password}
    assert client.post("/login", data=given).status_code == 303


def test_a_summary_that_is_refused_with_findings_says_so_and_is_not_called_completed(
    invited: Invited,
) -> None:
    asked, data = {**STORY.data["novacera"]["proposta"], "esito": "anagrafica"}, STORY.data["novacera"]
    invited.do("complete", "UT_proposta", by="ada", values=asked)
    invited.do("complete", "UT_anagrafica", by="ada", values=data["anagrafica"])
    client = invited.client
    log_in(client, "ada")
    case = cases.view(invited.house, invited.case, system)
    hub = next(t for t in case.tasks if t.state == "open" and t.element == "UT_proposta")
    page = client.get(f"/tasks/{hub.case_id}/{hub.number}").text
    answer = client.post(f"/tasks/{hub.case_id}/{hub.number}", data=posted(page))
    told = client.get(answer.headers["Location"]).text
    assert "e di nuovo aperta (Completa? rilievi da sanare)" in told
    assert "completata il" not in told


def posted(page: str) -> dict[str, Any]:
    """Give what a browser would post of a page's form with its last button."""
    (form,) = [f for f in html.fromstring(page).forms if f.get("id") == "form"]
    return {**dict(form.form_values()), "_do": "complete", "esito": "riepilogo"}


def test_files_of_one_name_are_told_apart_by_whom_they_come_from(invited: Invited) -> None:
    novacera = STORY.data["novacera"]
    two = [a for a in novacera["adesioni"] if a["cf"] in (ONE, OTHER)]
    for one in two:
        of = f'partner.cf = "{one["cf"]}"'
        invited.do("complete", "UT_adesione", of=of, by="assignee", values=one["risposta"])
    log_in(invited.client, "ada")
    page = " ".join(
        html.fromstring(invited.client.get(f"/portal/cases/{invited.case}").text).text_content().split()
    )
    for one in two:
        assert re.search(rf"accordo-\S+\.p7m [^·]+· [^·]+ · {re.escape(one['denominazione'])}", page), page


def letters(invited: Invited) -> list[dict[str, Any]]:
    """Give what was sent to partners."""
    return [json.loads(p.read_text()) for p in (invited.house.ledger / "pec").glob("[!.]*.json")]


def test_a_reminder_asked_for_twice_before_the_first_has_left_is_one(invited: Invited) -> None:
    ada, before = read_cast(root).people["ada"], len(letters(invited))
    key = f"{invited.case}/{ONE}"
    messages.send(invited.house, invited.case, "sollecita_invito", {}, ada, key)
    with pytest.raises(NotAllowed):
        messages.send(invited.house, invited.case, "sollecita_invito", {}, ada, key)
    settle(invited.house)
    assert len(letters(invited)) == before + 1


def test_no_letter_promises_an_answer_after_the_window_closes(invited: Invited) -> None:
    invited.do("advance", datetime(2023, 12, 28, 9, tzinfo=UTC))
    before = {one["ricevuta"] for one in letters(invited)}
    invited.do("complete", "UT_proposta", by="ada", values=dearer())
    late = [one["testo"] for one in letters(invited) if one["ricevuta"] not in before]
    assert len(late) == len(STORY.data["novacera"]["adesioni"])
    case = cases.view(invited.house, invited.case, system)
    due = {t.due for t in case.tasks if t.state == "open" and t.element == "UT_adesione"}
    assert due == {STORY.data["edizioni"]["demo"]["chiusura"].replace(tzinfo=ROME)}
    assert all("31/12/2023" in text for text in late)


@pytest.mark.parametrize("tail", ["", "/account", "/documents/x", "/messages/x"])
def test_an_address_that_the_database_cannot_hold_is_not_found(invited: Invited, tail: str) -> None:
    secret = invited.link(ONE).rpartition("/")[2]
    log_in(invited.client, "bruno")
    for case in ("FIL%00", invited.case):
        for number in ("1", "2147483648"):
            if (case, number) != (invited.case, "1"):
                for door in (
                    f"/portal/invitations/{case}/{number}",
                    f"/invitations/{case}/{number}/{secret}",
                ):
                    assert invited.client.get(door + tail).status_code == 404
    beyond = f"/cases/{invited.case}/instances/2147483648/diagram.bpmn"
    assert invited.client.get(beyond).status_code == 404


def uploaded(invited: Invited, link: str) -> str:
    """Store the same proxy by a link, and give the document that the page names."""
    page = invited.client.get(link).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    paper = (BytesIO(made_up("procura.pdf")), "procura.pdf")
    data = {"csrf_token": token[1] if token else "", "_file.procura": paper}
    answer = invited.client.post(f"{link}/file", data=data, content_type="multipart/form-data")
    return str(answer.json["documents"][0])


def test_two_partners_who_bring_the_same_file_each_read_their_own(invited: Invited) -> None:
    links = (invited.link(ONE), invited.link(OTHER))
    stored = [uploaded(invited, link) for link in links]
    assert stored[0] != stored[1]
    for link, own, foreign in zip(links, stored, reversed(stored), strict=True):
        assert invited.client.get(f"{link}/documents/{own}").status_code == 200
        assert invited.client.get(f"{link}/documents/{foreign}").status_code == 404
        assert uploaded(invited, link) == own


def test_a_post_that_comes_twice_is_answered_as_the_first_time(invited: Invited) -> None:
    """A person clicks twice, or the answer got lost on its way: what worked is not told as a failure."""
    link = invited.link(ONE)
    answer = {**hidden(invited.client.get(link).text), "_do": "complete", **REFUSAL}
    seen = [invited.client.post(link, data=answer) for _ in range(2)]
    assert [(one.status_code, one.location) for one in seen] == [(303, link), (303, link)]
    changed = invited.client.post(link, data={**answer, "motivo": "Un altro motivo, scritto dopo"})
    assert changed.status_code == 409
    assert "Un altro motivo, scritto dopo" in changed.text
    other, signed = (
        invited.link(OTHER),
        next(a for a in STORY.data["novacera"]["adesioni"] if a["cf"] == OTHER),
    )
    of = f'partner.cf = "{OTHER}"'
    invited.do("complete", "UT_adesione", of=of, by="assignee", values=signed["risposta"])
    ask = f"{other}/messages/recesso_adesione"
    left = {**hidden(invited.client.get(ask).text), "motivo": "Non vogliamo aderire più"}
    seen = [invited.client.post(ask, data=left) for _ in range(2)]
    assert [(one.status_code, one.location) for one in seen] == [(303, other), (303, other)]
    again = invited.client.post(ask, data={**left, "_key": "another"})
    assert again.status_code == 403


def hidden(page: str) -> dict[str, Any]:
    """Give what a page's form posts beside what is typed: the token, the key of the post, what the page had loaded."""
    forms = [form for form in html.fromstring(page).forms if "_key" in form.fields]
    return {
        name: value for name, value in forms[-1].form_values() if name.startswith("_") or name == "csrf_token"
    }


def test_a_signer_whose_signature_does_not_count_any_more_reads_it(invited: Invited) -> None:
    links = [invited.link(ONE), invited.link(OTHER)]
    for code in (ONE, OTHER):
        signed = next(a for a in STORY.data["novacera"]["adesioni"] if a["cf"] == code)
        of = f'partner.cf = "{code}"'
        invited.do("complete", "UT_adesione", of=of, by="assignee", values=signed["risposta"])
    assert not any("dopo la tua risposta" in invited.client.get(link).text for link in links)
    reason = {"motivo": "Un altro partner prende il suo posto"}
    invited.do("send", "revoca_invito", key=f"{invited.case}/{ONE}", by="ada", values=reason)
    invited.do("complete", "UT_proposta", by="ada", values=dearer())
    pages = [invited.client.get(link).text for link in links]
    assert all("Che cosa è successo dopo la tua risposta" in page for page in pages)
    assert "Il capofila ha revocato l&#39;invito il" in pages[0]
    assert "questo invito non vale più" in pages[1]


def test_who_was_invited_reads_the_state_of_the_proposal_as_such(invited: Invited) -> None:
    for one in STORY.data["novacera"]["adesioni"]:
        of = f'partner.cf = "{one["cf"]}"'
        invited.do("complete", "UT_adesione", of=of, by="assignee", values=one["risposta"])
    ready = {**STORY.data["novacera"]["proposta"], "esito": "riepilogo"}
    invited.do("complete", "UT_proposta", by="ada", values=ready)
    page = invited.client.get(invited.link(ONE)).text
    assert "manca la tua firma" not in page
    assert "manca la firma del capofila" in page
