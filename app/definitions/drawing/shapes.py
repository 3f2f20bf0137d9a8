"""Draws each kind of BPMN node: pools and lanes, activities, events, gateways, data and notes."""

from app.definitions.drawing import icons
from app.definitions.drawing.canvas import PAPER, Canvas
from app.definitions.drawing.marks import look_of
from app.definitions.drawing.plane import Box, Shape
from app.definitions.markup import local

ACTIVITIES = frozenset({"task", *icons.TASKS, "callActivity", "subProcess", "transaction", "adHocSubProcess"})
EVENTS = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
INSIDE = ACTIVITIES | {"participant", "lane", "textAnnotation", "group"}
"""The kinds whose name is written inside their shape."""

_LABELLED_BELOW = frozenset({"dataObjectReference", "dataStoreReference", "dataInput", "dataOutput"})
_BAND = 30.0


def layer(shape: Shape) -> tuple[int, float]:
    """Give the order in which shapes are drawn: what holds others first, what sits on others last."""
    area = -shape.box.width * shape.box.height
    if shape.kind == "participant":
        return 0, area
    if shape.kind == "lane":
        return 1, area
    if shape.kind in {"subProcess", "transaction", "adHocSubProcess", "group"} and shape.expanded:
        return 2, area
    return (5 if shape.kind == "boundaryEvent" else 4), area


def holds_others(shape: Shape) -> bool:
    """Tell whether flows are drawn over the shape."""
    return layer(shape)[0] <= 2  # noqa: PLR2004 - the layers of pools, lanes and expanded sub-processes


def draw(canvas: Canvas, shape: Shape, mark: str) -> None:
    """Draw a node with its mark."""
    if shape.kind in {"participant", "lane"}:
        _band(canvas, shape)
    elif shape.kind in ACTIVITIES:
        _activity(canvas, shape, mark)
    elif shape.kind in EVENTS:
        _event(canvas, shape, mark)
    elif shape.kind.endswith("Gateway"):
        _gateway(canvas, shape, mark)
    elif shape.kind == "textAnnotation":
        _note(canvas, shape)
    elif shape.kind == "group":
        canvas.rect(*_sides(shape.box), rx=10, fill="none", stroke_dasharray="8 3 2 3")
    elif shape.kind in _LABELLED_BELOW:
        _data(canvas, shape)
    else:
        canvas.rect(*_sides(shape.box), rx=4, stroke_dasharray="4 3")
        canvas.words(shape.name or shape.kind, *shape.box.centre, shape.box.width - 8)


def _sides(box: Box) -> tuple[float, float, float, float]:
    return box.x, box.y, box.width, box.height


def _band(canvas: Canvas, shape: Shape) -> None:
    box = shape.box
    canvas.rect(*_sides(box), stroke_width=1.2 if shape.kind == "lane" else 1.8)
    x, y = box.centre
    if shape.horizontal:
        canvas.path(f"M{box.x + _BAND},{box.y} L{box.x + _BAND},{box.y + box.height}", stroke_width=1)
        turned = canvas.group(transform=f"rotate(-90 {box.x + _BAND / 2:g} {y:g})")
        turned.words(shape.name, box.x + _BAND / 2, y, box.height - 8, lines=2)
    else:
        canvas.path(f"M{box.x},{box.y + _BAND} L{box.x + box.width},{box.y + _BAND}", stroke_width=1)
        canvas.words(shape.name, x, box.y + _BAND / 2, box.width - 8, lines=2)


