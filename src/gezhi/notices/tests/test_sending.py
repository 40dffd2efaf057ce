"""Deliveries: through real gateways on loopback, held, gathered, tried again, given up."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from typing import Any
from urllib.parse import parse_qs, quote, unquote

import pytest
from django.conf import LazySettings
from procrastinate.contrib.django.models import ProcrastinateJob

from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.base.sealed import open_bytes
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.notices import actions, jobs, rules
from gezhi.notices.models import AddressCheck, Delivery
from gezhi.notices.rules import Channel, State
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
from tests.cast import COUNTY, TUESDAY, County, report_leak

NIGHT = datetime(2026, 11, 17, 15, 30, tzinfo=UTC)  # 23:30 in the city
MORNING = datetime(2026, 11, 17, 23, 30, tzinfo=UTC)  # 07:30 on the next day


@pytest.fixture
def gateway(settings: LazySettings) -> Iterator[HttpGateway]:
    """A gateway of short messages that the settings name."""
    with http_gateway() as found:
        settings.SMS_GATEWAY = json.dumps(
            {
                "url": f"{found.url}/send?v=1",
                "headers": {"Authorization": "Bearer abc"},
                "body": {"to": "{phone}", "text": "{words}", "meta": {"id": "{key}"}},
                "ok": {"field": "code", "value": "0"},
            }
        )
        yield found


@pytest.fixture
def post_office(settings: LazySettings) -> Iterator[MailServer]:
    """A mail server that the settings name."""
    with mail_server() as found:
        settings.MAIL = f"smtp+plain://127.0.0.1:{found.port}"
        settings.MAIL_FROM = "朔渭县综治中心 <gezhi@example.org>"
        yield found


def ordinary() -> str:
    """A category that is not urgent."""
    return next(key for key, one in rulebook.current(COUNTY).categories.items() if not one.urgent)


def accepted(county: County, at: datetime | None = None, *, is_calm: bool = True) -> Delivery:
    """The short message to somebody whose case was accepted at this moment."""
    with clock.standing_at(at or clock.now()):
        case = report_leak().case
        category = case.proposed_category
        if is_calm:
            Case.objects.filter(pk=case.pk).update(is_urgent=False)
            category = ordinary()
        cases.accept(case.id, category=category, actor=county.actor("cun"))
        tell()
    return Delivery.objects.get(notice__event="accepted", channel="sms")


def tell() -> None:
    actions.note(list(Line.objects.order_by("id")), now=clock.now())


def send(row: Delivery, at: datetime | None = None) -> Delivery:
    """What the worker does with its job, at this moment."""
    with clock.standing_at(at or clock.now()):
        jobs.send(str(row.bundle))
    row.refresh_from_db()
    return row


# --- short messages -----------------------------------------------------------------------------


def test_a_message_reaches_the_gateway_as_its_template_says(
    county: County, gateway: HttpGateway
) -> None:
    row = send(accepted(county))
    assert (row.state, row.gateway, row.tries) == (State.SENT, "http", 1)
    (call,) = gateway.calls
    assert call.path == "/send?v=1"
    assert call.headers["Authorization"] == "Bearer abc"
    assert call.headers["Idempotency-Key"] == str(row.bundle)
    assert call.json == {
        "to": "13812345678",
        "text": row.words,
        "meta": {"id": str(row.bundle)},
    }


def test_the_worker_finds_its_job_in_the_queue(county: County, gateway: HttpGateway) -> None:
    row = accepted(county)
    job = ProcrastinateJob.objects.get(
        task_name="gezhi.notices.jobs.send", args={"bundle": str(row.bundle)}
    )
    assert job.status == "todo"
    assert not gateway.calls, "nothing is called in the transaction that tells"


def test_what_was_sent_is_not_sent_again(county: County, gateway: HttpGateway) -> None:
    row = send(accepted(county))
    send(row)
    assert len(gateway.calls) == 1


def test_without_a_gateway_the_outbox_keeps_it(county: County) -> None:
    row = send(accepted(county))
    assert (row.state, row.gateway) == (State.KEPT, "")
    assert row.settled_at is not None


def test_a_demo_sends_nothing_whatever_is_set(
    county: County, gateway: HttpGateway, settings: LazySettings
) -> None:
    settings.DEMO = True
    assert send(accepted(county)).state == State.KEPT
    assert not gateway.calls


def test_a_busy_gateway_is_tried_again_and_longer_apart_each_time(
    county: County, gateway: HttpGateway
) -> None:
    gateway.answers = [(503, "busy"), (429, "slowly"), (200, '{"code": 7}'), (200, '{"code": 0}')]
    row = send(accepted(county, TUESDAY), TUESDAY)
    for tries, wait in enumerate(rules.WAITS[:3], 1):
        assert (row.state, row.tries) == (State.WAITING, tries)
        before = row.due - wait
        assert send(row, row.due - timedelta(seconds=1)).tries == tries, "not before its time"
        assert ProcrastinateJob.objects.filter(
            task_name="gezhi.notices.jobs.send", scheduled_at=row.due
        ).exists()
        row = send(row, row.due)
        assert row.due >= before
    assert (row.state, row.tries) == (State.SENT, 4)
    keys = {call.headers["Idempotency-Key"] for call in gateway.calls}
    assert keys == {str(row.bundle)}, "the same message every time"


def test_after_the_last_try_it_has_failed_and_says_why(
    county: County, gateway: HttpGateway
) -> None:
    gateway.answers = [(500, "13812345678 kaputt")]
    row = accepted(county, TUESDAY)
    for _try in range(len(rules.WAITS) + 1):
        row = send(row, row.due)
    assert (row.state, row.tries) == (State.FAILED, len(rules.WAITS) + 1)
    assert row.error.startswith("HTTP 500")
    assert "13812345678" not in row.error, "what a gateway says may hold the number"
    send(row, row.due + timedelta(days=1))
    assert len(gateway.calls) == row.tries


def test_what_cannot_succeed_fails_at_once(county: County, gateway: HttpGateway) -> None:
    gateway.answers = [(400, "no such number")]
    row = send(accepted(county))
    assert (row.state, row.tries) == (State.FAILED, 1)


def test_a_redirect_leads_nowhere(county: County, gateway: HttpGateway) -> None:
    """Only hosts of the settings are ever called."""
    with http_gateway() as elsewhere:
        gateway.answers = [(307, f"{elsewhere.url}/take")]
        row = send(accepted(county))
    assert row.state == State.FAILED
    assert not elsewhere.calls


def test_a_gateway_that_is_not_there_is_tried_again(county: County, settings: LazySettings) -> None:
    with http_gateway() as gone:
        url = gone.url
    settings.SMS_GATEWAY = json.dumps({"url": url, "body": {"a": "{phone}{words}"}})
    row = send(accepted(county))
    assert (row.state, row.tries) == (State.WAITING, 1)
    assert "ConnectionRefused" in row.error


def test_a_process_that_died_while_sending_is_found_and_its_message_goes_again(
    county: County, gateway: HttpGateway
) -> None:
    row = accepted(county, TUESDAY)
    Delivery.objects.filter(pk=row.pk).update(
        state=State.SENDING.value, claimed_at=TUESDAY, tries=1
    )
    soon, later = TUESDAY + timedelta(minutes=4), TUESDAY + timedelta(minutes=6)
    with clock.standing_at(soon):
        assert actions.sweep() == 0, "it may still be on the line"
    with clock.standing_at(later):
        jobs.sweep_deliveries(0)
    row = send(row, later)
    assert (row.state, row.is_again, row.tries) == (State.SENT, True, 2)
    assert gateway.calls[0].headers["Idempotency-Key"] == str(row.bundle)


def test_a_lost_job_is_found(county: County, gateway: HttpGateway) -> None:
    row = accepted(county, TUESDAY)
    ProcrastinateJob.objects.filter(task_name="gezhi.notices.jobs.send").update(
        queueing_lock=None, status="failed"
    )
    with clock.standing_at(TUESDAY + timedelta(minutes=1)):
        assert actions.sweep() == 0
    with clock.standing_at(TUESDAY + timedelta(minutes=3)):
        assert actions.sweep() >= 1
    assert row.state == State.WAITING


def test_the_phone_is_sealed_where_it_is_kept(county: County) -> None:
    row = accepted(county)
    raw = bytes(Delivery.objects.filter(pk=row.pk).extra(select={"raw": "address"}).values_list(
        "raw", flat=True)[0])  # fmt: skip
    assert b"13812345678" not in raw
    assert open_bytes(raw, "notices_delivery.address") == b"13812345678"


def test_aliyun_is_called_with_a_signature_it_can_check(
    county: County, settings: LazySettings
) -> None:
    with http_gateway() as there:
        there.answers = [(200, '{"Code": "OK", "Message": "OK"}')]
        settings.SMS_GATEWAY = json.dumps(
            {"kind": "aliyun", "url": f"{there.url}/", "key_id": "id", "secret": "geheim",
             "sign_name": "朔渭县", "template": "SMS_1", "parameter": "text"}
        )  # fmt: skip
        row = send(accepted(county))
    assert row.state == State.SENT
    values = {name: each[0] for name, each in parse_qs(there.calls[0].body).items()}
    signature = values.pop("Signature")
    assert json.loads(values["TemplateParam"]) == {"text": row.words}
    assert values["PhoneNumbers"] == "13812345678"
    assert values["OutId"] == str(row.bundle)
    # As Aliyun's page on RPC signatures describes it, step by step.
    pairs = [f"{quote(k, safe='~')}={quote(values[k], safe='~')}" for k in sorted(values)]
    text = "POST&%2F&" + quote("&".join(pairs), safe="~")
    known = base64.b64encode(hmac.digest(b"geheim&", text.encode(), "sha1")).decode()
    assert signature == known


def test_aliyuns_no_is_a_no(county: County, settings: LazySettings) -> None:
    with http_gateway() as there:
        there.answers = [
            (200, '{"Code": "isv.BUSINESS_LIMIT_CONTROL"}'),
            (200, '{"Code": "isv.MOBILE_NUMBER_ILLEGAL"}'),
        ]
        settings.SMS_GATEWAY = json.dumps(
            {"kind": "aliyun", "url": there.url, "key_id": "id", "secret": "s",
             "sign_name": "a", "template": "b"}
        )  # fmt: skip
        row = send(accepted(county, TUESDAY), TUESDAY)
        assert row.state == State.WAITING
        assert send(row, row.due).state == State.FAILED


# --- quiet hours --------------------------------------------------------------------------------


def test_nobody_is_woken_and_in_the_morning_it_goes(county: County, gateway: HttpGateway) -> None:
    row = accepted(county, NIGHT)
    assert (row.state, row.due) == (State.HELD, MORNING)
    assert send(row, MORNING - timedelta(seconds=1)).state == State.HELD
    assert not gateway.calls
    assert send(row, MORNING).state == State.SENT


def test_what_is_urgent_passes(county: County, gateway: HttpGateway) -> None:
    row = accepted(county, NIGHT, is_calm=False)
    assert row.state == State.WAITING
    assert send(row, NIGHT).state == State.SENT


def test_a_second_try_wakes_nobody_either(county: County, gateway: HttpGateway) -> None:
    evening = NIGHT - timedelta(hours=1, minutes=30, seconds=10)  # 21:59:50
    gateway.answers = [(503, "busy")]
    row = accepted(county, evening)
    assert send(row, evening).due == MORNING


def test_what_no_worker_sent_in_time_wakes_nobody_later(
    county: County, gateway: HttpGateway
) -> None:
    """Told at 21:59, found at 23:30 by a worker that was down."""
    row = accepted(county, NIGHT - timedelta(hours=1, minutes=31))
    assert row.state == State.WAITING
    row = send(row, NIGHT)
    assert (row.state, row.due, row.tries) == (State.HELD, MORNING, 0)
    assert not gateway.calls
    assert send(row, MORNING).state == State.SENT


def test_what_breaks_every_process_is_given_up(county: County, gateway: HttpGateway) -> None:
    row = accepted(county, TUESDAY)
    Delivery.objects.filter(pk=row.pk).update(
        state=State.SENDING.value, claimed_at=TUESDAY, tries=len(rules.WAITS) + 1
    )
    with clock.standing_at(TUESDAY + timedelta(minutes=6)):
        actions.sweep()
    row.refresh_from_db()
    assert (row.state, row.error) == (State.FAILED, "每次发送都中断了。")
    assert not gateway.calls


# --- mail and digests ---------------------------------------------------------------------------


def with_mail(county: County, login: str, post_office: MailServer, **more: Any) -> None:
    """They give their address and type in the code that comes."""
    actor = county.actor(login)
    actions.choose(mail=f"{login}@example.org", wants_mail=True, actor=actor, **more)
    jobs.send_code(str(AddressCheck.objects.latest("asked_at").id))
    actions.confirm(Channel.MAIL, code_in(post_office.mails.pop()), actor=actor)


def test_mail_is_handed_over_with_subject_sender_and_a_key_of_its_own(
    county: County, post_office: MailServer, handled: Case
) -> None:
    mailed_rulebook(digest=False)
    with_mail(county, "shui", post_office)
    tell()
    row = Delivery.objects.get(channel="mail")
    assert send(row).state == State.SENT
    mail = message_from_bytes(post_office.mails[0].encode())
    assert str(make_header(decode_header(mail["From"]))) == "朔渭县综治中心 <gezhi@example.org>"
    assert mail["To"] == "shui@example.org"
    assert str(make_header(decode_header(mail["Subject"]))) == f"新事项 {handled.number}"
    assert mail["Message-ID"] == f"<{row.bundle}@example.org>"
    body = mail.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert row.words in body.decode()


def mailed_rulebook(*, digest: bool) -> None:
    """A rulebook in force that tells holders by mail too, gathered or at once."""
    files = rulebook.default_files()
    head, first, rest = files["notices.toml"].split("[quiet]")[0].partition("[[template]]")
    mail = (
        '[[template]]\nevent = "assigned"\naudience = "holder"\nchannels = ["mail"]\n'
        'subject = "新事项 {number}"\ntext = "请签收 {number}"\n'
    )
    gathered = '[digest]\nchannels = ["mail"]\nat = ["15:00"]\nevents = ["assigned"]\n'
    files["notices.toml"] = head + mail + first + rest + (gathered if digest else "")
    apply_book(files, county=COUNTY, note="mail to holders", actor=system("tests"))


def test_mail_to_one_account_within_the_window_goes_together(
    county: County, post_office: MailServer
) -> None:
    mailed_rulebook(digest=True)
    for login in ("shui", "shuiba"):
        with_mail(county, login, post_office)
    numbers = []
    for minutes in (0, 30, 90):
        with clock.standing_at(TUESDAY + timedelta(minutes=minutes)):
            case = report_leak().case
            cun = county.actor("cun")
            Case.objects.filter(pk=case.pk).update(is_urgent=False)
            cases.accept(case.id, category=ordinary(), actor=cun)
            cases.assign(case.id, unit=county.unit("dept-water"), actor=cun)
            numbers.append(case.number)
            tell()
    three = datetime(2026, 11, 17, 7, 0, tzinfo=UTC)  # 15:00 in the city
    rows = Delivery.objects.filter(channel="mail")
    assert {(row.state, row.due) for row in rows} == {(State.DIGESTED, three)}
    bundles = {row.bundle for row in rows}
    assert len(bundles) == 2, "one for each account"
    for bundle in bundles:
        with clock.standing_at(three):
            assert actions.send(bundle) == 3
    assert len(post_office.mails) == 2
    for mail in (message_from_bytes(each.encode()) for each in post_office.mails):
        assert str(make_header(decode_header(mail["Subject"]))) == "3 条通知"
        body = mail.get_payload(decode=True)
        assert isinstance(body, bytes)
        assert all(number in body.decode() for number in numbers)
    assert set(rows.values_list("state", flat=True)) == {State.SENT}


def test_own_quiet_hours_hold_mail_too(county: County, post_office: MailServer) -> None:
    mailed_rulebook(digest=False)
    with_mail(county, "shui", post_office, quiet_from=time(8, 0), quiet_to=time(12, 0))
    with clock.standing_at(TUESDAY):
        case = report_leak().case
        Case.objects.filter(pk=case.pk).update(is_urgent=False)
        cun = county.actor("cun")
        cases.accept(case.id, category=ordinary(), actor=cun)
        cases.assign(case.id, unit=county.unit("dept-water"), actor=cun)
        tell()
    row = Delivery.objects.get(channel="mail")
    assert (row.state, row.due) == (State.HELD, TUESDAY + timedelta(hours=3))


@pytest.mark.parametrize(
    ("answer", "state"), [("550 no such user", State.FAILED), ("450 later", State.WAITING)]
)
def test_what_a_mail_server_refuses_for_good_is_not_tried_again(
    county: County, post_office: MailServer, handled: Case, answer: str, state: State
) -> None:
    mailed_rulebook(digest=False)
    with_mail(county, "shui", post_office)
    tell()
    post_office.answer = answer
    row = send(Delivery.objects.get(channel="mail"))
    assert row.state == state
    assert row.error == answer


# --- chat groups --------------------------------------------------------------------------------


def group_row(handled: Case, settings: LazySettings, robot: dict[str, str]) -> Delivery:
    settings.CHAT_ROBOTS = json.dumps([{"unit": "dept-water", **robot}])
    tell()
    return Delivery.objects.get(channel="chat")


def test_dingtalk_gets_its_signature_in_the_address(
    county: County, handled: Case, settings: LazySettings
) -> None:
    with http_gateway() as there:
        there.answers = [(200, '{"errcode": 0}')]
        robot = {"kind": "dingtalk", "url": f"{there.url}/robot?access_token=t", "secret": "SECx"}
        row = send(group_row(handled, settings, robot))
    assert row.state == State.SENT
    (call,) = there.calls
    query = dict(pair.split("=", 1) for pair in call.path.partition("?")[2].split("&"))
    assert query["access_token"] == "t"
    text = f"{query['timestamp']}\nSECx".encode()
    known = base64.b64encode(hmac.new(b"SECx", text, hashlib.sha256).digest()).decode()
    assert unquote(query["sign"]) == known
    assert call.json == {"msgtype": "text", "text": {"content": row.words}}


def test_feishu_gets_its_signature_in_the_body(
    county: County, handled: Case, settings: LazySettings
) -> None:
    with http_gateway() as there:
        there.answers = [(200, '{"code": 0}')]
        robot = {"kind": "feishu", "url": f"{there.url}/hook/t", "secret": "geheim"}
        row = send(group_row(handled, settings, robot))
    assert row.state == State.SENT
    body = there.calls[0].json
    key = f"{body['timestamp']}\ngeheim".encode()
    assert body["sign"] == base64.b64encode(hmac.digest(key, b"", "sha256")).decode()
    assert body["content"] == {"text": row.words}


def test_wecom_is_spoken_to_plainly_and_its_no_is_heard(
    county: County, handled: Case, settings: LazySettings
) -> None:
    with http_gateway() as there:
        there.answers = [(200, '{"errcode": 45009}'), (200, '{"errcode": 93000}')]
        row = group_row(handled, settings, {"kind": "wecom", "url": f"{there.url}/send?key=k"})
        with clock.standing_at(row.due):
            row = send(row)
        assert row.state in (State.WAITING, State.HELD)
        row = send(row, row.due)
    assert (row.state, row.tries) == (State.FAILED, 2)
    assert there.calls[0].json["text"]["content"] == row.words


def test_units_without_a_robot_hear_nothing_where_others_have_one(
    county: County, handled: Case, settings: LazySettings
) -> None:
    settings.CHAT_ROBOTS = json.dumps(
        [{"unit": "dept-transport", "kind": "wecom", "url": "https://chat.example/send"}]
    )
    tell()
    assert not Delivery.objects.filter(channel=Channel.CHAT).exists()
