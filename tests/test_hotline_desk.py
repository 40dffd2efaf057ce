"""The hotline's console in a browser: a call by keyboard alone, large and small, by axe."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from gezhi.cases.models import Case
from gezhi.hotline.models import Call
from gezhi.hotline.tests.calling import PENSION, Switch, write_article
from gezhi.people import actions as people
from tests.browser import DESK, PHONE, Window
from tests.cast import PASSWORD, SETTING_UP, County, report_leak

pytest_plugins = ["tests.browser"]


def switch_of(county: County) -> Switch:
    return Switch(
        lambda name: str(
            people.make_key(account=county.accounts[name].id, name="pbx", actor=SETTING_UP).token
        )
    )


def fits_one_screen(page: object) -> bool:
    return bool(
        page.evaluate(  # type: ignore[attr-defined]
            "document.documentElement.scrollHeight <= window.innerHeight"
        )
    )


@pytest.mark.browser
def test_a_call_is_taken_by_keyboard_alone_from_pop_to_number(
    committed: County, window: Callable[..., Window]
) -> None:
    write_article(committed, valid_until=None)
    report_leak()
    switch = switch_of(committed)
    xian = window("hotline", DESK)
    page = xian.page

    def look(name: str) -> None:
        xian.shoot(f"{DESK['width']}-{name}")
        assert xian.faults_seen_by_axe() == []
        assert fits_one_screen(page), name

    xian.sign_in("xian", PASSWORD)
    xian.go("/desk/hotline/")
    expect(page.locator("#id_what")).to_be_focused()
    look("empty")
    keys = page.keyboard
    page.locator("h1").click()  # while somebody types, a ? is a sign
    keys.press("?")
    expect(page.locator("#keys")).to_contain_text("接电话时")
    xian.shoot("keys")
    keys.press("Escape")
    keys.press("Alt+KeyW")
    expect(page.locator("#id_what")).to_be_focused()
    switch.rings("c-1", line="12345-2", order="RX2026110001")
    expect(page.locator("#caller")).to_contain_text("138****1234")
    keys.type("柳树村一组的路灯三天不亮，晚上看不清路")
    expect(page.locator("#found [data-suggest]").first).to_be_visible()
    keys.press("Alt+Digit1")
    expect(page.locator("#id_category")).not_to_have_value("")
    with page.expect_response(lambda one: "D-17" in (one.request.post_data or "")):
        page.fill("#asks input[type=text]", "D-17")
    page.reload()
    expect(page.locator("#asks input[type=text]")).to_have_value("D-17")
    keys.press("Alt+KeyP")
    expect(page.locator("#id_place")).to_be_focused()
    keys.type("柳树村村口")
    keys.press("Alt+KeyW")
    expect(page.locator("#id_what")).to_be_focused()
    look("typed")
    switch.is_over("c-1", seconds=75, recording="2026/11/c-1.wav")
    expect(page.locator("#caller")).to_contain_text("已挂断")
    expect(page.locator("#id_what")).to_be_focused()
    keys.press("Control+Enter")
    expect(page.locator(".gz-big").first).to_contain_text("-")
    made = Case.objects.get(channel="hotline")
    assert made.number in page.locator(".gz-big").first.inner_text()
    look("number")
    switch.rings("c-2", from_number="13900005678")
    keys.press("Enter")  # the next call
    expect(page.locator("#caller")).to_contain_text("139****5678")
    expect(page.locator("#id_what")).to_be_focused()
    keys.type("我妈八十岁了老人补贴怎么领")
    expect(page.locator("#found")).to_contain_text(PENSION["title"])
    look("article")
    keys.press("Alt+KeyA")
    expect(page.locator("#notices, .alert").first).to_contain_text("已记为当场答复")
    switch.rings("c-3")
    expect(page.locator("#caller")).to_contain_text("这个号码反映过 1 件")
    keys.type("柳树村村口自来水管破裂，路上全是水，没人管")
    expect(page.locator("#found .gz-same")).to_be_visible()
    look("same")
    page.reload()
    expect(page.locator("#id_what")).to_have_value("柳树村村口自来水管破裂，路上全是水，没人管")
    keys.press("Alt+KeyJ")
    expect(page.locator("h1")).to_contain_text("记到这一件上了")
    outcomes = list(Call.objects.order_by("call_id").values_list("outcome", flat=True))
    assert outcomes == ["opened", "answered", "joined"]
    xian.go(f"/desk/cases/{made.number}/")
    expect(page.locator("#case")).to_contain_text("RX2026110001")
    xian.shoot("case")
    assert xian.problems == []
    assert xian.refused == []


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_hotlines_pages_are_usable_small_and_large(
    committed: County, window: Callable[..., Window], size: dict[str, int]
) -> None:
    article = write_article(committed)
    switch = switch_of(committed)
    switch.rings("c-1", line="12345-2")
    switch.is_over("c-1", seconds=75, recording="2026/11/c-1.wav")
    xian = window("hotline-pages", size)
    page = xian.page

    xian.sign_in("xian", PASSWORD)
    xian.go("/desk/hotline/")
    page.fill("#id_what", "八十岁老人补贴怎么领，还有村口路灯不亮")
    expect(page.locator("#found")).to_contain_text(PENSION["title"])
    xian.look("console")
    page.get_by_role("button", name="当场答复").first.click()
    expect(page.locator("#caller")).to_contain_text("没有来电")
    switch.rings("c-2", line="12345-2")
    xian.go("/desk/hotline/calls/")
    xian.look("calls")
    page.get_by_role("link", name="接着处理").press("Enter")
    expect(page.locator("#caller")).to_contain_text("138****1234")
    xian.go("/desk/hotline/articles/")
    xian.look("articles")
    xian.go("/desk/hotline/articles/new/")
    xian.look("new")
    du = window("hotline-pages", size)
    xian, page = du, du.page
    du.sign_in("du", PASSWORD)
    du.go(f"/desk/hotline/articles/{article.id}/")
    xian.look("article")
    assert du.problems == []
