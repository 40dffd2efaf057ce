"""Sources that send: signed webhooks by a field map, what is kept, who may do what."""

import base64
import io
import json
import re
import time
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from gezhi.cases.models import Attachment, Case, HistoryLine, Report
from gezhi.intake import actions
from gezhi.intake.actions import Wanted
from gezhi.intake.errors import SentUnreadable
from gezhi.intake.models import Fault, Received, Source
from gezhi.intake.rules.incoming import sign
from gezhi.places import rules as places
from gezhi.triage.models import Liking
from gezhi.triage.tests.printing import print_all
from tests.cast import COUNTY, GRID, County, point_in

MAP = """
number = "id"
what = ["title", "text"]
place = "where.words"
lon = "where.lng"
lat = "where.lat"
datum = "gcj02"
when = "at"
name = "by.name"
phone = "by.phone"
label = "kind"
photos = "images.*.data"
secret = "hidden"
likes = "likes"

[categories]
"自来水" = "water_supply"
"""
WORDS = "柳树村村口自来水管破裂，路上全是水，已经半天没有人来管，老人小孩都不敢走"


def picture() -> str:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "gray").save(out, "JPEG")
    return base64.b64encode(out.getvalue()).decode()


def sample(number: str = "A-1", **more: Any) -> dict[str, Any]:
    lon, lat = places.from_wgs84(*point_in(GRID), places.Datum.GCJ02)
    return {
        "id": number, "title": "水管破裂", "text": WORDS, "at": int(time.time()) - 600,
        "where": {"words": "柳树村村口", "lng": str(lon), "lat": lat},
        "by": {"name": "李秀兰", "phone": "13812345678"}, "kind": "自来水",
        "images": [{"data": picture()}], "likes": 3, **more,
    }  # fmt: skip


@pytest.fixture
def source(county: County) -> Source:
    return made_source(county)


def made_source(county: County) -> Source:
    """A webhook that is switched on, its map tried."""
    known = next(iter(known_kinds()))
    wanted = Wanted(name="城管平台", field_map=MAP.replace("water_supply", known))
    made, _secret = actions.add_source("webhook", wanted, actor=county.actor("guan"))
    actions.try_map(made.id, json.dumps(sample()), actor=county.actor("guan"))
    return actions.switch_source(made.id, is_active=True, actor=county.actor("guan"))


def known_kinds() -> Any:
    from gezhi.rulebook import reads

    return reads.current(COUNTY).categories


def send(source: Source, sent: Any, *, age: int = 0, secret: str = "") -> Any:
    body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    moment = str(int(time.time()) - age)
    good = sign(body, id="m1", timestamp=moment, secret=secret or source.secret).decode()
    headers = {"webhook-id": "m1", "webhook-timestamp": moment, "webhook-signature": good}
    return Client().post(
        f"/api/v1/sources/{source.id}/messages", body, content_type="application/json",
        headers=headers,
    )  # fmt: skip


def only(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content
    items: list[dict[str, Any]] = answer.json()["items"]
    assert len(items) == 1
    return items[0]


def test_a_signed_message_becomes_a_case_with_all_that_it_says(source):
    told = only(send(source, sample()))
    case = Case.objects.get()
    assert (told["fate"], told["number"], told["case"]) == ("taken", "A-1", case.number)
    assert case.what == f"水管破裂\n{WORDS}"
    followed = Client().post("/track/", {"number": case.number, "code": told["code"]})
    assert followed.status_code == 302, "the sender may pass the reporter's code on"
    assert only(send(source, sample()))["code"] is None, "it is told once"
    assert (case.channel, case.label, case.place) == ("api", "自来水", "柳树村村口")
    assert case.path == GRID
    assert (case.lon, case.lat) == pytest.approx(point_in(GRID), abs=1e-6)
    assert case.proposed_category == next(iter(known_kinds()))
    assert 500 < time.time() - case.opened_at.timestamp() < 700, "the promise runs from then"
    report = Report.objects.get()
    assert (report.name, report.phone) == ("李秀兰", "13812345678")
    assert Attachment.objects.get().media_type == "image/jpeg"
    assert Liking.objects.get().likes == 3
    assert Source.objects.get().received_at is not None


def test_a_message_that_comes_again_adds_nothing_but_its_likes(source):
    send(source, sample())
    again = only(send(source, sample(likes=9)))
    assert (again["fate"], again["times"]) == ("taken", 2)
    assert Case.objects.count() == Received.objects.count() == 1
    assert Liking.objects.get().likes == 9
    other = only(send(source, sample(text="别的事：学校门口的红绿灯坏了，孩子过马路很危险")))
    assert (other["fate"], other["reason"]) == ("waiting", "changed")
    send(source, sample(text="别的事：学校门口的红绿灯坏了，孩子过马路很危险"))
    assert Received.objects.count() == 2, "the other words are kept once, for a person"
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    "how",
    [
        {"age": 400},
        {"age": -400},
        {"secret": "whsec_d3Jvbmc="},
    ],
)
def test_what_is_not_signed_now_and_by_us_is_refused_like_what_is_not_there(source, how):
    answer = send(source, sample(), **how)
    assert (answer.status_code, answer.json()["code"]) == (401, "source_signature_wrong")
    absent = Source(id=Source().id, secret=source.secret)
    assert send(absent, sample()).content == answer.content
    assert not Received.objects.exists()
    assert Fault.objects.get().code == "signature"


