"""Bundles: put together from the content folder, from an upload, or from files in hand."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from app.definitions.forms import load_form, table_names
from app.definitions.manifest import FILE, read_manifest
from app.definitions.markup import each, parse, pratica
from app.definitions.value_tables import file_of
from app.domain.bundles import Bundle
from app.domain.errors import BundleInvalid, DefinitionInvalid, NotFound

MAX_FILES = 200
MAX_BYTES = 10 * 1024 * 1024
MAX_RATIO = 100

_name = re.compile(r"[A-Za-z][A-Za-z0-9_\-]{0,79}")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    IndexError,
)
"""What the standard library raises for an archive that is broken or encrypted."""

_suffixes = (".bpmn", ".dmn", ".json", ".toml", ".csv")


def processes(content: Path) -> list[str]:
    """Give the names of the processes of a content folder, in order."""
    return sorted(p.parent.name for p in (content / "processes").glob("*/*.bpmn") if p.stem == p.parent.name)


def read_bundle(content: Path, process: str) -> Bundle:
    """Put together the bundle of a process: its BPMN, the BPMN it calls, DMN, manifest, referenced forms and their value tables.

    What a diagram refers to and the folder lacks is left out: `check` names it. Raises NotFound where the
    process itself is missing.
    """
    if not _name.fullmatch(process) or not (content / "processes" / process / f"{process}.bpmn").is_file():
        raise NotFound(f"Expected processes/{process}/{process}.bpmn, but there is no such file.")
    files: dict[str, bytes] = {}
    forms: dict[str, str] = {}
    waiting, seen = [process], {process}
    while waiting:
        current = waiting.pop(0)
        folder = content / "processes" / current
        for path in [folder / f"{current}.bpmn", *sorted(folder.glob("*.dmn"))]:
            if path.is_file():
                _put(files, path.name, path.read_bytes())
        if f"{current}.bpmn" in files:
            called, referenced = references(f"{current}.bpmn", files[f"{current}.bpmn"])
            forms.update({form: forms.get(form, current) for form in referenced})
            waiting.extend(name for name in called if name not in seen)
            seen.update(called)
    manifest = content / "processes" / process / FILE
    if manifest.is_file():
        files[FILE] = manifest.read_bytes()
        forms.update({form: forms.get(form, process) for form in message_forms(files[FILE])})
    for form, owner in forms.items():
        _put_form(files, content, form, [owner, process, *sorted(seen)])
    _put_tables(files, content / "forms" / "tables")
    return Bundle(process, files)


def message_forms(manifest: bytes) -> list[str]:
    """Give the forms that the messages of a manifest ask."""
    offers = read_manifest(manifest)[0].messages.values()
    return [form for form in dict.fromkeys(offer.form for offer in offers) if form]


def references(name: str, data: bytes) -> tuple[list[str], list[str]]:
    """Give the processes that a diagram calls and the forms it refers to; an unreadable diagram refers to nothing."""
    try:
        root = parse(name, data)
    except DefinitionInvalid:
        return [], []
    called = [str(e.get("calledElement", "")) for e in each(root, "callActivity")]
    forms = [pratica(e, "form") for e in root.iter() if isinstance(e.tag, str)]
    return [c for c in dict.fromkeys(called) if _name.fullmatch(c)], [f for f in dict.fromkeys(forms) if f]


def bundle_from_files(process: str, files: Mapping[str, bytes]) -> Bundle:
    """Make a bundle from files in hand; raises BundleInvalid for names, numbers and sizes that no bundle has."""
    if not _name.fullmatch(process):
        raise BundleInvalid(f"Expected a process id of letters, digits, _ and -, but it is {process!r}.")
    if len(files) > MAX_FILES or sum(map(len, files.values())) > MAX_BYTES:
        raise BundleInvalid(f"Expected at most {MAX_FILES} files and {MAX_BYTES} bytes, but there is more.")
    for name in files:
        _require_name(name)
    return Bundle(process, dict(files))


def from_file(path: Path) -> Bundle:
    """Make a bundle from a BPMN file: the content folder's where it lies in one, else what lies beside it.

    Beside it are looked for: DMN, the manifest, the BPMN it calls, the folders `forms` and `tables`.
    """
    folder = path.resolve().parent
    if folder.parent.name == "processes" and path.stem == folder.name:
        return read_bundle(folder.parent.parent, folder.name)
    beside = [*path.parent.glob("*.dmn"), path.parent / FILE, *path.parent.glob("forms/*.json")]
    beside += path.parent.glob("tables/*.csv")
    files = {path.name: path.read_bytes()}
    waiting = [path.name]
    while waiting:
        called = [path.parent / f"{name}.bpmn" for name in references(waiting[0], files[waiting.pop(0)])[0]]
        fresh = [found for found in called if found.is_file() and found.name not in files]
        files.update({found.name: found.read_bytes() for found in fresh})
        waiting += [found.name for found in fresh]
    for found in beside:
        if found.is_file():
            files[found.relative_to(path.parent).as_posix()] = found.read_bytes()
    return bundle_from_files(path.stem, files)


def bundle_from_zip(data: bytes, process: str = "") -> Bundle:
    """Read an uploaded bundle; raises BundleInvalid for an archive that is broken, too large or escapes its folder.

    A single folder around everything is taken off. Without `process` the name is that of the manifest's folder
    or of the only BPMN file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = _unpack(archive)
    except _BROKEN as broken:
        raise BundleInvalid(f"Expected a ZIP archive that can be read, but: {broken}.") from broken
    files, folder = _without_folder(files)
    name = process or _process_of(files, folder)
    return bundle_from_files(name, files)


