"""One act on many cases while it runs, in a browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from gezhi.desk import actions
from gezhi.desk.actions import Wanted
from tests.browser import DESK, Window
from tests.cast import COUNTY, PASSWORD, County, report_leak

pytest_plugins = ["tests.browser"]


@pytest.mark.browser
def test_the_keyboard_stays_on_stop_while_the_part_is_swapped(
    committed: County, window: Callable[..., Window]
) -> None:
    case = report_leak().case
    found = actions.start_bulk(
        "supervise", [Wanted(case.id, case.number, case.lines)], arguments={"words": "今天办完"},
        key="press", digest="press", county=COUNTY, actor=committed.actor("du"),
    )  # fmt: skip
    du = window("running", DESK)
    du.sign_in("du", PASSWORD)
    page = du.go(f"/desk/bulk/runs/{found.id}/")
    page.get_by_role("button", name="停止").focus()
    page.evaluate("document.getElementById('running').dataset.first = 'yes'")
    expect(page.locator("#running")).not_to_have_attribute("data-first", "yes")
    expect(page.get_by_role("button", name="停止")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#running-title")).to_contain_text("已停止")