def test_a_body_that_was_changed_on_the_way_is_refused(source):
    body = json.dumps(sample()).encode()
    moment = str(int(time.time()))
    good = sign(body, id="m1", timestamp=moment, secret=source.secret).decode()
    headers = {"webhook-id": "m1", "webhook-timestamp": moment, "webhook-signature": good}
    address = f"/api/v1/sources/{source.id}/messages"
    for changed, more in ((body + b" ", {}), (body, {"webhook-id": "m2"}), (body, {})):
        answer = Client().post(
            address, changed, content_type="application/json", headers=headers | more
        )
        is_whole = changed == body and not more
        assert answer.status_code == (200 if is_whole else 401)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"id": ""}, "number_missing"),
        ({"title": "", "text": None}, "text_missing"),
        ({"at": "3/4/2019"}, "time_ambiguous"),
        ({"at": "2099-01-01 10:00"}, "time_future"),
        ({"where": {"lng": "east", "lat": 35}}, "point_wrong"),
        ({"where": {"lng": 10.0, "lat": 35.0}}, "place_outside_county"),
        ({"images": [{"data": "%%%"}]}, "photo_unreadable"),
        ({"images": [{"data": base64.b64encode(b"MZ no picture").decode()}]}, "case_file_refused"),
        ({"images": [{"data": "AAAA"}] * 10}, "photos_many"),
    ],
)
def test_what_cannot_go_in_says_why_and_is_kept_until_it_can(source, more, reason):
    told = only(send(source, sample(**more)))
    assert told["fate"] == "refused"
    assert told["reason"] == reason
    assert told["message"]
    assert not Case.objects.exists()
    row = Received.objects.get()
    assert row.has_file
    if reason != "number_missing":
        assert only(send(source, sample()))["fate"] == "taken", "mended and sent again"
        assert Received.objects.count() == 1
        assert not Received.objects.get().has_file


def test_one_bad_message_of_a_list_does_not_keep_the_others_out(county, source):
    wanted = Wanted(name="平台", field_map='items = "data.rows"\n' + source.field_map)
    actions.change_source(source.id, wanted, actor=county.actor("guan"))
    listed = {"data": {"rows": [sample("1"), sample("2", at="不知道"), sample("3", text="别的")]}}
    assert send(source, listed).json()["code"] == "source_off", "another map is tried again"
    actions.try_map(source.id, json.dumps({"data": {"rows": [sample("0")]}}),
                    actor=county.actor("guan"))  # fmt: skip
    actions.switch_source(source.id, is_active=True, actor=county.actor("guan"))
    fates = [item["fate"] for item in send(source, listed).json()["items"]]
    assert fates == ["taken", "refused", "taken"]
    many = {"data": {"rows": [sample(str(at)) for at in range(101)]}}
    assert send(source, many).json()["code"] == "source_unreadable"
    assert send(source, {"data": 1}).json()["code"] == "source_unreadable"
    assert send(source, b"{").json()["code"] == "source_unreadable"
    assert Fault.objects.get(code="unreadable").count == 3


