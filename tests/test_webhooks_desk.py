"""Webhooks in a browser: large and small, by axe, a replay followed to its end."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from gezhi.exchange.tests.receiving import Program, receiver, work
from tests.browser import DESK, PHONE, Window
from tests.cast import PASSWORD, TOWN, County, report_leak

pytest_plugins = ["tests.browser"]
_HOME = "/desk/admin/webhooks/"


def _choose_by_keyboard(page: Page) -> None:
    """A group is opened, chosen as a whole, and one of it left out again."""
    group = page.locator("[data-group]").first
    of = group.locator("input[name]").count()
    expect(group.locator("input[name]").first).to_be_hidden()
    group.locator("summary").press("Enter")
    whole = group.get_by_label("整组都选")
    expect(whole).to_be_visible()  # which it is once the page's scripts have come
    whole.press("Space")
    expect(group.locator("summary")).to_contain_text(f"已选 {of} / {of}")
    group.locator("input[name]").nth(1).press("Space")
    expect(group.locator("summary")).to_contain_text(f"已选 {of - 1} / {of}")
    assert whole.evaluate("box => box.indeterminate && !box.checked")


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_webhooks_are_looked_after_at_the_desk_and_on_a_phone(
    committed: County, window: Callable[..., Window], size: dict[str, int]
) -> None:
    guan = window("webhooks", size)
    page = guan.page

    guan.sign_in("guan", PASSWORD)
    guan.go(_HOME)
    guan.look("empty")
    program = Program(committed)
    with receiver() as there, receiver() as gone:
        there.says, there.answers = "unknown category", [422, 204]
        gone.answers = [410]
        page.get_by_role("link", name="新订阅").click()
        guan.look("new")
        page.fill("#id_name", "市级平台")
        page.fill("#id_address", "http://example.org/")
        page.get_by_role("button", name="订阅").click()
        guan.look("refused")
        assert page.input_value("#id_name") == "市级平台"
        _choose_by_keyboard(page)
        guan.look("groups")
        for left in ("[^0] /", "0 /"):  # all of it, and none again: an empty choice is everything
            page.get_by_label("整组都选").first.press("Space")
            expect(page.locator("[data-group] > summary").first).to_contain_text(re.compile(left))
        page.fill("#id_address", there.url)
        page.fill("#id_areas", TOWN)
        page.get_by_role("button", name="订阅").click()
        expect(page.locator("code")).to_contain_text("whsec_")
        guan.look("secret")
        program.subscribe(gone, name="省级平台", types=["gezhi.case.reported"])
        for _each in range(4):
            report_leak()
        work()
        guan.go(_HOME)
        guan.look("list")
        page.get_by_role("link", name="市级平台").click()
        guan.look("webhook")
        page.get_by_role("button", name="发测试").click()
        expect(page.locator("#now")).to_contain_text("正在发测试事件")
        there.answers = [204, 500]
        page.get_by_text("重放", exact=True).click()
        page.fill("#id_since", "2020-01-01T00:00")
        page.get_by_role("button", name="开始重放").click()
        expect(page.locator("#now progress")).to_be_visible()
        work()
        expect(page.locator("#now")).to_contain_text("再试")
        guan.look("replaying")
    assert guan.problems == []
