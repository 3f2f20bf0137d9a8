# ruff: noqa: SLF001 - SpiffWorkflow names the protocol between a task and its specification with underscores
"""SpiffWorkflow's task tree as the engine room runs it: own ids and clock, finished tasks spliced out at once.

A token is a SpiffWorkflow task. A scope (process, sub-process, called process, body of a loop) is a token with the
tokens inside it as its children; what a finished task leaves behind goes to its scope and the task itself is gone, so
that the tree never holds more than the tokens that live.
"""

from collections import deque
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Protocol

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState as TaskState  # noqa: PLC0414 - others in the room get it from here

from app.domain.errors import ElementFailed
from app.engine.diagram import Element
from app.engine.graph import Graph

STATES = {"waiting": TaskState.STARTED, "failed": TaskState.ERROR}


class Turning(Protocol):
    """What the tree asks of the input in progress."""

    at: datetime

    def run(self, token: "Token") -> bool | None:
        """Run a token's element; True when it is done, None when it waits."""

    def leave(self, token: "Token") -> None:
        """Put new tokens on the flows that a finished token takes."""

    def left_empty(self, scope: "Token") -> None:
        """Go on from a scope in which no token is left."""


class RefusingEnvironment(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    """The environment behind SpiffWorkflow's script engine: every path to Python's `eval` and `exec` ends here."""

    def evaluate(self, *asked: object, **more: object) -> Any:
        """Refuse: expressions are FEEL, and scripts too."""
        raise ElementFailed(
            "python", f"Expected FEEL alone to be evaluated, but Python was asked for {asked} {more}"
        )

    execute = call_service = evaluate


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """SpiffWorkflow's specification of all processes of a definition, without the start and end tasks it adds."""

    def __init__(self, process: str, graph: Graph) -> None:
        super().__init__(process)
        self.task_specs.clear()
        for element in graph.elements.values():
            Node(self, element)
        for flow in graph.flows.values():
            self.task_specs[flow.source].connect(self.task_specs[flow.target])
        self.start = self.task_specs[process]


class Node(BpmnTaskSpec):  # type: ignore[misc]
    """An element of the diagram as SpiffWorkflow's task specification; what it does is the processors' table."""

    def __init__(self, spec: ProcessSpec, element: Element) -> None:
        super().__init__(spec, element.id, lane=element.lane, inputs=[], outputs=[], data={}, defines={})
        self.element = element

    def test(self) -> None:
        """Accept every node: structure was examined when the definition was loaded."""

    def _predict(self, *_args: object, **_kwargs: object) -> None:
        """Predict nothing: a token's future is not part of the state."""

    def _update_hook(self, my_task: "Token") -> bool:
        return not my_task.gone  # variables live in scopes and are not copied from task to task

    def _on_ready_hook(self, my_task: "Token") -> None:
        my_task.workflow.ready.append(my_task)

    def _run_hook(self, my_task: "Token") -> bool | None:
        return my_task.workflow.turn.run(my_task)  # type: ignore[no-any-return]

    def _on_complete_hook(self, my_task: "Token") -> None:
        my_task.workflow.turn.leave(my_task)


class Token(Task):  # type: ignore[misc]
    """A task of the tree: `data` are variables, where it is a scope of its own; `notes` what the engine keeps."""

    def __init__(
        self, workflow: "Tree", task_spec: Node, parent: "Token | None" = None, state: int = TaskState.FUTURE
    ) -> None:
        workflow.last_id += 1
        super().__init__(workflow, task_spec, parent, state, id=workflow.last_id)
        self.last_state_change = workflow.turn.at.timestamp()

    @property
    def element(self) -> Element:
        """The element the token is at."""
        return self.task_spec.element  # type: ignore[no-any-return]

    @property
    def notes(self) -> dict[str, Any]:
        """What the engine keeps about the token: JSON values only."""
        return self.internal_data  # type: ignore[no-any-return]

    @property
    def failed(self) -> bool:
        """Whether an incident is open at the token."""
        return self._state == TaskState.ERROR  # type: ignore[no-any-return]

    @property
    def is_arm(self) -> bool:
        """Whether the token only listens for another (boundary event, event sub-process, event-based gateway)."""
        return "arm" in self.notes

    @property
    def is_body(self) -> bool:
        """Whether the token is one run of an activity that runs several times."""
        return "body" in self.notes

    @property
    def gone(self) -> bool:
        """Whether the token was taken out of the tree."""
        return self.id not in self.workflow.tasks

    @property
    def is_empty(self) -> bool:
        """Whether nothing in the scope is left but what listens; asked after each step, so without a list."""
        tasks = self.workflow.tasks
        return all("arm" in tasks[child].internal_data for child in self._children)

    def live(self) -> list["Token"]:
        """Give the tokens inside the scope, without those that only listen."""
        return [child for child in self.children if not child.is_arm]

    def arms(self) -> list["Token"]:
        """Give the children that only listen."""
        return [child for child in self.children if child.is_arm]

    def wake(self, phase: str, *, first: bool = False) -> None:
        """Make the token run again, in a phase of its element; one with an incident waits for its resolution."""
        self.notes["phase"] = phase
        if self._state in {TaskState.ERROR, TaskState.READY}:
            return
        self._set_state(TaskState.READY)
        (self.workflow.ready.appendleft if first else self.workflow.ready.append)(self)

    def fail(self) -> None:
        """Stop the token until its incident is resolved."""
        self._set_state(TaskState.ERROR)

    def hold(self, incident: int) -> None:
        """Stop the token until the incident of another is resolved."""
        self.fail()
        self.notes["held"] = incident

    def retry(self) -> None:
        """Run the token again after its incident."""
        self._set_state(TaskState.READY)
        self.workflow.ready.append(self)

    def listen(self, task_spec: Node, notes: dict[str, Any]) -> "Token":
        """Add a child that only listens."""
        arm = self._add_child(task_spec)
        arm.notes.update(notes, arm=True)
        arm._set_state(TaskState.STARTED)
        return arm

    def enter(self, task_spec: Node, notes: dict[str, Any] | None = None) -> "Token":
        """Add a child that is to run."""
        child = self._add_child(task_spec)
        child.notes.update(notes or {})
        task_spec._update(child)
        return child

    def remove(self) -> None:
        """Take the token out of the tree; its children must be gone or handed over."""
        if self.parent is not None:
            self.parent._children.remove(self.id)
        del self.workflow.tasks[self.id]

    def hand_over(self) -> None:
        """Splice a finished token out: what it left behind belongs to its scope."""
        scope = self.parent
        for child in self.children:
            child.parent = scope
            scope._children.append(child.id)
        self._children: list[int] = []
        self.remove()

    def _add_child(self, task_spec: Node, state: int = TaskState.FUTURE) -> "Token":
        return Token(self.workflow, task_spec, self, state)

    def _set_state(self, value: int) -> None:
        self._state = value
        self.last_state_change = self.workflow.turn.at.timestamp()


class Tree(BpmnWorkflow):  # type: ignore[misc]
    """One instance's tokens; `ready` are those that may run, in the order in which they became so."""

    def __init__(self, spec: ProcessSpec, turn: Turning) -> None:
        self.ready: deque[Token] = deque()
        self.turn = turn
        self.last_id = 0
        super().__init__(spec, script_engine=PythonScriptEngine(RefusingEnvironment()), deserializing=True)

    def plant(self) -> Token:
        """Begin a new tree: its root is the process."""
        self.task_tree = Token(self, self.spec.start)
        self.task_tree._set_state(TaskState.STARTED)
        return self.task_tree

    def node(self, element: str) -> Node:
        """Give the specification of an element."""
        return self.spec.task_specs[element]  # type: ignore[no-any-return]

    def walk(self, top: Token | None = None) -> Iterator[Token]:
        """Give a token and all below it, parents first, children in order; no depth is too deep."""
        waiting = [top if top is not None else self.task_tree]
        while waiting:
            token = waiting.pop()
            yield token
            waiting.extend(reversed(token.children))

    def _task_completed_notify(self, task: Token) -> None:
        scope = task.parent
        task.hand_over()
        if scope.is_empty:
            self.turn.left_empty(scope)
