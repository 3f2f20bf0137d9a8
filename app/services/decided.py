"""The decisions that a case has taken, as pages and acts show them."""

from datetime import datetime
from typing import Any

from app.definitions import decision_tables
from app.definitions.manifest import manifest_of
from app.domain.actors import Actor
from app.domain.bundles import Bundle
from app.domain.decisions import Decision
from app.domain.errors import NotFound
from app.domain.events import DecisionEvaluated
from app.engine import definitions as engine_definitions
from app.services import sides
from app.services.blind import closed
from app.services.house import House
from app.services.use_case import query
from app.store.queries import Queries


def decisions_of(reader: Queries, case_id: str, language: str) -> list[Decision]:
    """Give the decisions of a case in order, in the words of the bundle that each was taken with; `language` is it or en."""
    bundles = {one.number: reader.bundle(one.bundle) for one in reader.instances_of(case_id)}
    entries = reader.history_of(case_id, bundles.keys(), {DecisionEvaluated.__name__})
    bodies = reader.unseal([dict(vars(entry.event)) for entry in entries])
    found = []
    for entry, body in zip(entries, bodies, strict=True):
        number = entry.instance or 0
        reading = _Reading(bundles[number], language, entry.seq, entry.recorded_at, number, body["element"])
        found.append(reading.decision(body))
    return found


@query
def of_case(house: House, reader: Queries, case_id: str, by: Actor, language: str) -> list[Decision]:
    """Give the decisions of a case to someone who may see it, in order; NotFound otherwise."""
    if not reader.may_see(by, case_id):
        raise NotFound(f"Expected a case {case_id} that {by.name} may see, but there is none.")
    found, unread = decisions_of(reader, case_id, language), closed(reader, case_id, by)
    reserved = sides.reserved(reader, case_id, by)
    return [d for d in found if not unread.covers(d.instance, d.recorded_at) and d.instance not in reserved]


class _Reading:
    """The words for what was decided at one element at one moment."""

    def __init__(
        self, bundle: Bundle, language: str, seq: int, recorded_at: datetime, instance: int, element: str
    ) -> None:
        words = manifest_of(bundle).words  # what has no Italian word is written in Italian already
        said = {key: text.en if language == "en" else text.it for key, text in words.items()}
        self.said = {key: word for key, word in said.items() if word}
        self.tables = decision_tables.tables(bundle)
        self.place = (seq, recorded_at, instance, element)
        drawn = engine_definitions.load(bundle).elements.get(element)
        self.element_name = self.said.get(element) or (drawn.name if drawn and drawn.name else element)

    def decision(self, body: dict[str, Any]) -> Decision:
        """Give one decision with those that it was made of."""
        identity = str(body["decision"])
        table = self.tables.get(identity)
        return Decision(
            *self.place,
            element_name=self.element_name,
            id=identity,
            name=self.said.get(identity) or (table.name if table else identity),
            table=decision_tables.headed(table, self.said) if table else None,
            inputs=body["inputs"],
            matched=tuple(int(number) for number in body["matched"]),
            output=body["output"],
            labels=self.said,
            required=tuple(self.decision(one) for one in body.get("required", ())),
            warnings=tuple(body.get("warnings", ())),
        )
