"""What a story expects of a case: tasks, state, ends, documents, and FEEL that must be true."""

from collections.abc import Callable, Mapping
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

from app.domain.actors import system
from app.domain.errors import StoryFailed
from app.engine import definitions as engine_definitions
from app.engine import state as engine_state
from app.services import cases, publications

if TYPE_CHECKING:
    from app.testing.steps import Stage


def check(stage: "Stage", wanted: Mapping[str, Any], case_id: str) -> None:
    """Compare a case with what is expected of it; StoryFailed says what was expected and what there was."""
    looks: Mapping[str, Callable[[Stage, str, Any], tuple[Any, Any]]] = {
        "tasks": _tasks,
        "state": _state,
        "ends": _ends,
        "documents": _documents,
        "incidents": _incidents,
        "published": _published,
        "ledger": _ledger,
        "that": _that,
    }
    for name, told in wanted.items():
        if name not in looks:
            raise StoryFailed(f"Expected one of {', '.join(looks)}, but the story expects {name!r}.")
        expected, found = looks[name](stage, case_id, told)
        if expected != found:
            raise StoryFailed(f"Expected {name} {expected!r} in {case_id}, but there is {found!r}.")


def _tasks(stage: "Stage", case_id: str, told: Any) -> tuple[Any, Any]:
    view = cases.view(stage.house, case_id, system)
    return sorted(told), sorted(task.element for task in view.tasks if task.state == "open")


def _state(stage: "Stage", case_id: str, told: Any) -> tuple[Any, Any]:
    return told, stage.case(case_id).state


def _ends(stage: "Stage", case_id: str, told: Any) -> tuple[Any, Any]:
    instances = cases.view(stage.house, case_id, system).instances
    return told, list(dict.fromkeys(end for instance in instances for end in instance.ends))


def _documents(stage: "Stage", case_id: str, told: Any) -> tuple[Any, Any]:
    names = [d.name for d in cases.view(stage.house, case_id, system).documents]
    return [], [wanted for wanted in told if not any(fnmatch(name, wanted) for name in names)]


def _incidents(stage: "Stage", case_id: str, told: Any) -> tuple[Any, Any]:
    found = cases.view(stage.house, case_id, system).incidents
    return told, len([incident for incident in found if incident.state == "open"])


def _published(stage: "Stage", _case_id: str, told: Any) -> tuple[Any, Any]:
    return told, {name: len(publications.versions(stage.house, name)) for name in told}


def _ledger(stage: "Stage", _case_id: str, told: Any) -> tuple[Any, Any]:
    return told, {name: len(list((stage.house.ledger / name).glob("*.json"))) for name in told}


def _that(stage: "Stage", case_id: str, told: Any) -> tuple[Any, Any]:
    known = variables(stage, case_id)
    return [], [expression for expression in told if stage.feel(expression, known) is not True]


def variables(stage: "Stage", case_id: str) -> dict[str, Any]:
    """Give what FEEL may ask of a case: `record`, and the variables of its instances, later ones first."""
    with stage.house.database.reader() as reader:
        known: dict[str, Any] = {}
        for instance in reader.instances_of(case_id):
            state = reader.instance(case_id, instance.number)[1]
            known |= engine_state.variables(engine_definitions.load(reader.bundle(instance.bundle)), state)
        return {**known, "record": reader.case(case_id).record}
