"""Sources in a browser, large and small, by axe: made, tried, switched on, what waits settled."""

import json
import time
from collections.abc import Callable
from io import BytesIO

import pytest
from playwright.sync_api import expect

from gezhi.intake import actions
from gezhi.intake.actions import Brought, Wanted
from gezhi.intake.errors import SignatureWrong
from gezhi.intake.models import Source
from tests.browser import DESK, PHONE, Window
from tests.cast import PASSWORD, SETTING_UP, County

pytest_plugins = ["tests.browser"]
_HOME = "/desk/admin/sources/"
MAP = """number = "id"
what = ["title", "text"]
place = "where"
when = "at"
name = "by.name"
phone = "by.phone"
"""
SAMPLE = {
    "id": "YX-2026-001", "title": "水管破裂", "where": "柳树村村口", "at": int(time.time()) - 900,
    "text": "柳树村村口自来水管破裂，路上全是水，没有人管",
    "by": {"name": "李秀兰", "phone": "13812345678"},
}  # fmt: skip


def bring(source: Source, **more: object) -> None:
    told = SAMPLE | more
    raw = json.dumps(told, ensure_ascii=False).encode()
    actions.receive(source, Brought(str(told["id"]), raw))


def some_sources() -> None:
    """A board that is fine, a mailbox that nobody can get into."""
    board, _ = actions.add_source(
        "board", Wanted(name="领导留言板", field_map=MAP), actor=SETTING_UP
    )
    actions.try_map(board.id, json.dumps(SAMPLE), actor=SETTING_UP)
    actions.switch_source(board.id, is_active=True, actor=SETTING_UP)
    bring(
        board,
        id="L1",
        text="广场舞的音箱声音太大，晚上十点还在放",
        title="噪音扰民",
        where="人民广场",
    )
    wanted = Wanted(
        name="书记信箱", host="127.0.0.1", user="letters", secret="x", done_folder="已收"
    )
    mail, _ = actions.add_source("mailbox", wanted, actor=SETTING_UP)
    actions.switch_source(mail.id, is_active=True, actor=SETTING_UP)
    actions.ask_source(mail.id)


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_sources_are_looked_after_at_the_desk_and_on_a_phone(
    committed: County, window: Callable[..., Window], size: dict[str, int]
) -> None:
    guan = window("sources", size)
    page = guan.page

    guan.sign_in("guan", PASSWORD)
    guan.go(_HOME)
    guan.look("empty")
    page.get_by_role("link", name="信箱", exact=True).click()
    guan.look("new-mailbox")
    guan.go(f"{_HOME}new/?kind=webhook")
    page.fill("#id_name", "城管平台")
    page.fill("#id_field_map", 'number = "id"\nwaht = "text"')
    page.get_by_role("button", name="保存").click()
    guan.look("refused")
    expect(page.locator("#id_field_map")).to_have_value('number = "id"\nwaht = "text"')
    page.fill("#id_field_map", MAP)
    page.get_by_role("button", name="保存").click()
    expect(page.locator("code").first).to_contain_text("whsec_")
    guan.look("secret")
    page.locator("summary", has_text="怎样签名发送").click()
    page.locator("summary", has_text="设置").click()
    page.locator("summary", has_text="删除来源").click()
    guan.look("signing-and-removing")
    page.fill("#id_sample", json.dumps(SAMPLE | {"at": "昨天"}, ensure_ascii=False))
    page.get_by_role("button", name="试读").click()
    expect(page.get_by_text("读不懂这个时间")).to_be_visible()
    page.fill("#id_sample", json.dumps(SAMPLE, ensure_ascii=False))
    page.get_by_role("button", name="试读").click()
    expect(page.get_by_text("可以收下")).to_be_visible()
    guan.look("tried")
    page.get_by_role("button", name="开始接收").click()
    source = Source.objects.get()
    some_sources()
    bring(source)
    bring(source, id="YX-2026-002", at="不知道")
    bring(source, text="别的事：学校门口的红绿灯坏了，孩子过马路危险，请打13912345678")
    with pytest.raises(SignatureWrong):
        actions.take_sent(source.id, BytesIO(b"{}").read, id="1", timestamp="1", signatures="v1,x")
    guan.go(_HOME)
    guan.look("list")
    page.get_by_role("link", name="城管平台").click()
    guan.look("one")
    page.locator("summary", has_text="设置").click()
    expect(page.get_by_text("收到过消息的来源不能删除")).to_be_visible()
    page.locator("summary", has_text="换一个签名密钥").click()
    page.get_by_role("button", name="生成新密钥").click()
    expect(page.get_by_text("为止还能用")).to_be_visible()
    guan.look("changing-over")
    guan.go(f"{_HOME}{source.id}/?fate=kept")
    guan.look("kept")

    xian = window("sources-taking", size)
    page, guan = xian.page, xian
    xian.sign_in("xian", PASSWORD)
    xian.go(f"{_HOME}{source.id}/?fate=waiting")
    page.get_by_role("link", name="看原文").first.click()
    expect(page.get_by_text("红绿灯坏了")).to_be_visible()
    guan.look("message")
    page.get_by_role("button", name="作为新工单收下").click()
    expect(page.locator("td .gz-state", has_text="已成工单").first).to_be_visible()
    xian.go(f"{_HOME}{source.id}/cases/")
    guan.look("cases")
