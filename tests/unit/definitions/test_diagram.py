"""Diagrams drawn in pure Python: everything that is placed is there, marked in words and signs, and safe."""

import pytest
from lxml import etree

from app.definitions.diagram import svg
from app.definitions.drawing.lettering import width_of, wrap
from app.domain.bundles import Bundle
from app.domain.errors import DefinitionInvalid, NotFound

SVG = "{http://www.w3.org/2000/svg}"
KINDS = """
startEvent endEvent intermediateCatchEvent intermediateThrowEvent boundaryEvent task userTask manualTask serviceTask
scriptTask businessRuleTask sendTask receiveTask callActivity subProcess transaction adHocSubProcess exclusiveGateway
parallelGateway inclusiveGateway eventBasedGateway complexGateway dataObjectReference dataStoreReference textAnnotation group
"""
EVENTS = "message timer signal error escalation terminate conditional link compensate cancel"


def _bundle(inside: str, placed: str) -> Bundle:
    text = f"""<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
      xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
      xmlns:di="http://www.omg.org/spec/DD/20100524/DI">
      <bpmn:process id="p" name="Domanda &lt;b&gt;">{inside}</bpmn:process>
      <bpmndi:BPMNDiagram id="D"><bpmndi:BPMNPlane id="P" bpmnElement="p">{placed}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
    </bpmn:definitions>"""
    return Bundle("p", {"p.bpmn": text.encode()})


def _shape(element: str, x: float = 0, y: float = 0, width: float = 100, height: float = 80) -> str:
    return (
        f'<bpmndi:BPMNShape id="{element}_di" bpmnElement="{element}">'
        f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/></bpmndi:BPMNShape>'
    )


def _edge(element: str, *points: tuple[float, float]) -> str:
    way = "".join(f'<di:waypoint x="{x}" y="{y}"/>' for x, y in points)
    return f'<bpmndi:BPMNEdge id="{element}_di" bpmnElement="{element}">{way}</bpmndi:BPMNEdge>'


SMALL = _bundle(
    '<bpmn:userTask id="A" name="Esamina"/><bpmn:endEvent id="B" name="Fine"/>'
    '<bpmn:sequenceFlow id="f" name="avanti" sourceRef="A" targetRef="B"/>',
    _shape("A") + _shape("B", 200, 22, 36, 36) + _edge("f", (100, 40), (200, 40)),
)


def _read(text: str) -> etree._Element:
    return etree.fromstring(text.encode())


def _element(root: etree._Element, name: str) -> etree._Element:
    return next(node for node in root.iter() if node.get("data-element-id") == name)


def test_every_element_is_there_with_its_name_and_the_picture_has_a_title() -> None:
    root = _read(svg(SMALL, "p"))
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == root.get("aria-label") == "Domanda <b>"
    assert _element(root, "A").findtext(f"{SVG}title") == "Esamina"
    assert [t.text for t in root.iter(f"{SVG}text")] == ["Esamina", "Fine", "avanti"]
    assert _element(root, "f").find(f"{SVG}path").get("d") == "M100,40 L200,40"


def test_marks_are_words_and_signs_and_not_colours_alone() -> None:
    marked = svg(SMALL, "p.bpmn", {"A": "active", "B": "incident", "f": "taken", "gone": "done"}, {"A": 3})
    root = _read(marked)
    assert _element(root, "A").findtext(f"{SVG}title") == "Esamina (attivo)"
    assert _element(root, "f").get("class") == "flow taken"
    assert root.findtext(f"{SVG}desc") == "attivo: Esamina. bloccato: Fine."
    assert "3" in [t.text for t in root.iter(f"{SVG}text")]
    assert "Esamina (active)" in svg(SMALL, "p", {"A": "active"}, language="en")


@pytest.mark.parametrize("kind", KINDS.split())
def test_each_kind_of_element_is_drawn(kind: str) -> None:
    inside = f'<bpmn:{kind} id="X" name="Nome"><bpmn:text>Nome</bpmn:text></bpmn:{kind}>'
    root = _read(svg(_bundle(inside, _shape("X")), "p"))
    assert len(_element(root, "X")) > 1


@pytest.mark.parametrize("trigger", EVENTS.split())
def test_each_trigger_of_an_event_has_its_picture(trigger: str) -> None:
    plain = _read(svg(_bundle('<bpmn:endEvent id="X"/>', _shape("X", width=36, height=36)), "p"))
    inside = f'<bpmn:endEvent id="X"><bpmn:{trigger}EventDefinition id="t"/></bpmn:endEvent>'
    root = _read(svg(_bundle(inside, _shape("X", width=36, height=36)), "p"))
    assert len(_element(root, "X")) > len(_element(plain, "X"))


def test_no_inline_style_no_script_and_no_markup_of_names_gets_through() -> None:
    inside = '<bpmn:userTask id="A" name="&lt;script&gt;alert(1)&lt;/script&gt;"/>'
    root = _read(svg(_bundle(inside, _shape("A")), "p", {"A": "active"}))
    tags = {etree.QName(node).localname for node in root.iter()}
    assert tags <= {"svg", "g", "title", "desc", "rect", "circle", "path", "text"}
    assert not [
        node for node in root.iter() if node.get("style") or any(a.startswith("on") for a in node.attrib)
    ]


def test_the_picture_is_as_large_as_what_is_drawn() -> None:
    x, y, width, height = (float(part) for part in _read(svg(SMALL, "p")).get("viewBox").split())
    assert x < 0
    assert y < 0
    assert x + width > 236
    assert y + height > 80


@pytest.mark.parametrize("bounds", ['x="NaN" y="0"', 'x="1e99" y="0"', 'x="a" y="0"', 'y="0"'])
def test_what_has_no_place_is_not_drawn(bounds: str) -> None:
    shape = f'<bpmndi:BPMNShape bpmnElement="A"><dc:Bounds {bounds} width="1" height="1"/></bpmndi:BPMNShape>'
    with pytest.raises(DefinitionInvalid, match="places none"):
        svg(_bundle('<bpmn:task id="A"/>', shape), "p")


def test_a_diagram_that_is_not_in_the_bundle_is_not_found() -> None:
    with pytest.raises(NotFound):
        svg(SMALL, "q")


def test_text_is_wrapped_to_its_width_and_cut_with_an_ellipsis() -> None:
    rows = wrap("Verifica formale della domanda di contributo presentata", 90, 12, 3)
    assert len(rows) == 3
    assert rows[-1].endswith("…")
    assert all(width_of(row, 12) <= 90 + width_of("…", 12) for row in rows)
    assert "".join(wrap("precipitevolissimevolmente", 50, 12, 9)) == "precipitevolissimevolmente"
    assert wrap("", 50, 12, 2) == []
