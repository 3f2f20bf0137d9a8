"""Path coverage: which elements and flows of a diagram the stories have passed."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.domain.events import InstanceStarted, TokensMoved
from app.engine import definitions as engine_definitions
from app.services.house import House


@dataclass
class Coverage:
    """The elements and flows of one process, and those that were passed."""

    process: str
    elements: set[str]
    flows: set[str]
    entered: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)

    @property
    def share(self) -> float:
        """The share passed, from 0 to 1."""
        whole = len(self.elements) + len(self.flows)
        return (len(self.entered) + len(self.taken)) / whole if whole else 1.0

    @property
    def missing(self) -> list[str]:
        """The elements and flows that no story passed."""
        return sorted(self.elements - self.entered) + sorted(self.flows - self.taken)

    def line(self) -> str:
        """Give the coverage as a line of a report."""
        rest = self.missing
        shown = (
            f"; not passed: {', '.join(rest[:6])}{' ...' if len(rest) > len(rest[:6]) else ''}"
            if rest
            else ""
        )
        counts = (
            f"{len(self.entered)}/{len(self.elements)} elements, {len(self.taken)}/{len(self.flows)} flows"
        )
        return f"{self.process}: {self.share:.0%} ({counts}){shown}"


class Paths:
    """The coverage of several processes, gathered over stories."""

    def __init__(self) -> None:
        self.of: dict[str, Coverage] = {}

    def gather(self, house: House) -> None:
        """Add what the histories of every case in a house passed."""
        with house.database.reader() as reader:
            for case_id in reader.case_ids():
                bundles: dict[int | None, str] = {}
                for entry in reader.history(case_id):
                    if isinstance(entry.event, InstanceStarted):
                        bundles[entry.instance] = entry.event.bundle
                        self._know(engine_definitions.load(reader.bundle(entry.event.bundle)))
                    elif isinstance(entry.event, TokensMoved):
                        definition = engine_definitions.load(reader.bundle(bundles[entry.instance]))
                        self._pass(definition, entry.event.moves)

    def _know(self, definition: engine_definitions.Definition) -> None:
        for element in definition.elements.values():
            known = self.of.setdefault(element.process_id, Coverage(element.process_id, set(), set()))
            known.elements.add(element.id)
            known.flows.update(flow.id for flow in definition.graph.outgoing[element.id])

    def _pass(self, definition: engine_definitions.Definition, moves: Iterable[Iterable[str]]) -> None:
        for kind, name in moves:
            if kind == "took" and name in definition.graph.flows:
                source = definition.elements[definition.graph.flows[name].source]
                self.of[source.process_id].taken.add(name)
            elif name in definition.elements:
                self.of[definition.elements[name].process_id].entered.add(name)
