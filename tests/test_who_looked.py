"""Opening a phone by the keyboard, and its owner reading who did, in large letters."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page

from gezhi.cases import actions as cases
from tests.browser import DESK, PHONE, Window
from tests.cast import PASSWORD, County, report_leak

pytest_plugins = ["tests.browser"]


# Low enough that what is asked and what is opened may go under the head of the case.
LOW = {"width": DESK["width"], "height": 600}


def _is_below_the_head(page: Page, what: Locator) -> bool:
    """In the end, but for a part of a pixel: what stands above is still being laid out."""
    for _look in range(50):
        head, box = page.locator(".gz-case-head").bounding_box(), what.bounding_box()
        below = head["y"] + head["height"] - 1 if head else LOW["height"]
        if box and below <= box["y"] <= LOW["height"] - box["height"]:
            return True
        page.wait_for_timeout(100)
    return False


@pytest.mark.browser
def test_a_phone_is_opened_by_keyboard_and_its_owner_sees_who(
    committed: County, window: Callable[..., Window]
) -> None:
    reported: cases.Reported = report_leak()
    cun = window("cun", LOW)
    cun.sign_in("cun", PASSWORD)
    page = cun.go(f"/desk/cases/{reported.case.number}/")
    page.get_by_role("button", name="查看电话").focus()
    page.evaluate("document.activeElement.scrollIntoView({block: 'start', behavior: 'instant'})")
    page.keyboard.press("Enter")
    why = page.get_by_label("为什么要看")
    why.wait_for()
    assert _is_below_the_head(page, why), "what asks stands where it can be seen"
    cun.shoot("why")
    why.select_option("ask")
    page.get_by_label("说明").fill("约时间上门")
    page.keyboard.press("Enter")
    opened = page.get_by_role("link", name="13812345678")
    opened.wait_for()
    assert _is_below_the_head(page, opened), "what is on record as seen can be seen"
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
