"""What a page would have said of each outcome is what the recorded histories say happened."""

import pytest

from app.definitions import forms
from app.definitions.outcomes import leads
from app.domain.events import JobOpened, TaskCompleted, TaskOpened, TokensMoved
from app.engine import runtime, state
from app.services import replay
from tests.replay.test_histories import load, recordings


def reached(applied):
    """Give what a completion led to at once: tasks, jobs and elements that were entered."""
    found = set()
    for event in applied.consequences:
        if isinstance(event, TaskOpened):
            found.add(("task", event.element))
        elif isinstance(event, JobOpened):
            found.add(("machine", event.element))
        elif isinstance(event, TokensMoved):
            found |= {
                (kind, name) for how, name in event.moves if how == "entered" for kind in ("end", "wait")
            }
    return found


def at_once(rests):
    """Give the rests up to and with the first machine: what comes behind it comes later."""
    for place, rest in enumerate(rests, 1):
        if rest.kind == "machine":
            return rests[:place]
    return rests


@pytest.mark.parametrize("path", recordings, ids=lambda p: p.name)
def test_what_was_told_is_what_happened(path, monkeypatch):
    shelf, cases, _ = load(path)
    apply, checked, silent = runtime.apply, [], []

    def watched(definition, before, event, at, numbers, case_id, **more):
        applied = apply(definition, before, event, at, numbers, case_id, **more)
        if isinstance(event, TaskCompleted):
            element = definition.elements[opened[case_id, event.task]]
            form = (
                forms.of_bundle(shelf.bundle(definition.bundle_hash), element.form) if element.form else None
            )
            seen = state.variables(definition, before, event.task)
            found = leads(definition, element.id, form, seen, at)
            fields = [f for f in forms.valued(form.fields) if f.options] if form else []
            chosen = {str(o.label) for f in fields for o in f.options if event.values.get(f.key) == o.value}
            chosen |= (
                {str(b.label) for b in form.buttons if b.outcome in event.values.values()} if form else set()
            )
            fitting = [lead for lead in found if not lead.label or str(lead.label) in chosen]
            (checked if fitting else silent).append(element.id)
            for lead in fitting:
                wanted = {(rest.kind, rest.element) for rest in at_once(lead.rests)}
                assert wanted <= reached(applied), (case_id, element.id, lead, reached(applied))
        return applied

    opened = {
        (case_id, entry.event.task): entry.event.element
        for case_id, entries in cases.items()
        for entry in entries
        if isinstance(entry.event, TaskOpened)
    }
    monkeypatch.setattr(replay.runtime, "apply", watched)
    for case_id, history in cases.items():
        assert replay._Replay(shelf, case_id).run(history) is None
    assert len(set(checked)) > len(set(silent))  # elements: a partnership answers one of them fifteen times
