"""What completing a task leads to, for its page."""

from app.definitions import outcomes
from app.definitions.outcomes import Lead, Rest
from app.engine import definitions as engine_definitions
from app.engine import state as engine_state
from app.services.house import House
from app.services.tasks import TaskView
from app.services.use_case import query
from app.store.queries import Queries

__all__ = ["Lead", "Rest"]


@query
def of_task(house: House, reader: Queries, view: TaskView) -> tuple[Lead, ...]:
    """Give what the outcomes of an open task lead to, as far as that is certain; nothing for a task that has ended."""
    task = view.task
    if task.state != "open":
        return ()
    instance, state = reader.instance(task.case_id, task.instance)
    definition = engine_definitions.load(reader.bundle(instance.bundle))
    variables = engine_state.variables(definition, state, task.number)
    return outcomes.leads(definition, task.element, view.form, variables, house.clock.now())
