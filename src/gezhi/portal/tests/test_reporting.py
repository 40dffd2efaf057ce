"""A resident reports: three steps, nothing typed lost, one case however often it is sent."""

import io
import re
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image

from gezhi.cases import actions as cases
from gezhi.cases.models import Attachment, Case, Report
from gezhi.portal import adapters, jobs
from gezhi.portal.pages.words import in_english
from gezhi.record.models import KeptAnswer
from tests.cast import FAR_VILLAGE, GRID, TOWN, VILLAGE, County, point_in

WORDS = "村口自来水管破裂，路上全是水，已经半天没人管"


def photo(name: str = "a.jpg", size: tuple[int, int] = (60, 40)) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def tell_what(rita: Client, what: str = WORDS, **more: Any) -> Any:
    return rita.post("/report/", {"what": what, **more})


def tell_where(rita: Client, grid: str = GRID, **more: Any) -> Any:
    lon, lat = point_in(grid)
    return rita.post("/report/where/", {"lon": lon, "lat": lat, **more})


def send(rita: Client, **contact: Any) -> Any:
    return rita.post("/report/send/", contact)


def code_on(page: str) -> str:
    found = re.search(r'gz-ticket-code">([^<]+)<', page)
    assert found
    return found.group(1)


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


def test_sent_twice_is_one_case_and_the_same_answer(county: County, rita: Client) -> None:
    tell_what(rita)
    tell_where(rita)
    send(rita)
    first = code_on(rita.get("/report/done/").content.decode())
    assert send(rita)["Location"] == "/report/done/"
    assert Case.objects.count() == 1
    assert code_on(rita.get("/report/done/").content.decode()) == first


def test_two_presses_at_once_meet_one_kept_answer(county: County, rita: Client) -> None:
    """The second was under way before the first was answered: for it the draft is unsent."""
    tell_what(rita)
    tell_where(rita)
    draft_id = rita.cookies["gz_draft"].value.split(":")[0]
    unsent = adapters.read_draft(draft_id)
    assert unsent is not None
    send(rita)
    sent = adapters.read_draft(draft_id)
    adapters.write_draft(unsent)
    send(rita)
    assert Case.objects.count() == 1
    assert adapters.read_draft(draft_id) == sent
    assert sent is not None
    assert sent.sent is not None
    assert sent.sent.code not in str(KeptAnswer.objects.get().answer)


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


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (SimpleUploadedFile("big.jpg", bytes(30 * 1024 * 1024)), "文件有 30 MB，最多 15 MB"),
        (SimpleUploadedFile("a.jpg", b"not a photo"), "这不是能打开的照片"),
        (SimpleUploadedFile("../../etc/a.svg", b"<svg onload=alert(1)>"), "这不是能打开的照片"),
    ],
)
def test_a_bad_photo_is_refused_in_words_and_the_rest_is_kept(
    county: County, rita: Client, file: SimpleUploadedFile, words: str
) -> None:
    file.seek(0)
    refused = tell_what(rita, photos=[photo("good.jpg"), file])
    assert refused.status_code == 422
    page = refused.content.decode()
    assert words in page
    assert WORDS in page
    assert page.count("report/files/") >= 2  # the good photo is there, with its own address
    # Without the bad one the report goes on, the good photo with it.
    tell_what(rita)
    tell_where(rita)
    send(rita)
    assert Attachment.objects.count() == 1


def test_a_tenth_photo_is_refused(county: County, rita: Client) -> None:
    refused = tell_what(rita, photos=[photo(f"{n}.jpg") for n in range(10)])
    assert refused.status_code == 422
    assert "最多上传 9 个文件" in refused.content.decode()


def test_a_photo_is_kept_as_soon_as_it_is_chosen_and_can_be_taken_out(
    county: County, rita: Client
) -> None:
    part = rita.post("/report/files/", {"photos": photo()})
    assert part.status_code == 200
    assert b"<html" not in part.content
    address = re.search(rb'src="(/report/files/[^"]+)"', part.content)
    assert address
    url = address.group(1).decode()
    small = rita.get(url)
    assert small["Content-Type"] == "image/jpeg"
    assert small["X-Content-Type-Options"] == "nosniff"
    assert Client().get(url).status_code == 404
    assert rita.post(url + "drop/").status_code == 302
    assert rita.get(url).status_code == 404


