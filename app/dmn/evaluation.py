"""The evaluation of a model: requirements first, each once, in one run that all of them pay from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.dmn.errors import DmnError
from app.dmn.tables import Reading
from app.feel import Limits
from app.feel.calls import convert, invoke
from app.feel.limits import Run
from app.feel.values import Function, normalise
from app.feel.variables import Variables

if TYPE_CHECKING:
    from app.dmn.model import Model, Part

_MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision on the way: its output, and, where its logic is a table, the rules matched and the inputs as read."""

    identity: str
    name: str
    output: Any
    matched: list[int]
    inputs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """A decision's output, the rules of its table that matched (from 1), the table's inputs as read, and how it came about."""

    output: Any
    matched: list[int]
    inputs: dict[str, Any]
    trace: tuple[Decided, ...] = ()
    warnings: tuple[str, ...] = ()


class Evaluator:
    """One evaluation of a model."""

    def __init__(
        self, model: "Model", inputs: Mapping[str, Any], now: datetime | None, limits: Limits | None
    ) -> None:
        self.model = model
        self.inputs = inputs
        self.run = Run(now, limits or Limits())
        self.known: dict[str, Any] = {}
        self.trace: list[Decided] = []
        self.depth = 0

    def decide(self, part: "Part") -> DecisionResult:
        """Evaluate a decision and what it requires."""
        output = self.decision(part)
        return self._result(output, self.trace[-1])

    def call(self, part: "Part", arguments: Mapping[str, Any]) -> DecisionResult:
        """Call a service or function with its parameters by name; a parameter not given is null."""
        function = self.function(part)
        values = [normalise(arguments.get(name)) for name in function.names]
        output = invoke(self.run, function, values)
        last = self.trace[-1] if self.trace else None
        return self._result(output, last)

    def _result(self, output: Any, last: Decided | None) -> DecisionResult:
        matched, inputs = (last.matched, last.inputs) if last else ([], {})
        return DecisionResult(output, matched, inputs, tuple(self.trace), tuple(self.run.warnings))

    def decision(self, part: "Part") -> Any:
        """Evaluate a decision, and note what its table read and matched."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise DmnError(
                f"Expected decisions chained at most {_MAX_DEPTH} long, but {part.name!r} is further"
            )
        context = self.requirements(part)
        mark = len(self.run.notes)
        output = part.logic.evaluate(self.run, Variables(context))
        output = convert(self.run, part.type, output, part.name)
        read = [note for note in self.run.notes[mark:] if type(note) is Reading]
        last = read[-1] if read and part.has_table else None
        self.trace.append(
            Decided(
                part.identity,
                part.name,
                output,
                list(last.matched) if last else [],
                last.inputs if last else {},
            )
        )
        del self.run.notes[mark:]
        self.depth -= 1
        return output

    def requirements(self, part: "Part") -> dict[str, Any]:
        """Give the variables that a part may read: its requirements, those of imported models under their prefix."""
        context: dict[str, Any] = {}
        for key in part.requires:
            needed = self.model.parts[key]
            value = self.value(key, needed)
            prefix = "" if needed.model is part.model else part.model.prefixes.get(needed.model.namespace, "")
            if prefix:
                context.setdefault(prefix, {})[needed.name] = value
            else:
                context[needed.name] = value
        return context

    def value(self, key: str, part: "Part") -> Any:
        """Give the value of a part, evaluated once."""
        if key not in self.known:
            if part.kind == "input":
                self.known[key] = self.input(part)
            elif part.kind == "decision":
                self.known[key] = self.decision(part)
            else:
                self.known[key] = self.function(part)
        return self.known[key]

    def input(self, part: "Part") -> Any:
        """Read an input by its name, else its id, and bring it to its type."""
        given = self.inputs
        if part.model is not self.model:
            prefix = self.model.prefixes.get(part.model.namespace, "")
            inner = given.get(prefix)
            given = inner if isinstance(inner, Mapping) else given
        value = normalise(given.get(part.name, given.get(part.identity)))
        self.run.measure(value)
        return convert(self.run, part.type, value, part.name)

    def function(self, part: "Part") -> Function:
        """Give a function or service as a value that expressions call."""
        if part.kind == "service":
            return self.service(part)
        key = f"{part.model.namespace}#{part.identity}"
        context: dict[str, Any] = {}
        variables = Variables(context)
        made = part.logic.evaluate(self.run, variables)
        if type(made) is not Function:
            made = Function(
                (), lambda run, _: run.warn(f"{part.name} has no logic here"), label=part.name, variadic=True
            )
        made.label = part.name
        if made.result is None and part.result.name != "Any":
            made.result = part.result
        self.known[key] = made
        context.update(self.requirements(part))
        return made

    def service(self, part: "Part") -> Function:
        """Give a decision service as a function of its input decisions and input data, in this order."""
        keys = [*part.listed("inputDecision"), *part.listed("inputData")]
        given = [self.model.parts[key] for key in keys]
        outputs = [(key, self.model.parts[key]) for key in part.listed("outputDecision")]

        def call(run: Run, arguments: list[Any]) -> Any:
            inner = Evaluator(self.model, {}, run.now, run.limits)
            inner.run, inner.trace, inner.depth = run, self.trace, self.depth
            for key, one, value in zip(keys, given, arguments, strict=True):
                inner.known[key] = convert(run, one.type, value, one.name)
            results = {one.name: inner.value(key, one) for key, one in outputs}
            output = next(iter(results.values())) if len(results) == 1 else results
            return convert(run, part.result, output, part.name)

        return Function(
            tuple(one.name for one in given), call, tuple(one.type for one in given), label=part.name
        )
