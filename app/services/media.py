"""What an upload really is: its bytes against its name."""

import re
import unicodedata
from pathlib import PurePath

import puremagic

from app.domain.errors import DocumentRefused

accepted = {
    ".pdf": "application/pdf",
    ".p7m": "application/pkcs7-mime",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".xml": "application/xml",
    ".json": "application/json",
    ".csv": "text/csv",
    ".txt": "text/plain",
}
_zipped = {".xlsx", ".docx", ".odt", ".ods"}
_text = {".xml", ".json", ".csv", ".txt"}
_der_sequence = 0x30


def checked(name: str, data: bytes, limit: int, accept: tuple[str, ...] = ()) -> str:
    """Give the media type of an upload whose bytes agree with its name.

    `limit` is in bytes; `accept` are the suffixes or media types that a field takes, none for all. Raises DocumentRefused with the reason: too large, empty, a kind that is not accepted,
    or bytes that are not what the name says.
    """
    suffix = PurePath(name).suffix.lower()
    _require_size(name, data, limit)
    taken = kinds_of(accept)
    if suffix not in taken:
        kinds = ", ".join(sorted(taken) or accept)
        raise DocumentRefused(
            f"Expected one of {kinds}, but the file is {name}.", reason="kind", name=name, kinds=kinds
        )
    if not _agrees(suffix, data):
        raise DocumentRefused(
            f"Expected {name} to be a {suffix[1:].upper()} file, but its content is something else.",
            reason="mistyped",
            name=name,
            kind=suffix[1:].upper(),
        )
    return accepted[suffix]


def kinds_of(accept: tuple[str, ...]) -> list[str]:
    """Give the suffixes of the house that a field takes by its suffixes or media types (`image/*`)."""
    if not accept:
        return list(accepted)
    return [
        suffix
        for suffix, media in accepted.items()
        if {suffix, media, f"{media.partition('/')[0]}/*"}.intersection(accept)
    ]


def _require_size(name: str, data: bytes, limit: int) -> None:
    if len(data) > limit:
        most = f"{limit / 2**20:.{0 if limit >= 2**20 else 1}f}"
        raise DocumentRefused(
            f"Expected a file of at most {most} MB, but {name} is larger.",
            reason="too_large",
            name=name,
            limit_mb=most,
        )
    if not data:
        raise DocumentRefused(
            f"Expected a file with content, but {name} is empty.", reason="empty", name=name
        )


def _agrees(suffix: str, data: bytes) -> bool:
    if suffix == ".pdf":
        return b"%PDF-" in data[:1024]
    if suffix == ".p7m":
        return data[0] == _der_sequence or data.lstrip().startswith((b"MII", b"-----BEGIN"))
    if suffix in _zipped:
        return data.startswith(b"PK\x03\x04")
    if suffix in _text:
        return _is_text(data)
    found = {match.extension for match in puremagic.magic_string(data[:4096])}
    return suffix in found or (suffix in {".jpg", ".jpeg"} and data.startswith(b"\xff\xd8\xff"))


def _is_text(data: bytes) -> bool:
    try:
        return "\x00" not in data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False


def safe_name(name: str) -> str:
    """Give the name without folders and control signs, at most 150 characters."""
    plain = unicodedata.normalize("NFC", PurePath(name.replace("\\", "/")).name)
    cleaned = re.sub(r"[^\w.\- ()']", "_", plain)
    stem, suffix = PurePath(cleaned).stem, PurePath(cleaned).suffix
    return f"{stem[:140]}{suffix}" or "document"
