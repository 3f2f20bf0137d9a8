"""The documentation cannot fall behind: its code runs, its excerpts are the code, its commands and links exist."""

import doctest
import json
import re
import tomllib
from pathlib import Path

import pytest
from lxml import etree

root = Path(__file__).parents[2]
pages = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
blocks = [
    (page, match.group(1), match.group(2))
    for page in pages
    for match in re.finditer(
        r"^```(\w+)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
]


def of(language: str) -> list[tuple[Path, str]]:
    return [(page, text) for page, kind, text in blocks if kind == language]


def named(case: tuple[Path, str]) -> str:
    return f"{case[0].relative_to(root)}: {case[1].splitlines()[0][:40]}"


def _lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def excerpt_missing(text: str) -> str | None:
    """Give what is wrong with an excerpt whose first line names its file, or None."""
    head, _, body = text.partition("\n")
    path = root / head.removeprefix("# ").strip()
    if not path.is_file():
        return f"no file {path}"
    flat, parts = _lines(path.read_text(encoding="utf-8")), [_lines(part) for part in body.split("\n...\n")]
    return next((f"not in {path.name}: {part[:80]}" for part in parts if part not in flat), None)


@pytest.mark.parametrize("case", of("python"), ids=named)
def test_an_excerpt_is_the_code_itself(case: tuple[Path, str]) -> None:
    assert excerpt_missing(case[1]) is None


def test_an_excerpt_that_fell_behind_is_caught() -> None:
    assert excerpt_missing("# app/domain/policy.py\ndef is_candidate(nobody): ...") is not None


@pytest.mark.parametrize("case", of("pycon"), ids=named)
def test_an_example_prints_what_it_says(case: tuple[Path, str]) -> None:
    example = doctest.DocTestParser().get_doctest(case[1], {}, case[0].name, str(case[0]), 0)
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE).run(example)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("case", of("toml") + of("json") + of("xml"), ids=named)
def test_data_in_the_documentation_can_be_read(case: tuple[Path, str]) -> None:
    kind = next(k for p, k, t in blocks if (p, t) == case)
    parse = {
        "toml": tomllib.loads,
        "json": json.loads,
        "xml": lambda t: etree.fromstring(f'<x xmlns:bpmn="b" xmlns:pratica="p">{t}</x>'),
    }
    assert parse[kind](case[1]) is not None


@pytest.mark.parametrize("case", of("console"), ids=named)
def test_a_command_in_the_documentation_exists(case: tuple[Path, str]) -> None:
    from app.cli import pratica

    targets = set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for line in re.findall(r"^\$ (.*)$", case[1], re.MULTILINE):
        words = [w for w in line.split() if "=" not in w or w.startswith("--")]
        if words[0] == "make":
            assert words[1] in targets, line
        elif words[0].endswith("pratica"):
            command = pratica.commands[words[1]]
            options = {o for p in command.params for o in p.opts}
            assert {w.split("=")[0] for w in words[2:] if w.startswith("--")} <= options, line


def test_every_command_is_in_the_reference() -> None:
    from app.cli import pratica

    text = (root / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    assert {name for name in pratica.commands if f"## `pratica {name}`" not in text} == set()


def test_links_lead_somewhere() -> None:
    broken = [
        (str(page.relative_to(root)), target)
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []
