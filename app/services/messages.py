"""Messages that a person or an outside system sends to a case: to an instance that waits, or to start another one."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.definitions import expressions, forms
from app.definitions.forms import literals
from app.definitions.manifest import manifest_of
from app.definitions.offers import Offer
from app.definitions.texts import Text
from app.domain.actors import Actor
from app.domain.bundles import Bundle
from app.domain.cases import Case, Document
from app.domain.definitions import DefinitionRow
from app.domain.errors import FormTooCostly, NotAllowed, NotFound
from app.domain.events import MessageReceived
from app.domain.jobs import Wait
from app.engine import definitions as engine_definitions
from app.engine import state as engine_state
from app.services import documents, invitations, media
from app.services.course import Course
from app.services.documents import Wanted
from app.services.house import House
from app.services.tasks import with_house
from app.services.use_case import query, use_case
from app.store.queries import Queries
from app.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Offered:
    """A message that the actor may send now: its name, its label, and what sending it leads to.

    `key` is the correlation key of the wait that it meets, the case's number where the diagram names none; `about` says
    which of several waits that is, `note` what is to be known beside it, and `later`, if not empty, why it cannot be sent yet.
    """

    name: str
    label: str
    explained: str
    key: str = ""
    about: str = ""
    note: str = ""
    later: str = ""


@dataclass(frozen=True)
class MessageView:
    """A message as its page shows it: what it asks, what the fields hold already, and what the form's FEEL sees."""

    case: Case
    offered: Offered
    form: forms.Form | None
    values: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)


@dataclass(frozen=True)
class _Chance:
    """A message that somebody may send now: to a `wait`, or to start an instance of the definition `row`."""

    offer: Offer
    bundle: Bundle
    key: str
    wait: Wait | None = None
    row: DefinitionRow | None = None


@query
def offered(house: House, reader: Queries, case_id: str, by: Actor) -> list[Offered]:
    """Give what the actor may send to a case now: what the manifests offer and an instance waits for or begins with."""
    case, roles = _seen_case(reader, case_id, by), reader.roles(case_id, by.id)
    found = [one for one in _chances(reader, case) if _may(one, by, roles)]
    asked = any(one.wait is not None and one.offer.looks for one in found)
    snapshots = reader.snapshots(case_id) if asked else {}
    seen = reader.unseal([_sealed_variables(one, snapshots) for one in found])  # all at once: one statement
    now = house.clock.now()  # once: the house's clock is a row
    return [_offered(one, by, each, now) for one, each in zip(found, seen, strict=True)]


@query
def view(house: House, reader: Queries, case_id: str, name: str, key: str | None, by: Actor) -> MessageView:
    """Show a message that the actor may send now, with its form; NotFound, or NotAllowed with the reason, otherwise."""
    case = _seen_case(reader, case_id, by)
    chance = _chance(reader, case, name, key, by)
    snapshots = reader.snapshots(case_id) if chance.wait else {}
    seen, form = reader.unseal(_sealed_variables(chance, snapshots)), _form(chance)
    now = house.clock.now()
    _require_now(chance, seen, now, by.language)
    told, variables = _offered(chance, by, seen, now), with_house(reader, seen, form)
    values = forms.prefill(form, {}, now) if form else {}
    return MessageView(case, told, form, values, variables, reader.documents_of(case_id))


@query
def asked(house: House, reader: Queries, case_id: str, name: str, by: Actor) -> forms.Form | None:
    """Give the form of a message that may not be awaited any more, to those to whom it was offered."""
    case, roles = _seen_case(reader, case_id, by), reader.roles(case_id, by.id)
    held = [reader.bundle(instance.bundle) for instance in reversed(reader.instances_of(case_id))]
    for bundle in (*held, *(chance.bundle for chance in _starting(reader, case))):
        offer = manifest_of(bundle).messages.get(name)
        if offer and offer.form and _may(_Chance(offer, bundle, case_id), by, roles):
            return forms.of_bundle(bundle, offer.form)
    return None


@query
def was_sent(house: House, reader: Queries, case_id: str, request: str) -> bool:
    """Tell whether a message was sent to a case under an idempotency key."""
    answered = reader.answered(request)
    return answered is not None and answered[1] == case_id


