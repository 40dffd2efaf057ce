"""Deliveries: short messages through a real gateway on loopback, held, tried again, given up."""

import base64
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, quote

import pytest
from django.conf import LazySettings
from procrastinate.contrib.django.models import ProcrastinateJob

from gezhi.base import clock
from gezhi.base.sealed import open_bytes
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.notices import actions, jobs, rules
from gezhi.notices.models import Delivery, Notice
from gezhi.notices.rules import State
from gezhi.notices.tests.sending import MORNING, NIGHT, accepted, send, tell
from gezhi.notices.tests.telling import HttpGateway, http_gateway
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, TUESDAY, County, report_leak


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


def test_what_is_found_at_one_moment_goes_in_the_order_it_was_told(
    county: County, gateway: HttpGateway
) -> None:
    for at in range(4):
        with clock.standing_at(TUESDAY + timedelta(seconds=at)):
            case = report_leak().case
            cases.accept(case.id, category=case.proposed_category, actor=county.actor("cun"))
            tell()
    told = Delivery.objects.filter(channel="sms", notice__event="accepted")
    rows = list(told.order_by("made_at"))
    assert len(rows) == 4
    for row in reversed(rows):  # as they happened to be claimed before their process died
        Delivery.objects.filter(pk=row.pk).update(
            state=State.SENDING.value, claimed_at=TUESDAY, tries=1
        )
    ProcrastinateJob.objects.filter(task_name="gezhi.notices.jobs.send").delete()
    with clock.standing_at(TUESDAY + timedelta(minutes=6)):
        actions.sweep()
    queued = ProcrastinateJob.objects.filter(task_name="gezhi.notices.jobs.send").order_by("id")
    assert [job.args["bundle"] for job in queued] == [str(row.bundle) for row in rows]


def test_what_waits_for_its_hour_needs_no_worker_until_then(
    county: County, gateway: HttpGateway
) -> None:
    row = accepted(county, NIGHT)
    queued = ProcrastinateJob.objects.filter(task_name="gezhi.notices.jobs.send")
    assert (row.state, queued.count()) == (State.HELD, 0)
    with clock.standing_at(row.due - timedelta(seconds=1)):
        assert actions.sweep() == 0
    with clock.standing_at(row.due):
        assert actions.sweep() == 1
    assert queued.get().args == {"bundle": str(row.bundle)}
    assert send(row, row.due).state == State.SENT
    assert len(gateway.calls) == 1


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


def test_what_nobody_accepted_yet_is_as_urgent_as_its_proposed_category(
    county: County, gateway: HttpGateway
) -> None:
    row = accepted(county, NIGHT)
    case = row.notice.case
    assert case
    book = rulebook.current(COUNTY)
    urgent = next(key for key, one in book.categories.items() if one.urgent)
    Case.objects.filter(pk=case.pk).update(category="", proposed_category=urgent, is_urgent=False)
    Notice.objects.all().delete()
    with clock.standing_at(NIGHT):
        tell()
    row = Delivery.objects.get(notice__event="accepted", channel="sms")
    assert row.state == State.WAITING, "it is not held"
    assert send(row, NIGHT).state == State.SENT, "nor by the worker"
