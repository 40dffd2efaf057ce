"""A gateway that means nothing stops the start; words, hours and plans hold."""

import json
import re
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from hypothesis import assume, given
from hypothesis import strategies as st

from gezhi.cases.models import Case
from gezhi.notices import checks, reads, rules
from gezhi.notices.rules import Channel, State
from gezhi.rulebook.rules import EVENTS, SAID_PLACES, Notices, Quiet
from gezhi.rulebook.rules.notices import Digest
from gezhi.rulebook.tests.books import default_book
from tests.cast import County

CITY = ZoneInfo("Asia/Shanghai")
HTTP: dict[str, Any] = {
    "url": "https://sms.example/send",
    "body": {"to": "{phone}", "t": "{words}"},
}
ALIYUN = {"kind": "aliyun", "key_id": "a", "secret": "b", "sign_name": "c", "template": "d"}
ROBOT = {"unit": "dept-water", "kind": "dingtalk", "url": "https://chat.example/send?t=1"}


def test_nothing_set_is_fine() -> None:
    assert checks.gateways_make_sense() == []
    checks.must_make_sense()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMS_GATEWAY", json.dumps(HTTP)),
        ("SMS_GATEWAY", json.dumps({**HTTP, "url": "http://10.1.2.3:8080/send"})),
        ("SMS_GATEWAY", json.dumps(ALIYUN)),
        ("CHAT_ROBOTS", json.dumps([ROBOT, {**ROBOT, "unit": "grid-1", "secret": "S"}])),
        ("ADDRESS", "https://gezhi.example"),
    ],
)
def test_a_setting_that_means_something_is_taken(
    settings: LazySettings, name: str, value: str
) -> None:
    setattr(settings, name, value)
    assert checks.gateways_make_sense() == []


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("MAIL", "imap://host", "E001"),
        ("MAIL", "smtp://host:99999", "E001"),
        ("MAIL", "smtp://host", "E001"),  # without GEZHI_MAIL_FROM
        ("SMS_GATEWAY", "{", "E002"),
        ("SMS_GATEWAY", "[]", "E002"),
        ("SMS_GATEWAY", json.dumps({**HTTP, "kind": "pigeon"}), "E002"),
        ("SMS_GATEWAY", json.dumps({**HTTP, "url": "http://sms.example/send"}), "E002"),
        ("SMS_GATEWAY", json.dumps({**HTTP, "url": "https://{phone}.example/"}), "E002"),
        ("SMS_GATEWAY", json.dumps({**HTTP, "url": "https://me@sms.example/"}), "E002"),
        ("SMS_GATEWAY", json.dumps({**HTTP, "body": {"to": "{phone}"}}), "E002"),
        ("SMS_GATEWAY", json.dumps({**HTTP, "body": {"a": "{phone}{words}{name}"}}), "E002"),
        ("SMS_GATEWAY", json.dumps({**HTTP, "ok": {"feld": "code"}}), "E002"),
        ("SMS_GATEWAY", json.dumps({**HTTP, "method": "GET"}), "E002"),
        ("SMS_GATEWAY", json.dumps({**HTTP, "colour": "red"}), "E002"),
        ("SMS_GATEWAY", json.dumps({**ALIYUN, "secret": ""}), "E002"),
        ("CHAT_ROBOTS", "{}", "E003"),
        ("CHAT_ROBOTS", json.dumps([{**ROBOT, "kind": "irc"}]), "E003"),
        ("CHAT_ROBOTS", json.dumps([ROBOT, ROBOT]), "E003"),
        ("CHAT_ROBOTS", json.dumps([{**ROBOT, "kind": "wecom", "secret": "S"}]), "E003"),
        ("CHAT_ROBOTS", json.dumps([{**ROBOT, "unit": "Water Bureau"}]), "E003"),
        ("CHAT_ROBOTS", json.dumps([{**ROBOT, "url": "ftp://chat.example"}]), "E003"),
        ("ADDRESS", "gezhi.example", "E004"),
        ("MAIL_CA", "/nowhere/ca.pem", "E005"),
        ("MAIL_CA", __file__, "E005"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_says_which(
    settings: LazySettings, name: str, value: str, number: str
) -> None:
    setattr(settings, name, value)
    (error,) = checks.gateways_make_sense()
    assert error.id == f"gezhi.notices.{number}"
    assert "GEZHI_" in error.msg or "port" in error.msg
    with pytest.raises(ImproperlyConfigured):
        checks.must_make_sense()


def test_secrets_of_a_mail_address_are_written_as_in_addresses() -> None:
    server = rules.read_mail("smtps://me%40x:p%3Aw@mail.example", "me@x.example")
    assert server is not None
    assert (server.user, server.password, server.port) == ("me@x", "p:w", 465)


def test_every_event_of_the_rulebook_has_its_news_and_its_name() -> None:
    told = {event for events in rules.EVENTS_OF.values() for event in events}
    assert told == set(EVENTS) == set(rules.EVENT_NAMES)


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("督办：1 水，，请11月23日14:30前答复。", "督办：1 水，请11月23日14:30前答复。"),
        ("没有批准：1 水，。", "没有批准：1 水。"),
        ("原因：。 https://a.example/t/1", "原因。 https://a.example/t/1"),
        ("Supervised: 1 water, . Answer by 14:30. https://a.example", None),
        ("Why: . See, please.", "Why. See, please."),
        ("没有送达：不收这一个。。其他事件照常推送。", "没有送达：不收这一个。其他事件照常推送。"),
        (
            "Not delivered: not this one.. Others go on.",
            "Not delivered: not this one. Others go on.",
        ),
        ("Not delivered: 不收这一个。. Others go on.", "Not delivered: 不收这一个. Others go on."),
        ("答复：修好了.。请评价。", "答复：修好了。请评价。"),
        ("答复：谁来修？。请评价。", "答复：谁来修？请评价。"),
        ("Answer: who comes?. Please rate.", "Answer: who comes? Please rate."),
        ("Answer: we wait... Please rate.", "Answer: we wait... Please rate."),
    ],
)
def test_words_nobody_gave_and_their_ends_leave_no_second_sign(text: str, tidy: str | None) -> None:
    assert rules.tidied(text) == (tidy or text.replace(", .", "."))


