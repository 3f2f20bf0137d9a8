"""The bytes of documents, in a folder, under the SHA-256 of their content."""

import os
import re
import secrets
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from app.domain.errors import NotFound

_NAME = re.compile(r"[0-9a-f]{64}")


class BlobStore:
    """A content-addressed folder: `<first two digits>/<the other 62>`.

    Names come from hashes alone, never from a person. A blob is complete or absent: it is written beside its place,
    synchronised to disk and renamed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, data: bytes | Iterable[bytes]) -> tuple[str, int]:
        """Store bytes, whole or in pieces, and give their SHA-256 in hexadecimal and their size in bytes."""
        pieces = (data,) if isinstance(data, bytes) else data
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        waiting = self.folder / f".new-{secrets.token_hex(8)}"
        digest, size = sha256(), 0
        try:
            with waiting.open("xb") as file:
                for piece in pieces:
                    digest.update(piece)
                    size += file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            self._place(waiting, digest.hexdigest())
        finally:
            waiting.unlink(missing_ok=True)
        return digest.hexdigest(), size

    def path(self, name: str) -> Path:
        """Give where the blob of a SHA-256 lies; NotFound if there is none, or if this is no such name."""
        if not _NAME.fullmatch(name):
            raise NotFound(f"Expected a SHA-256 in hexadecimal, but got {name[:80]!r}.")
        path = self.folder / name[:2] / name[2:]
        if not path.is_file():
            raise NotFound(f"Expected a blob {name}, but the store has none.")
        return path

    def read(self, name: str) -> bytes:
        """Give the bytes of a blob; NotFound if there is none."""
        return self.path(name).read_bytes()

    def _place(self, waiting: Path, name: str) -> None:
        path = self.folder / name[:2] / name[2:]
        if path.exists():
            return
        path.parent.mkdir(exist_ok=True, mode=0o700)
        waiting.rename(path)
        for folder in (path.parent, self.folder):
            _sync(folder)


def _sync(folder: Path) -> None:
    """Bring a folder's entries to disk: a rename alone may not survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
