"""The frame around every page, logging in, languages, headers, errors."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from app.definitions.forms import messages
from app.domain import errors
from app.web import assets, frame, refusals, security, uploads


def test_home_shows_the_open_call_with_its_dates_in_italian(visitor: FlaskClient) -> None:
    page = visitor.get("/").text
    assert '<html lang="it">' in page
    assert "Presentazione della proposta" in page
    assert "06/11/2023 10:00:07" in page


def test_a_visitor_keeps_the_language_they_choose(visitor: FlaskClient) -> None:
    answer = visitor.post("/language", data={"language": "en", "next": "/help"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/help")
    assert "Filing a proposal" in visitor.get("/").text


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_redirect_never_leaves_the_house(visitor: FlaskClient, target: str) -> None:
    assert visitor.post("/language", data={"language": "en", "next": target}).headers["Location"] == "/"
    answer = visitor.post("/login", data={"login": "ada", "password": "parola segreta", "next": target})
    assert answer.headers["Location"] == "/welcome"


def test_a_person_keeps_their_language_with_their_account(client_of: Any, house: Any) -> None:
    client_of("ada").post("/language", data={"language": "en"})
    assert house.persons["ada"].language == "en"


@pytest.mark.parametrize(
    ("person", "places"),
    [
        ("ada", ["/portal"]),
        ("bruno", ["/portal", "/desk", "/cases"]),
        ("dora", ["/portal", "/studio"]),
        ("olga", ["/portal", "/admin"]),
    ],
)
def test_navigation_leads_only_where_a_person_may_go(client_of: Any, person: str, places: list[str]) -> None:
    navigation = re.search(r'<nav class="pr-nav".*?</nav>', client_of(person).get("/help").text, re.DOTALL)
    assert navigation
    found = re.findall(r'href="([^"]+)"', navigation[0])
    assert [f.rstrip("/") for f in found[1:]] == [p.rstrip("/") for p in places]


def test_the_demonstration_says_its_time_and_that_data_are_invented(visitor: FlaskClient) -> None:
    page = visitor.get("/help").text
    assert 'class="pr-demo"' in page
    assert "06/11/2023 10:00:07" in page


def test_the_footer_links_the_accessibility_statement_as_the_law_wants(visitor: FlaskClient) -> None:
    assert 'data-element="accessibility-link"' in visitor.get("/").text


@pytest.mark.parametrize("path", ["/", "/login", "/nowhere", "/help", "/language"])
def test_every_answer_carries_the_strict_headers(visitor: FlaskClient, path: str) -> None:
    answer = visitor.get(path)
    for name, value in security.headers.items():
        assert answer.headers[name] == value
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_a_page_of_a_person_is_not_kept_by_caches(client_of: Any) -> None:
    assert client_of("ada").get("/cases/FIL-2023-0042").headers["Cache-Control"] == "no-store"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_of_other_sites(visitor: FlaskClient) -> None:
    cookie = visitor.post("/login", data={"login": "ada", "password": "parola segreta"}).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_wrong_password_says_so_without_telling_which_part_is_wrong(visitor: FlaskClient) -> None:
    wrong = visitor.post("/login", data={"login": "ada", "password": "x"})
    unknown = visitor.post("/login", data={"login": "nobody", "password": "x"})
    assert wrong.status_code == unknown.status_code == 422
    sentence = re.search(r'id="log-in-error">([^<]+)<', wrong.text)
    assert sentence
    assert sentence[1] in unknown.text


def test_ten_wrong_passwords_in_a_minute_are_enough(house: Any) -> None:
    from app.web.site import create_site

    site = create_site(house)
    site.config["WTF_CSRF_ENABLED"] = False
    client = site.test_client()
    answers = [client.post("/login", data={"login": "ada", "password": "x"}) for _ in range(11)]
    assert [answer.status_code for answer in answers[:10]] == [422] * 10
    assert answers[10].status_code == 429
    assert answers[10].headers["Retry-After"] == "60"
    assert "Retry-After" not in answers[0].headers


@pytest.mark.parametrize(("proxies", "told", "last"), [(1, "203.0.113.{}", 422), (0, "203.0.113.{}", 429)])
def test_behind_a_proxy_of_the_house_one_who_guesses_does_not_shut_the_others_out(
    house: Any, proxies: int, told: str, last: int
) -> None:
    """Without one, whoever guesses might write any address into that header: it is not believed."""
    from app.web.site import create_site

    site = create_site(replace(house, settings=replace(house.settings, proxies=proxies)))
    site.config["WTF_CSRF_ENABLED"] = False
    client = site.test_client()
    wrong = {"login": "ada", "password": "x"}
    for _ in range(11):
        client.post("/login", data=wrong, headers={"X-Forwarded-For": told.format(1)})
    answer = client.post("/login", data=wrong, headers={"X-Forwarded-For": told.format(2)})
    assert answer.status_code == last


def test_a_page_for_people_with_an_account_leads_to_log_in_and_back(visitor: FlaskClient) -> None:
    answer = visitor.get("/cases/FIL-2023-0042/history")
    assert answer.status_code == 303
    asked = answer.headers["Location"]
    target = re.findall(r'name="next" value="([^"]+)"', visitor.get(asked).text)[-1]
    answer = visitor.post("/login", data={"login": "ada", "password": "parola segreta", "next": target})
    assert answer.headers["Location"] == "/cases/FIL-2023-0042/history"


def _post_after_the_session_ended(client: FlaskClient, by: str) -> str:
    fields = {"titolo": "Legno & <monti>", "partner.0.nome": "Segheria", "scelte": ["a", "b"], "_by": by}
    answer = client.post("/tasks/FIL-2023-0042/1", data=fields)
    assert answer.status_code == 401
    kept = re.search(r'name="kept" value="([^"]+)"', answer.text)
    assert kept
    assert "Segheria" not in answer.text
    return kept[1]


def test_what_was_typed_comes_back_after_the_log_in(client_of: Any, visitor: FlaskClient) -> None:
    by = re.search(r'name="_by" value="([^"]+)"', client_of("ada").get("/help").text)
    assert by
    kept = _post_after_the_session_ended(visitor, by[1])
    page = visitor.post("/login", data={"login": "ada", "password": "parola segreta", "kept": kept}).text
    assert 'action="/tasks/FIL-2023-0042/1"' in page
    assert 'name="_kept" value="1"' in page
    assert 'name="titolo" value="Legno &amp; &lt;monti&gt;"' in page
    assert page.count('name="scelte"') == 2


def test_another_person_does_not_get_what_somebody_typed(client_of: Any, visitor: FlaskClient) -> None:
    by = re.search(r'name="_by" value="([^"]+)"', client_of("ada").get("/help").text)
    assert by
    kept = _post_after_the_session_ended(visitor, by[1])
    answer = visitor.post("/login", data={"login": "bruno", "password": "parola segreta", "kept": kept})
    assert answer.status_code == 303
    assert "Segheria" not in visitor.get("/help").text


def test_a_forged_box_of_kept_fields_is_refused(visitor: FlaskClient) -> None:
    answer = visitor.post(
        "/login", data={"login": "ada", "password": "parola segreta", "kept": "gAAAA-nonsense"}
    )
    assert answer.status_code == 303


def test_a_post_without_its_token_is_refused_to_those_logged_in(site: Flask) -> None:
    site.config["WTF_CSRF_ENABLED"] = False
    client = site.test_client()
    client.post("/login", data={"login": "olga", "password": "parola segreta"})
    site.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/admin/clock", data={"leap": "day"})
    assert answer.status_code == 400


def test_every_refusal_is_a_page_in_both_languages(visitor: FlaskClient) -> None:
    assert visitor.get("/nowhere").status_code == 404
    assert "Questa pagina non c" in visitor.get("/nowhere").text
    visitor.post("/language", data={"language": "en"})
    assert "This page is not here" in visitor.get("/nowhere").text


def test_every_reason_that_an_error_carries_is_a_sentence_of_ours() -> None:
    root = Path(__file__).parents[2] / "app"
    sources = "".join(
        path.read_text()
        for part in ("definitions", "services", "domain", "store", "web")
        for path in (root / part).glob("*.py")
    )
    reasons = set(re.findall(r'(?:reason=|_refused\()"([a-z_]+)"', sources))
    at_their_field = {code.removeprefix("signature_") for code in messages.codes()} | set(uploads.refusals)
    assert reasons - at_their_field == set(refusals.reasons)
    assert set(uploads.refusals) <= reasons


def test_every_error_of_the_house_has_its_answer() -> None:
    here = {e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, errors.PraticaError)}
    caught = {errors.HandlerError, errors.ElementFailed}  # by the diagram and by incidents
    at_the_command_line = {errors.CommandInvalid, errors.ProgramDied}
    inside = {
        errors.PraticaError,
        *at_the_command_line,
        errors.StoryFailed,
        errors.StoryInvalid,
        *caught,
    }  # stories are played, not served
    assert here - inside - set(refusals.refusals) == set()


def test_what_one_may_not_see_is_as_if_it_were_not_there(client_of: Any) -> None:
    client = client_of("dora")
    assert client.get("/cases/FIL-2023-0042").status_code == 404
    assert client.get("/cases/FIL-2023-9999").status_code == 404


def test_built_files_are_packed_and_kept_for_a_year(visitor: FlaskClient) -> None:
    name = assets.manifest()["base.css"]
    packed = visitor.get(f"/static/{name}", headers={"Accept-Encoding": "gzip"})
    plain = visitor.get(f"/static/{name}")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 4
    assert "immutable" in packed.headers["Cache-Control"]
    assert re.search(r"-[0-9A-Z]{8}\.css$", name)


def test_static_files_outside_the_build_are_not_served(visitor: FlaskClient) -> None:
    assert visitor.get("/static/../../site.py").status_code == 404
    assert visitor.get("/static/%2e%2e/.stamp").status_code == 404


def test_the_published_list_comes_as_page_csv_and_json(visitor: FlaskClient) -> None:
    page = visitor.get("/publications/elenco").text
    assert "<td>28/06/2023</td>" in page
    assert "<td>A1, A2</td>" in page
    assert re.search(r"<summary>partner \(2\)</summary>", page)
    sheet = visitor.get("/publications/elenco.csv?version=1").data.decode("utf-8-sig").split("\r\n")
    assert sheet[0] == "codice;titolo;imprese;dal;ambiti;decreto.numero;partner"
    assert sheet[1] == "FIL-2023-0042;'=Filiera;12;2023-06-28;A1, A2;9;Uno, BG | Due, SO"
    assert visitor.get("/publications/elenco.json").json["iscritti"][0]["imprese"] == 12
    assert visitor.get("/publications/elenco?version=9").status_code == 404
    assert visitor.get("/publications/altro").status_code == 404


def test_a_published_list_is_filtered_searched_and_compared_with_the_version_before(
    visitor: FlaskClient,
) -> None:
    def rows(address: str) -> list[str]:
        return re.findall(r"<tr>\s*<td>(FIL-[^<]*)</td>", visitor.get(f"/publications/elenco{address}").text)

    assert rows("") == ["FIL-2023-0042", "FIL-2023-0043"]
    assert rows("?ambiti=A3") == ["FIL-2023-0043"]
    assert rows("?q=due+FILIERA") == ["FIL-2023-0042"]
    assert rows("?ambiti=A3&q=filiera") == []
    assert rows("?ambiti=A9") == ["FIL-2023-0042", "FIL-2023-0043"]
    page = visitor.get("/publications/elenco?lang=en").text
    assert 'name="ambiti"' in page
    assert 'name="dal"' not in page  # one value is no choice
    changed = re.findall(r'<th scope="row">([^<]*)</th>\s*<td>(.*?)</td>', page, re.DOTALL)
    told = [(name, re.sub(r"<[^>]*>", "", said)) for name, said in changed]
    assert [name for name, _ in told] == ["=Filiera", "Ottica"]
    assert re.search("9.*10", told[0][1])
    first = visitor.get("/publications/elenco?version=1").text
    assert '<th scope="row">=Filiera</th>' not in first
    hostile = visitor.get("/publications/elenco?q=%3Cscript%3Ealert(1)").text
    assert "<script>alert(1)" not in hostile


def test_the_routes_are_these_and_no_others(site: Flask) -> None:
    routes = {
        f"{method} {rule.rule}"
        for rule in site.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    }
    assert routes == known_routes


known_routes = {
    "GET /",
    "GET /invitations/<case_id>/<int:instance>/<token>",
    "POST /invitations/<case_id>/<int:instance>/<token>",
    "GET /invitations/<case_id>/<int:instance>/<token>/documents/<document_id>",
    "POST /invitations/<case_id>/<int:instance>/<token>/draft",
    "POST /invitations/<case_id>/<int:instance>/<token>/file",
    "GET /invitations/<case_id>/<int:instance>/<token>/messages/<name>",
    "POST /invitations/<case_id>/<int:instance>/<token>/messages/<name>",
    "GET /invitations/<case_id>/<int:instance>/<token>/account",
    "POST /invitations/<case_id>/<int:instance>/<token>/account",
    "GET /portal/invitations/<case_id>/<int:instance>",
    "POST /portal/invitations/<case_id>/<int:instance>",
    "GET /portal/invitations/<case_id>/<int:instance>/account",
    "POST /portal/invitations/<case_id>/<int:instance>/account",
    "GET /portal/invitations/<case_id>/<int:instance>/documents/<document_id>",
    "POST /portal/invitations/<case_id>/<int:instance>/draft",
    "POST /portal/invitations/<case_id>/<int:instance>/file",
    "GET /portal/invitations/<case_id>/<int:instance>/messages/<name>",
    "POST /portal/invitations/<case_id>/<int:instance>/messages/<name>",
    "GET /simulators",
    "GET /accessibility",
    "GET /admin",
    "POST /admin/clock",
    "GET /admin/incidents/<case_id>/<int:number>",
    "POST /admin/incidents/<case_id>/<int:number>",
    "GET /calls/<case_id>",
    "GET /calls/<case_id>/documents/<document_id>",
    "GET /cases",
    "GET /cases/<case_id>",
    "GET /cases/<case_id>/<any(tasks, parties, record, documents):section>",
    "GET /cases/<case_id>/decisions",
    "GET /cases/<case_id>/diagram",
    "GET /cases/<case_id>/history",
    "GET /cases/<case_id>/instances/<int:instance>/diagram.bpmn",
    "GET /desk",
    "POST /desk/bulk",
    "GET /desk/bulk/<key>",
    "POST /desk/bulk/<key>/undo",
    "POST /desk/bulk/preview",
    "POST /desk/filters",
    "GET /documents/<document_id>",
    "GET /documents/<document_id>/view",
    "GET /favicon.ico",
    "GET /help",
    "POST /language",
    "GET /login",
    "POST /login",
    "POST /logout",
    "GET /portal",
    "GET /portal/cases/<case_id>",
    "POST /portal/cases/<case_id>/colleagues",
    "POST /portal/cases/<case_id>/colleagues/remove",
    "POST /portal/start",
    "GET /privacy",
    "GET /publications",
    "GET /publications/<name>",
    "GET /publications/<name>.<any(json, csv):kind>",
    "GET /static/<path:name>",
    "GET /studio",
    "GET /cases/<case_id>/messages",
    "GET /cases/<case_id>/messages/<name>",
    "POST /cases/<case_id>/messages/<name>",
    "POST /studio/deploy",
    "GET /studio/processes/<process>",
    "GET /studio/processes/<process>/bundle.zip",
    "GET /studio/upload",
    "POST /studio/upload",
    "GET /tasks/<case_id>/<int:number>",
    "POST /tasks/<case_id>/<int:number>",
    "GET /tasks/<case_id>/<int:number>/codes",
    "POST /tasks/<case_id>/<int:number>/assign",
    "POST /tasks/<case_id>/<int:number>/claim",
    "POST /tasks/<case_id>/<int:number>/draft",
    "POST /tasks/<case_id>/<int:number>/file",
    "POST /tasks/<case_id>/<int:number>/release",
    "GET /tasks/<case_id>/<int:number>/versions",
    "GET /tasks/<case_id>/<int:number>/versions/compare",
    "GET /tasks/<case_id>/<int:number>/versions/draft.json",
    "POST /tasks/<case_id>/<int:number>/versions/import",
    "POST /tasks/<case_id>/<int:number>/versions/restore",
    "GET /welcome",
}


def test_the_language_form_leads_to_an_address_that_can_be_opened(site: Flask) -> None:
    """Pages that answer a post stand at addresses of which some take nothing but a post."""
    values = {
        "case_id": "FIL-2023-0042",
        "number": 1,
        "name": "x",
        "instance": 1,
        "section": "tasks",
        "token": "x",
        "key": "x",
    }
    for rule in site.url_map.iter_rules():
        if "POST" not in (rule.methods or set()):
            continue
        with site.test_request_context():
            path = url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
        with site.test_request_context(path, method="POST"):
            here = frame.surroundings()["here"]
            adapter = site.create_url_adapter(None) or site.url_map.bind("localhost")
            assert adapter.test(here, "GET"), (rule.rule, here)
            assert path.startswith(here)
