"""A batch of news costs the same for however many cases, and tells what single lines tell."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.deadlines.facts import PromiseBroken, PromiseClimbed
from gezhi.deadlines.models import Deadline
from gezhi.notices import actions
from gezhi.notices.models import Choice, Delivery, Notice, address_key
from gezhi.notices.rules import Channel, State
from gezhi.notices.tests.sending import ordinary
from gezhi.notices.tests.test_digests import mailed_rulebook
from gezhi.record.actions import announce
from gezhi.record.models import Line
from tests.cast import COUNTY, TUESDAY, County, plain_reason, report_leak

HOUR = timedelta(hours=1)


@pytest.fixture
def connected(county: County, settings: LazySettings) -> County:
    """With a gateway for short messages; mail to `shui` is gathered."""
    settings.ADDRESS = "https://gezhi.example"
    settings.SMS_GATEWAY = json.dumps(
        {"url": "http://127.0.0.1:9/send", "body": {"a": "{phone}{words}"}}
    )
    mailed_rulebook(digest=True)
    mail = "shui@example.org"
    Choice.objects.create(
        account=county.accounts["shui"], mail=mail, wants_mail=True,
        mail_confirmed=address_key(Channel.MAIL, mail), changed_at=clock.now(),
    )  # fmt: skip
    return county


def worked(county: County) -> Case:
    """A case with news of every kind that asks for something besides its line."""
    cun, shui, du = (county.actor(name) for name in ("cun", "shui", "du"))
    case, other = report_leak().case, report_leak().case
    Case.objects.filter(pk=case.pk).update(is_urgent=False)
    for each in (case, other):
        cases.accept(each.id, category=ordinary(), actor=cun)
    cases.merge(other.id, main=case.id, actor=cun)
    cases.assign(case.id, unit=county.unit("dept-water"), actor=cun)
    cases.sign(case.id, actor=shui)
    cases.whistle(
        case.id, units=[county.unit("dept-transport")], words="来看路面", actor=shui
    )  # fmt: skip
    cases.supervise(case.id, words="今天答复", actor=du)
    cases.answer_supervision(case.id, words="明天就好", actor=shui)
    cases.pause(
        case.id, reason=plain_reason("pause"), until=clock.now() + HOUR, words="等配件", actor=shui
    )
    row = Deadline.objects.get(case=case, kind="finish")
    values: dict[str, Any] = {
        "case": case.id, "number": case.number, "deadline": row.id, "promise": "finish",
        "unit": row.unit_id, "due": row.due, "path": case.path, "audience": "holder",
        "told": (county.accounts["shui"].id,),
    }  # fmt: skip
    later = {**values, "told": (county.accounts["shui"].id, county.accounts["shuiba"].id)}
    for fact in (PromiseBroken(**values), PromiseClimbed(**later, rung=1)):
        announce(
            fact, about=f"case:{case.id}", county=COUNTY, actor=NOBODY, now=clock.now()
        )  # fmt: skip
    return case


def test_a_batch_asks_as_often_for_three_cases_as_for_thirty(
    connected: County,
) -> None:
    asked: list[int] = []
    for count in (1, 3, 30):
        with clock.standing_at(TUESDAY + len(asked) * timedelta(minutes=5)):
            before = Line.objects.order_by("id").last()
            for _each in range(count):
                worked(connected)
            lines = list(Line.objects.filter(id__gt=before.id if before else 0).order_by("id"))
            with CaptureQueriesContext(connection) as queries:
                actions.note(lines, now=clock.now())
        asked.append(sum(not query["sql"].startswith("INSERT") for query in queries))
    _warm, three, thirty = asked
    assert three == thirty
    assert three <= 32, "beside what is written, 500 rows at a time"
    told = set(Notice.objects.values_list("event", flat=True))
    assert {"accepted", "merged", "assigned", "whistled", "supervised", "supervision_answered",
            "approval_asked", "broken", "climbed"} <= told  # fmt: skip
    mails = Delivery.objects.filter(channel="mail", state=State.DIGESTED)
    assert mails.count() == 34
    assert mails.values("bundle").distinct().count() == 1, "one account, one mail"


def test_a_batch_tells_what_its_lines_tell_one_by_one(connected: County) -> None:
    def told() -> list[Any]:
        columns = ("event", "audience", "account", "report", "unit", "cause", "words", "number")
        sent = Delivery.objects.values_list("channel", "state", "words", "notice__cause")
        return [sorted(map(str, Notice.objects.values_list(*columns))), sorted(map(str, sent))]

    with clock.standing_at(TUESDAY):
        for _each in range(3):
            worked(connected)
        lines = list(Line.objects.order_by("id"))
        for line in lines:
            actions.note([line], now=clock.now())
        single = told()
        Delivery.objects.all().delete()
        Notice.objects.all().delete()
        actions.note(lines, now=clock.now())
    assert told() == single
    climbed = Notice.objects.filter(event="climbed", account__isnull=False)
    assert {one.account.login for one in climbed if one.account} == {"shuiba"}, "shui heard already"
