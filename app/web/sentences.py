"""What an event of the history says to people: one sentence for each type."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.domain.actors import system
from app.services.history import Moment
from app.web import formats

sentences: dict[str, Any] = {
    "CaseOpened": _l("%(actor)s opened the case."),
    "PartyAdded": _l("%(party)s took the role of %(role)s."),
    "PartyRemoved": _l("%(actor)s took the role of %(role)s from %(party)s."),
    "AccessRefused": _l("%(party)s, who has no role here any more, asked for the case and did not get it."),
    "InvitationTaken": _l("%(account)s took the invitation no. %(instance)s under their account."),
    "InvitationReleased": _l("%(account)s let go of the invitation no. %(instance)s."),
    "DocumentAdded": _l("%(actor)s added the document “%(name)s”."),
    "TaskClaimed": _l("%(actor)s claimed the task “%(element)s”."),
    "TaskReleased": _l("%(actor)s gave the task “%(element)s” back to its group."),
    "TaskAssigned": _l("%(actor)s gave the task “%(element)s” to %(assignee)s: %(reason)s"),
    "SignatureVerified": _l(
        "The signature of %(signer)s on “%(name)s” was verified (certificate by %(issuer)s)."
    ),
    "InstanceStarted": _l("The process “%(process)s” began."),
    "TaskCompleted": _l("%(actor)s completed “%(element)s”."),
    "JobCompleted": _l("The machine did “%(element)s”."),
    "JobFailed": _l("The machine could not do “%(element)s”: %(message)s"),
    "TimerFired": _l("The time set for “%(element)s” had come."),
    "MessageReceived": _l("The message “%(name)s” arrived."),
    "SignalReceived": _l("The signal “%(name)s” arrived."),
    "IncidentResolved": _l("%(actor)s let the case go on: %(reason)s"),
    "InstanceHeld": _l("The house stopped the process, which went on and on without waiting for anything."),
    "InstanceCancelled": _l("%(actor)s ended the process: %(reason)s"),
    "TokensMoved": _l("The case moved on over the diagram."),
    "VariablesSet": _l("Data were set: %(keys)s."),
    "TaskOpened": _l("The task “%(element)s” opened for %(lane)s."),
    "TaskCancelled": _l("The task “%(element)s” is no longer needed."),
    "JobOpened": _l("The machine was asked to do “%(element)s” (%(handler)s)."),
    "JobCancelled": _l("The machine's work “%(element)s” is no longer needed."),
    "TimerSet": _l("“%(element)s” was set for %(due)s."),
    "TimerCancelled": _l("The time set for “%(element)s” no longer counts."),
    "WaitOpened": _l("“%(element)s” waits for “%(name)s”."),
    "WaitClosed": _l("“%(element)s” waits no more."),
    "MessageThrown": _l("The message “%(name)s” was sent."),
    "SignalThrown": _l("The signal “%(name)s” was sent."),
    "DecisionEvaluated": _l("The decision “%(decision)s” was taken by its table."),
    "ExpressionWarned": _l("An expression of “%(element)s” gave no value: %(warnings)s"),
    "IncidentOpened": _l("The case stopped at “%(element)s”: %(message)s"),
    "IncidentClosed": _l("“%(element)s” no longer holds the case up."),
    "InstanceCompleted": _l("The process came to its end."),
    "CaseStateChanged": _l("The case is now “%(state)s”."),
}
by_people: dict[str, Any] = {
    "InstanceStarted": _l("%(actor)s began the process “%(process)s”."),
    "MessageReceived": _l("%(actor)s sent the message “%(name)s”."),
}
"""What is said instead where a person did it, and not the house for them."""
simulated = _l("The simulated signature of %(signer)s on “%(name)s” was verified: it has no legal value.")
awaited = frozenset({"WaitOpened", "MessageReceived", "MessageThrown", "SignalReceived", "SignalThrown"})
named = frozenset({"process", "decision", "role", "lane", "state"})


class _Words(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def sentence(moment: Moment, names: Mapping[str, str], people: Mapping[str, str]) -> str:
    """Say what happened; `names` gives what the content calls a thing by its id, `people` names by log-in name."""
    words = _Words({key: _word(value) for key, value in moment.body.items()})
    words.update(
        actor=people.get(moment.actor, moment.actor), element=names.get(moment.element) or moment.element
    )
    for thing in named & words.keys():
        words[thing] = names.get(words[thing], words[thing])
    for person in ("party", "assignee", "account"):
        if person in words:
            words[person] = people.get(words[person], words[person])
    words["keys"] = ", ".join(names.get(k) or k.replace("_", " ") for k in _keys(moment.body.get("values")))
    if moment.type in awaited and "name" in words:
        words["name"] = names.get(words["name"]) or words["name"].replace("_", " ")
    template = sentences.get(moment.type)
    if moment.type == "SignatureVerified" and moment.body.get("simulated") is True:
        template = simulated
    if moment.actor != system.id:
        template = by_people.get(moment.type, template)
    return _begun_with_a_capital(str(template) % words) if template is not None else moment.type


def _begun_with_a_capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _keys(values: object) -> list[str]:
    return [str(key) for key in values] if isinstance(values, Mapping) else []


def _word(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return "; ".join(map(str, value))
    if hasattr(value, "astimezone"):
        return formats.moment(value)  # type: ignore[arg-type]  # whatever has astimezone is a datetime
    return str(value)