@use_case
def send(
    house: House,
    uow: UnitOfWork,
    case_id: str,
    name: str,
    payload: dict[str, Any],
    by: Actor,
    key: str | None = None,
    *,
    request: str | None = None,
    language: str = "it",
) -> bool:
    """Send a message to a case; False when nobody waited and it is kept until someone does.

    `key` is the correlation key, the case's number by default; `request` an idempotency key. A person may send what is
    offered to them, and what they send must fit the form that it asks: NotFound for who may not see the case, NotAllowed,
    FormInvalid or KeyReused otherwise. The system may send anything.
    """
    if not by.is_system:
        _seen_case(uow, case_id, by)
    case = uow.lock_case(case_id)
    if not by.is_system:
        answered = uow.key(request, _fingerprint(case_id, name, key, payload, by))
        if answered is None:
            course = Course(house, uow, case, by.recorded_as)
            _send_offered(course, _chance(uow, case, name, key, by), payload, language)
            uow.answer(request, case_id)
        return True
    wanted = key or case_id
    wait = next(iter(uow.waits(case_id, kind="message", name=name, key=wanted)), None)
    if wait is None:
        uow.keep_message(name, wanted, payload, f"actor:{by.id}")
        return False
    _deliver(Course(house, uow, case, by.id), wait, payload)
    return True


def attach(
    house: House, case_id: str, name: str, key: str | None, file: tuple[str, bytes], by: Actor, wanted: Wanted
) -> Document:
    """Add an upload (name, bytes) to the case of a message that the actor may send now; a file that the case has is not added again.

    DocumentRefused if it is not what the field wants; NotAllowed if the message is not offered to the actor.
    """
    view(house, case_id, name, key, by)
    limit = min(house.settings.document_limit, wanted.most or house.settings.document_limit)
    return _attach(
        house, case_id, (name, key), file, documents.looked_into(house, *file, limit, wanted.accept), by
    )


@use_case
def _attach(
    house: House,
    uow: UnitOfWork,
    case_id: str,
    called: tuple[str, str | None],
    file: tuple[str, bytes],
    media_type: str,
    by: Actor,
) -> Document:
    case, (name, key) = uow.lock_case(case_id), called
    _chance(uow, case, name, key, by)
    known = documents.known_in(uow, case_id, *file, by)
    return known or uow.add_document(case_id, media.safe_name(file[0]), media_type, file[1], by.id)


def _seen_case(reader: Queries, case_id: str, by: Actor) -> Case:
    if not reader.may_see(by, case_id):
        raise NotFound(f"Expected a case {case_id} that {by.name} may see, but there is none.")
    return reader.case(case_id)


def _chances(reader: Queries, case: Case) -> list[_Chance]:
    """Give the messages that can be sent to a case as it stands, each wait's own key once, whoever may send them."""
    found: dict[tuple[str, str], _Chance] = {}
    for one in (*_awaited(reader, case), *_starting(reader, case)):
        if not one.offer.states or case.state in one.offer.states:
            found.setdefault((one.offer.name, one.key), one)
    return list(found.values())


def _awaited(reader: Queries, case: Case) -> Iterator[_Chance]:
    """Give the waits of a case that are offered: instance by instance, in the order of their manifests."""
    waits = reader.waits(case.id, kind="message")
    running = {one.number: one.bundle for one in reader.instances_of(case.id)} if waits else {}
    found = []
    for wait in waits:
        bundle = reader.bundle(running[wait.instance])
        offers = manifest_of(bundle).messages
        if wait.name in offers:
            chance = _Chance(offers[wait.name], bundle, wait.key or case.id, wait=wait)
            found.append((wait.instance, list(offers).index(wait.name), wait.number, chance))
    return (chance for *_order, chance in sorted(found, key=lambda one: one[:3]))


def _starting(reader: Queries, case: Case) -> Iterator[_Chance]:
    for row in reader.latest_definitions():
        if row.facts.kind != case.kind or row.facts.start_who != "message":
            continue
        for name in row.facts.message_starts:
            bundle = reader.bundle(row.bundle)
            offer = manifest_of(bundle).messages.get(name)
            if offer:
                yield _Chance(offer, bundle, case.id, row=row)


def _chance(reader: Queries, case: Case, name: str, key: str | None, by: Actor) -> _Chance:
    """Find what the actor may send under a name and key; NotAllowed with the reason otherwise."""
    wanted = key or case.id
    chance = next((c for c in _chances(reader, case) if (c.offer.name, c.key) == (name, wanted)), None)
    if chance is None:
        raise NotAllowed(
            f"Expected {case.id} to wait for {name}, but it does not now.", reason="message_not_awaited"
        )
    if not _may(chance, by, reader.roles(case.id, by.id)):
        raise NotAllowed(
            f"Expected someone of {chance.offer.who}, but {by.name} does not belong to that group.",
            reason="not_candidate",
            group=chance.offer.who,
        )
    return chance


