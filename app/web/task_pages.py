"""The pages of one task: its form with the case beside it, and what is said when it is no longer open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.definitions import forms
from app.definitions.forms import Around, Field, Form, Section, companions
from app.domain.actors import Actor
from app.domain.errors import KeyReused, PraticaError
from app.services import cases, messages, people, tasks
from app.services.messages import Offered
from app.services.tasks import SavedDraft, TaskView
from app.web import answers, aside, called, formats, meanwhile, placed, refusals, submitted, ways_back
from app.web.boards import Act
from app.web.forms_view import Control, Drawing, identity
from app.web.inputs import Allowed
from app.web.languages import spoken
from app.web.problems import Problem, place
from app.web.session import groups, house, me, names
from app.web.submissions import Submission
from app.web.uploads import lost_words

Errors = Mapping[str, list[str]]


@dataclass(frozen=True)
class Step:
    """A section of a form as its list of steps shows it."""

    key: str
    label: str
    progress: forms.Progress
    current: bool


class Sheet:
    """A task's form with what was typed, ready to be drawn: as a whole, or one section of it."""

    def __init__(
        self, view: TaskView, form: Form, raw: Mapping[str, Any], submission: Submission | None = None
    ) -> None:
        self.view, self.form = view, form
        self.raw = raw
        added = submission.documents if submission else {}
        self.documents = {document.id: document for document in view.documents} | added
        now = house().clock.now()
        self.around = Around(view.variables, self.documents, now, spoken(), rulings=view.rulings)
        self.progress = forms.missing(form, self.raw, self.around) if form.sections else {}
        self.section = self._section(asked_section())

    def _section(self, wanted: str | None) -> Section | None:
        if not self.form.sections:
            return None
        found = self.form.section(wanted) if wanted is not None else None
        unfinished = (
            s for s in self.steps_of_form() if self.progress[s.key].missing or self.progress[s.key].wrong
        )
        return found or next(unfinished, self.form.sections[-1])

    def steps_of_form(self) -> list[Section]:
        """Give the sections that ask something of their own."""
        return [section for section in self.form.sections if section.key]

    @property
    def is_summary(self) -> bool:
        """Whether the section shown is the last one, which sums up the others."""
        return self.section is not None and self.section == self.form.sections[-1]

    def steps(self) -> list[Step]:
        """Give the list of steps."""
        return [
            Step(
                section.key,
                section.label.of(self.around.language),
                self.progress[section.key],
                section == self.section,
            )
            for section in self.form.sections
        ]

    def next_step(self) -> str:
        """Give the key of the section after the one shown."""
        keys = [section.key for section in self.form.sections]
        here = keys.index(self.section.key) if self.section else 0
        return keys[min(here + 1, len(keys) - 1)]

    def controls(self, errors: Errors) -> tuple[Control, ...]:
        """Draw the fields of the section shown, or of the whole form."""
        fields = self.section.fields if self.section else self.form.fields
        asked = (f for f in fields if not self._is_finding(f) and not self.form.is_pressed(f))
        return self._drawn(tuple(asked), errors)

    def findings(self) -> tuple[Control, ...]:
        """Draw the tables of decisions, and those that stand outside every section: findings, which are shown beside each of them."""
        return self._drawn(tuple(f for f in self.form.fields if self._is_finding(f)), {})

    def _is_finding(self, asked: Field) -> bool:
        loose = asked.type == "table" and asked in self.form.fields
        return loose and (bool(self.form.sections) or asked.decision in self.view.rulings)

    @cached_property
    def lens(self) -> forms.Lens:
        """Give the form as it looks with what is typed."""
        return forms.Lens(self.form, self.raw, self.around)

    @cached_property
    def offers(self) -> list[Offered]:
        """Give the messages that the person may send to the case now."""
        return messages.offered(house(), self.view.case.id, me())

    def unplaced(self, controls: tuple[Control, ...]) -> list[Act]:
        """Give the messages on offer that stand beside no row of the boards drawn; none where there is no board for them."""
        fields = self.section.fields if self.section else self.form.fields
        return placed.unplaced(controls, self.offers) if placed.has_board(fields) else []

    def _drawn(self, fields: tuple[Field, ...], errors: Errors) -> tuple[Control, ...]:
        settings, opened = house().settings, request.args.get("open", "")
        known = Allowed(settings.document_limit, settings.demo, lambda: self.offers)
        drawing = Drawing(self.lens, self.raw, errors, self.documents, self.around.language, known, opened)
        return drawing.controls(fields)

    def checked(self) -> Errors:
        """Give what is wrong with what was typed, without sending it: when an error was followed to its step."""
        return (
            forms.read(self.form, self.raw, self.around, demanded=True).errors
            if "check" in request.args
            else {}
        )

    def answers(self) -> list[tuple[Section, tuple[answers.Answer, ...]]]:
        """Give the answers of each section, to be read before sending."""
        language = self.around.language
        return [
            (s, answers.read(s.fields, self.raw, self.documents, language, self.lens))
            for s in self.steps_of_form()
        ]

    def problems(self, errors: Errors) -> list[Problem]:
        """Give the error summary: one line for each sentence, leading to its field or to its step."""
        return [
            Problem(place(path, self.form.fields, self.around.language), sentence, self._address(path))
            for path, sentences in errors.items()
            for sentence in sentences
        ]

    def _address(self, path: str) -> str:
        anchor = f"#{identity(path)}" if path else "#form"
        section = next((s for s in self.form.sections if _holds(s.fields, path)), None)
        if section is None or section == self.section:
            return anchor
        return f"{address(self.view, section=section.key, check=1)}{anchor}"


