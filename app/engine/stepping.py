"""The loop that lets SpiffWorkflow run what is ready, with one processor for each kind of element."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.dmn.errors import DmnError
from app.domain.errors import ElementFailed
from app.domain.events import ExpressionWarned, InstanceCompleted
from app.domain.numbers import Numbers
from app.engine import activities, deadlock, events, gateways, loops
from app.engine.definitions import Definition
from app.engine.diagram import ACTIVITIES, Flow
from app.engine.tree import TaskState, Token
from app.engine.turn import Turn
from app.feel.errors import FeelError

MAX_TOKENS = 5_000
MAX_EVENTS = 5_000
LOOKS_PER_STEP = 50
"""Tokens and places that may be looked at to decide joins for the price of one step."""

Processor = Callable[[Turn, Token], bool | None]

PROCESSORS: dict[str, Processor] = {
    "process": activities.open_scope,
    "startEvent": activities.pass_through,
    "boundaryEvent": activities.pass_through,
    "endEvent": activities.end,
    "intermediateThrowEvent": events.throw,
    "intermediateCatchEvent": activities.receive,
    "task": activities.pass_through,
    "userTask": activities.open_task,
    "manualTask": activities.open_task,
    "scriptTask": activities.run_script,
    "serviceTask": activities.open_job,
    "businessRuleTask": activities.decide,
    "sendTask": activities.send,
    "receiveTask": activities.receive,
    "subProcess": activities.open_scope,
    "callActivity": activities.call,
    "exclusiveGateway": activities.pass_through,
    "parallelGateway": gateways.parallel,
    "inclusiveGateway": gateways.inclusive,
    "eventBasedGateway": gateways.event_based,
}


def enter(turn: Turn, token: Token) -> bool | None:
    """Do what an element does when a token comes; an activity listens to its boundary events from then on."""
    element = token.element
    if token.notes.get("met") or element.trigger.kind == "link":
        return True
    processor = PROCESSORS[element.type]
    if element.type not in ACTIVITIES or token.is_body:
        return processor(turn, token)
    planned = events.arms_of(turn, token)
    done = (loops.begin if element.loop is not None else processor)(turn, token)
    if not done and not token.gone:
        events.arm(turn, token, planned)
    return done


PHASES: dict[str, Processor] = {
    "enter": enter,
    "advance": loops.advance,
    "return": activities.give_back,
    "done": activities.pass_through,
}


class Stepping(Turn):
    """A turn that goes on until people, jobs, timers or messages are needed, or its steps are used up."""

    def __init__(
        self, definition: Definition, at: datetime, numbers: Numbers, case_id: str, max_steps: int
    ) -> None:
        super().__init__(definition, at, numbers, case_id)
        self.max_steps = max_steps
        self.steps = 0
        self._taken: dict[int, list[Flow]] = {}
        self._told: set[tuple[str, str]] = set()

    def go(self) -> None:
        """Run what is ready, in order, and then the inclusive joins to which nothing more can come."""
        ready = self.tree.ready
        while ready or gateways.fire_inclusive(self):
            limit = self._limit()
            if limit is not None:
                self._hold(*limit)
                break
            token = ready.popleft()
            if not token.gone and token.state == TaskState.READY:
                self._step(token)
        if not self.finished:
            self._release_orphans()
            self._report_deadlock()

    def _limit(self) -> tuple[str, str] | None:
        """Give the limit that the input has come to, as kind and words."""
        stop = self.tree.task_tree.notes.pop("stop", None)
        if stop is not None:
            return "course_limit", stop
        if self.steps + self.work // LOOKS_PER_STEP >= self.max_steps:
            return "step_limit", f"{self.max_steps} steps without a wait"
        if self.fuel.left <= 0:
            return "fuel_limit", f"{self.fuel.most} steps of FEEL without a wait"
        if len(self.tree.tasks) > MAX_TOKENS:
            return "token_limit", f"{MAX_TOKENS} tokens"
        if len(self.events) > MAX_EVENTS:
            return "event_limit", f"{MAX_EVENTS} tasks, jobs and messages without a wait"
        return None

    def _hold(self, kind: str, limit: str) -> None:
        """Stop everything that would go on without a wait, under one incident."""
        tokens = [token for token in self.tree.ready if not token.gone and token.state == TaskState.READY]
        self.tree.ready.clear()
        if tokens:
            self._hold_all(tokens, kind, f"Expected at most {limit}, but {tokens[0].element.id} would go on")

    def _hold_all(self, tokens: list[Token], kind: str, message: str) -> None:
        first, *others = tokens
        self.open_incident(first, kind, message)
        for token in others:
            token.hold(first.notes["incident"])

    def _release_orphans(self) -> None:
        """Give tokens a new incident where the one they are held by ended with its own token."""
        tokens = list(self.tree.walk())
        known = {token.notes.get("incident") for token in tokens}
        orphans = [token for token in tokens if "held" in token.notes and token.notes["held"] not in known]
        if orphans:
            self._hold_all(
                orphans, "step_limit", f"Expected a wait, but {orphans[0].element.id} was stopped before one"
            )

    def _step(self, token: Token) -> None:
        try:
            token.run()
        except ElementFailed as fault:
            self.open_incident(token, fault.kind, str(fault))
        except DmnError as fault:
            self.open_incident(token, "decision", f"{fault} ({token.element.id})")
        except FeelError as fault:
            self.open_incident(token, "expression", f"{fault} ({token.element.id})")
        if self.fuel.warned:
            self._tell_warnings(token.element.id)

    def _tell_warnings(self, element: str) -> None:
        """Say once for each expression of an element in this input why it gave null."""
        for text, reasons in self.fuel.warned.items():
            if (element, text) not in self._told:
                self._told.add((element, text))
                self.emit(ExpressionWarned(element, text, list(dict.fromkeys(reasons))))
        self.fuel.warned = {}

    def run(self, token: Token) -> bool | None:
        """Run a token's element; what it has done is not done again where only leaving fails."""
        self.steps += 1
        phase = token.notes.get("phase", "enter")
        if phase != "leave":
            if not PHASES[phase](self, token):
                return None
            token.notes["phase"] = "leave"
            self.disarm(token)
        if token.is_body:
            loops.collect(self, token)
        else:
            self._taken[token.id] = gateways.choose(self, token)
        return True

    def leave(self, token: Token) -> None:
        """Put new tokens on the flows that a finished token takes; a body gives the turn to its activity."""
        if token.is_body:
            token.parent.wake("advance", first=True)
            return
        element = token.element
        self.move("left", element.id)
        for flow in self._taken.pop(token.id):
            self.move("took", flow.id)
            met = {"met": True} if "chosen" in token.notes else {}
            self._put(token, flow.target, {"via": flow.id, **met})
        if element.type == "intermediateThrowEvent" and element.trigger.kind == "link":
            self._put(token, self.graph.links[element.scope, element.trigger.name].id, {})

    def _put(self, token: Token, target: str, notes: dict[str, Any]) -> None:
        token._add_child(self.tree.node(target)).notes.update(notes)  # noqa: SLF001 - SpiffWorkflow's own protocol
        self.move("entered", target)

    def left_empty(self, scope: Token) -> None:
        """Go on from a scope in which no token is left."""
        element = scope.element
        if element.type == "process":
            self.disarm(scope)
            if scope.parent is None:
                self.finished = True
            else:
                scope.parent.wake("return")
        elif not (element.loop is not None and not scope.is_body):
            scope.wake("done")

    def completed(self) -> InstanceCompleted:
        """Say that no token is left."""
        return InstanceCompleted(list(self.ends))

    def _report_deadlock(self) -> None:
        """Open an incident where every token waits at a join, and nothing that is open can free one."""
        stuck = deadlock.stuck(self.tree, self.graph)
        if stuck is not None:
            message = f"Expected a token on every incoming flow of {stuck.element.id}, but no more can come"
            self.open_incident(stuck, "deadlock", message)
