"""What completed tasks were answered with, as pages show it: read-only, in the words of the form that asked."""

from dataclasses import dataclass

from app.definitions.forms import Around, Recorded, Section
from app.definitions.texts import Text
from app.domain.actors import Actor
from app.domain.tasks import Task
from app.services import people, submitted
from app.services.submitted import Submitted
from app.services.tasks import TaskView
from app.web import answers
from app.web.answers import Answer
from app.web.languages import spoken
from app.web.session import groups, house, me


@dataclass(frozen=True)
class Sent:
    """A submission to be read: its task, and the answers of each section under the section's label."""

    task: Task
    sections: tuple[tuple[str, tuple[Answer, ...]], ...]


def of_task(task: Task, by: Actor | None = None) -> Sent | None:
    """Give what a completed task was answered with, to who acts or to `by`."""
    found = submitted.of_task(house(), task.id, by or me())
    return _sent(found) if found else None


def recalled(view: TaskView) -> list[Sent]:
    """Give the earlier submissions that a task's form recalls, in its order."""
    wanted = view.form.recalls if view.form else ()
    return [_sent(found) for found in submitted.last(house(), view.case.id, wanted, me())] if wanted else []


def _sent(found: Submitted) -> Sent:
    language = spoken()
    documents = {document.id: document for document in found.documents}
    around = Around({"house": {"groups": _everybody()}}, documents, house().clock.now(), language)
    lens = Recorded(found.form, found.values, around)
    sections = found.form.sections or (Section("", Text(), Text(), found.form.fields),)
    read = (
        (section.label.of(language), answers.read(section.fields, found.values, documents, language, lens))
        for section in sections
    )
    return Sent(found.task, tuple((label, lines) for label, lines in read if lines))


def _everybody() -> dict[str, list[dict[str, str]]]:
    """Give every person as a member of every group: who was chosen then has a name, whatever group they are in now."""
    options = [{"value": login, "label": name} for login, name in people.names(house()).items()]
    return dict.fromkeys(groups(), options)
