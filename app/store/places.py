"""Where the embedded server lies, and the operating system's user that it runs as (ADR 0006)."""

import os
import pwd
import socket
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.domain.errors import ConfigurationInvalid

DATABASE = "pratica"
OWNER = "pratica"
LONGEST_SOCKET_FOLDER = 90
"""Of the 107 bytes of a socket's path, `/.s.PGSQL.5432` takes 14."""

PLACE = "postgres.place"
"""The record of a database that lies outside its home: the folder, then the home and its number that it belongs to."""

SOCKET = "postgres.socket"


@dataclass(frozen=True)
class Identity:
    """The operating system's user that the server runs as; `switch` says that it is not ourselves."""

    uid: int
    gid: int
    name: str
    switch: bool

    def options(self) -> dict[str, Any]:
        """Give the options that make `subprocess` run as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}


def server_identity() -> Identity:
    """Give who runs the server: ourselves, or `nobody` where we are root, which PostgreSQL refuses."""
    uid = os.geteuid()
    try:
        entry = pwd.getpwnam("nobody") if uid == 0 else pwd.getpwuid(uid)
    except KeyError as missing:
        raise ConfigurationInvalid(
            f"Expected user {uid or 'nobody'} to have a name on this machine, which PostgreSQL needs, but it has none;"
            " set DATABASE_URL or run as a named user."
        ) from missing
    return Identity(entry.pw_uid, entry.pw_gid, entry.pw_name, switch=uid == 0)


def found(home: Path) -> Path | None:
    """Give the folder where the database of a home lies, or None where there is none yet; nothing is made."""
    record = home / PLACE
    if record.is_file():
        return _recorded(record, home)
    return home / "postgres" if (home / "postgres" / "data" / "PG_VERSION").is_file() else None


def found_url(home: Path, place: Path) -> str | None:
    """Give the URL of a home's running server, or None where none runs; nothing is made."""
    record, folder = home / SOCKET, place
    if len(os.fsencode(place)) > LONGEST_SOCKET_FOLDER:
        if not record.is_file() or not _belongs(record, home):
            return None
        folder = _folder(record)
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(folder / ".s.PGSQL.5432"))
        except OSError:
            return None
    return server_url(folder, DATABASE)


def server_url(folder: Path, database: str) -> str:
    """Give the libpq URL of a database on the server whose socket lies in a folder."""
    return f"postgresql://{OWNER}@/{quote(database)}?host={quote(str(folder), safe='')}"


def planned(home: Path) -> str:
    """Say where the database of a home without one will lie; nothing is made."""
    who = server_identity()
    blocked = [part for part in home.parents if part.exists() and not _may_pass(part, who)]
    if who.switch and blocked:
        return f"a folder of its own in /var/lib, since the user {who.name}, as whom it runs, cannot pass through {blocked[0]}"
    return str(home / "postgres")


def database_folder(home: Path, who: Identity) -> Path:
    """Give the server's own folder, made if need be: in the home, or a place of its own where `who` cannot get there.

    The mode of no folder above the home is touched. ConfigurationInvalid where the database that there is belongs to
    another home or another user.
    """
    record, place = home / PLACE, home / "postgres"
    if record.is_file():
        place = _recorded(record, home)
        _record(record, place, home)
    elif who.switch:
        blocked = [part for part in home.parents if not _may_pass(part, who)]
        if blocked and (place / "data").exists():
            raise ConfigurationInvalid(
                f"Expected the user {who.name}, as whom PostgreSQL runs, to pass through {blocked[0]} to {place}, but it may not:"
                " let it pass (chmod o+x), or move the home to where it may."
            )
        if blocked:
            place = private_folder("pratica-", (Path("/var/lib"), Path("/var/tmp")), who)  # noqa: S108  mkdtemp makes it unguessable
            _record(record, place, home)
        else:
            _let_pass(home, who)
    _take(place, who)
    return place


def _take(place: Path, who: Identity) -> None:
    """Make the server's own folder its user's; refused where the data in it are somebody else's."""
    place.mkdir(exist_ok=True, mode=0o700)
    data = place / "data"
    if data.exists() and data.stat().st_uid != who.uid:
        raise ConfigurationInvalid(
            f"Expected the database in {data} to belong to the user {who.name}, but it belongs to {user_name(data)}:"
            f" run as {user_name(data)}, or set PRATICA_HOME to another folder."
        )
    if who.switch:
        os.chown(place, who.uid, who.gid)


