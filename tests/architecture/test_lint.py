"""Lint with all rules, one format, and strict types: what `make lint` says is what the suite says."""

import subprocess
import sys
from pathlib import Path

import pytest

root = Path(__file__).parents[2]
tools = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [("ruff", "check", "--no-cache", "."), ("ruff", "format", "--no-cache", "--check", "."), ("mypy",)],
    ids=["rules", "format", "types"],
)
def test_the_code_is_clean(command: tuple[str, ...]) -> None:
    done = subprocess.run(
        [str(tools / command[0]), *command[1:]], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_every_rule_is_on_but_those_with_a_reason() -> None:
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    assert 'select = ["ALL"]' in text
    block = text[text.index("ignore = [") : text.index("[tool.ruff.lint.per-file-ignores]")]
    bare = [line for line in block.splitlines() if line.strip().startswith('"') and "#" not in line]
    assert bare == ['    "RUF002",', '    "RUF003",']  # the same reason as the rule above them
