"""A story signs what a form expects, tries another document and another person, and is replayed as any other."""

import json
from pathlib import Path

from tests.papers import CODE, OTHER
from tests.scenarios.conftest import Play
from tests.small import bpmn, flows, lane, manifest

BODY = lane("richiedente", "UT_firma") + (
    '<bpmn:startEvent id="s"/><bpmn:userTask id="UT_firma" pratica:form="frm_firma" pratica:result="fatto"/>'
    '<bpmn:endEvent id="e"/>' + flows("s>UT_firma", "UT_firma>e")
)
ROW = {
    "type": "filepicker",
    "key": "firma",
    "label": "Firma",
    "validate": {"required": True},
    "properties": {"validator": "firma", "signed": "=accordo", "signer": "=cf", "label_en": "Signature"},
}
FORM = {
    "id": "frm_firma",
    "components": [
        {"type": "filepicker", "key": "accordo", "label": "Accordo", "properties": {"label_en": "Agreement"}},
        {
            "type": "dynamiclist",
            "path": "partner",
            "label": "Partner",
            "properties": {"label_en": "Partners"},
            "components": [
                {"type": "textfield", "key": "cf", "label": "CF", "properties": {"label_en": "Fiscal code"}},
                ROW,
            ],
        },
    ],
}
STORY = f"""
title = "Due firme"
starts = 2023-05-08T10:00:00
[[step]]
start = "prova"
by = "ada"
[[step]]
complete = "UT_firma"
by = "ada"
values = {{accordo = "file:accordo.pdf", partner = [{{cf = "{CODE}", firma = "sign:{CODE}"}}, {{cf = "{OTHER}", firma = "sign:{CODE}"}}]}}
refused = "form_invalid"
at = ["partner.1.firma"]
[[step]]
complete = "UT_firma"
by = "ada"
values = {{accordo = "file:altro.pdf", partner = [{{cf = "{CODE}", firma = "sign:{CODE}@accordo.pdf"}}]}}
refused = "form_invalid"
at = ["partner.0.firma"]
[[step]]
complete = "UT_firma"
by = "ada"
values = {{accordo = "file:accordo.pdf", partner = [{{cf = "{CODE}", firma = "sign:"}}, {{cf = "{OTHER}", firma = "sign:{OTHER}"}}]}}
[[step]]
expect = {{ends = ["e"]}}
"""


def told(folder: Path, story: str) -> Path:
    process = folder / "processes" / "prova"
    (process / "scenarios").mkdir(parents=True)
    (folder / "forms" / "prova").mkdir(parents=True)
    (folder / "processes" / "demo.toml").write_text('[people.ada]\nname = "Ada Demorossi"\n')
    (process / "prova.bpmn").write_bytes(bpmn("prova", BODY))
    (process / "process.toml").write_bytes(manifest("prova"))
    (process / "scenarios" / "firme.toml").write_text(story)
    (folder / "forms" / "prova" / "frm_firma.json").write_text(json.dumps(FORM))
    return folder


def test_a_story_signs_in_rows_and_the_wrong_ways_are_refused_at_their_fields(
    play: Play, tmp_path: Path
) -> None:
    report = play(told(tmp_path, STORY))
    assert [each.fault for each in report.played] == [""]


def test_a_story_that_signs_where_no_signature_is_asked_says_so(play: Play, tmp_path: Path) -> None:
    story = STORY.partition("values = ")[0] + f'values = {{accordo = "sign:{CODE}", partner = []}}'
    (played,) = play(told(tmp_path, story)).played
    assert "Expected a field accordo of REQ-2023-0001/1 that takes a signature" in played.fault
