"""Plays stories through the services alone, then replays every case and compares it with its history."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from app.config import Settings
from app.definitions import bundle as bundles
from app.domain.actors import system
from app.domain.errors import NotFound, PraticaError, StoryFailed
from app.handling import load_handlers
from app.services import definitions, people, replay
from app.services.house import House
from app.store.blobs import BlobStore
from app.store.clock import FixedClock
from app.store.copies import copy_of
from app.store.database import Database
from app.store.postgres import EmbeddedServer, temporary_server
from app.testing.actors import Cast, read_cast
from app.testing.beginnings import Beginnings
from app.testing.coverage import Paths
from app.testing.steps import Stage
from app.testing.stories import Story, stories
from app.testing.tables import Tried, attempt, table_cases


@dataclass(frozen=True)
class Played:
    """What became of one story; `fault` is empty when it went as told."""

    story: Story
    fault: str = ""
    inputs: int = 0

    def line(self) -> str:
        """Give the story as a line of a report."""
        name = f"{self.story.process}/{self.story.name}"
        if self.fault:
            return f"FAILED {name}: {self.fault}"
        return f"passed {name}: {self.story.title} ({self.inputs} inputs replayed)"


@dataclass
class Report:
    """What became of all stories, and the paths they covered."""

    played: list[Played] = field(default_factory=list)
    tried: list[Tried] = field(default_factory=list)
    paths: Paths = field(default_factory=Paths)

    def perform(self, stage: Stage, story: Story) -> tuple[Played, bool]:
        """Play a story on a stage, note the paths it took, and tell whether it went as told."""
        played = play(stage, story)
        self.paths.gather(stage.house)
        return played, not played.fault

    @property
    def told(self) -> "list[Played | Tried]":
        """The stories and the tables, one after the other."""
        return [*self.played, *self.tried]

    @property
    def passed(self) -> int:
        """How many stories and tables went as told."""
        return sum(not each.fault for each in self.told)

    @property
    def failed(self) -> int:
        """How many did not."""
        return len(self.told) - self.passed

    def lines(self, *, verbose: bool = False) -> Iterator[str]:
        """Give the report: failed stories and tables, each if `verbose`, the coverage, and the count on the last line."""
        yield from (each.line() for each in self.told if verbose or each.fault)
        yield from (self.paths.of[process].line() for process in sorted(self.paths.of))
        yield f"{self.passed} passed, {self.failed} failed"


def run(settings: Settings, processes: Iterable[str] = (), server: EmbeddedServer | None = None) -> Report:
    """Play the stories of some processes, or of all, each on a fresh copy of one prepared database.

    NotFound where a name is no process. `server` is one whose database `pratica` is migrated and empty; without it one is started and thrown away.
    """
    wanted = list(processes) or bundles.processes(settings.content)
    _require_folders(settings.content, wanted)
    told = [story for process in wanted for story in stories(settings.content, process)]
    report, cast = Report(), read_cast(settings.content)
    for process in processes or folders(settings.content):
        report.tried += [attempt(cases) for cases in table_cases(settings.content, process)]
    if not told:
        return report  # tables need no house
    starts = min(story.starts for story in told)
    with TemporaryDirectory(prefix="pratica-stories-") as folder, _server(server) as running:
        own = replace(settings, home=Path(folder), demo=True)
        with (
            _prepared(own, running, cast, starts) as template,
            Beginnings(own, running, template, cast, report.perform) as known,
        ):
            begun_after = {(s.before.process, s.before.name) for s in told if s.before}
            for story in told:
                kept = (story.process, story.name) in begun_after
                report.played.append(known.outcome(story, kept=kept))
    return report


def folders(content: Path) -> list[str]:
    """Give the folders of processes, those too that hold only tables so far."""
    return sorted(path.name for path in (content / "processes").iterdir() if path.is_dir())


def _require_folders(content: Path, wanted: Iterable[str]) -> None:
    """Raise NotFound for a name that is no folder of `processes`; one with decision tables alone is fine."""
    there = folders(content)
    for name in wanted:
        if name not in there:
            raise NotFound(f"Expected a process, but {name!r} is none. Processes: {', '.join(there)}.")


@contextmanager
def _server(given: EmbeddedServer | None) -> Iterator[EmbeddedServer]:
    if given is not None:
        yield given
        return
    with temporary_server() as started:
        database = Database(started.url)
        database.migrate()
        database.close()
        yield started


@contextmanager
def _prepared(settings: Settings, server: EmbeddedServer, cast: Cast, starts: datetime) -> Iterator[str]:
    """Give the name of the database that every story copies: the definitions and the people are in it."""
    with copy_of(server) as database:
        clock, blobs = FixedClock(starts.astimezone(UTC)), BlobStore(settings.home / "blobs")
        prepare(House(settings, database, clock, blobs, load_handlers()), cast)
        database.close()
        yield str(database.engine.url.database)


def prepare(house: House, cast: Cast) -> None:
    """Deploy every process of the content folder and add the people."""
    definitions.deploy_shipped(house, system)
    for person in cast.people.values():
        people.add(house, person, cast.password)


def play(stage: Stage, story: Story) -> Played:
    """Play what is left of one story, then replay every case that it made."""
    try:
        for step in story.steps[stage.taken :]:
            stage.take(step)
        return Played(story, "", _replayed(stage.house))
    except PraticaError as error:
        return Played(story, f"{error}")


def perform(house: House, story: Story, cast: Cast) -> Stage:
    """Do again what went through in a story, on a clock that ticks: no looks, no refusals."""
    stage = Stage(house, story, cast)
    for step in story.steps:
        if step.verb != "expect" and "refused" not in step.more:
            stage.take(step)
    return stage


def _replayed(house: House) -> int:
    counts: Counter[str] = Counter()
    for result in replay.every(house):
        if result.difference is not None:
            found = result.difference
            raise StoryFailed(
                f"Expected {result.case_id} to replay as recorded, but event {found.seq} was {found.expected}"
                f" and is now {found.got}."
            )
        counts["inputs"] += result.inputs
    return counts["inputs"]
