"""Where stories begin: many go on from the end of another one, which is played once and copied for each of them."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Generic, Self, TypeVar

from app.config import Settings
from app.handling import load_handlers
from app.services.house import House
from app.store.blobs import BlobStore
from app.store.clock import FixedClock
from app.store.copies import copy_of
from app.store.postgres import EmbeddedServer
from app.testing.actors import Cast
from app.testing.faults import Faults
from app.testing.steps import Stage
from app.testing.stories import Story

Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class _End:
    """What another story can go on from: a database, a home, the time, and the stage as it was left."""

    database: str
    home: Path | None
    at: datetime
    stage: Stage | None = None


Perform = Callable[[Stage, Story], tuple[Outcome, bool]]


class Beginnings(Generic[Outcome]):
    """The ends of stories that others begin after, each played when it is first wanted; gone when the block ends.

    `perform` plays what is left of a story on a stage and tells whether it went as told; each story is played once.
    """

    def __init__(
        self, settings: Settings, server: EmbeddedServer, template: str, cast: Cast, perform: Perform[Outcome]
    ) -> None:
        self._settings, self._server, self._template, self._cast = settings, server, template, cast
        self._perform = perform
        self._kept = ExitStack()
        self._ends: dict[tuple[str, str], _End | None] = {}
        self._outcomes: dict[tuple[str, str], Outcome] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kept.close()

    def outcome(self, story: Story, *, kept: bool) -> Outcome:
        """Play a story, or give what became of it where others began after it; its end is `kept` for those that will."""
        name = (story.process, story.name)
        if kept:
            self._end(story)
        elif name not in self._outcomes:
            with self._begun(story) as stage:
                self._outcomes[name], _ = self._perform(stage, story)
        return self._outcomes[name]

    @contextmanager
    def _begun(self, story: Story) -> Iterator[Stage]:
        """Give a stage where a story goes on: a house of its own, in which what comes before has been played.

        Where that story fails, the stage is at the very beginning, so that the failure is told as this story's own.
        """
        end = self._end(story.before) if story.before else None
        with self._house(end or _End(self._template, None, story.starts.astimezone(UTC))) as house:
            stage = Stage(house, story, self._cast)
            if end and end.stage:
                stage.go_on_from(end.stage)
            yield stage

    @contextmanager
    def _house(self, end: _End) -> Iterator[House]:
        """Put together a house with a copy of a database and of a home, and a clock that stands still."""
        blobs = BlobStore(self._settings.home / "blobs")
        with (
            TemporaryDirectory(dir=self._settings.home) as folder,
            copy_of(self._server, end.database) as database,
        ):
            if end.home:
                shutil.copytree(end.home, folder, dirs_exist_ok=True)
            own = replace(self._settings, home=Path(folder))
            yield House(own, database, FixedClock(end.at), blobs, Faults(load_handlers()))

    def _end(self, story: Story) -> _End | None:
        """Give the end of a story, played once; None where it fails."""
        name = (story.process, story.name)
        if name not in self._ends:
            self._ends[name] = self._played(story)
        return self._ends[name]

    def _played(self, story: Story) -> _End | None:
        stage = self._kept.enter_context(self._begun(story))
        self._outcomes[story.process, story.name], went = self._perform(stage, story)
        if not went:
            return None
        house = stage.house
        house.database.close()  # a database can be copied while nobody is in it
        name = str(house.database.engine.url.database)
        return _End(name, house.settings.home, house.clock.now(), stage)
