"""One's own choices: addresses that are confirmed by a code, quiet hours, what is wanted."""

import json
import re
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.notices import actions
from gezhi.notices.models import AddressCheck, Choice, Delivery
from gezhi.notices.tests.reading import (
    SETTINGS,
    Login,
    give_mail,
    newest,
    page,
    run_jobs,
    tell,
    type_in,
)
from gezhi.notices.tests.telling import MailServer, code_in, http_gateway
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.actions import apply_book
from tests.cast import COUNTY, SETTING_UP, County, report_leak


def test_an_address_is_used_once_its_code_was_typed_in(
    county: County, case: Case, login: Login, post_office: MailServer
) -> None:
    shui = login("shui")
    give_mail(shui)
    (mail,) = post_office.mails
    assert "To: shui@example.org" in mail
    shown = page(shui, SETTINGS)
    assert "验证码已发到这个地址" in shown
    assert "shui@example.org" in shown
    assert "21:30" in shown
    assert "shui@example.org" not in page(login("shuiba"), SETTINGS)
    assign_to_water(county, case)
    assert not Delivery.objects.filter(channel="mail").exists(), "it may be anybody's"
    code = code_in(mail)
    type_in(shui, f" {code[:3]} {code[3:]}", 302)
    assert "已验证，通知会发到这里" in page(shui, SETTINGS)
    assign_to_water(county, report_leak().case)
    sent = Delivery.objects.get(channel="mail", account__login="shui")
    assert sent.address == "shui@example.org"
    type_in(shui, code, 422)


def assign_to_water(county: County, case: Case) -> None:
    cun = county.actor("cun")
    cases.accept(case.id, category=case.proposed_category, actor=cun)
    cases.assign(case.id, unit=county.unit("dept-water"), actor=cun)
    tell()


def test_until_then_notices_go_to_the_address_before(
    county: County, login: Login, post_office: MailServer
) -> None:
    shui = login("shui")
    give_mail(shui)
    type_in(shui, code_in(post_office.mails.pop()), 302)
    give_mail(shui, "new@example.org")
    assert "在那以前，通知仍发到 s***@example.org" in page(shui, SETTINGS)
    kept = Choice.objects.get()
    assert kept.mail == "shui@example.org"
    type_in(shui, code_in(post_office.mails.pop()), 302)
    kept.refresh_from_db()
    assert kept.mail == "new@example.org"
    give_mail(shui, "third@example.org")
    give_mail(shui, "new@example.org")
    assert "验证码已发到" not in page(shui, SETTINGS), "back to what is known"
    assert shui.post(SETTINGS, {}).status_code == 302
    kept.refresh_from_db()
    assert (kept.mail, kept.mail_confirmed, kept.wants_mail) == ("", None, False)


def test_a_code_is_guessed_five_times_and_no_more(
    county: County, login: Login, post_office: MailServer
) -> None:
    shui = login("shui")
    give_mail(shui)
    code = code_in(post_office.mails[0])
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for left in (4, 3, 2, 1):
        assert f"还可以试 {left} 次" in type_in(shui, wrong, 422)
    assert "已经失效" in type_in(shui, wrong, 422)
    assert "已经失效" in type_in(shui, code, 422), "the right one comes too late"
    assert Choice.objects.get().mail == ""


def test_a_code_holds_ten_minutes(county: County, login: Login, post_office: MailServer) -> None:
    shui = login("shui")
    give_mail(shui)
    with clock.standing_at(clock.now() + timedelta(minutes=11)):
        assert "验证码已经失效，请重新发送" in page(shui, SETTINGS)
        assert "已经失效" in type_in(shui, code_in(post_office.mails[0]), 422)


def test_codes_are_sent_again_but_flood_nobody(
    county: County, login: Login, post_office: MailServer
) -> None:
    shui, now = login("shui"), clock.now()
    give_mail(shui)
    again = f"{SETTINGS}mail/send/"
    answer = shui.post(again)
    assert answer.status_code == 429, "not twice in a minute"
    assert "验证码发得太多了" in answer.content.decode()
    for minutes in (2, 4, 6, 8):
        with clock.standing_at(now + timedelta(minutes=minutes)):
            assert shui.post(again).status_code == 302
            run_jobs()
    assert len(post_office.mails) == 5
    with clock.standing_at(now + timedelta(minutes=10)):
        assert shui.post(again).status_code == 429
        assert give_mail(shui, "another@example.org", 422), "nor to somebody else"
        assert give_mail(login("shuiba"), "SHUI@example.org", 422), "nor by somebody else"
        type_in(shui, code_in(post_office.mails[0]), 422)
        type_in(shui, code_in(post_office.mails[-1]), 302)
    with clock.standing_at(now + timedelta(days=2)):
        actions.sweep()
    assert not AddressCheck.objects.exists()


