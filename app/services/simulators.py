"""What the simulated outside systems of a demonstration were told: letters, notices, publications."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.errors import NotFound
from app.services.house import House


@dataclass(frozen=True)
class Told:
    """One thing that a simulated system was told; `link` is a personal link that the letter carries, if it does."""

    system: str
    case_id: str
    at: datetime
    to: str
    subject: str
    text: str
    link: str = ""


def told(house: House, most: int = 500) -> list[Told]:
    """Give what the simulated systems were told last, newest first; NotFound in a house that is no demonstration."""
    if not house.settings.demo:
        raise NotFound(
            "Expected a demonstration, but this house is real: nothing is simulated for show in it."
        )
    files = house.ledger.glob("*/*.json") if house.ledger.is_dir() else ()
    found = [
        _told(json.loads(path.read_text()), house.settings.public_url)
        for path in files
        if not path.name.startswith(".")
    ]
    return sorted(found, key=lambda one: (one.at, one.subject, one.to), reverse=True)[:most]


def _told(entry: dict[str, Any], here: str) -> Told:
    word = {
        name: str(entry.get(name) or "")
        for name in ("sistema", "fascicolo", "oggetto", "testo", "collegamento")
    }
    to = str(entry.get("a") or entry.get("ruolo") or "")
    at = datetime.fromisoformat(entry["alle"])
    return Told(
        word["sistema"], word["fascicolo"], at, to, word["oggetto"], word["testo"], word["collegamento"]
    )