BEGIN = datetime(2026, 1, 1, tzinfo=CITY)
MOMENTS = st.timedeltas(timedelta(), timedelta(days=365)).map(lambda span: BEGIN + span)
TIMES = st.times().map(lambda each: each.replace(second=0, microsecond=0))


@given(MOMENTS, TIMES, TIMES, st.booleans())
def test_what_is_held_goes_when_the_quiet_ends_and_never_in_it(
    now: datetime, begins: time, ends: time, is_urgent: bool
) -> None:
    quiet = None if begins == ends else Quiet(begins, ends, False, frozenset({"sms"}))
    state, due = rules.when_to_send(
        Channel.SMS, "accepted", now=now, is_urgent=is_urgent,
        notices=Notices((), quiet, None),
    )  # fmt: skip
    assert due >= now
    assert (state == State.HELD) == (due > now)
    if quiet is not None:
        assert not quiet.is_quiet(due.timetz().replace(tzinfo=None))


@given(MOMENTS, TIMES, TIMES)
def test_own_quiet_hours_hold_every_way(now: datetime, begins: time, ends: time) -> None:
    state, due = rules.when_to_send(
        Channel.MAIL, "accepted", now=now, is_urgent=False,
        notices=Notices((), None, None), own_quiet=(begins, ends),
    )  # fmt: skip
    assert not rules.is_quiet(due.timetz().replace(tzinfo=None), begins, ends)
    assert (state == State.HELD) == (due > now)
    assert (due - now).days == 0


DAY = [time(hour, minute) for hour in range(24) for minute in range(60)]


@given(MOMENTS, TIMES, TIMES, TIMES, TIMES)
def test_two_quiets_leave_a_message_to_neither(
    now: datetime, begins: time, ends: time, own_begins: time, own_ends: time
) -> None:
    """One may begin where the other ends; it goes when both are over, if they ever are."""
    assume(begins != ends)
    quiet = Quiet(begins, ends, False, frozenset({"sms"}))
    assume(any(not quiet.is_quiet(at) and not rules.is_quiet(at, own_begins, own_ends)
               for at in DAY))  # fmt: skip
    _state, due = rules.when_to_send(
        Channel.SMS, "accepted", now=now, is_urgent=False,
        notices=Notices((), quiet, None), own_quiet=(own_begins, own_ends),
    )  # fmt: skip
    clock = due.timetz().replace(tzinfo=None)
    assert not quiet.is_quiet(clock)
    assert not rules.is_quiet(clock, own_begins, own_ends)
    assert due - now < timedelta(days=1)


