"""The reference says of every built-in what the code says of it, and its examples are evaluated."""

import re
from datetime import UTC, datetime
from pathlib import Path

from app.feel import evaluate, parse
from app.feel.library.registry import sentence
from app.feel.limits import Limits
from app.feel.names import SIGNATURES

NOW = datetime(2023, 5, 8, 10, tzinfo=UTC)
PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "feel.md").read_text(encoding="utf-8")


def built_ins() -> list[str]:
    section = PAGE.split("## Built-in functions")[1].split("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| `")]


def test_the_reference_has_every_built_in_with_its_signatures_and_its_sentence() -> None:
    wanted = []
    for name, signatures in SIGNATURES.items():
        shown = "<br>".join(f"`{name}({', '.join(one)})`" for one in signatures)
        wanted.append(f"| {shown} | {sentence(name)} |")
    assert [line.rpartition(" | `")[0].rpartition(" `")[0] for line in built_ins()] == wanted


def test_every_built_in_has_an_example_and_gives_what_the_reference_says() -> None:
    for line in built_ins():
        name = line[3:].partition("(")[0]
        example, gives = re.findall(r"`([^`]+)`", line)[-2:]
        assert f"{name}(" in example
        value, expected = evaluate(example, {}, NOW), evaluate(gives, {})
        assert value == expected, (example, value)
        assert type(value) is type(expected), (example, value)


def test_the_reference_has_the_limits_that_hold() -> None:
    section = PAGE.split("## Limits")[1].split("\n## ")[0]
    standard = Limits()
    for names, figures in re.findall(r"\| (`[^|]+) \| ([^|]+) \|", section):
        shown = [int(figure.replace(",", "")) for figure in re.findall(r"\d{1,3}(?:,\d{3})*", figures)]
        assert [getattr(standard, name) for name in re.findall(r"`(\w+)`", names)] == shown


def test_every_form_in_the_reference_can_be_read() -> None:
    section = PAGE.split("## Forms")[1].split("\n| cell of a table")[0]
    examples = [text for line in section.splitlines() for text in re.findall(r"`([^`]+)`", line)]
    readable = [text for text in examples if len(text) > 2 and text not in ("item", "partial")]
    assert len(readable) > 15
    for text in readable:
        parse(text)
