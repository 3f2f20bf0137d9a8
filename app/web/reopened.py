"""Why a task that was just completed is open again: the question of the gateway before it, and the answer that led back."""

from app.domain.tasks import Task
from app.services import history
from app.web import diagrams
from app.web.languages import spoken
from app.web.session import house, me


def why(task: Task, after: int) -> str:
    """Say in the diagram's words which way led back to a task's element since the event `after` of its case.

    Empty where the element has no new task, or where the flow that led to it has no name.
    """
    taken = history.led_back(house(), task, after, me())
    if not taken:
        return ""
    bundle = history.diagram(house(), task.case_id, task.instance, me())
    drawn = diagrams.flows(bundle)
    last = next((flow for flow in reversed(taken) if drawn.get(flow, ("", ""))[1] == task.element), "")
    said = diagrams.words(bundle, spoken(), applicant=True)
    if not last or last not in said:
        return ""
    return " ".join(filter(None, (said.get(drawn[last][0], ""), said[last])))
