"""Opening a phone by the keyboard, and its owner reading who did, in large letters."""

from collections.abc import Callable

import pytest

from gezhi.cases import actions as cases
from tests.browser import DESK, PHONE, Window
from tests.cast import PASSWORD, County, report_leak

pytest_plugins = ["tests.browser"]


@pytest.mark.browser
def test_a_phone_is_opened_by_keyboard_and_its_owner_sees_who(
    committed: County, window: Callable[..., Window]
) -> None:
    reported: cases.Reported = report_leak()
    cun = window("cun", DESK)
    cun.sign_in("cun", PASSWORD)
    page = cun.go(f"/desk/cases/{reported.case.number}/")
    page.get_by_role("button", name="查看电话").focus()
    page.keyboard.press("Enter")
    page.get_by_label("为什么要看").wait_for()
    cun.shoot("why")
    page.get_by_label("说明").fill("约时间上门")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="13812345678").wait_for()
    cun.shoot("opened")
    assert page.get_by_text("李秀兰").count() == 0, "one thing, not the whole contact"
    page.get_by_role("button", name="遮住").press("Enter")
    page.get_by_role("button", name="查看电话").wait_for()
    assert page.get_by_text("13812345678").count() == 0
    rita = window("rita", PHONE)
    page = rita.go(f"/track/{reported.case.number}/?code={reported.code}")
    page.locator("[data-letters=big]").click()
    page.locator("[data-letters=normal]").wait_for()
    page.get_by_text("柳树村综治中心 · 受理员").wait_for()
    page.get_by_text("看了电话").wait_for()
    page.get_by_text("约时间上门").wait_for()
    rita.shoot("who-looked")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"], "nothing runs off the side"
    assert not cun.problems + cun.refused + rita.problems + rita.refused
