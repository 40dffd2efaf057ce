"""What of a case is read outside the house, and by whom: on the page and by an app alike."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.cases.tests.versions import NOISE, finish, work_on
from tests.cast import COUNTY, SETTING_UP, VILLAGE, County, plain_reason, report_leak, voice_of

INNER = "领导批示不要理他"
SAID = "我是三社李秀兰，打我电话13987654321"
Read = Callable[[cases.Reported], str]


def by_page(own: cases.Reported) -> str:
    page = Client().get(f"/track/{own.case.number}/", {"code": own.code}, follow=True)
    return page.content.decode()


def by_app(own: cases.Reported) -> str:
    proof = {"number": own.case.number, "code": own.code}
    asked = Client().post("/api/v1/track", json.dumps(proof), "application/json")
    return json.dumps(asked.json(), ensure_ascii=False)


doors = pytest.mark.parametrize("read", [by_page, by_app])


@doors
def test_what_offices_write_to_each_other_stays_inside(
    county: County, reported: cases.Reported, handled: Case, read: Read
) -> None:
    shui = county.actor("shui")
    cases.ask(handled.id, words="水表在哪个屋？", actor=shui)
    cases.resume(handled.id, words=INNER, actor=shui)
    cases.send_back(handled.id, reason=plain_reason("send_back"), words=INNER, actor=shui)
    cases.escalate(
        handled.id, reason=plain_reason("escalate"), words=INNER, actor=county.actor("cun")
    )
    told = read(reported)
    assert "水表在哪个屋？" in told
    assert INNER not in told


@doors
def test_what_a_reporter_says_is_read_by_no_other_who_follows(county: County, read: Read) -> None:
    first = report_leak()
    handled = work_on(county, NOISE, first.case)
    other = cases.follow(handled.id, channel="portal", county=COUNTY, actor=NOBODY)
    finish(county, handled)
    cases.visit_back(
        handled.id, is_reached=True, is_solved=True, words="李秀兰说不吵了",
        actor=county.actor("fang"),
    )  # fmt: skip
    cases.reopen(handled.id, reason="not_solved", words=SAID, actor=voice_of(first))
    assert SAID[:7] in read(first)
    assert "李秀兰" not in read(other)
    assert "13987654321" not in read(other)


@doors
def test_the_spot_of_a_secret_case_is_its_first_reporters_alone(county: County, read: Read) -> None:
    first = cases.report(
        county=COUNTY, what="村口路灯不亮", where=cases.Where(path=VILLAGE, place="三社12号门口"),
        channel="portal", contact=cases.Contact(phone="13812345678", is_secret=True), actor=NOBODY,
    )  # fmt: skip
    cases.accept(first.case.id, category=NOISE, actor=county.actor("cun"))
    other = cases.follow(first.case.id, channel="portal", county=COUNTY, actor=SETTING_UP)
    assert "三社12号门口" in read(first)
    assert "三社12号门口" not in read(other)
