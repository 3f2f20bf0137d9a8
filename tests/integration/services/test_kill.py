"""A worker killed inside an outside handler: taken up again within 15 s, called again with the same key, one effect."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from app.handling import Handler
from app.services import cases, replay
from tests.small import carla, flows

root = Path(__file__).parents[3]
SCRIPT = """
import os, signal, sys
from pathlib import Path
from app.config import Settings
from app.handling import Handler, Registry
from app.services.house import House
from app.store.blobs import BlobStore
from app.store.clock import HouseClock
from app.store.database import Database
from app.worker import loop

home, url = Path(sys.argv[1]), sys.argv[2]

def esterno(*, call):
    with (home / "called").open("a") as file:
        file.write(call.key + "\\n")
    entry = home / "ledger" / call.key.replace("/", "_")
    if not entry.exists():
        entry.write_text("effect")
        os.kill(os.getpid(), signal.SIGKILL)
    return "fatto"

registry = Registry()
registry.add(Handler("prova.esterno", False, esterno))
database = Database(url, pool_size=4)
house = House(Settings(home=home, content=home), database, HouseClock(database, demo=False), BlobStore(home / "blobs"), registry)
loop.run(house)
"""


def worker(home: Path, url: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", SCRIPT, str(home), url], cwd=root)


def test_a_killed_worker_loses_nothing_and_repeats_no_effect(house, deploy, registry, database, tmp_path):
    (tmp_path / "ledger").mkdir()
    registry.add(Handler("prova.esterno", False, lambda *, call: None))
    body = '<bpmn:startEvent id="s"/><bpmn:serviceTask id="chiama" pratica:handler="prova.esterno" pratica:result="esito"/><bpmn:endEvent id="e"/>'
    deploy("prova", body + flows("s>chiama", "chiama>e"))
    case = cases.start(house, "prova", carla)
    first = worker(tmp_path, database.url)
    assert first.wait(30) == -signal.SIGKILL
    killed = time.monotonic()
    second = worker(tmp_path, database.url)
    try:
        while cases.view(house, case.id, carla).instances[0].state != "completed":
            assert time.monotonic() - killed < 15, "not taken up again within 15 s"
            time.sleep(0.2)
    finally:
        second.terminate()
        second.wait(20)
    key = f"{case.id}/1/1"
    assert (tmp_path / "called").read_text().split() == [key, key]
    assert [p.name for p in (tmp_path / "ledger").iterdir()] == [key.replace("/", "_")]
    assert replay.case(house, case.id).equal
