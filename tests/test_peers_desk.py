"""Peers in a browser: large and small, by axe, from the first form to a case that is done."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from gezhi.base import clock
from gezhi.exchange.tests.city import city, work_for_peers
from gezhi.exchange.tests.handing import hand_over, report
from tests.browser import DESK, PHONE, Window
from tests.cast import PASSWORD, County

pytest_plugins = ["tests.browser"]
_HOME = "/desk/admin/peers/"


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_peers_are_looked_after_at_the_desk_and_on_a_phone(
    committed: County, window: Callable[..., Window], size: dict[str, int]
) -> None:
    guan = window("peers", size)
    page = guan.page

    guan.sign_in("guan", PASSWORD)
    guan.go(_HOME)
    guan.look("empty")
    with city() as there:
        page.get_by_role("link", name="新对接").click()
        guan.look("new")
        page.fill("#id_name", "邻县")
        page.select_option("#id_unit", label="交通运输局")
        page.fill("#id_address", "http://example.org/v2")
        page.get_by_role("button", name="对接").click()
        guan.look("refused")
        assert page.input_value("#id_name") == "邻县"
        page.fill("#id_address", there.url)
        page.fill("#id_key", "k-1")
        page.get_by_role("button", name="对接").click()
        expect(page.locator("#now")).to_contain_text("正在读取对方的服务清单")
        work_for_peers()
        expect(page.locator("#now")).to_contain_text("会告诉每一步进展")
        page.reload()
        page.get_by_role("link", name="选服务").click()
        guan.look("services")
        page.select_option("#id_others", "S1")
        page.get_by_role("button", name="保存").click()
        expect(page.locator("dl.row")).to_contain_text("Street S1")
        done, stuck = hand_over(committed), hand_over(committed, category="utility.lamp")
        secret = hand_over(committed, report(is_secret=True))
        work_for_peers()
        there.refuses = 400
        refused = hand_over(committed)
        work_for_peers()
        there.say("fixed", "坑已经填平，放了警示牌", of=0)
        there.say("fixed", "路灯已经修好", of=1)
        work_for_peers(clock.now() + timedelta(minutes=6))
        page.reload()
        guan.look("peer")
        for case, said in ((done, "对方"), (stuck, "还缺"), (secret, "保密"), (refused, "不收")):
            expect(page.locator("tr", has_text=case.number)).to_contain_text(said)
        guan.go(_HOME)
        guan.look("list")
        zhen = window("peers", size)
        zhen.sign_in("xian", PASSWORD)
        for name, case in (("stuck", stuck), ("refused", refused)):
            zhen.go(f"/desk/cases/{case.number}/")
            expect(zhen.page.locator(".gz-case")).to_contain_text("邻县")
            zhen.shoot(f"{size['width']}-case-{name}")
            assert zhen.faults_seen_by_axe() == []
    assert guan.problems == []
    assert zhen.problems == []
