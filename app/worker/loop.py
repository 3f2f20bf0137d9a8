"""The worker: takes jobs from the queue and performs them; the one place that survives any handler's error."""

from typing import Any

import structlog

from app.domain.errors import PraticaError
from app.services import jobs, timers
from app.services.house import House
from app.store.queue import RetryLater, run_worker
from app.store.timers import Sleeper

log = structlog.get_logger(__name__)


def perform(house: House, kind: str, payload: dict[str, Any]) -> None:
    """Perform one job; raises RetryLater where a handler failed and may be tried again."""
    case_id, number = payload["case_id"], payload["number"]
    match kind:
        case "handler":
            _handler(house, case_id, number)
        case "timer":
            timers.fire(house, case_id, number)
        case "message":
            jobs.deliver_message(house, case_id, number)
        case "signal":
            jobs.deliver_signal(house, case_id, number, payload["payload"])
        case _:
            raise PraticaError(f"Expected a kind of job that is known, but got {kind!r}.")


def _handler(house: House, case_id: str, number: int) -> None:
    try:
        jobs.perform_handler(house, case_id, number)
    except Exception as error:
        log.warning("handler failed", case=case_id, job=number, error=str(error), kind=type(error).__name__)
        pause = jobs.failed(house, case_id, number, f"{type(error).__name__}: {error}")
        if pause is not None:
            raise RetryLater(pause.total_seconds()) from error


def run(house: House, concurrency: int = 4) -> None:
    """Work until SIGTERM or SIGINT: the sleeper for timers in a thread of its own, jobs in this one."""
    sleeper = Sleeper(house.database, house.clock)
    sleeper.start()
    try:
        run_worker(house.database, lambda kind, payload: perform(house, kind, payload), concurrency)
    finally:
        sleeper.stop()
