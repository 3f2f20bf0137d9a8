"""A house of paper: the services answer from memory, so that pages are tested without a database."""

import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.definitions.bundle import read_bundle
from app.domain.actors import Actor, Capability
from app.domain.cases import Case, Document, Instance, Party
from app.domain.definitions import DefinitionFacts, DefinitionRow, Finding
from app.domain.errors import BundleInvalid, NotAllowed, NotFound
from app.domain.jobs import Incident
from app.domain.tasks import Task
from app.handling import Version
from app.services import (
    cases,
    clock,
    definitions,
    history,
    incidents,
    keeping,
    messages,
    parties,
    people,
    public,
    publications,
    threads,
)
from app.services.cases import CaseView, Startable
from app.services.definitions import DefinitionView
from app.services.history import Frame, Moment

now = datetime(2023, 11, 6, 9, 0, 7, tzinfo=UTC)
bundle = read_bundle(Path(__file__).parents[2], "f1_presentazione")
password = "parola segreta"
persons = {
    "ada": Actor("ada", "Ada Lamberti", language="it"),
    "bruno": Actor("bruno", "Bruno Istrice", groups=frozenset({"istruttore"}), language="it"),
    "dora": Actor("dora", "Dora Disegni", capabilities=frozenset({Capability.designer}), language="en"),
    "olga": Actor("olga", "Olga Perna", capabilities=frozenset({Capability.operator}), language="it"),
}
edition = Case(
    "ED-2023-0001", "edition", "aperta", now, title="Edizione 2023", record={"apertura": now, "chiusura": now}
)
case = Case(
    "FIL-2023-0042", "proposal", "bozza", now, under=edition.id, title="Filiera del legno di montagna",
    record={"titolo": "Filiera del legno", "importo": Decimal("1250000.50"), "province": ["BG", "SO"], "aperta": True},
    seq=9,
)  # fmt: skip
task = Task(
    case.id, 1, 1, "UT_anagrafica", "Dati del partenariato", "frm_anagrafica", "capofila", "case_role", "open", now, due=now,
)  # fmt: skip
done = replace(
    task,
    number=2,
    element="UT_proposta",
    name="La proposta",
    state="completed",
    completed_by="ada",
    ended_at=now,
)


def moment(seq: int, type_: str, *, is_input: bool = False, element: str = "", **body: Any) -> Moment:
    """Make an entry of the timeline."""
    return Moment(seq, now, "Ada Lamberti", type_, is_input, 1, element, None if is_input else seq - 1, body)


moments = [
    moment(1, "CaseOpened", is_input=True, kind="proposal", under=edition.id),
    moment(2, "PartyAdded", is_input=True, role="capofila", party="ada"),
    moment(3, "InstanceStarted", is_input=True, process="f1_presentazione"),
    moment(
        4, "DecisionEvaluated", element="BR_D16", decision="d16_finestra", inputs={"adesso": now}, matched=[1],
        output={"aperta": True},
    ),
    moment(5, "TaskOpened", element="UT_anagrafica", task=1, name="Dati del partenariato", lane="capofila"),
    moment(6, "TaskCompleted", is_input=True, element="UT_anagrafica", task=1, values={}),
    moment(7, "VariablesSet", values={"anagrafica": {"titolo": "x"}}),
    moment(8, "TokensMoved", moves=[]),
    moment(9, "TaskOpened", element="UT_proposta", task=2, name="La proposta", lane="capofila"),
]  # fmt: skip
frames = [
    Frame(3, now, "Ada Lamberti", "InstanceStarted", "", {"UT_anagrafica": 1}, ["SE", "BR_D16", "GW_finestra"], []),
    Frame(
        6, now, "Ada Lamberti", "TaskCompleted", "UT_anagrafica", {"UT_proposta": 1},
        ["SE", "BR_D16", "GW_finestra", "UT_anagrafica"], ["F_GW_finestra__SP_preparazione"],
    ),
]  # fmt: skip


@dataclass
class PaperClock:
    """A clock that stands still until it is moved."""

    time: datetime = now

    def now(self) -> datetime:
        """Give its time."""
        return self.time


@dataclass(eq=False)
class PaperHouse:
    """What a site reads of a house."""

    settings: Settings
    clock: PaperClock = field(default_factory=PaperClock)
    said: list[tuple[Any, ...]] = field(default_factory=list)
    persons: dict[str, Actor] = field(default_factory=lambda: dict(persons))
    incidents: list[Incident] = field(
        default_factory=lambda: [
            Incident(
                case.id,
                1,
                1,
                "ST_avvisa",
                "handler_failed",
                "Expected an answer, but the host is down.",
                "open",
                now,
            ),
        ],
    )


def paper_house(home: Path) -> PaperHouse:
    """Give a demonstration house of paper."""
    return PaperHouse(Settings(home=home, content=home, demo=True, secret_key="chiave di prova"))


def _view(by: Actor, case_id: str) -> CaseView:
    if case_id != case.id or by.id not in {"ada", "bruno"}:
        raise NotFound(f"Expected a case {case_id}, but there is none.")
    document = Document("d1", case.id, "dossier.pdf", "application/pdf", 1_400_000, "ab" * 32, now, "ada")
    instance = Instance(case.id, 1, "f1_presentazione", bundle.hash, "running", now)
    parties = [Party(case.id, "capofila", "ada")]
    label = "Stai preparando la proposta" if by.id == "ada" else "Bozza"
    return CaseView(case, label, parties, [instance], [done, task], [document], [], by.id == "ada", [task])


def _row(version: int) -> DefinitionRow:
    facts = DefinitionFacts(
        "f1_presentazione", "proposal", {"it": "Presentazione della proposta", "en": "Filing a proposal"}
    )
    return DefinitionRow("f1_presentazione", version, bundle.hash, now, "dora", facts)


