"""The budgets of the house: a file of 300 lines, a function of 30, and names that say what is inside."""

import ast
import io
import tokenize
from pathlib import Path

import pytest

root = Path(__file__).parents[2]
file_budget, function_budget = 300, 30
shapeless = {"utils", "helpers", "common", "base", "manager"}


def sources() -> list[Path]:
    files = [p for folder in ("app", "handlers") for p in (root / folder).rglob("*.py")]
    return [p for p in files if "migrations" not in p.parts and "node_modules" not in p.parts]


def code_lines(text: str) -> set[int]:
    """Give the numbers of the lines that hold code: no blanks, comments or docstrings."""
    passed = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in passed:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) and ast.get_docstring(node):
            doc = node.body[0]
            lines.difference_update(range(doc.lineno, (doc.end_lineno or doc.lineno) + 1))
    return lines


def over_budget(name: str, text: str) -> list[str]:
    lines = code_lines(text)
    found = [f"{name}: {len(lines)} lines"] if len(lines) > file_budget else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = len(lines & set(range(node.lineno, (node.end_lineno or node.lineno) + 1)))
            if length > function_budget:
                found.append(f"{name}:{node.lineno} {node.name}: {length} lines")
    return found


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(root)))
def test_every_file_and_function_keeps_its_budget(path: Path) -> None:
    assert over_budget(str(path.relative_to(root)), path.read_text()) == []


def test_a_long_function_and_a_long_file_are_caught() -> None:
    long_function = "def f():\n" + "    x = 1\n" * 30
    assert over_budget("planted", long_function) == ["planted:1 f: 31 lines"]
    assert over_budget("planted", "x = 1\n" * 301) == ["planted: 301 lines"]


def test_docstrings_and_comments_cost_nothing() -> None:
    assert (
        over_budget(
            "planted",
            'def f():\n    """Say.\n'
            + "\n    more\n" * 40
            + '    """\n'
            + "    # why\n" * 40
            + "    return 1\n",
        )
        == []
    )


def test_no_module_has_a_shapeless_name() -> None:
    assert [p for p in sources() if p.stem in shapeless or p.parent.name in shapeless] == []


def test_the_top_level_is_the_one_agreed_on() -> None:
    import subprocess

    listed = subprocess.run(
        ["git", "ls-files"], cwd=root, capture_output=True, text=True, check=False
    ).stdout.split("\n")
    names = {line.split("/")[0] for line in listed if line}
    if not names:
        pytest.skip("not a git checkout: the list of tracked files is not to be had")
    assert names <= {
        "pyproject.toml",
        "processes",
        "app",
        "handlers",
        "forms",
        "tests",
        "docs",
        "README.md",
        "Makefile",
        ".ci",
        "requirements.lock",
        ".gitignore",
    }
