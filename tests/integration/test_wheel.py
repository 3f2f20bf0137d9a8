"""The built wheel carries assets, processes and forms, and runs without Node and without the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

root = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(build, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def pratica(site: Path, home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    env = {k: v for k, v in os.environ.items() if not k.startswith("PRATICA") and k != "DATABASE_URL"}
    env |= {"PYTHONPATH": str(site), "PRATICA_HOME": str(home), "PATH": "/nonexistent"}
    command = [sys.executable, "-m", "app.cli", *arguments]
    return subprocess.run(command, cwd=site, env=env, capture_output=True, text=True, check=False)


def test_the_wheel_carries_what_runs_and_nothing_else(unpacked):
    names = {p.relative_to(unpacked).as_posix() for p in unpacked.rglob("*") if p.is_file()}
    assert "app/web/static/dist/manifest.json" in names
    assert any(name.startswith("app/content/forms/") for name in names)
    assert any(name.endswith(".mo") for name in names)
    assert not [
        name for name in names if "node_modules" in name or name.startswith(("tests/", "app/web/frontend/"))
    ]


def test_the_doctor_is_content_with_an_unpacked_wheel(unpacked, tmp_path):
    done = pratica(unpacked, tmp_path, "doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(unpacked) in done.stdout


def test_the_shipped_processes_of_the_wheel_have_no_errors(unpacked, tmp_path):
    done = pratica(unpacked, tmp_path, "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip().endswith("0 errors, 0 warnings")