def _deploy(house: PaperHouse, given: Any, by: Actor) -> int:
    definitions.require_designer(by)
    errors = tuple(f for f in _findings(house, given) if f.severity == "error")
    if errors:
        raise BundleInvalid("Expected no errors, but there are some.", errors)
    house.said.append(("deploy", given.process, given.hash))
    return 3


def _findings(_house: PaperHouse, given: Any) -> list[Finding]:
    if "process.toml" in given.files:
        return [
            Finding(
                "f1_presentazione.bpmn",
                "ST_avvisa",
                "warning",
                "w",
                "Nothing tells who is told.",
                "Name the receiver.",
            )
        ]
    return [
        Finding(
            "f1_presentazione.bpmn",
            "UT_firma",
            "error",
            "e",
            "Expected a manifest, but there is none.",
            "Add process.toml.",
        )
    ]


def _move(house: PaperHouse, to: datetime, by: Actor) -> None:
    incidents.require_operator(by)
    house.clock.time = to


def _open_list(house: PaperHouse, by: Actor) -> list[Incident]:
    incidents.require_operator(by)
    return house.incidents


def _resolve(
    house: PaperHouse, case_id: str, number: int, reason: str, by: Actor, variables: Any = None
) -> None:
    incidents.require_operator(by)
    if len(reason) < 3:
        raise NotAllowed("Expected a reason, but there is none.", reason="reason_missing")
    house.said.append(("resolve", case_id, number, reason, variables))


def _versions(name: str) -> list[Version]:
    row = {
        "codice": "FIL-2023-0042",
        "titolo": "=Filiera",
        "imprese": 12,
        "dal": "2023-06-28",
        "ambiti": ["A1", "A2"],
    }
    deep = {
        "decreto": {"numero": "9"},
        "partner": [{"nome": "Uno", "sede": "BG"}, {"nome": "Due", "sede": "SO"}],
    }
    told = {
        "elenco": "x",
        "key": "codice",
        "label": "titolo",
        "filters": ["ambiti", "dal"],
        "note": {"en": "Begun elsewhere."},
    }
    other = row | {
        "codice": "FIL-2023-0043",
        "titolo": "Ottica",
        "ambiti": ["A3"],
        "decreto": {"numero": "10"},
    }
    bodies = [[row | deep], [row | deep | {"decreto": {"numero": "10"}}, other]]
    return (
        [
            Version(
                "elenco",
                n,
                f"{n:02d}" * 32,
                f"{n - 1:02d}" * 32 if n > 1 else None,
                json.dumps(told | {"iscritti": rows}).encode(),
            )
            for n, rows in enumerate(bodies, 1)
        ]
        if name == "elenco"
        else []
    )


def _language(house: PaperHouse, by: Actor, language: str) -> None:
    house.persons[by.id] = replace(house.persons[by.id], language=language)


def _every(_house: PaperHouse, by: Actor) -> list[DefinitionView]:
    definitions.require_designer(by)
    return [DefinitionView(_row(2), 1, 0, [(case.id, 1, "running")]), DefinitionView(_row(1), 0, 4, [])]


def _offered(_house: PaperHouse, case_id: str, by: Actor) -> list[messages.Offered]:
    offer = messages.Offered("ritiro", "Ritira la bozza", "La bozza si chiude.")
    return [offer] if _view(by, case_id) and by.id == "ada" else []


answers: dict[Any, dict[str, Any]] = {
    people: {
        "authenticate": lambda h, login, word: h.persons.get(login) if word == password else None,
        "get": lambda h, login: h.persons.get(login),
        "names": lambda h: {p.id: p.name for p in h.persons.values()},
        "set_language": _language,
    },
    cases: {
        "view": lambda _h, case_id, by: _view(by, case_id),
        "find": lambda _h, _words, by: [(case, "Bozza")] if by.id in {"ada", "bruno"} else [],
        "mine": lambda _h, by: [_view(by, case.id)] if by.id == "ada" else [],
        "startable": lambda _h, _by: [
            Startable(
                "f1_presentazione", {"it": "Presentazione della proposta", "en": "Filing a proposal"}, edition
            ),
        ],
    },
    history: {
        "timeline": lambda _h, case_id, by: moments if _view(by, case_id) else [],
        "tokens": lambda _h, case_id, _n, by: frames if _view(by, case_id) else [],
        "diagram": lambda _h, case_id, _n, by: bundle if _view(by, case_id) else None,
    },
    definitions: {
        "every": _every,
        "bundles_of": lambda _h, case_ids: {(one, 1): bundle for one in case_ids},
        "group_names": lambda _h, _language: {"istruttore": "Istruttore"},
        "bundle": lambda _h, _hash, _by: bundle,
        "findings": _findings,
        "deploy": _deploy,
    },
    messages: {"offered": _offered},
    threads: {"of_case": lambda _h, _case_id, _by: []},
    parties: {"note_refused": lambda _h, _case_id, _by: False},
    keeping: {"mine": lambda _h, _by: []},
    incidents: {"open_list": _open_list, "resolve": _resolve},
    clock: {"now": lambda h: h.clock.now(), "move": _move},
    public: {"shown": lambda _h, _language: []},
    publications: {
        "names": lambda _h: ["elenco"],
        "versions": lambda _h, name: _versions(name),
        "latest": lambda _h, name: (_versions(name) or [None])[-1],
    },
}


@contextmanager
def services_of_paper() -> Any:
    """Let the services answer from memory while the block runs."""
    with pytest.MonkeyPatch.context() as patch:
        for module, functions in answers.items():
            for name, answer in functions.items():
                patch.setattr(module, name, answer)
        yield
