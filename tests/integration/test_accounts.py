"""Invitations under an account, over HTTP: what it gives, to whom, how long, and what an attacker gets by it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from app.domain.actors import system
from app.domain.errors import NotAllowed, NotFound
from app.domain.events import InvitationReleased, InvitationTaken, MessageReceived, TaskCompleted
from app.services import cases, keeping, projections, replay
from app.testing.actors import read_cast
from app.web.site import create_site
from tests.scenarios import test_links as links
from tests.scenarios.test_links import ONE, OTHER, REFUSAL, STORY, Invited, dearer

invited, invited_once = links.invited, links.invited_once
cast = read_cast(links.root)
BRUNO, FAUSTO = cast.people["bruno"], cast.people["fausto"]


def token_of(page: str) -> str:
    """Give the token against forgery of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    return found[1] if found else ""


class Browser:
    """A client of a house, logged in or not."""

    def __init__(self, invited: Invited, login: str = "", language: str = "it") -> None:
        self.client: FlaskClient = create_site(invited.house).test_client()
        self.client.set_cookie("language", language)
        if login:
            assert (
                self.post("/login", {"login": login, "password": cast.password}, at="/login").status_code
                == 303
            )

    def get(self, path: str) -> Any:
        """Open a page."""
        return self.client.get(path)

    def post(self, path: str, values: dict[str, Any], at: str = "/help") -> Any:
        """Post with the token of this session, as a page at `at` has it."""
        return self.client.post(path, data={"csrf_token": token_of(self.client.get(at).text), **values})

    def take(self, link: str) -> Any:
        """Confirm that the invitation of a link is to be kept."""
        return self.post(f"{link}/account", {})


def number(link: str) -> int:
    """Give the number of the instance that a link is for."""
    return int(link.split("/")[3])


def door(invited: Invited, link: str) -> str:
    """Give the address at which an account finds the invitation of a link."""
    return f"/portal/invitations/{invited.case}/{number(link)}"


def history(invited: Invited) -> list[Any]:
    """Give what is recorded of the proposal."""
    with invited.house.database.reader() as reader:
        return list(reader.history(invited.case))


def all_is_equal(invited: Invited) -> None:
    """Replay the case and rebuild its tables: both say what the history says."""
    assert replay.case(invited.house, invited.case).equal
    projections.rebuild(invited.house, invited.case)
    assert replay.case(invited.house, invited.case).equal


@pytest.fixture
def bruno(invited: Invited) -> Iterator[Browser]:
    """Bruno, who has kept the invitation of the first partner."""
    browser = Browser(invited, "bruno")
    assert browser.take(invited.link(ONE)).status_code == 303
    yield browser
    all_is_equal(invited)


def test_an_offer_leads_through_the_log_in_and_a_confirmation_to_the_portal(invited: Invited) -> None:
    link, visitor = invited.link(ONE), Browser(invited, language="en")
    page = visitor.get(link).text
    assert "Keep this under your account" in page
    assert "Log in and keep it" in page
    asked = visitor.get(f"{link}/account")
    assert (asked.status_code, asked.location) == (303, f"/login?next={link}/account")
    given = {"login": "bruno", "password": cast.password, "next": f"{link}/account"}
    assert visitor.post("/login", given, at="/login").location == f"{link}/account"
    confirm = visitor.get(f"{link}/account").text
    assert "Bruno Finti" in confirm
    assert "Imballaggi Fantasia S.p.A." in confirm
    assert not any(isinstance(e.event, InvitationTaken) for e in history(invited))
    taken = visitor.post(f"{link}/account", {})
    assert taken.location == door(invited, link)
    assert history(invited)[-1].event == InvitationTaken(number(link), "bruno")
    assert (history(invited)[-1].instance, history(invited)[-1].actor) == (None, "bruno")
    portal = visitor.get("/portal").text
    assert "Proposte a cui sei invitato" in portal
    assert "Imballaggi Fantasia S.p.A." in portal
    assert "tocca a te" in portal
    assert visitor.take(link).status_code == 303
    assert sum(isinstance(e.event, InvitationTaken) for e in history(invited)) == 1
    all_is_equal(invited)


