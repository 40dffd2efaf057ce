"""Long work in slices: so that others have their turn, a worker can stop, and people see its end.

The rows that say how far it is are each room's own; so is the sweep that goes on with what a
killed process left.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.manager import JobManager

# A job is of the transaction that asks for it, also in a worker, whose app has other connections.
_OF_THE_TRANSACTION = JobManager(DjangoConnector())
SLICE = 15.0  # seconds a worker gives one piece of work before others have their turn


def go_on(take_next: Callable[[], bool], *, seconds: float) -> bool:
    """Take what comes next for so long; true if there is more to do."""
    until = time.monotonic() + seconds
    is_working = True
    while is_working and time.monotonic() < until:
        is_working = take_next()
    return is_working


def queue_once(job: str, *, lock: str, at: datetime | None = None, **arguments: str) -> None:
    """Ask the workers for a job; what waits in the queue under this lock is not queued again."""
    task = app.configure_task(job, queueing_lock=lock, schedule_at=at)
    task.job_manager = _OF_THE_TRANSACTION
    try:
        with transaction.atomic():
            task.defer(**arguments)
    except AlreadyEnqueued:
        return


def queue_many(job: str, asked: Iterable[tuple[str, datetime, Mapping[str, str]]]) -> None:
    """Ask for many in one trip: by lock, when, with which arguments; nobody asked for any yet."""
    jobs = [
        app.configure_task(job, queueing_lock=lock, schedule_at=at).make_new_job(**arguments)
        for lock, at, arguments in asked
    ]
    if jobs:
        _OF_THE_TRANSACTION.batch_defer_jobs(jobs)


def new_pace(before: float, things: int, seconds: float) -> float:
    """Things per second, the newest weighing a fifth."""
    now = things / max(seconds, 0.001)
    return now if not before else before * 0.8 + now * 0.2


def seconds_left(*, total: int, done: int, pace: float) -> int | None:
    """How long the rest will take at the pace so far; None before there is one."""
    return round(max(total - done, 0) / pace) if pace else None
