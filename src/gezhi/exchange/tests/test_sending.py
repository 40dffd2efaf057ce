"""Deliveries through a real server: busy, broken, gone, elsewhere, slow, killed in between."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from gezhi.api.tests.calling import is_problem
from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.exchange import adapters, jobs, rules
from gezhi.exchange.checks import certificates_can_be_read
from gezhi.exchange.models import Delivery, Subscription
from gezhi.exchange.tests.receiving import Program, Receiver, Webhook, receiver, work
from gezhi.notices.models import Notice
from gezhi.notices.tests.telling import make_certificate
from gezhi.record.models import AuditLine
from gezhi.record.tests.test_followers import read_everything
from tests.cast import SETTING_UP, County, report_leak

_LATER = timedelta(seconds=1)


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def webhook(committed: County, there: Receiver) -> Webhook:
    return Program(committed).subscribe(there)


def due(webhook: Webhook) -> datetime:
    found = Subscription.objects.get(pk=webhook.id).due
    assert found is not None
    return found


def told(county: County) -> list[str]:
    """What stands on the desk of the county's administrator."""
    own = Notice.objects.filter(account=county.accounts["guan"]).order_by("event")
    return list(own.values_list("event", flat=True))


def test_a_busy_system_is_tried_again_and_longer_apart_each_time(
    committed: County, there: Receiver, webhook: Webhook
) -> None:
    there.answers = [500, 503, 429, 404, 200]
    report_leak()
    moment = clock.now()
    for tries, wait in enumerate(rules.WAITS[:4], 1):
        work(moment)
        assert len(there.received) == tries
        assert due(webhook) == moment + wait
        work(due(webhook) - _LATER)
        assert len(there.received) == tries, "not before its time"
        moment = due(webhook)
    work(moment)
    ids = {each.headers["webhook-id"] for each in there.received}
    stamps = [int(each.headers["webhook-timestamp"]) for each in there.received]
    assert len(ids) == 1, "the same event every time"
    assert stamps == sorted(stamps)
    assert len(set(stamps)) == 5, "each try is signed for its own moment"
    assert all(each.is_signed_with(webhook.secret) for each in there.received)
    (row,) = webhook.deliveries()
    assert (row["stage"], row["tries"], row["status"]) == ("delivered", 5, 200)
    assert told(committed) == []


def test_what_happens_meanwhile_waits_its_turn(
    committed: County, there: Receiver, webhook: Webhook
) -> None:
    there.answers = [500, 204]
    case = report_leak().case
    work()
    cases.accept(case.id, category=case.proposed_category, actor=SETTING_UP)
    work(clock.now())
    assert there.types == ["gezhi.case.reported"], "nothing overtakes what failed"
    work(due(webhook))
    reported, accepted = "gezhi.case.reported", "gezhi.case.accepted"
    assert there.types == [reported, reported, accepted]


def test_an_event_that_is_refused_is_dead_and_the_next_one_goes(
    committed: County, there: Receiver, webhook: Webhook
) -> None:
    there.answers, there.says = [422, 200], "unknown category 13812345678"
    first, second = report_leak().case, report_leak().case
    work()
    assert [event["subject"] for event in there.events] == [first.number, second.number]
    (dead,) = webhook.deliveries("dead")
    assert (dead["number"], dead["status"], dead["tries"]) == (first.number, 422, 1)
    assert "13812345678" not in dead["error"], "what others say is masked"
    assert told(committed) == ["webhook_dead"]
    there.answers = [200]
    assert webhook.post(f"deliveries/{dead['id']}/again").status_code == 202
    work()
    assert there.events[2] == there.events[0]
    assert webhook.now()["dead"] == 0
    assert is_problem(webhook.post(f"deliveries/{dead['id']}/again"), 404, "not_found")
    assert is_problem(webhook.post("deliveries/again"), 409, "webhook_nothing_dead")


def test_many_dead_in_a_row_stop_it_and_tell_a_person(
    committed: County, there: Receiver, webhook: Webhook
) -> None:
    there.answers = [400]
    for _each in range(rules.MOST_DEAD + 2):
        report_leak()
    work()
    now = webhook.now()
    assert (now["state"], now["why"]) == ("stopped", "failed")
    assert (now["dead"], now["waiting"]) == (rules.MOST_DEAD, 2)
    assert told(committed) == ["webhook_dead", "webhook_stopped"]
    assert AuditLine.objects.filter(
        about=f"webhook:{webhook.id}", data__fact="webhook_stopped", data__why="failed"
    ).exists()
    there.answers = [200]
    there.received.clear()
    assert webhook.post("resume").json()["state"] == "active"
    assert webhook.post("deliveries/again").status_code == 202
    work()
    assert len(there.received) == rules.MOST_DEAD + 2
    ids = [int(each.headers["webhook-id"].partition("-")[0]) for each in there.received]
    assert ids == sorted(ids), "in the order of the book"