def test_drafts_lie_sealed_and_are_swept_away(county: County, rita: Client) -> None:
    tell_what(rita, photos=photo())
    folder = Path(settings.FILES_DIR) / "drafts"
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert WORDS.encode() not in path.read_bytes()
        assert b"JFIF" not in path.read_bytes()
    adapters.sweep(before=datetime.now(UTC) - timedelta(days=1))
    assert WORDS in rita.get("/report/").content.decode()
    adapters.sweep(before=datetime.now(UTC) + timedelta(days=1))
    assert WORDS not in rita.get("/report/").content.decode()
    jobs.sweep_drafts(0)


@pytest.mark.parametrize(
    ("where", "path"),
    [
        ({"place": "黄家巷口"}, "990101"),
        ({"path": VILLAGE}, VILLAGE),
        ({"path": TOWN, "place": "街上"}, TOWN),
    ],
)
def test_words_or_a_village_from_the_list_say_where(
    county: County, rita: Client, where: dict[str, str], path: str
) -> None:
    tell_what(rita)
    assert rita.post("/report/where/", where).status_code == 302
    send(rita)
    assert Case.objects.get().path == path


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({}, "请说明在哪里"),
        ({"lon": "116.4", "lat": "39.9", "place": "门口"}, "不在"),
        ({"lon": "nan", "lat": "1e999", "place": "门口"}, ""),
        ({"path": "123456789"}, "没有区划"),
        ({"place": "门" * 201}, "200"),
    ],
)
def test_a_wrong_place_is_refused_beside_the_field_and_kept(
    county: County, rita: Client, where: dict[str, str], words: str
) -> None:
    tell_what(rita)
    refused = rita.post("/report/where/", where)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert words in page
    assert where.get("place", "") in page


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


def test_a_lost_draft_is_carried_by_the_form(county: County, rita: Client) -> None:
    """The cookie is gone in the middle: what the page carries is enough to send."""
    lon, lat = point_in(GRID)
    answer = rita.post("/report/where/", {"what": WORDS, "lon": lon, "lat": lat})
    assert answer["Location"] == "/report/same/"
    rita.cookies.clear()
    answer = rita.post("/report/send/", {"what": WORDS, "place": "村口", "path": VILLAGE})
    assert code_on(answer.content.decode())
    assert Case.objects.get().place == "村口"


