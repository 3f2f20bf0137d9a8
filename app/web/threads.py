"""Threads of a case as pages show them: what was asked, what was answered, and whose turn it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from app.definitions.manifest import manifest_of
from app.services import threads
from app.services.cases import CaseView
from app.services.threads import Entry, Talk
from app.web import answers, called
from app.web.answers import Answer
from app.web.languages import spoken
from app.web.session import house, me


@dataclass(frozen=True)
class Line:
    """An entry: who wrote it and when, and what it says."""

    who: str
    at: datetime
    office: bool
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Conversation:
    """A question with what came of it: `tone` is that of the state's badge, `due` by when somebody is to act."""

    number: int
    title: str
    state: str
    tone: str
    icon: str
    due: datetime | None
    lines: list[Line]


@dataclass(frozen=True)
class Group:
    """The conversations of one process, under the title of its thread."""

    title: str
    talks: list[Conversation]


def of_case(case_id: str, names: Mapping[str, str]) -> list[Group]:
    """Give the conversations of a case, newest first."""
    groups: dict[str, list[Conversation]] = {}
    for talk in threads.of_case(house(), case_id, me()):
        title = talk.title.of(spoken()) or _("Messages")
        groups.setdefault(title, []).append(_conversation(talk, names))
    return [Group(title, talks) for title, talks in groups.items()]


def answered(view: CaseView) -> int:
    """Count the questions of a case that the office has answered."""
    held = called.bundles([view.case.id])
    ended = ((one.ends, held.get((view.case.id, one.number))) for one in view.instances if one.ends)
    return sum(
        1
        for ends, bundle in ended
        if bundle and not set(manifest_of(bundle).thread.answered).isdisjoint(ends)
    )


def _conversation(talk: Talk, names: Mapping[str, str]) -> Conversation:
    lines = [_line(entry, talk, names) for entry in talk.entries]
    number, title = talk.instance.number, ""
    if lines and lines[0].answers and not lines[0].answers[0].files:
        first = lines[0]
        title = first.answers[0].text
        lines[0] = Line(first.who, first.at, first.office, first.answers[1:])
    state, tone, icon = _state(talk)
    return Conversation(number, title, state, tone, icon, talk.by, lines)


def _line(entry: Entry, talk: Talk, names: Mapping[str, str]) -> Line:
    read = answers.read(entry.fields, entry.values, talk.documents, spoken())
    said = tuple(one for one in read if one.text or one.files or one.rows)
    return Line(names.get(entry.by, entry.by), entry.at, entry.office, said)


def _state(talk: Talk) -> tuple[str, str, str]:
    """Give the state of a conversation in words, with the tone and the icon of its badge."""
    if talk.answered:
        return _("answered"), "success", "check"
    if talk.waiting and all(task.group_kind == "office" for task in talk.waiting):
        return _("waiting for the office"), "info", "clock"
    if talk.waiting:
        return _("waiting for the applicant"), "warning", "pencil"
    if talk.instance.state in {"running", "incident"} or not talk.instance.ends:
        return _("under way"), "info", "clock"
    said = called.words(talk.instance.case_id, talk.instance.number)
    return said.get(talk.instance.ends[-1], _("closed")), "neutral", "info-circle"
