"""The query line of the worklist, in Italian or English: `gruppo:ufficio scadenza:<7g partner:rossi mulino`.

| key                    | value                                                                          |
|------------------------|--------------------------------------------------------------------------------|
| gruppo, group          | a candidate group of one's own, by code or name                                |
| scadenza, due          | `<7g`, `>7g`, a date, `<` or `>` a date, oggi/today, passata/late, nessuna/none |
| di, held               | io/me, nessuno/nobody, part of a colleague's name                               |
| procedimento, processo, process | a process, by id or part of its title                                  |
| a case role            | part of the name or the organisation of who has that role in the case           |

Everything else is words to be found; `"..."` keeps blanks and colons together.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

KEYS = {
    "gruppo": "group",
    "group": "group",
    "scadenza": "due",
    "due": "due",
    "di": "held",
    "held": "held",
    "processo": "process",
    "procedimento": "process",
    "process": "process",
}
MOST_DAYS = 3650
_WORD = re.compile(r'(?:([^\s":]+):)?(?:"([^"]*)"|([^\s"]+))')
_DAYS = re.compile(r"([<>]?)(\d{1,4})(?:g|d|gg|giorni|giorno|days|day)")
_DATE = re.compile(r"([<>]?)(?:(\d{1,2})/(\d{1,2})/(\d{4})|(\d{4})-(\d{2})-(\d{2}))")
_LATE = frozenset({"passata", "scaduta", "late"})
_TODAY = frozenset({"oggi", "today"})
_NONE = frozenset({"nessuna", "none"})
_ME = frozenset({"io", "me"})
_NOBODY = frozenset({"nessuno", "nobody"})


@dataclass(frozen=True)
class Known:
    """What a line may name: groups and processes by code with their names, people by id, case roles by code."""

    groups: Mapping[str, tuple[str, ...]]
    processes: Mapping[str, tuple[str, ...]]
    people: Mapping[str, str]
    roles: frozenset[str]


@dataclass(frozen=True)
class Fault:
    """What cannot be read: a word of the line, and why (`key`, `group`, `due`, `held`, `process`, `twice`, `quote`)."""

    word: str
    why: str


@dataclass(frozen=True)
class Line:
    """A line as it was read; instants bound the due date (`before` excluded), `held` are ids, `me` or `nobody` by name."""

    text: str = ""
    group: str | None = None
    before: datetime | None = None
    after: datetime | None = None
    undated: bool = False
    held: tuple[str, ...] = ()
    whose: str = ""
    processes: tuple[str, ...] = ()
    party: tuple[str, str] | None = None
    faults: tuple[Fault, ...] = field(default=())


def read_line(text: str, known: Known, now: datetime, zone: tzinfo) -> Line:
    """Read a line; what cannot be read is among `faults`, and nothing of it counts. Days are civil days in `zone`."""
    words: list[str] = []
    found: dict[str, object] = {}
    faults = [Fault('"', "quote")] if text.count('"') % 2 else []
    seen: set[str] = set()
    for match in _WORD.finditer(text):
        key, value = (match[1] or "").lower(), match[2] if match[2] is not None else match[3]
        if not key:
            words.append(value)
            continue
        meant = KEYS.get(key) or ("party" if key in known.roles else "")
        if not meant or meant in seen:
            faults.append(Fault(match[0], "twice" if meant else "key"))
            continue
        seen.add(meant)
        given = _read(meant, key, value.strip().lower(), known, now.astimezone(zone))
        if given is None:
            faults.append(Fault(match[0], meant))
        else:
            found |= given
    return Line(text=" ".join(words), faults=tuple(faults), **found)  # type: ignore[arg-type]


def _read(meant: str, key: str, value: str, known: Known, now: datetime) -> dict[str, object] | None:
    if meant == "due":
        return _due(value, now)
    if meant == "held":
        return _held(value, known)
    if meant == "party":
        return {"party": (key, value)} if value else None
    named = known.groups if meant == "group" else known.processes
    if value in named:
        codes = [value]
    else:
        codes = [code for code, names in named.items() if value and any(value in n.lower() for n in names)]
    if meant == "process":
        return {"processes": tuple(codes)} if codes else None
    return {"group": codes[0]} if len(codes) == 1 else None


def _held(value: str, known: Known) -> dict[str, object] | None:
    if value in _ME:
        return {"whose": "me"}
    if value in _NOBODY:
        return {"whose": "nobody"}
    ids = tuple(who for who, name in known.people.items() if value and value in name.lower())
    return {"held": ids, "whose": "others"} if ids else None


def _due(value: str, now: datetime) -> dict[str, object] | None:
    if value in _LATE:
        return {"before": now}
    if value in _NONE:
        return {"undated": True}
    if value in _TODAY:
        return _day(now.date(), now)
    days = _DAYS.fullmatch(value)
    if days and int(days[2]) <= MOST_DAYS:
        moment = now + timedelta(days=int(days[2]))
        return {"after": moment} if days[1] == ">" else {"before": moment}
    return _dated(value, now)


def _dated(value: str, now: datetime) -> dict[str, object] | None:
    match = _DATE.fullmatch(value)
    if match is None:
        return None
    parts = (match[4], match[3], match[2]) if match[2] else (match[5], match[6], match[7])
    try:
        day = date(*map(int, parts))
        span = _day(day, now)
    except (ValueError, OverflowError):
        return None
    if match[1] == "<":
        return {"before": span["after"]}
    return {"after": span["before"]} if match[1] == ">" else span


def _day(day: date, now: datetime) -> dict[str, object]:
    """Give the bounds of a civil day."""
    first = datetime.combine(day, time(), now.tzinfo)
    return {"after": first, "before": datetime.combine(day + timedelta(days=1), time(), now.tzinfo)}
