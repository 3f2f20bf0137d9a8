"""What a page sends while somebody is still at it: the fields typed so far, and each file as it is chosen."""

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from app.domain.actors import Actor
from app.domain.errors import TaskNotOpen, TaskTaken
from app.services import tasks
from app.services.tasks import TaskView
from app.web import formats, meanwhile, submissions, task_pages, uploads
from app.web.session import house


def keep(view: TaskView, by: Actor) -> ResponseReturnValue:
    """Keep what was typed so far, and send the parts of the form as they stand now."""
    submission = submissions.receive(house(), view, by)
    try:
        saved = tasks.save_draft(house(), view.task.id, submission.raw, by, submission.loaded)
    except (TaskNotOpen, TaskTaken) as error:
        return jsonify(
            why=" ".join([task_pages.why(error), uploads.lost_words(submission.lost)]).strip()
        ), 409
    parts = task_pages.parts(view, submission, whole="_fields" in request.form)
    if submission.loaded:
        parts |= {"base": meanwhile.base_after(view, saved, submission.loaded)}
    return jsonify(
        saved=f"{formats.local(saved.at):%H:%M:%S}", meanwhile=meanwhile.told(view, saved), **parts
    )


def store(view: TaskView, by: Actor) -> ResponseReturnValue:
    """Store a file that was just chosen, apart from what is typed beside it."""
    taken = uploads.take(house(), view, by)
    if taken.errors:
        why = [sentence for sentences in taken.errors.values() for sentence in sentences]
        return jsonify(why=" ".join(why)), 409 if taken.lost else 422
    return jsonify(documents=[document.id for kept in taken.documents.values() for document in kept])
