"""What a check says of decision tables before they are deployed: names nobody gives, cases no rule meets, cases several do."""

from collections.abc import Iterator

from app.dmn.coverage import Coverage, find_gaps_and_overlaps
from app.dmn.model import Model, Part
from app.dmn.tables import DecisionTable
from app.domain.definitions import Finding
from app.feel.errors import FeelError

ANSWERED = "UAPF"
"""Hit policies under which a case that no rule meets has no answer; the others give an empty list or a count."""
MOST_EXAMPLES = 5


def examine(file: str, data: bytes) -> Iterator[Finding]:
    """Give the findings of one DMN file; one that cannot be read is refused elsewhere and has none here."""
    try:
        model = Model.parse(data)
        problems = model.problems()
    except FeelError:
        return
    for problem in problems:
        if problem.code == "name":
            way_out = "Draw the information requirement, or correct the name."
            yield Finding(file, problem.element, "error", "decision_name", f"{problem}.", way_out)
    for part in model.own():
        table = _table(part) if part.kind in ("decision", "function") else None
        if table is not None:
            yield from _of_table(file, part, table)


def _table(part: Part) -> DecisionTable | None:
    try:
        return part.table
    except FeelError:
        return None


def _of_table(file: str, part: Part, table: DecisionTable) -> Iterator[Finding]:
    found = find_gaps_and_overlaps(table)
    if table.policy == "U":
        yield from _overlaps(file, part, found)
    defaults = any(output.default is not None for output in table.outputs)
    if table.policy in ANSWERED and not defaults:
        yield from _gaps(file, part, found)


def _overlaps(file: str, part: Part, found: Coverage) -> Iterator[Finding]:
    for overlap in found.overlaps[:MOST_EXAMPLES]:
        rules = " and ".join(map(str, overlap.rules))
        message = f"Expected one rule of {part.name} for each case, but rules {rules} both take {_case(overlap.case)}."
        yield Finding(
            file,
            part.identity,
            "error",
            "table_overlap",
            message,
            "Narrow one of the rules, or choose another hit policy.",
        )


def _gaps(file: str, part: Part, found: Coverage) -> Iterator[Finding]:
    for gap in found.gaps[:MOST_EXAMPLES]:
        message = f"Expected a rule of {part.name} for every case, but none takes {_case(gap.case)}."
        yield Finding(
            file,
            part.identity,
            "warning",
            "table_gap",
            message,
            "Add a rule, or a default output; without one the decision gives null.",
        )


def _case(case: dict[str, str]) -> str:
    return "; ".join(f"{label}: {text}" for label, text in case.items()) or "any case"
