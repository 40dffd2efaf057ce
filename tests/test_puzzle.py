"""The puzzle in a browser: unseen while it is quick, else a calm line; words without scripts."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from playwright.sync_api import Browser, expect

from gezhi.base import clock, puzzle
from gezhi.record.tests.test_paying import report
from tests.browser import HOME, PHONE, Window
from tests.cast import County

pytest_plugins = ["tests.browser"]
pytestmark = pytest.mark.browser


def to_the_last_step(page: Window) -> None:
    page.go("/report/")
    page.page.fill("[name=what]", "村口路灯不亮")
    page.page.click(".gz-act button[type=submit]")
    page.page.wait_for_url("**/report/where/")
    page.page.fill("[name=place]", "柳树村老槐树旁边")
    page.page.click(".gz-act button[type=submit]")
    page.page.wait_for_url("**/report/s*/")
    if page.page.url.endswith("/same/"):
        page.page.locator("form button[type=submit]").last.click()
        page.page.wait_for_url("**/report/send/")


def flood(settings: LazySettings, times: int) -> None:
    settings.PUZZLE_REPORTS = 3
    now = clock.now()
    for number in range(times):
        report(f"198.51.100.{number}", now)


def test_while_many_report_a_phone_works_a_moment_and_nobody_sees_it(
    committed: County, window: Callable[..., Window], settings: LazySettings
) -> None:
    flood(settings, 4)
    rita = window("puzzle", PHONE)
    to_the_last_step(rita)
    box = rita.page.locator("[data-puzzle]")
    expect(box.locator("[data-puzzle-words]")).to_be_hidden()
    expect(box.locator("[name=solution]")).not_to_have_value("")
    rita.shoot("unseen")
    rita.page.click(".gz-act-last button")
    rita.page.wait_for_url("**/report/done/")
    assert rita.problems == []


def test_a_hard_one_shows_a_calm_line_keeps_what_was_typed_and_sends_by_itself(
    committed: County,
    window: Callable[..., Window],
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(puzzle, "BITS", (0, 18, 18, 18, 18))
    rita = window("puzzle", PHONE)
    to_the_last_step(rita)
    rita.page.fill("[name=name]", "李秀英")
    flood(settings, 4)  # counted for a while only: not before the steps, however slow
    rita.page.click(".gz-act-last button")
    expect(rita.page.locator("[data-puzzle-line]")).to_be_visible()
    expect(rita.page.locator("[name=name]")).to_have_value("李秀英")
    rita.shoot("line")
    rita.page.wait_for_url("**/report/done/")
    assert rita.problems == []


def test_without_scripts_a_sum_in_words_is_enough(
    committed: County, browser: Browser, live_server: object, settings: LazySettings
) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 780}, locale="zh-CN"
    )
    rita = Window(context, str(live_server), HOME / "screenshots" / "puzzle")
    to_the_last_step(rita)
    flood(settings, 4)
    rita.page.fill("[name=name]", "李秀英")
    rita.page.click(".gz-act-last button")
    words = rita.page.locator("[data-puzzle-words]")
    expect(words).to_be_visible()
    expect(rita.page.locator("[name=name]")).to_have_value("李秀英")
    said = words.locator("label").inner_text()
    first, second = (int(each) for each in said if each.isdigit())
    rita.page.fill("[name=sum]", str(first + second))
    rita.page.wait_for_timeout(5500)  # as long as reading takes
    rita.page.click(".gz-act-last button")
    rita.page.wait_for_url("**/report/done/")
    context.close()
