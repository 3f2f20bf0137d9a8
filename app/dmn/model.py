"""A decision model: what a DMN file defines, and the evaluation of its decisions, functions and services."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from app.dmn.boxed import Boxes
from app.dmn.errors import DmnError
from app.dmn.evaluation import DecisionResult, Evaluator
from app.dmn.item_definitions import TypeTable
from app.dmn.tables import DecisionTable
from app.dmn.tables import read as read_table
from app.dmn.xml import Element, child, children, local, name_of, read, type_of
from app.feel import Compiled, Limits
from app.feel.evaluation import compile_tree
from app.feel.kinds import FunctionKind, Kind

_REQUIREMENTS = {"requiredInput", "requiredDecision", "requiredKnowledge"}
_SERVICE_PARTS = ("outputDecision", "encapsulatedDecision", "inputDecision", "inputData")


@dataclass(eq=False)
class Part:
    """An input, decision, function (BKM) or service of a model; `kind` says which, `requires` names what it uses."""

    model: "Model"
    kind: str
    identity: str
    name: str
    element: Element
    requires: tuple[str, ...] = ()

    @cached_property
    def type(self) -> Kind:
        """The type of the part's variable."""
        return self.model.types.kind(type_of(child(self.element, "variable")))

    @cached_property
    def result(self) -> Kind:
        """The type of what a call of a function or service gives."""
        return self.type.result if isinstance(self.type, FunctionKind) else self.type

    @cached_property
    def logic(self) -> Compiled:
        """The part's expression, compiled when first asked for."""
        boxes = Boxes(self.model.types, self.name)
        if self.kind == "function":
            inner = child(self.element, "encapsulatedLogic")
            tree = boxes.parsed("null", self.element) if inner is None else boxes.function(inner)
        else:
            tree = boxes.within(self.element)
        return compile_tree(tree, self.name)

    @property
    def table(self) -> DecisionTable | None:
        """The part's decision table, where that is its whole logic."""
        holder = child(self.element, "encapsulatedLogic") if self.kind == "function" else self.element
        found = None if holder is None else child(holder, "decisionTable")
        return None if found is None else read_table(found, self.model.types, self.name)

    @property
    def has_table(self) -> bool:
        """Whether the part's whole logic is a decision table."""
        return child(self.element, "decisionTable") is not None

    def listed(self, name: str) -> tuple[str, ...]:
        """Give the references of one sort of a service (outputDecision, inputData ...)."""
        return tuple(self.model.resolve(one.get("href") or "") for one in children(self.element, name))


