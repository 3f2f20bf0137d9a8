"""The shipped diagrams look as a person would draw them: everything drawn, nothing overlaps, lines at right angles."""

from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree

root = Path(__file__).parents[2]
DIAGRAMS = sorted((root / "processes").glob("*/*.bpmn"))
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DD = "{http://www.omg.org/spec/DD/20100524/DI}"
NODES = {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "subProcess"} | {
    "userTask", "serviceTask", "scriptTask", "businessRuleTask", "sendTask", "callActivity", "exclusiveGateway",
    "eventBasedGateway",
}  # fmt: skip


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box", gap: float = 0) -> bool:
        across = self.left < other.right + gap and other.left < self.right + gap
        return across and self.top < other.bottom + gap and other.top < self.bottom + gap

    def holds(self, other: "Box") -> bool:
        across = self.left <= other.left and self.right >= other.right
        return across and self.top <= other.top and self.bottom >= other.bottom


def box_of(shape: etree._Element) -> Box:
    x, y, w, h = (float(shape.find(f"{DC}Bounds").get(a)) for a in ("x", "y", "width", "height"))
    return Box(x, y, x + w, y + h)


class Drawing:
    def __init__(self, data: bytes) -> None:
        tree = etree.fromstring(data)
        self.boxes = {s.get("bpmnElement"): box_of(s) for s in tree.iter(f"{DI}BPMNShape")}
        self.labels = {
            s.get("bpmnElement"): box_of(label)
            for s in tree.iter(f"{DI}BPMNShape", f"{DI}BPMNEdge")
            for label in s.iterfind(f"{DI}BPMNLabel")
        }
        self.lines = {
            e.get("bpmnElement"): [
                (float(w.get("x")), float(w.get("y"))) for w in e.iterfind(f"{DD}waypoint")
            ]
            for e in tree.iter(f"{DI}BPMNEdge")
        }
        self.nodes = {e.get("id"): e for e in tree.iter() if etree.QName(e).localname in NODES}
        self.flows = {e.get("id"): e for e in tree.iter(f"{BPMN}sequenceFlow")}
        self.lanes = [e.get("id") for e in tree.iter(f"{BPMN}lane")]

    def faults(self) -> list[str]:
        return [*self._missing(), *self._overlaps(), *self._crooked(), *self._crossings()]

    def _missing(self) -> list[str]:
        drawn = set(self.boxes) | set(self.lines)
        return [f"not drawn: {name}" for name in [*self.nodes, *self.flows, *self.lanes] if name not in drawn]

    def _related(self, one: str, other: str) -> bool:
        a, b = self.nodes[one], self.nodes[other]
        nested = a in b.iterancestors() or b in a.iterancestors()
        return nested or other == a.get("attachedToRef") or one == b.get("attachedToRef")

    def _overlaps(self) -> list[str]:
        found = []
        for one, other in combinations([n for n in self.nodes if n in self.boxes], 2):
            if self.boxes[one].overlaps(self.boxes[other], gap=4) and not self._related(one, other):
                found.append(f"{one} overlaps {other}")
        for name, label in self.labels.items():
            shapes = [n for n in self.nodes if n != name and self.nodes[n].tag != f"{BPMN}subProcess"]
            found += [
                f"label of {name} covers {n}"
                for n in shapes
                if n in self.boxes and label.overlaps(self.boxes[n], -3)
            ]
        return found

    def _crooked(self) -> list[str]:
        return [
            f"slanted: {name}"
            for name, line in self.lines.items()
            for (x1, y1), (x2, y2) in pairwise(line)
            if x1 != pytest.approx(x2) and y1 != pytest.approx(y2)
        ]

    def _crossings(self) -> list[str]:
        found = []
        for name, line in self.lines.items():
            ends = {self.flows[name].get("sourceRef"), self.flows[name].get("targetRef")}
            ends |= {self.nodes[end].get("attachedToRef") for end in ends}
            for (x1, y1), (x2, y2) in pairwise(line):
                way = Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
                tasks = [n for n in self.nodes if n not in ends and self.nodes[n].tag != f"{BPMN}subProcess"]
                found += [
                    f"{name} crosses {n}" for n in tasks if n in self.boxes and way.overlaps(self.boxes[n])
                ]
        return found


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda p: p.stem)
def test_a_diagram_is_drawn_whole_and_readable(path: Path) -> None:
    assert Drawing(path.read_bytes()).faults() == []


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda p: p.stem)
def test_every_element_of_a_lane_lies_in_it(path: Path) -> None:
    drawing = Drawing(path.read_bytes())
    tree = etree.fromstring(path.read_bytes())
    for lane in tree.iter(f"{BPMN}lane"):
        for reference in lane.iterfind(f"{BPMN}flowNodeRef"):
            node = drawing.nodes[reference.text]
            if node.tag not in {f"{BPMN}subProcess", f"{BPMN}boundaryEvent"}:
                assert drawing.boxes[lane.get("id")].holds(drawing.boxes[reference.text]), reference.text


def test_a_shape_moved_onto_another_and_a_slanted_line_are_caught() -> None:
    text = (root / "processes/sub_protocollo/sub_protocollo.bpmn").read_text()
    drawing = Drawing(text.encode())
    task = drawing.boxes["ST_registra"]
    moved = text.replace(f'<dc:Bounds x="{task.left:g}"', f'<dc:Bounds x="{task.left - 120:g}"', 1)
    assert "ST_calcola_impronta overlaps ST_registra" in Drawing(moved.encode()).faults()
    (x, y) = drawing.lines["F_SE_avvio__ST_calcola_impronta"][1]
    slanted = text.replace(f'<di:waypoint x="{x:g}" y="{y:g}"', f'<di:waypoint x="{x:g}" y="{y + 30:g}"', 1)
    assert "slanted: F_SE_avvio__ST_calcola_impronta" in Drawing(slanted.encode()).faults()
