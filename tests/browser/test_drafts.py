"""Versions of a draft, its file, and two people on one draft, in a real browser."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from app.services import cases, drafts, parties, people, tasks
from app.services.use_case import use_case
from app.store.clock import FixedClock
from app.store.database import Database
from tests.browser import live, trial
from tests.browser.conftest import Watched
from tests.browser.live import begun, too_wide, violations

pytestmark = pytest.mark.browser
nora = trial.ada.__class__("nora", "Nora Colombi", email="nora@prova.it")
first = {
    "sintesi": "Una filiera del legno di montagna.",
    "ambiti": ["A1"],
    "partner": [
        {"denominazione": "Alfa S.r.l.", "pec": "alfa@pec.it", "ruolo": "Taglia"},
        {"denominazione": "Beta S.r.l.", "pec": "beta@pec.it", "ruolo": "Sega"},
    ],
}
second = {
    "sintesi": "Una filiera del legno, dal bosco al mobile.",
    "ambiti": ["A1", "A2"],
    "partner": [
        {"denominazione": "Beta S.r.l.", "pec": "beta@pec.it", "ruolo": "Sega e pialla"},
        {"denominazione": "Gamma S.p.A.", "pec": "gamma@pec.it", "ruolo": "Vende"},
    ],
}


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: FixedClock) -> Iterator[Any]:
    with live.trial_house(database, tmp_path, clock) as made:
        people.add(made, nora, live.password)
        yield made


@pytest.fixture
def address(house: Any) -> Iterator[str]:
    with live.served(house) as served:
        yield served.address


@pytest.fixture
def shared(house: Any) -> str:
    """A draft that Ada began and Nora saved after her: one version."""
    task = f"{begun(house)}/2"
    parties.add(house, task.partition("/")[0], "nora", trial.ada)
    tasks.save_draft(house, task, first, trial.ada)
    house.clock.advance(timedelta(minutes=3))
    tasks.save_draft(house, task, second, nora)
    return task


@pytest.fixture
def other(browser: Browser, address: str) -> Iterator[Watched]:
    """A second browser, of another person."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Watched(context, address)
    context.close()


@use_case
def forget(house: Any, uow: Any, subject: str) -> bool:
    return bool(uow.forget(subject))


def answers_of(house: Any, task: str) -> dict[str, Any]:
    return tasks.view(house, task, trial.ada).values


def test_versions_are_listed_compared_row_by_row_and_restored_without_a_script(
    watched_without_scripts: Any, house: Any, shared: str
) -> None:
    watched = watched_without_scripts
    watched.log_in("ada")
    page = watched.open(f"/tasks/{shared}")
    page.get_by_role("link", name="Versioni della bozza").click()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("Ada Lamberti")
    expect(rows.nth(1)).to_contain_text("poi ha salvato un’altra persona")
    expect(rows.nth(1).locator("td").nth(2)).to_have_text("8")
    watched.shot("draft-versions")
    page.get_by_role("link", name=re.compile("Confronta ?: Versione 1")).click()
    told = {
        row.locator("th").inner_text(): [row.locator("td").nth(n).inner_text().strip() for n in range(3)]
        for row in page.locator("tbody tr").all()
    }
    assert told["Progetto › In sintesi"] == ["cambiata", first["sintesi"], second["sintesi"]]
    assert told["Progetto › Ambiti"] == ["cambiata", "Sostenibilità", "Sostenibilità, Innovazione"]
    partner = {
        key.removeprefix("Partner › Partner › "): value for key, value in told.items() if "riga" in key
    }
    assert partner["riga 1, prima riga 2 › Ruolo"] == ["cambiata", "Sega", "Sega e pialla"]
    assert partner["riga 1 › Denominazione"] == ["tolta", "Alfa S.r.l.", "senza risposta"]
    assert partner["riga 2 › Denominazione"] == ["aggiunta", "senza risposta", "Gamma S.p.A."]
    watched.shot("draft-compared")
    page.get_by_role("button", name="Ripristina").click()
    assert "La bozza è di nuovo com’era" in page.inner_text("main")
    assert answers_of(house, shared)["sintesi"] == first["sintesi"]
    assert [v.why for v in drafts.kept(house, shared, trial.ada).versions] == ["restore", "person"]