def test_one_that_is_never_there_is_stopped_and_loses_nothing(
    committed: County, there: Receiver, webhook: Webhook
) -> None:
    there.answers = [500]
    for _each in range(rules.MOST_DEAD + 1):
        report_leak()
    moment = clock.now()
    while webhook.now()["state"] == "active":
        work(moment)
        moment = Subscription.objects.get(pk=webhook.id).due or moment
    now = webhook.now()
    assert (now["why"], now["dead"], now["waiting"]) == ("failed", rules.MOST_DEAD, 1)
    assert len(there.received) == rules.MOST_DEAD * (len(rules.WAITS) + 1)
    report_leak()
    work(moment)
    assert webhook.now()["unread"] > 0, "the rest waits in the book"


@pytest.mark.parametrize(
    ("status", "why"), [(410, "gone"), (301, "redirected"), (307, "redirected")]
)
def test_gone_or_elsewhere_stops_it_at_once(
    committed: County, there: Receiver, webhook: Webhook, status: int, why: str
) -> None:
    with receiver() as elsewhere:
        there.answers, there.leads_to = [status], elsewhere.url
        report_leak()
        report_leak()
        work()
        assert len(there.received) == 1
        assert not elsewhere.received, "redirects are not followed"
    now = webhook.now()
    assert (now["state"], now["why"], now["waiting"], now["dead"]) == ("stopped", why, 2, 0)
    assert told(committed) == ["webhook_stopped"]
    there.answers = [200]
    assert webhook.program.patch(f"/webhooks/{webhook.id}", {"address": there.url}).status_code
    webhook.post("resume")
    work()
    assert len(there.received) == 3, "both arrive after all"


def test_what_turns_out_to_lie_inside_is_not_called(
    committed: County, there: Receiver, webhook: Webhook, settings: Any
) -> None:
    report_leak()
    settings.INSIDE = [ip_network("10.9.9.9/32")]
    work()
    assert not there.received
    assert webhook.now()["why"] == "inside"


def test_a_certificate_that_nobody_vouches_for_is_a_failure_until_the_settings_do(
    committed: County, tmp_path: Path, settings: Any
) -> None:
    certificate = make_certificate(tmp_path, "127.0.0.1")
    with receiver(certificate) as there:
        webhook = Program(committed).subscribe(there)
        report_leak()
        work()
        assert not there.received
        now = webhook.now()
        assert (now["state"], now["waiting"]) == ("active", 1)
        assert "CERTIFICATE_VERIFY_FAILED" in now["error"]
        assert "127.0.0.1" not in now["error"].replace("IP address", "")
        settings.WEBHOOK_CA = str(certificate.file)
        work(due(webhook))
        assert len(there.received) == 1


def test_a_file_without_certificates_is_told_by_the_checks(tmp_path: Path, settings: Any) -> None:
    empty = tmp_path / "empty.pem"
    empty.touch()
    settings.WEBHOOK_CA = ""
    assert certificates_can_be_read() == []
    for wrong in (empty, tmp_path / "nowhere.pem"):
        settings.WEBHOOK_CA = str(wrong)
        assert [each.id for each in certificates_can_be_read()] == ["gezhi.exchange.E001"]


def test_a_slow_system_is_cut_off_and_keeps_no_other_waiting(
    committed: County, there: Receiver, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapters.webhooks, "SECONDS", 0.5)
    wakes = threading.Event()
    there.before = lambda: wakes.wait(30)
    with receiver() as quick:
        Program(committed).subscribe(quick)
        report_leak()
        work()
        assert len(quick.received) == 1
    wakes.set()
    now = webhook.now()
    assert (now["waiting"], now["state"]) == (1, "active")
    assert now["error"].startswith("TimeoutError")


def test_one_that_is_not_there_is_tried_again(committed: County) -> None:
    with receiver() as there:
        webhook = Program(committed).subscribe(there)
    report_leak()
    work()
    assert webhook.now()["error"].startswith("ConnectionRefusedError")


_SEND = """
import django, sys
django.setup()
from gezhi.exchange import jobs
jobs.send(sys.argv[1])
"""


