"""What waited for the morning and is no news any more by then is not sent, and the outbox says why.

By night people act, and in the morning the sweep and the worker do their part, through a gateway
on loopback.
"""

import json
from collections.abc import Callable, Iterator
from datetime import time, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Case
from gezhi.deadlines.facts import PromiseBroken
from gezhi.deadlines.models import Deadline
from gezhi.notices import jobs
from gezhi.notices.models import Choice, Delivery, address_key
from gezhi.notices.rules import Audience, Channel, News, State, is_overtaken, is_owed_otherwise
from gezhi.notices.tests.sending import MORNING, NIGHT, ordinary, tell
from gezhi.notices.tests.telling import HttpGateway, http_gateway, mail_server
from gezhi.notices.tests.test_digests import mailed_rulebook
from gezhi.record.actions import announce
from gezhi.record.models import Line
from tests.cast import COUNTY, TUESDAY, County, plain_reason, report_leak, voice_of

WHY = "后来的进展已经代替了这条"
QUARTER = timedelta(minutes=15)


class Night:
    """A case on which water works since the day; every act comes a quarter of an hour later."""

    def __init__(self, county: County) -> None:
        self.county, self.at = county, NIGHT
        with clock.standing_at(TUESDAY):
            reported = report_leak()
            self.case, self.reporter = reported.case, voice_of(reported)
            Case.objects.filter(pk=self.case.pk).update(is_urgent=False)
            cun, shui = county.actor("cun"), county.actor("shui")
            cases.accept(self.case.id, category=ordinary(), actor=cun)
            cases.assign(self.case.id, unit=county.unit("dept-water"), actor=cun)
            cases.sign(self.case.id, actor=shui)
            tell()
        work(TUESDAY)

    def act(self, act: Callable[..., Any], who: str = "shui", **values: Any) -> None:
        self.at += QUARTER
        actor = self.reporter if who == "reporter" else self.county.actor(who)
        with clock.standing_at(self.at):
            act(self.case.id, actor=actor, **values)
            tell()

    def pause(self) -> None:
        until = self.at + timedelta(days=3)
        self.act(cases.pause, reason=plain_reason("pause"), until=until)
        (wish,) = case_reads.open_approvals(Case.objects.get(pk=self.case.pk))
        self.act(cases.decide, "du", approval=wish.id, is_granted=True)

    def finish(self) -> None:
        why = plain_reason("cannot")
        self.act(cases.finish, outcome="cannot", reason=why, answer="水管换好了。")

    def morning(self, channel: str = "sms") -> dict[str, str]:
        """What became, by event, of what was told by this channel at night."""
        waiting = Delivery.objects.filter(state=State.HELD.value, channel=channel)
        held = list(waiting.values_list("pk", flat=True))
        assert held, "it waits"
        work(MORNING)
        rows = Delivery.objects.filter(pk__in=held).select_related("notice").order_by("id")
        return {row.notice.event: row.state for row in rows}


def work(at: Any) -> None:
    """The sweep of that minute, and all that the worker finds in its queue."""
    with clock.standing_at(at):
        jobs.sweep_deliveries(0)
        queued = ProcrastinateJob.objects.filter(task_name="gezhi.notices.jobs.send")
        for args in list(queued.values_list("args", flat=True)):
            jobs.send(**args)
    queued.update(status="succeeded", queueing_lock=None, task_name="done")


@pytest.fixture
def gateway(settings: LazySettings) -> Iterator[HttpGateway]:
    with http_gateway() as found:
        body = {"to": "{phone}", "text": "{words}", "key": "{key}"}
        settings.SMS_GATEWAY = json.dumps({"url": found.url, "body": body})
        yield found


@pytest.fixture
def night(county: County, gateway: HttpGateway) -> Night:
    """By then what was told by day is gone."""
    found = Night(county)
    gateway.calls.clear()
    return found


def said(gateway: HttpGateway) -> list[str]:
    return [call.json["text"] for call in gateway.calls]


def test_a_question_that_was_answered_is_not_put_again(
    night: Night, gateway: HttpGateway, login: Callable[[str], Client]
) -> None:
    night.act(cases.ask, words="哪一头漏？")
    night.act(cases.answer, "reporter", words="东头")
    assert night.morning() == {"asked": State.KEPT}
    assert not gateway.calls
    row = Delivery.objects.get(notice__event="asked")
    assert (row.answer, row.tries, row.settled_at) == (WHY, 0, MORNING)
    guan = login("guan")
    shown = guan.get(f"/desk/outbox/?number={night.case.number}").content.decode()
    assert shown.count(WHY) == 1, "beside the question alone"
    answer = guan.get("/desk/outbox/export.xlsx?state=kept")
    assert answer.status_code == 200


