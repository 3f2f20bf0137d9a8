"""Forms in a real browser: what is typed is kept, what is wrong is said at its field, and no script is needed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from app.services import cases, documents, people, tasks
from app.store.clock import FixedClock
from app.store.database import Database
from tests.browser import live, trial
from tests.browser.live import begun, tick, too_wide, violations

pytestmark = pytest.mark.browser
pdf = {"name": "relazione.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 prova"}


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: FixedClock) -> Iterator[Any]:
    with live.trial_house(database, tmp_path, clock) as made:
        yield made


@pytest.fixture
def address(house: Any) -> Iterator[str]:
    with live.served(house) as served:
        yield served.address


def first_form(watched: Any, house: Any) -> Any:
    case = cases.start(house, "contributo", trial.ada)
    watched.log_in("ada")
    page = watched.open(f"/tasks/{case.id}/1")
    page.set_default_timeout(8000)
    return page


def second_form(watched: Any, house: Any, section: str = "g_partner", case_id: str = "") -> Any:
    case_id = case_id or begun(house)
    watched.log_in("ada")
    page = watched.open(f"/tasks/{case_id}/2?section={section}")
    page.set_default_timeout(8000)
    return page


def fill_partner(page: Any, number: int, cf: str) -> None:
    page.fill(f'[name="partner.{number}.denominazione"]', f"Partner {number + 1} S.r.l.")
    page.fill(f'[name="partner.{number}.cf"]', cf)
    page.fill(f'[name="partner.{number}.pec"]', f"p{number}@pec.example")
    page.fill(f'[name="partner.{number}.ruolo"]', "Fornisce materie prime e prove.")


def test_what_is_typed_is_saved_while_typing_and_is_there_on_another_device(
    watched: Any, house: Any, browser: Any
) -> None:
    page = first_form(watched, house)
    page.fill("[name=titolo]", "Malga senza plastica")
    expect(page.locator("#saved")).to_contain_text(re.compile(r"\d\d:\d\d:\d\d"))
    other = type(watched)(browser.new_context(), watched.address)
    other.log_in("ada")
    assert (
        other.open(page.url.removeprefix(watched.address)).input_value("[name=titolo]")
        == "Malga senza plastica"
    )
    other.page.context.close()


def test_saved_is_said_only_after_the_server_answered(watched: Any, house: Any) -> None:
    page = first_form(watched, house)
    page.route("**/draft", lambda route: route.abort())
    page.fill("[name=titolo]", "Malga senza plastica")
    expect(page.locator("#saved.task-unsaved")).to_be_visible()
    assert not re.search(r"\d\d:\d\d:\d\d", page.inner_text("#saved"))


def test_a_wrong_vat_number_is_refused_at_its_field_and_stays_as_it_was_typed(
    watched: Any, house: Any
) -> None:
    page = first_form(watched, house)
    page.fill("[name=titolo]", "Malga senza plastica")
    tick(page, "Un'impresa")
    page.locator("[name=piva]").wait_for()
    page.fill("[name=piva]", "99000010160")
    page.locator(".task-buttons .btn-primary").click()
    summary = page.locator("#problems")
    expect(summary).to_be_focused()
    summary.locator("a", has_text="Partita IVA").click()
    field = page.locator("[name=piva]")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert field.input_value() == "99000010160"
    assert "cifra di controllo" in page.inner_text(f"#{field.get_attribute('aria-describedby').split()[-1]}")
    watched.shot("form-errors")
    assert violations(page) == []


def test_a_question_appears_and_goes_with_the_answer_it_depends_on(watched: Any, house: Any) -> None:
    page = first_form(watched, house)
    expect(page.locator("[name=piva]")).to_have_count(0)
    tick(page, "Un'impresa")
    page.locator("[name=piva]").wait_for()
    page.fill("[name=piva]", "99000010167")
    tick(page, "Una persona")
    expect(page.locator("[name=piva]")).to_have_count(0)
    tick(page, "Un'impresa")
    expect(page.locator("[name=piva]")).to_have_value("99000010167")
    assert watched.errors == watched.violations == []


def test_without_scripts_the_whole_form_is_filled_by_its_buttons(
    watched_without_scripts: Any, house: Any
) -> None:
    page = first_form(watched_without_scripts, house)
    page.fill("[name=titolo]", "Malga senza plastica")
    page.locator("#f-tipo").check(force=True)
    page.locator("button[value=save]").last.click()
    page.fill("[name=piva]", "99000010167")
    page.fill("[name=email]", "ada@malga.example")
    page.fill("[name=importo]", "12.500,50")
    page.locator("[name=privacy]").check(force=True)
    page.locator(".task-buttons .btn-primary").click()
    assert page.url.endswith("/2")
    page.locator("[name=sintesi]").fill("Togliere la plastica dalla malga in tre anni.")
    page.locator("[type=file]").set_input_files(pdf)
    page.locator(".task-buttons .btn-primary").click()
    assert "section=g_partner" in page.url
    for number, cf in enumerate(["99000010167", "99000020158"]):
        if number:
            page.locator("[name=_add]").click()
        fill_partner(page, number, cf)
    page.locator(".task-buttons .btn-primary").click()
    page.locator(".task-buttons .btn-primary").click()
    page.locator("#problems a", has_text="Ambiti").click()
    page.locator("label", has_text="Innovazione").click()
    page.locator(".steps button").last.click()
    page.locator(".task-buttons .btn-primary").click()
    assert "/portal/cases/" in page.url


def test_rows_come_and_go_and_keep_what_was_typed(watched: Any, house: Any) -> None:
    page = second_form(watched, house)
    for number, cf in enumerate(["99000010167", "99000020158", "99000030173"]):
        if number:
            page.locator("[name=_add]").click()
        fill_partner(page, number, cf)
    page.locator("details.field-card").nth(1).locator("summary").click()
    page.locator('[name=_remove][value="partner.1"]').click()
    expect(page.locator('[name="partner.1.cf"]')).to_have_value("99000030173")
    assert page.locator('[name="partner.0.ruolo"]').input_value() == "Fornisce materie prime e prove."
    expect(page.locator("details.field-card")).to_have_count(2)


def test_enter_in_a_field_keeps_and_removes_nothing(watched: Any, house: Any) -> None:
    page = second_form(watched, house)
    fill_partner(page, 0, "99000010167")
    with page.expect_navigation():
        page.locator('[name="partner.0.cf"]').press("Enter")
    assert page.locator('[name="partner.0.cf"]').input_value() == "99000010167"


def test_the_same_partner_twice_is_refused_at_the_second_row_and_the_steps_count_it(
    watched: Any, house: Any
) -> None:
    page = second_form(watched, house)
    fill_partner(page, 0, "99000010167")
    page.locator("[name=_add]").click()
    fill_partner(page, 1, "99000010167")
    page.locator(".steps button").last.click()
    page.locator(".task-buttons .btn-primary").click()
    page.locator("#problems a", has_text="Partner 2, Codice fiscale").click()
    page.wait_for_load_state()
    field = page.locator('[name="partner.1.cf"]')
    expect(field).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".steps-wrong")).to_have_count(1)
    watched.shot("form-duplicate-partner")
    assert violations(page) == []


def test_findings_and_counts_follow_what_is_typed(watched: Any, house: Any) -> None:
    page = second_form(watched, house)
    expect(page.locator("#findings")).to_contain_text("F01")
    for number, cf in enumerate(["99000010167", "99000020158"]):
        if number:
            page.locator("[name=_add]").click()
        fill_partner(page, number, cf)
    page.locator("h1").click()
    expect(page.locator("#f-quanti")).to_have_text("2")
    expect(page.locator("#findings")).to_be_hidden()
    expect(page.locator(".steps li").nth(1).locator(".steps-done")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_file_of_21_mb_is_refused_at_its_field_and_the_rest_is_kept(
    watched: Any,
    watched_without_scripts: Any,
    house: Any,
    tmp_path: Path,
    scripts: bool,
) -> None:
    large = tmp_path / "grande.pdf"
    large.write_bytes(b"%PDF-1.7 " + b"0" * (21 * 2**20))
    used = watched if scripts else watched_without_scripts
    page = second_form(used, house, "g_progetto")
    page.fill("[name=sintesi]", "Togliere la plastica dalla malga in tre anni.")
    page.locator("[type=file]").set_input_files(large)
    if not scripts:
        page.locator(".task-buttons .btn-primary").click()
    error = page.locator("#w-f-relazione .field-error")
    expect(error).to_contain_text("20 MB")
    assert page.locator("[name=sintesi]").input_value() == "Togliere la plastica dalla malga in tre anni."


def test_a_post_too_large_to_be_read_shows_the_form_as_last_saved(
    house: Any, address: str, watched: Any
) -> None:
    house.settings.__dict__.update(document_limit=200_000, request_limit=1_000_000)
    case_id = begun(house)
    tasks.save_draft(house, f"{case_id}/2", {"sintesi": "Quello che avevo scritto prima."}, trial.ada)
    page = second_form(watched, house, "g_progetto", case_id)
    html = page.evaluate(
        """async () => { const data = new FormData(document.getElementById('form'));
        data.set('_file.relazione', new File([new Uint8Array(1500000)], 'x.pdf'));
        const answer = await fetch(document.getElementById('form').action, {method: 'POST', body: data});
        return answer.status + await answer.text(); }""",
    )
    assert html.startswith("413")
    assert "Quello che avevo scritto prima." in html


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("relazione.pdf", b"PK\x03\x04 not a pdf", "PDF"),
        ("relazione.exe", b"MZ", ".pdf"),
        ("relazione.pdf", b"", "relazione.pdf"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_at_its_field(
    watched_without_scripts: Any,
    house: Any,
    name: str,
    data: bytes,
    said: str,
) -> None:
    page = second_form(watched_without_scripts, house, "g_progetto")
    page.locator("[type=file]").set_input_files({"name": name, "mimeType": "application/pdf", "buffer": data})
    page.locator(".task-buttons .btn-primary").click()
    expect(page.locator("#w-f-relazione .field-error")).to_contain_text(said)


def test_an_upload_is_stored_whatever_the_form_is_posted_for(watched: Any, house: Any) -> None:
    page = second_form(watched, house, "g_progetto")
    page.locator("[type=file]").set_input_files(pdf)
    expect(page.locator("#w-f-relazione .field-files a")).to_have_text("relazione.pdf")
    page.locator(".steps button").last.click()
    page.locator(".steps button").first.click()
    expect(page.locator("#w-f-relazione .field-files a")).to_have_text("relazione.pdf")
    page.locator(".field-files-drop label").click()
    page.locator(".task-buttons .btn-primary").click()
    page.locator(".steps button").first.click()
    expect(page.locator("#w-f-relazione .field-files")).to_have_count(0)


def test_a_file_travels_once_and_alone_and_what_is_typed_goes_without_it(watched: Any, house: Any) -> None:
    page = second_form(watched, house, "g_progetto")
    posts: list[Any] = []
    page.on("request", lambda request: request.method == "POST" and posts.append(request))
    page.fill("[name=sintesi]", "Togliere la plastica dalla malga in tre anni.")
    page.locator("[type=file]").set_input_files(pdf | {"buffer": b"%PDF-1.7" + b"x" * 300_000})
    page.locator(".steps button").last.click()
    page.wait_for_url("**section=")
    large = [post for post in posts if int(post.all_headers()["content-length"]) > 300_000]
    assert [post.url.rpartition("/")[2] for post in large] == ["file"]
    page.locator(".steps button").first.click()
    expect(page.locator("#w-f-relazione .field-files a")).to_have_text("relazione.pdf")
    assert watched.errors == watched.violations == []


def test_a_file_that_the_server_does_not_get_is_tried_again_and_holds_the_form(
    watched: Any, house: Any
) -> None:
    page = second_form(watched, house, "g_progetto")
    page.route("**/file", lambda route: route.abort())
    page.locator("[type=file]").set_input_files(pdf)
    expect(page.locator("#saved.task-unsaved")).to_be_visible()
    page.locator(".task-buttons .btn-primary").click()
    expect(page.locator("#saved.task-unsaved")).to_be_visible()
    assert "section=g_progetto" in page.url
    page.unroute("**/file")
    page.locator(".task-buttons .btn-primary").click()
    page.wait_for_url("**section=g_partner")
    page.locator(".steps button").first.click()
    expect(page.locator("#w-f-relazione .field-files a")).to_have_text("relazione.pdf")


def test_several_files_chosen_at_once_travel_one_by_one_and_what_is_too_large_is_said_at_once(
    watched: Any, house: Any
) -> None:
    page = second_form(watched, house)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url.rpartition("/")[2]))
    sizes = {"a.pdf": 10, "b.pdf": 2 * 2**20, "c.pdf": 900_000, "d.pdf": 20}
    files = [
        {"name": name, "mimeType": "application/pdf", "buffer": b"%PDF-1.7" + name.encode() + b"x" * size}
        for name, size in sizes.items()
    ]
    page.locator("[type=file]").set_input_files(files)
    page.fill('[name="partner.0.cf"]', "99000010167")
    page.locator('[name="partner.0.pec"]').focus()
    expect(page.locator("#w-f-lettere .field-files a")).to_have_text(["a.pdf", "c.pdf", "d.pdf"])
    expect(page.locator("#w-f-lettere .field-error")).to_have_text(re.compile(r"b\.pdf supera 1 MB"))
    assert posts.count("file") == 3
    page.locator(".task-buttons .btn-primary").click()
    page.locator(".steps button").nth(1).click()
    expect(page.locator("#w-f-lettere .field-files a")).to_have_text(["a.pdf", "c.pdf", "d.pdf"])
    assert page.input_value('[name="partner.0.cf"]') == "99000010167"
    assert watched.errors == watched.violations == []


def test_a_kind_of_file_that_the_field_does_not_take_leaves_the_one_before(watched: Any, house: Any) -> None:
    page = second_form(watched, house, "g_progetto")
    page.locator("[type=file]").set_input_files(pdf)
    expect(page.locator("#w-f-relazione .field-files a")).to_have_text("relazione.pdf")
    word = {"name": "relazione.docx", "mimeType": "application/zip", "buffer": b"PK\x03\x04 word"}
    page.locator("[type=file]").set_input_files(word)
    expect(page.locator("#w-f-relazione .field-error")).to_contain_text("Sono accettati: .pdf.")
    page.fill("[name=sintesi]", "Togliere la plastica")
    expect(page.locator("#saved")).to_contain_text(re.compile(r"✓.*\d\d:\d\d:\d\d"))
    expect(page.locator("#w-f-relazione .field-error")).to_contain_text("Sono accettati: .pdf.")
    expect(page.locator("#w-f-relazione .field-files a")).to_have_text("relazione.pdf")
    assert violations(page) == []


@pytest.mark.parametrize(
    "button", ["form[action='/logout'] button", "form[action='/language'] button[value=en]"]
)
def test_other_buttons_of_the_page_wait_until_the_last_words_are_kept(
    watched: Any, house: Any, button: str
) -> None:
    page = first_form(watched, house)
    task_id = "/".join(page.url.split("/")[-2:])
    page.fill("[name=titolo]", "Le ultime parole")
    with page.expect_navigation():
        page.locator(button).click()
    assert tasks.view(house, task_id, trial.ada).values["titolo"] == "Le ultime parole"


def test_who_cannot_save_is_told_before_logging_out_and_may_go_all_the_same(watched: Any, house: Any) -> None:
    page = first_form(watched, house)
    page.route("**/draft", lambda route: route.abort())
    page.fill("[name=titolo]", "Le ultime parole")
    page.locator("form[action='/logout'] button").click()
    expect(page.locator("#saved.task-unsaved")).to_be_visible()
    assert "/tasks/" in page.url
    with page.expect_navigation():
        page.locator("form[action='/logout'] button").click()
    assert "/tasks/" not in page.url


def test_a_session_that_ends_while_typing_loses_nothing(watched: Any, house: Any) -> None:
    page = first_form(watched, house)
    page.context.clear_cookies()
    page.fill("[name=titolo]", "Scritto dopo la fine della sessione")
    expect(page.locator("#saved a")).to_be_visible()
    page.locator(".task-buttons .btn-primary").click()
    page.locator("input[name=login]").fill("ada")
    page.locator("#password").fill(live.password)
    page.locator("main button[type=submit]").click()
    with page.expect_navigation():
        page.locator("main form .btn-primary").click()
    assert page.input_value("[name=titolo]") == "Scritto dopo la fine della sessione"


def test_logging_in_again_in_another_tab_lets_the_page_save_again(watched: Any, house: Any) -> None:
    page = first_form(watched, house)
    page.context.clear_cookies()
    page.fill("[name=titolo]", "Scritto dopo la fine della sessione")
    with page.context.expect_page() as opened:
        page.locator("#saved a").click()
    tab = opened.value
    tab.locator("input[name=login]").fill("ada")
    tab.locator("#password").fill(live.password)
    with tab.expect_navigation():
        tab.locator("main button[type=submit]").click()
    tab.close()
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#saved")).to_contain_text(re.compile(r"\d\d:\d\d:\d\d"))


def test_the_same_form_sent_twice_is_one_completion_and_one_answer(watched: Any, house: Any) -> None:
    page = first_form(watched, house)
    page.fill("[name=titolo]", "Malga senza plastica")
    page.fill("[name=email]", "ada@malga.example")
    page.fill("[name=importo]", "1200")
    tick(page, "Una persona")
    tick(page, "Ho letto l'informativa")
    answers = page.evaluate(
        """async () => { const form = document.getElementById('form'); const data = new FormData(form);
        data.set('_do', 'complete'); const send = () => fetch(form.action, {method: 'POST', body: data});
        const two = await Promise.all([send(), send()]); two.push(await send());
        return two.map((answer) => [answer.status, answer.url]); }""",
    )
    assert [status for status, _url in answers] == [200, 200, 200]
    assert len({url for _status, url in answers}) == 1
    case_id = page.url.split("/")[-2]
    completed = [t for t in cases.view(house, case_id, trial.ada).tasks if t.state == "completed"]
    assert [task.number for task in completed] == [1]


def test_a_form_of_a_task_that_went_away_shows_and_keeps_what_was_typed(
    watched: Any, house: Any, clock: FixedClock
) -> None:
    page = first_form(watched, house)
    case_id = page.url.split("/")[-2]
    page.fill("[name=titolo]", "Scritto per niente")
    tasks.complete(house, f"{case_id}/1", live.chi, trial.ada)
    page.locator(".task-buttons .btn-primary").click()
    page.wait_for_load_state()
    assert "Scritto per niente" in page.inner_text("main")
    with page.expect_download() as download:
        page.locator("a[download]").click()
    assert "Scritto per niente" in Path(download.value.path()).read_text()
    watched.shot("form-too-late")
    assert violations(page) == []


def test_a_document_goes_out_as_a_download_and_only_to_who_may_see_it(
    watched: Any, house: Any, address: str
) -> None:
    case_id = begun(house)
    document = documents.add(house, case_id, "relazione à 100%.pdf", b"%PDF-1.7 prova", trial.ada)
    watched.log_in("ada")
    answer = watched.page.request.get(f"{address}/documents/{document.id}")
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.body() == b"%PDF-1.7 prova"
    assert watched.page.request.get(f"{address}/documents/unknown").status == 404
    watched.page.context.clear_cookies()
    watched.log_in("zeno")
    assert watched.page.request.get(f"{address}/documents/{document.id}").status == 404
    assert watched.page.request.get(f"{address}/tasks/{case_id}/2").status == 404


@pytest.mark.parametrize("section", ["", "g_progetto", "g_partner"])
def test_a_form_is_clean_for_axe_and_fits_a_phone(watched: Any, house: Any, section: str) -> None:
    page = second_form(watched, house, section)
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert not too_wide(page)
    watched.shot(f"form-320-{section or 'summary'}")


def test_a_form_is_filled_and_sent_with_the_keyboard_alone(watched: Any, house: Any) -> None:
    page = first_form(watched, house)
    page.locator("[name=titolo]").focus()
    page.keyboard.type("Malga senza plastica")
    for keys in (["Tab", "ArrowDown"], ["Tab"]):
        for key in keys:
            page.keyboard.press(key)
    page.keyboard.type("ada@malga.example")
    page.keyboard.press("Tab")
    page.keyboard.type("1200,50")
    for _part in range(5):  # the day, month, year and picker of the date, then the tick box
        if page.evaluate("document.activeElement.name") == "privacy":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.wait_for_timeout(600)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/2")


def test_an_english_person_reads_the_form_in_english(watched: Any, house: Any) -> None:
    case = cases.start(house, "contributo", trial.ada)
    people.set_language(house, trial.ada, "en")
    watched.log_in("ada")
    page = watched.open(f"/tasks/{case.id}/1")
    assert page.get_by_label("Title of the project").count() == 1
