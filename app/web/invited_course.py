"""What happened with an invitation that an account keeps: its own steps, and nothing else of the case."""

from datetime import datetime

from app.services.history import Moment
from app.services.invitations import Invited
from app.web.reading import Reading
from app.web.session import names

_of_task = frozenset({"TaskOpened", "TaskCompleted", "TaskCancelled"})
_of_account = frozenset({"InvitationTaken", "InvitationReleased"})


def steps(found: Invited) -> list[tuple[datetime, str]]:
    """Give when something happened and a sentence that says what, newest first."""
    reading, people = Reading(found.case.id), names()
    mine = {people.get(one, one) for one in (found.actor.account, found.actor.id)} | {found.actor.id}
    told = [moment for moment in reading.moments if _is_theirs(moment, found, mine)]
    return [(moment.recorded_at, reading.say(moment)) for moment in told][::-1]


def _is_theirs(moment: Moment, found: Invited, mine: set[str]) -> bool:
    """Tell whether a moment is of the invitation's task, of the account that keeps it, or a message that either sent."""
    number = found.task.instance
    if moment.type in _of_account:
        return (moment.body["instance"], moment.body["account"]) == (number, found.actor.account)
    sent = moment.type == "MessageReceived" and moment.actor in mine
    return moment.instance == number and (moment.type in _of_task or sent)
