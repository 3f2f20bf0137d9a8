"""An SVG under construction: every look is a presentation attribute, since pages allow no inline style."""

from lxml import etree

from app.definitions.drawing.lettering import wrap

SVG = "http://www.w3.org/2000/svg"
FONT = "Titillium Web, Arial, sans-serif"
INK = "#17324d"
PAPER = "#ffffff"


class Canvas:
    """A place to draw on: an SVG element and everything that is put into it."""

    def __init__(self, element: etree._Element) -> None:
        self.element = element

    def put(self, tag: str, text: str = "", /, **attributes: object) -> etree._Element:
        """Add an element; underscores in attribute names become hyphens, numbers are shortened."""
        child = etree.SubElement(self.element, f"{{{SVG}}}{tag}")
        for name, value in attributes.items():
            child.set(name.rstrip("_").replace("_", "-"), _short(value))
        if text:
            child.text = readable(text)
        return child

    def group(self, **attributes: object) -> "Canvas":
        """Add a group and give it as a canvas."""
        return Canvas(self.put("g", **attributes))

    def path(self, d: str, /, **attributes: object) -> None:
        """Draw a path; by default a thin line without filling."""
        self.put("path", **{"d": d, "fill": "none", "stroke": INK, "stroke_width": 1.5, **attributes})

    def circle(self, x: float, y: float, r: float, /, **attributes: object) -> None:
        """Draw a circle."""
        self.put(
            "circle",
            **{"cx": x, "cy": y, "r": r, "fill": PAPER, "stroke": INK, "stroke_width": 1.5, **attributes},
        )

    def rect(self, x: float, y: float, width: float, height: float, /, **attributes: object) -> None:
        """Draw a rectangle."""
        look = {"fill": PAPER, "stroke": INK, "stroke_width": 1.5, **attributes}
        self.put("rect", x=x, y=y, width=width, height=height, **look)

    def words(self, text: str, x: float, y: float, width: float, *, size: float = 12, lines: int = 6) -> None:
        """Write a text wrapped to a width, centred on a point."""
        rows = wrap(text, width, size, lines)
        step = size * 1.2
        first = y - step * (len(rows) - 1) / 2 + size * 0.35
        self._rows(rows, x, first, step, size)

    def words_below(self, text: str, x: float, y: float, width: float, *, size: float = 11) -> None:
        """Write a text wrapped to a width, its first line under a point."""
        self._rows(wrap(text, width, size, 5), x, y + size, size * 1.2, size)

    def _rows(self, rows: list[str], x: float, first: float, step: float, size: float) -> None:
        look = {
            "text_anchor": "middle",
            "font_family": FONT,
            "font_size": size,
            "fill": INK,
            "paint_order": "stroke",
        }
        halo = {"stroke": PAPER, "stroke_width": 2.5, "stroke_linejoin": "round", "stroke_opacity": 0.8}
        for number, row in enumerate(rows):
            self.put("text", row, x=x, y=first + step * number, **look, **halo)


def readable(text: str) -> str:
    """Give a text without the characters that XML refuses."""
    return "".join(
        c
        for c in text
        if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )


def _short(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else readable(str(value))