def _may(chance: _Chance, by: Actor, roles: frozenset[str]) -> bool:
    """Tell whether a message is offered to somebody: to who acts by a link, those of their own instance."""
    who, wait = chance.offer.who, chance.wait
    if who in by.groups or who in roles:
        return True
    lane = manifest_of(chance.bundle).lanes.get(who)
    return bool(lane and lane.invited and wait and by.id == invitations.actor_id(wait.case_id, wait.instance))


def _offered(chance: _Chance, by: Actor, seen: dict[str, Any], now: datetime) -> Offered:
    offer = chance.offer
    label, explained = offer.label.of(by.language), offer.explained.of(by.language)
    told = Offered(offer.name, label, explained, chance.key)
    if not chance.wait or not offer.looks:
        return told
    try:
        about = str(expressions.value_or(offer.about, seen, now, "")) if offer.about else ""
        note, later = _said(offer.note, seen, now, by.language), _later(chance, seen, now, by.language)
        return replace(told, about=about, note=note, later=later)
    except FormTooCostly:
        return told  # a page shows its other offers


def _later(chance: _Chance, seen: dict[str, Any], now: datetime, language: str) -> str:
    """Say why a message cannot be sent yet; nothing where it can: only a `when` that is false holds it up."""
    offer = chance.offer
    if not chance.wait or not offer.when or expressions.value_or(offer.when, seen, now, True) is not False:
        return ""
    return _said(offer.later, seen, now, language) or offer.explained.of(language) or offer.label.of(language)


def _said(text: Text, seen: dict[str, Any], now: datetime, language: str) -> str:
    words = text.of(language)
    return expressions.fill(words, seen, now, lambda value: literals.show(value, language)) if words else ""


def _require_now(chance: _Chance, seen: dict[str, Any], now: datetime, language: str) -> None:
    later = _later(chance, seen, now, language)
    if later:
        raise NotAllowed(
            f"Expected the condition of {chance.offer.name} to hold, but it does not yet.",
            reason="message_later",
            said=later,
        )


def _form(chance: _Chance) -> forms.Form | None:
    return forms.of_bundle(chance.bundle, chance.offer.form) if chance.offer.form else None


def _sealed_variables(chance: _Chance, snapshots: dict[int, bytes]) -> dict[str, Any]:
    """Give what the waiting element sees, personal values sealed; nothing for an instance that is yet to begin."""
    state = snapshots.get(chance.wait.instance) if chance.wait else None
    if not chance.wait or not state:
        return {}
    definition = engine_definitions.load(chance.bundle)
    return engine_state.variables(definition, state, wait=chance.wait.number)


def _send_offered(course: Course, chance: _Chance, payload: dict[str, Any], language: str) -> None:
    if chance.offer.when and chance.wait:
        seen = _sealed_variables(chance, course.uow.snapshots(course.case.id))
        _require_now(chance, course.uow.unseal(seen), course.uow.now, language)
    values = _validated(course.uow, course.case, chance, payload, language)
    if chance.wait:
        _deliver(course, chance.wait, values)
    elif chance.row:
        name = chance.offer.name
        course.start(chance.row, values, element=chance.row.facts.message_starts[name], message=name)
        course.settle()


def _deliver(course: Course, wait: Wait, payload: dict[str, Any]) -> None:
    course.feed(wait.instance, MessageReceived(wait.number, wait.name, payload, f"actor:{course.actor}"))
    course.settle()


def _validated(
    uow: UnitOfWork, case: Case, chance: _Chance, raw: dict[str, Any], language: str
) -> dict[str, Any]:
    form = _form(chance)
    if form is None:
        return raw
    snapshots = uow.snapshots(case.id) if chance.wait else {}
    variables = with_house(uow, uow.unseal(_sealed_variables(chance, snapshots)), form)
    held = {document.id: document for document in uow.documents(case.id)}
    values = forms.submit(form, raw, variables, held, language, uow.now)
    return forms.sealed(form, values, lambda subject, value: uow.seal(f"{case.id}:{subject}", value))


def _fingerprint(case_id: str, name: str, key: str | None, raw: dict[str, Any], by: Actor) -> str:
    text = json.dumps(["message", case_id, name, key or case_id, raw, by.id], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