def fields_of(page: str) -> dict[str, str]:
    """What the last form sends besides what is typed into it."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    words = re.search(r'<textarea name="what" hidden>\n(.*?)</textarea>', page, re.S)
    assert words
    return {**found, "what": words.group(1)}


def last_form(rita: Client) -> dict[str, str]:
    tell_what(rita, photos=photo())
    tell_where(rita, place="村口")
    fields = fields_of(rita.get("/report/send/").content.decode())
    assert fields["once"]
    return fields


def test_one_form_sent_from_two_browsers_without_cookies_is_one_case(
    county: County, rita: Client
) -> None:
    form = last_form(rita)
    first, second = (Client().post("/report/send/", form).content.decode() for _at in range(2))
    assert code_on(first) == code_on(second)
    case = Case.objects.get()
    assert case.number in first
    assert Attachment.objects.count() == 1
    # The browser it was written in gets the same, on its own page.
    assert rita.post("/report/send/", form)["Location"] == "/report/done/"
    assert code_on(rita.get("/report/done/").content.decode()) == code_on(first)


def test_one_form_sent_twice_after_its_draft_was_swept_away_is_one_case(
    county: County, rita: Client
) -> None:
    form = last_form(rita)
    answers = []
    for _at in range(2):
        adapters.sweep(before=datetime.now(UTC) + timedelta(days=1))
        answers.append(Client().post("/report/send/", form).content.decode())
    assert code_on(answers[0]) == code_on(answers[1])
    case = Case.objects.get()
    assert (case.what, case.place, case.path) == (WORDS, "村口", GRID)


def test_a_form_sent_again_while_the_next_report_is_written_is_still_the_first(
    county: County, rita: Client
) -> None:
    form = last_form(rita)
    rita.post("/report/send/", form)
    tell_what(rita, "路灯坏了不亮，晚上看不见")
    tell_where(rita, GRID)
    code_on(rita.post("/report/send/", form).content.decode())
    assert Case.objects.count() == 1


def test_a_forged_token_names_no_draft(county: County, rita: Client) -> None:
    form = last_form(rita)
    draft_id = form["once"].partition(":")[0]
    stranger = Client().post("/report/send/", {"once": f"{draft_id}:forged"})
    assert stranger["Location"] == "/report/"
    assert not Case.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_twice_at_once_is_one_case(
    county: County, rita: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are made to stand where the case is made; without the token both would make one."""
    form = last_form(rita)
    between = threading.Barrier(2)
    report = cases.report

    def stand_between(**values: Any) -> cases.Reported:
        with suppress(threading.BrokenBarrierError):
            between.wait(timeout=0.5)
        return report(**values)

    monkeypatch.setattr(cases, "report", stand_between)
    codes: list[str] = []

    def press() -> None:
        try:
            codes.append(code_on(Client().post("/report/send/", form).content.decode()))
        finally:
            connection.close()

    both = [threading.Thread(target=press) for _at in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(codes) == 2
    assert codes[0] == codes[1]
    assert Case.objects.count() == 1


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


def report_nearby(what: str = WORDS, *, metres_east: float = 60) -> cases.Reported:
    from gezhi.base.actor import NOBODY

    lon, lat = point_in(GRID)
    where = cases.Where(lon=lon + metres_east / 90_500, lat=lat, place="村口大槐树下")
    return cases.report(county="990101", what=what, where=where, channel="desk", actor=NOBODY)


def test_the_same_thing_nearby_is_followed_with_an_own_code(county: County, rita: Client) -> None:
    first = report_nearby("自来水管爆了漏水，打电话13812345678联系我")
    tell_what(rita)
    tell_where(rita)
    page = rita.get("/report/same/").content.decode()
    assert first.case.number in page
    assert "13812345678" not in page
    assert "离这里约 60 米" in page
    assert rita.post("/report/same/", {"same": first.case.number})["Location"] == "/report/send/"
    assert "关注这件事" in rita.get("/report/send/").content.decode()
    send(rita, phone="13987654321")
    assert Case.objects.count() == 1
    page = rita.get("/report/done/").content.decode()
    assert code_on(page).replace(" ", "") != first.code
    own = Report.objects.get(is_first=False)
    assert (own.words, own.phone) == (WORDS, "13987654321")
    page = rita.get(f"/track/{first.case.number}/").content.decode()
    assert "您反映了同一件事" in page
    assert WORDS in page


def test_not_the_same_goes_on_and_far_or_other_things_are_not_shown(
    county: County, rita: Client
) -> None:
    report_nearby()
    far = report_nearby(metres_east=400)
    other = report_nearby("路灯坏了不亮，晚上看不见")
    tell_what(rita)
    tell_where(rita)
    page = rita.get("/report/same/").content.decode()
    assert far.case.number not in page
    assert other.case.number not in page
    assert rita.post("/report/same/", {"same": ""})["Location"] == "/report/send/"
    send(rita)
    assert Case.objects.count() == 4


def test_a_number_that_was_not_shown_cannot_be_followed(county: County, rita: Client) -> None:
    report_nearby()
    far = report_nearby(metres_east=400)
    tell_what(rita)
    tell_where(rita)
    rita.post("/report/same/", {"same": far.case.number})
    send(rita)
    assert Case.objects.count() == 3


def test_the_list_of_villages_is_grouped_by_town(county: County, rita: Client) -> None:
    tell_what(rita)
    page = rita.get("/report/where/").content.decode()
    assert '<optgroup label="河湾镇">' in page
    assert page.index(f'value="{VILLAGE}"') < page.index(f'value="{FAR_VILLAGE}"')
    assert not in_english()
