"""Data of a register for a form: asked of a handler outside any transaction, within a time, and sealed by the house."""

import hmac
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from threading import BoundedSemaphore
from typing import Any

from app.definitions.forms.companions import ABSENT, DOWN, FOUND
from app.definitions.forms.sealed_text import Seal
from app.domain.errors import HandlerUnknown, NotFound, PraticaError
from app.handling import Call, DocumentId, Handler, Invitation
from app.services.house import House

SECONDS = 3.0
"""How long a page waits for a register."""

THREADS = 4
_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="register")
_room = BoundedSemaphore(THREADS)
_BROKEN = (PraticaError, OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""What a call to an outside system raises where that system, or the code that asks it, fails."""


def seal_of(house: House, case_id: str) -> Seal:
    """Give the seal of what a register said in a case: it holds for that case alone."""
    key = house.settings.secret_key.encode()

    def seal(payload: str) -> str:
        return hmac.new(key, f"register\0{case_id}\0{payload}".encode(), sha256).hexdigest()[:40]

    return seal


def ask(house: House, case_id: str, name: str, code: str) -> dict[str, Any]:
    """Ask a register of a code through an outside handler; `esito` says what came of it, and a register that is down is no error.

    Never within a transaction. The handler gets the code as its only input.
    """
    handler = house.handlers.get(name)
    if handler.inside:
        raise HandlerUnknown(
            f"Expected {name} to be an outside handler, since a page asks it, but it is inside."
        )
    now = house.clock.now()
    if not _room.acquire(blocking=False):
        return {"esito": DOWN, "data": now}
    waiting: Future[Any] = _pool.submit(_call, handler, code, _as_of(house, case_id, name, code))
    waiting.add_done_callback(lambda _done: _room.release())
    try:
        answer = waiting.result(SECONDS)
    except (TimeoutError, *_BROKEN):
        waiting.cancel()
        return {"esito": DOWN, "data": now}
    if not isinstance(answer, Mapping):
        return {"esito": ABSENT, "data": now}
    return {"esito": FOUND, "data": now, **answer}


def _call(handler: Handler, code: str, call: Call) -> Any:
    return handler.call({next(iter(handler.parameters)): code}, call)


def _as_of(house: House, case_id: str, name: str, code: str) -> Call:
    """Give what the handler knows of its call; it reads no document, and asking twice changes nothing."""
    return Call(
        f"{case_id}/{name}/{code}", case_id, house.clock.now(), 1, house.ledger, _no_document, list, _nobody
    )


def _nobody() -> Invitation:
    raise NotFound("Expected a register to be asked without inviting anybody, but a link was asked for.")


def _no_document(document: DocumentId) -> bytes:
    raise NotFound(f"Expected a register to be asked without documents, but {document} was read.")
