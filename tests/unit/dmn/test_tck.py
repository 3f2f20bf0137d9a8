"""The public TCK is the measure of the language."""

import importlib.util
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("tck", Path(__file__).parents[2] / "tck.py")
assert _SPEC is not None
assert _SPEC.loader is not None
tck = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(tck)


def _folder(level: int) -> Path:
    found = tck.cases_folder()
    if found is None:
        reason = "the DMN TCK is not here: set PRATICA_TCK to its folder to run it"
        print(reason)  # noqa: T201 - a run that skips the measure says so
        pytest.skip(reason)
    return found / f"compliance-level-{level}"


def test_all_of_level_2_of_the_tck_passes() -> None:
    outcomes = tck.run(_folder(2))
    assert {name: outcome.failures for name, outcome in outcomes.items() if outcome.failures} == {}
    assert sum(outcome.passed for outcome in outcomes.values()) >= 116


def test_at_least_99_of_100_cases_of_level_3_pass() -> None:
    outcomes = tck.run(_folder(3)).values()
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(len(outcome.failures) for outcome in outcomes)
    assert passed / (passed + failed) >= 0.99
