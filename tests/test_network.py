"""Forms on a bad network: nothing is sent into nowhere, nothing is lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import FilePayload, Route, expect

from gezhi.cases.models import Case
from gezhi.portal.tests.reporting import photo
from tests.browser import DESK, PHONE, Window
from tests.cast import PASSWORD, County

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


@contextmanager
def _scripts_come_last(who: Window, path: str) -> Iterator[None]:
    """This page is there and can be filled in; its scripts come when the block ends."""
    held: list[Route] = []
    who.page.route("**/*.js", lambda route: held.append(route))
    who.page.goto(who.address + path, wait_until="commit")
    yield
    for route in held:
        route.continue_()


@pytest.mark.browser
def test_what_is_typed_before_the_scripts_have_come_is_saved_and_searched(
    committed: County, window: Callable[..., Window]
) -> None:
    xian = window("hotline-slow", DESK)
    xian.sign_in("xian", PASSWORD)
    page = xian.page
    with _scripts_come_last(xian, "/desk/hotline/"):
        expect(page.locator("#id_what")).to_be_focused()
        page.keyboard.type(_WORDS)
        expect(page.locator("#id_what")).to_have_value(_WORDS)
    expect(page.locator("[data-kept]")).to_contain_text("边打边存")
    expect(page.locator("#found [data-suggest]").first).to_be_visible()


@pytest.mark.browser
def test_a_photo_that_is_chosen_before_the_scripts_have_come_is_sent_at_once(
    committed: County, window: Callable[..., Window]
) -> None:
    rita = window("photo-slow", PHONE)
    with _scripts_come_last(rita, "/report/"):
        file: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo().read()}
        rita.page.set_input_files("#photos", files=[file])
    expect(rita.page.locator("main img").first).to_be_visible()


@pytest.mark.browser
def test_at_the_hotline_nothing_a_caller_said_goes_with_the_network(
    committed: County, window: Callable[..., Window]
) -> None:
    xian = window("hotline-network", DESK)
    xian.sign_in("xian", PASSWORD)
    page = xian.go("/desk/hotline/")
    page.fill("#id_what", _WORDS)
    page.select_option("#id_path", label=page.locator("#id_path option").nth(1).inner_text())
    xian.context.set_offline(True)
    page.locator("#id_what").press_sequentially("，断网以后写的")
    expect(page.locator("[data-kept]")).to_contain_text("还没有存上")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notices")).to_contain_text("网络不通")
    expect(page.locator("#id_what")).to_have_value(f"{_WORDS}，断网以后写的")
    xian.shoot("offline")
    xian.context.set_offline(False)
    expect(page.locator("[data-kept]")).to_contain_text("边打边存")  # by itself
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("登记好了")
    assert Case.objects.get().what == f"{_WORDS}，断网以后写的"
