"""How long work is cut, and how its end is foretold."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from gezhi.base import clock, slices


@pytest.mark.parametrize(
    ("done", "pace", "left"),
    [(0, 0.0, None), (50, 10.0, 15), (200, 10.0, 0), (199, 0.5, 2), (210, 10.0, 0)],
)
def test_how_long_it_will_still_take(done: int, pace: float, left: int | None) -> None:
    assert slices.seconds_left(total=200, done=done, pace=pace) == left


@pytest.mark.parametrize(
    ("before", "things", "seconds", "after"),
    [(0, 200, 0.5, 400), (400, 200, 1.0, 360), (0, 1, 0.0, 1000), (10, 1, 0.1, 10)],
)
def test_the_newest_weighs_a_fifth(
    before: float, things: int, seconds: float, after: float
) -> None:
    assert slices.new_pace(before, things, seconds) == pytest.approx(after)


def test_a_slice_ends_with_the_work_or_with_its_time() -> None:
    three = iter([True, True, False])
    assert not slices.go_on(lambda: next(three), seconds=60)
    assert list(three) == []
    assert not slices.go_on(lambda: False, seconds=60)
    assert slices.go_on(lambda: pytest.fail("its time was over"), seconds=0)


@pytest.mark.django_db
def test_what_waits_in_the_queue_is_not_queued_again() -> None:
    for lock in ("a", "a", "b"):
        slices.queue_once("gezhi.desk.jobs.run_bulk", lock=f"test:{lock}", bulk_id=lock)
    waiting = ProcrastinateJob.objects.filter(queueing_lock__startswith="test:")
    assert sorted(waiting.values_list("queueing_lock", flat=True)) == ["test:a", "test:b"]


def _ask_once(lock: str) -> None:
    slices.queue_once("gezhi.notices.jobs.send", lock=lock, bundle="x")


def _ask_for_many(lock: str) -> None:
    slices.queue_many("gezhi.notices.jobs.send", [(lock, clock.now(), {"bundle": "x"})])


@pytest.mark.parametrize("ask", [_ask_once, _ask_for_many])
def test_in_a_worker_too_a_job_is_of_the_transaction_that_asks_for_it(
    db: None, ask: Callable[[str], None]
) -> None:
    waiting = ProcrastinateJob.objects.filter(queueing_lock="test:slices")
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        with suppress(RuntimeError), transaction.atomic():
            ask("test:slices")
            raise RuntimeError
        assert not waiting.exists()
        ask("test:slices")
        _ask_once("test:slices")
    assert waiting.count() == 1
