"""A bundle examined once: its findings, and what a definition is made of."""

from collections.abc import Iterator

from app.dmn.model import Model
from app.domain.bundles import Bundle
from app.engine import content, declarations, markup, structure
from app.engine.diagram import Element, Process
from app.engine.expressions import Expressions
from app.engine.graph import Graph
from app.engine.parsing import parse
from app.engine.reading import processes
from app.engine.reports import Finding
from app.engine.vocabulary import FLOW_NODES
from app.feel.errors import FeelError


class Examination:
    """Reads all diagrams and decisions of a bundle; a fresh one for each attempt."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.findings: list[Finding] = []
        self.expressions = Expressions()
        self.decisions: dict[str, Model] = {}
        drawn = self._read_diagrams()
        self._read_decisions()
        used = self._used(drawn)
        self.graph = self._graph(used)
        self._refused = {(each.file, each.element) for each in self.findings if each.code == "not_executed"}
        for element in self.graph.elements.values():
            self._element(element)

    def _read_diagrams(self) -> dict[str, Process]:
        drawn: dict[str, Process] = {}
        for name, data in self.bundle.named(".bpmn").items():
            root = parse(name, data)
            if isinstance(root, Finding):
                self.findings.append(root)
                continue
            self.findings += markup.examine(name, root)
            self.findings += declarations.examine(name, root)
            for process in processes(name, root):
                if process.id in drawn:
                    message = (
                        f"Expected one process {process.id}, but {drawn[process.id].file} and {name} have it"
                    )
                    self._add(
                        name, process.id, structure.Fault("duplicate", message, "Rename one of the two")
                    )
                drawn.setdefault(process.id, process)
        return drawn

    def _read_decisions(self) -> None:
        for name, data in self.bundle.named(".dmn").items():
            try:
                model = Model.parse(data)
            except FeelError as wrong:
                self._add(
                    name, None, structure.Fault("dmn", f"{wrong}", "Open and correct the file in the studio")
                )
                continue
            for part in model.decisions:
                self._decision(name, part.identity, model)
                try:
                    _ = part.logic  # compiled when first asked for: a fault in a cell is to be found now
                except FeelError as wrong:
                    self._add(
                        name, part.identity, structure.Fault("dmn", f"{wrong}", "Correct the expression")
                    )

    def _decision(self, file: str, decision: str, model: Model) -> None:
        if decision in self.decisions:
            message = f"Expected one decision {decision} in the bundle, but a second one is in {file}"
            self._add(file, decision, structure.Fault("duplicate", message, "Rename one of the two"))
        self.decisions.setdefault(decision, model)

    def _used(self, drawn: dict[str, Process]) -> list[Process]:
        """Give the bundle's process and all that it calls, directly or not."""
        used: dict[str, Process] = {}
        waiting = [self.bundle.process]
        while waiting:
            process = drawn.get(waiting.pop())
            if process is not None and process.id not in used:
                used[process.id] = process
                waiting += [e.called for e in process.elements.values() if e.called is not None]
        if self.bundle.process not in used:
            message = f"Expected the process {self.bundle.process} in the bundle, but found {', '.join(drawn) or 'none'}"
            fault = structure.Fault("no_process", message, "Give the process of one diagram this id")
            self._add(next(iter(self.bundle.named(".bpmn")), self.bundle.process), None, fault)
        for process in drawn.values():
            if process.executable and process.id not in used:
                message = (
                    f"Expected processes that {self.bundle.process} calls, but nothing calls {process.id}"
                )
                fault = structure.Fault(
                    "uncalled", message, "Call it, deploy it as a process of its own, or remove it", "warning"
                )
                self._add(process.file, process.id, fault)
        for process in used.values():
            if not process.executable:
                message = f"Expected an executable process, but {process.id} is marked isExecutable=false"
                self._add(
                    process.file, process.id, structure.Fault("not_executable", message, "Mark it executable")
                )
        return list(used.values())

    def _graph(self, used: list[Process]) -> Graph:
        roots = [Element(p.id, p.name, "process", p.id, "", p.file) for p in used]
        elements = roots + [e for process in used for e in [*process.elements.values(), *process.repeated]]
        flows = [(flow, process.file) for process in used for flow in process.flows]
        repeated = list(markup.repeated(elements, [(flow.id, file) for flow, file in flows]))
        self.findings += repeated
        # where an id stands for two things, rules about its neighbours would only mislead
        self._rules = () if repeated else structure.RULES + content.RULES
        if any(process.nameless for process in used):  # what has no id cannot be led to
            self._rules = tuple(rule for rule in self._rules if rule not in structure.FLOW_RULES)
        known = {element.id: element for element in reversed(elements)}
        for flow, file in flows:
            if flow.source not in known and structure.flow_ends in self._rules:
                message = (
                    f"Expected {flow.id} to leave an element, but its source is {flow.source or 'missing'}"
                )
                self._add(file, flow.id, structure.Fault("flow_end", message, "Draw the flow anew"))
        return Graph(known, [flow for flow, _ in flows])

    def _element(self, element: Element) -> None:
        if element.type != "process" and element.type not in FLOW_NODES:
            return  # refused as such: more about it would only mislead
        refused = (element.file, element.id) in self._refused
        for rule in self._rules:
            if refused and rule in structure.PLACE_RULES:
                continue
            for fault in rule(element, self.graph):
                self._add(element.file, element.id, fault)
        for fault in self._texts(element):
            self._add(element.file, element.id, fault)
        if element.decision is not None and element.decision not in self.decisions:
            known = ", ".join(self.decisions) or "none"
            message = (
                f"Expected the decision {element.decision} of {element.id} in the bundle, but it has {known}"
            )
            self._add(
                element.file,
                element.id,
                structure.Fault("unknown_decision", message, "Add or rename the decision"),
            )

    def _texts(self, element: Element) -> Iterator[structure.Fault]:
        for place, text in content.expressions(element, self.graph):
            wrong = self.expressions.compile(text)
            if wrong is not None:
                yield structure.Fault(
                    "feel", f"{wrong}, in {place} of {element.id}: {text:.120}", "Correct the expression"
                )

    def _add(self, file: str, element: str | None, fault: structure.Fault) -> None:
        self.findings.append(
            Finding(file, element, fault.severity, fault.code, fault.message, f"{fault.way_out}.")
        )
