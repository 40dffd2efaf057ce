"""How every way in and out is: by page and by API, for the county's administrator."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gezhi.api.tests.calling import bearer, is_problem
from gezhi.api.tests.open311 import LAMP
from gezhi.api.tests.open311 import told as report_by_open311
from gezhi.base import clock
from gezhi.cases.rules import CHANNEL_NAMES
from gezhi.exchange import actions
from gezhi.exchange.models import Delivery
from gezhi.hotline.tests.calling import Switch
from gezhi.intake import actions as intake
from gezhi.people import actions as people
from gezhi.people.actions import NewPerson, NewPost
from tests.cast import COUNTY, SETTING_UP, County, report_leak

Login = Callable[[str], Client]
Key = Callable[[str], str]


@pytest.fixture
def told(county: County, key: Key) -> Callable[[], dict[tuple[str, str], dict[str, Any]]]:
    headers = bearer(key("guan"))

    def ask() -> dict[tuple[str, str], dict[str, Any]]:
        answer = Client().get("/api/v1/channels", headers=headers)
        assert answer.status_code == 200
        return {(one["kind"], one["name"]): one for one in answer.json()["items"]}

    return ask


def test_each_channel_says_what_came_last_and_how_much(told: Any) -> None:
    now = clock.now()
    for ago in (timedelta(days=40), timedelta(days=3), timedelta(minutes=10)):
        with clock.standing_at(now - ago):
            report_leak()
    found = told()
    portal = found["reports", "居民上报"]
    assert portal["through"] == {"hour": 1, "day": 1, "week": 2, "month": 2}
    assert (portal["sign"], portal["goes_out"]) == ("ok", False)
    assert portal["last_at"][:16] == f"{now - timedelta(minutes=10):%Y-%m-%dT%H:%M}"
    board = found["reports", "留言板"]
    assert (board["last_at"], board["sign"], board["through"]["month"]) == (None, "silent", 0)
    assert {code for code, _name in found} >= {"reports", "calls", "imports", "open_data"}
    assert len([one for one in found.values() if one["kind"] == "reports"]) == len(CHANNEL_NAMES)


def test_programs_of_one_name_are_counted_each_for_itself(county: County, key: Key) -> None:
    people.add_accounts_with_posts(
        [NewPerson("dui2", "对小接", (NewPost(f"centre-{COUNTY}", "integrator"),))],
        county=COUNTY, password_hash="", actor=SETTING_UP,
    )  # fmt: skip
    for _time in range(2):  # by another key each time
        report_by_open311(Client(), {"api_key": key("dui"), **LAMP})
    answer = Client().get("/api/v1/channels", headers=bearer(key("guan"))).json()
    programs = [one for one in answer["items"] if one["kind"] == "open311"]
    assert {one["name"] for one in programs} == {"对小接"}
    months = {one["id"]: one["through"]["month"] for one in programs}
    assert months.pop(str(county.accounts["dui"].id)) == 2
    assert list(months.values()) == [0]


def test_calls_and_tables_say_what_waits_and_what_was_wrong(
    county: County, key: Key, told: Any
) -> None:
    Switch(key).rings(began_at=(clock.now() - timedelta(hours=5)).isoformat())
    table = "诉求内容,事发地点\n路灯不亮,新庄村\n,新庄村\n"
    intake.import_messages(
        table.encode(), name="a.csv", channel="board", county=COUNTY, actor=county.actor("xian")
    )
    found = told()
    calls, tables = found["calls", "热线来电"], found["imports", "表格导入"]
    assert (calls["through"]["hour"], calls["through"]["day"], calls["waiting"]) == (0, 1, 1)
    assert calls["waiting_since"] == calls["last_at"]
    assert tables["through"]["hour"] == 1
    assert tables["faults"] == 1
    assert tables["fault"]


def test_what_goes_out_says_what_went_died_and_waits_since_when(county: County, told: Any) -> None:
    to = actions.subscribe(
        name="数据平台", address="https://example.org/hook", account=county.accounts["dui"].id,
        actor=county.actor("guan"),
    ).subscription  # fmt: skip
    now = clock.now()
    hours = ((2, "waiting"), (0.1, "delivered"), (48, "delivered"), (5, "dead"), (200, "dead"))
    for line, (before, stage) in enumerate(hours):
        ago = timedelta(hours=before)
        Delivery.objects.create(
            county=COUNTY, subscription=to, xid=1, line=line, kind="case_opened", at=now - ago,
            stage=stage, settled_at=None if stage == "waiting" else now - ago,
        )  # fmt: skip
    found = told()["webhook", "数据平台"]
    assert (found["goes_out"], found["id"]) == (True, str(to.id))
    assert found["through"] == {"hour": 1, "day": 1, "week": 2, "month": 2}
    assert found["faults"] == 1
    assert found["waiting"] >= 1
    assert found["waiting_since"][:16] == f"{now - timedelta(hours=2):%Y-%m-%dT%H:%M}"


def test_the_page_links_what_tells_more_and_is_the_administrators(
    county: County, login: Login, key: Key
) -> None:
    report_leak()
    page = login("guan").get("/desk/admin/channels/").content.decode()
    for words in ("渠道状况", "居民上报", "设备", "热线来电", "表格导入", "开放数据", "30 天"):
        assert words in page
    assert 'href="/desk/admin/channels/" aria-current="page"' in page
    assert "/desk/hotline/" not in page, "who answers no calls is led to none"
    for name in ("zhen", "du", "shen"):
        assert login(name).get("/desk/admin/channels/").status_code == 403
    refused = Client().get("/api/v1/channels", headers=bearer(key("zhen")))
    assert is_problem(refused, 403, "not_allowed")


def test_it_costs_the_same_for_one_case_and_for_many(county: County, login: Login) -> None:
    guan, counts = login("guan"), []
    for _at in range(2):
        report_leak()
        with CaptureQueriesContext(connection) as asked:
            guan.get("/desk/admin/channels/")
        counts.append(len(asked))
        for _more in range(3):
            report_leak()
    assert counts[0] == counts[1]
