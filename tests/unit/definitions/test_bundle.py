"""A bundle is exactly what its definition needs, and no upload can be more than that."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.definitions import bundle as bundles
from app.domain.bundles import Bundle
from app.domain.errors import BundleInvalid, NotFound

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:pratica="https://pratica.example/schema/bpmn/1.0">'
)


def _bpmn(process: str, inside: str = "") -> bytes:
    return f'{HEAD}<bpmn:process id="{process}">{inside}</bpmn:process></bpmn:definitions>'.encode()


@pytest.fixture
def content(tmp_path: Path) -> Path:
    files = {
        "processes/main/main.bpmn": _bpmn(
            "main",
            '<bpmn:userTask id="t" pratica:form="frm_a"/><bpmn:callActivity id="c" calledElement="sub"/>',
        ),
        "processes/main/process.toml": b"[process]",
        "processes/main/rule.dmn": b"<dmn/>",
        "processes/main/scenarios/story.toml": b"",
        "processes/main/notes.txt": b"",
        "processes/sub/sub.bpmn": _bpmn(
            "sub",
            '<bpmn:userTask id="u" pratica:form="frm_b"/><bpmn:callActivity id="c" calledElement="main"/>',
        ),
        "processes/sub/process.toml": b"# of the called process",
        "processes/sub/other.dmn": b"<dmn/>",
        "forms/main/frm_a.json": b"{}",
        "forms/main/frm_unused.json": b"{}",
        "forms/sub/frm_b.json": b"{}",
    }
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_a_bundle_holds_what_is_called_and_referred_to_and_nothing_else(content: Path) -> None:
    bundle = bundles.read_bundle(content, "main")
    assert sorted(bundle.files) == [
        "forms/frm_a.json",
        "forms/frm_b.json",
        "main.bpmn",
        "other.dmn",
        "process.toml",
        "rule.dmn",
        "sub.bpmn",
    ]
    assert bundle.files["process.toml"] == b"[process]"
    assert bundles.processes(content) == ["main", "sub"]


def test_the_same_files_are_the_same_bundle(content: Path) -> None:
    first, again = bundles.read_bundle(content, "main"), bundles.read_bundle(content, "main")
    assert first.hash == again.hash
    (content / "forms/main/frm_a.json").write_bytes(b"{ }")
    assert bundles.read_bundle(content, "main").hash != first.hash


@pytest.mark.parametrize("name", ["ignoto", "../main", "", "main/main", "."])
def test_a_process_that_is_not_there_is_not_found(content: Path, name: str) -> None:
    with pytest.raises(NotFound):
        bundles.read_bundle(content, name)


def test_two_different_files_of_one_name_are_refused(content: Path) -> None:
    (content / "processes/sub/rule.dmn").write_bytes(b"<other/>")
    with pytest.raises(BundleInvalid, match=r"rule\.dmn"):
        bundles.read_bundle(content, "main")


def test_a_bundle_goes_into_an_archive_and_comes_out_the_same(content: Path) -> None:
    bundle = bundles.read_bundle(content, "main")
    data = bundles.bundle_to_zip(bundle)
    assert data == bundles.bundle_to_zip(bundle)
    assert bundles.bundle_from_zip(data, "main").hash == bundle.hash


def _zip(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_a_folder_around_everything_is_taken_off_and_names_the_process() -> None:
    bundle = bundles.bundle_from_zip(_zip({"main/main.bpmn": _bpmn("main"), "main/forms/frm_a.json": b"{}"}))
    assert (bundle.process, sorted(bundle.files)) == ("main", ["forms/frm_a.json", "main.bpmn"])


def test_the_process_that_no_other_calls_names_the_bundle() -> None:
    calls = _bpmn("up", '<bpmn:callActivity id="c" calledElement="low"/>')
    assert bundles.bundle_from_zip(_zip({"low.bpmn": _bpmn("low"), "up.bpmn": calls})).process == "up"


@pytest.mark.parametrize(
    "name",
    [
        "../evil.bpmn",
        "/etc/evil.bpmn",
        "C:\\evil.bpmn",
        "a\\b.bpmn",
        "evil.py",
        "evil.bpmn.exe",
        ".hidden.json",
        "a/b/c/d/e.json",
        "./a.bpmn",
        "a//b.json",
        "nul\x00.bpmn",
    ],
)
def test_hostile_names_are_refused(name: str) -> None:
    with pytest.raises(BundleInvalid):
        bundles.bundle_from_zip(_zip({"main.bpmn": _bpmn("main"), name: b"x"}), "main")


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(BundleInvalid, match="packing ratio"):
        bundles.bundle_from_zip(_zip({"main.bpmn": b"0" * 9_000_000}), "main")
    with pytest.raises(BundleInvalid, match="at most"):
        bundles.bundle_from_zip(_zip({f"a{n}.json": b"{}" for n in range(201)}), "main")
    with pytest.raises(BundleInvalid, match="at most"):
        bundles.bundle_from_zip(_zip({"a.json": b"0" * (bundles.MAX_BYTES + 1)}, zipfile.ZIP_STORED), "main")


def test_a_file_that_is_larger_than_it_says_is_refused() -> None:
    data = bytearray(_zip({"main.bpmn": b"0" * 5_000}))
    for mark in (b"PK\x01\x02", b"PK\x03\x04"):
        at = data.index(mark) + (24 if mark == b"PK\x01\x02" else 22)
        data[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(BundleInvalid):
        bundles.bundle_from_zip(bytes(data), "main")


@settings(max_examples=60)
@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 255))
def test_no_broken_archive_crashes_the_reading(noise: bytes, place: int, byte: int) -> None:
    whole = bytearray(_zip({"main.bpmn": _bpmn("main"), "forms/frm_a.json": b"{}"}))
    whole[place % len(whole)] = byte
    for data in (noise, bytes(whole)):
        try:
            bundle = bundles.bundle_from_zip(data, "main")
        except BundleInvalid:
            continue
        assert isinstance(bundle, Bundle)
