"""The bell, the list, what is read, the outbox: through the doors, and for programs."""

import io
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from gezhi.api.tests.calling import bearer, is_problem, post
from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.notices import jobs, rules
from gezhi.notices.models import Delivery, Notice
from gezhi.notices.tests.reading import KeyOf, Login, newest, page, tell
from gezhi.notices.tests.telling import HttpGateway, http_gateway
from tests.cast import County, report_leak

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
