"""The whole worker, as a process: it reads the book and sends; no slow system holds it up."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from procrastinate.contrib.django.models import ProcrastinateJob

from gezhi.base.slices import queue_once
from gezhi.cases import actions as cases
from gezhi.exchange.models import Subscription
from gezhi.exchange.tests.city import city
from gezhi.exchange.tests.receiving import Program, receiver
from tests.cast import SETTING_UP, County, report_leak

# As on a machine with one processor, where there are fewest threads.
_RUN = """
import os
os.cpu_count = lambda: 1
import django
django.setup()
from gezhi.site import worker
worker.run()
"""
_PATIENCE = 120.0
_PICTURES = "gezhi.exchange.jobs.fetch_pictures"


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    started = [sys.executable, "-c", _RUN]
    with subprocess.Popen(started, env={**os.environ}) as process:  # noqa: S603 - our own
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(_PATIENCE) == 0


def until(is_so: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _PATIENCE
    while not is_so():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def test_systems_that_do_not_answer_keep_neither_others_nor_the_house_waiting(
    committed: County,
) -> None:
    program, released = Program(committed), threading.Event()
    with (
        receiver() as quick, receiver() as slow, receiver() as slower, receiver() as slowest,
        city() as pictures, worker(),
    ):  # fmt: skip
        slow.before = slower.before = slowest.before = lambda: released.wait(_PATIENCE)
        pictures.before = slow.before
        for each in (slow, slower, slowest, quick):
            program.subscribe(each)
        case = report_leak().case
        for name in ("one", "two"):
            link = f"{pictures.url}/{name}.jpg"
            queue_once(_PICTURES, lock=name, case=str(case.id), links=link)
        until(lambda: bool(slow.received and slower.received), "the slow ones were never called")
        until(lambda: len(pictures.asked) == 2, "the pictures were never asked for")
        until(lambda: len(quick.received) == 1, "the quick one waits for the slow ones")
        cases.accept(case.id, category=case.proposed_category, actor=SETTING_UP)
        until(lambda: len(quick.received) == 2, "the next event waits for the slow ones")
        job = "gezhi.notices.jobs.send"
        queue_once(job, lock="test:house", bundle="00000000-0000-0000-0000-000000000000")
        waiting = ProcrastinateJob.objects.filter(queueing_lock="test:house")
        until(lambda: not waiting.exists(), "the house's own jobs wait for the slow ones")
        given_up = Subscription.objects.filter(failed_at__isnull=False)
        assert not given_up.exists(), "a slow one was given up before the others had their turn"
        released.set()
        until(lambda: len(slow.received) >= 2, "a slow one was forgotten")
    assert quick.types == ["gezhi.case.reported", "gezhi.case.accepted"]
