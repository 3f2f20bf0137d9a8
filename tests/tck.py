"""Runs a folder of TCK cases: `python -m tests.tck DIR` prints a line for each sub-folder with its failures, then the sum."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from app.dmn.model import Model
from app.feel import FeelError, temporal
from app.feel.limits import Run
from app.feel.operators import equal
from app.feel.values import YearsMonthsDuration

NOW = datetime(2023, 5, 8, 10, 0, tzinfo=UTC)
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
TOLERANCE = Decimal("1e-8")


@dataclass(frozen=True)
class Unreadable:
    """A value of the TCK's XML that FEEL's own readers do not read: it equals nothing."""

    text: str


@dataclass
class Outcome:
    """The sums of a folder, and what went wrong in it."""

    passed: int = 0
    failures: list[str] = field(default_factory=list)


def cases_folder() -> Path | None:
    """Where the TCK lies: PRATICA_TCK, else ../shared/dmn-tck beside the project; None where neither is there."""
    named = os.environ.get("PRATICA_TCK")
    beside = Path(__file__).resolve().parents[2] / "shared" / "dmn-tck"
    for folder in (Path(named) if named else None, beside):
        if folder is not None and folder.is_dir():
            return folder
    return None


def run(folder: Path) -> dict[str, Outcome]:
    """Run every test file below a folder; the keys are the folders that hold them."""
    outcomes: dict[str, Outcome] = {}
    for path in sorted(folder.rglob("*-test-*.xml")):
        outcome = outcomes.setdefault(path.parent.name, Outcome())
        for label, problem in run_file(path):
            if problem:
                outcome.failures.append(f"{label}: {problem}")
            else:
                outcome.passed += 1
    return outcomes


def run_file(path: Path) -> Iterator[tuple[str, str]]:
    """Give a label and a problem, empty where it passed, for each test case of a file."""
    root = etree.parse(path).getroot()
    name = root.findtext("{*}modelName") or ""
    try:
        model = load(path.parent / name)
    except FeelError as broken:
        model = None
        reason = f"the model is refused: {broken}"
    for case in root.iter("{*}testCase"):
        inputs = {node.get("name"): value_of(node) for node in case.iterfind("{*}inputNode")}
        nodes = case.findall("{*}resultNode")
        problems = [reason] if model is None else [judge(model, case, node, inputs) for node in nodes]
        names = ", ".join(node.get("name") for node in nodes)
        yield f"{case.get('id')} {names}", "; ".join(filter(None, problems))


def load(path: Path) -> Model:
    """Read a model and those it imports from the same folder."""
    root = etree.parse(path).getroot()
    wanted = {one.get("namespace") for one in root.iterfind("{*}import")}
    imports = {}
    for other in path.parent.glob("*.dmn"):
        space = etree.parse(other).getroot().get("namespace")
        if other != path and space in wanted:
            imports[space] = load(other)
    return Model.parse(path.read_bytes(), imports)


def judge(model: Model, case: Any, node: Any, inputs: dict[str, Any]) -> str:
    """Evaluate one result and say what differs from what is expected."""
    expected_node = node.find("{*}expected")
    expected = None if expected_node is None else value_of(expected_node)
    try:
        if case.get("type") == "decisionService":
            output = model.invoke(case.get("invocableName"), inputs, NOW).output
            if type(output) is dict and node.get("name") in output and len(output) > 1:
                output = output[node.get("name")]
        elif case.get("type") == "bkm":
            output = model.invoke(case.get("invocableName") or node.get("name"), inputs, NOW).output
        else:
            output = model.evaluate(node.get("name"), inputs, NOW).output
    except FeelError as broken:
        return "" if node.get("errorResult") == "true" or expected is None else f"refused: {broken}"
    return "" if same(output, expected) else f"expected {expected!r}, got {output!r}"


def same(left: Any, right: Any) -> bool:
    """Compare as the TCK does: numbers to eight places, contexts and lists by their parts."""
    if type(left) is Decimal and type(right) is Decimal:
        return abs(left - right) <= TOLERANCE * max(1, abs(right))
    if type(left) is list and type(right) is list:
        return len(left) == len(right) and all(map(same, left, right))
    if type(left) is dict and type(right) is dict:
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    zero = (YearsMonthsDuration(0), temporal.read_duration("PT0S"))
    if left in zero and right in zero:
        return True
    return equal(Run(), left, right) is True


def value_of(node: Any) -> Any:
    """Read a value of the TCK's XML."""
    if node.get(f"{XSI}nil") == "true":
        return None
    found = node.find("{*}list")
    if found is not None:
        return [value_of(item) for item in found.iterfind("{*}item")]
    parts = node.findall("{*}component")
    if parts:
        return {part.get("name"): value_of(part) for part in parts}
    value = node.find("{*}value")
    if value is None or value.get(f"{XSI}nil") == "true":
        return None
    return typed(value.text or "", (value.get(f"{XSI}type") or "string").rpartition(":")[2])


def typed(text: str, kind: str) -> Any:
    """Read a text of an XML Schema type as a FEEL value."""
    if kind in ("decimal", "double", "integer", "float"):
        return Decimal(text)
    if kind == "boolean":
        return text == "true"
    readers = {
        "date": temporal.read_date,
        "dateTime": temporal.read_instant,
        "time": temporal.read_time,
        "duration": temporal.read_duration,
    }
    if kind not in readers:
        return text
    value = readers[kind](text)
    return Unreadable(text) if value is None else value


def main(arguments: list[str]) -> int:
    """Print a line for each sub-folder, with the cases that failed in it; `-v` says what was expected and what came."""
    verbose = "-v" in arguments
    folders = [Path(one) for one in arguments if one != "-v"] or [cases_folder() or Path()]
    passed = failed = 0
    for folder in folders:
        for name, outcome in run(folder).items():
            passed, failed = passed + outcome.passed, failed + len(outcome.failures)
            failed_cases = ", ".join(failure.split(" ", 1)[0] for failure in outcome.failures)
            ending = f", {len(outcome.failures)} failed: {failed_cases}" if outcome.failures else ""
            sys.stdout.write(f"{name}: {outcome.passed} passed{ending}\n")
            for failure in outcome.failures if verbose else ():
                sys.stdout.write(f"    {failure}\n")
    sys.stdout.write(f"{passed} passed, {failed} failed\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
