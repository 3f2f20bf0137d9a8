"""The types that a model defines, as FEEL's types."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from app.dmn.errors import DmnError
from app.dmn.xml import Element, child, children, located, name_of, text, type_of
from app.feel import FeelError, compile_unary_tests
from app.feel.kinds import ANY, ConstrainedKind, ContextKind, FunctionKind, Kind, ListKind, named
from app.feel.limits import Run
from app.feel.variables import Variables


class TypeTable:
    """Types by name; those of an imported model under its prefix."""

    def __init__(
        self, root: Element, names: Iterable[str], imported: Mapping[str, "TypeTable"] | None = None
    ) -> None:
        self.names = tuple(names)
        self.imported = imported or {}
        self.elements = {name_of(element): element for element in children(root, "itemDefinition")}
        self.known: dict[str, Kind] = {}
        self.open: list[str] = []

    def kind(self, reference: str) -> Kind:
        """Give the type that a `typeRef` names; no name is Any; an unknown one is refused."""
        reference = " ".join(reference.split())
        if not reference:
            return ANY
        if reference in self.elements:
            return self._defined(reference)
        prefix, _, rest = reference.rpartition(".")
        if prefix in self.imported:
            return self.imported[prefix].kind(rest)
        builtin = named(reference.removeprefix("feel:")) or named(reference.rpartition(":")[2])
        if builtin is None:
            raise DmnError(
                f"Expected a type of the model, but {reference!r} is none", code="type", element=reference
            )
        return builtin

    def read_all(self) -> None:
        """Read every definition now: a model is shared by threads, and its types do not change once it is there."""
        for name in self.elements:
            self.kind(name)

    def written(self, name: str) -> Kind | None:
        """Give the type that an expression names, or None: `instance of` an unknown type is false, not an error."""
        try:
            return self.kind(name)
        except DmnError:
            return None

    def _defined(self, name: str) -> Kind:
        if name not in self.known:
            if name in self.open:
                raise DmnError(
                    f"Expected types without a circle, but {' > '.join([*self.open, name])}", code="type"
                )
            self.open.append(name)
            self.known[name] = self._read(self.elements[name])
            self.open.pop()
        return self.known[name]

    def _read(self, element: Element) -> Kind:
        """Read a definition or component: its base, the values it allows, and whether it is a list of them."""
        base = self._base(element)
        allowed = child(element, "allowedValues")
        if allowed is not None:
            base = self._constrained(base, allowed, element)
        if element.get("isCollection") == "true":
            base = ListKind("list", base)
        constraint = child(element, "typeConstraint")
        return base if constraint is None else self._constrained(base, constraint, element)

    def _base(self, element: Element) -> Kind:
        function = child(element, "functionItem")
        if function is not None:
            parameters = tuple(self.kind(type_of(one)) for one in children(function, "parameters"))
            return FunctionKind("function", parameters, self.kind(function.get("outputTypeRef") or ""))
        components = list(children(element, "itemComponent"))
        if components:
            return ContextKind("context", tuple((name_of(one), self._read(one)) for one in components))
        return self.kind(type_of(element))

    def _constrained(self, base: Kind, allowed: Element, element: Element) -> Kind:
        try:
            tests = compile_unary_tests(text(allowed), self.names)
        except FeelError as problem:
            raise located(problem, allowed, f"the allowed values of {name_of(element)}") from problem

        def allows(value: Any) -> bool:
            return tests.evaluate(Run(_NEVER), Variables({}), value) is True

        return ConstrainedKind(base.name, base, allows)


_NEVER: datetime | None = None