def asked_section() -> str | None:
    """Give the key of the section that was posted or asked for; of a post that was too large nothing is read."""
    posted = {} if g.get("unread") else request.form
    return posted.get("_section", request.args.get("section"))


def _holds(fields: tuple[Field, ...], path: str) -> bool:
    return any(path == asked.name or path.startswith(f"{asked.name}.") for asked in forms.valued(fields))


def address(view: TaskView, **extra: Any) -> str:
    """Give the address of a task's page."""
    return url_for("tasks.show", case_id=view.case.id, number=view.task.number, **extra)


def page(
    view: TaskView,
    errors: Errors | None = None,
    *,
    status: int = 200,
    again: bool = False,
    submission: Submission | None = None,
    saved: SavedDraft | None = None,
    unassigned: Mapping[str, str] | None = None,
) -> ResponseReturnValue:
    """Render a task that the person may complete, with what a `submission` typed over the draft that it `saved`.

    `unassigned` says at its field why the task was not given to a colleague.
    """
    sheet = Sheet(view, view.form, on_page(view, submission, saved), submission) if view.form else None
    found = errors or (sheet.checked() if sheet else {})
    html = render_template(
        "desk/task.html",
        view=view,
        sheet=sheet,
        controls=sheet.controls(found) if sheet else (),
        problems=sheet.problems(found) if sheet else [],
        key=token_urlsafe(),
        base=meanwhile.base(view, saved),
        others=meanwhile.others(view, saved),
        since=saved is None,
        again=again,
        candidates=_others(view),
        recalled=submitted.recalled(view),
        unassigned=unassigned or {},
        **beside(view),
    )
    return html, status


def on_page(view: TaskView, submission: Submission | None, saved: SavedDraft | None) -> Mapping[str, Any]:
    """Give what the fields show: the draft, and over it what was typed where somebody else saved another answer."""
    if submission is None or saved is None:
        return view.values
    return {**saved.merged.values, **{name: submission.raw[name] for name in saved.merged.clashes}}


def beside(view: TaskView) -> dict[str, Any]:
    """Give what stands beside a form: the case, its earlier steps, people's names."""
    case = cases.view(house(), view.case.id, me())
    done = [task for task in case.tasks if task.state == "completed" and task.number != view.task.number]
    earlier = sorted(done, key=lambda task: (task.ended_at or task.opened_at, task.number))
    now = house().clock.now()
    explained = due_sum(view) if view.task.due else []
    return {
        "file": case,
        "earlier": earlier[::-1][:8],
        "names": names(),
        "groups": groups(),
        "now": now,
        "explained": explained,
        **aside.beside(view, party=case.is_party),
    }


def due_sum(view: TaskView) -> list[tuple[str, str]]:
    """Give what a due date comes from: the dates, and the number of days, of the variable that holds it, in order.

    Of dates that are the same day the one that the manifest names first stands first.
    """
    said = called.words(view.case.id, view.task.instance)
    places = list(said)
    for held in view.variables.values():
        if not isinstance(held, Mapping) or view.task.due not in held.values():
            continue
        keys = sorted(held, key=lambda key: places.index(key) if key in places else len(places))
        dates: list[tuple[str, Any]] = [(key, held[key]) for key in keys if isinstance(held[key], date)]
        numbers: list[tuple[str, Any]] = [(key, held[key]) for key in keys if isinstance(held[key], Decimal)]
        dates.sort(key=lambda entry: _instant(entry[1]))
        ordered = [*dates[:1], *(numbers if len(numbers) == 1 else []), *dates[1:]]
        return [(said.get(key) or called.term(key), _exact(value)) for key, value in ordered]
    return []


def _instant(value: date) -> datetime:
    """Give a date as its first moment in Italy, so that dates and instants stand in one order."""
    return value if isinstance(value, datetime) else datetime.combine(value, time(), formats.rome)


def _exact(value: date | Decimal) -> str:
    return formats.instant(value) if isinstance(value, datetime) else answers.shown(value, spoken())


def _others(view: TaskView) -> list[Actor]:
    if "assign" not in view.may or view.task.group_kind != "office":
        return []
    known = {view.task.assignee, me().id}
    return [person for person in people.candidates(house(), view.task.id, me()) if person.id not in known]


def parts(view: TaskView, submission: Submission, *, whole: bool) -> dict[str, str]:
    """Render the findings as they stand with what was just typed, and with `whole` the fields and the list of steps too."""
    if view.form is None or not (whole or view.rulings):
        return {}
    sheet = Sheet(view, view.form, submission.raw, submission)
    found = {}
    if sheet.section or view.rulings:
        found["findings"] = render_template("forms/part.html", controls=sheet.findings())
    if whole:
        found["fields"] = render_template("forms/part.html", controls=sheet.controls(submission.errors))
    if whole and sheet.section:
        found["steps"] = render_template("desk/steps.html", sheet=sheet)
    return found


