"""Which kind of value each key of a manifest takes; anything else is a finding before it becomes a case, a group or a number."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

MAX_FIRST = 999_999_999
"""The largest first number of a year: what stands in a number of a case is read by people."""

MAX_LISTED = 50
"""Entries of a list in a manifest: states, fields, ends."""

_KEY = re.compile(r"[^\W\d][\w.\-]{0,59}")
_ID = re.compile(r"[A-Za-z][\w\-]{0,79}")
_PATH = re.compile(r"[^\W\d]\w{0,59}(\.[^\W\d]\w{0,59}){0,9}")
_PREFIX = re.compile(r"[A-Z0-9]{1,12}")
_NO_LINE = "\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff"
_LINE = re.compile(rf"(?=.*\S)[^{_NO_LINE}]{{1,200}}")
_LONG = re.compile(rf"(?=.*\S)[^{_NO_LINE}]{{1,500}}")
_SAID = ("explained", "later", "note")
_WHO = re.compile(rf"anyone|message|system|group:{_KEY.pattern}")

KEY = "a name of up to 60 letters, digits, _, - and ., a letter first"
PATH = "a dotted path of names such as richiesta.titolo"
FORM = "the id of a form of the bundle"
LINE = "one line of up to 200 characters"

Fault = tuple[str, str, Any]
"""The place, what is expected there, and what was found."""


def faults(table: Mapping[str, Any]) -> Iterator[Fault]:
    """Give each value and key of a manifest that has another shape than it should."""
    for section, shapes in _FLAT.items():
        entries = table.get(section)
        for key, (fits, expected) in shapes.items():
            value = entries.get(key) if isinstance(entries, dict) else None
            if value is not None and not fits(value):
                yield f"{section}.{key}", expected, value
    for section, (fits_key, expected, inside) in _NAMED.items():
        entries = table.get(section)
        for name, value in entries.items() if isinstance(entries, dict) else ():
            if not fits_key(name):
                yield f"{section}.{name}", f"{expected} as a key of [{section}]", name
            else:
                yield from inside(f"{section}.{name}", value)
    yield from _thread(table.get("thread"))
    yield from _public(table.get("public"))
    titled = table.get("process")
    if isinstance(titled, dict) and "title" in titled:
        yield from _text("process.title", titled["title"])


def shown(value: Any) -> str:
    """Give a value as a message may show it: short, on one line, be it a number of 5,000 digits."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        return "a value too large to show"
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - the length that a message bears


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _lists(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    one = _matches(pattern)
    return lambda value: isinstance(value, list) and 1 <= len(value) <= MAX_LISTED and all(map(one, value))


def _is_first(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_FIRST


def _text(
    place: str, value: Any, also: frozenset[str] = frozenset(), line: re.Pattern[str] = _LINE
) -> Iterator[Fault]:
    """Give what is wrong with a text: a line, or a table of `it` and `en`."""
    if not isinstance(value, dict):
        if not _matches(line)(value):
            yield place, "a text of one line, or a table of it and en", value
        return
    for language, words in value.items():
        if language not in {"it", "en", *also}:
            yield f"{place}.{language}", "it or en as a key", language
        elif language not in also and not _matches(line)(words):
            yield f"{place}.{language}", LINE, words


def _lane(place: str, value: Any) -> Iterator[Fault]:
    if isinstance(value, dict):
        if "appointed" in value and (value["appointed"] is not True or value.get("kind") != "case_role"):
            yield f"{place}.appointed", "true, at a lane of kind case_role", value["appointed"]
        yield from _text(place, value, frozenset({"kind", "invited", "same", "until", "appointed"}))
        for key, pattern, expected in (("same", _PATH, PATH), ("until", _LINE, "an id of an element")):
            if key in value and not _lists(pattern)(value[key]):
                yield f"{place}.{key}", f"a list, each {expected}", value[key]


def _state(place: str, value: Any) -> Iterator[Fault]:
    readers = frozenset({"office", "applicant", "invited"})
    yield from _text(place, value, readers)
    for reader in sorted(readers & set(value)) if isinstance(value, dict) else ():
        yield from _text(f"{place}.{reader}", value[reader])


def _message(place: str, value: Any) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield place, "a table of who, it and en", value
        return
    yield from _text(place, value, frozenset({"who", "form", "about", "when", "states", *_SAID}))
    lines = (("about", _LINE, LINE), ("when", _LINE, LINE))
    for key, pattern, expected in (("who", _KEY, KEY), ("form", _ID, FORM), *lines):
        if key in value and not _matches(pattern)(value[key]):
            yield f"{place}.{key}", expected, value[key]
    if "states" in value and not _lists(_KEY)(value["states"]):
        yield f"{place}.states", f"a list of {KEY}", value["states"]
    for key in _SAID:
        if key in value:
            yield from _text(f"{place}.{key}", value[key], line=_LONG)


def _thread(value: Any) -> Iterator[Fault]:
    if not isinstance(value, dict):
        return
    yield from _text("thread", {key: said for key, said in value.items() if key in {"it", "en"}})
    if "answered" in value and not _lists(_LINE)(value["answered"]):
        yield "thread.answered", "a list of ids of end events", value["answered"]
    shows = value.get("shows")
    if not isinstance(shows, dict):
        yield "thread.shows", "a table: message or element = a list of fields of its form", shows
        return
    for name, fields in shows.items():
        yield from _shown(f"thread.shows.{name}", fields)


def _public(value: Any) -> Iterator[Fault]:
    if not isinstance(value, dict):
        return
    yield from _text("public", {key: said for key, said in value.items() if key in {"it", "en"}})
    for name in ("states", "facts", "tables", "documents"):
        if name in value and not _lists(_KEY)(value[name]):
            yield f"public.{name}", f"a list of {KEY}", value[name]


def _shown(place: str, value: Any) -> Iterator[Fault]:
    """Give what is wrong with the fields that a thread shows of one message or element."""
    if not _lists(_PATH)(value):
        yield place, "a list of fields of its form", value


def _path(place: str, value: Any) -> Iterator[Fault]:
    if isinstance(value, str) and value and not _matches(_PATH)(value):
        yield place, PATH, value


def _reached(place: str, value: Any) -> Iterator[Fault]:
    if isinstance(value, str) and value and not _matches(_KEY)(value):
        yield place, KEY, value


_A_KEY = (_matches(_KEY), KEY)
_FLAT: Mapping[str, Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "process": {
        "id": (_matches(_ID), "the process id of the diagram"),
        "kind": _A_KEY,
        "reserved": (lambda value: isinstance(value, bool), "true or false"),
    },
    "start": {
        "who": (_matches(_WHO), "anyone, message, system or group:<name>"),
        **dict.fromkeys(("role", "under", "state"), _A_KEY),
        "config": (_matches(_PATH), "the name of a variable"),
        "from": _A_KEY,
    },
    "case": {
        "title": (_matches(_PATH), PATH),
        "prefix": (_matches(_PREFIX), "1 to 12 capital letters A-Z and digits"),
        "first": (_is_first, f"a whole number from 1 to {MAX_FIRST}"),
    },
}
_NAMED: Mapping[str, tuple[Callable[[Any], bool], str, Callable[[str, Any], Iterator[Fault]]]] = {
    "lanes": (*_A_KEY, _lane),
    "record": (*_A_KEY, _path),
    "states": (*_A_KEY, _state),
    "reached": (_matches(_LINE), LINE, _reached),
    "messages": (_matches(_LINE), LINE, _message),
}
