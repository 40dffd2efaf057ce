"""The residents' forms on a bad network: nothing is sent into nowhere, nothing is lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser import PHONE, Window
from tests.cast import County

pytest_plugins = ["tests.browser"]

_WORDS = "村口路灯三天不亮"


@pytest.mark.browser
def test_a_form_waits_for_the_network_with_its_words(
    committed: County, window: Callable[..., Window]
) -> None:
    rita = window("network", PHONE)
    page = rita.go("/report/")
    page.fill("[name=what]", _WORDS)
    rita.context.set_offline(True)
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("#notices")).to_contain_text("网络不通")
    expect(page.locator("[name=what]")).to_have_value(_WORDS)
    rita.shoot("offline")
    rita.context.set_offline(False)
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/report/where/")


@pytest.mark.browser
def test_a_browser_that_wrongly_believes_it_is_offline_sends_all_the_same(
    committed: County, window: Callable[..., Window]
) -> None:
    rita = window("network", PHONE)
    rita.context.add_init_script("Object.defineProperty(navigator, 'onLine', {get: () => false})")
    page = rita.go("/report/")
    page.fill("[name=what]", _WORDS)
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/report/where/")


@pytest.mark.browser
def test_a_network_that_never_answers_is_told_and_keeps_the_words(
    committed: County, window: Callable[..., Window]
) -> None:
    rita = window("network", PHONE)
    rita.context.add_init_script("Object.defineProperty(navigator, 'onLine', {get: () => false})")
    page = rita.go("/report/")
    asked: list[str] = []
    page.route(
        "**/*",
        lambda route: (
            asked.append(route.request.url)  # and no answer
            if route.request.method == "HEAD"
            else route.continue_()
        ),
    )
    page.fill("[name=what]", _WORDS)
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("#notices")).to_contain_text("网络不通", timeout=20_000)
    assert len(asked) == 1
    expect(page.locator("[name=what]")).to_have_value(_WORDS)
