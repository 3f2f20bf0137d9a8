"""What an upload may carry: a PDF is searched for what acts by itself, and a scanner for viruses is asked where there is one.

All bytes of a PDF are searched, not only what its cross-reference table names: what a viewer that repairs would find is found.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import re2

from app.domain.errors import DocumentRefused
from app.services import clamd

MOST_INFLATED = 64 * 1024 * 1024
"""Bytes that the object streams of one PDF may hold together."""
_LONGEST_HEAD = 256 * 1024
_MOST_STREAMS, _MOST_FILES, _START, _PIECE = 8, 200, 4096, 65_536
_MOST_OBJECTS, _MOST_ESCAPES = 300_000, 100_000  # far more than any file of 20 MB that people make


def _linear(pattern: str) -> re2._Regexp:
    """Compile a pattern over bytes that takes linear time, whatever the bytes are."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.dot_nl = True
    return re2.compile(pattern.encode("latin-1"), options)


_BLANK = r"(?:[\x00\t\n\f\r ]|%[^\r\n]*[\r\n])*"
_END = r"(?:[\x00\t\n\f\r ()<>\[\]{}/%]|\z)"
_ACTS = rf"/(?:JavaScript|Launch|Rendition){_END}"
_ANYWHERE = _linear(rf"(?:/S|obj){_BLANK}{_ACTS}")
_OUTSIDE = _linear(rf"/JS{_BLANK}[(<\d]|/XFA{_BLANK}[\[\d]")
_PACKED = _linear(rf"(?:\A|[\x00\t\n\f\r ]){_ACTS}")
_ENCRYPTED = _linear(rf"/Encrypt{_BLANK}(?:<<|\d)")
_PACK = _linear(rf"/First{_BLANK}\d|/ObjStm{_END}")
_FLATE = _linear(rf"/Filter{_BLANK}(?:\[{_BLANK}/FlateDecode{_BLANK}\]|/FlateDecode{_END})")
_PREDICTOR = _linear(rf"/Predictor{_BLANK}(?:[2-9]|1\d|[^\s\d])")
_EMBEDS = _linear(rf"/EF{_END}")
_MARK = re.compile(rb"(?<!end)obj(?![A-Za-z])|(?<!end)stream(?=[\r\n])|trailer")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_NUMBER = re.compile(rb"(\d{1,10})[\x00\t\n\f\r ]+\d{1,5}[\x00\t\n\f\r ]*\Z")
_REFERENCE = re.compile(rb"(\d{1,10})[\x00\t\n\f\r ]+\d{1,5}[\x00\t\n\f\r ]+R")
_NAMED = re.compile(rb"/U?F[\x00\t\n\f\r ]*(\((?:[^()\\]|\\.){0,500}\)|<[0-9A-Fa-f\s]{0,2000}>)", re.DOTALL)
_PROGRAMS = [
    "apk",
    "app",
    "bat",
    "cmd",
    "com",
    "command",
    "cpl",
    "dll",
    "exe",
    "hta",
    "jar",
    "js",
    "jse",
    "lnk",
    "msi",
    "pif",
    "ps1",
    "reg",
    "scr",
    "sh",
    "vbe",
    "vbs",
    "wsf",
]
_PROGRAM_STARTS = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"L\x00\x00\x00\x01\x14",
)


def screen(name: str, data: bytes, media_type: str, scanner: str = "") -> None:
    """Refuse an upload that acts by itself or is infected; `scanner` is the address of a clamd, empty for none.

    DocumentRefused: active_content, encrypted, tangled (it cannot be searched), infected, unscanned (no answer).
    """
    if media_type == "application/pdf":
        screen_pdf(name, data)
    try:
        virus = clamd.scan(scanner, data) if scanner else ""
    except OSError as silent:
        raise DocumentRefused(
            f"Expected {name} to be searched for viruses, but the scanner does not answer: {silent}.",
            reason="unscanned",
            name=name,
        ) from silent
    if virus:
        raise DocumentRefused(
            f"Expected a file without viruses, but {name} has {virus}.",
            reason="infected",
            name=name,
            virus=virus,
        )


def screen_pdf(name: str, data: bytes) -> None:
    """Refuse a PDF with scripts, launch actions or programs inside, one that is encrypted, and one that cannot be searched."""
    _Search(name, data).run()


