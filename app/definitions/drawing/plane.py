"""What a diagram shows: shapes with bounds, edges with waypoints, labels, read from BPMN DI."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from app.definitions.markup import BPMN, local, namespace

_DI = "http://www.omg.org/spec/BPMN/20100524/DI"
_DC = "http://www.omg.org/spec/DD/20100524/DC"
_DD = "http://www.omg.org/spec/DD/20100524/DI"
_FAR = 100_000.0


@dataclass(frozen=True)
class Box:
    """A rectangle in diagram units."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the rectangle."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True)
class Shape:
    """A node of the diagram: `kind` is the BPMN element's name, `node` the element itself."""

    id: str
    kind: str
    name: str
    box: Box
    node: etree._Element
    label: Box | None = None
    horizontal: bool = True
    expanded: bool = True


@dataclass(frozen=True)
class Edge:
    """A flow of the diagram with its waypoints."""

    id: str
    kind: str
    name: str
    points: tuple[tuple[float, float], ...]
    node: etree._Element
    label: Box | None = None


@dataclass(frozen=True)
class Plane:
    """The shapes and edges of one plane; `title` names the process or collaboration."""

    title: str
    shapes: tuple[Shape, ...] = ()
    edges: tuple[Edge, ...] = ()
    defaults: frozenset[str] = frozenset()
    kinds: dict[str, str] = field(default_factory=dict)


def read_plane(root: etree._Element) -> Plane:
    """Give the first plane of a diagram; what has no place in it is not drawn."""
    nodes = {str(n.get("id")): n for n in root.iter() if namespace(n) == BPMN and n.get("id")}
    plane = next(root.iter(f"{{{_DI}}}BPMNPlane"), None)
    shapes: list[Shape] = []
    edges: list[Edge] = []
    for item in plane if plane is not None else ():
        node = nodes.get(str(item.get("bpmnElement")))
        if node is None:
            continue
        if local(item) == "BPMNShape":
            shapes.extend(_shape(item, node))
        elif local(item) == "BPMNEdge":
            edges.extend(_edge(item, node))
    return Plane(
        title=_title(nodes, plane),
        shapes=tuple(shapes),
        edges=tuple(edges),
        defaults=frozenset(str(n.get("default")) for n in nodes.values() if n.get("default")),
        kinds={element: local(node) for element, node in nodes.items()},
    )


def _title(nodes: dict[str, etree._Element], plane: etree._Element | None) -> str:
    drawn = nodes.get(str(plane.get("bpmnElement"))) if plane is not None else None
    named = [drawn] if drawn is not None else []
    named += [n for n in nodes.values() if local(n) in {"process", "participant"}]
    return next((str(n.get("name")) for n in named if n.get("name")), "")


def _shape(item: etree._Element, node: etree._Element) -> Iterator[Shape]:
    box = _box(item.find(f"{{{_DC}}}Bounds"))
    if box is not None:
        name = str(node.get("name") or "")
        if local(node) == "textAnnotation":
            name = "".join(node.itertext()).strip()
        yield Shape(
            id=str(node.get("id")),
            kind=local(node),
            name=name,
            box=box,
            node=node,
            label=_box(item.find(f"{{{_DI}}}BPMNLabel/{{{_DC}}}Bounds")),
            horizontal=item.get("isHorizontal") != "false",
            expanded=item.get("isExpanded") == "true",
        )


def _edge(item: etree._Element, node: etree._Element) -> Iterator[Edge]:
    points = [(_number(p.get("x")), _number(p.get("y"))) for p in item.findall(f"{{{_DD}}}waypoint")]
    known = tuple((x, y) for x, y in points if x is not None and y is not None)
    if len(known) > 1:
        label = _box(item.find(f"{{{_DI}}}BPMNLabel/{{{_DC}}}Bounds"))
        yield Edge(str(node.get("id")), local(node), str(node.get("name") or ""), known, node, label)


def _box(bounds: etree._Element | None) -> Box | None:
    if bounds is None:
        return None
    sides = [_number(bounds.get(name)) for name in ("x", "y", "width", "height")]
    x, y, width, height = sides
    if x is None or y is None or width is None or height is None or width < 0 or height < 0:
        return None
    return Box(x, y, width, height)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if abs(value) < _FAR else None
