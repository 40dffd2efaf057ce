"""A resident reports: three steps, nothing typed lost, a number and a code at the end."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gezhi.cases.models import Attachment, Case, Report
from gezhi.portal.tests.reporting import WORDS, code_on, photo, send, tell_what, tell_where
from tests.cast import GRID, County


def test_three_steps_make_a_case_with_number_code_holder_and_day(
    county: County, rita: Client
) -> None:
    assert tell_what(rita, photos=photo())["Location"] == "/report/where/"
    assert tell_where(rita, place="村口")["Location"] == "/report/same/"
    assert rita.get("/report/same/")["Location"] == "/report/send/"
    assert send(rita, name="李秀兰", phone="13812345678")["Location"] == "/report/done/"

    case = Case.objects.get()
    assert (case.what, case.place, case.channel, case.path) == (WORDS, "村口", "portal", GRID)
    report = Report.objects.get()
    assert (report.name, report.phone) == ("李秀兰", "13812345678")
    assert Attachment.objects.get().report_id == report.id
    page = rita.get("/report/done/").content.decode()
    assert case.number in page
    assert "柳树村综治中心" in page
    assert "还剩" in page
    assert "<svg" in page
    # A reload shows the same code, and the code opens the case in another browser.
    code = code_on(page)
    assert code_on(rita.get("/report/done/").content.decode()) == code
    other = Client()
    answer = other.post("/track/", {"number": case.number, "code": code.lower()})
    assert answer["Location"] == f"/track/{case.number}/"
    assert WORDS in other.get(answer["Location"]).content.decode()


def test_words_or_photo_or_voice_is_enough_and_nothing_at_all_is_not(
    county: County, rita: Client
) -> None:
    empty = tell_what(rita, what="  ")
    assert empty.status_code == 422
    assert "请写几个字、拍一张照片或录一段话" in empty.content.decode()
    assert tell_what(Client(), what="", photos=photo()).status_code == 302
    voice = SimpleUploadedFile("voice.webm", b"\x1aE\xdf\xa3" + bytes(200))
    speaker = Client()
    assert tell_what(speaker, what="", voice=voice).status_code == 302
    tell_where(speaker)
    send(speaker)
    assert Attachment.objects.get().kind == "voice"


def test_a_text_too_long_comes_back_whole_with_words_beside_it(
    county: County, rita: Client
) -> None:
    long = "水" * 5000
    refused = tell_what(rita, what=long)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "文字最多 2000 字，现在有 5000 字" in page
    assert long in page
    assert long in rita.get("/report/").content.decode()


def test_zero_bytes_and_emoji_make_a_case(county: County, rita: Client) -> None:
    tell_what(rita, what="井盖没了😱\x00小心")
    rita.post("/report/where/", {"place": "巷\x00口😀"})
    send(rita, name="张\x00三😀")
    case = Case.objects.get()
    assert case.what == "井盖没了😱小心"
    assert case.place == "巷口😀"


def test_a_wrong_phone_is_refused_and_everything_typed_stays(county: County, rita: Client) -> None:
    tell_what(rita)
    tell_where(rita)
    refused = send(rita, name="李秀兰", phone="电话没有", address="三社")
    assert refused.status_code == 422
    page = refused.content.decode()
    for typed in ("李秀兰", "电话没有", "三社", WORDS):
        assert typed in page
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("phone", "is_odd"),
    [
        ("1381234567", True),
        ("138 1234 56789", True),
        ("+86 1381234567", True),
        ("13812345678", False),
        ("+86 138-1234-5678", False),
        ("0086 13812345678", False),
        ("0934-8221234", False),
        ("8221234", False),
        ("4008001234", False),
        ("+1 3025550123", False),
        ("", False),
    ],
)
def test_a_mobile_number_that_lacks_a_digit_is_told_and_sent_all_the_same(
    county: County, rita: Client, phone: str, is_odd: bool
) -> None:
    tell_what(rita)
    tell_where(rita)
    hint = "手机号一般是 11 位"
    refused = send(rita, phone=phone, name="长" * 41).content.decode()
    shown = refused.partition("<template")[0]
    assert (hint in shown) == is_odd
    send(rita, phone=phone)
    assert Report.objects.get().phone == phone
    assert ("您留的手机号不是 11 位" in rita.get("/report/done/").content.decode()) == is_odd


def test_steps_out_of_order_lead_to_the_beginning(county: County, rita: Client) -> None:
    for address in ("/report/where/", "/report/same/", "/report/send/"):
        assert rita.get(address)["Location"] == "/report/"
    assert rita.get("/report/done/")["Location"] == "/mine/"


@pytest.mark.parametrize(
    ("words", "numbers", "is_gas"),
    [
        ("厨房煤气漏了，我妈晕倒了", ["119", "120"], True),
        ("有人拿着刀追着人砍", ["110"], False),
        ("井盖没了", ["119", "120", "110"], False),
        (WORDS, [], False),
    ],
)
def test_who_tells_of_danger_is_told_whom_to_ring(county, rita, words, numbers, is_gas):
    tell_what(rita, words)
    tell_where(rita)
    send(rita)
    page = rita.get("/report/done/").content.decode()
    assert re.findall(r'href="tel:(1[12][09])"', page) == numbers
    assert ("不要碰开关" in page) is is_gas
    assert code_on(page)


NOISE = "楼下广场舞音响太吵，夜里十点还不停"


def test_the_likeliest_kind_asks_a_little_more_and_nothing_has_to_be_answered(
    county: County, rita: Client
) -> None:
    tell_what(rita, what=NOISE)
    tell_where(rita)
    page = rita.get("/report/send/").content.decode()
    assert "什么时段吵" in page
    assert "例如广场舞音响、夜间施工、装修" in page
    assert send(rita)["Location"] == "/report/done/"
    assert Case.objects.get().answers == {}


def test_what_is_answered_is_kept_with_the_case(county: County, rita: Client) -> None:
    tell_what(rita, what=NOISE)
    tell_where(rita)
    answers = {"answers-when": ["evening", "night"], "answers-source": "音响", "answers-x": "y"}
    assert send(rita, **answers)["Location"] == "/report/done/"
    case = Case.objects.get()
    assert case.answers == {"when": ["evening", "night"], "source": "音响"}
    page = rita.get(f"/track/{case.number}/").content.decode()
    assert "傍晚、夜里（22 点到 6 点）" in page


@pytest.mark.parametrize("wrong", [{"answers-when": "noon"}, {"answers-source": "声" * 201}])
def test_an_answer_that_will_not_do_comes_back_with_all_that_was_typed(
    county: County, rita: Client, wrong: dict[str, str]
) -> None:
    tell_what(rita, what=NOISE)
    tell_where(rita)
    refused = send(rita, name="李秀兰", **{"answers-source": "音响", **wrong})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "gz-wrong" in page
    assert "李秀兰" in page
    assert not Case.objects.exists()