def test_pages_of_versions_are_clean_for_axe_and_fit_a_phone(watched: Any, house: Any, shared: str) -> None:
    data = drafts.export(house, tasks.view(house, shared, trial.ada), first)
    watched.log_in("ada")
    versions = f"/tasks/{shared}/versions"

    def report() -> Any:
        page = watched.open(versions)
        page.set_input_files("#file", {"name": "b.json", "mimeType": "application/json", "buffer": data})
        page.get_by_role("button", name="Guarda che cosa cambierebbe").click()
        return page

    def bad() -> Any:
        page = watched.open(versions)
        page.set_input_files("#file", {"name": "b.json", "mimeType": "application/json", "buffer": b"{"})
        page.get_by_role("button", name="Guarda che cosa cambierebbe").click()
        return page

    pages = [
        lambda: watched.open(versions),
        lambda: watched.open(f"{versions}/compare?before=1&after=now&all=1"),
        report,
        bad,
        lambda: watched.open(f"/tasks/{shared}"),
        lambda: watched.open(f"/portal/cases/{shared.partition('/')[0]}"),
    ]
    for number, open_ in enumerate(pages):
        page = open_()
        page.set_viewport_size({"width": 1280, "height": 900})
        assert page.locator("h1").count() == 1
        assert violations(page) == [], number
        page.set_viewport_size({"width": 320, "height": 640})
        assert not too_wide(page), number
        watched.shot(f"draft-phone-{number}")
    assert watched.violations == watched.errors == []


def test_a_version_whose_key_is_forgotten_is_named_and_cannot_be_opened(
    watched: Any, house: Any, shared: str
) -> None:
    forget(house, "ada")
    watched.log_in("nora")
    page = watched.open(f"/tasks/{shared}/versions")
    expect(page.locator("tbody tr").nth(1)).to_contain_text("Non si può più leggere")
    expect(page.locator("tbody tr").nth(1)).to_contain_text("Ada Lamberti")
    watched.shot("draft-forgotten")
    page = watched.open(f"/tasks/{shared}/versions/compare?before=1&after=now")
    expect(page.locator("main")).to_contain_text("Una delle due non si può più leggere")
    answer = page.request.get(f"{watched.address}/tasks/{shared}/versions/draft.json?version=1")
    assert answer.status == 404


def test_a_draft_of_an_older_form_goes_to_another_case_after_its_report(
    watched: Any, house: Any, shared: str, tmp_path: Path
) -> None:
    watched.log_in("ada")
    page = watched.open(f"/tasks/{shared}/versions")
    with page.expect_download() as download:
        page.get_by_role("link", name="Scarica la bozza come file").click()
    told = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert told["form"]["id"] == "frm_domanda"
    told["form"]["hash"] = "0" * 64
    told["answers"] |= {"titolo_breve": "Legno vivo", "ambiti": ["A1", "A7"]}
    told["answers"]["lettere"] = [{"name": "lettera Alfa.pdf", "sha256": "f" * 64}]
    old = tmp_path / "vecchia.json"
    old.write_text(json.dumps(told), encoding="utf-8")
    target = f"{begun(house)}/2"
    tasks.save_draft(house, target, {"sintesi": "Quello che c'era prima."}, trial.ada)
    page = watched.open(f"/tasks/{target}/versions")
    page.set_input_files("#file", old)
    page.get_by_role("button", name="Guarda che cosa cambierebbe").click()
    main = page.locator("main")
    for words in (
        "Legno vivo",
        "A7",
        "lettera Alfa.pdf",
        "Non è stato ancora salvato nulla",
        "Questo modulo non lo chiede",
    ):
        expect(main).to_contain_text(words)
    watched.shot("draft-import")
    assert answers_of(house, target)["sintesi"] == "Quello che c'era prima."
    page.get_by_role("button", name="Porta le risposte nella bozza").click()
    page.wait_for_url(f"**/tasks/{target}")
    now = answers_of(house, target)
    assert (now["sintesi"], now["ambiti"], len(now["partner"])) == (second["sintesi"], ["A1"], 2)
    assert drafts.kept(house, target, trial.ada).versions[0].values == {"sintesi": "Quello che c'era prima."}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Scegli prima il file"),
        (b"non JSON", "Il file non è JSON"),
        (b'{"format": "altro"}', "non contiene una bozza"),
        (b'{"format": "pratica-draft", "version": 1, "form": {"id": "frm_chi"}, "answers": {}}', "è di un altro modulo"),
        (b" " * (10 * 1024 * 1024), "Il file supera 2 MB"),
        (b"[" * 100_000, "annidate"),
    ],
)  # fmt: skip
def test_a_bad_file_gets_a_sentence_at_its_field(
    watched: Any, shared: str, content: bytes, words: str
) -> None:
    watched.log_in("ada")
    page = watched.open(f"/tasks/{shared}/versions")
    page.set_input_files("#file", {"name": "b.json", "mimeType": "application/json", "buffer": content})
    page.get_by_role("button", name="Guarda che cosa cambierebbe").click()
    expect(page.locator("#file-error")).to_contain_text(words)
    expect(page.locator("tbody tr")).to_have_count(2)


