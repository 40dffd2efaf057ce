"""Each event is told once, to whom it concerns, in words they may read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.deadlines.actions import take_steps
from gezhi.deadlines.facts import PromiseBroken, PromiseClimbed, PromiseReminded
from gezhi.deadlines.models import Deadline
from gezhi.notices import actions
from gezhi.notices.models import Delivery, Notice
from gezhi.people import actions as people
from gezhi.record.actions import announce, restart_follower
from gezhi.record.models import Cursor, Line
from gezhi.record.tests.test_followers import run_until_heard
from tests.cast import (
    COUNTY,
    GRID,
    TUESDAY,
    County,
    plain_reason,
    point_in,
    report_leak,
    voice_of,
)  # fmt: skip

Login = Callable[[str], Client]


@pytest.fixture(autouse=True)
def address(settings: LazySettings) -> None:
    settings.ADDRESS = "https://gezhi.example"


def tell() -> int:
    """Tell of the whole book, as if it was read from its first line."""
    return actions.note(list(Line.objects.order_by("id")), now=clock.now())


def told(event: str, audience: str) -> list[Notice]:
    return list(Notice.objects.filter(event=event, audience=audience).order_by("id"))


def logins(notices: list[Notice]) -> list[str]:
    return sorted(each.account.login for each in notices if each.account)


def test_who_reported_hears_who_has_it_until_when_and_where_to_look(
    county: County, handled: Case
) -> None:
    tell()
    (accepted,) = told("accepted", "reporter")
    due = Deadline.objects.get(case=handled, kind="finish").due
    sent = Delivery.objects.get(notice=accepted)
    assert sent.channel == "sms"
    assert sent.address == "13812345678"
    assert f"由柳树村综治中心负责，{clock_words(due)}前办结" in sent.words
    assert f"https://gezhi.example/track/{handled.number}/" in sent.words
    assert "水务局" in told("assigned", "reporter")[0].words


def clock_words(due: datetime) -> str:
    local = timezone.localtime(due)
    return f"{local.month}月{local.day}日{local:%H:%M}"


def test_the_unit_that_gets_it_is_told_on_its_desks_and_in_its_group(
    county: County, handled: Case
) -> None:
    tell()
    at_desk = [each for each in told("assigned", "holder") if each.account_id]
    assert logins(at_desk) == ["shui", "shuiba"]
    assert all(each.is_on_desk and each.read_at is None for each in at_desk)
    (group,) = [each for each in told("assigned", "holder") if each.unit_id]
    assert Delivery.objects.get(notice=group).address == "dept-water"
    assert not Delivery.objects.filter(notice__in=at_desk).exists(), "they chose no other way"


def test_nobody_is_told_of_what_they_did_themselves(county: County, case: Case) -> None:
    cases.escalate(
        case.id, reason=plain_reason("escalate"), words="村里没有水管工", actor=county.actor("cun")
    )
    tell()
    assert logins(told("escalated", "holder")) == ["zhen"]
    assert "cun" not in logins(list(Notice.objects.all()))


def test_the_book_read_again_tells_nobody_twice(county: County, handled: Case) -> None:
    made = tell()
    assert made == Notice.objects.count() > 0
    before = Delivery.objects.count()
    assert tell() == 0
    assert (Notice.objects.count(), Delivery.objects.count()) == (made, before)


def read_on(*, most: int) -> None:
    """To the end of the book, however long other tests' transactions hold the follower back."""
    last = Line.objects.latest("id").id
    while not Cursor.objects.filter(name="notices", line__gte=last).exists():
        run_until_heard("notices", most=most)