def test_a_worker_killed_while_it_sends_leaves_nothing_out(
    committed: County, there: Receiver, webhook: Webhook
) -> None:
    """The other side has it twice, under one id: at least once is what is promised."""
    report_leak()
    report_leak()
    came, goes_on = threading.Event(), threading.Event()

    def hold() -> None:
        came.set()
        goes_on.wait(60)

    there.before = hold
    read_everything()
    started = [sys.executable, "-c", _SEND, webhook.id]
    with subprocess.Popen(started, env={**os.environ}) as killed:  # noqa: S603 - our own
        assert came.wait(60), "it never called"
        jobs.send(webhook.id)
        assert len(there.received) == 1, "while one sends, no other does"
        killed.send_signal(signal.SIGKILL)
    goes_on.set()
    there.before = lambda: None
    jobs.send(webhook.id)
    assert len(there.received) == 1, "its claim holds for a while"
    later = clock.now() + rules.CLAIM_HOLDS + _LATER
    with clock.standing_at(later):
        jobs.sweep_webhooks(timestamp=0)
    work(later)
    ids = [each.headers["webhook-id"] for each in there.received]
    assert len(ids) == 3
    assert ids[0] == ids[1]
    assert webhook.now()["waiting"] == 0


def test_paused_it_waits_and_resumed_it_goes_on_where_it_was(
    committed: County, there: Receiver, webhook: Webhook
) -> None:
    first = report_leak().case
    work()
    assert webhook.post("pause").json()["state"] == "paused"
    assert is_problem(webhook.post("pause"), 409, "webhook_state_wrong")
    second = report_leak().case
    work()
    assert len(there.received) == 1
    assert Delivery.objects.count() == 1, "the book keeps what waits"
    webhook.post("resume")
    assert is_problem(webhook.post("resume"), 409, "webhook_state_wrong")
    work()
    assert [event["subject"] for event in there.events] == [first.number, second.number]


def test_a_restored_state_that_is_only_looked_at_tells_nobody(
    committed: County, there: Receiver, webhook: Webhook, settings: Any
) -> None:
    report_leak()
    read_everything()
    settings.WEBHOOKS = False
    report_leak()
    webhook.post("ping")
    work()
    later = clock.now() + rules.CLAIM_HOLDS
    with clock.standing_at(later):
        jobs.sweep_webhooks(timestamp=0)
    work(later)
    assert not there.received
    settings.WEBHOOKS = True
    with clock.standing_at(later):
        jobs.sweep_webhooks(timestamp=0)
    work(later)
    assert len(there.received) == 2


def test_paused_while_it_sends_nothing_more_goes_out(
    committed: County, there: Receiver, webhook: Webhook
) -> None:
    for _each in range(3):
        report_leak()
    there.before = lambda: Subscription.objects.filter(pk=webhook.id).update(state="paused")
    work()
    assert len(there.received) == 1
    there.before = lambda: None
    webhook.post("resume")
    work()
    assert len(there.received) == 4, "whose end nobody saw goes again"


def test_what_is_changed_counts_from_the_next_event_on(
    committed: County, there: Receiver, webhook: Webhook
) -> None:
    with receiver() as elsewhere:

        def move() -> None:
            there.before = lambda: None
            webhook.program.patch(f"/webhooks/{webhook.id}", {"address": elsewhere.url})

        there.before = move
        report_leak()
        report_leak()
        work()
        assert (len(there.received), len(elsewhere.received)) == (1, 1)


def test_what_failed_is_tried_at_once_where_the_address_is_another(
    committed: County, there: Receiver, webhook: Webhook
) -> None:
    there.answers = [500]
    report_leak()
    work()
    with receiver() as elsewhere:
        webhook.program.patch(f"/webhooks/{webhook.id}", {"address": elsewhere.url})
        work()
        assert len(elsewhere.received) == 1


def test_what_comes_while_it_is_sent_to_needs_no_sweep(
    committed: County, there: Receiver, webhook: Webhook
) -> None:
    """A job that finds another process at work goes away; that one looks again after it let go."""
    report_leak()

    def more() -> None:
        there.before = lambda: None
        report_leak()

    there.before = more
    work()
    assert len(there.received) == 2


def test_two_systems_do_not_wait_for_each_other(committed: County, there: Receiver) -> None:
    there.answers = [500]
    program = Program(committed)
    program.subscribe(there)
    with receiver() as other:
        program.subscribe(other)
        for _each in range(3):
            report_leak()
        work()
        assert len(there.received) == 1
        assert len(other.received) == 3


def test_a_test_says_whether_an_event_arrives_whatever_the_state(
    committed: County, there: Receiver, webhook: Webhook
) -> None:
    webhook.post("pause")
    asked = webhook.post("ping")
    assert asked.status_code == 202
    assert asked.json()["ping"]["pinged_at"] is None
    work()
    (got,) = there.received
    assert got.event["type"] == "gezhi.ping"
    assert got.is_signed_with(webhook.secret)
    assert webhook.now()["ping"]["error"] == ""
    there.answers, there.says = [403], "who are you"
    webhook.post("ping")
    work()
    assert webhook.now()["ping"]["error"] == "HTTP 403 who are you"
    assert webhook.now()["dead"] == 0