def test_what_the_account_sends_stands_under_its_name_and_the_link_shows_it(
    invited: Invited, bruno: Browser
) -> None:
    link = invited.link(ONE)
    at = door(invited, link)
    draft = bruno.post(at, {"_do": "save", "decisione": "rifiuta", "motivo": "A metà"})
    assert draft.status_code == 303
    assert "A metà" in invited.client.get(link).text, "both doors show one draft"
    assert bruno.post(at, {"_do": "complete", **REFUSAL}).location == at
    done = next(
        e for e in history(invited) if isinstance(e.event, TaskCompleted) and e.instance == number(link)
    )
    assert done.actor == "bruno"
    assert REFUSAL["motivo"] in invited.client.get(link).text
    assert REFUSAL["motivo"] in bruno.get(at).text
    portal = bruno.get("/portal").text
    assert "Hai risposto il" in portal
    assert "Rifiuto" in portal
    assert invited.post(link, REFUSAL).status_code == 409
    ada = Browser(invited, "ada")
    assert "Bruno Finti ha completato" in ada.get(f"/cases/{invited.case}/history").text
    assert "Bruno Finti ha tenuto l’invito" in ada.get(f"/cases/{invited.case}/history").text


def test_the_link_goes_on_and_what_it_sends_is_not_the_accounts(invited: Invited, bruno: Browser) -> None:
    link = invited.link(ONE)
    assert invited.post(link, REFUSAL).status_code == 303
    done = next(
        e for e in history(invited) if isinstance(e.event, TaskCompleted) and e.instance == number(link)
    )
    assert done.actor == f"invited:{invited.case}/{number(link)}"
    assert REFUSAL["motivo"] in bruno.get(door(invited, link)).text


def test_a_withdrawal_is_sent_under_the_accounts_name(invited: Invited, bruno: Browser) -> None:
    link = invited.link(ONE)
    invited.do("complete", "UT_adesione", of=f'partner.cf = "{ONE}"', by="assignee", values=joins(ONE))
    at = door(invited, link)
    assert "Ritira l&#39;adesione" in bruno.get(at).text
    sent = bruno.post(f"{at}/messages/recesso_adesione", {"motivo": "Cambiamo mestiere"})
    assert sent.location == at
    told = bruno.get(at).text
    assert "Bruno Finti ha inviato il messaggio" in told
    assert "Ada" not in told.partition('id="course"')[2]
    left = [
        e
        for e in history(invited)
        if isinstance(e.event, MessageReceived) and e.event.name == "recesso_adesione"
    ]
    assert [e.actor for e in left] == ["bruno"]


def joins(code: str) -> str:
    """Give, as FEEL, the answer of a partner who signs."""
    return f'novacera.adesioni[cf = "{code}"][1].risposta'


def test_a_new_version_stands_in_the_portal_besides_the_letter(invited: Invited, bruno: Browser) -> None:
    old = invited.link(ONE)
    invited.do("complete", "UT_proposta", by="ada", values=dearer())
    new = invited.link(ONE)
    assert new != old
    portal = bruno.get("/portal").text
    assert f'href="{door(invited, new)}"' in portal
    assert "1 invito precedente" in portal
    assert "questo invito non vale più" in bruno.get(door(invited, old)).text
    assert bruno.post(door(invited, new), {"_do": "complete", **REFUSAL}).status_code == 303
    assert invited.client.get(new).status_code == 200
    other = Browser(invited, "fausto").take(new)
    assert other.status_code == 403
    assert "Un’altra utenza tiene questo invito" in other.text


