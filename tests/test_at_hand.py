"""Nothing lies over what is to be pressed; what informs goes by itself; keys do the daily work."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from gezhi.cases import actions
from gezhi.cases.models import Case
from tests.browser import DESK, PHONE, Window
from tests.cast import PASSWORD, County, report_leak

pytest_plugins = ["tests.browser"]

# Brought to the lower edge of the window, whether anything stands over its top or bottom edge.
_IS_SEEN = """element => {
  element.scrollIntoView({ block: "end", behavior: "instant" });
  const box = element.getBoundingClientRect();
  return [box.top + 2, box.bottom - 2].every(y => {
    const there = document.elementFromPoint(box.left + box.width / 2, y);
    return there !== null && (element.contains(there) || there.contains(element));
  });
}"""
_CONTRAST = """element => {
  const canvas = document.createElement("canvas").getContext("2d");
  const light = colour => {
    canvas.fillStyle = "#fff"; canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(part => part / 255);
    const lit = parts.map(one => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * lit[0] + 0.7152 * lit[1] + 0.0722 * lit[2];
  };
  const style = getComputedStyle(element);
  const both = [light(style.color), light(style.backgroundColor)];
  return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
}"""


def _all_seen(page: Page, *places: str) -> None:
    for place in places:
        for one in page.locator(place).all():
            assert one.evaluate(_IS_SEEN), f"something lies over {place}"


@pytest.mark.browser
def test_the_button_covers_nothing_on_the_last_step(
    committed: County, window: Callable[..., Window]
) -> None:
    rita = window("last-step", PHONE)
    page = rita.go("/report/")
    page.fill("[name=what]", "村口路灯三天不亮")
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/report/where/")
    page.fill("[name=place]", "柳树村村口桥边")
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/report/send/")
    _all_seen(page, "[name=address]", ".gz-check", ".gz-act button")
    rita.shoot("send")
    assert rita.problems == []


@pytest.mark.browser
def test_the_button_covers_no_choice_of_the_vote(
    committed: County, window: Callable[..., Window]
) -> None:
    made = report_leak()
    _finished(made.case, committed)
    rita = window("vote", PHONE)
    page = rita.go(f"/track/{made.case.number}/?code={made.code}")
    _all_seen(page, ".gz-verdict label", ".gz-ratings label", "[name=rate_words]")
    page.locator(".gz-ratings label").last.scroll_into_view_if_needed()
    rita.shoot("vote")
    assert rita.problems == []


def _finished(case: Case, county: County) -> None:
    _assigned(case, county)
    shui = county.actor("shui")
    actions.sign(case.id, actor=shui)
    actions.finish(case.id, outcome="withdrawn", answer="诉求人自己撤回了", actor=shui)


def _assigned(case: Case, county: County) -> None:
    cun = county.actor("cun")
    actions.accept(case.id, category=case.proposed_category, actor=cun)
    actions.assign(case.id, unit=county.unit("dept-water"), actor=cun)


@pytest.mark.browser
def test_what_informs_goes_and_what_went_wrong_stays(
    committed: County, window: Callable[..., Window]
) -> None:
    cun = window("notices", DESK)
    cun.sign_in("cun", PASSWORD)
    page = cun.go("/desk/?tab=area&pace=soon")
    page.clock.install()

    def save(name: str) -> None:
        page.locator("summary", has_text="常用").click()
        field = page.locator(".gz-save [name=name]")
        field.evaluate("field => { field.required = false }")
        field.fill(name)
        cun.shoot("saved") if name else None
        page.locator(".gz-save button").click()

    save("急事")
    box = page.locator("#notices .gz-notice")
    expect(box).to_contain_text("已保存筛选“急事”")
    assert page.locator("#notices").get_attribute("role") == "status"
    box.hover()
    page.clock.run_for(10_000)
    expect(box).to_have_count(1)
    page.mouse.move(5, 5)
    page.clock.run_for(7_000)
    expect(box).to_have_count(0)
    save("")
    expect(box).to_contain_text("请给这个筛选起个名字")
    page.clock.run_for(20_000)
    expect(box).to_have_count(1)
    assert cun.problems == []


@pytest.mark.browser
def test_the_keys_of_a_handler_and_the_words_of_a_warning(
    committed: County, window: Callable[..., Window]
) -> None:
    case = report_leak().case
    _assigned(case, committed)
    shui = window("keys", DESK)
    shui.sign_in("shui", PASSWORD)
    page = shui.go("/desk/?tab=mine")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".gz-case")).to_contain_text(case.number)
    page.wait_for_load_state("networkidle")  # what is swapped in hears keys a moment later
    page.keyboard.press("g")
    form = page.locator("#move-sign")
    expect(form).to_be_visible()
    actions.note(case.id, words="别人刚写的", actor=committed.actor("cun"))
    form.locator("button[type=submit]").click()
    warning = page.locator("#move-sign .alert-warning")
    expect(warning).to_be_visible()
    assert warning.evaluate(_CONTRAST) >= 4.5
    page.locator("#move-sign button[type=submit]").click()
    expect(page.locator("[data-move=finish]")).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("f")
    expect(page.locator("#move-finish")).to_be_visible()
    shui.shoot("finish")
    page.locator("[data-copy-link]").click()
    expect(page.locator("#notices")).to_contain_text("链接已复制")
    shui.shoot("copied")
    assert shui.problems == []
