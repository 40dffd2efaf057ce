"""What the navigation leads to, for everybody, at the desk and on a phone: by axe, and no wider."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import DESK, PHONE, Window
from tests.cast import PASSWORD, County, report_leak

pytest_plugins = ["tests.browser"]

_PEOPLE = ("xian", "du", "guan", "an", "shen")  # together they have every entry there is


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_of_the_navigation_can_be_read_by_everybody(
    committed: County, window: Callable[..., Window], size: dict[str, int]
) -> None:
    report_leak()
    faults: dict[str, Any] = {}
    seen: set[str] = set()
    for login in _PEOPLE:
        own = window(f"navigation-{login}", size)
        own.sign_in(login, PASSWORD)
        for path in _entries(own):
            if path in seen:
                continue
            seen.add(path)
            page = own.go(path)
            expect(page.locator("h1").first).to_be_attached()
            own.shoot(path.strip("/").replace("/", "-"))
            found = own.faults_seen_by_axe()
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                found.append("wider than the window")
            if found:
                faults[path] = found
        assert own.problems == []
        assert own.refused == []
    assert len(seen) > 15
    assert not faults, "\n".join(f"{path}: {one}" for path in faults for one in faults[path])


def _entries(own: Window) -> list[str]:
    """Where the navigation leads, without its filters."""
    links: list[str] = own.page.eval_on_selector_all(
        "nav a[href^='/desk/']", "found => found.map(one => new URL(one.href).pathname)"
    )
    return list(dict.fromkeys(links))
