"""The bell, the list, what is read, the outbox, one's own choices: through the doors."""

import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import CalamineWorkbook

from gezhi.api.tests.calling import bearer, is_problem, post
from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.notices import actions, jobs, rules
from gezhi.notices.models import AddressCheck, Choice, Delivery, Notice
from gezhi.notices.tests.telling import (
    HttpGateway,
    MailServer,
    code_in,
    http_gateway,
    mail_server,
)
from gezhi.record.models import Line
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.actions import apply_book
from tests.cast import COUNTY, SETTING_UP, County, report_leak

Login = Callable[[str], Client]
KeyOf = Callable[[str], str]


@pytest.fixture
def told(county: County, handled: Case) -> Case:
    """A case of which everybody was told."""
    tell()
    return handled


def tell() -> None:
    actions.note(list(Line.objects.order_by("id")), now=clock.now())


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content[:500]
    return answer.content.decode()


def newest(login: str) -> Notice:
    found = Notice.objects.filter(account__login=login, is_on_desk=True).order_by("-at").first()
    assert found
    return found


# --- the bell and the list ------------------------------------------------------------------------


def test_the_bell_counts_what_is_unread_for_its_own_account(told: Case, login: Login) -> None:
    assert ">1<span" in page(login("shui"), "/desk/notices/bell/")
    assert "gz-bell-count" not in page(login("lu"), "/desk/notices/bell/")


def test_a_notice_is_listed_and_opens_its_case_and_is_read_then(told: Case, login: Login) -> None:
    shui = login("shui")
    shown = page(shui, "/desk/notices/")
    assert "请立即签收" in shown
    assert "/desk/cases/" not in newest("shui").words, "the line itself leads to the case"
    answer = shui.post(f"/desk/notices/{newest('shui').id}/")
    assert answer.status_code == 302
    assert answer["Location"] == f"/desk/cases/{told.number}/"
    assert newest("shui").read_at is not None
    assert newest("shuiba").read_at is None
    assert "gz-bell-count" not in page(shui, "/desk/notices/bell/")


def test_one_is_read_in_the_list_and_the_bell_hears_of_it(told: Case, login: Login) -> None:
    shui = login("shui")
    answer = shui.post(f"/desk/notices/{newest('shui').id}/read/")
    assert "gz-heard" in answer["HX-Trigger"]
    assert "is-read" in answer.content.decode()
    first = newest("shui").read_at
    shui.post(f"/desk/notices/{newest('shui').id}/read/")
    assert newest("shui").read_at == first, "once read, it stays read since then"


def test_all_are_read_up_to_the_newest_that_was_shown(
    county: County, told: Case, login: Login
) -> None:
    shui, seen = login("shui"), newest("shui")
    with clock.standing_at(clock.now() + timedelta(minutes=1)):
        case = report_leak().case
        cun = county.actor("cun")
        cases.accept(case.id, category=case.proposed_category, actor=cun)
        cases.assign(case.id, unit=county.unit("dept-water"), actor=cun)
        tell()
    assert shui.post("/desk/notices/read/", {"until": str(seen.id)}).status_code == 302
    unread = Notice.objects.filter(account__login="shui", read_at__isnull=True)
    assert [each.number for each in unread] == [case.number]
    assert shui.post("/desk/notices/read/", {"until": "x"}).status_code == 302
    assert unread.count() == 1


def test_what_the_filter_hides_is_not_read(county: County, told: Case, login: Login) -> None:
    cases.supervise(told.id, words="今天答复", actor=county.actor("du"))
    tell()
    shui = login("shui")
    asked = f"about=demands&number={told.number[:4]}&unread=1"
    shown = page(shui, f"/desk/notices/?{asked}")
    assert "符合条件的都标为已读" in shown
    form = shown.partition('class="gz-notice-all"')[2].partition("</form>")[0]
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    answer = shui.post("/desk/notices/read/", sent)
    assert answer["Location"] == f"/desk/notices/?unread=1&about=demands&number={told.number[:4]}"
    mine = Notice.objects.filter(account__login="shui")
    assert {one.event for one in mine.filter(read_at=None)} == {"assigned"}
    assert {one.event for one in mine.exclude(read_at=None)} == {"supervised"}
    assert "gz-notice-all" not in page(shui, "/desk/notices/?about=demands"), "nothing is left"
    assert "全部标为已读" in page(shui, "/desk/notices/")


@pytest.mark.parametrize("event", ["approval_asked", "whistled"])
def test_what_waits_for_somebody_stands_out(told: Case, login: Login, event: str) -> None:
    Notice.objects.filter(account__login="shui").update(event=event)
    assert "gz-tone-soon" in page(login("shui"), "/desk/notices/")


