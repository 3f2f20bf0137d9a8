"""The manifest `process.toml`: what a process is called, who may start it, who its lanes are, which states it has."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from app.definitions import manifest_shapes, offers, public
from app.definitions.offers import Offer, Thread
from app.definitions.public import Public
from app.definitions.texts import Text, text_of
from app.domain.bundles import Bundle
from app.domain.definitions import Finding
from app.domain.errors import DefinitionInvalid

FILE = "process.toml"
LANE_KINDS = ("office", "case_role", "system")

_SECTIONS = {
    "process": {"id", "kind", "title", "reserved"},
    "start": {"who", "role", "under", "state", "config", "from"},
    "case": {"title", "prefix", "first"},
    "lanes": None,
    "record": None,
    "states": None,
    "reached": None,
    "closed": None,
    "messages": None,
    "thread": {"it", "en", "shows", "answered"},
    "public": {"it", "en", "states", "facts", "tables", "documents"},
    "words": None,
}
_RECORD = {"path", "it", "en", "applicant", "coded"}


@dataclass(frozen=True)
class Lane:
    """A candidate group: `kind` is office, case_role or system; `invited` is the dotted path of the name of who acts by link.

    To an `appointed` case role the office gives people, who then read what the office reads.
    Instances whose variables at the paths `same` are equal invite the same one, until an element in `until` is reached.
    """

    name: str
    kind: str
    label: Text = field(default_factory=Text)
    invited: str = ""
    appointed: bool = False
    same: tuple[str, ...] = ()
    until: tuple[str, ...] = ()


@dataclass(frozen=True)
class State:
    """A state of a case, as the office calls it, as the applicant reads it, and as those do who were invited to the case."""

    name: str
    office: Text
    applicant: Text
    invited: Text


@dataclass(frozen=True)
class Start:
    """Who may start a process: `who` is anyone, `group:<office group>`, message or system.

    `role` is the case role that the starter receives, `under` the case kind it is opened under, `state` the state
    that this case above must be in, `config` the start variable that receives its record, `sender` the kind of the other
    cases whose messages may start it.
    """

    who: str = "system"
    role: str = ""
    under: str = ""
    state: str = ""
    config: str = ""
    sender: str = ""


@dataclass(frozen=True)
class Entry:
    """A key of the record: the dotted path of its variable, and what people call it.

    `applicant` says whether it is a fact that the applicant is shown, `coded` that its texts are codes of `[words]`.
    """

    path: str
    label: Text = field(default_factory=Text)
    applicant: bool = False
    coded: bool = False


@dataclass(frozen=True)
class Manifest:
    """A manifest as read; `reached` maps an element to a state.

    `closed` says why reaching an element ends the open tasks, `public` what everybody may read, `reserved` that parties are not shown what the process decides and makes; `words` names ids and words of the content.
    """

    process: str
    kind: str
    title: Text
    start: Start = field(default_factory=Start)
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    states: Mapping[str, State] = field(default_factory=dict)
    reached: Mapping[str, str] = field(default_factory=dict)
    record: Mapping[str, Entry] = field(default_factory=dict)
    closed: Mapping[str, Text] = field(default_factory=dict)
    messages: Mapping[str, Offer] = field(default_factory=dict)
    thread: Thread = field(default_factory=Thread)
    public: Public = field(default_factory=Public)
    words: Mapping[str, Text] = field(default_factory=dict)
    title_path: str = ""
    prefix: str = ""
    first: int = 1
    reserved: bool = False


def load_manifest(bundle: Bundle) -> Manifest:
    """Give a bundle's manifest; raises DefinitionInvalid with every fault where it cannot be used."""
    manifest, findings = read_manifest(bundle.files.get(FILE))
    errors = [f for f in findings if f.severity == "error"]
    if errors:
        raise DefinitionInvalid(
            f"Expected a manifest {FILE} that can be read, but: " + " ".join(f.message for f in errors),
        )
    return manifest


