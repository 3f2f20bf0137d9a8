"""A program that ends with its parent, however that ends: `python -m app.tether MODULE ARGUMENT...`.

Standard input is the tether: a pipe whose other end the parent holds and never writes to. The kernel closes it when
the parent ends, be it by `kill -9`. What a program forks itself is held by `multiprocessing`'s own pipe.
"""

import multiprocessing
import os
import runpy
import sys
import threading
from collections.abc import Callable


def end_after(parent: Callable[[], object]) -> None:
    """End this process at once when `parent`, which waits in a thread of its own, returns."""

    def wait() -> None:
        parent()
        os._exit(1)  # nothing is to be saved: an action is one transaction, and the database is about to stop

    threading.Thread(target=wait, name="tether", daemon=True).start()


def end_after_forker() -> None:
    """End with the process that forked this one, where `multiprocessing` did; else do nothing."""
    forker = multiprocessing.parent_process()
    if forker is not None:
        end_after(forker.join)


def _parent() -> None:
    while os.read(0, 1):
        pass


if __name__ == "__main__":
    end_after(_parent)
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
