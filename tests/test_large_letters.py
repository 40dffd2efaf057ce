"""The head and the main pages of the residents' site with large letters on a narrow phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser import PHONE, Window
from tests.cast import County

pytest_plugins = ["tests.browser"]


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_nothing_lies_over_anything_in_large_letters(
    committed: County, window: Callable[..., Window], language: str
) -> None:
    rita = window(f"large-{language}", PHONE)
    page = rita.go("/")
    if language == "en":
        page.locator("[name=language]").click()
    page.locator("[data-letters=big]").click()
    page.locator("[data-letters=normal]").wait_for()
    rita.shoot("home")
    name, first = _box(page, ".gz-brand strong"), _box(page, ".gz-top .gz-tool")
    assert name["x"] + name["width"] <= first["x"]
    assert name["width"] > 70, "and three letters of it can be read"
    page.evaluate(
        "document.querySelector('.gz-brand strong').textContent = '朔渭土家族苗族保安族自治县'"
    )
    name, first = _box(page, ".gz-brand strong"), _box(page, ".gz-top .gz-tool")
    assert name["x"] + name["width"] <= first["x"], "a long name ends before"
    bar = _box(page, ".gz-bottom")
    for link in page.locator(".gz-bottom a span").all():
        words = link.bounding_box()
        assert words, "it is seen"
        assert words["height"] < 40, "in one line"
        assert words["y"] + words["height"] <= bar["y"] + bar["height"]
        assert link.evaluate("words => words.scrollWidth <= words.parentElement.clientWidth")
    tools = page.locator(".gz-top .gz-tool").last.bounding_box()
    assert tools
    assert tools["x"] + tools["width"] <= PHONE["width"]


def _box(page: Page, place: str) -> dict[str, float]:
    found = page.locator(place).first.bounding_box()
    assert found
    return {**found}
