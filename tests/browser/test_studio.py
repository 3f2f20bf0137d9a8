"""The designers' place: what runs where, findings at their elements, upload and deploy; and what an upload cannot do."""

import io
import re
import zipfile
from typing import Any

import pytest
from flask.testing import FlaskClient
from paper import bundle


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _upload(client: FlaskClient, *files: tuple[bytes, str]) -> Any:
    sent = [(io.BytesIO(data), name) for data, name in files]
    return client.post("/studio/upload", data={"files": sent}, content_type="multipart/form-data")


def test_processes_are_listed_with_versions_instances_and_findings(client_of: Any) -> None:
    row = re.search(r"<tr>\s*<th scope=\"row\"><a.*?</tr>", client_of("dora").get("/studio").text, re.DOTALL)
    assert row
    assert "Filing a proposal" in row[0]
    assert re.findall(r"<td>(\d+)</td>", row[0]) == ["2", "1", "4"]
    assert "1 warning" in row[0]


def test_a_process_shows_which_instance_is_on_which_version(client_of: Any) -> None:
    page = client_of("dora").get("/studio/processes/f1_presentazione").text
    assert "FIL-2023-0042" in page
    assert "Nothing tells who is told." in page
    assert client_of("dora").get("/studio/processes/f1_presentazione?version=1").status_code == 200
    assert client_of("dora").get("/studio/processes/f1_presentazione?version=7").status_code == 404
    assert client_of("dora").get("/studio/processes/altro").status_code == 404


def test_a_bundle_comes_back_as_it_was_deployed(client_of: Any) -> None:
    answer = client_of("dora").get("/studio/processes/f1_presentazione/bundle.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == bundle.files


@pytest.mark.parametrize("path", ["/studio", "/studio/upload", "/studio/processes/f1_presentazione"])
def test_the_studio_is_for_designers(client_of: Any, path: str) -> None:
    assert client_of("bruno").get(path).status_code == 403
    assert client_of("bruno").post("/studio/deploy", data={"process": "x", "bundle": ""}).status_code in {
        403,
        422,
    }


def test_a_checked_bundle_is_deployed_only_when_the_designer_says_so(client_of: Any, house: Any) -> None:
    client = client_of("dora")
    page = _upload(client, (_zip(dict(bundle.files)), "mio.zip")).text
    assert house.said == []
    carried = re.search(r'name="bundle" value="([^"]+)"', page)
    assert carried
    answer = client.post("/studio/deploy", data={"process": "f1_presentazione", "bundle": carried[1]})
    assert answer.headers["Location"] == "/studio/processes/f1_presentazione"
    assert house.said == [("deploy", "f1_presentazione", bundle.hash)]


def test_a_single_diagram_shows_its_findings_and_cannot_be_deployed(client_of: Any) -> None:
    page = _upload(client_of("dora"), (bundle.files["f1_presentazione.bpmn"], "f1_presentazione.bpmn")).text
    assert "Expected a manifest, but there is none." in page
    assert "Add process.toml." in page
    assert 'data-element="UT_firma"' in page
    assert "/studio/deploy" not in page


def test_an_altered_hidden_bundle_is_checked_again(client_of: Any, house: Any) -> None:
    answer = client_of("dora").post(
        "/studio/deploy", data={"process": "f1_presentazione", "bundle": "bm90IGEgemlw"}
    )
    assert answer.status_code == 422
    assert client_of("dora").post("/studio/deploy", data={"process": "x", "bundle": "!"}).status_code == 422
    assert house.said == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.zip", b"PK\x03\x04 broken"),
        ("a.zip", _zip({"../../etc/cron.d/x.bpmn": b"<x/>"})),
        ("a.zip", _zip({"x.bpmn": b"0" * 40_000_000})),
        ("a.zip", _zip({f"f{n}.bpmn": b"<x/>" for n in range(3000)})),
        ("x.exe", b"MZ"),
        ("x y.bpmn", b"<x/>"),
    ],
    ids=["broken", "escaping", "bomb", "too many", "not ours", "odd name"],
)
def test_a_hostile_upload_is_answered_with_a_sentence(client_of: Any, name: str, data: bytes) -> None:
    answer = _upload(client_of("dora"), (data, name))
    assert answer.status_code == 422
    sentence = re.search(r'id="refused">([^<]+)<', answer.text)
    assert sentence
    assert sentence[1].startswith("Expected ")


def test_no_file_at_all_is_answered_with_a_sentence(client_of: Any) -> None:
    answer = client_of("dora").post("/studio/upload", data={})
    assert answer.status_code == 422
    assert "no file was chosen" in answer.text


def test_outside_entities_of_an_uploaded_diagram_are_never_read(client_of: Any) -> None:
    diagram = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>
    <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="x" name="&e;"/></definitions>"""
    answer = _upload(client_of("dora"), (diagram, "x.bpmn"))
    assert "root:" not in answer.text


def test_a_diagram_that_is_no_xml_still_gets_a_page(client_of: Any) -> None:
    assert _upload(client_of("dora"), (b"\xff\xfe not xml </script>", "x.bpmn")).status_code == 200


def test_a_diagram_cannot_leave_the_settings_of_its_page(client_of: Any) -> None:
    page = _upload(client_of("dora"), (b"</script><script>alert(1)</script>", "x.bpmn")).text
    assert "<script>alert(1)" not in page


@pytest.mark.browser
def test_a_finding_leads_to_its_element_on_the_diagram(watched: Any) -> None:
    watched.log_in("dora")
    page = watched.open("/studio/processes/f1_presentazione")
    assert page.locator("#viewer .pr-mark-warning[data-element-id=ST_avvisa]").count() == 1
    page.locator("[data-element=ST_avvisa]").click()
    box = page.locator("#viewer").bounding_box()
    element = page.locator("#viewer [data-element-id=ST_avvisa]").bounding_box()
    assert box["x"] <= element["x"] <= box["x"] + box["width"] - element["width"]


@pytest.mark.browser
def test_an_upload_through_the_page_shows_its_findings_on_the_diagram(watched: Any) -> None:
    watched.log_in("dora")
    page = watched.open("/studio/upload")
    file = {
        "name": "f1_presentazione.bpmn",
        "mimeType": "application/xml",
        "buffer": bundle.files["f1_presentazione.bpmn"],
    }
    page.locator("#files").set_input_files(file)
    page.locator("main button[type=submit]").click()
    page.locator(".pr-mark-error[data-element-id=UT_firma]").wait_for()
    watched.shot("dora-checked")
    assert watched.violations == []
