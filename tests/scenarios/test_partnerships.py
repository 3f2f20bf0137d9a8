"""Random lives of a partnership: no proposal reaches the lead's signature with a stale or missing one, none valid is lost.

The oracle is a model in plain Python that knows only what was said, by whom, to which content; it shares nothing with
the diagrams. Each sequence is replayed at its end.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from app.config import Settings
from app.domain.actors import system
from app.handling import load_handlers
from app.services import cases, replay, tasks
from app.services.house import House
from app.store.blobs import BlobStore
from app.store.clock import FixedClock
from app.store.copies import copy_of
from app.store.postgres import EmbeddedServer
from app.testing.actors import Cast, read_cast
from app.testing.faults import Faults
from app.testing.player import prepare
from app.testing.steps import Stage
from app.testing.stories import Step, Story, read_story

root = Path(__file__).parents[2]
FROM = read_story(root / "processes/f1_presentazione/scenarios/pronta.toml", "f1_presentazione")
PARTNERS = ("99000240152", "99000250177", "99000420150")
LEAST = 3
BASE = FROM.data["meccatronica"]


@dataclass
class Model:
    """What the partners said, by plain rules: a signature holds for the content it was given to, while nobody takes it back."""

    content: int = 0
    members: tuple[str, ...] = PARTNERS
    made: tuple[int, tuple[str, ...]] | None = None
    invited: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    signed: set[tuple[str, tuple[int, tuple[str, ...]]]] = field(default_factory=set)

    @property
    def text(self) -> tuple[int, tuple[str, ...]]:
        """The material content as it stands now."""
        return (self.content, self.members)

    def make(self) -> None:
        """The lead makes the agreement of what stands, and invites whoever has not signed it and has no open invitation to it."""
        self.made = self.text
        for one in list(self.invited):
            if one not in self.members or self.invited[one] != self.text:
                del self.invited[one]
        for one in self.members:
            if (one, self.text) not in self.signed:
                self.invited.setdefault(one, self.text)

    def complete(self) -> bool:
        """Tell whether the lead may sign: everybody signed the content as it stands, and enterprises are enough."""
        enterprises = 1 + len([one for one in self.members if one != "99000420150"])
        everybody = all((one, self.text) in self.signed for one in self.members)
        return self.made == self.text and everybody and enterprises >= LEAST


who = st.sampled_from(PARTNERS)
moves = st.lists(
    st.one_of(
        st.tuples(st.just("make"), st.none()),
        st.tuples(st.just("sign"), who),
        st.tuples(st.just("sign"), who),
        st.tuples(st.just("everybody"), st.none()),
        st.tuples(st.just("refuse"), who),
        st.tuples(st.just("ask"), who),
        st.tuples(st.just("leave"), who),
        st.tuples(st.just("revoke"), who),
        st.tuples(st.just("expire"), st.none()),
        st.tuples(st.just("hang"), who),
        st.tuples(st.just("change"), st.sampled_from([0, 1])),
        st.tuples(st.just("remake"), st.sampled_from([0, 1, 2])),
        st.tuples(st.just("retouch"), st.none()),
        st.tuples(st.just("drop"), who),
        st.tuples(st.just("file"), st.none()),
    ),
    min_size=4,
    max_size=22,
)


class Life:
    """A proposal that lives through moves, in a house and in the model at once."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.model, self.retouched = stage, Model(), 0
        self.filed = 0
        self.hung: set[str] = set()

    def take(self, move: tuple[str, Any]) -> None:
        """Make one move and compare."""
        getattr(self, move[0])(move[1])
        assert self.signatures() == {one for one, text in self.model.signed if text == self.model.made}
        assert self.open_invitations() == set(self.model.invited)

    def proposal(self, outcome: str) -> dict[str, Any]:
        """Give the answers of the hub for the content as it stands."""
        codes = (BASE["proposta"]["partner"][0]["cf"], *self.model.members)
        rows = [row for row in BASE["proposta"]["partner"] if row["cf"] in codes]
        rows = [{**row, "pec": f"p{self.retouched}-{row['cf']}@pec.example"} for row in rows]
        extra = self.model.content * 1000
        money = [
            {**row, "importo": row["importo"] + extra}
            for row in BASE["proposta"]["impegni_economici"]
            if row["impresa"] in codes
        ]
        plan = [row for row in BASE["proposta"]["cronoprogramma"] if row["responsabile"] in codes]
        plan = plan or [{**BASE["proposta"]["cronoprogramma"][0], "responsabile": codes[0]}]
        given = {"partner": rows, "impegni_economici": money, "cronoprogramma": plan, "esito": outcome}
        return {**BASE["proposta"], **given}

    def do(self, verb: str, about: Any, **more: Any) -> None:
        """Take a step of a story."""
        self.stage.take(Step("life", 1, verb, about, more))

    def make(self, _: None) -> None:
        """The lead makes the agreement."""
        self.do("complete", "UT_proposta", by="fausto", values=self.proposal("accordo"))
        self.model.make()

    def sign(self, one: str) -> None:
        """A partner signs what the invitation shows; without one there is nothing to sign."""
        if one in self.model.invited:
            answer = next(a["risposta"] for a in BASE["adesioni"] if a["cf"] == one)
            self.answer(one, answer)
            self.model.signed.add((one, self.model.invited.pop(one)))

    def everybody(self, _: None) -> None:
        """Whoever is invited signs."""
        for one in list(self.model.invited):
            self.sign(one)

    def refuse(self, one: str) -> None:
        """A partner refuses."""
        if one in self.model.invited:
            self.answer(one, {"decisione": "rifiuta", "motivo": "Non possiamo partecipare"})
            del self.model.invited[one]
            self.model.signed = {(who, text) for who, text in self.model.signed if who != one}

    def ask(self, one: str) -> None:
        """A partner asks for changes, and the lead invites again on the same text."""
        if one in self.model.invited:
            self.answer(one, {"decisione": "chiede_modifiche", "motivo": "Un impegno minore"})
            again = {"esito": "invita", "risposta": "Il testo resta questo"}
            self.do("complete", "UT_esamina_modifiche", by="fausto", values=again)

    def answer(self, one: str, values: dict[str, Any]) -> None:
        """Answer by the link of a partner."""
        self.do("complete", "UT_adesione", by="assignee", of=f'partner.cf = "{one}"', values=values)

    def leave(self, one: str) -> None:
        """A partner who signed the present text takes it back."""
        if (one, self.model.made) in self.model.signed and self.adhering(one):
            self.send("recesso_adesione", one)
            self.model.signed = {(who, text) for who, text in self.model.signed if who != one}

    def revoke(self, one: str) -> None:
        """The lead revokes an invitation, answered or not."""
        if self.adhering(one):
            self.send("revoca_invito", one)
            self.model.invited.pop(one, None)
            self.model.signed = {(who, text) for who, text in self.model.signed if who != one}

    def send(self, name: str, one: str) -> None:
        """Send a message to the instance of a partner, as whoever may."""
        by = "invited" if name == "recesso_adesione" else "fausto"
        key = f"{self.stage.last}/{one}"
        self.do("send", name, by=by, key=key, values={"motivo": "Abbiamo cambiato idea"})

    def adhering(self, one: str) -> bool:
        """Tell whether an instance of this partner goes on."""
        with self.stage.house.database.reader() as reader:
            return bool(reader.waits(self.stage.last, kind="message", key=f"{self.stage.last}/{one}"))

    def expire(self, _: None) -> None:
        """Twenty-one days pass without a word."""
        self.do("advance", 'duration("P21D")')
        self.model.invited.clear()

    def hang(self, one: str) -> None:
        """The lead reminds a partner, and the letter does not leave: it holds up nothing."""
        if one in self.model.invited and one not in self.hung:
            self.hung.add(one)
            self.do("fault", {"handler": "partner.sollecita", "code": "posta.ferma"})
            self.do("send", "sollecita_invito", by="fausto", key=f"{self.stage.last}/{one}")

    def change(self, content: int) -> None:
        """The lead changes, or changes back, what the agreement says."""
        self.model.content = content

    def remake(self, content: int) -> None:
        """The lead changes what the agreement says, and makes it at once."""
        self.change(content)
        self.make(None)

    def retouch(self, _: None) -> None:
        """The lead corrects what the agreement does not say."""
        self.retouched += 1

    def drop(self, one: str) -> None:
        """A partner leaves the list, or comes back to it."""
        members = set(self.model.members) ^ {one}
        if members:
            self.model.members = tuple(p for p in PARTNERS if p in members)

    def file(self, _: None) -> None:
        """The lead goes on to the signature: it is reached exactly when everything is signed."""
        self.do("complete", "UT_proposta", by="fausto", values=self.proposal("riepilogo"))
        case = cases.view(self.stage.house, self.stage.last, system)
        reached = any(t.state == "open" and t.element == "UT_firma" for t in case.tasks)
        assert reached == self.model.complete()
        if reached:
            self.filed += 1
            self.do("complete", "UT_firma", by="fausto", values={"esito": "indietro"})

    def _hub(self) -> dict[str, Any]:
        case = cases.view(self.stage.house, self.stage.last, system)
        task = next(t for t in case.tasks if t.state == "open" and t.element == "UT_proposta")
        return tasks.view(self.stage.house, task.id, system).variables

    def signatures(self) -> set[str]:
        """Give who signed the present version, as the house has it, the partners of the model alone."""
        seen = self._hub()
        agreed = (seen.get("accordo") or {}).get("impronta")
        return {row["partner"] for row in seen.get("firme") or [] if row["impronta"] == agreed}

    def open_invitations(self) -> set[str]:
        """Give whose answer the house waits for."""
        case = cases.view(self.stage.house, self.stage.last, system)
        waiting = [t for t in case.tasks if t.state == "open" and t.element == "UT_adesione"]
        return {tasks.view(self.stage.house, t.id, system).variables["partner"]["cf"] for t in waiting}


