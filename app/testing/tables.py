"""The cases of decision tables, told in TOML: what a table is given, what it gives, and the rules that match (docs/designer/stories.md)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.dmn.model import Model
from app.domain.errors import StoryInvalid
from app.feel import FeelError, evaluate
from app.testing.stories import table, value

NOW = datetime(2023, 5, 8, 10, tzinfo=UTC)
_FILE = frozenset({"decision", "given", "case"})
_CASE = frozenset({"given", "gives", "rules"})


@dataclass(frozen=True)
class Case:
    """One case of a table: `gives` is what comes out, `rules` are the numbers from 1 of those that match."""

    place: int
    given: Mapping[str, Any]
    gives: Any
    rules: list[int]


@dataclass(frozen=True)
class TableCases:
    """The cases of one decision, in the file beside its table."""

    process: str
    decision: str
    model: Path
    cases: tuple[Case, ...]


@dataclass
class Tried:
    """What became of a table's cases: the first fault, and the rules that matched in some case."""

    told: TableCases
    rules: int = 0
    matched: set[int] = field(default_factory=set)
    fault: str = ""

    def line(self) -> str:
        """Give the table as a line of a report."""
        name = f"{self.told.process}/{self.told.decision}"
        if self.fault:
            return f"FAILED {name}: {self.fault}"
        return f"passed {name}: {len(self.told.cases)} cases, {len(self.matched)}/{self.rules} rules"

    @property
    def untried(self) -> list[int]:
        """The rules that no case met."""
        return [number for number in range(1, self.rules + 1) if number not in self.matched]


def table_cases(content: Path, process: str) -> list[TableCases]:
    """Give the cases of a process's tables, by file; StoryInvalid names file and fault."""
    folder = content / "processes" / process
    return [read_cases(path, folder) for path in sorted((folder / "scenarios" / "tables").glob("*.toml"))]


def read_cases(path: Path, folder: Path) -> TableCases:
    """Read one file: `decision`, what every case is `given`, and each `case` with what it adds, `gives` and `rules`."""
    told = table(path)
    model = folder / f"{told.get('decision', '')}.dmn"
    if set(told) - _FILE or not model.is_file() or not told.get("case"):
        raise StoryInvalid(
            f"Expected a decision of {folder.name} and its cases in {path.name}, but found {sorted(told)}."
        )
    shared = _value(told.get("given", {}), path)
    cases = tuple(_case(path, place, entry, shared) for place, entry in enumerate(told["case"], 1))
    return TableCases(folder.name, told["decision"], model, cases)


def _case(path: Path, place: int, entry: Mapping[str, Any], shared: Mapping[str, Any]) -> Case:
    if set(entry) != _CASE:
        raise StoryInvalid(
            f"Expected given, gives and rules in case {place} of {path.name}, but found {sorted(entry)}."
        )
    given = {**shared, **_value(entry["given"], path)}
    return Case(place, given, _value(entry["gives"], path), list(entry["rules"]))


def _value(raw: Any, path: Path) -> Any:
    """Give a value of the file: a text is FEEL, anything else stands for itself."""
    try:
        return evaluate(raw, {}, NOW) if isinstance(raw, str) else value(raw)
    except FeelError as wrong:
        raise StoryInvalid(f"Expected FEEL in {path.name}, but {raw!r} is none: {wrong}.") from wrong


def attempt(told: TableCases) -> Tried:
    """Evaluate every case of a table and compare what it gives and which rules match."""
    tried = Tried(told)
    try:
        model = Model.parse(told.model.read_bytes())
        found = model.table(told.decision)
        tried.rules = len(found.rules) if found else 0
        tried.fault = next(_faults(tried, model), "")
    except FeelError as wrong:
        tried.fault = str(wrong)
    if not tried.fault and tried.untried:
        tried.fault = f"Expected a case for every rule, but none meets {', '.join(map(str, tried.untried))}."
    return tried


def _faults(tried: Tried, model: Model) -> Iterator[str]:
    for case in tried.told.cases:
        result = model.evaluate(tried.told.decision, case.given, NOW)
        tried.matched.update(result.matched)
        if (result.output, result.matched) != (case.gives, case.rules):
            yield (
                f"case {case.place}: Expected {case.gives!r} by the rules {case.rules}, "
                f"but got {result.output!r} by {result.matched}."
            )