def bundle_to_zip(bundle: Bundle) -> bytes:
    """Give a bundle as a ZIP archive; the same bundle gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(bundle.files):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), bundle.files[name])
    return buffer.getvalue()


def _unpack(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    declared = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > MAX_FILES or declared > MAX_BYTES or declared > MAX_RATIO * max(packed, 1024):
        limit = f"at most {MAX_FILES} files, {MAX_BYTES} bytes and a packing ratio of {MAX_RATIO}"
        raise BundleInvalid(f"Expected {limit}, but there are {len(entries)} files and {declared} bytes.")
    files: dict[str, bytes] = {}
    for entry in entries:
        _require_name(entry.filename, folders=3)
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise BundleInvalid(
                f"Expected {entry.filename!r} to be stored or deflated, but it is packed otherwise."
            )
        if entry.filename in files:
            raise BundleInvalid(f"Expected each file once, but {entry.filename!r} is there twice.")
        with archive.open(entry) as stream:
            files[entry.filename] = stream.read(entry.file_size + 1)
        if len(files[entry.filename]) != entry.file_size:
            raise BundleInvalid(f"Expected {entry.filename!r} to be as large as it says, but it is not.")
    return files


def _without_folder(files: dict[str, bytes]) -> tuple[dict[str, bytes], str]:
    tops = {PurePosixPath(name).parts[0] for name in files}
    if len(tops) != 1 or any("/" not in name for name in files) or tops <= {"forms", "tables"}:
        return files, ""
    top = tops.pop()
    return {name[len(top) + 1 :]: data for name, data in files.items()}, top


def _process_of(files: dict[str, bytes], folder: str) -> str:
    stems = [name[:-5] for name in files if name.endswith(".bpmn")]
    if folder in stems:
        return folder
    if len(stems) == 1:
        return stems[0]
    called = {c for name, data in files.items() if name.endswith(".bpmn") for c in references(name, data)[0]}
    tops = [stem for stem in stems if stem not in called]
    if len(tops) == 1:
        return tops[0]
    raise BundleInvalid(f"Expected one BPMN file that no other calls, but there are {len(tops)}.")


def _require_name(name: str, folders: int = 1) -> None:
    parts = name.split("/")
    stem, dot, suffix = parts[-1].rpartition(".")
    well_formed = all(_name.fullmatch(part) for part in [*parts[:-1], stem]) and f"{dot}{suffix}" in _suffixes
    if not well_formed or len(parts) > folders + 1:
        kinds = ", ".join(_suffixes)
        raise BundleInvalid(f"Expected plain names ending in {kinds} inside the bundle, but found {name!r}.")


def _put(files: dict[str, bytes], name: str, data: bytes) -> None:
    if files.setdefault(name, data) != data:
        raise BundleInvalid(f"Expected one file {name} in the bundle, but two folders hold different ones.")


def _put_tables(files: dict[str, bytes], folder: Path) -> None:
    """Put the value tables that the forms name beside them; those that are not there are left out."""
    for data in [data for name, data in files.items() if name.startswith("forms/")]:
        try:
            names = table_names(load_form(data))
        except DefinitionInvalid:
            continue
        for name in sorted(names):
            path = folder / f"{name}.csv"
            if _name.fullmatch(name) and path.is_file():
                files[file_of(name)] = path.read_bytes()


def _put_form(files: dict[str, bytes], content: Path, form: str, owners: list[str]) -> None:
    if not _name.fullmatch(form):
        return
    for owner in owners:
        path = content / "forms" / owner / f"{form}.json"
        if path.is_file():
            files[f"forms/{form}.json"] = path.read_bytes()
            return
