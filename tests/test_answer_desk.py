"""Writing an answer at the desk: a standard reply by one press, the check beside it, by keys."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from gezhi.cases import actions as cases
from gezhi.triage.actions import answers
from tests.browser import DESK, PHONE, Window
from tests.cast import PASSWORD, County, report_leak

pytest_plugins = ["tests.browser"]

REPLY = "{日期}，我们到现场换了破裂的水管，现在供水正常。"


def _handled(county: County) -> str:
    case = report_leak().case
    category = case.proposed_category
    cases.accept(case.id, category=category, actor=county.actor("cun"))
    cases.assign(case.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
    cases.sign(case.id, actor=county.actor("shui"))
    answers.add_reply(title="水管修好了", text=REPLY, category=category, actor=county.actor("guan"))
    return case.number


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_an_answer_is_written_with_help(
    committed: County, window: Callable[..., Window], size: dict[str, int]
) -> None:
    number = _handled(committed)
    shui = window("answer", size)
    shui.sign_in("shui", PASSWORD)
    page = shui.go(f"/desk/cases/{number}/")
    page.locator("[data-move=finish]").first.click()
    area, tick = page.locator("textarea[name=answer]"), page.locator(".gz-field-looked")
    page.locator(".gz-answer-help summary").first.click()
    page.get_by_role("button", name="放进答复").click()
    expect(area).to_have_value(REPLY)
    expect(area).to_be_focused()
    chosen = "area => area.value.slice(area.selectionStart, area.selectionEnd)"
    assert area.evaluate(chosen) == "{日期}"  # what is to be filled in waits to be typed over
    must = page.locator(".gz-answer-check [data-must]")
    expect(must).to_contain_text("还有没填的地方")
    expect(tick).to_be_visible()
    shui.shoot("must")
    assert shui.faults_seen_by_axe() == []
    area.press("End")
    button = must.get_by_role("button")
    button.focus()
    button.press("Enter")  # where it is, without a mouse
    assert area.evaluate(chosen) == "{日期}"
    page.keyboard.type("今天上午")
    expect(must).to_have_count(0)
    expect(tick).to_be_hidden()
    expect(area).to_have_value(REPLY.replace("{日期}", "今天上午"))
    shui.shoot("filled")
    page.keyboard.press("Control+z")
    assert shui.faults_seen_by_axe() == []


@pytest.mark.browser
def test_standard_replies_are_kept(committed: County, window: Callable[..., Window]) -> None:
    _handled(committed)
    guan = window("replies", DESK)
    guan.sign_in("guan", PASSWORD)
    page = guan.go("/desk/admin/replies/")
    guan.shoot("replies")
    assert guan.faults_seen_by_axe() == []
    page.get_by_role("link", name="水管修好了").click()
    expect(page.locator("h1")).to_contain_text("水管修好了")
    guan.shoot("reply")
    assert guan.faults_seen_by_axe() == []
