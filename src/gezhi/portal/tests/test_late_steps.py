"""A step on the way that nobody has taken: the reporter reads it, also while the clock stands."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.deadlines import reads as deadlines
from tests.cast import TUESDAY, County, report_leak

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
