"""What the simulated outside systems of a demonstration were told: letters, notices, publications."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.errors import NotFound
from app.services.house import House


@dataclass(frozen=True)
class Told:
    """One thing that a simulated system was told, word for word; `link` is an address of this house in it, if there is one."""

    system: str
    at: datetime
    words: dict[str, str]
    link: str = ""


def told(house: House, most: int = 500) -> list[Told]:
    """Give what the simulated systems were told last, newest first; NotFound in a house that is no demonstration."""
    if not house.settings.demo:
        raise NotFound(
            "Expected a demonstration, but this house is real: nothing is simulated for show in it."
        )
    found = []
    for path in house.ledger.glob("*/[!.]*.json"):
        words = {str(key): str(word) for key, word in json.loads(path.read_text()).items() if word}
        here = house.settings.public_url
        link = next((word.removeprefix(here) for word in words.values() if word.startswith(f"{here}/")), "")
        kept = {key: word for key, word in words.items() if not word.startswith(f"{here}/")}
        at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        found.append(Told(path.parent.name, at, kept, link))
    return sorted(found, key=lambda one: (one.at, one.link), reverse=True)[:most]
