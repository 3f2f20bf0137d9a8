"""The steps of a story: each is one call of a service, or a look at what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC
from fnmatch import fnmatch
from typing import Any

from app.definitions import expressions
from app.domain.actors import Actor, system
from app.domain.cases import Case
from app.domain.errors import FormInvalid, PraticaError, StoryFailed
from app.domain.tasks import Task
from app.feel import FeelError
from app.services import cases, documents, invitations, messages, simulator, tasks
from app.services.house import House
from app.testing import expectations
from app.testing.actors import Cast
from app.testing.clock import settle, travel
from app.testing.faults import Faults
from app.testing.papers import paper
from app.testing.stories import Step, Story, value

ASSIGNEE, INVITED = "assignee", "invited"
"""Who acts where a step names nobody: the one who holds the task, and who was invited by the instance that waits for a message."""

FILE, SIGN = "file:", "sign:"
"""What stands before a file's name where a story gives a document, and before a fiscal code where somebody signs one."""


class Stage:
    """A house in which a story is played, with the cases that the story has named."""

    def __init__(self, house: House, story: Story, cast: Cast) -> None:
        self.house, self.story, self.cast = house, story, cast
        self.named: dict[str, str] = {}
        self.last = ""
        self.taken = 0
        self._files: dict[tuple[str, str], str] = {}

    def go_on_from(self, other: "Stage") -> None:
        """Know what the stage of the story before knew when it ended."""
        self.named, self.last, self.taken = dict(other.named), other.last, other.taken
        self._files = dict(other._files)  # noqa: SLF001  a stage of its own kind

    def take(self, step: Step) -> None:
        """Take one step; StoryFailed names it where it does not go as told."""
        verbs: Mapping[str, Callable[[Step], None]] = {
            "start": self._start,
            "complete": self._complete,
            "claim": lambda s: self._on_task(s, tasks.claim),
            "release": lambda s: self._on_task(s, tasks.release),
            "assign": self._assign,
            "send": self._send,
            "advance": self._advance,
            "fault": self._fault,
            "expect": lambda s: expectations.check(self, s.about, self.case_of(s)),
        }
        refused = step.more.get("refused")
        try:
            for one in self._each(step):
                verbs[step.verb](one)
                settle(self.house)
        except PraticaError as error:
            if refused is None or isinstance(error, StoryFailed):
                raise StoryFailed(f"{step}: {_told(error)}") from error
            _require_refusal(step, error)
        else:
            if refused is not None:
                raise StoryFailed(f"{step}: Expected a refusal {refused!r}, but it went through.")
        self.taken += 1

    def _each(self, step: Step) -> list[Step]:
        """Give the step once for each item of its `each`, which its FEEL knows as `item`."""
        if "each" not in step.more:
            return [step]
        items = self.feel(str(step.more["each"]))
        if not isinstance(items, list):
            raise StoryFailed(f"Expected a list for each, but got {items!r}.")
        return [replace(step, more={**step.more, "item": item}) for item in items]

    def actor(self, login: Any, task: Task | None = None) -> Actor:
        """Give the person a step names; the system where it names nobody; who holds the task for `assignee`."""
        if login is None:
            return system
        if login == ASSIGNEE and task is not None and task.assignee is not None:
            return self.cast.people.get(task.assignee, Actor(task.assignee, task.assignee))
        if login not in self.cast.people:
            raise StoryFailed(f"Expected {login!r} among the people of processes/demo.toml, but nobody is.")
        return self.cast.people[login]

    def case_of(self, step: Step) -> str:
        """Give the number of the case a step is about: the one it names, else the last one started."""
        name = step.more.get("case")
        if name is not None and name not in self.named:
            raise StoryFailed(f"Expected a case called {name!r}, but the story has {sorted(self.named)}.")
        return self.named[name] if name else self.last

    def feel(self, expression: str, variables: Mapping[str, Any] | None = None) -> Any:
        """Evaluate FEEL over the story's data and what else is known."""
        known = {**self.story.data, **(variables or {})}
        try:
            return expressions.value(expression, known, self.house.clock.now())
        except FeelError as wrong:
            raise StoryFailed(f"Expected {expression!r} to have a value, but: {wrong}") from wrong

    def _start(self, step: Step) -> None:
        under = step.more.get("under")
        case = cases.start(
            self.house,
            step.about,
            self.actor(step.more.get("by")),
            self.named[under] if under else None,
            self._values(step.more.get("variables", {})),
        )
        self.last = case.id
        self.named[step.more.get("as", step.about)] = case.id

    def _complete(self, step: Step) -> None:
        case_id = self.case_of(step)
        task = self.task(step.about, case_id, step)
        by, given = self.actor(step.more.get("by"), task), self._values(step.more.get("values", {}), step)
        prefilled = tasks.view(self.house, task.id, by).values
        values = self._papers({**prefilled, **given}, case_id, by)
        tasks.complete(self.house, task.id, self._signed(values, values, "", task.id, by), by)

    def _on_task(self, step: Step, verb: Callable[[House, str, Actor], Task]) -> None:
        task = self.task(step.about, self.case_of(step), step)
        verb(self.house, task.id, self.actor(step.more.get("by"), task))

    def _assign(self, step: Step) -> None:
        task = self.task(step.about, self.case_of(step), step)
        by, reason = self.actor(step.more.get("by")), str(step.more.get("reason", ""))
        tasks.assign(self.house, task.id, str(step.more["to"]), reason, by)

    def _send(self, step: Step) -> None:
        case_id = self.case_of(step)
        invited = step.more.get("by") == INVITED
        by = self._invited(case_id, step) if invited else self.actor(step.more.get("by"))
        payload = self._papers(self._values(step.more.get("values", {})), case_id, by)
        messages.send(self.house, case_id, step.about, payload, by, step.more.get("key"))

    def _invited(self, case_id: str, step: Step) -> Actor:
        """Give who acts by the link to the instance that waits for a message."""
        with self.house.database.reader() as reader:
            waits = reader.waits(case_id, kind="message", name=step.about, key=step.more.get("key"))
        if not waits:
            raise StoryFailed(f"Expected {case_id} to wait for {step.about}, but it does not.")
        actor = invitations.actor_id(case_id, waits[0].instance)
        return Actor(actor, actor)

    def _advance(self, step: Step) -> None:
        to = value(step.about)
        if isinstance(to, str):
            to = self.house.clock.now() + self.feel(to)
        if step.more.get("asleep"):
            self.house.clock.set(to.astimezone(UTC))  # type: ignore[attr-defined]  # a story's clock can be moved
            return
        travel(self.house, self.house.clock, to)  # type: ignore[arg-type]  # as above

    def _fault(self, step: Step) -> None:
        handlers = self.house.handlers
        if not isinstance(handlers, Faults):
            raise StoryFailed(
                "Expected a house of stories, but this one is real: no fault can be planned in it."
            )
        handlers.plan(step.about["handler"], step.about["code"], int(step.about.get("times", 1)))

    def task(self, element: str, case_id: str, step: Step | None = None) -> Task:
        """Give the open task of an element in a case: of several the one whose variables the step's `of` holds for."""
        case = cases.view(self.house, case_id, system)
        found = [task for task in case.tasks if task.state == "open" and task.element == element]
        wanted = step.more.get("of") if step else None
        if step and wanted:
            found = [task for task in found if self._is_about(task, wanted, step)]
        if not found:
            there = ", ".join(t.element for t in case.tasks if t.state == "open") or "none"
            raise StoryFailed(
                f"Expected an open task {element} in {case_id} ({case.case.state}), but there is {there}."
            )
        return found[0]

    def _is_about(self, task: Task, wanted: str, step: Step) -> bool:
        seen = tasks.view(self.house, task.id, system).variables
        return self.feel(wanted, {**seen, "item": step.more.get("item")}) is True

    def case(self, case_id: str) -> Case:
        """Give a case as it is now."""
        return cases.view(self.house, case_id, system).case

    def _values(self, told: Any, step: Step | None = None) -> dict[str, Any]:
        """Give the values of a step: a table as it stands, or FEEL over the story's data."""
        known = {"item": step.more["item"]} if step and "item" in step.more else {}
        given = self.feel(told, known) if isinstance(told, str) else value(told)
        if not isinstance(given, dict):
            raise StoryFailed(f"Expected a table of values, but got {given!r}.")
        return given

    def _papers(self, given: Any, case_id: str, by: Actor) -> Any:
        """Put documents in the place of `file:` names; each is added to the case once."""
        if isinstance(given, dict):
            return {key: self._papers(item, case_id, by) for key, item in given.items()}
        if isinstance(given, list):
            return [self._papers(item, case_id, by) for item in given]
        if isinstance(given, str) and given.startswith(FILE):
            name = given.removeprefix(FILE)
            if (case_id, name) not in self._files:
                data = paper(self.story.files, name)
                self._files[case_id, name] = documents.add(self.house, case_id, name, data, by).id
            return self._files[case_id, name]
        return given

    def _signed(self, given: Any, whole: dict[str, Any], path: str, task_id: str, by: Actor) -> Any:
        """Put signatures in the place of `sign:` texts: `sign:CODE` of what the field expects, `sign:CODE@NAME` of another document."""
        if isinstance(given, dict):
            return {
                key: self._signed(item, whole, f"{path}.{key}".lstrip("."), task_id, by)
                for key, item in given.items()
            }
        if isinstance(given, list):
            return [self._signed(item, whole, f"{path}.{n}", task_id, by) for n, item in enumerate(given)]
        if not isinstance(given, str) or not given.startswith(SIGN):
            return given
        code, _, name = given.removeprefix(SIGN).partition("@")
        signed = simulator.sign(
            self.house, task_id, path, whole, by, code=code or None, document=name or None
        )
        return signed.id


def _require_refusal(step: Step, error: PraticaError) -> None:
    if error.code != step.more["refused"]:
        raise StoryFailed(f"{step}: Expected the refusal {step.more['refused']!r}, but it was {_told(error)}")
    places = list(error.errors) if isinstance(error, FormInvalid) else []
    for wanted in step.more.get("at", []):
        if not any(fnmatch(place, wanted) for place in places):
            raise StoryFailed(f"{step}: Expected the refusal at {wanted!r}, but it was at {places}.")


def _told(error: PraticaError) -> str:
    if isinstance(error, FormInvalid):
        return f"{error} " + "; ".join(f"{place}: {' '.join(said)}" for place, said in error.errors.items())
    return f"{error.code}: {error}"