MINUTE, MIDNIGHT = timedelta(minutes=1), datetime(2026, 11, 18, tzinfo=CITY)


@pytest.mark.parametrize(
    ("now", "is_urgent", "state", "due"),
    [
        (MIDNIGHT - MINUTE, False, State.DIGESTED, MIDNIGHT + timedelta(hours=9)),
        (MIDNIGHT, False, State.DIGESTED, MIDNIGHT + timedelta(hours=9)),
        (MIDNIGHT + timedelta(hours=9), False, State.DIGESTED, MIDNIGHT + timedelta(hours=23)),
        (MIDNIGHT + timedelta(hours=23), False, State.DIGESTED, MIDNIGHT + timedelta(hours=33)),
        (MIDNIGHT - MINUTE, True, State.WAITING, MIDNIGHT - MINUTE),
    ],
)
def test_a_digest_over_midnight_is_of_the_next_day_and_what_is_urgent_waits_for_none(
    now: datetime, is_urgent: bool, state: State, due: datetime
) -> None:
    digest = Digest(frozenset({"mail"}), frozenset({"assigned"}), None, (time(9), time(23)))
    found = rules.when_to_send(
        Channel.MAIL, "assigned", now=now, is_urgent=is_urgent, may_wait=True,
        notices=Notices((), None, digest),
    )  # fmt: skip
    assert found == (state, due)


@pytest.mark.slow
def test_many_notices_are_asked_for_by_account(county: County, case: Case) -> None:
    """Among 300,000 the bell, the list and the unread each walk an index of the own account."""
    account = county.accounts["shui"].id
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # keys aren't looked up
        cursor.execute(
            "INSERT INTO notices_notice (id, county, account_id, case_id, number, event,"
            " audience, cause, words, is_on_desk, at, made_at, read_at)"
            " SELECT gen_random_uuid(), '990101',"
            " CASE WHEN n %% 500 = 0 THEN %s ELSE md5((n %% 997)::text)::uuid END, %s,"
            " '261117-000001', 'assigned', 'holder', 'line:' || n, '请签收', true,"
            " now() - n * interval '1 second', now(), "
            " CASE WHEN n %% 5 = 0 THEN NULL ELSE now() END"
            " FROM generate_series(1, 300000) n",
            [account, case.id],
        )
        cursor.execute("ANALYZE notices_notice")
    actor = county.actor("shui")
    own = reads.own_notices(actor)
    listed = own.order_by("-at", "-id")[:51].explain()
    assert "notices_notice_mine" in listed
    assert "Sort" not in listed
    unread = own.filter(read_at__isnull=True).order_by()[:100].explain()
    assert "notices_notice_unread" in unread
    assert "Seq Scan" not in listed + unread
    assert reads.unread_count(actor) == reads.MOST_COUNTED + 1


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_words_nobody_gave_leave_no_doubled_stops_in_any_template(language: str) -> None:
    whole = {
        "number": "261122-000421", "what": "井盖缺损", "holder": "水务局", "due": "11月25日17:30",
        "stage": "停工", "percent": "80", "move": "挂起",
    }  # fmt: skip
    for one in default_book().notices.templates:
        for said in one.filled(whole, language=language):
            found = rules.tidied(said)
            assert not re.search(r"[，、：。；,:][ ]*[，、：。；,;]|[.][ ]*[.]", found), found


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    "typed",
    ["没人来。", "Nobody came.", "谁来？", "Who comes?", "来了；", "办完,", "Done;", "修好了;。"],
)
def test_nor_do_words_that_end_like_a_sentence(language: str, typed: str) -> None:
    whole = {
        "number": "261122-000421", "what": "井盖缺损", "holder": "水务局", "due": "11月25日17:30",
        "stage": "停工", "percent": "80", "move": "挂起",
    }  # fmt: skip
    said = {place: typed for place in SAID_PLACES}
    for one in default_book().notices.templates:
        for filled in one.filled(whole | said, language=language):
            found = rules.tidied(filled)
            doubled = r"[，、：。；,:;] *(?:[，、：。；]|[,;.](?:\s|$))|？。|[.?。] *[.]"
            assert not re.search(doubled, found), found
