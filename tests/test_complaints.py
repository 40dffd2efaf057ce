"""What is wrong with a field is seen together with it, also with large letters on a small phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PHONE, Window
from tests.cast import VILLAGE, County

pytest_plugins = ["tests.browser"]

# Of an element: whether nothing stands over its top edge and its bottom edge.
_IS_SEEN = """element => {
  const box = element.getBoundingClientRect();
  return [box.top + 2, box.bottom - 2].every(y => {
    const there = document.elementFromPoint(box.left + box.width / 2, y);
    return there !== null && (element.contains(there) || there.contains(element));
  });
}"""


def _with_large_letters(rita: Window) -> Page:
    page = rita.go("/")
    page.click("[name=size][value=big]")
    return rita.go("/report/")


def _all_is_seen(page: Page, name: str) -> None:
    field = page.locator(f"[name={name}]")
    expect(field).to_be_focused()  # the page's own script brought it here
    group = page.locator(f".gz-field:has([name={name}])")
    for part in (group.locator("label"), group.locator(".gz-wrong"), field):
        assert part.evaluate(_IS_SEEN), f"{part} is not seen"
    label, wrong = group.locator("label").bounding_box(), group.locator(".gz-wrong").bounding_box()
    typed = field.bounding_box()
    assert label
    assert wrong
    assert typed
    assert label["y"] < wrong["y"] < typed["y"], "what is wrong stands under the label"
    described = (field.get_attribute("aria-describedby") or "").split()
    assert group.locator(".gz-wrong").get_attribute("id") in described


@pytest.mark.browser
def test_a_complaint_is_seen_with_its_field(
    committed: County, window: Callable[..., Window]
) -> None:
    rita = window("complaints", PHONE)
    page = _with_large_letters(rita)
    page.get_by_role("button", name="下一步").click()
    _all_is_seen(page, "what")
    rita.shoot("what")
    assert rita.faults_seen_by_axe() == []
    page.fill("[name=what]", "村口路灯三天不亮")
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/report/where/")
    page.get_by_role("button", name="下一步").click()
    _all_is_seen(page, "place")
    rita.shoot("where")


@pytest.mark.browser
def test_several_complaints_are_listed_first_and_lead_to_their_fields(
    committed: County, window: Callable[..., Window]
) -> None:
    rita = window("complaints", PHONE)
    page = _with_large_letters(rita)
    page.fill("[name=what]", "村口路灯三天不亮")
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/report/where/")
    page.select_option("[name=path]", VILLAGE)
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/report/send/")
    page.locator("[name=name]").evaluate("field => field.removeAttribute('maxlength')")
    page.fill("[name=name]", "李" * 50)
    page.fill("[name=phone]", "不知道")
    page.get_by_role("button", name="发送").click()
    listed = page.locator(".gz-problem")
    expect(listed).to_be_focused()
    rita.shoot("listed")
    assert rita.faults_seen_by_axe() == []
    listed.get_by_role("link", name="电话").click()
    _all_is_seen(page, "phone")
    rita.shoot("phone")
