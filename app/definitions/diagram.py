"""A BPMN diagram as SVG, in pure Python: for PDF, for pages without JavaScript, for evidence."""

from collections.abc import Iterable, Mapping

from lxml import etree

from app.definitions.drawing import flows, shapes
from app.definitions.drawing.canvas import PAPER, SVG, Canvas
from app.definitions.drawing.marks import WORDS, badge
from app.definitions.drawing.plane import Plane, Shape, read_plane
from app.definitions.markup import parse
from app.domain.bundles import Bundle
from app.domain.errors import DefinitionInvalid, NotFound

_PADDING = 24.0
_LABEL = 60.0


def svg(
    bundle: Bundle,
    process: str,
    marks: Mapping[str, str] | None = None,
    counts: Mapping[str, int] | None = None,
    language: str = "it",
) -> str:
    """Draw a diagram of a bundle, named by its process or its file.

    `marks` maps an element to active, done or incident, and a flow to taken; `counts` gives the tokens that stand
    at an element. What the file's diagram does not place is not drawn. Raises NotFound and DefinitionInvalid.
    """
    name = process if process.endswith(".bpmn") else f"{process}.bpmn"
    if name not in bundle.files:
        raise NotFound(f"Expected the diagram {name} in the bundle, but it is not there.")
    plane = read_plane(parse(name, bundle.files[name]))
    if not plane.shapes:
        raise DefinitionInvalid(f"Expected shapes in {name}, but its diagram places none.")
    return draw(plane, marks or {}, counts or {}, language)


def draw(plane: Plane, marks: Mapping[str, str], counts: Mapping[str, int], language: str) -> str:
    """Draw a plane with marks."""
    root = etree.Element(f"{{{SVG}}}svg", nsmap={None: SVG})
    page = Canvas(root)
    x, y, width, height = _extent(plane)
    for key, value in {
        "viewBox": f"{x:g} {y:g} {width:g} {height:g}",
        "width": f"{width:g}",
        "height": f"{height:g}",
    }.items():
        root.set(key, value)
    root.set("role", "img")
    root.set("aria-label", plane.title or "BPMN")
    page.put("title", plane.title or "BPMN")
    page.put("desc", _description(plane, marks, language))
    page.rect(x, y, width, height, fill=PAPER, stroke="none")
    ordered = sorted(plane.shapes, key=shapes.layer)
    _nodes(page, (s for s in ordered if shapes.holds_others(s)), marks, language)
    for edge in plane.edges:
        taken = marks.get(edge.id) == "taken"
        flow = page.group(data_element_id=edge.id, class_="flow taken" if taken else "flow")
        flows.draw(flow, edge, plane, taken=taken)
    _nodes(page, (s for s in ordered if not shapes.holds_others(s)), marks, language)
    for edge in plane.edges:
        flows.label(page, edge)
    for shape in ordered:
        if marks.get(shape.id) in WORDS or counts.get(shape.id):
            badge(page, shape.box, marks.get(shape.id, ""), counts.get(shape.id, 0))
    return etree.tostring(root, encoding="unicode")


def _nodes(page: Canvas, drawn: Iterable[Shape], marks: Mapping[str, str], language: str) -> None:
    for shape in drawn:
        mark = marks.get(shape.id, "")
        group = page.group(data_element_id=shape.id, class_=f"element {mark}".strip())
        group.put("title", _called(shape, mark, language))
        shapes.draw(group, shape, mark)


def _called(shape: Shape, mark: str, language: str) -> str:
    word = WORDS.get(mark, {}).get("en" if language == "en" else "it", "")
    name = " ".join((shape.name or shape.id).split())
    return f"{name} ({word})" if word else name


def _description(plane: Plane, marks: Mapping[str, str], language: str) -> str:
    """Give in words what the marks show: which elements are active, stuck, done."""
    parts = []
    for mark in ("active", "incident", "done"):
        names = [" ".join((s.name or s.id).split()) for s in plane.shapes if marks.get(s.id) == mark]
        if names:
            parts.append(f"{WORDS[mark]['en' if language == 'en' else 'it']}: {', '.join(names)}.")
    return " ".join(parts)


def _extent(plane: Plane) -> tuple[float, float, float, float]:
    boxes = [shape.box for shape in plane.shapes]
    boxes += [shape.label for shape in plane.shapes if shape.label is not None]
    boxes += [edge.label for edge in plane.edges if edge.label is not None]
    xs = [b.x for b in boxes] + [b.x + b.width for b in boxes] + [p[0] for e in plane.edges for p in e.points]
    ys = (
        [b.y for b in boxes] + [b.y + b.height for b in boxes] + [p[1] for e in plane.edges for p in e.points]
    )
    unplaced = [s.box for s in plane.shapes if s.name and s.label is None and s.kind not in shapes.INSIDE]
    ys += [b.y + b.height + _LABEL for b in unplaced]
    xs += [side for b in unplaced for side in (b.centre[0] - 50, b.centre[0] + 50)]
    left, top = min(xs) - _PADDING, min(ys) - _PADDING
    return left, top, max(xs) + _PADDING - left, max(ys) + _PADDING - top
