"""Papers of a story: the file beside it, or one made up that says what it is."""

from pathlib import Path

from app.domain.errors import StoryFailed


def paper(folder: Path, name: str) -> bytes:
    """Give the bytes of a file of the story's folder `files`; a PDF or P7M that is not there is made up."""
    path = folder / name
    if path.is_file() and path.resolve().parent == folder.resolve():
        return path.read_bytes()
    if name.endswith(".pdf"):
        return made_up(name)
    if name.endswith(".p7m"):
        return b"\x30\x82" + made_up(name)
    raise StoryFailed(f"Expected a file {name} in {folder.name}, but there is none.")


def made_up(name: str) -> bytes:
    """Give a PDF of one page that says its name and that it is made up."""
    words = name.encode("ascii", "replace").replace(b"\\", b"").replace(b"(", b"").replace(b")", b"")
    drawn = b"BT /F1 14 Tf 60 760 Td (" + words + b" - dati di fantasia) Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 4 0 R>>>>/Contents 5 0 R>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Length " + str(len(drawn)).encode() + b">>stream\n" + drawn + b"\nendstream",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += str(number).encode() + b" 0 obj" + body + b"endobj\n"
    table = b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    tail = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(data)}\n%%EOF".encode()
    return data + head + table + tail