def test_a_question_that_is_still_open_is_put(night: Night, gateway: HttpGateway) -> None:
    night.act(cases.ask, words="哪一头漏？")
    assert night.morning() == {"asked": State.SENT}
    (words,) = said(gateway)
    assert "哪一头漏？" in words


def test_of_a_pause_that_is_over_only_its_end_is_told(night: Night, gateway: HttpGateway) -> None:
    night.pause()
    night.act(cases.resume)
    assert night.morning() == {"paused": State.KEPT, "resumed": State.SENT}
    (words,) = said(gateway)
    assert "已恢复办理" in words


def test_after_many_turns_the_last_is_told(night: Night, gateway: HttpGateway) -> None:
    night.pause()
    night.act(cases.resume)
    night.pause()
    night.morning()
    (words,) = said(gateway)
    assert "暂缓办理" in words
    assert "\n" not in words, "once"


def test_what_was_found_undone_is_not_told_as_done(night: Night, gateway: HttpGateway) -> None:
    night.finish()
    night.act(cases.verify, "du", is_solved=False, words="还在漏")
    assert night.morning() == {
        "finished": State.KEPT, "rating_asked": State.KEPT, "returned": State.SENT,
    }  # fmt: skip
    (words,) = said(gateway)
    assert "还没办好" in words


def test_who_has_said_whether_it_is_solved_is_not_asked(night: Night, gateway: HttpGateway) -> None:
    night.finish()
    report = next(iter(night.reporter.proven))
    night.act(cases.rate, "reporter", report=report, is_solved=True, rating=5)
    assert night.morning() == {"finished": State.SENT, "rating_asked": State.KEPT}


def test_a_closing_is_not_told_of_what_was_reopened(night: Night, gateway: HttpGateway) -> None:
    night.finish()
    night.act(cases.visit_back, "fang", is_reached=True, is_solved=True)
    why = plain_reason("reopen")
    night.act(cases.reopen, "reporter", reason=why, words="又漏了")
    became = night.morning()
    assert became["finished"] == became["closed"] == became["rating_asked"] == State.KEPT
    assert not any("已结案" in words or "已办结" in words for words in said(gateway))


