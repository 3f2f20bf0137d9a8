"""Questions of the parties to the office: each has a number."""

from typing import Any

from app.handling import House, handler
from handlers.canonical import day


@handler("quesito.registra", inside=True)
def register(*, house: House) -> dict[str, Any]:
    """Number a question by year, and give the day on which it came: `QUE-2023-0001`.

    The register holds the number of the case and nothing of what was asked.
    """
    today = day(house.now)
    number = house.enter("quesiti", {"fascicolo": house.case_id}, today.year)
    return {"numero": f"QUE-{today.year}-{number:04d}", "data": today}
