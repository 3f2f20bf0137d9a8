"""BPMN's token game, written from the standard (BPMN 2.0.2, chapter 13) and from nothing of ours.

Tokens lie on arcs; activities in progress are counted; whatever is enabled fires, in a random order. The inclusive join
is decided by a search over paths for every token, each time anew.
"""

# ruff: noqa: S311 - chance here makes tests, not secrets

from collections import Counter
from random import Random

from models import Net


class Game:
    """A net being played."""

    def __init__(self, net: Net, values: dict[str, int], seed: int) -> None:
        self.net = net
        self.values = dict(values)
        self.random = Random(seed)
        self.out: dict[str, list[int]] = {id_: [] for id_ in net.kinds}
        self.into: dict[str, list[int]] = {id_: [] for id_ in net.kinds}
        for index, (source, target, _, _) in enumerate(net.arcs):
            self.out[source].append(index)
            self.into[target].append(index)
        self.on: Counter[int] = Counter()
        self.busy: Counter[str] = Counter()
        self.to_run: Counter[str] = Counter()
        self.visits: Counter[str] = Counter()
        self._start("p")
        self._play()

    def complete(self, task: str, values: dict[str, int]) -> None:
        """A task in progress ends, with new values of variables."""
        if task in self.net.runs:  # what one of several runs sets is its own
            self._end_run(task)
        else:
            self.values |= values
            self._end_activity(task)
        self._play()

    def interrupt(self, boundary: str) -> None:
        """A boundary event's message comes."""
        host = self.net.guards[boundary]
        self._clear(host)
        self.busy[host] = self.to_run[host] = 0
        self._visit(boundary)
        self._emit(self.out[boundary])
        self._play()

    @property
    def tasks(self) -> list[str]:
        """The tasks in progress."""
        return sorted(id_ for id_ in self.busy.elements() if self.net.kinds[id_] == "userTask")

    @property
    def finished(self) -> bool:
        """Whether no token is left."""
        return not +self.on and not +self.busy

    @property
    def arrived(self) -> Counter[str]:
        """What was visited, with the tokens that lie before a join counted as having come to it."""
        return self.visits + Counter(self.net.arcs[arc][1] for arc in self.on.elements())

    def _visit(self, id_: str) -> None:
        self.visits[id_] += 1

    def _start(self, scope: str) -> None:
        start = next(
            id_
            for id_, kind in self.net.kinds.items()
            if kind == "startEvent" and self.net.scopes[id_] == scope
        )
        self._visit(start)
        self._emit(self.out[start])

    def _clear(self, scope: str) -> None:
        for id_ in [id_ for id_, outer in self.net.scopes.items() if outer == scope]:
            self._clear(id_)
            self.busy[id_] = self.to_run[id_] = 0
            for arc in self.out[id_]:
                self.visits[self.net.arcs[arc][1]] += self.on[arc]
                self.on[arc] = 0

    def _emit(self, arcs: list[int]) -> None:
        for arc in arcs:
            self.on[arc] += 1
            source, target, _, _ = self.net.arcs[arc]
            self.visits[f"{source}_{target}"] += 1

    def _begin_task(self, id_: str) -> None:
        count, sequential = self.net.runs.get(id_, (1, False))
        self.busy[id_] += 1 if sequential else count
        self.to_run[id_] = count - 1 if sequential else 0

    def _end_run(self, id_: str) -> None:
        if self.to_run[id_]:
            self.to_run[id_] -= 1
        elif self.busy[id_] > 1:
            self.busy[id_] -= 1
        else:
            self._end_activity(id_)

    def _end_activity(self, id_: str) -> None:
        self.busy[id_] -= 1
        self._emit(self.out[id_])

    def _play(self) -> None:
        while True:
            moves = [id_ for id_ in self.net.kinds if self._enabled(id_)]
            if not moves:
                return
            self._fire(self.random.choice(moves))

    def _enabled(self, id_: str) -> bool:
        kind, into = self.net.kinds[id_], self.into[id_]
        marked = [arc for arc in into if self.on[arc]]
        if kind == "subProcess" and self.busy[id_] and self._is_empty(id_):
            return True
        if not marked:
            return False
        if kind == "parallelGateway":
            return len(marked) == len(into)
        if kind == "inclusiveGateway":
            return self._nothing_can_come(id_, set(marked))
        return True

    def _is_empty(self, scope: str) -> bool:
        inside = [id_ for id_, outer in self.net.scopes.items() if outer == scope]
        return not any(self.busy[id_] or any(self.on[arc] for arc in self.out[id_]) for id_ in inside)

    def _nothing_can_come(self, join: str, marked: set[int]) -> bool:
        empty = set(self.into[join]) - marked
        sources = [arc for arc, count in self.on.items() if count and arc not in marked]
        places = [[arc] for arc in sources if self.net.scopes[self.net.arcs[arc][0]] == self.net.scopes[join]]
        for id_, count in self.busy.items():
            if count:
                guards = [guard for guard, host in self.net.guards.items() if host == id_]
                places.append(self.out[id_] + [arc for guard in guards for arc in self.out[guard]])
        for place in places:
            found = self._reaches(place, join)
            if found & empty and not found & marked:
                return False
        return True

    def _reaches(self, arcs: list[int], join: str) -> set[int]:
        seen: set[int] = set()
        waiting = list(arcs)
        while waiting:
            arc = waiting.pop()
            if arc in seen:
                continue
            seen.add(arc)
            target = self.net.arcs[arc][1]
            if target != join:
                waiting += self.out[target]
                waiting += [
                    a for guard, host in self.net.guards.items() if host == target for a in self.out[guard]
                ]
        return seen & set(self.into[join])

    def _fire(self, id_: str) -> None:
        kind = self.net.kinds[id_]
        if kind == "subProcess" and self.busy[id_] and self._is_empty(id_):
            self._end_activity(id_)
            return
        marked = [arc for arc in self.into[id_] if self.on[arc]]
        if kind not in {"parallelGateway", "inclusiveGateway"}:
            marked = [self.random.choice(marked)]
        for arc in marked:
            self.on[arc] -= 1
            self._visit(id_)
        if kind == "userTask":
            self._begin_task(id_)
        elif kind == "subProcess":
            self.busy[id_] += 1
            self._start(id_)
        elif kind != "endEvent":
            self._emit(self._chosen(id_, kind))

    def _chosen(self, id_: str, kind: str) -> list[int]:
        arcs = self.out[id_]
        if kind == "parallelGateway" or len(arcs) == 1:
            return arcs
        true = []
        for arc in arcs:
            condition = self.net.arcs[arc][2]
            if condition is not None and self.values[condition[0]] == condition[1]:
                true.append(arc)
        if kind == "exclusiveGateway":
            true = true[:1]
        return true or [arc for arc in arcs if self.net.arcs[arc][3]]
