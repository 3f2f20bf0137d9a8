"""What acts by itself is found wherever it hides in a PDF; ordinary, signed and broken files pass; everything ends in time."""

import socket
import struct
import threading
import time
import zlib
from contextlib import contextmanager

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import DocumentRefused
from app.services import clamd, screening
from app.testing.papers import made_up
from tests.papers import authority, pades, person

CA = authority()
DOCUMENT = typst.compile(b'= Relazione\n#lorem(50)\n#link("https://pratica.example/JS/Launch")[pagina]')


def found(data):
    try:
        screening.screen("a.pdf", data, "application/pdf")
    except DocumentRefused as refused:
        return refused.details["reason"]
    return ""


def pdf(*objects, trailer=b"<</Root 1 0 R>>"):
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, one) for n, one in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer" + trailer + b"\n%%EOF"


def packed(inside, head=b"/Type/ObjStm", data=None):
    data = zlib.compress(inside) if data is None else data
    return b"<<%s/N 1/First 4/Filter/FlateDecode/Length %d>>stream\r\n%s\nendstream" % (head, len(data), data)


def embedded(data, name=b"(allegato.xml)", filters=b"/Filter/FlateDecode"):
    stream = b"<</Type/EmbeddedFile%s/Length 9>>stream\n%s\nendstream" % (filters, data)
    return pdf(b"<</Type/Filespec/F %s/EF<</F 2 0 R>>>>" % name, stream)


ACTS = {
    "open action": pdf(b"<</OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>"),
    "escaped name": pdf(b"<</OpenAction<</S /J#61va#53cript /JS 3 0 R>>>>"),
    "split by a comment": pdf(b"<</A<</S%" + b"x" * 900 + b"\n/JavaScript>>>>"),
    "behind a reference": pdf(b"<</A<</S 2 0 R>>>>", b"/JavaScript"),
    "launch": pdf(b"<</A<</S/Launch/F(cmd)>>>>"),
    "rendition": pdf(b"<</A<</S/Rendition/JS(x)>>>>"),
    "script without a kind": pdf(b"<</AA<</O<</JS (x)>>>>>>"),
    "xfa": pdf(b"<</AcroForm<</XFA[(a)2 0 R]>>>>"),
    "object stream": pdf(packed(b"1 0 <</S/JavaScript/JS(x)>>")),
    "object stream without its type": pdf(packed(b"1 0 <</A<</S /Launch>>>>", b"/Type 9 0 R")),
    "object stream, escaped": pdf(packed(b"1 0 <</S/#4aavaScript>>", b"/T#79pe/Ob#6aStm")),
    "object stream with a reference": pdf(packed(b"1 0 /Launch ")),
    "behind a false stream": pdf(b"<</X(stream\n)/N 1/First 4/Filter/FlateDecode>>stream\n" + zlib.compress(b"1 0 <</S/Launch>>") + b"\nendstream"),
    "earlier revision": pdf(b"<</A<</S/Launch>>>>") + pdf(b"<<>>"),
    "broken file": b"%PDF-1.3 \n<</S /JavaScript",
    "embedded program": embedded(zlib.compress(b"MZ\x90\x00")),
    "embedded program as it is": embedded(b"\x7fELF", filters=b""),
    "embedded by name": embedded(zlib.compress(b"x"), b"(fattura.PDF.exe)"),
    "embedded by a hexadecimal name": embedded(zlib.compress(b"x"), b"<FEFF0061002E006A0073>"),
    "embedded by an octal name": embedded(zlib.compress(b"x"), b"(a\\056bat)"),
}  # fmt: skip


@pytest.mark.parametrize("name", ACTS)
def test_what_acts_by_itself_is_refused(name):
    assert found(ACTS[name]) == "active_content"


@pytest.mark.parametrize(
    "data",
    [
        DOCUMENT,
        made_up("a.pdf"),
        pades(DOCUMENT, person(CA), CA),
        embedded(zlib.compress(b"<fattura/>")),
        pdf(packed(b"1 0 <</Title(Corso JavaScript / JS)>>")),
        pdf(b"<</Title(HTML/JavaScript, dall'inizio)/Type/Outlines/First 3 0 R>>"),
        b"%PDF-1.7 prova",
    ],
    ids=["typst", "made up", "signed", "with an invoice", "packed", "title", "broken"],
)
def test_ordinary_files_pass(data):
    assert found(data) == ""


