"""Where reminders of a promise came and will come, as pages draw them."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from gezhi.base import clock
from gezhi.cases import actions
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.deadlines import jobs, reads
from gezhi.deadlines.models import Deadline
from gezhi.deadlines.reads import Reminding
from gezhi.deadlines.rules import Step
from tests.cast import COUNTY, TUESDAY, County, report_leak, voice_of

HOUR = timedelta(hours=1)
Told = Callable[[datetime], Reminding]


@pytest.fixture
def made(county: County) -> actions.Reported:
    """A leak reported on Tuesday at nine."""
    with clock.standing_at(TUESDAY):
        return report_leak()


@pytest.fixture
def promise(made: actions.Reported) -> Deadline:
    """The day it is to be mended by."""
    return Deadline.objects.get(case=made.case, kind="finish")


@pytest.fixture
def told(promise: Deadline) -> Told:
    def tell(now: datetime) -> Reminding:
        case = Case.objects.get(id=promise.case_id)
        promise.refresh_from_db()
        return reads.reminding(case, promise, cases.clock_of(case.id), now=now)

    return tell


def watch(now: datetime) -> None:
    with clock.standing_at(now):
        while jobs.watch(COUNTY):
            pass


def test_reminders_that_came_are_where_they_were_taken_and_others_where_they_wait(
    promise: Deadline, told: Told
) -> None:
    first = told(TUESDAY)
    assert [step.code for step in first.to_come] == ["remind:50", "remind:80"]
    assert first.to_come[0].at == promise.next_at
    assert (first.came, first.due, first.is_put_off) == ([], promise.due, False)
    taken = first.to_come[0].at + timedelta(minutes=3)  # as late as a worker may be
    watch(taken)
    then = told(taken)
    assert then.came == [Step("remind:50", taken)]
    assert then.to_come == [Step("remind:80", promise.next_at)] == first.to_come[1:]


@pytest.mark.parametrize("hours", [1, 30, 200])
def test_while_the_clock_stands_they_wait_where_they_come_if_it_ran_again_now(
    county: County, promise: Deadline, told: Told, hours: int
) -> None:
    half = told(TUESDAY).to_come[0].at
    watch(half)
    stopped, now = half + HOUR, half + HOUR + hours * HOUR
    with clock.standing_at(stopped):
        actions.ask(promise.case_id, words="在哪个屋？", actor=county.actor("cun"))
    standing = told(now)
    assert standing.is_put_off
    assert standing.came == [Step("remind:50", half)], "what came, came"
    with clock.standing_at(now):
        actions.resume(promise.case_id, actor=county.actor("cun"))
    running = told(now)
    assert not running.is_put_off
    assert (running.came, running.to_come, running.due) == standing[:3]
    assert promise.next_at == standing.to_come[0].at
    assert promise.due == standing.due


def test_what_was_late_when_the_clock_stopped_is_not_put_off(
    county: County, promise: Deadline, told: Told
) -> None:
    stopped = promise.due + HOUR
    watch(stopped)
    with clock.standing_at(stopped):
        actions.ask(promise.case_id, words="在哪个屋？", actor=county.actor("cun"))
    found = told(stopped + 5 * HOUR)
    assert (found.to_come, found.due, found.is_put_off) == ([], promise.due, False)


def test_reminders_nobody_needed_any_more_came_to_nobody(promise: Deadline, told: Told) -> None:
    """Taken so late that the promise was broken already: on record, and told to nobody."""
    watch(promise.due + HOUR)
    assert told(promise.due + HOUR).came == []


def test_an_ended_promise_has_nothing_to_come(
    made: actions.Reported, promise: Deadline, told: Told
) -> None:
    half = told(TUESDAY).to_come[0].at
    watch(half)
    with clock.standing_at(half + HOUR):
        actions.withdraw(promise.case_id, actor=voice_of(made))
    found = told(half + 2 * HOUR)
    assert ([step.code for step in found.came], found.to_come) == (["remind:50"], [])
