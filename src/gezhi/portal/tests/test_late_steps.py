"""A step on the way that nobody has taken: the reporter reads it, also while the clock stands."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.deadlines import jobs
from gezhi.deadlines import reads as deadlines
from gezhi.deadlines.models import Deadline
from tests.cast import COUNTY, TUESDAY, County, report_leak

MINUTE = timedelta(minutes=1)


@pytest.fixture
def told(county: County, rita: Client) -> cases.Reported:
    """Reported on Tuesday at nine; the reporter has shown the code."""
    with clock.standing_at(TUESDAY):
        made = report_leak()
        rita.post("/track/", {"number": made.case.number, "code": made.code})
    return made


def page_of(rita: Client, told: cases.Reported, at: datetime) -> str:
    with clock.standing_at(at):
        return rita.get(f"/track/{told.case.number}/").content.decode()


def due_of(told: cases.Reported) -> datetime:
    (due,) = (row.due for row in deadlines.open_of(told.case.id) if row.kind == "accept")
    return due


def ask(county: County, told: cases.Reported, at: datetime) -> None:
    with clock.standing_at(at):
        cases.ask(told.case.id, words="哪一根水管？", actor=county.actor("cun"))


def watch() -> None:
    while jobs.watch(COUNTY):
        pass


def test_a_step_that_nobody_has_taken_is_said_before_the_whole_is_late(
    county: County, told: cases.Reported, rita: Client
) -> None:
    due, case = due_of(told), told.case
    assert "受理已经超时" not in page_of(rita, told, due)
    page = page_of(rita, told, due + 35 * MINUTE)
    assert "受理已经超时 35 分钟。" in page
    assert "已超时" not in page
    with clock.standing_at(due + 35 * MINUTE):
        cases.accept(case.id, category=case.proposed_category, actor=county.actor("cun"))
    assert "受理已经超时" not in page_of(rita, told, due + 36 * MINUTE)


def test_it_is_said_to_be_passed_up_once_it_is(told: cases.Reported, rita: Client) -> None:
    """From the first second on it is late; that somebody above was told, only then."""
    due = due_of(told)
    assert "受理已经超时 35 分钟。</span>" in page_of(rita, told, due + 35 * MINUTE)
    with clock.standing_at(due + 35 * MINUTE):
        watch()
    assert Deadline.objects.get(case=told.case, kind="accept").rung > 0
    assert "受理已经超时 35 分钟。正在逐级催办。" in page_of(rita, told, due + 35 * MINUTE)
    rita.cookies["django_language"] = "en"
    english = page_of(rita, told, due + 35 * MINUTE)
    assert "Taking it up is late by 35 minutes. It is being passed up, level by level." in english


def test_what_was_late_when_the_clock_was_stopped_is_late_as_long_as_it_stands(
    county: County, told: cases.Reported, rita: Client
) -> None:
    stopped = due_of(told) + 20 * MINUTE
    ask(county, told, stopped)
    for later in (MINUTE, 300 * MINUTE):
        page = page_of(rita, told, stopped + later)
        assert "受理已经超时 20 分钟" in page, "it is late by what it was when it was stopped"
    with clock.standing_at(stopped + 400 * MINUTE):
        cases.resume(told.case.id, actor=county.actor("cun"))
    assert "受理已经超时 25 分钟" in page_of(rita, told, stopped + 405 * MINUTE)


def test_what_was_not_late_is_not_while_it_stands(
    county: County, told: cases.Reported, rita: Client
) -> None:
    due = due_of(told)
    ask(county, told, due - 5 * MINUTE)
    assert "受理已经超时" not in page_of(rita, told, due + 60 * MINUTE)


def test_what_is_left_is_said_of_what_it_is_left_for(told: cases.Reported, rita: Client) -> None:
    page = page_of(rita, told, due_of(told) + 35 * MINUTE)
    assert "受理已经超时 35 分钟。" in page
    assert ">离办结还剩 " in page
    assert ">还剩 " not in page
