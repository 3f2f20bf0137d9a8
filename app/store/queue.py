"""The job queue: procrastinate, with stalled jobs taken up again and retries decided by who performs (ADR 0007)."""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import procrastinate
import psycopg
from procrastinate import BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job

from app.feel.codec import from_tagged
from app.store.database import Database
from app.store.deferring import QUEUE, TASK

HEARTBEAT = 2.0
STALLED_AFTER = 6.0
"""Seconds: a worker without a heartbeat for so long is taken for dead, and its jobs are retried."""

POLLING = 1.0
GRACE = 20.0
"""Seconds that running jobs are given to end when the worker is asked to stop."""

LOOK = 0.2
"""Seconds between two looks at whether to stop."""

LONGEST_PAUSE = 60
Perform = Callable[[str, dict[str, Any]], None]
log = logging.getLogger(__name__)


class RetryLater(Exception):
    """Raised by who performs a job: try it again after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class _Retries(BaseRetryStrategy):
    """A job is retried when asked to be, and after any failure that nobody foresaw: none is ever lost."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        pause = min(LONGEST_PAUSE, 2 ** min(job.attempts, 10))
        if isinstance(exception, RetryLater):
            pause = max(0, round(exception.seconds))
        else:
            log.error("job_failed", exc_info=exception, extra={"job": job.id, "again_in": pause})
        return RetryDecision(retry_in={"seconds": pause})


def make_app(database: Database, perform: Perform, concurrency: int = 1) -> procrastinate.App:
    """Give the queue's app, with its one task.

    `perform` is called in a thread with the job's kind and `{"case_id", "number", "payload"}`.
    """
    connector = PsycopgConnector(conninfo=database.role_url, min_size=1, max_size=concurrency + 4)
    app = procrastinate.App(connector=connector)

    @app.task(name=TASK, queue=QUEUE, retry=_Retries())
    def perform_job(kind: str, case_id: str, number: int, payload: Any) -> None:
        perform(kind, {"case_id": case_id, "number": number, "payload": from_tagged(payload)})

    return app


def run_worker(
    database: Database, perform: Perform, concurrency: int = 1, stop: threading.Event | None = None
) -> None:
    """Perform jobs until `stop` is set or, without it, SIGTERM or SIGINT come; running jobs get 20 seconds to end."""
    asked = stop or threading.Event()
    if stop is None and threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: asked.set())
    while not asked.is_set():
        try:
            asyncio.run(_run(make_app(database, perform, concurrency), concurrency, asked))
        except (ConnectorException, psycopg.OperationalError) as error:
            log.warning("worker_lost_its_database", exc_info=error)
            asked.wait(1)


async def _run(app: procrastinate.App, concurrency: int, asked: threading.Event) -> None:
    """Work until asked to stop, or until the database goes away."""
    async with app.open_async():
        work, watch = asyncio.create_task(_work(app, concurrency)), asyncio.create_task(_watch(app))
        while not asked.is_set() and not work.done():
            await asyncio.wait([work], timeout=LOOK)
        watch.cancel()
        work.cancel()
        await asyncio.wait([work, watch])
        if not work.cancelled():
            work.result()


async def _work(app: procrastinate.App, concurrency: int) -> None:
    await app.run_worker_async(
        queues=[QUEUE],
        concurrency=concurrency,
        install_signal_handlers=False,
        update_heartbeat_interval=HEARTBEAT,
        stalled_worker_timeout=STALLED_AFTER,
        fetch_job_polling_interval=POLLING,
        shutdown_graceful_timeout=GRACE,
        delete_jobs="successful",
    )


async def _watch(app: procrastinate.App) -> None:
    """Take up the jobs of dead workers, beside the worker's own jobs: a slot may be long in coming free."""
    while True:
        await asyncio.sleep(HEARTBEAT)
        with suppress(ConnectorException):  # another worker was quicker, or the database is away for a moment
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
                log.warning("job_taken_up_again", extra={"job": job.id})
                await app.job_manager.retry_job(job)