@dataclass(frozen=True)
class Labels:
    """The names of the states of several manifests; where two name one state, the first counts."""

    states: Mapping[str, State]

    def to_invited(self, name: str, language: str) -> str:
        """Give a state's name as those read it who were invited to the case; an unknown state is its own name."""
        state = self.states.get(name)
        return name if state is None else state.invited.of(language) or name

    def state(self, name: str, language: str, *, applicant: bool = False) -> str:
        """Give a state's name as the applicant or the office reads it; an unknown state is its own name."""
        state = self.states.get(name)
        if state is None:
            return name
        return (state.applicant if applicant else state.office).of(language) or name


def labels(bundles: Iterable[Bundle]) -> Labels:
    """Give the state names of the bundles, first come first served."""
    states: dict[str, State] = {}
    for data in dict.fromkeys(
        bundle.files.get(FILE) for bundle in bundles
    ):  # many instances, few definitions
        for name, state in known(data).states.items():
            states.setdefault(name, state)
    return Labels(states)


def manifest_of(bundle: Bundle) -> Manifest:
    """Give a bundle's manifest as far as it can be read: what was deployed before stays usable."""
    return known(bundle.files.get(FILE))


@lru_cache(maxsize=256)
def known(data: bytes | None) -> Manifest:
    """Give what the bytes of a manifest say, as far as they can be read; the same bytes are read once."""
    return read_manifest(data)[0]


def read_manifest(data: bytes | None) -> tuple[Manifest, list[Finding]]:
    """Read a manifest as far as it goes, with what is wrong in it."""
    findings: list[Finding] = []
    table = _parse(data, findings)
    process, case = _table(table, "process"), _table(table, "case")
    for name in ("id", "kind"):
        if not process.get(name):
            message = f"Expected [process] {name}, but it is missing."
            _add(findings, "manifest_incomplete", f"process.{name}", message)
    manifest = Manifest(
        process=_word(process, "id"),
        kind=_word(process, "kind"),
        title=text_of(process.get("title"), _word(process, "id")),
        start=_start(_table(table, "start")),
        lanes=_lanes(_table(table, "lanes"), findings),
        states=_states(_table(table, "states")),
        reached=_strings(table, "reached", findings),
        record=_record(_table(table, "record"), findings),
        closed=_texts(table, "closed", findings),
        messages=_offers(_table(table, "messages"), findings),
        thread=offers.thread(_table(table, "thread")),
        public=public.read(_table(table, "public")),
        words=_texts(table, "words", findings),
        title_path=_word(case, "title"),
        prefix=_word(case, "prefix"),
        first=_first(case),
        reserved=process.get("reserved") is True,
    )
    return manifest, findings


def _parse(data: bytes | None, findings: list[Finding]) -> dict[str, Any]:
    if data is None:
        way_out = "Add process.toml with [process] id, kind and title."
        _add(
            findings,
            "manifest_missing",
            "",
            f"Expected the file {FILE} beside the diagram, but it is missing.",
            way_out,
        )
        return {}
    try:
        table = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as broken:
        _add(findings, "manifest_unreadable", "", f"Expected TOML in {FILE}, but: {broken}.")
        return {}
    for name, value in table.items():
        _known(name, value, findings)
    for place, expected, found in manifest_shapes.faults(table):
        message = f"Expected {expected} at {manifest_shapes.shown(place)}, but it is {manifest_shapes.shown(found)}."
        _add(findings, "manifest_value", place, message, "Correct the value.")
    return table


def _known(name: str, value: Any, findings: list[Finding]) -> None:
    if name not in _SECTIONS:
        known = ", ".join(_SECTIONS)
        _add(
            findings,
            "manifest_unknown",
            name,
            f"Expected one of the sections {known}, but found {manifest_shapes.shown(name)}.",
        )
    elif not isinstance(value, dict):
        _add(
            findings,
            "manifest_value",
            name,
            f"Expected [{name}] to be a table, but it is {manifest_shapes.shown(value)}.",
        )
    else:
        allowed = _SECTIONS[name]
        for key in value:
            if allowed is not None and key not in allowed:
                known = ", ".join(sorted(allowed))
                message = f"Expected in [{name}] one of {known}, but found {manifest_shapes.shown(key)}."
                _add(findings, "manifest_unknown", f"{name}.{key}", message)


def _table(table: dict[str, Any], name: str) -> dict[str, Any]:
    value = table.get(name)
    return value if isinstance(value, dict) else {}


