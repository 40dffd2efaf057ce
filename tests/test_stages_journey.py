"""A stage of an illegal building in the browser: the lead says it at the desk, Rita reads it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from gezhi.cases import actions
from gezhi.cases.tests.test_stages import SAID, begun
from gezhi.cases.tests.test_waiting_files import picture
from tests.browser import DESK, PHONE, Window
from tests.cast import PASSWORD, County
from tests.test_journey import do

pytest_plugins = ["tests.browser"]


@pytest.mark.browser
def test_the_lead_says_that_building_has_stopped_and_the_resident_reads_it(
    committed: County, window: Callable[..., Window]
) -> None:
    case = begun(committed)
    actions.publish(case.id, is_public=True, actor=committed.actor("du"))

    desk = window("stages", DESK)
    desk.sign_in("shui", PASSWORD)
    page = desk.go(f"/desk/cases/{case.number}/")
    expect(page.locator(".gz-due")).to_contain_text("停工")
    desk.shoot("promised")
    page.locator("[data-move=reach_stage]").click()
    page.locator("#move-reach_stage").wait_for()
    desk.shoot("form")
    assert desk.faults_seen_by_axe() == []
    page.locator("[data-cancel]").click()

    def fill(_page: object) -> None:
        page.select_option("[name=stage]", label="停工")
        page.fill("#reach_stage_words", SAID)
        file = {"name": "停工.jpg", "mimeType": "image/jpeg", "buffer": picture("teal")}
        page.set_input_files("[name=progress]", file)

    do(page, "reach_stage", fill)
    expect(page.locator(".gz-story")).to_contain_text("阶段完成：停工")
    expect(page.locator(".gz-promises")).to_contain_text("按时")
    desk.shoot("reached")
    assert desk.faults_seen_by_axe() == []

    phone = window("stages", PHONE)
    page = phone.go(f"/track/{case.number}/")
    expect(page.locator("main")).to_contain_text("阶段完成：停工")
    expect(page.locator("main")).to_contain_text(SAID)
    phone.shoot("tracked")
    assert phone.faults_seen_by_axe() == []