def test_a_file_that_nobody_can_read_is_refused():
    assert found(pdf(b"<<>>", trailer=b"<</Root 1 0 R/Encrypt 5 0 R>>")) == "encrypted"
    assert found(pdf(packed(b"x", data=b"\x12\x34garbage"))) == "tangled"
    assert found(pdf(packed(b"1 0 x", b"/DecodeParms<</Predictor 12>>/Type/ObjStm"))) == "tangled"
    assert (
        found(pdf(packed(b"1 0 x").replace(b"/FlateDecode", b"[/ASCIIHexDecode/FlateDecode]"))) == "tangled"
    )


MANY = 4_000_000
HOSTILE = {
    "bomb": pdf(packed(b"1 0 " + b"\x00" * (screening.MOST_INFLATED + 9))),
    "many bombs": pdf(*[packed(b"1 0 " + b"\x00" * (screening.MOST_INFLATED // 8))] * 9),
    "names": b"%PDF-" + b"/S%" * MANY,
    "objects": b"%PDF-" + b"1 0 obj" * MANY,
    "streams": b"%PDF-" + b"obj stream\n" * MANY,
    "escapes": b"%PDF-" + b"#41" * MANY,
    "files": b"%PDF- 1 0 obj /EF" + b"/EF" * MANY,
    "strings": b"%PDF- 1 0 obj /EF " + b"/F(\\(" * MANY,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_time(name):
    begun = time.process_time()
    found(HOSTILE[name])
    assert time.process_time() - begun < 15


def test_a_bomb_is_not_opened():
    assert found(HOSTILE["bomb"]) == found(HOSTILE["many bombs"]) == "tangled"


@settings(max_examples=300, deadline=2000)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=30),
            st.sampled_from([b"1 0 obj", b"stream\n", b"endobj", b"/EF", b"<<", b"/First 1", b"/F(", b"#4a", b"trailer", b"/Filter/FlateDecode"]),
        ),
        max_size=30,
    )
)  # fmt: skip
def test_garbage_ends_in_a_reason_or_passes(parts):
    assert found(b"".join(parts)) in {"", "active_content", "encrypted", "tangled"}


@contextmanager
def scanner(answer, delay=0.0):
    """Serve a clamd that reads a stream and answers; gives its address and what it read."""
    line, read = socket.create_server(("127.0.0.1", 0)), []

    def exactly(one, count):
        data = b""
        while len(data) < count:
            data += one.recv(count - len(data)) or b"\x00" * count
        return data

    def serve():
        while True:
            try:
                one, _ = line.accept()
            except OSError:
                return
            with one:
                command = b""
                while not command.endswith(b"\0"):
                    command += one.recv(1)
                data = b""
                while command == b"zINSTREAM\0":
                    (size,) = struct.unpack(">I", exactly(one, 4))
                    if not size:
                        break
                    data += exactly(one, size)
                read.append(data)
                time.sleep(delay)
                one.sendall(b"PONG\0" if command == b"zPING\0" else answer)

    threading.Thread(target=serve, daemon=True).start()
    yield f"127.0.0.1:{line.getsockname()[1]}", read
    line.close()


def test_a_scanner_reads_the_whole_file_and_names_what_it_finds():
    data = bytes(range(256)) * 3000
    with scanner(b"stream: OK\0") as (address, read):
        screening.screen("a.txt", data, "text/plain", address)
        assert read == [data]
        assert clamd.answers(address)
    with (
        scanner(b"stream: Eicar-Test-Signature FOUND\0") as (address, _),
        pytest.raises(DocumentRefused) as refused,
    ):
        screening.screen("a.txt", data, "text/plain", address)
    assert refused.value.details == {"reason": "infected", "name": "a.txt", "virus": "Eicar-Test-Signature"}


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"x" * 9000])
def test_an_answer_that_says_nothing_lets_nothing_through(answer):
    with scanner(answer) as (address, _), pytest.raises(DocumentRefused) as refused:
        screening.screen("a.txt", b"x", "text/plain", address)
    assert refused.value.details["reason"] == "unscanned"


def test_a_scanner_that_is_not_there_or_slow_lets_nothing_through(tmp_path, monkeypatch):
    for address in ("127.0.0.1:1", f"{tmp_path}/no.sock", "no such host:3310"):
        with pytest.raises(DocumentRefused) as refused:
            screening.screen("a.txt", b"x", "text/plain", address)
        assert refused.value.details["reason"] == "unscanned"
        assert not clamd.answers(address)
    with scanner(b"stream: OK\0", delay=3) as (address, _):
        begun = time.monotonic()
        with pytest.raises(TimeoutError):
            clamd.scan(address, b"x", patience=0.3)
        assert time.monotonic() - begun < 2