def test_the_promised_day_is_told_until_it_is_kept(
    county: County, night: Night, gateway: HttpGateway
) -> None:
    """What the village took up at night; one of the two is withdrawn before the morning."""
    made = []
    for _each in range(2):
        with clock.standing_at(NIGHT):
            reported = report_leak()
            Case.objects.filter(pk=reported.case.pk).update(is_urgent=False)
            cases.accept(reported.case.id, category=ordinary(), actor=county.actor("cun"))
            tell()
        made.append(reported)
    kept, withdrawn = made
    with clock.standing_at(NIGHT + QUARTER):
        cases.assign(kept.case.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
        cases.withdraw(withdrawn.case.id, actor=voice_of(withdrawn))
        tell()
    night.morning()
    (words,) = said(gateway)
    first, second = words.split("\n")
    assert "已受理，由柳树村综治中心负责" in first
    assert "已交水务局办理" in second, "one message about one case, the newest last"
    assert kept.case.number in first
    rows = Delivery.objects.filter(notice__number=kept.case.number, channel="sms")
    assert {str(row.bundle) for row in rows} == {gateway.calls[0].json["key"]}


def test_what_is_told_when_the_bundle_has_left_goes_by_itself(
    night: Night, gateway: HttpGateway
) -> None:
    """Under a key of its own, so that a gateway does not take it for the first one sent again."""
    night.act(cases.ask, words="哪一头漏？")
    held = Delivery.objects.get(notice__event="asked")
    night.morning()
    late = Delivery.objects.get(notice__event="assigned", channel="sms")
    Delivery.objects.filter(pk=late.pk).update(
        bundle=held.bundle, state=State.HELD.value, due=MORNING
    )
    work(MORNING)
    keys = [call.json["key"] for call in gateway.calls]
    assert len(keys) == len(set(keys)) == 2


@pytest.fixture
def group(settings: LazySettings) -> Iterator[HttpGateway]:
    """The chat group of the water department."""
    with http_gateway() as found:
        found.answers = [(200, '{"errcode": 0}')]
        settings.CHAT_ROBOTS = json.dumps(
            [{"unit": "dept-water", "kind": "wecom", "url": f"{found.url}/send?key=k"}]
        )
        yield found


@pytest.mark.parametrize(("is_answered", "state"), [(True, State.KEPT), (False, State.SENT)])
def test_a_demand_that_was_answered_is_made_no_more(
    group: HttpGateway, county: County, gateway: HttpGateway, is_answered: bool, state: State
) -> None:
    night = Night(county)
    group.calls.clear()
    night.act(cases.supervise, "du", words="今天答复")
    if is_answered:
        night.act(cases.answer_supervision, words="明天就好")
    assert night.morning("chat") == {"supervised": state}
    assert len(group.calls) == (state == State.SENT)


def test_who_has_it_no_more_is_not_told_to_do_it(
    group: HttpGateway, county: County, gateway: HttpGateway
) -> None:
    night = Night(county)
    group.calls.clear()
    night.act(cases.supervise, "du", words="今天答复")
    night.act(cases.send_back, reason=plain_reason("send_back"), words="不归我们")
    assert night.morning("chat")["supervised"] == State.KEPT
    assert not group.calls


@pytest.mark.parametrize(("is_kept", "state"), [(True, State.KEPT), (False, State.SENT)])
def test_a_promise_that_was_kept_is_not_called_broken(
    group: HttpGateway, county: County, gateway: HttpGateway, is_kept: bool, state: State
) -> None:
    """Neither to its holder nor to whom it was made."""
    night = Night(county)
    group.calls.clear()
    row = Deadline.objects.get(case=night.case, kind="finish")
    broken = PromiseBroken(
        case=night.case.id, number=night.case.number, deadline=row.id, promise="finish",
        unit=row.unit_id, due=row.due, path=night.case.path, audience="holder",
        told=(county.accounts["shui"].id,),
    )  # fmt: skip
    with clock.standing_at(NIGHT):
        announce(
            broken, about=f"case:{night.case.id}", county=COUNTY, actor=NOBODY, now=clock.now()
        )
        tell()
    if is_kept:
        night.finish()
    night.morning()
    rows = Delivery.objects.filter(notice__event="broken")
    assert {(each.channel, each.state) for each in rows} == {("sms", state), ("chat", state)}
    assert len(group.calls) == (not is_kept)


def mailed_to(county: County, login: str, **more: Any) -> None:
    """They have shown an address to be theirs and want mail."""
    mail = f"{login}@example.org"
    Choice.objects.create(
        account=county.accounts[login], mail=mail, wants_mail=True,
        mail_confirmed=address_key(Channel.MAIL, mail), changed_at=TUESDAY, **more,
    )  # fmt: skip


@pytest.mark.parametrize(("is_decided", "state"), [(True, State.KEPT), (False, State.SENT)])
def test_leave_that_was_decided_is_not_asked_for(
    night: Night, settings: LazySettings, is_decided: bool, state: State
) -> None:
    """Its approver wants no mail by night."""
    with mail_server() as office:
        settings.MAIL = f"smtp+plain://127.0.0.1:{office.port}"
        settings.MAIL_FROM = "朔渭县综治中心 <gezhi@example.org>"
        mailed_to(night.county, "zhendu", quiet_from=time(21, 0), quiet_to=time(7, 30))
        until = NIGHT + timedelta(days=3)
        night.act(cases.pause, reason=plain_reason("pause"), until=until)
        if is_decided:
            (wish,) = case_reads.open_approvals(Case.objects.get(pk=night.case.pk))
            night.act(
                cases.decide, "zhendu", approval=wish.id, is_granted=False, words="人手够"
            )  # fmt: skip
        assert night.morning("mail") == {"approval_asked": state}
        assert len(office.mails) == (not is_decided)


def test_of_what_is_gathered_only_the_rest_goes(county: County, settings: LazySettings) -> None:
    """Two cases for one mail at three in the afternoon; one of them was sent back before."""
    mailed_rulebook(digest=True)
    mailed_to(county, "shui")
    numbers = []
    for is_sent_back in (True, False):
        with clock.standing_at(TUESDAY):
            case = report_leak().case
            Case.objects.filter(pk=case.pk).update(is_urgent=False)
            cun, shui = county.actor("cun"), county.actor("shui")
            cases.accept(case.id, category=ordinary(), actor=cun)
            cases.assign(case.id, unit=county.unit("dept-water"), actor=cun)
            if is_sent_back:
                why = plain_reason("send_back")
                cases.send_back(case.id, reason=why, words="不归我们", actor=shui)
            tell()
        numbers.append(case.number)
    with mail_server() as office:
        settings.MAIL = f"smtp+plain://127.0.0.1:{office.port}"
        settings.MAIL_FROM = "朔渭县综治中心 <gezhi@example.org>"
        work(Delivery.objects.filter(channel="mail").latest("due").due)
    rows = Delivery.objects.filter(channel="mail", notice__event="assigned")
    became = {row.notice.number: (row.state, row.answer == WHY) for row in rows}
    assert became == dict(zip(numbers, [(State.KEPT, True), (State.SENT, False)], strict=True))
    assert len(office.mails) == 1


def test_who_reported_a_merged_case_hears_of_the_end_of_the_main_one_alone(
    night: Night, gateway: HttpGateway
) -> None:
    """What was told of their own number before is over with the case that is worked on."""
    with clock.standing_at(NIGHT):
        own = report_leak().case
        Case.objects.filter(pk=own.pk).update(is_urgent=False)
        cun = night.county.actor("cun")
        cases.accept(own.id, category=ordinary(), actor=cun)
        cases.merge(own.id, main=night.case.id, actor=cun)
        tell()
    night.finish()
    night.morning()
    rows = Delivery.objects.filter(notice__number=own.number, channel="sms")
    assert {row.notice.event: row.state for row in rows} == {
        "accepted": State.KEPT, "merged": State.SENT,
        "finished": State.SENT, "rating_asked": State.SENT,
    }  # fmt: skip
    assert sum(own.number in words for words in said(gateway)) == 1, "one message"


@pytest.mark.parametrize(
    ("audience", "due", "unit", "is_over"),
    [
        ("holder", 0, 1, False),
        ("holder", 60, 1, True),
        ("holder", 5, 1, False),
        ("holder", 0, 2, True),
        ("head", 0, 2, True),
        ("centre", 0, 2, False),
        ("reporter", 0, 2, False),
        ("reporter", 60, 1, True),
    ],
)
def test_a_promise_with_more_time_or_of_another_is_told_anew(
    audience: str, due: int, unit: int, is_over: bool
) -> None:
    """Told as due at that moment by the first unit; ten minutes later it is asked for."""
    found = is_owed_otherwise(
        Audience(audience),
        told_due=NIGHT,
        told_unit=UUID(int=1),
        due=NIGHT + timedelta(minutes=due),
        unit=UUID(int=unit),
        now=NIGHT + timedelta(minutes=10),
    )
    assert found is is_over


def test_what_goes_at_once_is_not_asked_for(county: County, gateway: HttpGateway) -> None:
    """By day the worker asks nothing of the book."""
    with clock.standing_at(TUESDAY):
        reported = report_leak()
        Case.objects.filter(pk=reported.case.pk).update(is_urgent=False)
        cases.accept(reported.case.id, category=ordinary(), actor=county.actor("cun"))
        tell()
        cases.withdraw(reported.case.id, actor=voice_of(reported))
    assert Line.objects.filter(kind="case_withdrawn").exists()
    row = Delivery.objects.get(channel="sms")
    with clock.standing_at(TUESDAY):
        jobs.send(str(row.bundle))
    row.refresh_from_db()
    assert row.state == State.SENT


@pytest.mark.parametrize(
    ("event", "audience", "later", "is_over"),
    [
        ("accepted", "reporter", ["case_assigned"], False),
        ("accepted", "reporter", ["case_finished"], True),
        ("accepted", "reporter", ["case_finished", "case_returned"], False),
        ("accepted", "reporter", ["case_merged"], False),
        ("extended", "reporter", ["case_merged"], False),
        ("extended", "holder", ["case_merged"], True),
        ("asked", "reporter", ["case_merged"], True),
        ("asked", "reporter", ["case_merged", "case_unmerged"], False),
        ("assigned", "holder", ["case_signed"], False),
        ("finished", "reporter", ["case_closed"], False),
        ("rating_asked", "reporter", ["case_closed"], False),
        ("refused", "asker", ["case_withdrawn"], False),
        ("stage_reached", "reporter", ["stage_reached"], False),
    ],
)
def test_each_is_told_as_long_as_it_is_news_to_whom_it_is_for(
    event: str, audience: str, later: list[str], is_over: bool
) -> None:
    there = {"case": "1", "holder": "2"}
    found = is_overtaken(
        event,
        Audience(audience),
        told=News(event, there),
        later=[News(kind, there) for kind in later],
    )
    assert found is is_over


@pytest.mark.parametrize(("came", "is_over"), [(["a"], False), (["b", "a"], True)])
def test_a_call_for_help_is_over_when_all_who_were_called_came(
    came: list[str], is_over: bool
) -> None:
    there = {"case": "1", "holder": "2"}
    told = News("case_whistled", {**there, "legs": ["a", "b"]})
    later = [News("joint_arrived", {**there, "leg": leg}) for leg in came]
    assert is_overtaken("whistled", Audience.JOINT, told=told, later=later) is is_over
