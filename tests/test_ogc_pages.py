"""The pages of OGC API - Features in a browser: large and small, by axe."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from gezhi.base import clock
from gezhi.cases import actions as cases
from tests.browser import DESK, PHONE, Window
from tests.cast import SETTING_UP, TUESDAY, County, report_leak

pytest_plugins = ["tests.browser"]


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_collections_are_read_as_pages(
    committed: County, window: Callable[..., Window], size: dict[str, int]
) -> None:
    for ago in range(12):
        with clock.standing_at(TUESDAY + timedelta(hours=ago)):
            case = report_leak().case
            cases.accept(case.id, category="utility.lamp", actor=SETTING_UP)
            cases.publish(case.id, is_public=True, actor=SETTING_UP)
    rita = window("ogc", size)

    rita.go("/ogc/")
    rita.look("landing")
    rita.page.get_by_role("link", name="数据集").click()
    rita.look("collections")
    rita.page.get_by_role("link", name="公开的工单").click()
    rita.page.get_by_role("link", name="内容").click()
    rita.look("cases")
    rita.page.get_by_role("link", name="下一页").click()
    expect(rita.page.locator("details")).to_have_count(2)
    rita.page.locator("summary").first.click()
    rita.page.get_by_role("link", name="261117-").first.click()
    rita.look("case")
    assert rita.problems == []
