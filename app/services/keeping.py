"""Invitations under an account: taken by who holds the link, kept when the same one is invited anew, let go (ADR 0019).

An account that keeps an invitation acts as the invited, with what the link gives and nothing else; the history names the
account. Whether it may is asked anew each time: it must belong to no office and have no role in the case.
"""

from dataclasses import dataclass
from typing import Any

from app.domain.actors import Actor
from app.domain.cases import Instance, Taken
from app.domain.errors import NotAllowed, NotFound
from app.domain.events import InvitationReleased, InvitationTaken, TokensMoved
from app.services import invitations
from app.services.house import House
from app.services.invitations import Asked, CaseRead, Invited
from app.services.use_case import query, use_case
from app.store.queries import Queries
from app.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Kept:
    """An invitation that an account keeps: what it leads to, and the instance at which it was taken."""

    invited: Invited
    instance: int
    taken: Taken


@dataclass(frozen=True)
class Standing:
    """How the invitation of a link stands to somebody: `free` to be taken, kept as `mine` or as `other`, or `none` of theirs."""

    how: str
    why: NotAllowed | None = None


@use_case
def take(house: House, uow: UnitOfWork, case_id: str, instance: int, given: str, by: Actor) -> None:
    """Keep the invitation of a link under an account; taking it twice changes nothing.

    NotFound for a link that was never given out. NotAllowed for people of the office, parties of the case, an invitation
    that another account keeps, and one that is over.
    """
    if not invitations.genuine(house, case_id, instance, given):
        raise NotFound("Expected a link that was sent to somebody, but this one was not.")
    case = uow.lock_case(case_id)
    how = _standing(uow, case_id, instance, by)
    if how.why is not None:
        raise how.why
    if how.how == "free":
        uow.record(case, None, [InvitationTaken(instance, by.id)], actor=by.id)


@use_case
def release(house: House, uow: UnitOfWork, case_id: str, instance: int, by: Actor) -> None:
    """Let go of an invitation, and of those that followed from where it was taken; NotFound for who does not keep it."""
    case = uow.lock_case(case_id) if uow.taken_in(case_id) else None
    held = holders(uow, case_id).get(instance) if case else None
    if case is None or held is None or held.account != by.id:
        raise _not_kept(by)
    uow.record(case, None, [InvitationReleased(held.instance, by.id)], actor=by.id)


@query
def find(
    house: House, reader: Queries, case_id: str, instance: int, by: Actor, language: str = "it"
) -> Invited:
    """Give what an invitation leads to, to the account that keeps it; NotFound for everybody else."""
    held = holders(reader, case_id).get(instance)
    if held is None or held.account != by.id or _unfit(reader, case_id, by):
        raise _not_kept(by)
    return invitations.invited(CaseRead(reader, case_id), [instance], language, by.id)[instance]


@query
def standing(house: House, reader: Queries, case_id: str, instance: int, by: Actor | None) -> Standing:
    """Tell how a genuine link's invitation stands to who opens it, whom nobody need know (None)."""
    return _standing(reader, case_id, instance, by)


@query
def mine(house: House, reader: Queries, by: Actor) -> list[list[Kept]]:
    """Give the invitations that an account keeps: those that followed from one another together, the newest first."""
    found: list[list[Kept]] = []
    for case_id in reader.cases_taken_by(by.id):
        if _unfit(reader, case_id, by):
            continue
        read, chains = CaseRead(reader, case_id), dict[int, list[Kept]]()
        held = {number: taken for number, taken in _holders(read).items() if taken.account == by.id}
        for number, one in invitations.invited(read, sorted(held, reverse=True), by.language, by.id).items():
            chains.setdefault(held[number].instance, []).append(Kept(one, number, held[number]))
        found.extend(chains.values())
    return found


def holders(reader: Queries, case_id: str) -> dict[int, Taken]:
    """Give what was taken of a case, by each instance that invites the same one since."""
    return _holders(CaseRead(reader, case_id))


def _holders(read: CaseRead) -> dict[int, Taken]:
    taken = {one.instance: one for one in read.reader.taken_in(read.case_id)}
    found: dict[int, Taken] = {}
    if not taken:
        return found
    followed = _followed(read)
    parted = _parted(read, [before for _, before in followed if before])
    for number, before in followed:
        if number in taken:
            found[number] = taken[number]
        elif before and before.instance.number in found and before.instance.number not in parted:
            found[number] = found[before.instance.number]
    return found


def _followed(read: CaseRead) -> list[tuple[int, Asked | None]]:
    """Give the instances that invited somebody, each with the one before it that invited the same."""
    asked = invitations.asked(read)
    paths = [one.lane.same if one.lane else () for one in asked]
    values = [
        [invitations.at(one.variables, path) for path in own] for one, own in zip(asked, paths, strict=True)
    ]
    found, last = [], dict[Any, Asked]()
    for one, own in zip(asked, read.reader.unseal(values), strict=True):  # all at once: one statement
        same = _identity(one.instance, own)
        found.append((one.instance.number, last.get(same)))
        last[same] = one
    return found


def _identity(instance: Instance, values: list[Any]) -> Any:
    if not values or any(not isinstance(value, str) or not value for value in values):
        return instance.number  # it is like no other
    return (instance.process, *(value.strip().casefold() for value in values))


def _parted(read: CaseRead, asked: list[Asked]) -> set[int]:
    """Give the instances, of these, that reached what ends an invitation for good."""
    until = {one.instance.number: one.lane.until for one in asked if one.lane and one.lane.until}
    passed = read.reader.history_of(read.case_id, list(until), ("TokensMoved",)) if until else []
    return {
        entry.instance
        for entry in passed
        if entry.instance is not None
        and isinstance(entry.event, TokensMoved)
        and any(element in until[entry.instance] for _, element in entry.event.moves)
    }


def _standing(reader: Queries, case_id: str, instance: int, by: Actor | None) -> Standing:
    unfit = _unfit(reader, case_id, by) if by else None
    if unfit:
        return Standing("none", unfit)
    held = holders(reader, case_id).get(instance)
    if held is not None and by and held.account == by.id:
        return Standing("mine")
    if held is not None:
        told = f"Expected an invitation that nobody keeps, but {held.account} does."
        return Standing("other", NotAllowed(told, reason="invitation_held", since=held.taken_at))
    if reader.instance(case_id, instance)[0].state in ("completed", "cancelled"):
        told = f"Expected an invitation that still holds, but instance {instance} of {case_id} is over."
        return Standing("none", NotAllowed(told, reason="invitation_over"))
    return Standing("free")


def _unfit(reader: Queries, case_id: str, by: Actor) -> NotAllowed | None:
    """Give why an account may keep no invitation to this case, if it may not."""
    if by.groups or by.capabilities:
        told = f"Expected somebody outside the office, but {by.name} belongs to it."
        return NotAllowed(told, reason="invitation_office")
    if reader.roles(case_id, by.id):
        told = f"Expected somebody without a role in {case_id}, but {by.name} has one."
        return NotAllowed(told, reason="invitation_party")
    return None


def _not_kept(by: Actor) -> NotFound:
    return NotFound(f"Expected an invitation that {by.name} keeps, but there is none.")
