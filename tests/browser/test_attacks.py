"""What people with bad intentions, or broken programs, send: an answer with its reason, never a failure of the house."""

from typing import Any

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize(
    "target", ["//[", "http://[", "/help\r\nSet-Cookie: a=b", "/\t/evil.example", "/\n/evil.example", "/\x7f"]
)
def test_an_address_that_cannot_be_read_is_no_place_to_go(visitor: FlaskClient, target: str) -> None:
    answer = visitor.post("/language", data={"language": "en", "next": target})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert visitor.get("/login", query_string={"next": target}).status_code == 200


def test_a_path_of_the_house_is_gone_back_to_with_its_question(visitor: FlaskClient) -> None:
    target = "/desk?q=filo%20d'aria&è=1"
    answer = visitor.post("/language", data={"language": "en", "next": target})
    assert answer.headers["Location"].startswith("/desk?q=filo%20d'aria")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/cases/%00", 404),
        ("/tasks/FIL%002023/1", 404),
        ("/documents/%00", 404),
        ("/publications/%00.json", 404),
        ("/desk?group=%00", 400),
    ],
)
def test_an_address_with_a_zero_byte_is_refused_before_the_database_sees_it(
    client_of: Any, path: str, status: int
) -> None:
    assert client_of("bruno").get(path).status_code == status


@pytest.mark.parametrize("number", ["0", "-1", "2147483648", "99999999999999999999"])
def test_an_instance_that_no_case_can_have_is_not_found(client_of: Any, number: str) -> None:
    client = client_of("ada")
    assert client.get(f"/cases/FIL-2023-0042/diagram?instance={number}").status_code == 404
    assert client.get(f"/cases/FIL-2023-0042/instances/{number}/diagram.bpmn").status_code == 404


@pytest.mark.parametrize("field", ["process", "under", "_key"])
def test_a_field_with_a_zero_byte_is_refused_where_it_could_not_be_kept(client_of: Any, field: str) -> None:
    given = {"process": "f1_presentazione", "under": "ED-2023-0001", "_key": "k"}
    assert client_of("ada").post("/portal/start", data=given | {field: "a\0b"}).status_code == 400


@pytest.mark.parametrize("carried", ["a", "abc", "è", "%%%", ""])
def test_a_bundle_altered_on_its_way_is_refused(client_of: Any, carried: str) -> None:
    answer = client_of("dora").post("/studio/deploy", data={"bundle": carried, "process": "x"})
    assert answer.status_code == 422


def test_who_is_no_designer_is_told_so_before_an_archive_is_opened(client_of: Any) -> None:
    assert client_of("ada").post("/studio/deploy", data={"bundle": "UEs=", "process": "x"}).status_code == 403


@pytest.mark.parametrize("path", ["/desk", "/static/nothing.svg", "/help"])
def test_an_answer_still_on_its_way_cannot_log_in_again_who_has_logged_out(client_of: Any, path: str) -> None:
    client = client_of("bruno")
    client.get("/desk")  # the page that gives the session its token against forged posts
    assert "Set-Cookie" not in client.get(path).headers
