"""Residents sign in with a code to their phone, and are nobody else by it."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.models import Report
from gezhi.notices import actions as notices
from gezhi.notices import jobs
from gezhi.notices.errors import CodeOver
from gezhi.notices.models import AddressCheck
from gezhi.notices.rules import Purpose
from gezhi.people.models import Resident, ResidentSession
from gezhi.record.models import AuditLine
from gezhi.residents.tests.signing import OTHER_PHONE, PHONE, Phone, prove, sign_in
from tests.cast import TUESDAY, County, report_leak


def text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()[:400]
    return answer.content.decode()


def test_a_code_to_the_phone_lets_in_and_shows_what_was_reported_with_it(
    county: County, phone: Phone, rita: Client, reported: cases.Reported
) -> None:
    other = report_leak()
    Report.objects.filter(pk=other.report.pk).update(phone_index=b"x" * 32)
    sign_in(rita, phone)
    mine = text(rita, "/mine/")
    assert reported.case.number in mine
    assert other.case.number not in mine, "somebody else's report"
    assert "138****5678" in mine
    assert PHONE not in mine
    assert "您反映的事已收到" in text(rita, f"/track/{reported.case.number}/")


def test_the_number_may_be_typed_as_people_write_it(
    county: County, phone: Phone, rita: Client
) -> None:
    sign_in(rita, phone, number="138 1234 5678".replace(" ", ""))
    again = Client()
    assert again.post("/me/sign-in/", {"phone": "+86 138-1234-5678"}).status_code == 429
    with clock.standing_at(clock.now() + timedelta(minutes=2)):
        assert again.post("/me/sign-in/", {"phone": "+86 138-1234-5678"}).status_code == 302
        again.post("/me/code/", {"code": f"{phone.newest()[:3]} {phone.newest()[3:]}"})
    assert Resident.objects.count() == 1
    assert ResidentSession.objects.count() == 2


def test_whether_a_phone_is_known_shows_nowhere(county: County, phone: Phone, rita: Client) -> None:
    sign_in(rita, phone)
    with clock.standing_at(clock.now() + timedelta(minutes=2)):
        known = Client().post("/me/sign-in/", {"phone": PHONE})
        unknown = Client().post("/me/sign-in/", {"phone": OTHER_PHONE})
    assert (known.status_code, known["Location"], known.content) == (
        unknown.status_code, unknown["Location"], unknown.content,
    )  # fmt: skip
    assert Resident.objects.count() == 1, "an account is made by its first code, not by asking"


def test_five_tries_and_the_code_is_over_even_if_it_is_right(
    county: County, phone: Phone, rita: Client
) -> None:
    rita.post("/me/sign-in/", {"phone": PHONE})
    right = phone.newest()
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for left in (4, 3, 2, 1):
        answer = rita.post("/me/code/", {"code": wrong})
        assert answer.status_code == 422
        assert f"还可以试 {left} 次" in answer.content.decode()
    assert "已经失效" in rita.post("/me/code/", {"code": wrong}).content.decode()
    assert "已经失效" in rita.post("/me/code/", {"code": right}).content.decode()
    assert not ResidentSession.objects.exists()
    failed = AuditLine.objects.filter(kind="sign_in_failed")
    assert failed.count() == 6
    assert PHONE not in str([line.data for line in failed])


def test_a_code_holds_ten_minutes_and_once(county: County, phone: Phone, rita: Client) -> None:
    with clock.standing_at(TUESDAY):
        rita.post("/me/sign-in/", {"phone": PHONE})
        code = phone.newest()
    with clock.standing_at(TUESDAY + timedelta(minutes=10)):
        assert rita.post("/me/code/", {"code": code}).status_code == 422
    with clock.standing_at(TUESDAY + timedelta(minutes=9)):
        check = AddressCheck.objects.get()
        assert check.code
        assert rita.post("/me/code/", {"code": code}).status_code == 302
    assert not ResidentSession.objects.filter(made_at__lt=TUESDAY).exists()
    again = Client()
    again.cookies = rita.cookies
    assert again.post("/me/code/", {"code": code}).status_code in (302, 422)
    assert ResidentSession.objects.count() == 1


def test_a_code_stays_good_when_somebody_else_asks_for_another(
    county: County, phone: Phone, rita: Client
) -> None:
    with clock.standing_at(TUESDAY):
        rita.post("/me/sign-in/", {"phone": PHONE})
        first = phone.newest()
    with clock.standing_at(TUESDAY + timedelta(seconds=10)):
        other = Client(REMOTE_ADDR="10.9.8.7")
        assert other.post("/me/sign-in/", {"phone": PHONE}).status_code == 302
        assert rita.post("/me/code/", {"code": first}).status_code == 302
        assert other.post("/me/code/", {"code": phone.newest()}).status_code == 302


def test_nobody_keeps_another_from_signing_in_by_asking_for_codes(
    county: County, phone: Phone, rita: Client
) -> None:
    stranger = Client(REMOTE_ADDR="10.9.8.7")
    asked = []
    for minute in range(8):
        with clock.standing_at(TUESDAY + timedelta(minutes=minute)):
            asked.append(stranger.post("/me/sign-in/", {"phone": PHONE}).status_code)
    assert asked == [302] * 3 + [429] * 5
    with clock.standing_at(TUESDAY + timedelta(minutes=7, seconds=5)):
        sign_in(rita, phone)
    with clock.standing_at(TUESDAY + timedelta(minutes=18)):
        prove(rita, phone)  # nor from going on


def test_a_phone_is_not_flooded_from_many_addresses(
    county: County, phone: Phone, rita: Client
) -> None:
    asked = []
    for host in range(15):
        with clock.standing_at(TUESDAY + timedelta(seconds=host)):
            stranger = Client(REMOTE_ADDR=f"10.9.{host}.7")
            asked.append(stranger.post("/me/sign-in/", {"phone": PHONE}).status_code)
    assert asked == [302] * 12 + [429] * 3


def test_a_phone_gets_so_many_codes_an_hour_and_a_network_asks_for_so_many(
    county: County, phone: Phone, rita: Client, settings: LazySettings
) -> None:
    settings.CODES_FROM_ADDRESS = 5
    for minute in range(3):
        with clock.standing_at(TUESDAY + timedelta(minutes=2 * minute)):
            assert rita.post("/me/sign-in/", {"phone": PHONE}).status_code == 302
    with clock.standing_at(TUESDAY + timedelta(minutes=12)):
        refused = rita.post("/me/sign-in/", {"phone": PHONE})
        assert refused.status_code == 429
        assert "48 分钟后再试" in refused.content.decode()
        for number in ("13900000001", "13900000002"):
            assert rita.post("/me/sign-in/", {"phone": number}).status_code == 302
        assert rita.post("/me/sign-in/", {"phone": "13900000003"}).status_code == 429
        elsewhere = Client(REMOTE_ADDR="10.9.8.7")
        assert elsewhere.post("/me/sign-in/", {"phone": "13900000003"}).status_code == 302


def test_the_code_stands_nowhere_but_in_the_message(
    county: County, phone: Phone, rita: Client
) -> None:
    rita.post("/me/sign-in/", {"phone": PHONE})
    code = phone.newest()
    assert code not in text(rita, "/me/code/")
    assert code not in str(AddressCheck.objects.values())
    assert code not in str(rita.cookies)


def test_a_demo_shows_the_code_that_it_does_not_send(
    county: County, rita: Client, settings: LazySettings
) -> None:
    settings.DEMO = True
    rita.post("/me/sign-in/", {"phone": PHONE})
    page = text(rita, "/me/code/")
    code = page.split('<strong class="gz-told">')[1][:6]
    assert rita.post("/me/code/", {"code": code}).status_code == 302
    assert Resident.objects.count() == 1


def test_without_a_gateway_the_page_says_what_works_instead(county: County, rita: Client) -> None:
    refused = rita.post("/me/sign-in/", {"phone": PHONE})
    assert refused.status_code == 409
    assert "凭编号和查询码照样可以查进度" in refused.content.decode()
    assert f'value="{PHONE}"' in refused.content.decode(), "nothing typed is lost"


@pytest.mark.parametrize("typed", ["", "123", "0931-8888888", "2381234567", "1381234567", "李"])
def test_what_is_no_mobile_number_is_asked_for_again(
    county: County, phone: Phone, rita: Client, typed: str
) -> None:
    assert rita.post("/me/sign-in/", {"phone": typed}).status_code == 422
    assert not AddressCheck.objects.exists()


def test_a_resident_is_nobody_at_the_desk_and_staff_are_nobody_here(
    county: County, phone: Phone, rita: Client, login: object, reported: cases.Reported
) -> None:
    sign_in(rita, phone)
    assert rita.get("/desk/")["Location"].startswith("/desk/sign-in/")
    rita.force_login(county.accounts["shui"], backend="gezhi.site.sessions.AccountBackend")
    assert rita.get("/mine/").status_code == 200
    assert "138****5678" in text(rita, "/mine/"), "one device, two people: neither disturbs"
    rita.post("/me/sign-out/")
    assert "138****5678" not in text(rita, "/mine/")
    assert rita.get("/desk/").status_code == 200, "the desk's session goes on"
    assert rita.get("/me/").status_code == 302, "and is no resident's"


def test_signing_out_everywhere_ends_every_device(
    county: County, phone: Phone, rita: Client
) -> None:
    sign_in(rita, phone)
    tablet = Client()
    with clock.standing_at(clock.now() + timedelta(minutes=2)):
        sign_in(tablet, phone)
        assert "2 台设备登录着" in text(rita, "/me/")
        tablet.post("/me/sign-out/", {"where": "everywhere"})
        assert rita.get("/me/")["Location"].startswith("/me/sign-in/")
    assert AuditLine.objects.get(kind="sign_out").data == {"everywhere": True, "sessions": 2}
    assert AuditLine.objects.get(kind="sign_out").actor == f"resident:{Resident.objects.get().id}"


def test_a_session_ends_by_itself(
    county: County, phone: Phone, rita: Client, settings: LazySettings
) -> None:
    settings.RESIDENT_DAYS = 30
    with clock.standing_at(TUESDAY):
        sign_in(rita, phone)
    with clock.standing_at(TUESDAY + timedelta(days=29)):
        assert rita.get("/me/").status_code == 200
    with clock.standing_at(TUESDAY + timedelta(days=30, minutes=1)):
        assert rita.get("/me/").status_code == 302


def test_a_link_of_a_message_leads_to_its_case_once_signed_in(
    county: County, phone: Phone, rita: Client, reported: cases.Reported
) -> None:
    link = f"/track/{reported.case.number}/"
    asked = rita.get(link, follow=True).content.decode()
    assert f"/me/sign-in/?next={link}" in asked
    sign_in(rita, phone, next=link)
    assert "现在由谁办" in text(rita, link)


def test_nobody_is_led_off_the_site(county: County, phone: Phone, rita: Client) -> None:
    rita.post("/me/sign-in/", {"phone": PHONE, "next": "https://evil.example/"})
    answer = rita.post("/me/code/", {"code": phone.newest(), "next": "//evil.example"})
    assert answer["Location"] == "/mine/"


def test_what_is_reported_while_signed_in_is_known_everywhere_and_names_nobody(
    county: County, phone: Phone, rita: Client
) -> None:
    sign_in(rita, phone)
    rita.post("/report/", {"what": "路灯不亮"})
    rita.post("/report/where/", {"place": "柳树村口", "path": "990101101201"})
    send = text(rita, "/report/send/")
    assert f'value="{PHONE}"' in send, "the contact needs no typing"
    assert rita.post("/report/send/", {}).status_code == 302
    report = Report.objects.get()
    assert report.resident == Resident.objects.get()
    assert report.phone == "", "unless it is wanted"
    lines = str(list(report.case.history.values_list("actor", "data")))
    assert str(report.resident_id) not in lines, "histories put nobody's cases together"
    with clock.standing_at(clock.now() + timedelta(minutes=2)):
        tablet = Client()
        sign_in(tablet, phone)
    assert report.case.number in text(tablet, "/mine/")


def test_what_a_device_remembers_is_taken_into_the_account(
    county: County, phone: Phone, rita: Client, reported: cases.Reported
) -> None:
    Report.objects.update(phone="", phone_index=None)
    rita.post("/track/", {"number": reported.case.number, "code": reported.code})
    sign_in(rita, phone)
    assert "还记着 1 件" in text(rita, "/mine/")
    assert reported.case.number not in text(rita, "/mine/")
    rita.post("/mine/take-in/")
    assert reported.case.number in text(rita, "/mine/")
    assert "还记着" not in text(rita, "/mine/")
    assert Report.objects.get().resident == Resident.objects.get()


def test_nobody_takes_in_what_another_account_has(
    county: County, phone: Phone, rita: Client, reported: cases.Reported
) -> None:
    sign_in(rita, phone)
    rita.post("/mine/", {"number": reported.case.number, "code": reported.code})
    owner = Report.objects.get().resident
    assert owner is not None
    other = Client()
    sign_in(other, phone, number=OTHER_PHONE)
    other.post("/mine/", {"number": reported.case.number, "code": reported.code})
    assert Report.objects.get().resident == owner


def test_another_phone_by_codes_to_both(
    county: County, phone: Phone, rita: Client, reported: cases.Reported
) -> None:
    with clock.standing_at(TUESDAY):
        sign_in(rita, phone)
        tablet = Client()
    with clock.standing_at(TUESDAY + timedelta(minutes=20)):
        assert "确认是您本人" in text(rita, "/me/phone/"), "first the old phone"
        prove(rita, phone, next="/me/phone/")
        assert rita.post("/me/phone/", {"phone": PHONE}).status_code == 422
        rita.post("/me/phone/", {"phone": OTHER_PHONE})
        assert Resident.objects.get().phone == PHONE, "not before its code"
        rita.post("/me/code/", {"code": phone.newest(to=OTHER_PHONE)})
        assert Resident.objects.get().phone == OTHER_PHONE
        assert "139****4321" in text(rita, "/me/")
        assert Report.objects.get().phone == OTHER_PHONE, "whoever gets the old number finds none"
        assert reported.case.number in text(rita, "/mine/")
    with clock.standing_at(TUESDAY + timedelta(minutes=40)):
        sign_in(tablet, phone)
        assert reported.case.number not in text(tablet, "/mine/")


def test_a_phone_with_an_account_of_its_own_brings_it_along(
    county: County, phone: Phone, rita: Client, reported: cases.Reported
) -> None:
    Report.objects.update(phone="", phone_index=None)
    with clock.standing_at(TUESDAY):
        sign_in(rita, phone, number=OTHER_PHONE)
        rita.post("/mine/", {"number": reported.case.number, "code": reported.code})
        second = Client()
        sign_in(second, phone)
        second.post("/me/phone/", {"phone": OTHER_PHONE})
    with clock.standing_at(TUESDAY + timedelta(minutes=2)):
        second.post("/me/phone/", {"phone": OTHER_PHONE})
        second.post("/me/code/", {"code": phone.newest(to=OTHER_PHONE)})
        assert reported.case.number in text(second, "/mine/")
        assert rita.get("/me/").status_code == 302
    closed = Resident.objects.exclude(closed_at=None).get()
    assert (closed.phone, closed.phone_index) == ("", None)


def test_closing_the_account_leaves_the_reports_with_their_codes(
    county: County, phone: Phone, rita: Client, reported: cases.Reported
) -> None:
    with clock.standing_at(TUESDAY):
        sign_in(rita, phone)
        rita.post("/mine/", {"number": reported.case.number, "code": reported.code})
        assert "1 件上报" in text(rita, "/me/close/")
        rita.post("/me/close/")
    resident = Resident.objects.get()
    assert (resident.phone, resident.phone_index) == ("", None)
    assert not ResidentSession.objects.exists()
    assert Report.objects.get().resident is None
    other = Client()
    found = other.post("/track/", {"number": reported.case.number, "code": reported.code})
    assert found.status_code == 302


def test_what_cannot_be_taken_back_asks_for_a_fresh_code(
    county: County, phone: Phone, rita: Client
) -> None:
    with clock.standing_at(TUESDAY):
        sign_in(rita, phone)
    with clock.standing_at(TUESDAY + timedelta(minutes=11)):
        assert rita.post("/me/close/")["Location"].startswith("/me/code/")
    assert Resident.objects.get().closed_at is None


@pytest.mark.parametrize("page", ["/me/close/", "/me/phone/", "/me/copy/", "/me/copy/file/"])
def test_a_link_sends_no_code_a_button_does(
    county: County, phone: Phone, rita: Client, page: str
) -> None:
    with clock.standing_at(TUESDAY):
        sign_in(rita, phone)
    with clock.standing_at(TUESDAY + timedelta(minutes=11)):
        sent = AddressCheck.objects.count()
        rita.head(page)
        rita.get(page)
        assert AddressCheck.objects.count() == sent
        assert "发送验证码" in text(rita, page)
        asked = rita.post("/me/prove/", {"next": "//evil.example"})
        assert asked["Location"] == "/me/code/?next=%2Fme%2F"
        assert AddressCheck.objects.count() == sent + 1
        rita.post("/me/code/", {"code": phone.newest()})
        assert rita.post("/me/prove/", {"next": page})["Location"] == page, "no code is wanted"
        assert AddressCheck.objects.count() == sent + 1


def test_a_new_phone_typed_too_late_is_still_there_after_the_code(
    county: County, phone: Phone, rita: Client
) -> None:
    with clock.standing_at(TUESDAY):
        sign_in(rita, phone)
    with clock.standing_at(TUESDAY + timedelta(minutes=11)):
        asked = rita.post("/me/phone/", {"phone": OTHER_PHONE})
        assert OTHER_PHONE not in asked["Location"] + str(rita.cookies)
        entered = rita.post("/me/code/", {"code": phone.newest(), "next": "/me/phone/"})
        assert entered["Location"] == "/me/phone/"
        assert f'value="{OTHER_PHONE}"' in text(rita, "/me/phone/")
        rita.post("/me/phone/", {"phone": OTHER_PHONE})
        assert OTHER_PHONE not in text(rita, "/me/phone/"), "asked for: no longer kept"


def test_a_code_of_another_phone_shows_nothing_of_this_one(
    county: County, phone: Phone, rita: Client
) -> None:
    with clock.standing_at(TUESDAY):
        sign_in(rita, phone)
        thief = Client()
        sign_in(thief, phone, number=OTHER_PHONE)
    with clock.standing_at(TUESDAY + timedelta(minutes=20)):
        thief.post("/me/prove/")
        code = phone.newest(to=OTHER_PHONE)
        rita.cookies["gz_code"] = thief.cookies["gz_code"].value
        assert rita.post("/me/code/", {"code": code}).status_code == 422
        assert "确认是您本人" in text(rita, "/me/close/")


def test_a_gateway_that_fails_is_said_on_the_page(
    county: County, phone: Phone, rita: Client
) -> None:
    phone.gateway.answers = [(500, "no")]
    rita.post("/me/sign-in/", {"phone": PHONE})
    jobs.send_code(str(AddressCheck.objects.get().id))
    assert "短信没有发出去" in text(rita, "/me/code/")


def test_a_code_is_for_its_purpose_alone(county: County, phone: Phone) -> None:
    check = notices.ask_phone_code(PHONE, purpose=Purpose.AGAIN, address="")
    code = phone.newest()
    with pytest.raises(CodeOver):
        notices.try_phone_code(check.id, code, purpose=Purpose.ENTRY)
    assert notices.try_phone_code(check.id, code, purpose=Purpose.AGAIN) == PHONE
