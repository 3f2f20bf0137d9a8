"""A field for a signature in a real browser: what is signed stands beside it, the simulator works without scripts."""

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from app.domain.actors import Actor, system
from app.domain.bundles import Bundle
from app.services import cases, definitions, documents, tasks
from app.services.documents import Wanted
from app.store.clock import FixedClock
from app.store.database import Database
from app.testing.papers import made_up
from app.web.site import create_site
from tests.browser import live
from tests.browser.live import too_wide, violations
from tests.papers import CODE, OTHER
from tests.small import bpmn, flows, lane, manifest

pytestmark = pytest.mark.browser
lia = Actor("lia", "Lia Firmataria")
PDF = made_up("accordo.pdf")
BODY = lane("richiedente", "prepara", "firma") + (
    '<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>'
    '<bpmn:userTask id="prepara" name="Accordo" pratica:form="frm_accordo" pratica:result="preparato"/>'
    '<bpmn:userTask id="firma" name="Firma" pratica:form="frm_firma" pratica:result="fatto"/>'
    + flows("s>prepara", "prepara>firma", "firma>e")
)
ACCORDO = {
    "id": "frm_accordo",
    "components": [
        {
            "type": "filepicker",
            "key": "file",
            "label": "Accordo",
            "accept": ".pdf",
            "properties": {"label_en": "Agreement"},
        }
    ],
}
FIRMA = {
    "id": "frm_firma",
    "components": [
        {
            "type": "textfield",
            "key": "cf",
            "label": "Codice fiscale di chi firma",
            "properties": {"label_en": "Fiscal code", "validator": "codice_fiscale"},
        },
        {"type": "textfield", "key": "nota", "label": "Nota", "properties": {"label_en": "Note"}},
        {
            "type": "filepicker",
            "key": "firma",
            "label": "Accordo firmato",
            "accept": ".p7m,.pdf",
            "validate": {"required": True},
            "properties": {
                "label_en": "Signed agreement",
                "validator": "firma",
                "signed": "=preparato.file",
                "signer": "=cf",
                "personal": "firmatario",
            },
        },
    ],
}


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: FixedClock) -> Any:
    made = live.house_on(database, tmp_path, clock, [lia])
    files = {
        "prova.bpmn": bpmn("prova", BODY),
        "process.toml": manifest("prova"),
        "forms/frm_accordo.json": json.dumps(ACCORDO).encode(),
        "forms/frm_firma.json": json.dumps(FIRMA).encode(),
    }
    definitions.deploy(made, Bundle("prova", files), system)
    return made


@pytest.fixture
def address(house: Any) -> Iterator[str]:
    with live.served(house) as served:
        yield served.address


def signing(watched: Any, house: Any) -> Any:
    case = cases.start(house, "prova", lia)
    file = documents.attach(house, f"{case.id}/1", "accordo.pdf", PDF, lia, Wanted())
    tasks.complete(house, f"{case.id}/1", {"file": file.id}, lia)
    watched.log_in("lia")
    page = watched.open(f"/tasks/{case.id}/2")
    page.set_default_timeout(8000)
    return page


def test_the_simulator_signs_without_scripts_once_it_is_known_for_whom(
    watched_without_scripts: Any, house: Any
) -> None:
    page = signing(watched_without_scripts, house)
    expect(page.locator(".field-signing")).to_contain_text(sha256(PDF).hexdigest())
    expect(page.locator(".field-signing a")).to_have_text("accordo.pdf")
    page.fill("[name=nota]", "resta qui")
    page.get_by_role("button", name="Firma con il simulatore (demo)").click()
    expect(page.locator("#f-firma-error")).to_contain_text("prima rispondere a Codice fiscale di chi firma")
    assert page.input_value("[name=nota]") == "resta qui"
    watched_without_scripts.shot("firma-manca")
    page.fill("[name=cf]", CODE)
    page.get_by_role("button", name="Firma con il simulatore (demo)").click()
    expect(page.locator(".field-files")).to_contain_text("accordo.pdf.p7m")
    expect(page.locator("main")).to_contain_text("non ha valore legale")
    assert page.input_value("[name=nota]") == "resta qui"
    watched_without_scripts.shot("firma-simulata")
    page.fill("[name=cf]", OTHER)
    page.get_by_role("button", name="Completa").click()
    expect(page.locator("#f-firma-error")).to_contain_text(
        f"codice fiscale {OTHER}: ha firmato Lia Firmataria"
    )
    watched_without_scripts.shot("firma-sbagliata")
    page.fill("[name=cf]", CODE)
    page.get_by_role("button", name="Completa").click()
    expect(page.locator("main")).to_contain_text("completat")


def test_the_field_is_accessible_and_fits_a_telephone(watched: Any, house: Any) -> None:
    page = signing(watched, house)
    page.fill("[name=cf]", CODE)
    page.get_by_role("button", name="Firma con il simulatore (demo)").click()
    expect(page.locator(".field-files")).to_contain_text("accordo.pdf.p7m")
    assert violations(page) == []
    watched.shot("firma")
    page.set_viewport_size({"width": 360, "height": 740})
    assert not too_wide(page)
    watched.shot("firma-telefono")
    assert watched.violations == []
    assert watched.errors == []


def test_a_file_that_does_harm_is_refused_at_its_field_and_the_hint_follows_the_limit(
    database: Database, tmp_path: Path, clock: FixedClock, house: Any
) -> None:
    small = replace(
        house, settings=replace(house.settings, document_limit=3 * 2**20, demo=False, clamd="127.0.0.1:1")
    )
    case = cases.start(small, "prova", lia)
    site = create_site(small)
    site.config.update(WTF_CSRF_ENABLED=False)
    client = site.test_client()
    client.post("/login", data={"login": "lia", "password": live.password})
    assert "al massimo 3 MB" in client.get(f"/tasks/{case.id}/1").text
    for data, said in (
        (PDF, "Riprovare tra qualche minuto"),
        (PDF + b"1 0 obj<</S/Launch>>endobj", "contiene script, programmi o comandi"),
    ):
        sent = {"_do": "save", "file": "", "_file.file": (BytesIO(data), "accordo.pdf")}
        answer = client.post(f"/tasks/{case.id}/1", data=sent)
        assert answer.status_code == 422
        assert said in answer.text
    assert client.post(f"/tasks/{case.id}/1", data={"_sign": "file", "file": ""}).status_code == 403
    assert "simulatore" not in client.get(f"/tasks/{case.id}/1").text