def socket_folder(home: Path, place: Path, who: Identity) -> Path:
    """Give the folder of the socket: the server's own, unless its path is too long for one."""
    if len(os.fsencode(place)) <= LONGEST_SOCKET_FOLDER:
        return place
    record = home / SOCKET
    if record.is_file() and _belongs(record, home) and _folder(record).is_dir():
        return _folder(record)
    roots = (Path(os.environ.get("XDG_RUNTIME_DIR", "/tmp")), Path("/tmp"))  # noqa: S108  mkdtemp makes it unguessable
    folder = private_folder("pratica-", roots, who)
    _record(record, folder, home)
    return folder


def user_name(path: Path) -> str:
    """Give the name of the user whom a file or folder belongs to, or the number of one without a name."""
    uid = path.stat().st_uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


# --- records ----------------------------------------------------------------------------------------------


def _recorded(record: Path, home: Path) -> Path:
    """Give the folder that a record names; ConfigurationInvalid where it is another home's, or gone."""
    folder = _folder(record)
    if not _belongs(record, home):
        first = record.read_text().splitlines()[1]
        raise ConfigurationInvalid(
            f"Expected {record} to name this home's own database, but {folder} belongs to the home {first}, of which"
            f" this one is a copy. Remove {record} to begin with an empty database; where the home was moved or"
            " restored here and the first one is gone, keep the first line of that file only."
        )
    if not folder.is_dir():
        raise ConfigurationInvalid(
            f"Expected the database of {home} in {folder}, as {record} says, but there is no such folder."
            f" Bring it back, or remove {record} to begin with an empty database."
        )
    return folder


def _folder(record: Path) -> Path:
    return Path(next(iter(record.read_text().splitlines()), "?"))


def _belongs(record: Path, home: Path) -> bool:
    """Tell whether a record was written for this very home, moved or not; one that names no home is taken over.

    A copy has another inode. The number of the device may change from one start of the machine to the next.
    """
    _, *belonging = record.read_text().splitlines() or ("?",)
    if not belonging:
        return True
    path, device, inode = belonging
    status = home.stat()
    return inode == str(status.st_ino) and (path == str(home) or device == str(status.st_dev))


def _record(record: Path, folder: Path, home: Path) -> None:
    status = home.stat()
    text = f"{folder}\n{home}\n{status.st_dev}\n{status.st_ino}\n"
    if record.is_file() and record.read_text() == text:
        return
    half = record.with_name(f"{record.name}.new")
    half.write_text(text)
    half.replace(record)


# --- who may pass -----------------------------------------------------------------------------------------


def reachable(folder: Path, who: Identity) -> bool:
    """Tell whether a user may pass through every folder on the way; nobody's mode is changed for it."""
    return all(_may_pass(part, who) for part in (folder, *folder.parents))


def _may_pass(folder: Path, who: Identity) -> bool:
    status = folder.stat()
    if status.st_uid == who.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == who.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _let_pass(home: Path, who: Identity) -> None:
    """Let the server's user pass through the home, and nobody look into it: what lies there is its owner's alone."""
    if _may_pass(home, who):
        return
    for path in home.iterdir():
        if not path.is_symlink() and path.name != "postgres":
            path.chmod(path.stat().st_mode & ~0o077)
    home.chmod(
        home.stat().st_mode & 0o7777 | (stat.S_IXGRP if home.stat().st_gid == who.gid else stat.S_IXOTH)
    )


def private_folder(prefix: str, roots: Sequence[Path], who: Identity) -> Path:
    """Make a folder that only `who` can enter, in the first root that both we and they can use."""
    for root in roots:
        if root.is_dir() and os.access(root, os.W_OK) and reachable(root, who):
            folder = Path(tempfile.mkdtemp(prefix=prefix, dir=root))
            os.chown(folder, who.uid, who.gid)
            return folder
    raise ConfigurationInvalid(
        f"Expected a folder for PostgreSQL among {[str(r) for r in roots]}, but none will do."
    )
