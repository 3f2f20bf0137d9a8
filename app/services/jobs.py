"""Work for the machine: calling outside handlers, delivering messages and signals."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from app.domain.actors import system
from app.domain.cases import Document
from app.domain.errors import HandlerError
from app.domain.events import Input, JobCompleted, JobFailed, MessageReceived, SignalReceived
from app.domain.jobs import Job, Message
from app.handling import Call, DocumentId, NewDocument
from app.services import invitations
from app.services.course import Course
from app.services.house import House
from app.services.use_case import use_case
from app.store.unit_of_work import UnitOfWork

backoff = (timedelta(seconds=2), timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5))


@dataclass(frozen=True)
class Attempt:
    """One attempt at an outside handler: its job and what it may read."""

    job: Job
    call: Call


def perform_handler(house: House, case_id: str, number: int) -> None:
    """Call the handler of a job outside any transaction and record its result; a job no longer open is left alone.

    A business error goes to the diagram; every other error leaves this function for the worker's loop.
    """
    attempt = _begin(house, case_id, number)
    if attempt is None:
        return
    handler = house.handlers.get(attempt.job.handler)
    try:
        result = handler.call(attempt.job.inputs, attempt.call)
    except HandlerError as error:
        _finish(house, case_id, number, JobFailed(number, error.error_code, str(error)))
        return
    _complete(house, case_id, number, result)


@use_case
def _begin(house: House, uow: UnitOfWork, case_id: str, number: int) -> Attempt | None:
    job = uow.begin_attempt(case_id, number)
    if job is None:
        return None
    documents = uow.documents(case_id)

    def read(document: DocumentId) -> bytes:
        return house.blobs.read(_named(documents, document).sha256)

    invited = partial(invitations.to_instance, house, case_id, job.instance)
    call = Call(job.key, case_id, uow.now, job.attempts, house.ledger, read, lambda: documents, invited)
    return Attempt(job, call)


def _named(documents: list[Document], wanted: str) -> Document:
    return next(document for document in documents if document.id == wanted)


@use_case
def _complete(house: House, uow: UnitOfWork, case_id: str, number: int, result: Any) -> None:
    case = uow.lock_case(case_id)
    job = uow.job(case_id, number)
    if job.state != "open":
        return
    stored = _stored(uow, case_id, result)
    course = Course(house, uow, uow.current(case.id), system.id)
    course.feed(job.instance, JobCompleted(number, stored))
    course.settle()


def _stored(uow: UnitOfWork, case_id: str, result: Any) -> Any:
    if isinstance(result, NewDocument):
        return uow.add_document(case_id, result.name, result.media_type, result.data, system.id).id
    if isinstance(result, dict):
        return {key: _stored(uow, case_id, value) for key, value in result.items()}
    if isinstance(result, list):
        return [_stored(uow, case_id, value) for value in result]
    return result


@use_case
def _finish(house: House, uow: UnitOfWork, case_id: str, number: int, event: Input) -> None:
    case = uow.lock_case(case_id)
    job = uow.job(case_id, number)
    if job.state == "open":
        course = Course(house, uow, case, system.id)
        course.feed(job.instance, event)
        course.settle()


def failed(house: House, case_id: str, number: int, message: str) -> timedelta | None:
    """Note a failed attempt: gives the pause before the next one, or None once an incident is open instead."""
    job = _note_failure(house, case_id, number, message)
    if job is None:
        return None
    if job.attempts < house.settings.handler_attempts:
        return backoff[min(job.attempts, len(backoff)) - 1]
    text = f"{job.handler}: gave up after {job.attempts} attempts: {message}"
    _finish(house, case_id, number, JobFailed(number, None, text))
    return None


@use_case
def _note_failure(house: House, uow: UnitOfWork, case_id: str, number: int, message: str) -> Job | None:
    return uow.note_failure(case_id, number, message)


@use_case
def deliver_message(house: House, uow: UnitOfWork, _case_id: str, number: int) -> None:
    """Hand a kept message to a wait that matches it, in whatever case; kept on if nobody waits.

    A wait that was being opened while the message was thrown saw no message, and the thrower saw no wait: it is
    found here, since those who open one are waited for.
    """
    message = uow.kept_message(number)
    if message is None:
        return
    uow.await_listeners(message.name, message.key)
    found = uow.waits(kind="message", name=message.name, key=message.key)
    if not found:
        _start_elsewhere(house, uow, message)
        return
    case = uow.lock_case(found[0].case_id)
    for wait in uow.waits(case.id, kind="message", name=message.name, key=message.key):
        if uow.take_message(message.id):
            course = Course(house, uow, case, system.id)
            course.feed(
                wait.instance, MessageReceived(wait.number, message.name, message.payload, message.source)
            )
            course.settle()
        return


def _start_elsewhere(house: House, uow: UnitOfWork, message: Message) -> None:
    """Start what a message of another case starts in the case that its key numbers, if anything there takes it from that kind."""
    sender = message.source.rpartition("/")[0]
    rows = [row for row in uow.message_starts(message.name) if row.facts.start_from]
    kinds = {case.id: case.kind for case in uow.cases_named([sender, message.key])} if rows else {}
    started = [
        row
        for row in rows
        if (row.facts.start_from, row.facts.kind) == (kinds.get(sender), kinds.get(message.key))
    ]
    if not started:
        return
    case = uow.lock_case(message.key)
    if uow.take_message(message.id):
        course = Course(house, uow, case, system.id)
        for row in started:
            element = row.facts.message_starts[message.name]
            course.start(row, message.payload, element=element, message=message.name)
        course.settle()


@use_case
def deliver_signal(house: House, uow: UnitOfWork, case_id: str, number: int, payload: dict[str, Any]) -> None:
    """Hand a signal to an instance that still waits for it."""
    case = uow.lock_case(case_id)
    waits = uow.waits(kind="signal", name=payload["name"], reach=case_id)
    if any(wait.case_id == case_id and wait.instance == number for wait in waits):
        course = Course(house, uow, case, system.id)
        course.feed(number, SignalReceived(payload["name"], payload["payload"], payload["source"]))
        course.settle()
