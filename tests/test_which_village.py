"""Words that many places bear: a resident says in which town and village, by buttons alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from gezhi.cases.models import Case
from gezhi.places import actions as places
from gezhi.places.rules import NewName
from gezhi.triage.tests.named import NAMESAKE, NEW_TOWN, PEACE, add_names
from tests.browser import DESK, PHONE, Window
from tests.cast import COUNTY, FAR_VILLAGE, SECOND, SETTING_UP, VILLAGE, County

pytest_plugins = ["tests.browser"]


@pytest.mark.browser
@pytest.mark.parametrize(("size", "folder"), [(PHONE, "village"), (DESK, "village-wide")])
def test_a_clinic_that_every_village_has_is_found_by_its_village(
    committed: County, window: Callable[..., Window], size: dict[str, int], folder: str
) -> None:
    add_names()
    for path in (VILLAGE, SECOND, FAR_VILLAGE, NAMESAKE, PEACE, NEW_TOWN):
        new = NewName("卫生室", "hospital", path)
        places.add_name(new, county=COUNTY, actor=SETTING_UP)
    rita = window(folder, size)
    page = rita.go("/report/")
    page.fill("[name=what]", "路灯三天不亮")
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/report/where/")
    page.fill("[name=place]", "卫生室旁边")
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/report/where/village/")
    rita.shoot("towns")
    assert rita.faults_seen_by_axe() == []
    page.get_by_role("link", name="石坪镇").click()
    rita.shoot("villages")
    assert rita.faults_seen_by_axe() == []
    page.get_by_role("button", name="和平村").click()
    page.wait_for_url("**/report/send/")
    expect(page.locator(".gz-summary")).to_contain_text("石坪镇 · 和平村")
    rita.shoot("send")
    page.get_by_role("button", name="发送").click()
    page.wait_for_url("**/report/done/")
    assert Case.objects.get().path == PEACE
    assert rita.problems == []
