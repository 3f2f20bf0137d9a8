"""Outside systems that do not exist here, played by a ledger in a folder: every result says that it is simulated.

One file for each idempotency key: a call repeated with its key finds the file and changes nothing.
"""

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.handling import Call


def tell(system: str, call: Call, effect: dict[str, str]) -> dict[str, Any]:
    """Tell a simulated outside system something once, and give its receipt."""
    folder = call.ledger / system
    folder.mkdir(parents=True, exist_ok=True)
    receipt = sha256(f"{system}/{call.key}".encode()).hexdigest()[:24]
    path = folder / f"{receipt}.json"
    entry = {
        "modalita": "simulato",
        "sistema": system,
        "ricevuta": receipt,
        "chiave": call.key,
        "fascicolo": call.case_id,
        "alle": call.recorded_at.isoformat(),
        **effect,
    }
    if not path.exists():
        draft = folder / f".{receipt}.{os.getpid()}"
        draft.write_text(json.dumps(entry, ensure_ascii=False, sort_keys=True, indent=1))
        _first(draft, path)
    kept: dict[str, Any] = json.loads(path.read_text())
    return kept


def _first(draft: Path, path: Path) -> None:
    """Put a draft in its place unless another attempt was quicker; linking fails where the name is taken."""
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
