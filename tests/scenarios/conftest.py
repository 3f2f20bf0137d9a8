"""The shipped stories, played once for the session, and a copy of the content that a test may spoil."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.config import Settings
from app.store.postgres import EmbeddedServer
from app.testing import player

root = Path(__file__).parents[2]


Play = Callable[..., player.Report]


@pytest.fixture(scope="session")
def play(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Play:
    """Play the stories of some processes of a content folder."""

    def run(content: Path, *processes: str) -> player.Report:
        settings = Settings(home=tmp_path_factory.mktemp("home"), content=content, secret_key="of a test")
        return player.run(settings, processes, server)

    return run


@pytest.fixture(scope="session")
def report(play: Play) -> player.Report:
    return play(root)


@pytest.fixture
def spoiled(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """Copy the content, replace one text in one file, and give the copy."""

    def spoil(name: str, old: str, new: str) -> Path:
        copy = tmp_path / "content"
        if not copy.exists():
            for folder in ("processes", "forms"):
                shutil.copytree(root / folder, copy / folder)
        text = (copy / name).read_text()
        assert text.count(old) >= 1, old
        (copy / name).write_text(text.replace(old, new, 1))
        return copy

    return spoil
