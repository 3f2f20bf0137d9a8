"""How wide a text is, about, and where its lines break; no font is asked."""

_NARROW = frozenset("iIljt.,:;'|!()[]{}-/ ")
_WIDE = frozenset("mwMW@%—")


def width_of(text: str, size: float) -> float:
    """Give the width of a text in a sans-serif face of a size, within about a tenth."""
    return sum(_share(c) for c in text) * size


def _share(character: str) -> float:
    if character in _NARROW:
        return 0.3
    if character in _WIDE:
        return 0.86
    return 0.64 if character.isupper() else 0.54


def wrap(text: str, width: float, size: float, lines: int) -> list[str]:
    """Break a text into at most `lines` rows of a width; the last ends in an ellipsis where something is left."""
    rows: list[str] = []
    for paragraph in text.split("\n"):
        row = ""
        for word in _pieces(paragraph.split(), width, size):
            longer = f"{row} {word}".strip()
            if row and width_of(longer, size) > width:
                rows.append(row)
                row = word
            else:
                row = longer
        rows.append(row)
    rows = [row for row in rows if row]
    if len(rows) > lines:
        rows = [*rows[: lines - 1], f"{rows[lines - 1].rstrip('.,;: ')}…"]
    return rows


def _pieces(words: list[str], width: float, size: float) -> list[str]:
    """Cut the words that no row could hold."""
    pieces: list[str] = []
    for word in words:
        rest = word
        while width_of(rest, size) > width and len(rest) > 1:
            fits = max(1, next((n for n in range(1, len(rest)) if width_of(rest[: n + 1], size) > width), 1))
            pieces.append(rest[:fits])
            rest = rest[fits:]
        pieces.append(rest)
    return pieces
