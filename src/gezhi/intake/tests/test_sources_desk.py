"""Sources at the desk and by the API: made, tried, switched on; what waits is settled."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from gezhi.cases.models import Case
from gezhi.intake import actions
from gezhi.intake.actions import Wanted
from gezhi.intake.errors import SentUnreadable
from gezhi.intake.models import Received, Source
from gezhi.intake.tests.sending import MAP, WORDS, known_kinds, only, sample, send


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("number = 1", "number"),
        ('number = "id"', "what"),
        ('number = "id"\nwhat = "t"\nnane = "x"', "name"),
        ('number = "id"\nwhat = "t"\nlon = "x"', "lat"),
        ('number = "id"\nwhat = "t"\ndatum = "gcj"', "gcj02"),
        ('number = "a..b"\nwhat = "t"', "number"),
        ('number = "id"\nwhat = "t"\n[categories]\n"水" = "no_such"', "no_such"),
        ("number =\nwhat", "第 1 行第 9 个字读不懂"),
        ('number = "id"\nwhat = "t"\nfoo = "x"', "不认识 foo"),
    ],
)
def test_a_map_that_is_wrong_says_where(county, login, text, told):
    answer = login("guan").post(
        "/desk/admin/sources/new/?kind=webhook",
        {"name": "平台", "channel": "api", "field_map": text},
    )
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Source.objects.exists()


def test_a_source_is_made_tried_and_switched_on_at_the_desk(county, login):
    guan = login("guan")
    known = next(iter(known_kinds()))
    made = guan.post(
        "/desk/admin/sources/new/?kind=webhook",
        {"name": "城管平台", "channel": "api", "field_map": MAP.replace("water_supply", known)},
    )
    source = Source.objects.get()
    assert made.status_code == 201
    assert source.secret in made.content.decode(), "shown once"
    address = f"/desk/admin/sources/{source.id}/"
    assert source.secret not in guan.get(address).content.decode()
    early = guan.post(f"{address}switch/", {"is_active": "yes"}, follow=True)
    assert "请先用一个样例试读成功" in early.content.decode()
    assert not Source.objects.get().is_active
    wrong = guan.post(f"{address}try/", {"sample": json.dumps(sample(at="昨天"))})
    assert "读不懂这个时间" in wrong.content.decode()
    assert Source.objects.get().tried_at is None
    tried = guan.post(f"{address}try/", {"sample": json.dumps(sample())}).content.decode()
    assert "可以收下" in tried
    assert "李秀兰" in tried
    assert guan.post(f"{address}switch/", {"is_active": "yes"}).status_code == 302
    assert only(send(Source.objects.get(), sample()))["fate"] == "taken"
    assert not Received.objects.exclude(fate="taken").exists()
    assert guan.post(f"{address}secret/").status_code == 302, "nobody was asked"
    (mark,) = re.findall(r'name="secret_mark" value="(\w+)"', guan.get(address).content.decode())
    renewed = guan.post(f"{address}secret/", {"secret_mark": mark})
    fresh = Source.objects.get().secret
    assert fresh in renewed.content.decode()
    again = guan.post(f"{address}secret/", {"secret_mark": mark}, follow=True)
    assert "密钥已经换过了" in again.content.decode()
    assert Source.objects.get().secret == fresh


def test_a_page_that_is_loaded_anew_makes_no_second_source(county, login):
    guan, address = login("guan"), "/desk/admin/sources/new/?kind=webhook"
    blank = guan.get(address)
    typed = {"name": "平台", "channel": "api", "id": blank.context["id"]}
    typed["field_map"] = blank.context["form"].initial["field_map"]
    assert guan.post(address, typed).status_code == 201
    again = guan.post(address, typed, follow=True)
    assert "等第一条" not in again.content.decode(), "it is not switched on"
    assert Source.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "told"),
    [("", "内容是空的"), ("{", "第 1 行第 2 个字"), ('{"rows": []}', "一条也没有")],
)
def test_what_cannot_be_read_is_said_in_our_words(county, login, sent, told):
    wanted = Wanted(name="平台", field_map='items = "rows"\nnumber = "id"\nwhat = "t"')
    made, _secret = actions.add_source("webhook", wanted, actor=county.actor("guan"))
    with pytest.raises(SentUnreadable, match=told):
        actions.try_map(made.id, sent, actor=county.actor("guan"))


def test_figures_open_to_the_cases_behind_them_for_who_may_see_them(login, source):
    send(source, sample("1"))
    send(source, sample("2", at="不知道"))
    number = Case.objects.get().number
    for name in ("guan", "xian", "du"):
        page = login(name).get("/desk/admin/sources/").content.decode()
        assert "城管平台" in page
        assert "?which=late" in page
    assert number in login("xian").get(f"/desk/admin/sources/{source.id}/cases/").content.decode()
    seen = login("guan").get(f"/desk/admin/sources/{source.id}/cases/").content.decode()
    assert number not in seen, "an administrator reads no cases"
    assert login("zhen").get("/desk/admin/sources/").status_code == 403
    late = login("xian").get(f"/desk/admin/sources/{source.id}/cases/?which=late")
    assert number not in late.content.decode()


def test_what_waits_is_read_taken_or_dropped_by_who_takes_in_messages(login, source):
    send(source, sample("1"))
    other = "别的事：学校门口的红绿灯坏了，孩子过马路很危险，电话13912345678"
    send(source, sample("1", text=other))
    send(source, sample("1", text=other.replace("学校", "医院")))
    taken, dropped = Received.objects.filter(fate="waiting").order_by("id")
    address = "/desk/admin/sources/received/{}/"
    assert login("guan").get(address.format(taken.id)).status_code == 403
    assert login("guan").post(address.format(taken.id) + "take/").status_code == 403
    assert login("guan").post(address.format(taken.id) + "try/").status_code == 409
    assert Case.objects.count() == 1, "nobody makes a case of it who has not read it"
    xian = login("xian")
    page = xian.get(address.format(taken.id)).content.decode()
    assert "红绿灯坏了" in page
    assert "13912345678" not in page
    xian.post(address.format(taken.id) + "take/")
    xian.post(address.format(dropped.id) + "drop/")
    assert xian.post(address.format(dropped.id) + "take/").status_code == 409
    taken.refresh_from_db()
    dropped.refresh_from_db()
    assert (taken.fate, taken.settled_by) == ("taken", f"account:{_account('xian')}")
    assert (dropped.fate, dropped.has_file, dropped.sender) == ("dropped", False, "")
    assert Case.objects.count() == 2


def _account(name: str) -> Any:
    from gezhi.people.models import Account

    return Account.objects.get(login=name).id


def test_health_tells_what_went_wrong_and_how_often(login, source, key):
    guan = login("guan")
    assert "等第一条" in guan.get("/desk/admin/sources/").content.decode()
    send(source, sample())
    assert "收得到" in guan.get("/desk/admin/sources/").content.decode()
    for _time in range(3):
        send(source, b"{")
    page = guan.get(f"/desk/admin/sources/{source.id}/").content.decode()
    assert "有差错" in page
    assert "内容读不懂 × 3" in page
    told = Client(headers={"authorization": f"Bearer {key('guan')}"}).get("/api/v1/sources").json()
    (item,) = told["items"]
    assert (item["health"], item["faults_today"], item["cases"]) == ("faulty", 3, 1)
    assert 500 < item["lag_seconds"] < 700
    assert "secret" not in item


def test_the_api_makes_tries_and_switches_a_source(county, key):
    api = Client(headers={"authorization": f"Bearer {key('guan')}"})
    known = next(iter(known_kinds()))
    body = {"kind": "patrol", "name": "巡查", "field_map": MAP.replace("water_supply", known)}
    made = api.post("/api/v1/sources", body, content_type="application/json")
    assert made.status_code == 201, made.content
    source = Source.objects.get()
    assert made.json()["secret"] == source.secret
    assert made.json()["channel"] == "patrol"
    address = f"/api/v1/sources/{source.id}"
    tried = api.post(f"{address}/try", {"sample": json.dumps(sample())}, "application/json")
    assert (tried.json()["items"][0]["number"], tried.json()["items"][0]["photos"]) == ("A-1", 1)
    on = api.post(f"{address}/switch", {"is_active": True}, "application/json")
    assert on.json()["is_active"] is True
    send(source, sample())
    listed = api.get(f"{address}/messages?fate=taken").json()["items"]
    assert [each["number"] for each in listed] == ["A-1"]
    changed = api.put(address, body | {"name": "网格巡查", "kind": ""}, "application/json")
    assert changed.status_code == 422, "a kind stays what it is"
    del body["kind"]
    weak = api.put(address, body | {"secret": "short"}, "application/json")
    assert weak.json()["code"] == "source_wrong", "who may guess it may send"
    changed = api.put(address, body | {"name": "网格巡查"}, "application/json")
    assert (changed.json()["name"], changed.json()["is_active"]) == ("网格巡查", True)


def test_of_what_was_refused_only_the_words_are_shown_and_nobody_by_name(source, login):
    told = only(send(source, sample(at="3/4/2026", hidden=True, other="不是给人看的")))
    assert told["reason"] == "time_ambiguous"
    row = Received.objects.get()
    page = login("xian").get(f"/desk/admin/sources/received/{row.id}/").content.decode()
    assert WORDS in page
    for personal in ("李秀兰", "13812345678", "不是给人看的"):
        assert personal not in page