@dataclass(eq=False)
class Model:
    """What one DMN file defines. Immutable for its callers, shared by threads; keys of `parts` are `namespace#id`."""

    namespace: str
    name: str
    types: TypeTable
    imports: dict[str, "Model"]
    prefixes: dict[str, str] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)

    @classmethod
    def parse(cls, source: bytes | str, imports: Mapping[str, "Model"] | None = None) -> "Model":
        """Read a DMN 1.2 to 1.5 file; `imports` are the models it imports, by namespace. Raises DmnError."""
        root = read(source)
        prefixes = {one.get("namespace") or "": name_of(one) for one in children(root, "import")}
        imported = {space: model for space, model in (imports or {}).items() if space in prefixes}
        types = TypeTable(
            root, _names(root), {prefixes[space]: model.types for space, model in imported.items()}
        )
        types.read_all()
        model = cls(root.get("namespace") or "", root.get("name") or "", types, imported, prefixes)
        model._collect(root)
        _refuse_circles(model)
        return model

    def _collect(self, root: Element) -> None:
        for model in self.imports.values():
            self.parts.update(model.parts)
        for element in children(root, *_KINDS):
            identity = element.get("id") or name_of(element)
            key = f"{self.namespace}#{identity}"
            if key in self.parts:
                raise DmnError(
                    f"Expected each id once, but {identity!r} is there twice", code="id", element=identity
                )
            requires = tuple(self.resolve(href) for href in _references(element))
            self.parts[key] = Part(
                self, _KINDS[local(element)], identity, name_of(element), element, requires
            )
        for part in self.own():
            for key in part.requires:
                if key not in self.parts:
                    raise DmnError(
                        f"Expected {part.name!r} to require parts that exist, but {key.rpartition('#')[2]!r} does not",
                        code="reference",
                        element=part.identity,
                    )

    def resolve(self, href: str) -> str:
        """Give the key of a reference: `#id` is within this file."""
        space, _, identity = href.rpartition("#")
        return f"{space or self.namespace}#{identity}"

    def own(self) -> list[Part]:
        """Give the parts that this file itself defines."""
        return [part for part in self.parts.values() if part.model is self]

    @property
    def decisions(self) -> list[Part]:
        """The decisions of this file, in the file's order."""
        return [part for part in self.own() if part.kind == "decision"]

    def find(self, identity: str, *kinds: str) -> Part:
        """Find a part by id or name; raises DmnError where there is none."""
        candidates = [part for part in self.own() if part.kind in kinds]
        for part in candidates:
            if part.identity == identity:
                return part
        for part in candidates:
            if part.name == identity:
                return part
        known = ", ".join(part.identity for part in candidates)
        raise DmnError(f"Expected one of {known}, but got {identity!r}", code="unknown", element=identity)

    def problems(self) -> list[DmnError]:
        """Compile everything and give what is broken: one error for a part, and one for each name that it reads but does not require."""
        found: list[DmnError] = []
        for part in self.own():
            if part.kind not in ("decision", "function"):
                continue
            try:
                unknown = sorted(part.logic.names - self.scope_of(part))
            except DmnError as broken:
                found.append(broken)
                continue
            found += [
                DmnError(
                    f"Expected {part.name!r} to read what it requires, but {name!r} is not among its requirements",
                    code="name",
                    element=part.identity,
                )
                for name in unknown
            ]
        return found

    def scope_of(self, part: Part) -> set[str]:
        """Give the names that a part's expression may read: its requirements, or the prefix they come under."""
        needed = [self.parts[key] for key in part.requires]
        return {
            one.name if one.model is part.model else part.model.prefixes.get(one.model.namespace) or one.name
            for one in needed
        }

    def evaluate(
        self,
        decision: str,
        inputs: Mapping[str, Any],
        now: datetime | None = None,
        limits: Limits | None = None,
    ) -> DecisionResult:
        """Evaluate a decision by id or name, with the values of input data by name or id.

        Raises DmnError where a table breaks its hit policy, FeelLimitExceeded, or FeelValueError for an input that is none of
        FEEL's values.
        """
        return Evaluator(self, inputs, now, limits).decide(self.find(decision, "decision"))

    def invoke(
        self,
        service: str,
        inputs: Mapping[str, Any],
        now: datetime | None = None,
        limits: Limits | None = None,
    ) -> DecisionResult:
        """Evaluate a decision service or call a business knowledge model, by id or name, with its parameters by name."""
        part = self.find(service, "service", "function")
        return Evaluator(self, inputs, now, limits).call(part, inputs)

    def table(self, decision: str) -> DecisionTable | None:
        """Give the decision table of a decision or BKM, where that is its whole logic."""
        return self.find(decision, "decision", "function").table


_KINDS = {
    "inputData": "input",
    "decision": "decision",
    "businessKnowledgeModel": "function",
    "decisionService": "service",
}


def _references(element: Element) -> list[str]:
    found = []
    for requirement in children(element, "informationRequirement", "knowledgeRequirement"):
        found += [one.get("href") or "" for one in children(requirement, *_REQUIREMENTS)]
    for part in children(element, *_SERVICE_PARTS):
        found.append(part.get("href") or "")
    return found


def _names(root: Element) -> set[str]:
    """Give every name that an expression of the file may speak of; only those with spaces and signs matter."""
    found = set()
    for element in root.iter("{*}*"):
        if local(element) in _NAMED:
            found.add(name_of(element))
        found.add(" ".join((element.get("iteratorVariable") or "").split()))
    return found - {""}


_NAMED = frozenset(
    {"variable", "inputData", "decision", "businessKnowledgeModel", "decisionService", "import", "formalParameter",
     "itemComponent", "parameter", "column", "output"}
)  # fmt: skip


def _refuse_circles(model: Model) -> None:
    """Walk the requirement graph; functions may call one another in circles, decisions may not need themselves."""
    done: set[str] = set()
    for start in model.parts:
        path: list[tuple[str, int]] = [(start, 0)]
        open_keys = {start}
        while path:
            key, index = path.pop()
            needed = [one for one in model.parts[key].requires if model.parts[one].kind != "function"]
            if key in done or model.parts[key].kind == "service" or index >= len(needed):
                done.add(key)
                open_keys.discard(key)
                continue
            path.append((key, index + 1))
            following = needed[index]
            if following in open_keys:
                raise DmnError(
                    f"Expected decisions without a circle, but {model.parts[following].name!r} needs itself",
                    code="circle",
                    element=model.parts[following].identity,
                )
            if following not in done:
                open_keys.add(following)
                path.append((following, 0))
