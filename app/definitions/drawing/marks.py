"""How an element looks that was passed, is active or is stuck: colour, thickness and a sign, never colour alone."""

from app.definitions.drawing.canvas import FONT, INK, PAPER, Canvas
from app.definitions.drawing.plane import Box

_LOOKS: dict[str, dict[str, object]] = {
    "active": {"fill": "#e6f0fa", "stroke": "#0059b3", "stroke_width": 3},
    "done": {"fill": "#eef5ee", "stroke": "#2f5d3a", "stroke_width": 2},
    "incident": {"fill": "#fdecef", "stroke": "#a3142b", "stroke_width": 3, "stroke_dasharray": "7 3"},
}
_PLAIN: dict[str, object] = {"fill": PAPER, "stroke": INK, "stroke_width": 1.5}
WORDS = {
    "active": {"it": "attivo", "en": "active"},
    "done": {"it": "concluso", "en": "done"},
    "incident": {"it": "bloccato", "en": "stuck"},
}


def look_of(mark: str) -> dict[str, object]:
    """Give the look of a mark; an unknown or empty mark is plain."""
    return dict(_LOOKS.get(mark, _PLAIN))


def badge(canvas: Canvas, box: Box, mark: str, count: int) -> None:
    """Draw the sign of a mark at the shape's upper right corner: a tick, an exclamation mark, or how many tokens."""
    x, y = box.x + box.width - 2, box.y + 2
    if mark == "active" or count:
        canvas.circle(x, y, 9, fill="#0059b3", stroke=PAPER, stroke_width=1.5)
        look = {
            "text_anchor": "middle",
            "font_family": FONT,
            "font_size": 11,
            "font_weight": "bold",
            "fill": PAPER,
        }
        canvas.put("text", str(count or 1), x=x, y=y + 4, **look)
    elif mark == "done":
        canvas.circle(x, y, 8, fill="#2f5d3a", stroke=PAPER, stroke_width=1.5)
        canvas.path(f"M{x - 4},{y} L{x - 1},{y + 3} L{x + 4},{y - 3}", stroke=PAPER, stroke_width=2)
    elif mark == "incident":
        canvas.path(
            f"M{x},{y - 10} L{x + 10},{y + 8} L{x - 10},{y + 8} Z",
            fill="#a3142b",
            stroke=PAPER,
            stroke_width=1.5,
        )
        canvas.path(f"M{x},{y - 4} L{x},{y + 2} M{x},{y + 4.5} L{x},{y + 6}", stroke=PAPER, stroke_width=2)
