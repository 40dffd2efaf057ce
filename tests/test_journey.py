"""The whole loop in the browser: from a phone-sized page to rated and closed.

Rita reports on her phone; village, town and the water department work at their desks;
Rita has the last word. Screenshots of every step are kept in $GEZHI_HOME/screenshots.
"""

import io
import re
import shutil
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import DESK, HOME, PHONE, Window
from tests.cast import PASSWORD, VILLAGE, County

pytest_plugins = ["tests.browser"]


def photo(colour: str) -> bytes:
    """A picture as a phone takes one."""
    out = io.BytesIO()
    Image.new("RGB", (1200, 900), colour).save(out, "JPEG")
    return out.getvalue()


def do(page: Page, act: str, fill: Callable[[Page], None]) -> None:
    """Open an act's form on the case page, fill it in, send it, and wait for the case to move."""
    button = page.locator(f"[data-move={act}]").first
    if not button.is_visible():
        page.locator(".gz-menu summary").click()
    button.click()
    form = page.locator(f"#move-{act}")
    form.wait_for()
    fill(page)
    form.locator("button[type=submit]").click()
    expect(page.locator(".gz-moved")).to_be_visible()


def choose_first(page: Page, name: str) -> None:
    """Choose the first real option of a list."""
    select = page.locator(f"[name={name}]")
    value = select.locator("option:not([value=''])").first.get_attribute("value")
    select.select_option(value)


@pytest.mark.browser
def test_from_report_to_rated_and_closed(committed: County, window: Callable[..., Window]) -> None:
    shutil.rmtree(HOME / "screenshots" / "journey", ignore_errors=True)
    rita = window("journey", PHONE)
    number, code = _report(rita)
    _village(window("journey", DESK), number)
    _town(window("journey", DESK), number)
    _department(window("journey", DESK), number)
    _last_word(rita, number)
    _visit(window("journey", DESK), number)
    page = rita.go(f"/track/{number}/")
    expect(page.locator("main")).to_contain_text("已结案")
    rita.shoot("rita-closed")
    assert len(code) == 8
    assert rita.problems == []


def _report(rita: Window) -> tuple[str, str]:
    page = rita.go("/")
    rita.shoot("home")
    assert rita.faults_seen_by_axe() == []
    page.get_by_role("link", name=re.compile("反映问题")).first.click()
    page.fill("[name=what]", "村口自来水管破裂，水流了一路，已经半天了")
    page.set_input_files("#photos", files=[_file("水管.jpg", "steelblue")])
    expect(page.locator("main img").first).to_be_visible()
    rita.shoot("what")
    assert rita.faults_seen_by_axe() == []
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/report/where/")
    page.select_option("[name=path]", VILLAGE)
    page.fill("[name=place]", "柳树村村口老槐树旁")
    rita.shoot("where")
    assert rita.faults_seen_by_axe() == []
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/report/send/")
    page.fill("[name=name]", "李秀兰")
    page.fill("[name=phone]", "13812345678")
    rita.shoot("send")
    assert rita.faults_seen_by_axe() == []
    page.get_by_role("button", name="发送").click()
    page.wait_for_url("**/report/done/")
    rita.shoot("done")
    number = page.locator(".gz-ticket-number").inner_text().strip()
    code = page.locator(".gz-ticket-code").inner_text().replace(" ", "").strip()
    page.get_by_role("link", name="看进度").click()
    expect(page.locator("main")).to_contain_text("柳树村综治中心")
    rita.shoot("tracking-reported")
    assert rita.faults_seen_by_axe() == []
    return number, code


def _file(name: str, colour: str) -> dict[str, object]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": photo(colour)}


def _village(cun: Window, number: str) -> None:
    cun.sign_in("cun", PASSWORD)
    expect(cun.page.locator("main")).to_contain_text(number)
    cun.shoot("village-inbox")
    page = cun.go(f"/desk/cases/{number}/")
    cun.shoot("village-case")
    assert cun.faults_seen_by_axe() == []
    do(page, "accept", lambda page: None)
    cun.shoot("village-accepted")

    def why(page: Page) -> None:
        choose_first(page, "reason")
        page.fill("#move-escalate [name=words]", "主管道破裂，村里没有设备，请镇上处理。")

    cun.go(f"/desk/cases/{number}/")
    do(page, "escalate", why)
    cun.shoot("village-escalated")


def _town(zhen: Window, number: str) -> None:
    zhen.sign_in("zhen", PASSWORD)
    page = zhen.go(f"/desk/cases/{number}/")

    button = page.locator("[data-move=assign]").first
    button.click()
    select = page.locator("#move-assign [name=unit]")
    select.wait_for()
    value = select.locator("option", has_text="水务局").first.get_attribute("value")
    select.select_option(value)
    zhen.shoot("town-assigning")
    page.locator("#move-assign button[type=submit]").click()
    expect(page.locator(".gz-moved")).to_be_visible()
    zhen.shoot("town-assigned")


def _department(shui: Window, number: str) -> None:
    shui.sign_in("shui", PASSWORD)
    page = shui.go(f"/desk/cases/{number}/")
    shui.shoot("department-case")
    do(page, "sign", lambda page: None)
    page = shui.go(f"/desk/cases/{number}/")

    def solved(page: Page) -> None:
        form = page.locator("#move-finish")
        form.locator("[name=outcome][value=solved], [name=outcome] option").first.wait_for(
            state="attached"
        )
        if form.locator("select[name=outcome]").count():
            form.locator("select[name=outcome]").select_option("solved")
        else:
            form.locator("[name=outcome][value=solved]").check()
        form.locator("[name=answer]").fill("主管道已更换，今天下午三点恢复供水，路面也清理了。")
        for name in ("before", "after", "document"):
            field = form.locator(f"input[type=file][name={name}]")
            if field.count() and name != "document":
                field.set_input_files(files=[_file(f"{name}.jpg", "seagreen")])
        shui.shoot("department-finishing")

    do(page, "finish", solved)
    shui.shoot("department-finished")


def _last_word(rita: Window, number: str) -> None:
    page = rita.go(f"/track/{number}/")
    expect(page.locator("main")).to_contain_text("恢复供水")
    rita.shoot("rita-answered")
    assert rita.faults_seen_by_axe() == []
    page.locator(".gz-yes").click()
    page.locator(".gz-ratings label").first.click()
    page.fill("[name=rate_words]", "来得快，谢谢")
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator("main")).to_contain_text("您的评价")
    rita.shoot("rita-rated")


def _visit(fang: Window, number: str) -> None:
    fang.sign_in("fang", PASSWORD)
    page = fang.go("/desk/visits/")
    expect(page.locator("main")).to_contain_text(number)
    fang.shoot("return-visits")
    assert fang.faults_seen_by_axe() == []
    row = page.locator(".gz-visit", has_text=number)
    row.locator("summary").click()
    form = row.locator("#move-visit_back")
    form.locator("[name=is_reached][value=yes]").check()
    form.locator("[name=is_solved][value=yes]").check()
    fang.shoot("return-visit-form")
    assert fang.faults_seen_by_axe() == []
    form.locator("button[type=submit]").click()
    expect(page.locator(".gz-moved")).to_be_visible()
    fang.shoot("visited")
