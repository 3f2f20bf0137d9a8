"""The whole suite in parallel on the cores there are; the browser tests need a chromium."""

import os
import sys

import pytest


def main(arguments: list[str]) -> int:
    """Run pytest and give its exit code."""
    options = [
        "-n",
        str(min(os.cpu_count() or 1, 8)),
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
        "--durations",
        "10",
    ]
    if "--no-browser" in arguments:
        options += ["-m", "not browser"]
    return int(pytest.main(options))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
