"""The page of a case: overview, tasks, parties, record, documents, messages, decisions, history, diagram."""

from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import lazy_gettext as _l

from app.definitions.texts import LANGUAGES
from app.domain.bundles import Bundle
from app.services import cases, history
from app.web import diagrams, player, records, threads
from app.web.languages import spoken
from app.web.reading import Reading
from app.web.session import groups, house, login_required, me, names

blueprint = Blueprint("cases", __name__, url_prefix="/cases")
MOST = 2**31 - 1
"""The largest number that an instance can have: the store counts them in four bytes."""

sections: dict[str, Any] = {
    "overview": _l("Overview"),
    "tasks": _l("Tasks"),
    "parties": _l("Parties"),
    "record": _l("Record"),
    "documents": _l("Documents"),
    "messages": _l("Messages"),
    "decisions": _l("Decisions"),
    "history": _l("History"),
    "diagram": _l("Diagram"),
}


@blueprint.get("")
@login_required
def index() -> str:
    """Find cases by number or title; without words, those opened last."""
    words = request.args.get("q", "").strip()[:200]
    return render_template("cases/index.html", words=words, found=cases.find(house(), words, me()))


@blueprint.get("/<case_id>")
@login_required
def show(case_id: str) -> str:
    """Show where a case stands."""
    view, reading = cases.view(house(), case_id, me()), Reading(case_id)
    waiting = [task for task in view.tasks if task.state == "open"]
    last = reading.steps()[-3:]
    words = groups() | reading.names(None)
    return _page("overview", view=view, waiting=waiting, last=last, names=reading.people, words=words)


@blueprint.get("/<case_id>/<any(tasks, parties, record, documents):section>")
@login_required
def section(case_id: str, section: str) -> str:
    """Show one side of a case."""
    view, reading = cases.view(house(), case_id, me()), Reading(case_id)
    shown = [fact for fact in reading.facts(view.case.record) if fact.applicant or not view.is_party]
    record = records.as_table(shown)
    return _page(
        section, view=view, names=reading.people, words=groups() | reading.names(None), record=record
    )


@blueprint.get("/<case_id>/messages")
@login_required
def talks(case_id: str) -> str:
    """Show what was asked and answered in a case."""
    view, held = cases.view(house(), case_id, me()), threads.of_case(case_id, names())
    return _page("messages", view=view, groups_of_talks=held)


@blueprint.get("/<case_id>/decisions")
@login_required
def decisions(case_id: str) -> str:
    """Show the decisions with the rows of their tables that hit."""
    return _page("decisions", view=cases.view(house(), case_id, me()), taken=Reading(case_id).decisions())


@blueprint.get("/<case_id>/history")
@login_required
def timeline(case_id: str) -> str:
    """Show all that happened, in order."""
    return _page("history", view=cases.view(house(), case_id, me()), steps=Reading(case_id).steps())


@blueprint.get("/<case_id>/diagram")
@login_required
def diagram(case_id: str) -> str:
    """Show an instance on its diagram after each of its steps."""
    view, reading = cases.view(house(), case_id, me()), Reading(case_id)
    instance = _bounded(request.args.get("instance", default=reading.first or 1, type=int))
    bundle = reading.bundle(instance)
    file = _file(bundle)
    shown = player.steps(reading, instance, history.tokens(house(), case_id, instance, me()))
    place = player.place_of(shown, request.args.get("seq", type=int))
    address = url_for("cases.diagram_file", case_id=case_id, instance=instance, file=file, language=spoken())
    return _page(
        "diagram",
        view=view,
        instance=instance,
        titles={
            one.number: reading.names(one.number).get(one.process, one.process) for one in view.instances
        },
        files=diagrams.files(bundle),
        called={
            name: reading.names(instance).get(name.removesuffix(".bpmn"), name)
            for name in diagrams.files(bundle)
        },
        file=file,
        place=place,
        frames=shown,
        player=player.settings(shown, place, instance, address),
        picture=player.picture(bundle, file, shown, place),
    )


@blueprint.get("/<case_id>/instances/<int:instance>/diagram.bpmn")
@login_required
def diagram_file(case_id: str, instance: int) -> Response:
    """Send the BPMN of an instance as it was deployed; to be drawn in a language, with the names in that language."""
    bundle = history.diagram(house(), case_id, _bounded(instance), me())
    file, language = _file(bundle), request.args.get("language")
    body = diagrams.spoken_file(bundle, file, language) if language in LANGUAGES else bundle.files[file]
    return Response(body, content_type="application/xml")


def _page(name: str, **values: Any) -> str:
    return render_template(f"cases/{name}.html", section=name, sections=sections, **values)


def _bounded(instance: int) -> int:
    return instance if 0 < instance <= MOST else abort(404)


def _file(bundle: Bundle) -> str:
    known = diagrams.files(bundle)
    wanted = request.args.get("file", known[0])
    return wanted if wanted in known else abort(404)
