"""Telling again from a moment or a line; secrets while they are changed; what is kept how long."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gezhi.api.tests.calling import is_problem
from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.exchange import actions, rules
from gezhi.exchange.actions import reading
from gezhi.exchange.models import Delivery, Subscription
from gezhi.exchange.tests.receiving import Program, Receiver, Webhook, receiver, work
from gezhi.record.keeping import Over, kinds
from gezhi.record.models import AuditLine, Line
from gezhi.record.tests.test_followers import read_everything, run_until_settled
from tests.cast import COUNTY, SETTING_UP, County, report_leak


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def webhook(committed: County, there: Receiver) -> Webhook:
    return Program(committed).subscribe(there)


def test_a_replay_tells_again_under_the_same_ids_and_then_what_is_new(
    committed: County, there: Receiver, webhook: Webhook
) -> None:
    for _each in range(4):
        report_leak()
    work()
    second = int(there.received[1].headers["webhook-id"].partition("-")[0])
    before = [each.body for each in there.received]
    there.received.clear()
    answer = webhook.post("replay", {"line": second})
    assert answer.status_code == 202
    assert answer.json()["replay"]["done"] == 0
    new = report_leak().case
    work()
    assert [each.body for each in there.received[:3]] == before[1:]
    assert there.events[3]["subject"] == new.number
    assert len(there.received) == 4
    far = webhook.now()["replay"]
    assert far["done"] == far["total"]
    assert AuditLine.objects.filter(data__fact="webhook_replayed").count() == 1


def test_a_replay_from_a_moment_leaves_nothing_of_it_out(
    committed: County, there: Receiver
) -> None:
    """Also of what happened before anybody subscribed."""
    begins, numbers = clock.now(), []
    for hour in range(4):
        with clock.standing_at(begins + timedelta(hours=hour)):
            numbers.append(report_leak().case.number)
    with clock.standing_at(begins + timedelta(hours=5)):
        webhook = Program(committed).subscribe(there)
        since = (begins + timedelta(hours=2)).isoformat()
        assert webhook.post("replay", {"since": since}).status_code == 202
        work(clock.now())
    assert [event["subject"] for event in there.events] == numbers[2:]


def test_how_far_a_replay_is_follows_what_arrived(
    committed: County, there: Receiver, webhook: Webhook
) -> None:
    for _each in range(6):
        report_leak()
    work()
    first = Line.objects.filter(kind="case_reported").earliest("id").id
    there.answers = [204, 204, 500]
    webhook.post("replay", {"line": first})
    work()
    far = webhook.now()["replay"]
    assert 0 < far["done"] < far["total"]
    there.answers = [204]
    work(clock.now() + rules.WAITS[0])
    far = webhook.now()["replay"]
    assert far["done"] == far["total"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "webhook_place_wrong"),
        ({"line": 3, "since": "2026-01-01T00:00:00Z"}, "webhook_place_wrong"),
        ({"since": "2036-01-01T00:00:00Z"}, "webhook_moment_ahead"),
        ({"line": 10**12}, "webhook_place_unread"),
    ],
)
def test_a_replay_needs_one_place_that_has_been(
    webhook: Webhook, body: dict[str, object], code: str
) -> None:
    assert is_problem(webhook.post("replay", body), 422, code)


def test_while_a_secret_is_changed_both_sign(
    committed: County, there: Receiver, webhook: Webhook
) -> None:
    answer = webhook.post("secret").json()
    assert answer["secret"] != webhook.secret
    report_leak()
    work()
    (got,) = there.received
    assert got.is_signed_with(answer["secret"])
    assert got.is_signed_with(webhook.secret)
    later = clock.now() + rules.SECRETS_OVERLAP + timedelta(seconds=1)
    with clock.standing_at(later):
        report_leak()
    work(later)
    assert there.received[1].is_signed_with(answer["secret"])
    assert not there.received[1].is_signed_with(webhook.secret)


def test_secrets_and_addresses_lie_sealed(webhook: Webhook, there: Receiver) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(s)::text FROM exchange_subscription s")
        (kept,) = cursor.fetchone()
    assert webhook.secret not in kept
    assert webhook.secret.encode().hex() not in kept
    assert "/events" not in kept


def test_what_arrived_is_forgotten_after_a_while_and_can_be_told_again(
    committed: County, there: Receiver, webhook: Webhook
) -> None:
    report_leak()
    work()
    kind = next(each for each in kinds() if each.code == "webhooks")
    over = Over(COUNTY, clock.now() + timedelta(days=1))
    assert kind.due(over).count == 1
    assert kind.erase(over, 100) == 1
    assert kind.due(over).count == Delivery.objects.count() == 0
    webhook.post("replay", {"line": 1})
    work()
    assert [event["id"] for event in there.events][0] == there.events[1]["id"]


def test_those_that_stand_at_one_place_read_the_book_together(
    committed: County, there: Receiver
) -> None:
    program = Program(committed)
    program.subscribe(there)
    read_everything()
    counts = []
    for more in (0, 8):
        for _each in range(more):
            program.subscribe(there)
        read_everything()
        report_leak()
        with CaptureQueriesContext(connection) as asked:
            read_everything()
        reads = [each["sql"] for each in asked if "LIMIT 500" in each["sql"]]
        counts.append(sum('FROM "record_line"' in each for each in reads))
    assert counts[0]
    assert counts[1] <= counts[0] + 2


def test_two_workers_that_read_at_once_put_a_line_on_its_way_once(
    committed: County, there: Receiver, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are made to stand between reading the lines and writing the deliveries.

    Without the lock they meet there. With it the second finds nobody to read for, so the first
    waits alone and goes on.
    """
    report_leak()
    run_until_settled()
    between, came = threading.Barrier(2), []
    put = reading._put_on_the_way

    def stand_between(subscription: Subscription, lines: Any) -> None:
        came.append(subscription.id)
        with suppress(threading.BrokenBarrierError):
            between.wait(timeout=0.5)
        put(subscription, lines)

    def read_on() -> None:
        actions.read_on()
        connection.close()

    monkeypatch.setattr(reading, "_put_on_the_way", stand_between)
    workers = [threading.Thread(target=read_on) for _each in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(came) == 1
    assert webhook.now()["waiting"] == 1


def test_one_that_breaks_keeps_no_other_from_reading(
    committed: County, there: Receiver, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    report_leak()
    with receiver() as other:
        second = Program(committed).subscribe(other)
        read = reading._put_on_the_way

        def break_at_the_first(subscription: Subscription, lines: object) -> None:
            if str(subscription.id) == webhook.id:
                raise RuntimeError("broken")
            read(subscription, lines)  # type: ignore[arg-type]  # lines

        monkeypatch.setattr(reading, "_put_on_the_way", break_at_the_first)
        report_leak()
        run_until_settled()
        with pytest.raises(ExceptionGroup):
            actions.read_on()
        assert second.now()["waiting"] == 1
        monkeypatch.undo()
        work()
        assert (len(there.received), len(other.received)) == (2, 1)


def test_too_much_that_waits_stays_in_the_book(
    committed: County, there: Receiver, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_WAITING", 3)
    there.answers = [500]
    case = report_leak().case
    read_everything()
    for number in range(5):
        cases.supervise(case.id, words=f"第{number}次", actor=SETTING_UP)
        read_everything()
    assert webhook.now()["waiting"] == 4
    assert Subscription.objects.get(pk=webhook.id).line < Line.objects.latest("id").id
    there.answers = [204]
    work()
    assert len(there.received) == 6
