"""The blob store: by content, whole or absent."""

import stat
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from app.domain.errors import NotFound
from app.store.blobs import BlobStore


def test_bytes_come_back_under_their_hash(blobs: BlobStore) -> None:
    name, size = blobs.write(b"protocollo")
    assert (name, size) == (sha256(b"protocollo").hexdigest(), 10)
    assert blobs.read(name) == b"protocollo"


def test_the_same_bytes_are_stored_once(blobs: BlobStore) -> None:
    blobs.write(b"a")
    blobs.write([b"", b"a"])
    assert len([path for path in blobs.folder.rglob("*") if path.is_file()]) == 1


def test_a_stream_that_breaks_leaves_nothing(blobs: BlobStore) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        blobs.write(broken())
    assert [path for path in blobs.folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "name", ["../secret_key", "", "ab", "A" * 64, "g" * 64, "0" * 64 + "\n", "/etc/passwd"]
)
def test_only_a_hash_is_a_name(blobs: BlobStore, name: str) -> None:
    with pytest.raises(NotFound, match="Expected a SHA-256"):
        blobs.read(name)


def test_an_unknown_hash_is_not_found(blobs: BlobStore) -> None:
    with pytest.raises(NotFound, match="the store has none"):
        blobs.read("0" * 64)


def test_others_cannot_enter_the_store(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "new")
    store.write(b"x")
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
