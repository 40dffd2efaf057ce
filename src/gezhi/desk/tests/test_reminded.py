"""Beside each promise of a case stands who was reminded of it."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.deadlines import jobs
from gezhi.deadlines.models import Deadline
from gezhi.deadlines.tests.test_visits import told
from tests.cast import COUNTY, TUESDAY, County

Login = Callable[[str], Client]


def test_units_and_the_reporter_are_named_apart(county: County, login: Login) -> None:
    with clock.standing_at(TUESDAY):
        case = told().case
    with clock.standing_at(TUESDAY + timedelta(minutes=5)):
        while jobs.watch(COUNTY):
            pass
        cases.ask(case.id, words="哪一栋楼？", actor=county.actor("cun"))
    asked = Deadline.objects.get(case=case, kind="reply")
    with clock.standing_at(asked.starts + (asked.due - asked.starts) * 0.8):
        while jobs.watch(COUNTY):
            pass
        page = login("cun").get(f"/desk/cases/{case.number}/").content.decode()
    assert "提醒 柳树村综治中心 承办人员 1 人" in page
    assert "提醒诉求人</li>" in page
    assert "无人在岗" not in page