def _activity(canvas: Canvas, shape: Shape, mark: str) -> None:
    box, look = shape.box, look_of(mark)
    if shape.kind == "callActivity":
        look = {**look, "stroke_width": max(4.0, float(str(look["stroke_width"])))}
    if shape.node.get("triggeredByEvent") == "true":
        look = {**look, "stroke_dasharray": "2 3"}
    canvas.rect(*_sides(box), rx=10, **look)
    if shape.kind == "transaction":
        canvas.rect(box.x + 3, box.y + 3, box.width - 6, box.height - 6, rx=8, **{**look, "fill": "none"})
    if shape.kind in icons.TASKS:
        icon, filled = icons.TASKS[shape.kind]
        icon(canvas, box.x + 15, box.y + 14, filled)
    feet = _feet(shape)
    x, y = box.centre
    for number, foot in enumerate(feet):
        icons.marker(canvas, foot, x + (number - (len(feet) - 1) / 2) * 18, box.y + box.height - 10)
    if _is_open(shape):
        canvas.words(shape.name, x, box.y + 14, box.width - 20, lines=1)
    else:
        lines = max(1, int((box.height - (30 if feet else 14)) // 14.4))
        canvas.words(shape.name, x, y + (4 if shape.kind in icons.TASKS else 0), box.width - 12, lines=lines)


def _is_open(shape: Shape) -> bool:
    return shape.kind in {"subProcess", "transaction", "adHocSubProcess"} and shape.expanded


def _feet(shape: Shape) -> list[str]:
    feet = []
    for child in shape.node:
        if local(child) == "multiInstanceLoopCharacteristics":
            feet.append("sequential" if child.get("isSequential") == "true" else "parallel")
        elif local(child) == "standardLoopCharacteristics":
            feet.append("loop")
    if shape.node.get("isForCompensation") == "true":
        feet.append("compensation")
    if shape.kind in {"subProcess", "transaction", "adHocSubProcess"} and not shape.expanded:
        feet.append("collapsed")
    if shape.kind == "adHocSubProcess":
        feet.append("adhoc")
    return feet


def _event(canvas: Canvas, shape: Shape, mark: str) -> None:
    (x, y), r, look = shape.box.centre, shape.box.width / 2, look_of(mark)
    interrupting = (
        shape.node.get("isInterrupting", "true") != "false"
        and shape.node.get("cancelActivity", "true") != "false"
    )
    dash = {} if interrupting else {"stroke_dasharray": "5 3"}
    thick = {"stroke_width": 3.5} if shape.kind == "endEvent" else {}
    canvas.circle(x, y, r, **{**look, **thick, **dash})
    if shape.kind not in {"startEvent", "endEvent"}:
        canvas.circle(x, y, r - 3, **{**look, **dash, "fill": "none", "stroke_width": 1.2})
    definitions = [local(child) for child in shape.node if local(child).endswith("EventDefinition")]
    if definitions:
        icon = icons.EVENTS.get(definitions[0] if len(definitions) == 1 else "several")
        if icon:
            icon(canvas, x, y, shape.kind in {"endEvent", "intermediateThrowEvent"})
    _label_below(canvas, shape)


def _gateway(canvas: Canvas, shape: Shape, mark: str) -> None:
    (x, y), box = shape.box.centre, shape.box
    diamond = f"M{x},{box.y} L{box.x + box.width},{y} L{x},{box.y + box.height} L{box.x},{y} Z"
    canvas.path(diamond, **look_of(mark))
    icons.gateway(canvas, shape.kind, x, y)
    _label_below(canvas, shape)


def _note(canvas: Canvas, shape: Shape) -> None:
    box = shape.box
    canvas.path(
        f"M{box.x + 12},{box.y} L{box.x},{box.y} L{box.x},{box.y + box.height} L{box.x + 12},{box.y + box.height}"
    )
    canvas.words(shape.name, *box.centre, box.width - 14, size=11, lines=max(1, int(box.height // 13)))


def _data(canvas: Canvas, shape: Shape) -> None:
    box = shape.box
    right, low = box.x + box.width, box.y + box.height
    if shape.kind == "dataStoreReference":
        rim = f"A{box.width / 2},6 0 0,"
        body = (
            f"M{box.x},{box.y + 6} {rim}1 {right},{box.y + 6} L{right},{low - 6} {rim}1 {box.x},{low - 6} Z"
        )
        canvas.path(f"{body} M{box.x},{box.y + 6} {rim}0 {right},{box.y + 6}", fill=PAPER)
    else:
        sheet = (
            f"M{box.x},{box.y} L{right - 10},{box.y} L{right},{box.y + 10} L{right},{low} L{box.x},{low} Z"
        )
        canvas.path(
            f"{sheet} M{right - 10},{box.y} L{right - 10},{box.y + 10} L{right},{box.y + 10}", fill=PAPER
        )
    _label_below(canvas, shape)


def _label_below(canvas: Canvas, shape: Shape) -> None:
    if not shape.name:
        return
    if shape.label is not None:
        width = max(shape.label.width, 60)
        canvas.words_below(shape.name, shape.label.centre[0], shape.label.y, width)
    else:
        canvas.words_below(shape.name, shape.box.centre[0], shape.box.y + shape.box.height + 3, 100)
