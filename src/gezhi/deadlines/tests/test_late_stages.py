"""Stages that are late: who hears of it, and how pages and programs call them."""

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.cases import actions
from gezhi.cases.models import Case
from gezhi.deadlines.models import Deadline, Raised
from gezhi.deadlines.tests.staging import (
    DAY,
    HOUR,
    ILLEGAL,
    OTHER,
    SAID,
    STOP,
    STOPPED,
    Login,
    begun,
    finish_of,
    reach,
    row_of,
    watch,
)
from gezhi.record.models import Line
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import add_span
from tests.cast import COUNTY, TUESDAY, County


def climbed(row: Deadline) -> list[tuple[str, datetime]]:
    found = Raised.objects.filter(deadline=row, step__startswith="climb:").order_by("at", "step")
    return [(one.step, one.at) for one in found]


def test_who_hears_of_a_stage_that_was_born_late_has_the_time_of_the_ladder(
    county: County,
) -> None:
    case = begun(county, OTHER)
    born = STOP + 3 * DAY  # on Friday at three
    with clock.standing_at(born):
        actions.reclassify(case.id, category=ILLEGAL, actor=county.actor("cun"))
    watch(born)
    stop = row_of(case, STOPPED)
    assert (stop.due, stop.broken_at) == (STOP, born)
    ladder = rulebook.current(COUNTY).ladder(
        "stage", category=ILLEGAL, size="hard", channel="portal", level="village"
    )
    calendar = rulebook.current(COUNTY).calendar.for_unit("dept-water")
    ahead = [add_span(born, rung.after, calendar) for rung in ladder]
    assert ahead[-1] > ahead[0] >= born
    came = climbed(stop)
    assert len(came) < len(ladder), "whoever hears of it first has their time"
    assert Raised.objects.get(deadline=stop, step=came[-1][0]).told
    for number, at in list(enumerate(ahead, start=1))[len(came) :]:
        watch(at)
        assert (f"climb:{number}", at) in climbed(stop)


def test_a_finish_that_moves_into_the_past_climbs_from_then_on(county: County) -> None:
    """And nobody's time on the ladder is shortened by another size."""
    case, cun = begun(county, OTHER), county.actor("cun")
    first = finish_of(case).due
    with clock.standing_at(TUESDAY + HOUR):
        actions.reclassify(case.id, category=OTHER, size="hard", actor=cun)
    moved = first + 2 * DAY
    with clock.standing_at(moved):
        actions.reclassify(case.id, category=OTHER, actor=cun)
        row = finish_of(case)
        assert (row.due, row.due + row.grace) == (first, moved)
        actions.ask(case.id, words="是哪一户？", actor=county.actor("shui"))
    with clock.standing_at(moved + DAY):
        actions.reclassify(case.id, category=OTHER, size="hard", actor=cun)
        actions.reclassify(case.id, category=OTHER, actor=cun)
        assert finish_of(case).grace == row.grace, "what stands while they are asked is not theirs"
        actions.resume(case.id, actor=county.actor("shui"))
    watch(moved + DAY)
    assert len(climbed(finish_of(case))) < 2


def test_a_due_moment_that_comes_back_is_not_told_twice(county: County) -> None:
    case, cun = begun(county, OTHER), county.actor("cun")
    first = finish_of(case).due
    for size, after in (("hard", 2), ("big", 4)):
        watch(first + timedelta(hours=after - 1))
        with clock.standing_at(first + timedelta(hours=after)):
            actions.reclassify(case.id, category=OTHER, size=size, actor=cun)
    again = first + timedelta(hours=5)
    watch(again)
    row = finish_of(case)
    assert row.due == first
    assert row.next_at is None or row.next_at > again
    assert row.broken_at == first + HOUR
    told = Raised.objects.filter(deadline=row, step="break")
    assert told.count() == 1


def test_a_late_stage_is_told_by_its_name_and_climbs_as_a_finish_does(
    county: County, login: Login
) -> None:
    case = begun(county)
    watch(STOP + timedelta(minutes=1))
    steps = list(Raised.objects.filter(deadline=row_of(case, STOPPED)).order_by("at", "id"))
    assert [one.step for one in steps][:3] == ["remind:50", "remind:80", "break"]
    said = Line.objects.get(about=f"case:{case.id}", kind="promise_broken").data
    assert (said["promise"], said["stage"]) == ("stage", STOPPED)
    watch(STOP + 30 * DAY)
    climbed = Raised.objects.filter(deadline=row_of(case, STOPPED), step__startswith="climb")
    assert [one.audience for one in climbed.order_by("at", "id")] == [
        "head", "centre", "above", "top", "leader",
    ]  # fmt: skip
    assert finish_of(case).rung


@pytest.fixture
def late(county: County) -> Case:
    """A minute after the building should have been stopped."""
    case = begun(county)
    watch(STOP + timedelta(minutes=1))
    return case


def test_pages_call_a_stage_by_its_name(late: Case, login: Login) -> None:
    with clock.standing_at(STOP + timedelta(minutes=2)):
        page = login("shui").get(f"/desk/cases/{late.number}/").content.decode()
        supervised = login("du").get("/desk/supervision/").content.decode()
        english = login("shui").get(
            f"/desk/cases/{late.number}/", headers={"Accept-Language": "en"}
        )
    head = re.sub("<[^>]+>", " ", page[page.index('class="gz-due') :][:900])
    assert "水务局 须在" in head
    assert "前停工" in head
    assert "<strong>停工</strong>" in page
    assert "<strong>处罚</strong>" in page
    assert "停工 超时" in supervised
    assert "<strong>Stop the building</strong>" in english.content.decode()


def test_everybody_reads_what_was_reached_and_when(
    late: Case, county: County, login: Login, rita: Client
) -> None:
    actions.publish(late.id, is_public=True, actor=county.actor("du"))
    with clock.standing_at(STOP + HOUR):
        reach(late, STOPPED, county)
        page = login("shui").get(f"/desk/cases/{late.number}/").content.decode()
        shown = rita.get(f"/track/{late.number}/").content.decode()
    owed = page[page.index("<strong>停工</strong>") :][:600]
    assert "超时 1 小时完成" in owed
    assert "今天 16:00 完成" in owed
    assert "<strong>阶段完成：停工</strong>" in page
    assert "阶段完成：停工" in shown
    assert SAID in shown
