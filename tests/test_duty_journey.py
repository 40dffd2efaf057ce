"""A roster from nothing to who is at work: an administrator at the desk, a handler on a phone."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from gezhi.base import clock
from gezhi.people import reads as people
from gezhi.people.rules import Role
from tests.browser import DESK, PHONE, Window
from tests.cast import PASSWORD, County

pytest_plugins = ["tests.browser"]


@pytest.mark.browser
def test_a_roster_is_filled_a_leave_taken_and_the_substitute_stands_in(
    committed: County, window: Callable[..., Window]
) -> None:
    water = committed.unit("dept-water")
    shui, shuiba = (committed.accounts[login] for login in ("shui", "shuiba"))
    tomorrow = timezone.localdate(clock.now()) + timedelta(days=1)
    noon = datetime.combine(tomorrow, time(12), timezone.get_current_timezone())

    def at_work() -> list[object]:
        return list(people.on_duty(water, roles={Role.HANDLER}, at=noon))

    assert set(at_work()) == {shui.id, shuiba.id}, "without a roster everybody is"

    guan = window("duty-desk", DESK)
    guan.sign_in("guan", PASSWORD)
    page = guan.go(f"/desk/duty/units/{water}/?week={tomorrow}")
    page.get_by_label("班次名称").fill("全天")
    page.locator("#id_shift_starts").fill("00:00")
    page.locator("#id_shift_ends").fill("00:00")
    page.get_by_role("button", name="添加班次").click()
    page.get_by_label(shui.name).fill("1")
    page.get_by_label(shuiba.name).fill("2")
    page.locator("#id_fill_first").fill(tomorrow.isoformat())
    page.get_by_role("button", name="排班", exact=True).click()
    expect(page.get_by_text("排了 28 个班。")).to_be_visible()
    assert guan.faults_seen_by_axe() == []
    guan.shoot("filled")
    assert at_work() == [shui.id]

    # With the keyboard alone: into tomorrow's cell, another person beside the first, saved.
    page = guan.go(f"/desk/duty/units/{water}/?week={tomorrow}")
    cell = page.locator(f"a.gz-cell[href*='day={tomorrow}']")
    cell.focus()
    page.keyboard.press("Enter")
    box = page.locator("#cell").get_by_label(shuiba.name)
    box.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="保存这一班").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("值班已经排好。")).to_be_visible()
    assert set(at_work()) == {shui.id, shuiba.id}
    guan.shoot("two")

    phone = window("duty-phone", PHONE)
    phone.sign_in("shui", PASSWORD)
    page = phone.go("/desk/duty/")
    expect(page.get_by_text("全天 00:00–次日00:00").first).to_be_visible()
    page.locator("#id_starts").fill(f"{tomorrow}T08:00")
    page.locator("#id_ends").fill(f"{tomorrow}T18:00")
    page.locator("#id_substitute").select_option(label=shuiba.name)
    page.get_by_role("button", name="登记请假").click()
    expect(page.get_by_text("请假已经登记。")).to_be_visible()
    expect(page.get_by_text(f"{shuiba.name} 替班")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert phone.faults_seen_by_axe() == []
    phone.shoot("leave")
    assert at_work() == [shuiba.id]

    page = guan.go(f"/desk/duty/units/{water}/?week={tomorrow}")
    expect(page.get_by_text(f"请假，{shuiba.name} 替")).to_be_visible()
    assert guan.problems == phone.problems == []
