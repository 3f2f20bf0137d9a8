"""The programs of a running house: each ends with its parent, and is started again when it dies on its own."""

import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.errors import ProgramDied

STARTS = 5
WITHIN = 60.0
"""A program is started again so often within so many seconds; then its dying is a fault that no start mends."""

PAUSE = 0.5
"""Seconds between a death and the next start."""

PATIENCE = 25.0
"""Seconds that programs are given to end when asked to: the worker's running jobs get 20."""


@dataclass
class _Program:
    """One program: how it is started, its process, and when it was last found dead."""

    name: str
    command: Sequence[str]
    process: "subprocess.Popen[bytes]"
    deaths: "deque[float]" = field(default_factory=deque)
    due: float | None = None


class Programs:
    """Programs that run side by side; each is a module with its arguments, tethered to this process."""

    def __init__(
        self, modules: Mapping[str, Sequence[str]], env: Mapping[str, str], say: Callable[[str], None]
    ) -> None:
        self._env = dict(env)
        self._say = say
        self._programs: list[_Program] = []
        for name, module in modules.items():
            command = [sys.executable, "-m", "app.tether", *module]
            self._programs.append(_Program(name, command, self._start(command)))

    def _start(self, command: Sequence[str]) -> "subprocess.Popen[bytes]":
        """Start a program out of reach of the terminal's signals: who runs it stops it."""
        return subprocess.Popen(command, env=self._env, stdin=subprocess.PIPE, process_group=0)  # noqa: S603  our own programs

    def look(self) -> None:
        """Start again what has died; ProgramDied where one died too often to go on."""
        now = time.monotonic()
        for program in self._programs:
            if program.due is not None:
                if now >= program.due:
                    program.due, program.process = None, self._start(program.command)
            elif program.process.poll() is not None:
                self._mourn(program, now)

    def _mourn(self, program: _Program, now: float) -> None:
        if program.process.stdin is not None:
            program.process.stdin.close()
        program.deaths.append(now)
        while now - program.deaths[0] > WITHIN:
            program.deaths.popleft()
        how = _ending(program.process.returncode)
        if len(program.deaths) > STARTS:
            raise ProgramDied(
                f"Expected the {program.name} to run, but it ended {len(program.deaths)} times within a minute,"
                f" at last {how}: its reason stands above, or in the system's log."
            )
        self._say(f"The {program.name} ended {how}; it is started again.")
        program.due = now + PAUSE

    def stop(self) -> None:
        """Ask every program to end, and end by force what has not after a while."""
        for program in self._programs:
            program.process.terminate()
        deadline = time.monotonic() + PATIENCE
        for program in self._programs:
            try:
                program.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                program.process.kill()
                program.process.wait()


def _ending(code: int) -> str:
    if code >= 0:
        return f"with exit code {code}"
    return f"by signal {-code} ({signal.strsignal(-code)})"