def codes(view: TaskView, path: str, by: str, typed: str) -> list[tuple[str, str]]:
    """Give the codes and titles of a field's value table that fit what is typed; `by` is what stands in the field that decides."""
    asked = companions.field_at(view.form.fields, path) if view.form else None
    if view.form is None or asked is None or asked.coded is None:
        return []
    table = view.form.tables.get(dict(asked.coded.names).get(by if asked.coded.by else "", ""))
    return table.search(typed[:80]) if table else []


def why(error: PraticaError) -> str:
    """Say why a task cannot be completed, with the name of who holds or completed it."""
    return refusals.reason(error)


def closed(
    view: TaskView,
    typed: Mapping[str, Any] | None = None,
    error: PraticaError | None = None,
    unassigned: Mapping[str, str] | None = None,
    lost: Sequence[str] = (),
) -> tuple[str, int]:
    """Say why a task cannot be completed now; what was typed is shown, and can be kept as a text file.

    What was `typed` comes from a post that is refused, or from the draft that a cancelled task left behind; `lost`
    are the names of the files that came with such a post and were not kept.
    """
    status = 200 if typed is None else 409
    if typed is None and view.draft_saved_at is not None:
        typed = view.values
    read, kept = unsent(view, typed)
    reason = error or view.why_not
    html = render_template(
        "desk/closed.html",
        view=view,
        why=why(reason) if reason else "",
        lost=lost_words(lost),
        typed=read,
        sent=None if read else submitted.of_task(view.task),
        kept=kept,
        candidates=_others(view),
        unassigned=unassigned or {},
        **beside(view),
    )
    return html, status


def unsent(view: TaskView, typed: Mapping[str, Any] | None) -> tuple[tuple[answers.Answer, ...], str]:
    """Give what was typed and not sent, to be read, and the address of it as a text file; nothing where nothing was typed."""
    if not typed or view.form is None:
        return (), ""
    documents = {document.id: document for document in view.documents}
    read = answers.read(view.form.fields, typed, documents, spoken())
    text = f"{view.case.id} · {called.task_name(view.task)}\n\n{answers.plain(read)}\n"
    return read, f"data:text/plain;charset=utf-8,{quote(text)}" if read else ""


def assign_again(view: TaskView, wrong: Mapping[str, str]) -> ResponseReturnValue:
    """Render the task with what is wrong with its assignment, at the fields."""
    if "complete" in view.may:
        return page(view, unassigned=wrong, status=422)
    html, _status = closed(view, unassigned=wrong)
    return html, 422


def ways(view: TaskView) -> list[tuple[str, str]]:
    """Give the ways to go on from a task that somebody else was faster at: the task, its case, the desk."""
    is_party = cases.view(house(), view.case.id, me()).is_party
    case = url_for("portal.proposal" if is_party else "cases.show", case_id=view.case.id)
    mine = (_("Portal"), url_for("portal.index")) if is_party else (_("Desk"), url_for("desk.index"))
    return [(_("Open the task"), address(view)), (_("Open the case"), case), mine]


def was_sent_before(view: TaskView, by: Actor, error: PraticaError) -> bool:
    """Tell whether the very same post went through before: a key belongs to one form and what was typed in it."""
    return isinstance(error, KeyReused) and view.task.completed_by == by.recorded_as


def after(view: TaskView) -> str:
    """Give the address to go on to when a task is done: the next task of the case that is mine to do, else the case."""
    case = cases.view(house(), view.case.id, me())
    for task in case.tasks:
        if task.state == "open" and task.opened_at >= (view.task.ended_at or task.opened_at):
            following = tasks.view(house(), task.id, me())
            if "complete" in following.may:
                return address(following)
    return url_for("portal.proposal" if case.is_party else "cases.show", case_id=view.case.id)


def back(view: TaskView, submission: Submission) -> str:
    """Give the address of the form after it was saved: the section that was asked for, the row that was added."""
    if submission.verb == "ask":
        section = request.form.get("_section")
        return ways_back.to_message(view.case.id, view.task.number, section, submission.target)
    if submission.verb == "go":
        return address(view, section=submission.target)
    here = {"section": request.form["_section"]} if "_section" in request.form else {}
    anchor = ""
    if submission.verb == "add":
        rows = (
            answers.listed(answers.at(submission.raw, submission.target))
            if "." not in submission.target
            else []
        )
        anchor = (
            f"#{identity(submission.target)}-{len(rows) - 1}" if rows else f"#{identity(submission.target)}"
        )
    elif submission.verb == "sign":
        anchor = f"#{identity(submission.target)}"
    elif submission.verb == "lookup":
        row = submission.target.rpartition(".")[0]
        here["open"], anchor = row, f"#{identity(row or submission.target)}"
    elif submission.verb == "remove":
        anchor = f"#{identity(submission.target.rpartition('.')[0])}"
    return address(view, **here) + anchor
