"""What a register said, in words: where it comes from, of which day, and whether what is typed is the same."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from app.definitions.forms import Field, companions, option_key
from app.web import formats

SIMULATED = "simulato"
"""What a handler's answer says under `modalita` where the outside system is played."""


def source(said: Mapping[str, Any]) -> str:
    """Give the source and the day of a register's answer: `Registro imprese (simulato), 08/05/2023`."""
    name = str(said.get("fonte") or _("Register"))
    word = _("simulated")
    played = f" ({word})" if said.get("modalita") == SIMULATED else ""
    day = said.get("data")
    if isinstance(day, datetime):
        day = formats.local(day).date()
    return f"{name}{played}, {day:%d/%m/%Y}" if isinstance(day, date) else f"{name}{played}"


def agrees(asked: Field, typed: Any, value: Any) -> bool:
    """Tell whether what stands in a field is what the register holds; capitals, blanks and dots at the end make no difference."""
    return _plain(companions.typed(asked, typed)) == _plain(companions.typed(asked, value))


def _plain(value: Any) -> str:
    text = option_key(value) if not isinstance(value, list) else "|".join(sorted(map(str, value)))
    return " ".join(text.casefold().split()).rstrip(".")


def outcome(said: Mapping[str, Any]) -> str:
    """Say what came of asking a register."""
    where = source(said)
    match said.get("esito"):
        case companions.FOUND:
            return _(
                "%(source)s: found. Empty fields were filled in; where it says otherwise, it is said at the field.",
                source=where,
            )
        case companions.ABSENT:
            return _(
                "%(source)s: nothing is found under %(code)s. Check the code, or fill in by hand.",
                source=where,
                code=said.get("chiesto", ""),
            )
        case _:
            return _(
                "%(source)s: the register does not answer now. Fill in by hand, or try again later: nothing depends on it.",
                source=where,
            )
