"""Random block-structured processes: one net, to be drawn as BPMN and to be played as a token game."""

# ruff: noqa: S311 - chance here makes tests, not secrets

import itertools
from dataclasses import dataclass, field
from random import Random

from drawing import event, flows, node, process

VALUES = 3


@dataclass
class Net:
    """Nodes with kind and scope, arcs with an optional condition (variable, value) or a default mark.

    `runs` are the tasks that run several times: how often, and whether one after the other.
    """

    kinds: dict[str, str] = field(default_factory=dict)
    scopes: dict[str, str] = field(default_factory=dict)
    arcs: list[tuple[str, str, tuple[str, int] | None, bool]] = field(default_factory=list)
    guards: dict[str, str] = field(default_factory=dict)
    runs: dict[str, tuple[int, bool]] = field(default_factory=dict)
    variables: list[str] = field(default_factory=list)

    def draw(self) -> str:
        """Draw the net as a BPMN file."""
        drawn = '<bpmn:message id="M" name="stop"/>'
        return process(self._scope("p"), extra=drawn, ends=False)

    def _scope(self, scope: str) -> str:
        body = ""
        for id_, kind in self.kinds.items():
            if self.scopes[id_] != scope:
                continue
            default = next((f"{a}_{b}" for a, b, _, is_default in self.arcs if is_default and a == id_), None)
            more = {"default": default} if default else {}
            inner = self._scope(id_) if kind == "subProcess" else ""
            if id_ in self.runs:
                inner = several(*self.runs[id_])
            if kind == "boundaryEvent":
                inner, more = event("message", "M"), {"attachedToRef": self.guards[id_]}
            body += node(kind, id_, inner, **more)
        for source, target, condition, _ in self.arcs:
            if self.scopes[source] == scope:
                body += flows(
                    f"{source} -> {target}" + (f": {condition[0]} = {condition[1]}" if condition else "")
                )
        return body


def several(count: int, sequential: bool) -> str:
    """Draw a multi-instance marker."""
    marker = "bpmn:multiInstanceLoopCharacteristics"
    order = str(sequential).lower()
    return f'<{marker} isSequential="{order}"><bpmn:loopCardinality>{count}</bpmn:loopCardinality></{marker}>'


class Maker:
    """Makes one random net from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.net = Net()
        self.left = self.random.randint(4, 26)
        self.scope = "p"
        first, last = self._node("startEvent", "s"), self._node("endEvent", "e")
        self._chain([(first, first), self._sequence(0), (last, last)])

    def _node(self, kind: str, prefix: str) -> str:
        id_ = f"{prefix}{len(self.net.kinds)}"
        self.net.kinds[id_], self.net.scopes[id_] = kind, self.scope
        return id_

    def _arc(
        self, a: str, b: str, condition: tuple[str, int] | None = None, *, default: bool = False
    ) -> None:
        self.net.arcs.append((a, b, condition, default))

    def _variable(self) -> str:
        self.net.variables.append(f"v{len(self.net.variables)}")
        return self.net.variables[-1]

    def _chain(self, parts: list[tuple[str, str]]) -> tuple[str, str]:
        for (_, before), (after, _) in itertools.pairwise(parts):
            self._arc(before, after)
        return parts[0][0], parts[-1][1]

    def _block(self, depth: int) -> tuple[str, str]:
        if depth > 4 or self.left <= 0:
            return self._task()
        kinds = ["task", "several", "sequence", "xor", "and", "or", "loop", "sub", "guard"]
        return getattr(self, f"_{self.random.choices(kinds, [2, 1, 5, 3, 4, 5, 4, 1, 2])[0]}")(depth + 1)

    def _task(self, _depth: int = 0) -> tuple[str, str]:
        self.left -= 1
        task = self._node("userTask", "t")
        return task, task

    def _several(self, _depth: int = 0) -> tuple[str, str]:
        task, _ = self._task()
        self.net.runs[task] = (self.random.randint(2, 3), self.random.random() < 0.4)
        return task, task

    def _sequence(self, depth: int) -> tuple[str, str]:
        return self._chain([self._block(depth) for _ in range(self.random.randint(2, 3))])

    def _split(self, kind: str, depth: int) -> tuple[str, str, list[tuple[str, str] | None]]:
        split, join = self._node(kind, "g"), self._node(kind, "j")
        count = self.random.randint(2, 3)
        branches = [self._block(depth) if self.random.random() > 0.15 else None for _ in range(count)]
        if branches.count(None) > 1:
            branches = [branch or self._task() for branch in branches]
        return split, join, branches

    def _join(
        self, split: str, join: str, branch: tuple[str, str] | None, condition: object, *, default: bool
    ) -> None:
        first, last = branch or (join, split)
        self._arc(split, first, condition, default=default)  # type: ignore[arg-type]
        if branch:
            self._arc(last, join)

    def _xor(self, depth: int) -> tuple[str, str]:
        split, join, branches = self._split("exclusiveGateway", depth)
        variable = self._variable()
        for index, branch in enumerate(branches):
            last = index == len(branches) - 1
            self._join(split, join, branch, None if last else (variable, index), default=last)
        return split, join

    def _and(self, depth: int) -> tuple[str, str]:
        split, join, branches = self._split("parallelGateway", depth)
        for branch in branches:
            self._join(split, join, branch, None, default=False)
        return split, join

    def _or(self, depth: int) -> tuple[str, str]:
        split, join, branches = self._split("inclusiveGateway", depth)
        for index, branch in enumerate(branches):
            last = index == len(branches) - 1
            condition = None if last else (self._variable(), self.random.randrange(VALUES))
            self._join(split, join, branch, condition, default=last)
        return split, join

    def _loop(self, depth: int) -> tuple[str, str]:
        merge, split = self._node("exclusiveGateway", "m"), self._node("exclusiveGateway", "x")
        self._chain([(merge, merge), self._task(), self._block(depth), (split, split)])
        self._arc(split, merge, (self._variable(), 0))
        after = self._node("exclusiveGateway", "m")
        self._arc(split, after, default=True)
        return merge, after

    def _sub(self, depth: int) -> tuple[str, str]:
        sub = self._node("subProcess", "sp")
        outer, self.scope = self.scope, sub
        first, last = self._node("startEvent", "s"), self._node("endEvent", "e")
        self._chain([(first, first), self._block(depth), (last, last)])
        self.scope = outer
        return sub, sub

    def _guard(self, depth: int) -> tuple[str, str]:
        host, _ = self.random.choice([self._task, self._several, self._sub, self._sub])(depth)
        guard, merge = self._node("boundaryEvent", "b"), self._node("exclusiveGateway", "m")
        self.net.guards[guard] = host
        other, _ = self._task()
        self._chain([(host, host), (merge, merge)])
        self._chain([(guard, guard), (other, other), (merge, merge)])
        return host, merge