@pytest.fixture(scope="module")
def begun(
    server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, Cast, str]]:
    home = tmp_path_factory.mktemp("partnerships")
    own, cast = Settings(home=home, content=root, secret_key="of a test", demo=True), read_cast(root)
    with copy_of(server) as database:
        house = House(
            own,
            database,
            FixedClock(datetime(2022, 3, 1, tzinfo=UTC)),
            BlobStore(home / "b"),
            load_handlers(),
        )
        prepare(house, cast)
        database.close()
        yield own, cast, str(database.engine.url.database)


@given(moves)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_proposal_is_filed_with_a_stale_or_missing_signature_and_none_valid_is_lost(
    server: EmbeddedServer, begun: tuple[Settings, Cast, str], sequence: list[tuple[str, Any]]
) -> None:
    own, cast, template = begun
    with copy_of(server, template) as database:
        house = House(
            own,
            database,
            FixedClock(FROM.starts.astimezone(UTC)),
            BlobStore(own.home / "b"),
            Faults(load_handlers()),
        )
        live(house, cast, sequence)


LOST = ("refuse", "leave", "revoke", "expire")


@pytest.mark.parametrize("way", LOST)
def test_a_reminder_that_hangs_holds_up_no_answer(
    server: EmbeddedServer, begun: tuple[Settings, Cast, str], way: str
) -> None:
    own, cast, template = begun
    one = PARTNERS[0]
    said: list[tuple[str, Any]] = [("sign", one)] if way == "leave" else []
    with copy_of(server, template) as database:
        clock, blobs = FixedClock(FROM.starts.astimezone(UTC)), BlobStore(own.home / "b")
        house = House(own, database, clock, blobs, Faults(load_handlers()))
        live(
            house,
            cast,
            [
                ("make", None),
                ("hang", one),
                *said,
                (way, one),
                ("everybody", None),
                ("make", None),
                ("everybody", None),
            ],
        )