@contextmanager
def deliveries_break() -> Iterator[None]:
    """Within, no delivery can be written: what was written before it in the batch is lost too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'broken off'; END $$;"
            " CREATE TRIGGER break_off BEFORE INSERT ON notices_delivery"
            " FOR EACH ROW EXECUTE FUNCTION break_off()"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION break_off CASCADE")


def test_a_follower_that_breaks_off_in_a_batch_neither_doubles_nor_skips(
    committed: County,
) -> None:
    case = report_leak().case
    cun = committed.actor("cun")
    cases.accept(case.id, category=case.proposed_category, actor=cun)
    cases.assign(case.id, unit=committed.unit("dept-water"), actor=cun)
    with deliveries_break(), pytest.raises(DatabaseError):
        read_on(most=500)
    assert Notice.objects.count() == Delivery.objects.count() == 0
    read_on(most=2)
    count = Notice.objects.count()
    events = list(Notice.objects.order_by("id").values_list("event", "audience").distinct())
    assert ("accepted", "reporter") in events
    assert ("assigned", "holder") in events
    restart_follower("notices")
    read_on(most=500)
    assert Notice.objects.count() == count


def test_history_that_is_filled_in_is_read_already_and_calls_nobody(county: County) -> None:
    with clock.standing_at(TUESDAY):
        case = report_leak().case
        cun = county.actor("cun")
        cases.accept(case.id, category=case.proposed_category, actor=cun)
        cases.assign(case.id, unit=county.unit("dept-water"), actor=cun)
    with clock.standing_at(TUESDAY + timedelta(minutes=61)):
        tell()
    assert logins(told("assigned", "holder")) == ["shui", "shuiba"]
    assert all(each.read_at == TUESDAY for each in Notice.objects.all())
    assert not Delivery.objects.exists()


def test_who_is_on_leave_is_not_told(county: County, case: Case) -> None:
    shui = county.accounts["shui"]
    now = clock.now()
    people.take_leave(
        account=shui.id, kind="leave", starts=now, ends=now + timedelta(days=3),
        actor=county.actor("guan"),
    )  # fmt: skip
    cun = county.actor("cun")
    cases.accept(case.id, category=case.proposed_category, actor=cun)
    cases.assign(case.id, unit=county.unit("dept-water"), actor=cun)
    tell()
    assert logins(told("assigned", "holder")) == ["shuiba"]


def test_whoever_follows_and_whose_case_was_merged_hear_it_under_their_own_number(
    county: County, case: Case
) -> None:
    lon, lat = point_in(GRID)
    second = cases.report(
        county=COUNTY,
        what="水管又破了，路上都是水",
        where=cases.Where(lon=lon, lat=lat),
        channel="portal",
        contact=cases.Contact(phone="13900000002"),
        actor=NOBODY,
    )
    cases.follow(
        case.id,
        channel="portal",
        words="我家门口也是",
        contact=cases.Contact(phone="13900000003"),
        county=COUNTY,
        actor=NOBODY,
    )
    cun = county.actor("cun")
    cases.accept(case.id, category=case.proposed_category, actor=cun)
    cases.accept(second.case.id, category=case.proposed_category, actor=cun)
    cases.merge(second.case.id, main=case.id, actor=cun)
    cases.ask(case.id, words="水是从哪一头漏出来的？", actor=cun)
    tell()
    asked = Delivery.objects.filter(notice__event="asked")
    by_phone = {row.address: row.notice.number for row in asked}
    assert by_phone == {
        "13812345678": case.number,
        "13900000003": case.number,
        "13900000002": second.case.number,
    }
    (merged,) = told("merged", "reporter")
    assert merged.number == second.case.number


def test_residents_read_no_inner_words_and_no_names(county: County, handled: Case) -> None:
    """Whatever is said inside the house, at every step of a case."""
    cun, shui, du = (county.actor(name) for name in ("cun", "shui", "du"))
    cases.note(handled.id, words="机密：诉求人脾气大", actor=shui)
    cases.supervise(handled.id, words="机密：限期不办就通报", actor=du)
    cases.answer_supervision(handled.id, words="机密：人手不够", actor=shui)
    cases.pause(
        handled.id, reason=plain_reason("pause"), until=clock.now() + timedelta(days=1),
        words="机密：等钱", actor=shui,
    )  # fmt: skip
    cases.finish(
        handled.id, outcome="cannot", reason=plain_reason("cannot"), answer="水管换好了，请放心。",
        actor=shui,
    )  # fmt: skip
    cases.visit_back(
        handled.id,
        is_reached=True,
        is_solved=False,
        words="机密：还在骂",
        actor=county.actor("fang"),
    )
    tell()
    outside = Delivery.objects.filter(notice__report__isnull=False)
    assert {"accepted", "finished", "returned"} <= set(
        outside.values_list("notice__event", flat=True)
    )
    for row in outside:
        assert "机密" not in row.words
        for account in county.accounts.values():
            assert account.name not in row.words
        assert "李秀兰" not in row.words
        assert "柳树村三社" not in row.words
    assert cun.label
    inside = Notice.objects.filter(event="supervised", is_on_desk=True)
    assert any("机密：限期不办就通报" in each.words for each in inside)


def test_the_end_and_the_question_whether_it_is_one_are_one_message(
    county: County, handled: Case
) -> None:
    cases.finish(
        handled.id, outcome="cannot", reason=plain_reason("cannot"), answer="水管换好了，请放心。",
        actor=county.actor("shui"),
    )  # fmt: skip
    tell()
    rows = Delivery.objects.filter(notice__event__in=["finished", "rating_asked"])
    assert len(rows) == 2
    assert len({row.bundle for row in rows}) == 1


def test_who_left_no_mobile_number_is_not_written_to(county: County) -> None:
    lon, lat = point_in(GRID)
    for phone in ("", "0930-1234567", "12345"):
        case = cases.report(
            county=COUNTY,
            what="路灯不亮",
            where=cases.Where(lon=lon, lat=lat),
            channel="portal",
            contact=cases.Contact(name="张三", phone=phone),
            actor=NOBODY,
        ).case
        cases.accept(case.id, category=case.proposed_category, actor=county.actor("cun"))
    tell()
    assert not told("accepted", "reporter")


def test_an_answer_is_told_the_house_with_its_numbers_masked_and_not_who_gave_it(
    county: County, reported: cases.Reported, handled: Case
) -> None:
    cases.ask(handled.id, words="哪一头漏？", actor=county.actor("shui"))
    (question,) = [line for line in Line.objects.all() if line.kind == "reporter_asked"]
    assert question.data["question"]
    voice = voice_of(reported)
    cases.answer(handled.id, words="东头，电话 13812345678", actor=voice)
    tell()
    assert logins(told("answered", "holder")) == ["shui", "shuiba"]
    assert not told("answered", "reporter")


@pytest.mark.parametrize("audience", ["holder", "leader"])
def test_a_broken_promise_is_told_those_it_was_announced_for_and_the_reporter_once(
    county: County, handled: Case, audience: str
) -> None:
    row = Deadline.objects.get(case=handled, kind="finish")
    for each, login in (("holder", "shui"), (audience, "ling")):
        announce(
            PromiseBroken(
                case=handled.id, number=handled.number, deadline=row.id, promise="finish",
                unit=row.unit_id, due=row.due, path=handled.path, audience=each,
                told=(county.accounts[login].id,),
            ),
            about=f"case:{handled.id}", county=COUNTY, actor=NOBODY, now=clock.now(),
        )  # fmt: skip
    tell()
    assert logins(told("broken", "holder") + told("broken", "leader")) == ["ling", "shui"]
    (late,) = told("broken", "reporter")
    assert "没能按时办结" in late.words
    assert not told("broken", "centre")


def test_reminders_of_the_houses_own_promises_are_not_the_reporters(
    county: County, handled: Case
) -> None:
    row = Deadline.objects.get(case=handled, kind="finish")
    announce(
        PromiseReminded(
            case=handled.id, number=handled.number, deadline=row.id, promise="sign",
            unit=row.unit_id, due=row.due, path=handled.path, audience="holder",
            told=(county.accounts["shui"].id,), percent=80,
        ),
        about=f"case:{handled.id}", county=COUNTY, actor=NOBODY, now=clock.now(),
    )  # fmt: skip
    tell()
    (notice,) = [each for each in told("reminded", "holder") if each.account_id]
    assert "80%" in notice.words
    assert "签收" in notice.words
    assert not told("reminded", "reporter")


def test_an_english_reader_is_told_in_english(county: County, case: Case) -> None:
    shui = county.accounts["shui"]
    people.change_account(shui.id, language="en", actor=county.actor("guan"))
    cun = county.actor("cun")
    cases.accept(case.id, category=case.proposed_category, actor=cun)
    cases.assign(case.id, unit=county.unit("dept-water"), actor=cun)
    tell()
    by_login = {
        each.account.login: each.words for each in told("assigned", "holder") if each.account
    }
    assert "Please sign for it" in by_login["shui"]
    assert "请立即签收" in by_login["shuiba"]


def test_who_demanded_is_told_the_answer_wherever_they_sit(county: County, handled: Case) -> None:
    du, shui = county.actor("du"), county.actor("shui")
    cases.supervise(handled.id, words="今天答复", actor=du)
    cases.answer_supervision(handled.id, words="明天就好。", actor=shui)
    tell()
    (mine,) = told("supervision_answered", "asker")
    assert mine.account
    assert mine.account.login == "du"
    assert mine.is_on_desk
    assert mine.words.endswith("，明天就好。")
    assert "cun" in logins(told("supervision_answered", "centre")), "as the centre is"


def test_who_looks_after_it_and_demanded_is_told_once(county: County, handled: Case) -> None:
    cases.supervise(handled.id, words="今天答复", actor=county.actor("zhendu"))
    cases.answer_supervision(handled.id, words="明天就好", actor=county.actor("shui"))
    tell()
    answers = Notice.objects.filter(event="supervision_answered", account__isnull=False)
    assert sorted(logins(list(answers))).count("zhendu") == 1


def test_at_the_moment_a_promise_breaks_everybody_is_told_once(
    county: County, handled: Case
) -> None:
    row = Deadline.objects.get(case=handled, kind="finish")
    take_steps(county=COUNTY, now=row.due + timedelta(minutes=2))
    lines = Line.objects.filter(kind__in=["promise_broken", "promise_climbed"])
    of_this = [line for line in lines if line.data["deadline"] == str(row.id)]
    assert {line.kind for line in of_this} == {"promise_broken", "promise_climbed"}
    by_line = {line.id: line for line in of_this}
    for line in Line.objects.order_by("id"):
        actions.note([line], now=clock.now())  # in whatever batches the book is read
    causes = {f"line:{id}" for id in by_line}
    told_of = Notice.objects.filter(cause__in=causes)
    whom = [each.account_id or each.unit_id for each in told_of]
    assert len(whom) == len(set(whom)) > 0
    assert not any("逐级上报" in each.words for each in told_of)


def test_a_later_rung_is_told_who_heard_of_the_break(county: County, handled: Case) -> None:
    row = Deadline.objects.get(case=handled, kind="finish")
    shui = county.accounts["shui"].id
    values = {
        "case": handled.id, "number": handled.number, "deadline": row.id, "promise": "finish",
        "unit": row.unit_id, "due": row.due, "path": handled.path, "audience": "head",
        "told": (shui,),
    }  # fmt: skip
    about, now = f"case:{handled.id}", clock.now()
    announce(PromiseBroken(**values), about=about, county=COUNTY, actor=NOBODY, now=now)
    for hours in (0, 1):
        later = now + timedelta(hours=hours)
        rung = PromiseClimbed(**values, rung=hours + 1)
        announce(rung, about=about, county=COUNTY, actor=NOBODY, now=later)
    tell()
    assert len(told("broken", "head")) == 2, "one person and one group"
    climbed = [each for each in told("climbed", "head") if each.account_id]
    assert [each.at for each in climbed] == [now + timedelta(hours=1)]
    assert "请负责人处置" in climbed[0].words
