"""The bar above the desk on a phone: nothing collides, and its search finds what one may see."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE, Window
from tests.cast import PASSWORD, County

pytest_plugins = ["tests.browser"]

_PARTS = ".gz-top > *, .gz-top-right > *"


def _collisions(page: Page) -> list[str]:
    """Parts of the bar that lie on each other, or stick out of the window."""
    return page.evaluate(
        """parts => {
          const shown = [...document.querySelectorAll(parts)].filter(
            each => each.offsetParent && !each.matches(".gz-top-right"));
          const boxes = shown.map(each => [each.className, each.getBoundingClientRect()]);
          const found = [];
          boxes.forEach(([name, box], at) => {
            if (box.left < 0 || box.right > innerWidth) found.push(`${name} sticks out`);
            for (const [other, next] of boxes.slice(at + 1))
              if (box.left < next.right - 1 && next.left < box.right - 1)
                found.push(`${name} lies on ${other}`);
          });
          return found;
        }""",
        _PARTS,
    )


@pytest.mark.browser
def test_the_bar_has_room_for_all_its_signs(
    committed: County, window: Callable[..., Window]
) -> None:
    cun = window("head", PHONE)
    cun.sign_in("cun", PASSWORD)
    for language in ("zh-hans", "en"):
        page = cun.go("/desk/")
        button = page.locator(f"[name=language][value={language}]")
        with page.expect_navigation():
            button.evaluate("button => button.click()")
        for path in ("/desk/", "/desk/cases/new/"):
            page = cun.go(path)
            page.evaluate("() => (document.body.dataset.liveState = 'on')")
            assert _collisions(page) == []
            assert cun.faults_seen_by_axe() == []
        cun.shoot(f"head-{language}")
    field = page.locator("[data-search]")
    field.click()
    box = field.bounding_box()
    assert box
    assert box["width"] > 300, "while somebody types it has the whole bar"
    field.fill("水管")
    field.press("Enter")
    page.wait_for_url("**q=**")


@pytest.mark.browser
def test_who_sees_no_cases_searches_the_list_of_the_page(
    committed: County, window: Callable[..., Window]
) -> None:
    guan = window("head", DESK)
    guan.sign_in("guan", PASSWORD)
    page = guan.go("/desk/admin/accounts/")
    expect(page.locator("[data-search]")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("main [name=words]")).to_be_focused()
    guan.shoot("administration")
