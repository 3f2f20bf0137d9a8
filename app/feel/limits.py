"""What an expression may spend, and the purse it spends from."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.feel.errors import FeelClockMissing, FeelLimitExceeded
from app.feel.values import Range

MAX_WARNINGS = 50
CHARACTERS_PER_STEP = 64
CALL = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """What one evaluation may use; the same figures everywhere, so that a replay ends where the first run ended.

    `steps` counts the nodes evaluated in loops, calls and over lists (about 0.3 microseconds each); `depth` the nodes nested
    through calls, each of which counts four more; `string` characters of one string, `items` entries of one list, `text` characters of one expression,
    `height` how deep its tree may be (brackets count four), `nesting` how deep a value may be.
    """

    steps: int = 500_000
    depth: int = 500
    string: int = 1_000_000
    items: int = 100_000
    text: int = 100_000
    nesting: int = 60
    height: int = 200


STANDARD = Limits()


@dataclass(slots=True)
class Run:
    """One evaluation: the instant it happens at, what it may still spend, its warnings, and notes of what it embeds.

    `faults` counts the warnings of something wrong, and not merely absent.
    """

    now: datetime | None = None
    limits: Limits = STANDARD
    warnings: list[str] = field(default_factory=list)
    notes: list[Any] = field(default_factory=list)
    steps: int = 0
    depth: int = 0
    faults: int = 0

    def __post_init__(self) -> None:
        self.steps = self.limits.steps

    def warn(self, message: str) -> None:
        """Keep the reason why something became null; the result of the call is that null."""
        self.faults += 1
        self.absent(message)

    def absent(self, message: str) -> None:
        """Keep that something is not there: a reason for null as well, but none that is wrong by itself."""
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(message)

    def spend(self, steps: int) -> None:
        """Pay for work before it is done."""
        self.steps -= steps
        if self.steps < 0:
            raise FeelLimitExceeded(
                f"Expected an expression of at most {self.limits.steps} steps, but it asks for more"
            )

    def descend(self, height: int) -> None:
        """Enter a call whose body is `height` nodes high; the caller takes it off `depth` again."""
        self.depth += height
        if self.depth > self.limits.depth:
            raise FeelLimitExceeded(
                f"Expected calls nested at most {self.limits.depth} nodes deep, but they go deeper"
            )

    def sized(self, value: str) -> str:
        """Check the size of a new string and pay for its making."""
        if len(value) > self.limits.string:
            raise FeelLimitExceeded(
                f"Expected a string of at most {self.limits.string} characters, but it has {len(value)}"
            )
        self.spend(1 + len(value) // CHARACTERS_PER_STEP)
        return value

    def counted(self, size: int) -> None:
        """Check the size of a list before it is made, and pay for its making."""
        if size > self.limits.items:
            raise FeelLimitExceeded(
                f"Expected a list of at most {self.limits.items} items, but it has {size}"
            )
        self.spend(size)

    def instant(self) -> datetime:
        """Give the caller's instant; FEEL has no clock of its own."""
        if self.now is None:
            raise FeelClockMissing("Expected an instant for now() and today(), but the caller gave none")
        return self.now

    def measure(self, value: Any, level: int = 0) -> None:
        """Pay for a value as large as it is when written out, and refuse one nested too deep."""
        if type(value) is list:
            self.spend(len(value))
            for item in value:
                self._inside(item, level)
        elif type(value) is dict:
            self.spend(len(value))
            for item in value.values():
                self._inside(item, level)

    def _inside(self, item: Any, level: int) -> None:
        if level > self.limits.nesting:
            raise FeelLimitExceeded(
                f"Expected values nested at most {self.limits.nesting} deep, but they are deeper"
            )
        if type(item) is list or type(item) is dict or type(item) is Range:
            self.measure(item, level + 1)