def test_another_mailbox_is_another_invitation(invited: Invited, bruno: Browser) -> None:
    """The lead corrects a wrong mailbox: whoever read the first letter gets no second one."""
    changed = dearer()
    first, *rest = (dict(p) for p in changed["partner"])
    partners = [{**p, "pec": "giusta@pec.example"} if p["cf"] == ONE else p for p in (first, *rest)]
    invited.do("complete", "UT_proposta", by="ada", values={**changed, "partner": partners})
    numbers = [
        t.instance
        for t in cases.view(invited.house, invited.case, system).tasks
        if t.element == "UT_adesione"
    ]
    reached = [n for n in numbers if bruno.get(f"/portal/invitations/{invited.case}/{n}").status_code == 200]
    assert reached == [number(invited.link(ONE))]


def test_a_revoked_invitation_ends_there_and_another_one_is_taken_anew(
    invited: Invited, bruno: Browser
) -> None:
    old = invited.link(ONE)
    reason = {"motivo": "Un altro partner prende il suo posto"}
    invited.do("send", "revoca_invito", key=f"{invited.case}/{ONE}", by="ada", values=reason)
    assert "Il capofila ha revocato l&#39;invito" in bruno.get(door(invited, old)).text
    assert bruno.post(door(invited, old), {"_do": "complete", **REFUSAL}).status_code == 409
    over = Browser(invited, "fausto").take(old)
    assert over.status_code == 403
    assert "Un’altra utenza" in over.text
    invited.do("complete", "UT_proposta", by="ada", values=dearer())
    new = invited.link(ONE)
    assert new != old
    assert bruno.get(door(invited, new)).status_code == 404
    assert bruno.take(new).status_code == 303
    assert bruno.get(door(invited, new)).status_code == 200


def test_the_account_lets_go_and_the_link_is_free_again(invited: Invited, bruno: Browser) -> None:
    link = invited.link(ONE)
    at = door(invited, link)
    assert "Lascia questo invito" in bruno.get(f"{at}/account").text
    assert bruno.post(f"{at}/account", {}).location == "/portal"
    assert history(invited)[-1].event == InvitationReleased(number(link), "bruno")
    assert [bruno.get(at).status_code, bruno.post(f"{at}/account", {}).status_code] == [404, 404]
    assert bruno.post(at, {"_do": "complete", **REFUSAL}).status_code == 404
    assert "Proposte a cui sei invitato" not in bruno.get("/portal").text
    assert Browser(invited, "fausto").take(link).status_code == 303


@pytest.mark.parametrize(
    ("login", "sentence"),
    [
        ("fausto", "Un’altra utenza tiene questo invito dal"),
        ("ada", "La tua utenza prepara questa proposta"),
        ("dario", "La tua utenza appartiene all’ufficio"),
        ("marta", "La tua utenza appartiene all’ufficio"),
    ],
)
def test_who_may_not_keep_it_reads_why(invited: Invited, bruno: Browser, login: str, sentence: str) -> None:
    link, other = invited.link(ONE), Browser(invited, login)
    for answer in (other.get(f"{link}/account"), other.take(link)):
        assert answer.status_code == 403
        assert sentence in answer.text
    assert other.get(door(invited, link)).status_code == 404
    assert bruno.get(door(invited, link)).status_code == 200
    assert sum(isinstance(e.event, InvitationTaken) for e in history(invited)) == 1


def test_an_invitation_that_is_over_cannot_be_taken(invited: Invited) -> None:
    link = invited.link(ONE)
    invited.do("complete", "UT_proposta", by="ada", values=dearer())
    late = Browser(invited, "bruno").take(link)
    assert late.status_code == 403
    assert "Questo invito è concluso" in late.text
    with pytest.raises(NotAllowed):
        keeping.take(invited.house, invited.case, number(link), link.rpartition("/")[2], BRUNO)
    assert not keeping.mine(invited.house, BRUNO)


def test_who_comes_to_the_leads_side_cannot_also_answer_as_a_partner(
    invited: Invited, bruno: Browser
) -> None:
    ada, link = Browser(invited, "ada"), invited.link(ONE)
    added = ada.post(f"/portal/cases/{invited.case}/colleagues", {"whom": "bruno"})
    assert added.status_code == 303
    assert bruno.get(door(invited, link)).status_code == 404
    assert bruno.post(door(invited, link), {"_do": "complete", **REFUSAL}).status_code == 404