@dataclass
class _Search:
    """A search through one PDF."""

    name: str
    data: bytes
    left: int = MOST_INFLATED
    streams: dict[int, list[tuple[bytes, int]]] = field(default_factory=dict)
    embeds: int = 0
    embedded: set[int] = field(default_factory=set)

    def run(self) -> None:
        """Look at the whole, at each object, into the object streams and at what is embedded."""
        if _ANYWHERE.search(self._plain(self.data)):
            raise self._refused("active_content")
        for head, start in self._heads():
            plain = self._plain(head)
            if _ENCRYPTED.search(plain):
                raise self._refused("encrypted")
            self._objects(plain)
            if start is not None and _PACK.search(plain):
                packed = self._unpacked(plain, start, self.left)
                self.left -= len(packed)
                if _PACKED.search(packed):
                    raise self._refused("active_content")
                self._objects(packed)
        self._files()

    def _heads(self) -> Iterator[tuple[bytes, int | None]]:
        """Give what stands between an `obj` or `trailer` and what ends it, and where its stream starts, if it has one."""
        begun, count, number = -1, 0, -1
        for seen, mark in enumerate(_MARK.finditer(self.data)):
            if seen > _MOST_OBJECTS:
                raise self._refused("tangled")
            if mark[0] != b"stream":
                if begun >= 0 and not count:
                    yield self.data[begun : mark.start()], None
                found = _NUMBER.search(self.data, max(mark.start() - 40, 0), mark.start())
                begun, count, number = mark.end(), 0, int(found[1]) if found else -1
            elif begun >= 0:
                count += 1
                if count > _MOST_STREAMS or mark.start() - begun > _LONGEST_HEAD:
                    raise self._refused("tangled")
                head = self.data[begun : mark.start()]
                start = mark.end() + (2 if self.data.startswith(b"\r\n", mark.end()) else 1)
                self.streams.setdefault(number, []).append((head, start))
                yield head, start
        if begun >= 0 and not count:
            yield self.data[begun:], None

    def _objects(self, plain: bytes) -> None:
        """Look at the dictionaries of an object, or of all the objects of an object stream."""
        if _ANYWHERE.search(plain) or _OUTSIDE.search(plain):
            raise self._refused("active_content")
        if not _EMBEDS.search(plain):
            return
        self.embeds += plain.count(b"/EF")
        if self.embeds > _MOST_FILES:
            raise self._refused("tangled")
        if any(_is_program(found[1]) for found in _NAMED.finditer(plain)):
            raise self._refused("active_content")
        for place in re.finditer(rb"/EF", plain):
            inside = plain[place.end() : place.end() + 2000].partition(b">>")[0]
            self.embedded.update(int(found[1]) for found in _REFERENCE.finditer(inside))

    def _files(self) -> None:
        """Refuse what is embedded and begins as a program does."""
        for head, start in (each for number in self.embedded for each in self.streams.get(number, ())):
            first = self._unpacked(self._plain(head), start, _START, whole=False)
            if first.startswith(_PROGRAM_STARTS):
                raise self._refused("active_content")

    def _unpacked(self, head: bytes, start: int, most: int, *, whole: bool = True) -> bytes:
        """Inflate a stream; `tangled` where it is packed in another way than Flate, or holds more than there is room for."""
        if b"/Filter" not in head:
            end = self.data.find(b"endstream", start)
            return self._plain(self.data[start : end if end >= 0 else len(self.data)][:most])
        if not _FLATE.search(head) or head.count(b"/Filter") > 1 or _PREDICTOR.search(head):
            raise self._refused("tangled")
        try:
            found, ended = _inflated(self.data, start, most + 1)
        except zlib.error:
            raise self._refused("tangled") from None
        if whole and (len(found) > most or not ended):
            raise self._refused("tangled")
        return self._plain(found)

    def _plain(self, data: bytes) -> bytes:
        """Give the bytes with the `#` escapes of names undone."""
        if b"#" not in data:
            return data
        plain, count = _ESCAPE.subn(lambda found: bytes([int(found[1], 16)]), data, _MOST_ESCAPES)
        if count == _MOST_ESCAPES:
            raise self._refused("tangled")
        return plain

    def _refused(self, reason: str) -> DocumentRefused:
        said = {
            "active_content": "a file that does nothing by itself, but {name} has scripts, programs or commands in it",
            "encrypted": "a file that can be read, but {name} is encrypted",
            "tangled": "a PDF that can be searched, but {name} is built so that it cannot",
        }[reason].format(name=self.name or "it")
        return DocumentRefused(f"Expected {said}.", reason=reason, name=self.name)


def _inflated(data: bytes, start: int, most: int) -> tuple[bytes, bool]:
    """Inflate from a place on, at most so many bytes; the second says whether the stream came to its end."""
    inflater, found, place = zlib.decompressobj(), bytearray(), start
    waiting = b""
    while not inflater.eof and len(found) < most and (waiting or place < len(data)):
        piece = waiting or data[place : place + _PIECE]
        place += 0 if waiting else _PIECE
        found += inflater.decompress(piece, most - len(found))
        waiting = inflater.unconsumed_tail
    return bytes(found), inflater.eof


def _is_program(text: bytes) -> bool:
    """Tell whether the string of a file's name, as a PDF writes it, is that of a program."""
    if text.startswith(b"<"):
        digits = b"".join(text[1:-1].split())
        raw = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    else:
        raw = re.sub(rb"\\([0-7]{1,3})", lambda found: bytes([int(found[1], 8) & 255]), text[1:-1])
        raw = raw.replace(b"\\", b"")
    name = raw.replace(b"\x00", b"").decode("latin-1").strip().lower()
    return name.rpartition(".")[2] in _PROGRAMS and "." in name
