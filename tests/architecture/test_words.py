"""One word for one thing: the glossary's "not" column is not used in names, and content stays out of the platform."""

import ast
import re
from pathlib import Path

import pytest

root = Path(__file__).parents[2]


def glossary() -> dict[str, str]:
    """Read the glossary's table: forbidden word -> the word to use."""
    rows = re.findall(
        r"^\| ([^|]+?) \| [^|]+ \| ([^|]*?) \|$", (root / "docs" / "glossary.md").read_text(), re.MULTILINE
    )
    return {
        bad.strip(): good
        for good, bads in rows
        if good != "word"  # the table's head
        for bad in bads.split(",")
        if re.fullmatch(r"[a-z_]+", bad.strip())
    }


# Words of the table that are also a library's or a language's own: each with its reason.
excused = {
    "context": "FEEL's own word for a map (DMN 1.5, 10.3.2.6)",
    "state": "the state of a case; the table bans error_state only",
    "rule": "a DMN table has rules (DMN 1.5, 8.2)",
    "version": "versions of a definition, of an event",
    "file": "files of a bundle and on disk",
    "package": "Python packages and npm packages",
    "archive": "zip archives",
    "run": "to run is a verb",
    "take": "tokens take flows, messages are taken",
    "finish": "to finish is a verb; a task is completed",
    "submit": "forms.submit is the door of the submission",
    "publish": "a list version is published; definitions are deployed",
    "sequence": "BPMN's sequence flow",
    "role": "case roles",
    "process": "the word itself",
    "model": "a DMN model, a marshmallow model",
    "flow": "BPMN's sequence flow",
    "workflow": "SpiffWorkflow's class",
    "node": "a syntax tree and XML have nodes",
    "spec": "SpiffWorkflow's specs in the engine room",
    "step": "steps of scenarios and of the hub",
    "activity": "BPMN's activities",
    "user": "psycopg's and Flask-Login's user",
    "principal": "",
    "schema": "marshmallow's and the database's schema",
    "connector": "",
    "topic": "",
    "execution": "",
    "owner": "the owner of a server or a database role",
    "serialization": "",
    "upgrade": "Alembic's verb",
    "command": "click's commands",
    "journal": "",
    "input": "",
    "dossier": "",
    "inbox": "",
    "queue": "procrastinate's queue",
    "log": "",
}


def names_in(text: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def forbidden(text: str, words: dict[str, str]) -> list[str]:
    found = []
    for name in names_in(text):
        parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")
        found += [
            f"{name}: say {words[w]}" for w in words if w not in excused and (w in parts or w == name.lower())
        ]
    return sorted(found)


def test_the_glossary_is_a_table_that_can_be_read() -> None:
    words = glossary()
    assert words["work_item"] == "task"
    assert words["audit_log"] == "history, replay, verify"


@pytest.mark.parametrize(
    "path",
    [
        p
        for f in ("app", "handlers")
        for p in sorted((root / f).rglob("*.py"))
        if "node_modules" not in p.parts
    ],
    ids=lambda p: str(p.relative_to(root)),
)
def test_names_use_the_glossary(path: Path) -> None:
    assert forbidden(path.read_text(), glossary()) == []


def test_a_second_word_for_a_thing_is_caught() -> None:
    assert forbidden("def open_work_item(todo): pass", {"todo": "task"}) == ["todo: say task"]


def content_words() -> set[str]:
    """Give what belongs to the shipped content: ids of processes, forms, decisions and lanes."""
    ids = {p.name for p in (root / "processes").iterdir() if p.is_dir()} | {
        p.stem for p in (root / "forms").rglob("*.json")
    }
    for path in (root / "processes").rglob("*.bpmn"):
        ids |= set(re.findall(r'<bpmn:lane [^>]*name="(\w+)"', path.read_text()))
    everyday = {"sistema", "partner"}
    return (ids | {p.stem for p in (root / "processes").rglob("*.dmn")}) - everyday


def test_the_platform_knows_nothing_of_the_call() -> None:
    ids = content_words()
    assert len(ids) > 10
    files = [
        p
        for p in (root / "app").rglob("*")
        if p.suffix in {".py", ".html", ".js", ".mjs", ".css"}
        and not {"node_modules", "dist", "content"} & set(p.parts)
    ]
    found = [
        (str(p.relative_to(root)), w)
        for p in files
        for w in ids
        if re.search(rf"\b{re.escape(w)}\b", p.read_text())
    ]
    assert found == []


SAID_BY_THE_CALL = r"\b(misur[ae]|band[oi]|giunta|filier[ae]|sportello|graduatoria|MIS-[A-Z0-9-]+)\b"


def test_the_platform_speaks_no_word_of_the_second_phase() -> None:
    files = [
        p for p in (root / "app").rglob("*") if p.suffix in {".py", ".html"} and "node_modules" not in p.parts
    ]
    assert len(files) > 300
    found = [(p.name, re.findall(SAID_BY_THE_CALL, p.read_text(), re.IGNORECASE)) for p in files]
    assert [one for one in found if one[1]] == []


forbidden_calls = {"eval", "exec", "__import__", "compile"}


@pytest.mark.parametrize(
    "path",
    [
        p
        for f in ("app", "handlers")
        for p in sorted((root / f).rglob("*.py"))
        if "node_modules" not in p.parts
    ],
    ids=lambda p: str(p.relative_to(root)),
)
def test_nothing_is_evaluated_pickled_or_swallowed(path: Path) -> None:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in forbidden_calls - {"compile"}
        ):
            pytest.fail(f"{path}:{node.lineno} calls {node.func.id}")
        if isinstance(node, ast.Import | ast.ImportFrom) and "pickle" in ast.dump(node):
            pytest.fail(f"{path}:{node.lineno} imports pickle")
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
            )
            allowed = path.relative_to(root).as_posix() in {"app/worker/loop.py", "app/cli.py"}
            passes_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            assert not broad or allowed or passes_on, f"{path}:{node.lineno} catches everything"
