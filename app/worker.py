"""The worker: does what was put off, again after a failure, and takes over from the dead.

A job of a worker that was killed stays in ``doing``; whoever is alive gives it back to the queue
once that worker has been silent for long enough. Handlers are safe to run twice.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import procrastinate
from flask import Flask
from procrastinate import JobContext, RetryStrategy
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from app import logs
from app.config import Settings
from app.frame import create_frame
from app.handlers import HANDLERS, PERIODIC
from app.postgres import conninfo
from core import audit
from core.actors import system

__all__ = ["HANDLERS", "PERIODIC", "build_queue", "run"]

log = logging.getLogger("pallay.worker")

#: After 2, 4, 8, … seconds; the twelfth try is some two hours after the first. A job that fails
#: even then stays in the queue's table as ``failed``, is said loudly, and can be repeated by a
#: person (core/unfinished.py).
RETRY = RetryStrategy(max_attempts=12, exponential_wait=2)
#: One for each kind of thing that is asked of Stripe, so that none waits behind another.
AT_ONCE = 6
EVERY_TEN_SECONDS = "* * * * * */10"


def run(settings: Settings) -> None:
    """Work until stopped by a signal; jobs under way are finished first."""
    app = create_frame(settings)
    queue = build_queue(app, settings)
    asyncio.run(_work(queue, settings))


def build_queue(app: Flask, settings: Settings) -> procrastinate.App:
    """The queue with every handler and every schedule."""
    assert settings.database_url is not None, "the factory refuses to build without"
    queue = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=conninfo(settings.database_url))
    )
    for name, handler in HANDLERS.items():
        queue.task(name=name, retry=RETRY, pass_context=True)(_in_app(app, name, handler))
    for name, (cron, handler) in PERIODIC.items():
        task = queue.task(name=name, queueing_lock=name, pass_context=True)
        queue.periodic(cron=cron)(task(_timed(_in_app(app, name, handler))))
    _take_over(queue, settings)
    return queue


async def _work(queue: procrastinate.App, settings: Settings) -> None:
    async with queue.open_async():
        await _take_over_from_the_dead(queue, float(settings.worker_stalled_seconds))
        await queue.run_worker_async(
            name="pallay",
            concurrency=AT_ONCE,
            fetch_job_polling_interval=1.0,
            update_heartbeat_interval=float(settings.worker_heartbeat_seconds),
            stalled_worker_timeout=float(settings.worker_stalled_seconds),
            shutdown_graceful_timeout=30.0,
        )


def _in_app(app: Flask, name: str, handler: Callable[..., Any]) -> Callable[..., None]:
    """The handler with a database session of its own, and the job's id in logs and audit."""

    def do(context: JobContext, **arguments: Any) -> None:
        known = f"job-{context.job.id}"
        deed = audit.Doing(name, system("worker"), known, audit.named_in(arguments))
        with logs.known_as(known), audit.doing(deed), app.app_context():
            try:
                handler(app.extensions["pallay.gateway"], **arguments)
            except Exception as trouble:
                _say_if_it_gives_up(context, trouble)
                raise

    return do


def _say_if_it_gives_up(context: JobContext, trouble: Exception) -> None:
    """Loudly, when this was the last try: from now on only a person begins it again."""
    job = context.job
    if context.task is None or context.task.retry_strategy is None:
        return
    if context.task.retry_strategy.get_retry_exception(trouble, job) is None:
        log.critical("job given up: %s", job.task_name, extra={"job": job.id}, exc_info=True)


def _timed(do: Callable[..., None]) -> Callable[..., None]:
    """A periodic job is told for which moment it runs; ours look at the clock themselves."""

    def timed(context: JobContext, timestamp: int) -> None:
        log.debug("periodic work for %s", datetime.fromtimestamp(timestamp, UTC).isoformat())
        do(context)

    return timed


def _take_over(queue: procrastinate.App, settings: Settings) -> None:
    """Give the jobs of silent workers back to the queue, at the start and every ten seconds."""

    @queue.periodic(cron=EVERY_TEN_SECONDS)
    @queue.task(name="worker.take_over", queueing_lock="worker.take_over", pass_context=True)
    async def take_over(context: JobContext, timestamp: int) -> None:
        await _take_over_from_the_dead(queue, float(settings.worker_stalled_seconds))


async def _take_over_from_the_dead(queue: procrastinate.App, silent_seconds: float) -> None:
    stalled = await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent_seconds)
    for job in stalled:
        log.warning("taking over job %s, left by a worker that died", job.id)
        try:
            await queue.job_manager.retry_job(job)
        except ConnectorException:
            # A scheduled one: its successor waits already, and does the same.
            await queue.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
