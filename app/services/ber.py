"""BER, in which many signature tools write, as the definite lengths and whole strings of DER: in linear time, whatever the bytes."""

from dataclasses import dataclass, field

MOST_ELEMENTS, MOST_DEPTH = 100_000, 40
"""A file of 20 MB written in pieces of 1 kB has 20,000 elements."""
_PIECES, _OCTETS = b"\x24", b"\x04"
_LONG, _CONSTRUCTED, _MORE, _INDEFINITE = 0x1F, 0x20, 0x80, 0x80


@dataclass
class _Open:
    """An element whose content is being read; without an `end` it ends with two zeros."""

    tag: bytes
    end: int | None
    parts: list[bytes] = field(default_factory=list)

    def take(self, tag: bytes, content: bytes) -> None:
        """Add what is inside; of the pieces of a string only their content counts."""
        if self.tag == _PIECES:
            if tag != _OCTETS:
                raise ValueError("a string has something else than pieces of a string in it")
            self.parts.append(content)
        else:
            self.parts += (tag, _length(len(content)), content)


def definite(data: bytes, *, padded: bool = False) -> bytes:
    """Give the first element of the bytes with definite lengths and whole octet strings; what is DER stays as it is.

    With `padded` more may follow. ValueError for what is no BER, is too deep, or has too many elements.
    """
    outer, place, count = _Open(b"", None), 0, 0
    waiting = [outer]
    while not outer.parts or len(waiting) > 1:
        here = waiting[-1]
        if here.end is not None and place >= here.end:
            _close(waiting)
            continue
        count += 1
        tag, length, place = _head(data, place)
        if tag == b"\x00" and length == 0 and here.end is None and len(waiting) > 1:
            _close(waiting)
            continue
        if tag[0] & _CONSTRUCTED:
            waiting.append(_Open(tag, None if length is None else place + length))
        elif length is None:
            raise ValueError("an element without an end has no content of its own")
        else:
            here.take(tag, data[place : place + length])
            place += length
        _require_bounds(waiting, place, len(data), count)
    if place < len(data) and not padded:
        raise ValueError("something follows the first element")
    return b"".join(outer.parts)


def _require_bounds(waiting: list[_Open], place: int, size: int, count: int) -> None:
    last = waiting[-1].end
    outside = (end for one in waiting[-2:-1] if (end := one.end) is not None)
    if place > size or (last is not None and last > min(outside, default=size)) or (last or place) < place:
        raise ValueError("an element is longer than what holds it")
    if count > MOST_ELEMENTS or len(waiting) > MOST_DEPTH:
        raise ValueError("it has too many elements, or too deep ones")


def _close(waiting: list[_Open]) -> None:
    done = waiting.pop()
    tag = _OCTETS if done.tag == _PIECES else done.tag
    waiting[-1].take(tag, b"".join(done.parts))


def _head(data: bytes, place: int) -> tuple[bytes, int | None, int]:
    """Read tag and length at a place; no length is an indefinite one. IndexError at the end of the data."""
    begun, first = place, data[place]
    place += 1
    if first & _LONG == _LONG:
        while data[place] & _MORE:
            place += 1
            if place - begun > 4:  # noqa: PLR2004 - no tag of a signature is so long
                raise ValueError("a tag is too long")
        place += 1
    tag, length = data[begun:place], data[place]
    place += 1
    if length == _INDEFINITE:
        return tag, None, place
    if length & _MORE:
        digits = length & ~_MORE
        if digits > 4:  # noqa: PLR2004 - more than 4 GB
            raise ValueError("a length is too long")
        length = int.from_bytes(data[place : place + digits])
        place += digits
    return tag, length, place


def _length(size: int) -> bytes:
    if size < _MORE:
        return bytes([size])
    digits = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([_MORE | len(digits)]) + digits
