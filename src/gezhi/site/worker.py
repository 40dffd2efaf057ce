"""The worker process: followers read on, jobs are done. Any number of workers may run.

The book is asked twice a second whether it has grown. Acts don't NOTIFY: at commit that takes
one lock for the whole database, and writers would wait for each other (docs/decisions/0002).
"""

import asyncio
import signal

import structlog
from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections
from procrastinate.contrib.django import app

from gezhi.record import followers

PAUSE = 0.5
PAUSE_AFTER_FAULT = 5.0
GRACE = 20.0

log = structlog.get_logger("gezhi.worker")


def run() -> None:
    """Work until SIGTERM or SIGINT; what was begun is finished first."""
    asyncio.run(_run())


async def _run() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    log.info("worker started")
    jobs = asyncio.create_task(_do_jobs())
    lines = asyncio.create_task(_follow(stop))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({jobs, lines, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    jobs.cancel()
    done = await asyncio.gather(jobs, lines, return_exceptions=True)
    for outcome in done:
        if isinstance(outcome, Exception):
            raise outcome
    log.info("worker stopped")


async def _do_jobs() -> None:
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # Django's
    with app.replace_connector(connector) as working:
        async with working.open_async():
            await working.run_worker_async(
                install_signal_handlers=False,
                concurrency=2,
                fetch_job_polling_interval=5.0,
                shutdown_graceful_timeout=GRACE,
                delete_jobs="successful",
            )


async def _follow(stop: asyncio.Event) -> None:
    while not stop.is_set():
        pause = PAUSE
        try:
            await sync_to_async(_catch_up, thread_sensitive=False)()
        except DatabaseError:
            log.exception("followers could not read on")
            pause = PAUSE_AFTER_FAULT
        try:
            await asyncio.wait_for(stop.wait(), timeout=pause)
        except TimeoutError:
            continue


def _catch_up() -> None:
    close_old_connections()
    try:
        followers.catch_up()
    finally:
        close_old_connections()