def test_what_the_server_refuses_is_said_beside_the_address(
    county: County, login: Login, post_office: MailServer
) -> None:
    post_office.answer = "550 no such user"
    shui = login("shui")
    give_mail(shui)
    shown = page(shui, SETTINGS)
    assert "验证码没有送到" in shown
    assert "550 no such user" in shown


def test_what_is_wrong_with_the_server_is_nothing_for_who_types_in_an_address(
    county: County, login: Login, post_office: MailServer, settings: LazySettings
) -> None:
    settings.MAIL = settings.MAIL.replace("smtp+plain", "smtps")
    shui = login("shui")
    give_mail(shui)
    shown = page(shui, SETTINGS)
    assert "发送服务出了差错" in shown
    assert "127.0.0.1" not in shown
    assert "GEZHI_MAIL" not in shown


def test_nothing_of_a_code_or_an_address_can_be_read_in_the_database(
    county: County, login: Login, post_office: MailServer
) -> None:
    give_mail(login("shui"))
    code = code_in(post_office.mails[0])
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM notices_addresscheck c")
        kept = cursor.fetchone()[0]
        cursor.execute("SELECT coalesce(string_agg(args::text, ''), '') FROM procrastinate_jobs")
        queued = cursor.fetchone()[0]
    assert code not in kept + queued
    assert b"shui@".hex() not in kept + queued
    assert "shui@" not in kept + queued


def test_without_a_gateway_no_code_can_come(county: County, login: Login) -> None:
    typed = {"wants_sms": "on", "phone": "139 0000 0009"}
    answer = login("shui").post(SETTINGS, typed)
    assert answer.status_code == 422
    assert "短信还没有接通" in answer.content.decode()
    assert not Choice.objects.exists()
    assert "暂时验证不了地址" in page(login("shui"), SETTINGS)


def from_before(county: County) -> Choice:
    """Somebody typed in an address before it had to be shown to be theirs."""
    return Choice.objects.create(
        account=county.accounts["shui"], mail="shui@example.org", wants_mail=True,
        changed_at=clock.now(),
    )  # fmt: skip


def test_without_a_gateway_hours_and_what_is_not_wanted_are_saved(
    county: County, login: Login
) -> None:
    from_before(county)
    shui = login("shui")
    give_mail(shui)
    kept = Choice.objects.get()
    assert (str(kept.quiet_from), kept.mail, kept.wants_mail) == (
        "21:30:00", "shui@example.org", True,
    )  # fmt: skip
    assert (
        shui.post(SETTINGS, {"mail": "new@example.org", "phone": "13900000009"}).status_code == 302
    )
    kept.refresh_from_db()
    assert (kept.mail, kept.phone) == ("new@example.org", "13900000009")
    assert not AddressCheck.objects.exists()


def test_an_address_from_before_codes_is_asked_for_its_code(
    county: County, case: Case, login: Login, post_office: MailServer
) -> None:
    from_before(county)
    shui = login("shui")
    assert "这个地址还没有验证" in page(shui, SETTINGS)
    assign_to_water(county, case)
    assert not Delivery.objects.filter(channel="mail").exists()
    assert shui.post(f"{SETTINGS}mail/send/").status_code == 302
    run_jobs()
    assert "这个地址还没有验证" not in page(shui, SETTINGS)
    type_in(shui, code_in(post_office.mails[0]), 302)
    assign_to_water(county, report_leak().case)
    assert Delivery.objects.get(channel="mail").address == "shui@example.org"
    assert shui.post(f"{SETTINGS}mail/send/").status_code == 422, "it is known to be theirs"


def test_what_is_written_over_a_confirmed_address_is_not_confirmed(
    county: County, case: Case, login: Login, post_office: MailServer
) -> None:
    """As by a process of the release before, that knows nothing of codes."""
    shui = login("shui")
    give_mail(shui)
    type_in(shui, code_in(post_office.mails[0]), 302)
    made = Choice.objects.get()
    made.mail = "stranger@example.org"
    made.save(update_fields=["mail"])
    assert "这个地址还没有验证" in page(shui, SETTINGS)
    assign_to_water(county, case)
    assert not Delivery.objects.filter(channel="mail").exists()


