"""Draws flows: lines with arrowheads, default and conditional signs, messages and associations, with their labels."""

import itertools
import math

from app.definitions.drawing.canvas import INK, PAPER, Canvas
from app.definitions.drawing.plane import Edge, Plane
from app.definitions.markup import local

_TAKEN = "#0059b3"
Point = tuple[float, float]


def draw(canvas: Canvas, edge: Edge, plane: Plane, *, taken: bool) -> None:
    """Draw a flow; one that a token took is thicker."""
    colour, width = (_TAKEN, 3.0) if taken else (INK, 1.5)
    dash = {"messageFlow": {"stroke_dasharray": "8 5"}}.get(edge.kind, {})
    if "ssociation" in edge.kind:
        dash = {"stroke_dasharray": "1.5 4"}
    line = " L".join(f"{x:g},{y:g}" for x, y in edge.points)
    canvas.path(f"M{line}", stroke=colour, stroke_width=width, stroke_linejoin="round", **dash)
    if edge.kind != "association" or edge.node.get("associationDirection") in {"One", "Both"}:
        _head(canvas, edge, colour, width)
    if edge.kind == "messageFlow":
        canvas.circle(*edge.points[0], 4, stroke_width=1.2)
    if edge.id in plane.defaults:
        _slash(canvas, edge.points, colour)
    elif _is_conditional(edge, plane):
        _diamond(canvas, edge.points)


def label(canvas: Canvas, edge: Edge) -> None:
    """Write the name of a flow at its label, or beside its middle."""
    if not edge.name:
        return
    if edge.label is not None:
        canvas.words_below(edge.name, edge.label.centre[0], edge.label.y, max(edge.label.width, 50))
    else:
        x, y = _middle(edge.points)
        canvas.words_below(edge.name, x, y - 18, 90)


def _head(canvas: Canvas, edge: Edge, colour: str, width: float) -> None:
    (x0, y0), (x, y) = edge.points[-2:]
    length = math.hypot(x - x0, y - y0) or 1.0
    ux, uy = (x - x0) / length, (y - y0) / length
    size = 8 + width
    left = (x - size * ux + size / 2.4 * uy, y - size * uy - size / 2.4 * ux)
    right = (x - size * ux - size / 2.4 * uy, y - size * uy + size / 2.4 * ux)
    wings = f"M{left[0]:.1f},{left[1]:.1f} L{x:g},{y:g} L{right[0]:.1f},{right[1]:.1f}"
    if edge.kind == "sequenceFlow":
        canvas.path(f"{wings} Z", fill=colour, stroke=colour, stroke_width=1)
    elif edge.kind == "messageFlow":
        canvas.path(f"{wings} Z", fill=PAPER, stroke=colour, stroke_width=1.2)
    else:
        canvas.path(wings, stroke=colour, stroke_width=1.2)


def _slash(canvas: Canvas, points: tuple[Point, ...], colour: str) -> None:
    x, y, ux, uy = _start(points, 12)
    canvas.path(
        f"M{x - 4 * ux - 5 * uy:.1f},{y - 4 * uy + 5 * ux:.1f} L{x + 4 * ux + 5 * uy:.1f},{y + 4 * uy - 5 * ux:.1f}",
        stroke=colour,
    )


def _diamond(canvas: Canvas, points: tuple[Point, ...]) -> None:
    x, y, ux, uy = _start(points, 8)
    corners = [(8 * ux, 8 * uy), (5 * uy, -5 * ux), (-8 * ux, -8 * uy), (-5 * uy, 5 * ux)]
    canvas.path("M" + " L".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners) + " Z", fill=PAPER)


def _start(points: tuple[Point, ...], distance: float) -> tuple[float, float, float, float]:
    (x, y), (x1, y1) = points[:2]
    length = math.hypot(x1 - x, y1 - y) or 1.0
    ux, uy = (x1 - x) / length, (y1 - y) / length
    return x + distance * ux, y + distance * uy, ux, uy


def _is_conditional(edge: Edge, plane: Plane) -> bool:
    source = plane.kinds.get(str(edge.node.get("sourceRef")), "")
    has_condition = any(local(child) == "conditionExpression" for child in edge.node)
    return edge.kind == "sequenceFlow" and has_condition and not source.endswith("Gateway")


def _middle(points: tuple[Point, ...]) -> Point:
    lengths = [math.dist(a, b) for a, b in itertools.pairwise(points)]
    rest = sum(lengths) / 2
    for (a, b), length in zip(itertools.pairwise(points), lengths, strict=True):
        if rest <= length and length:
            share = rest / length
            return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
        rest -= length
    return points[0]
