"""A list that is open while others work: it follows, also when asking failed in between."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Request, expect

from gezhi.base import clock
from gezhi.cases import actions
from tests.browser import DESK, Window
from tests.cast import PASSWORD, County, report_leak

pytest_plugins = ["tests.browser"]


@pytest.mark.browser
def test_what_could_not_be_asked_for_is_asked_for_again(
    committed: County, window: Callable[..., Window]
) -> None:
    case = report_leak().case
    cun = window("lists", DESK)
    cun.sign_in("cun", PASSWORD)
    page = cun.go("/desk/?tab=mine")
    row = page.locator(f"#rows [data-row='{case.number}']")
    expect(row).to_contain_text("待受理")
    asked: list[Request] = []
    page.on("request", lambda each: "/rows/now/" in each.url and asked.append(each))
    page.route("**/rows/now/**", lambda route: route.abort())
    actions.accept(case.id, category=case.proposed_category, actor=committed.actor("cun"))
    page.evaluate(
        "id => document.querySelector('[data-news]').dispatchEvent("
        "new CustomEvent('gz:news', {detail: {about: `case:${id}`}, bubbles: true}))",
        str(case.id),
    )
    page.evaluate(
        "number => document.body.dispatchEvent("
        "new CustomEvent('gz-bulk', {detail: {numbers: [number]}, bubbles: true}))",
        case.number,
    )
    expect(page.locator("#notices")).not_to_be_empty()
    expect(row).to_contain_text("待受理")
    page.unroute("**/rows/now/**")
    expect(row).to_contain_text("已受理")
    assert {each.method for each in asked} == {"POST"}
    assert all("x-gezhi-quiet" in each.headers for each in asked), "asked by the page is no use"
    assert cun.problems == []


@pytest.mark.browser
def test_a_key_that_finds_nothing_to_supervise_says_what_to_do_first(
    committed: County, window: Callable[..., Window]
) -> None:
    with clock.standing_at(clock.now() - timedelta(hours=1)):
        case = report_leak().case
    du = window("lists", DESK)
    du.sign_in("du", PASSWORD)
    page = du.go("/desk/supervision/")
    expect(page.locator(f"#rows [data-row='{case.number}']")).to_be_visible()
    page.keyboard.press("s")
    expect(page.locator("#notices")).to_contain_text("先用 j、k 走到一件")
    page.keyboard.press("j")
    page.keyboard.press("s")
    expect(page.locator("#case form.gz-bulk")).to_be_visible()
    assert du.problems == []
