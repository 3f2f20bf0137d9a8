"""The reference of BPMN says what the code does."""

import re
from pathlib import Path

import pytest

from app.engine import structure, vocabulary
from app.engine.stepping import PROCESSORS

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs/reference/bpmn.md").read_text()
ROOM = "".join(path.read_text() for path in sorted((ROOT / "app/engine").glob("*.py")))


@pytest.mark.parametrize(
    "name",
    sorted(
        set(PROCESSORS) - {"process"}
        | set(vocabulary.REFUSED)
        | set(vocabulary.OWN)
        | set(vocabulary.OWN_ENTRIES)
    ),
)
def test_the_reference_names_each_element_and_attribute(name):
    assert re.search(rf"\b{name}\b", TEXT)


@pytest.mark.parametrize("element", structure.KINDS)
def test_the_reference_names_the_kinds_of_each_event(element):
    rows = [line for line in TEXT.splitlines() if line.startswith(f"| `{element}`")]
    kinds = ", ".join(structure.KINDS[element])
    assert any(kinds in row for row in rows)


def test_the_reference_names_each_kind_of_incident():
    kinds = set(re.findall(r'ElementFailed\(\s*"([a-z_]+)"', ROOM)) | set(
        re.findall(r'open_incident\(\w+, "([a-z_]+)"', ROOM)
    )
    kinds |= set(re.findall(r'"(step_limit|fuel_limit|token_limit)"', ROOM))
    for kind in kinds - {"python", "loop"}:
        assert f"`{kind}`" in TEXT, kind