def test_the_application_says_in_plain_who_signed_and_the_history_does_not(
    server: EmbeddedServer, begun: tuple[Settings, Cast, str]
) -> None:
    own, cast, template = begun
    with copy_of(server, template) as database:
        clock = FixedClock(FROM.starts.astimezone(UTC))
        house = House(own, database, clock, BlobStore(own.home / "b"), Faults(load_handlers()))
        case = live(house, cast, [("make", None), ("everybody", None)]).stage.last
        paper = next(d for d in cases.view(house, case, system).documents if d.name.startswith("domanda-"))
        with database.reader() as reader:
            history = " ".join(str(entry.event) for entry in reader.history(case))
        text = PdfReader(io.BytesIO(house.blobs.read(paper.sha256))).pages[0].extract_text()
    signers = [a["risposta"]["legale_rappresentante"] for a in BASE["adesioni"] if a["cf"] in PARTNERS]
    for who in signers:
        assert f"{who['nome']} {who['cognome']}" in " ".join(text.split())
        assert who["cf"] not in history
        assert f"{who['nome']} {who['cognome']}" not in history


def live(house: House, cast: Cast, sequence: list[tuple[str, Any]]) -> Life:
    """Begin a proposal of four and let it live through the moves."""
    story = Story("f1_presentazione", "life", "life", FROM.starts, (), FROM.data, root / "none")
    stage = Stage(house, story, cast)
    rules = {
        **FROM.data["edizioni"]["demo"],
        "min_imprese": LEAST,
        "chiusura": datetime(2027, 1, 1, tzinfo=UTC),
    }
    steps: list[tuple[str, Any, dict[str, Any]]] = [
        ("start", "f1_edizione", {"as": "edizione", "by": "carla"}),
        ("complete", "UT_definisci", {"by": "carla", "values": rules}),
        ("advance", datetime(2023, 5, 2, 10, tzinfo=UTC), {}),
        ("start", "f1_presentazione", {"as": "proposta", "under": "edizione", "by": "fausto"}),
        ("complete", "UT_anagrafica", {"by": "fausto", "values": "meccatronica.anagrafica"}),
    ]
    for verb, about, more in steps:
        stage.take(Step("life", 1, verb, about, more))
    life = Life(stage)
    for move in [*sequence, ("file", None)]:
        life.take(move)
    assert [result.difference for result in replay.every(house)] == [None, None]
    return life