def test_the_unread_alone_and_the_part_that_is_shown_anew(told: Case, login: Login) -> None:
    shui = login("shui")
    assert told.number in page(shui, "/desk/notices/?unread=1")
    assert "<html" not in page(shui, "/desk/notices/rows/")
    shui.post(f"/desk/notices/{newest('shui').id}/read/")
    assert told.number not in page(shui, "/desk/notices/?unread=1")
    assert told.number in page(shui, "/desk/notices/rows/")


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("about=moves", True),
        ("about=late", False),
        ("about=demands&unread=1", False),
        ("about=nosuch", True),
        ("number=99", False),
    ],
)
def test_the_own_list_is_narrowed_by_its_address(
    told: Case, login: Login, query: str, is_there: bool
) -> None:
    shown = page(login("shui"), f"/desk/notices/?{query}")
    assert (f'data-row="{told.number}"' in shown) is is_there
    assert ("没有符合条件的通知" in shown) is not is_there
    part = page(login("shui"), f"/desk/notices/rows/?{query}")
    assert (f'data-row="{told.number}"' in part) is is_there
    by_number = page(login("shui"), f"/desk/notices/?number={told.number}&about=moves")
    assert f'data-row="{told.number}"' in by_number


def test_every_event_is_about_one_thing() -> None:
    found = [event for about in rules.About for event in rules.events_about(about)]
    assert sorted(found) == sorted(rules.EVENT_NAMES)


def test_somebody_elses_notice_is_not_there(told: Case, login: Login) -> None:
    foreign = newest("shuiba")
    for path in (f"/desk/notices/{foreign.id}/", f"/desk/notices/{foreign.id}/read/"):
        assert login("shui").post(path).status_code == 404
    assert login("shui").post("/desk/notices/read/", {"until": str(foreign.id)}).status_code == 404
    assert newest("shuiba").read_at is None


def test_long_lists_go_on_where_they_ended(county: County, told: Case, login: Login) -> None:
    one = newest("shui")
    Notice.objects.bulk_create(
        Notice(
            county=one.county, account=one.account, case=told, number=told.number, event="closed",
            audience="holder", cause=f"line:{10**9 + at}", words=f"第{at}条", is_on_desk=True,
            at=one.at - timedelta(minutes=at + 1), made_at=one.at,
        )
        for at in range(60)
    )  # fmt: skip
    shui = login("shui")
    first = page(shui, "/desk/notices/")
    assert "第48条" in first
    assert "第49条" not in first
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "第59条" in page(shui, following)
    assert "61" in page(shui, "/desk/notices/bell/")


def test_the_shell_has_a_bell_that_hears_news(login: Login, county: County) -> None:
    for name in ("shui", "guan"):
        shown = page(login(name), "/desk/notices/")
        assert 'hx-get="/desk/notices/bell/"' in shown
        assert 'data-news="case_accepted' in shown


# --- the outbox -----------------------------------------------------------------------------------


def test_the_outbox_shows_what_goes_to_whom_masked(told: Case, login: Login) -> None:
    shown = page(login("guan"), "/desk/outbox/")
    assert "138****5678" in shown
    assert "13812345678" not in shown
    assert "已受理，由柳树村综治中心负责" in shown
    assert "水务局" in shown
    assert "短信、工作群" in shown, "it says what is not connected"


def test_the_outbox_shows_nothing_of_whoever_asked_for_secrecy(told: Case, login: Login) -> None:
    told.reports.update(is_secret=True)
    shown = page(login("guan"), "/desk/outbox/")
    assert "已受理，由柳树村综治中心负责" in shown
    assert "5678" not in shown


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("channel=sms", True),
        ("channel=mail", False),
        ("state=kept", True),
        ("state=waiting", False),
        ("state=failed", False),
        ("number=999999-000001", False),
        ("since=2000-01-01&until=2000-01-02", False),
        ("since=2000-01-01", True),
        ("since=nonsense&channel=nosuch", True),
    ],
)
def test_its_filters_stand_in_the_address(
    told: Case, login: Login, query: str, is_there: bool
) -> None:
    assert ("138****5678" in page(login("guan"), f"/desk/outbox/?{query}")) is is_there


def test_it_is_exported_as_it_is_shown(told: Case, login: Login) -> None:
    answer = login("guan").get("/desk/outbox/export.xlsx?channel=sms")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
    table = sheet.to_python()
    assert len(table) == 1 + Delivery.objects.filter(channel="sms").count()
    assert any("138****5678" in str(cell) for cell in table[1])
    newest = Delivery.objects.filter(channel="sms").latest("made_at").made_at
    assert isinstance(table[1][0], datetime)
    assert abs(table[1][0] - timezone.make_naive(newest)) < timedelta(minutes=1)
    assert not any("13812345678" in str(cell) for row in table for cell in row)


