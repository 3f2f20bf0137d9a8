"""The command line: a contract, names and meanings stay."""

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from app import doctor as doctors
from app import serving
from app.config import Settings, read_settings
from app.definitions import bundle as bundles
from app.definitions import check as checks
from app.domain.actors import system
from app.domain.bundles import Bundle
from app.domain.definitions import Finding
from app.domain.errors import BundleInvalid, CommandInvalid, NotFound, PraticaError
from app.handling import load_handlers
from app.services import definitions, projections, replay
from app.store.database import LOST
from app.testing import benchmarks, demo, player

out = Console(highlight=False, soft_wrap=True)


@click.group()
@click.version_option(package_name="pratica")
def pratica() -> None:
    """BPMN-driven case management for public calls."""


@pratica.command()
@click.option(
    "--demo",
    "prepared",
    is_flag=True,
    help="Deploy the shipped processes and add the demonstration's people first.",
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Web processes.")
def serve(prepared: bool, workers: int) -> None:
    """Run the web server and a worker, with the embedded PostgreSQL where no other is configured."""
    sys.exit(serving.serve(read_settings(), prepared=prepared, workers=workers, say=out.print))


@pratica.command()
@click.option(
    "--concurrency", type=click.IntRange(1, 64), default=4, show_default=True, help="Jobs performed at once."
)
def worker(concurrency: int) -> None:
    """Perform jobs and timers until stopped."""
    serving.work(read_settings(), concurrency)


@pratica.command("demo")
def demo_command() -> None:
    """Load people, editions and the worked cases, each played through to its end; the demonstration clock is moved."""
    with _house(demonstration=True) as house:
        for line in demo.load(house):
            out.print(escape(line))


@pratica.command()
@click.argument("what", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per finding.")
def check(what: tuple[str, ...], as_json: bool) -> None:
    """Show every static finding of processes or BPMN files; exit 1 on an error."""
    settings, known = read_settings(), load_handlers().names()
    found: list[Finding] = []
    for name in what or bundles.processes(settings.content):
        found += checks.check(_bundle(settings, name), known)
    for finding in found:
        out.print(json.dumps(asdict(finding)) if as_json else escape(_sentence(finding)))
    errors = sum(finding.severity == "error" for finding in found)
    if not as_json:
        out.print(f"{errors} errors, {len(found) - errors} warnings")
    sys.exit(1 if errors else 0)


def _sentence(finding: Finding) -> str:
    place = f"{finding.file}{'#' + finding.element if finding.element else ''}"
    words = " ".join(f"{part.rstrip('.')}." for part in (finding.message, finding.way_out) if part)
    return f"{finding.severity}: {place}: {words} [{finding.code}]"


def _bundle(settings: Settings, name: str) -> Bundle:
    path = Path(name)
    if path.suffix == ".bpmn" and path.is_file():
        return bundles.from_file(path)
    if path.suffix == ".zip" and path.is_file():
        return bundles.bundle_from_zip(path.read_bytes())
    if name not in bundles.processes(settings.content):
        raise NotFound(
            f"Expected a process or a file, but {name!r} is neither. Processes: {', '.join(bundles.processes(settings.content))}."
        )
    return bundles.read_bundle(settings.content, name)


@pratica.command()
@click.argument("processes", nargs=-1)
@click.option("--verbose", is_flag=True, help="A line for each story, not only for those that fail.")
def scenario(processes: tuple[str, ...], verbose: bool) -> None:
    """Play the stories beside the diagrams, replay and compare them; exit 1 if one fails."""
    report = player.run(read_settings(), processes)
    for line in report.lines(verbose=verbose):
        out.print(escape(line))
    sys.exit(1 if report.failed else 0)


@pratica.command()
@click.argument("processes", nargs=-1, required=True)
def deploy(processes: tuple[str, ...]) -> None:
    """Make a definition of each process available; refused while it has errors."""
    with _house() as house:
        for name in processes:
            bundle = _bundle(house.settings, name)
            out.print(
                f"{bundle.process} version {definitions.deploy(house, bundle, system)} {bundle.hash[:12]}"
            )


@pratica.command("replay")
@click.argument("case", required=False)
@click.option("--all", "every", is_flag=True, help="Every case.")
def replay_command(case: str | None, every: bool) -> None:
    """Re-execute a case from its inputs and compare every consequence; exit 1 on a difference."""
    if bool(case) == every:
        raise click.UsageError("Expected one case number, or --all.")
    with _house() as house:
        results = list(replay.every(house) if every else [replay.case(house, str(case))])
    for result in results:
        out.print(escape(_replayed(result)))
    differing = sum(result.difference is not None or bool(result.caches) for result in results)
    erased = sum(result.difference is None and bool(result.erased) for result in results)
    out.print(f"{len(results)} cases replayed, {differing} differ" + (f", {erased} erased" if erased else ""))
    sys.exit(1 if differing else 0)


def _replayed(result: replay.ReplayResult) -> str:
    if result.caches:
        return (
            f"{result.case_id}: its history is equal, but {', '.join(result.caches)} say something else:"
            f" pratica rebuild {result.case_id}"
        )
    if result.difference is None and result.erased:
        return (
            f"{result.case_id}: erased ({result.erased} personal values are forgotten; what is left came out as recorded:"
            f" {result.inputs} inputs, {result.consequences} consequences)"
        )
    if result.difference is None:
        return f"{result.case_id}: equal ({result.inputs} inputs, {result.consequences} consequences)"
    found = result.difference
    return (
        f"{result.case_id}: differs at event {found.seq}\n  expected {found.expected}\n  got      {found.got}"
    )


@pratica.command()
@click.argument("case", required=False)
def rebuild(case: str | None) -> None:
    """Drop the projections and snapshots of a case, or of all, and make them anew from the log."""
    with _house() as house:
        for case_id in [case] if case else projections.case_ids(house):
            mended = projections.rebuild(house, case_id)
            out.print(
                f"{case_id}: rebuilt" + (f", {', '.join(mended)} said something else" if mended else "")
            )


@pratica.command()
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="A JSON object per line.")
def bench(names: tuple[str, ...], as_json: bool) -> None:
    """Measure what the design promises, as ratios within one run; exit 1 where a limit is not kept."""
    kept = True
    for row in benchmarks.run(names):
        kept &= benchmarks.within(row)
        out.print(
            json.dumps(row, default=str)
            if as_json
            else f"{row['name']}: {row['value']} {row['unit']} (limit {row['limit']})"
        )
    sys.exit(0 if kept else 1)


@pratica.command()
def doctor() -> None:
    """Say what is configured, what is missing, and how to mend it; exit 1 where something is missing."""
    looks = list(doctors.examine(read_settings()))
    for look in looks:
        out.print(f"{'ok     ' if look.good else 'MISSING'} {look.what}: {escape(look.detail)}")
    sys.exit(0 if all(look.good for look in looks) else 1)


def _house(*, demonstration: bool = False) -> "serving.Opened":
    return serving.opened(read_settings(), demonstration=demonstration)


def _lines(error: PraticaError) -> Iterable[str]:
    yield str(error)
    if isinstance(error, BundleInvalid):
        yield from (_sentence(finding) for finding in error.findings if isinstance(finding, Finding))


def _require_text(arguments: list[str]) -> None:
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError as broken:
            raise CommandInvalid(f"Expected arguments in UTF-8, but got {argument!a}.") from broken


def main() -> None:
    """Run the command line; a broken expectation is a sentence and exit code 2, never a traceback."""
    os.umask(0o077)  # what the house writes is its owner's alone
    try:
        _require_text(sys.argv)
        pratica()
    except PraticaError as error:
        for line in _lines(error):
            click.echo(line, err=True)
        sys.exit(2)
    except LOST as lost:
        click.echo(f"Expected the database to answer, but: {' '.join(str(lost).split())}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
