"""A map on a slow network says that it is coming, and where it doesn't come, that it did not."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.browser import DESK, Window
from tests.cast import PASSWORD, County

pytest_plugins = ["tests.browser"]


@pytest.mark.browser
def test_a_map_that_comes_late_or_never_says_so(
    committed: County, window: Callable[..., Window]
) -> None:
    cun = window("slow-map", DESK)
    cun.sign_in("cun", PASSWORD)
    waiting: list[Route] = []
    cun.page.route("**/map/county.json", lambda route: waiting.append(route))
    page = cun.go("/desk/")
    says = page.locator(".gz-map-says")
    expect(says).to_have_text("地图载入中…")
    cun.shoot("comes")
    waiting.pop().continue_()
    expect(says).to_have_count(0)
    cun.go("/desk/")
    expect(says).to_have_text("地图载入中…")
    waiting.pop().abort()
    expect(says).to_contain_text("地图没有载入")
    cun.shoot("lost")
    assert cun.problems == []