def test_only_administrators_see_it_and_in_a_demo_all_staff(
    told: Case, login: Login, settings: LazySettings
) -> None:
    page(login("shui"), "/desk/outbox/", 403)
    page(login("shui"), "/desk/outbox/export.xlsx", 403)
    assert "/desk/outbox/" in page(login("guan"), "/desk/notices/")
    assert "/desk/outbox/" not in page(login("shui"), "/desk/notices/")
    settings.DEMO = True
    assert "138****5678" in page(login("shui"), "/desk/outbox/")


@pytest.fixture
def texting(settings: LazySettings) -> Iterator[HttpGateway]:
    """A gateway for short messages that the settings name."""
    with http_gateway() as gateway:
        body = {"to": "{phone}", "text": "{words}"}
        settings.SMS_GATEWAY = json.dumps({"url": gateway.url, "body": body})
        yield gateway


def test_what_failed_is_sent_again_by_who_administers(
    texting: HttpGateway, told: Case, login: Login
) -> None:
    guan, row = login("guan"), Delivery.objects.filter(channel="sms").latest("made_at")
    assert "再发一次" not in page(guan, "/desk/outbox/")
    texting.answers = [(400, "no"), (200, "{}")]
    now = clock.now().replace(hour=4)  # noon: nobody is left alone
    with clock.standing_at(max(now, row.due)):
        jobs.send(str(row.bundle))
        row.refresh_from_db()
        assert row.state == rules.State.FAILED
        path = f"/desk/outbox/{row.id}/again/?state=failed"
        assert f'action="{path}"' in page(guan, "/desk/outbox/?state=failed")
        assert login("shui").post(path).status_code == 403
        answer = guan.post(path)
        assert answer["Location"] == "/desk/outbox/?state=failed"
        jobs.send(str(row.bundle))
        row.refresh_from_db()
        assert (row.state, row.tries) == (rules.State.SENT, 1)
        guan.post(path)
        row.refresh_from_db()
        assert row.state == rules.State.SENT, "what was taken is not sent again"
    assert guan.post(f"/desk/outbox/{row.notice_id}/again/").status_code == 404


# --- one's own choices ----------------------------------------------------------------------------


SETTINGS = "/desk/notices/settings/"


@pytest.fixture
def post_office(settings: LazySettings) -> Iterator[MailServer]:
    """A mail server that the settings name; short messages have no gateway."""
    with mail_server() as found:
        settings.MAIL = f"smtp+plain://127.0.0.1:{found.port}"
        settings.MAIL_FROM = "gezhi@example.org"
        yield found


def run_jobs() -> None:
    """What the worker does with the codes that are asked for."""
    for check in AddressCheck.objects.filter(sent_at=None):
        jobs.send_code(str(check.id))


def give_mail(client: Client, mail: str = "shui@example.org", status: int = 302) -> str:
    typed = {
        "wants_mail": "on", "mail": mail, "quiet_from": "21:30", "quiet_to": "07:00",
    }  # fmt: skip
    answer = client.post(SETTINGS, typed)
    assert answer.status_code == status
    run_jobs()
    return answer.content.decode()


def type_in(client: Client, code: str, status: int, channel: str = "mail") -> str:
    answer = client.post(f"{SETTINGS}{channel}/code/", {"code": code})
    assert answer.status_code == status, answer.content[:300]
    return answer.content.decode()


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


# --- for programs ---------------------------------------------------------------------------------


def test_programs_list_and_read(told: Case, key: KeyOf, rita: Client) -> None:
    asked: dict[str, Any] = {"headers": bearer(key("shui"))}
    found = rita.get("/api/v1/notices", **asked).json()
    assert found["unread"] == 1
    (item,) = found["items"]
    assert (item["number"], item["event"], item["read_at"]) == (told.number, "assigned", None)
    read = post(rita, f"/notices/{item['id']}/read", {}, **asked).json()
    assert read["read_at"]
    assert rita.get("/api/v1/notices?unread=true", **asked).json()["items"] == []


def test_programs_read_all_up_to_one(told: Case, key: KeyOf, rita: Client) -> None:
    asked = {"headers": bearer(key("shui"))}
    answer = post(rita, "/notices/read", {"until": str(newest("shui").id)}, **asked)
    assert answer.json() == {"read": 1}
    foreign = {"until": str(newest("shuiba").id)}
    assert is_problem(post(rita, "/notices/read", foreign, **asked), 404, "not_found")
    path = f"/notices/{newest('shuiba').id}/read"
    assert is_problem(post(rita, path, {}, **asked), 404, "not_found")


def test_without_a_key_there_is_nothing(told: Case, rita: Client) -> None:
    assert rita.get("/api/v1/notices").status_code == 401


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
