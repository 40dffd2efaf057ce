"""The worker process: followers read on, promises are watched, jobs are done.

Any number of workers may run. The book is asked twice a second whether it has grown, and as often
the promises whether the next step of one has come. Acts don't NOTIFY: at commit that takes one
lock for the whole database, and writers would wait for each other (docs/decisions/0002).
"""

import asyncio
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psycopg
import structlog
from django.conf import settings
from django.db import close_old_connections
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app, connector_params
from procrastinate.exceptions import ConnectorException

from gezhi.deadlines import jobs as deadlines
from gezhi.record import followers

PAUSE = 0.5
PAUSE_AFTER_FAULT = 5.0
GRACE = 20.0
# How many jobs of a queue are done at once. Other systems may answer slowly: what waits for them
# takes no place from the rest.
PLACES = {"default": 2, "webhooks": 4, "peers": 2, "pictures": 2}

log = structlog.get_logger("gezhi.worker")


def run() -> None:
    """Work until SIGTERM or SIGINT; what was begun is finished first."""
    asyncio.run(_run())


async def _run() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # A thread for each place: by itself asyncio has fewer on a small machine, for all queues.
    loop.set_default_executor(ThreadPoolExecutor(sum(PLACES.values()), thread_name_prefix="job"))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    log.info("worker started")
    jobs = asyncio.create_task(_do_jobs_again_and_again(stop))
    lines = asyncio.create_task(_again_and_again(_read_on, stop))
    watch = asyncio.create_task(_again_and_again(_watch, stop))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({jobs, lines, watch, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    jobs.cancel()
    done = await asyncio.gather(jobs, lines, watch, return_exceptions=True)
    for outcome in done:
        if isinstance(outcome, Exception):
            raise outcome
    log.info("worker stopped")


async def _do_jobs_again_and_again(stop: asyncio.Event) -> None:
    """While the database is away the jobs wait in it; when it is back they are done."""
    while not stop.is_set():
        try:
            await _do_jobs()
        except (ConnectorException, psycopg.Error, OSError):
            log.exception("the jobs lost the database")
        await _wait(stop, PAUSE_AFTER_FAULT)


async def _do_jobs() -> None:
    # Each queue listens on a connection of its own; what is left is for all they do.
    connector = PsycopgConnector(
        kwargs=connector_params(), min_size=len(PLACES) + 4, max_size=len(PLACES) + 4
    )
    with app.replace_connector(connector) as working:
        async with working.open_async():
            await asyncio.gather(
                *(_take_jobs(working, queue, places) for queue, places in PLACES.items())
            )


async def _take_jobs(working: App, queue: str, places: int) -> None:
    await working.run_worker_async(
        queues=[queue],
        install_signal_handlers=False,
        concurrency=places,
        fetch_job_polling_interval=5.0,
        shutdown_graceful_timeout=GRACE,
        delete_jobs="successful",
    )


async def _again_and_again(look: Callable[[], bool], stop: asyncio.Event) -> None:
    """Look until there is nothing more to do, then again after a pause, in a thread of its own."""
    with ThreadPoolExecutor(1, thread_name_prefix=look.__name__) as thread:
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            pause = PAUSE
            try:
                if await loop.run_in_executor(thread, look):
                    continue
            except Exception:  # nothing that is wrong with one ends the others
                log.exception("a look at the database failed", look=look.__name__)
                pause = PAUSE_AFTER_FAULT
            await _wait(stop, pause)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), timeout=seconds)


def _read_on() -> bool:
    close_old_connections()
    try:
        return followers.read_on()
    finally:
        close_old_connections()


def _watch() -> bool:
    close_old_connections()
    try:
        return deadlines.watch(settings.COUNTY)
    finally:
        close_old_connections()