def test_a_guessed_token_takes_nothing_with_an_account_either(invited: Invited) -> None:
    link, bruno = invited.link(ONE), Browser(invited, "bruno")
    wrong = link[:-1] + ("A" if link[-1] != "A" else "B")
    swapped = link.replace(str(number(link)), str(number(invited.link(OTHER))), 1)
    swapped = f"/invitations/{invited.case}/{number(invited.link(OTHER))}/{link.rpartition('/')[2]}"
    for guess in (wrong, swapped, f"/invitations/{invited.case}/{number(link)}/{'A' * 32}"):
        assert [bruno.get(f"{guess}/account").status_code, bruno.take(guess).status_code] == [404, 404]
    bare = bruno.client.post(f"{link}/account", data={})
    assert bare.status_code == 400, "a post without the session's token"
    assert not any(isinstance(e.event, InvitationTaken) for e in history(invited))
    with pytest.raises(NotFound):
        keeping.release(invited.house, invited.case, number(link), BRUNO)


@pytest.mark.parametrize("answered", [False, True])
def test_the_account_sees_nothing_else_of_the_case_by_any_route(
    invited: Invited, bruno: Browser, answered: bool
) -> None:
    link, other, case = invited.link(ONE), invited.link(OTHER), invited.case
    if answered:
        bruno.post(door(invited, link), {"_do": "complete", **REFUSAL})
    held = cases.view(invited.house, case, system)
    mine = {d.id for d in held.documents if d.name.startswith("accordo")}
    paths = [
        f"/portal/cases/{case}",
        f"/cases/{case}",
        door(invited, other),
        f"{door(invited, other)}/account",
    ]
    paths += [
        f"/cases/{case}/{part}"
        for part in ("tasks", "parties", "record", "documents", "decisions", "history")
    ]
    paths += [f"/cases/{case}/diagram", f"/cases/{case}/messages", f"/cases/{case}/messages/recesso_adesione"]
    paths += [f"/cases/{case}/instances/{one.number}/diagram.bpmn" for one in held.instances]
    for task in held.tasks:
        paths += [
            f"/tasks/{case}/{task.number}{part}"
            for part in ("", "/versions", "/versions/draft.json", "/codes")
        ]
    paths += [f"/documents/{document.id}" for document in held.documents]
    paths += [f"{door(invited, link)}/documents/{d.id}" for d in held.documents if d.id not in mine]
    paths += [f"{door(invited, other)}/documents/{document.id}" for document in held.documents]
    seen = {path: bruno.get(path).status_code for path in paths}
    assert {path: code for path, code in seen.items() if code not in (404, 429)} == {}
    assert [bruno.get(f"{door(invited, link)}/documents/{one}").status_code for one in mine] == [200]
    for page in ("/portal", f"/cases?q={case}", "/desk", door(invited, link)):
        text = bruno.get(page).text
        assert not re.search(rf'href="/(cases|tasks|portal/cases)/{case}', text), page
        assert "Tessuti" not in text or page == door(invited, link)


def test_the_account_can_post_nothing_else_to_the_case(invited: Invited, bruno: Browser) -> None:
    link, other, case = invited.link(ONE), invited.link(OTHER), invited.case
    before = len(history(invited))
    tasks = [task.number for task in cases.view(invited.house, case, system).tasks]
    posts = [
        f"/tasks/{case}/{task}{verb}"
        for task in tasks
        for verb in ("", "/claim", "/assign", "/draft", "/file")
    ]
    posts += [f"/cases/{case}/messages/{name}" for name in ("revoca_invito", "recesso_adesione", "ritiro")]
    posts += [f"/portal/cases/{case}/colleagues", f"/portal/cases/{case}/colleagues/remove"]
    posts += [f"{door(invited, other)}{part}" for part in ("", "/draft", "/file", "/account")]
    values = {
        "_do": "complete",
        "whom": "bruno",
        "to": "bruno",
        "reason": "perché sì",
        "motivo": "perché sì",
        **REFUSAL,
    }
    seen = {path: bruno.post(path, values).status_code for path in posts}
    assert {path: code for path, code in seen.items() if code not in (404, 429)} == {}
    lead = bruno.post(
        f"{door(invited, link)}/messages/revoca_invito", {"motivo": "perché sì", "key": f"{case}/{OTHER}"}
    )
    assert lead.status_code in (403, 404)
    assert len(history(invited)) == before