def test_who_saves_and_who_confirms_wait_for_the_account_and_not_for_each_other(
    county: County, login: Login, post_office: MailServer
) -> None:
    shui = login("shui")
    with CaptureQueriesContext(connection) as saving:
        give_mail(shui)
    with CaptureQueriesContext(connection) as confirming:
        type_in(shui, code_in(post_office.mails[0]), 302)
    for asked in (saving, confirming):
        taken = [
            one["sql"]
            for one in asked
            if "FOR UPDATE" in one["sql"] or re.match("(UPDATE|INSERT INTO) .notices_", one["sql"])
        ]
        assert len(taken) > 1
        assert 'FROM "people_account"' in taken[0]


def test_a_demo_sends_no_code_but_says_it(
    county: County, login: Login, settings: LazySettings
) -> None:
    settings.DEMO = True
    shui = login("shui")
    give_mail(shui)
    shown = page(shui, SETTINGS)
    (code,) = re.findall(r"验证码会是 (\d{6})", shown)
    type_in(shui, code, 302)
    assert Choice.objects.get().mail == "shui@example.org"


@pytest.mark.parametrize("path", ["mail/code/", "mail/send/", "chat/code/", "pigeon/send/"])
def test_nobody_waits_for_a_code_that_was_not_asked_for(
    county: County, login: Login, path: str
) -> None:
    answer = login("shui").post(f"{SETTINGS}{path}", {"code": "123456"})
    assert answer.status_code == (422 if path.startswith("mail") else 404)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"mail": "nowhere"}, "邮箱地址写得不对"),
        ({"phone": "abc"}, "手机号写得不对"),
        ({"wants_mail": "on"}, "请先填写邮箱或手机号"),
        ({"wants_sms": "on"}, "请先填写邮箱或手机号"),
        ({"quiet_from": "22:00"}, "开始和结束都填上"),
        ({"quiet_from": "noon"}, "请写成几点几分"),
    ],
)
def test_what_makes_no_sense_comes_back_as_it_was_typed(
    county: County, login: Login, typed: dict[str, str], words: str
) -> None:
    answer = login("shui").post("/desk/notices/settings/", typed)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Choice.objects.exists()


def test_without_an_address_there_is_only_the_desk(told: Case) -> None:
    notice = newest("shui")
    assert notice.is_on_desk
    assert not Delivery.objects.filter(notice=notice).exists()


def test_who_wants_short_messages_gets_those_the_rulebook_has(
    county: County, case: Case, login: Login, settings: LazySettings
) -> None:
    with http_gateway() as gateway:
        body = {"to": "{phone}", "text": "{words}"}
        settings.SMS_GATEWAY = json.dumps({"url": gateway.url, "body": body})
        shui = login("shui")
        shui.post(SETTINGS, {"wants_sms": "on", "phone": "139 0000 0009"})
        run_jobs()
        (call,) = gateway.calls
        assert call.json["to"] == "13900000009"
        (code,) = re.findall(r"\b\d{6}\b", call.json["text"])
        type_in(shui, code, 302, "sms")
    assign_to_water(county, case)
    row = Delivery.objects.get(channel="sms", account__login="shui")
    assert row.address == "13900000009"
    assert row.words.startswith("紧急")


def test_ones_choices_name_the_ways_that_the_rulebook_keeps_quiet(
    county: County, login: Login
) -> None:
    assert "规则册规定 22:00–07:30 这些渠道不发：短信、工作群。" in page(
        login("shui"), "/desk/notices/settings/"
    )
    files = rulebook.default_files()
    old = 'to = "07:30"\nchannels = ["sms", "chat"]'
    assert old in files["notices.toml"]
    for channels, words in (('"mail"', "这些渠道不发：邮件。"), ('"desk"', "")):
        new = files["notices.toml"].replace(old, f'to = "07:30"\nchannels = [{channels}]')
        apply_book(files | {"notices.toml": new}, county=COUNTY, note="", actor=SETTING_UP)
        shown = page(login("shui"), "/desk/notices/settings/")
        assert words in shown
        assert ("规则册规定 22:00" in shown) is bool(words)


def test_in_english_lists_have_commas_and_sentences_a_space_between(
    county: County, login: Login
) -> None:
    guan = login("guan")
    guan.cookies["django_language"] = "en"
    assert "Text message, Chat group" in page(guan, "/desk/outbox/")
    held = "Between 22:00 and 07:30 the rulebook holds back: Text message, Chat group. Urgent ones"
    assert held in page(guan, "/desk/notices/settings/")