def test_a_fault_of_ours_keeps_the_message_and_tries_it_again(source, monkeypatch):
    from gezhi.intake.actions import taking

    def broken(**_values: Any) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(taking, "open_case", broken)
        told = only(send(source, sample()))
    assert (told["fate"], told["reason"]) == ("waiting", "accident")
    actions.queue_asking()
    assert Received.objects.get().fate == "taken"
    assert Case.objects.count() == 1


def test_the_same_by_three_ways_is_one_case_with_three_voices(county, source):
    """Two systems and a telephone, within the hour; each has an own code and an own vote."""
    guan = county.actor("guan")
    hotline, _secret = actions.add_source(
        "hotline", Wanted(name="12345", field_map=source.field_map), actor=guan
    )
    actions.try_map(hotline.id, json.dumps(sample()), actor=guan)
    actions.switch_source(hotline.id, is_active=True, actor=guan)
    board, _secret = actions.add_source(
        "board", Wanted(name="留言板", field_map=source.field_map), actor=guan
    )
    actions.try_map(board.id, json.dumps(sample()), actor=guan)
    actions.switch_source(board.id, is_active=True, actor=guan)
    fates = [only(send(source, sample("1")))["fate"]]
    print_all()
    greeted = sample("HL-7", text=f"您好，{WORDS}，谢谢！", by={"name": "王", "phone": ""})
    fates.append(only(send(Source.objects.get(pk=hotline.id), greeted))["fate"])
    fates.append(only(send(Source.objects.get(pk=board.id), sample("B1", where={})))["fate"])
    assert fates == ["taken", "joined", "joined"]
    assert Case.objects.count() == 1
    assert sorted(Report.objects.values_list("channel", flat=True)) == ["api", "board", "hotline"]
    assert Received.objects.filter(case=Case.objects.get()).count() == 3


def test_what_is_only_like_another_is_a_case_of_its_own_that_names_it(source):
    send(
        source, sample("1", text=WORDS.replace("柳树村", "柳树村3号楼"), where={"words": "柳树村"})
    )
    print_all()
    send(
        source, sample("2", text=WORDS.replace("柳树村", "柳树村5号楼"), where={"words": "柳树村"})
    )
    first, second = Case.objects.order_by("id")
    row = Received.objects.get(external="2")
    assert (row.fate, row.case, row.alike) == ("taken", second, first)


def test_secret_matters_are_never_joined(source):
    send(source, sample("1", hidden=True))
    print_all()
    assert only(send(source, sample("2", hidden=True)))["fate"] == "taken"
    assert Case.objects.filter(is_secret=True).count() == 2


def test_photos_of_several_megabytes_come_in_and_no_more_than_is_read(source):
    out = io.BytesIO()
    Image.effect_noise((2400, 1800), 90).save(out, "JPEG", quality=98)
    large = base64.b64encode(out.getvalue()).decode()
    assert len(large) > 4 * 1024 * 1024, "more than forms may send"
    assert only(send(source, sample(images=[{"data": large}])))["fate"] == "taken"
    answer = send(source, b'{"x": "' + b"x" * 25 * 1024 * 1024 + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (422, "source_unreadable")


def test_words_longer_than_a_case_go_on_in_notes(source):
    text = "路灯不亮。" * 2000
    assert only(send(source, sample(text=text)))["fate"] == "taken"
    told = Case.objects.get().what + "".join(
        HistoryLine.objects.filter(act="note").values_list("words", flat=True)
    )
    assert told.count("路灯不亮。") >= 1999


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


def test_what_a_person_calls_a_matter_of_its_own_joins_no_other(county, source):
    only(send(source, sample()))
    print_all()
    only(send(source, sample(text=f"{WORDS}。快来")))
    row = Received.objects.get(fate="waiting")
    taken = actions.try_again(row.id, by_person=True, actor=county.actor("xian"))
    assert (taken.fate, Case.objects.count(), Report.objects.count()) == ("taken", 2, 2)
    assert taken.alike is not None, "it names the one it is like"


def test_an_accident_whose_file_is_gone_keeps_no_other_waiting(source):
    from gezhi.intake import adapters
    from gezhi.intake.actions.settling import try_accidents

    for number in ("1", "2"):
        only(send(source, sample(number, at="3/4/2026", text=f"{number}号楼的电梯坏了")))
    first, second = Received.objects.order_by("received_at")
    Received.objects.update(fate="waiting", reason="accident")
    adapters.drop_received(first.county, first.id)
    try_accidents()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.tries, second.fate) == (2, "refused")