def test_two_people_at_once_keep_what_each_typed_and_both_learn_whose_value_won(
    watched: Any, other: Watched, house: Any
) -> None:
    task = f"{begun(house)}/2"
    parties.add(house, task.partition("/")[0], "nora", trial.ada)
    tasks.save_draft(house, task, {"sintesi": "Prima di tutto.", "ambiti": []}, trial.ada)
    watched.log_in("ada")
    other.log_in("nora")
    mine, theirs = (one.open(f"/tasks/{task}?section=g_progetto") for one in (watched, other))
    for page in (mine, theirs):
        page.set_default_timeout(10_000)

    # the same field: Ada is first, Nora is told and her text stays on her page
    house.clock.advance(timedelta(minutes=2))
    mine.locator("[name=sintesi]").fill("Quello che scrive Ada.")
    expect(mine.locator("#saved")).to_contain_text("Salvato")
    house.clock.advance(timedelta(minutes=2))
    theirs.locator("[name=sintesi]").fill("Quello che scrive Nora.")
    expect(theirs.locator("#saved")).to_contain_text("Ada Lamberti")
    assert answers_of(house, task)["sintesi"] == "Quello che scrive Ada."
    expect(theirs.locator("[name=sintesi]")).to_have_value("Quello che scrive Nora.")
    other.shot("draft-second-is-told")

    # Nora sees both and puts hers in place; another field, too
    theirs.get_by_role("button", name="Salva la bozza").last.click()
    expect(theirs.locator(".alert-warning")).to_contain_text("Quello che scrive Ada.")
    house.clock.advance(timedelta(minutes=2))
    live.tick(theirs, "Innovazione")
    theirs.get_by_role("button", name="Salva la bozza").last.click()
    expect(theirs.locator(".alert-success")).to_be_visible()
    assert answers_of(house, task)["sintesi"] == "Quello che scrive Nora."

    # the one who was first is told at the next save of the page that lay open
    live.tick(mine, "Sostenibilità")
    expect(mine.locator("#saved")).to_contain_text("Nora Colombi")
    expect(mine.locator("#saved")).to_contain_text("In sintesi")
    watched.shot("draft-first-is-told-on-save")
    assert answers_of(house, task)["sintesi"] == "Quello che scrive Nora."


def test_who_was_first_is_told_when_the_page_opens_anew(watched: Any, house: Any, shared: str) -> None:
    watched.log_in("ada")
    page = watched.open(f"/tasks/{shared}")
    told = page.locator(".alert-warning")
    expect(told).to_contain_text("Altri hanno salvato risposte qui dal tuo ultimo salvataggio")
    expect(told).to_contain_text("Nora Colombi")
    expect(told).to_contain_text(second["sintesi"])
    watched.shot("draft-first-is-told-on-load")
    told.get_by_role("link", name="In sintesi").click()
    expect(page.locator("[name=sintesi]")).to_be_visible()
    page.get_by_role("button", name="Salva la bozza").last.click()
    expect(page.locator(".alert-warning")).to_have_count(0)


def test_a_colleague_is_added_works_and_is_taken_off(watched: Any, other: Watched, house: Any) -> None:
    case_id = begun(house)
    watched.log_in("ada")
    page = watched.open(f"/portal/cases/{case_id}")
    for name, words in (
        ("nessuno", "non è stato possibile"),
        ("bruno", "non è stato possibile"),
        ("ada", "c’è già"),
    ):
        page.locator("#whom").fill(name)
        page.get_by_role("button", name="Aggiungi", exact=True).click()
        expect(page.locator("#whom-error")).to_contain_text(words)
        assert page.locator("#whom").input_value() == name
    watched.shot("colleague-refused")
    page.locator("#whom").fill("NORA@prova.it")
    page.get_by_role("button", name="Aggiungi", exact=True).click()
    expect(page.locator(".colleagues")).to_contain_text("Nora Colombi")
    other.log_in("nora")
    theirs = other.open(f"/tasks/{case_id}/2")
    expect(theirs.locator("#form")).to_be_visible()
    watched.shot("colleagues")
    page.locator(".colleagues summary").nth(1).click()
    page.get_by_role("button", name=re.compile("Togli ?: Nora")).click()
    expect(page.locator(".colleagues")).not_to_contain_text("Nora Colombi")
    assert theirs.request.get(f"{watched.address}/tasks/{case_id}/2").status == 404
    page = watched.open(f"/cases/{case_id}/history")
    expect(page.locator("main")).to_contain_text(
        "Ada Lamberti ha tolto a Nora Colombi il ruolo di Richiedente."
    )
    assert cases.mine(house, nora) == []


def test_a_language_is_chosen_on_a_page_that_answered_a_post(watched: Any, house: Any) -> None:
    case_id = begun(house, filed=True)
    watched.log_in("carla")
    page = watched.open(f"/tasks/{case_id}/3")
    tasks.claim(house, f"{case_id}/3", trial.bruno)
    page.get_by_role("button", name="Prendi in carico").click()
    assert page.url.endswith("/claim")
    expect(page.locator("main")).to_contain_text("Bruno Istrice")
    page.get_by_role("button", name="English").click()
    page.wait_for_url(f"**/tasks/{case_id}/3")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("main")).to_contain_text("Bruno Istrice")
