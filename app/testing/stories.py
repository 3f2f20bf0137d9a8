"""Stories: what happens to a process, told in TOML beside its diagram (docs/designer/stories.md)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.errors import StoryInvalid

ROME = ZoneInfo("Europe/Rome")
VERBS = ("start", "complete", "claim", "release", "assign", "send", "advance", "fault", "expect")
_STEP = frozenset(
    {
        *VERBS,
        "by",
        "case",
        "as",
        "under",
        "values",
        "to",
        "reason",
        "refused",
        "at",
        "asleep",
        "variables",
        "key",
        "each",
        "of",
    }
)
_STORY = frozenset({"title", "starts", "after", "step"})


@dataclass(frozen=True)
class Step:
    """One step: its verb, what the verb is about, and the rest of its table; `place` is its number from 1 in `story`."""

    story: str
    place: int
    verb: str
    about: Any
    more: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        told = f"{self.verb} {self.about}" if isinstance(self.about, str) else self.verb
        return f"{self.story}, step {self.place} ({told})"


@dataclass(frozen=True)
class Story:
    """A story of a process: when it starts on the house clock, its steps, and the data its values are made of.

    `before` is the story that it begins after, whose steps are its first ones.
    """

    process: str
    name: str
    title: str
    starts: datetime
    steps: tuple[Step, ...]
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)
    files: Path = field(default=Path(), repr=False)
    before: "Story | None" = field(default=None, repr=False)


def stories(content: Path, process: str) -> list[Story]:
    """Give the stories of a process, by name; StoryInvalid names file, step and what is wrong."""
    folder = content / "processes" / process / "scenarios"
    return [read_story(path, process) for path in sorted(folder.glob("*.toml"))]


def read_story(path: Path, process: str) -> Story:
    """Read one story, with the data of the folder `data` beside it: each file's tables under the file's name."""
    told = table(path)
    unknown = sorted(set(told) - _STORY)
    first = _before(path, told)
    starts = first.starts if first else None
    if isinstance(told.get("starts"), datetime):
        starts = instant(told["starts"])
    if unknown or not isinstance(told.get("title"), str) or starts is None:
        raise StoryInvalid(
            f"Expected a title, starts or after, and steps in {path.name}, but found {sorted(told)}."
        )
    own = tuple(_step(path.stem, place, entry) for place, entry in enumerate(told.get("step", []), 1))
    steps = (*(first.steps if first else ()), *own)
    return Story(process, path.stem, told["title"], starts, steps, _data(path), path.parent / "files", first)


def _before(path: Path, told: Mapping[str, Any]) -> Story | None:
    """Read the story that another begins after: `after = "process/story"`."""
    process, _, name = str(told.get("after", "")).partition("/")
    if not process:
        return None
    before = path.parent.parent.parent / process / "scenarios" / f"{name}.toml"
    if not before.is_file() or before == path:
        raise StoryInvalid(f"Expected a story {process}/{name} before {path.name}, but there is none.")
    return read_story(before, process)


def value(raw: Any) -> Any:
    """Give a value of TOML as a FEEL value: numbers as Decimal, instants without an offset in Europe/Rome."""
    if isinstance(raw, dict):
        return {key: value(item) for key, item in raw.items()}
    if isinstance(raw, list):
        return [value(item) for item in raw]
    if isinstance(raw, datetime):
        return instant(raw)
    if isinstance(raw, int) and not isinstance(raw, bool):
        return Decimal(raw)
    if isinstance(raw, (str, bool, Decimal, date, time)):
        return raw
    raise StoryInvalid(f"Expected a text, number, date, list or table, but found {raw!r}.")


def instant(raw: datetime) -> datetime:
    """Give an instant; without an offset it is the time of Europe/Rome."""
    return raw if raw.tzinfo else raw.replace(tzinfo=ROME)


def table(path: Path) -> dict[str, Any]:
    """Read a TOML file with its decimals as they are written; StoryInvalid where it is none."""
    try:
        return tomllib.loads(path.read_text(), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise StoryInvalid(f"Expected TOML in {path.name}, but: {broken}.") from broken


def _data(path: Path) -> dict[str, Any]:
    """Read the shared data of every process: a story may borrow what another one defines."""
    folders = path.parent.parent.parent.glob("*/scenarios/data")
    return {
        file.stem: value(table(file)) for folder in sorted(folders) for file in sorted(folder.glob("*.toml"))
    }


def _step(file: str, place: int, entry: Any) -> Step:
    verbs = [verb for verb in VERBS if verb in entry]
    unknown = sorted(set(entry) - _STEP)
    if len(verbs) != 1 or unknown:
        found = f"{', '.join(verbs) or 'none'}" + (
            f" and the unknown {', '.join(unknown)}" if unknown else ""
        )
        raise StoryInvalid(
            f"Expected one of {', '.join(VERBS)} in step {place} of {file}.toml, but found {found}."
        )
    more = {key: item for key, item in entry.items() if key != verbs[0]}
    return Step(file, place, verbs[0], entry[verbs[0]], more)
