"""Sources that send: signed webhooks by a field map, what is kept, who may do what."""

import base64
import io
import json
import time
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from gezhi.cases.models import Attachment, Case, HistoryLine, Report
from gezhi.intake import actions
from gezhi.intake.actions import Wanted
from gezhi.intake.models import Fault, Received, Source
from gezhi.intake.rules.incoming import sign
from gezhi.intake.tests.sending import WORDS, known_kinds, only, sample, send
from gezhi.triage.models import Liking
from gezhi.triage.tests.printing import print_all
from tests.cast import GRID, point_in


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
