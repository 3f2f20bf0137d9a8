"""The history names elements by id: what has been drawn once keeps its id for ever, whatever comes in between."""

import json
from pathlib import Path

import pytest
from lxml import etree

root = Path(__file__).parents[2]
KEPT = Path(__file__).with_name("element_ids.json")
NODES = ("Task", "task", "Event", "Gateway", "subProcess", "callActivity")


def drawn(path: Path) -> set[str]:
    """Give the ids of a diagram's nodes."""
    found = etree.parse(path).iter("{http://www.omg.org/spec/BPMN/20100524/MODEL}*")
    return {str(e.get("id")) for e in found if e.get("id") and etree.QName(e).localname.endswith(NODES)}


@pytest.mark.parametrize("path", sorted((root / "processes").glob("*/*.bpmn")), ids=lambda p: p.stem)
def test_no_element_that_was_drawn_loses_its_id(path: Path) -> None:
    """A new element is added to the list beside this test; one that is taken out needs a migration of the cases that are at it."""
    kept = json.loads(KEPT.read_text())[path.stem]
    assert sorted(drawn(path)) == kept


def test_the_elements_of_the_full_design_have_its_names() -> None:
    """The ids of the review's own table (domain description, 6.b) that are drawn today."""
    review = drawn(root / "processes/f1_istruttoria/f1_istruttoria.bpmn")
    scoring = drawn(root / "processes/f1_valutazione/f1_valutazione.bpmn")
    decree = drawn(root / "processes/sub_decreto/sub_decreto.bpmn")
    assert {
        "MS_start",
        "ST_apri",
        "UT_assegna",
        "SP_visure",
        "BR_D1",
        "UT_verifica",
        "BR_D2",
        "GW_formale",
    } <= review
    assert {"UT_proposta", "UT_decisione", "MT_ammessa", "BE_ritiro", "UT_prende_atto"} <= review
    assert {"UT_nucleo", "SP_schede", "ST_consolida", "BR_D4", "UT_consenso", "UT_seduta", "BR_D5"} <= scoring
    assert {
        "UT_redigi",
        "ST_genera_decreto",
        "UT_verifica_rup",
        "UT_visto_ragioneria",
        "UT_firma_dirigente",
    } <= decree
    assert {"ST_numera", "ST_pubblica_burl", "EE_adottato"} <= decree
