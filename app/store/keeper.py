"""The embedded server's keeper: a small process that stops the server once nobody uses it.

Run by path in an isolated interpreter (`python -I keeper.py HOLD KEEPER UID GID [FOLDER...] -- COMMAND...`), so that it needs
nothing but the standard library. Every user of the server holds a shared lock on HOLD; the kernel drops it when the
user ends, however it ends. The keeper waits for the exclusive lock, which it gets when the last user is gone, and
runs the command that stops the server, while newcomers wait for their shared lock. The folders of a passing server
are removed then.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys


def main(hold: str, kept: str, uid: str, gid: str, passing: list[str], command: list[str]) -> int:
    """Wait for the last user to go, then run `command`; 0 at once if another keeper is at work."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with open(kept, "w") as mine, open(hold, "a") as users:  # noqa: PTH123  no more imports than needed
        try:
            fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        fcntl.flock(users, fcntl.LOCK_EX)
        identity = {"user": int(uid), "group": int(gid), "extra_groups": []} if uid != "-" else {}
        done = subprocess.run(command, check=False, capture_output=True, cwd="/", **identity)  # type: ignore[call-overload]  # noqa: S603  our own command
        for folder in passing:
            shutil.rmtree(folder, ignore_errors=True)
        return int(done.returncode)


if __name__ == "__main__":
    end = sys.argv.index("--")
    users, keepers, user, group = sys.argv[1:5]
    sys.exit(main(users, keepers, user, group, sys.argv[5:end], sys.argv[end + 1 :]))
