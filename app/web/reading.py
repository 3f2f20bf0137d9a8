"""A case's history with the words to read it aloud."""

from dataclasses import dataclass, field
from typing import Any

from app.definitions import decision_tables, manifest
from app.domain.bundles import Bundle
from app.domain.decisions import Table
from app.services import history
from app.services.history import Moment
from app.web import called, diagrams, records
from app.web.languages import spoken
from app.web.records import Fact
from app.web.sentences import sentence
from app.web.session import house, me, names


@dataclass(frozen=True)
class Step:
    """An input with what followed from it, each as a sentence."""

    moment: Moment
    text: str
    follows: list[str]


@dataclass(frozen=True)
class Taken:
    """A decision that was taken, with its table as deployed then; `matched` are the numbers of the rows that hit.

    `required` are the decisions that it was made of; `warnings` say why something in it is null.
    """

    moment: Moment
    element: str
    decision: str
    table: Table | None
    inputs: dict[str, Any]
    matched: list[int]
    output: Any
    required: list["Taken"] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class Reading:
    """A case's history with the words to read it aloud; each bundle is asked for once."""

    def __init__(self, case_id: str) -> None:
        self.case_id = case_id
        self.moments = history.timeline(house(), case_id, me())
        self.people = names()
        self.first = next((m.instance for m in self.moments if m.instance), None)
        self._bundles: dict[int, Bundle] = {}
        self.is_party = bool(_roles(self.moments, me().id) - self._appointed())
        self._words: dict[int, dict[str, str]] = {}

    def bundle(self, instance: int) -> Bundle:
        """Give the bundle that an instance runs on."""
        if instance not in self._bundles:
            held = called.bundles([self.case_id]).get((self.case_id, instance))
            self._bundles[instance] = held or history.diagram(house(), self.case_id, instance, me())
        return self._bundles[instance]

    def _appointed(self) -> set[object]:
        """Give the roles that the office gives, by the manifests of the case's instances."""
        started = dict.fromkeys(
            m.instance for m in self.moments if m.type == "InstanceStarted" and m.instance
        )
        lanes = (manifest.manifest_of(self.bundle(number)).lanes for number in started)
        return {name for each in lanes for name, lane in each.items() if lane.appointed}

    def names(self, instance: int | None) -> dict[str, str]:
        """Give what an instance's bundle calls its things; what belongs to the case alone is named by the first."""
        number = instance or self.first
        if number is None:
            return {}
        if number not in self._words:
            self._words[number] = diagrams.words(self.bundle(number), spoken(), applicant=self.is_party)
        return self._words[number]

    def say(self, moment: Moment) -> str:
        """Say what happened."""
        return sentence(moment, self.names(moment.instance), self.people)

    def facts(self, record: dict[str, Any]) -> list[Fact]:
        """Give the entries of a record as people read them."""
        instances = dict.fromkeys(m.instance for m in self.moments if m.instance)
        return records.facts(record, map(self.bundle, instances), spoken(), self.people)

    def steps(self) -> list[Step]:
        """Give every input with the consequences recorded behind it."""
        found: list[Step] = []
        for moment in self.moments:
            if moment.is_input or not found:
                found.append(Step(moment, self.say(moment), []))
            elif moment.type != "TokensMoved":
                found[-1].follows.append(self.say(moment))
        return found

    def decisions(self) -> list[Taken]:
        """Give the decisions that were taken, in order."""
        return [
            self._taken(moment, moment.body) for moment in self.moments if moment.type == "DecisionEvaluated"
        ]

    def _taken(self, moment: Moment, body: dict[str, Any]) -> Taken:
        instance, decision = moment.instance or 0, body["decision"]
        table = decision_tables.tables(self.bundle(instance)).get(decision)
        said = self.names(instance)
        name = said.get(decision, decision)
        element = said.get(moment.element, moment.element)
        table = decision_tables.headed(table, said) if table else None
        required = [self._taken(moment, each) for each in body.get("required", [])]
        read, output = called.worded(body["inputs"], said), called.worded(body["output"], said)
        matched = body["matched"]
        return Taken(moment, element, name, table, read, matched, output, required, body.get("warnings", []))


def _roles(moments: list[Moment], person: str) -> set[object]:
    roles: set[object] = set()
    for moment in moments:
        if moment.type in {"PartyAdded", "PartyRemoved"} and moment.body.get("party") == person:
            (roles.add if moment.type == "PartyAdded" else roles.discard)(moment.body.get("role"))
    return roles