def _word(table: dict[str, Any], key: str) -> str:
    value = table.get(key)
    return value if isinstance(value, str) else ""


def _first(case: dict[str, Any]) -> int:
    first = case.get("first", 1)
    return first if isinstance(first, int) and 1 <= first <= manifest_shapes.MAX_FIRST else 1


def _start(table: dict[str, Any]) -> Start:
    return Start(
        _word(table, "who") or "system",
        *(_word(table, key) for key in ("role", "under", "state", "config", "from")),
    )


def _lanes(table: dict[str, Any], findings: list[Finding]) -> dict[str, Lane]:
    lanes = {}
    for name, value in table.items():
        entry = value if isinstance(value, dict) else {"kind": value}
        kind = entry.get("kind")
        if kind not in LANE_KINDS:
            message = f"Expected the lane {_plain(name)} to be of kind {', '.join(LANE_KINDS)}, but it is {manifest_shapes.shown(kind)}."
            _add(findings, "lane_kind", f"lanes.{name}", message)
            continue
        same, until = (offers.names(entry.get(key)) for key in ("same", "until"))
        appointed, invited = entry.get("appointed") is True, _word(entry, "invited")
        lanes[name] = Lane(name, kind, text_of(entry, name), invited, appointed, same, until)
    return lanes


def _states(table: dict[str, Any]) -> dict[str, State]:
    states = {}
    for name, value in table.items():
        entry = value if isinstance(value, dict) else {}
        office = text_of(entry.get("office")) or text_of(value)
        applicant, invited = (text_of(entry.get(reader)) or office for reader in ("applicant", "invited"))
        states[name] = State(name, office, applicant, invited)
    return states


def _offers(table: dict[str, Any], findings: list[Finding]) -> dict[str, Offer]:
    found = offers.offers(table)
    for name, offer in found.items():
        if not offer.who:
            message = f"Expected who may send the message {_plain(name)} in its who, but it is missing."
            _add(findings, "message_who", f"messages.{name}", message)
    return found


def _record(table: dict[str, Any], findings: list[Finding]) -> dict[str, Entry]:
    entries = {}
    for key, value in table.items():
        given = value if isinstance(value, dict) else {"path": value}
        path = given.get("path")
        if not isinstance(path, str) or not path:
            message = f"Expected the path of a variable for record.{key}, but it is {path!r}."
            _add(findings, "manifest_value", f"record.{key}", message)
            continue
        for name in sorted(given.keys() - _RECORD):
            message = f"Expected in record.{key} one of {', '.join(sorted(_RECORD))}, but found {name}."
            _add(findings, "manifest_unknown", f"record.{key}.{name}", message)
        label = text_of(given) if isinstance(value, dict) else Text()
        shown = bool(label) and given.get("applicant") is not False
        entries[key] = Entry(path, label, shown, given.get("coded") is True)
    return entries


def _texts(table: dict[str, Any], name: str, findings: list[Finding]) -> dict[str, Text]:
    """Read a table of texts; one that says neither `it` nor `en` is a finding."""
    texts = {}
    for key, value in _table(table, name).items():
        text = text_of(value)
        if text:
            texts[key] = text
        else:
            message = f"Expected {name}.{key} to say it and en, but it is {value!r}."
            _add(findings, "manifest_value", f"{name}.{key}", message)
    return texts


def _strings(table: dict[str, Any], name: str, findings: list[Finding]) -> dict[str, str]:
    strings = {}
    for key, value in _table(table, name).items():
        if isinstance(value, str) and value:
            strings[key] = value
        else:
            _add(
                findings,
                "manifest_value",
                f"{name}.{key}",
                f"Expected a text for {_plain(f'{name}.{key}')}, but it is {manifest_shapes.shown(value)}.",
            )
    return strings


def _add(findings: list[Finding], code: str, element: str, message: str, way_out: str = "") -> None:
    findings.append(Finding(FILE, _plain(element), "error", code, message, way_out))


def _plain(element: str) -> str:
    """Give a place as a finding may name it: a key may hold anything."""
    return element if len(element) <= 100 and element.isprintable() else manifest_shapes.shown(element)  # noqa: PLR2004 - the length of a place
