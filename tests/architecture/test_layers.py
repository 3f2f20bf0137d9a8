"""Imports point down, and each foreign library has its one room."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

root = Path(__file__).parents[2]
rooms = {
    "SpiffWorkflow": {"engine"},
    "sqlalchemy": {"store"},
    "flask": {"web", "api", "main.py"},
    "alembic": {"store"},
    "procrastinate": {"store"},
}


def imports(text: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def strangers(room: str, text: str) -> list[str]:
    return sorted(
        n
        for n in imports(text)
        for library, allowed in rooms.items()
        if n.split(".")[0] == library and room not in allowed
    )


def test_the_layers_hold() -> None:
    run = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("path", sorted((root / "app").rglob("*.py")), ids=lambda p: str(p.relative_to(root)))
def test_a_library_is_imported_in_its_own_room_only(path: Path) -> None:
    if "node_modules" in path.parts:
        return
    assert strangers(path.relative_to(root / "app").parts[0], path.read_text()) == []


def test_an_import_in_the_wrong_room_is_caught() -> None:
    assert strangers("web", "from sqlalchemy.orm import Session") == ["sqlalchemy.orm"]
    assert strangers("services", "import SpiffWorkflow.bpmn") == ["SpiffWorkflow.bpmn"]
    assert strangers("store", "import sqlalchemy") == []


@pytest.mark.parametrize("path", sorted((root / "handlers").glob("*.py")), ids=lambda p: p.name)
def test_handlers_know_the_port_and_the_domain_alone(path: Path) -> None:
    inside = {n for n in imports(path.read_text()) if n.split(".")[0] == "app"}
    assert all(n == "app.handling" or n.startswith("app.domain") for n in inside), inside


@pytest.mark.parametrize("path", sorted((root / "app" / "domain").glob("*.py")), ids=lambda p: p.name)
def test_the_domain_needs_the_standard_library_alone(path: Path) -> None:
    names = {n.split(".")[0] for n in imports(path.read_text()) if not n.startswith("app.domain")}
    assert names <= set(sys.stdlib_module_names), names