def test_nobody_without_a_session_gets_in_and_what_was_typed_comes_back(
    invited: Invited, bruno: Browser
) -> None:
    link = invited.link(ONE)
    at = door(invited, link)
    stranger = Browser(invited)
    assert stranger.get(at).location == f"/login?next={at}"
    page = bruno.get(at).text
    by = re.search(r'name="_by" value="([^"]+)"', page)
    bruno.client.delete_cookie("pratica")
    late = bruno.client.post(at, data={"_by": by[1] if by else "", "_do": "complete", **REFUSAL})
    assert late.status_code == 401
    kept = re.search(r'name="kept" value="([^"]+)"', late.text)
    given = {"login": "bruno", "password": cast.password, "kept": kept[1] if kept else ""}
    back = bruno.client.post("/login", data={"csrf_token": token_of(late.text), **given})
    assert REFUSAL["motivo"] in back.text
    assert f'action="{at}"' in back.text


def test_an_account_keeps_invitations_to_several_proposals(invited: Invited, bruno: Browser) -> None:
    first, code = invited.case, STORY.data["meccatronica"]["proposta"]["partner"][1]["cf"]
    invited.do("start", "f1_presentazione", by="fausto", under="edizione", **{"as": "m"})
    invited.do("complete", "UT_anagrafica", by="fausto", values="meccatronica.anagrafica")
    invited.do(
        "complete",
        "UT_proposta",
        by="fausto",
        values='context put(meccatronica.proposta, "esito", "accordo")',
    )
    second = invited.case
    assert second != first
    task = next(t for t in cases.view(invited.house, second, system).tasks if t.element == "UT_adesione")
    with invited.house.database.reader() as reader:
        assert not reader.taken_in(second)
    given = links.invitations.token(invited.house, second, task.instance)
    keeping.take(invited.house, second, task.instance, given, BRUNO)
    assert code
    cards = [chain[0].invited.case.id for chain in keeping.mine(invited.house, BRUNO)]
    assert cards == [second, first]
    portal = bruno.get("/portal").text
    assert first in portal
    assert second in portal


def test_pages_do_not_ask_more_for_each_version_of_the_agreement(invited: Invited, bruno: Browser) -> None:
    ada, asked = Browser(invited, "ada"), list[tuple[int, int]]()
    for extra in range(3):
        again = dearer()
        again["impegni_economici"][0]["importo"] += extra
        invited.do("complete", "UT_proposta", by="ada", values=again)
        pages = ((bruno, "/portal"), (ada, f"/portal/cases/{invited.case}"))
        asked.append((statements(invited, *pages[0]), statements(invited, *pages[1])))
    assert asked[0] == asked[1] == asked[2]
    assert asked[0] < (45, 75)
    assert "3 inviti precedenti" in bruno.get("/portal").text


def statements(invited: Invited, browser: Browser, path: str) -> int:
    """Count the statements that the database is asked for a page, once what never changes is known."""
    assert browser.get(path).status_code == 200
    asked: list[str] = []
    note: Any = lambda *told: asked.append(told[2])  # noqa: E731
    engine = invited.house.database.engine
    event.listen(engine, "before_cursor_execute", note)
    browser.get(path)
    event.remove(engine, "before_cursor_execute", note)
    return len(asked)
