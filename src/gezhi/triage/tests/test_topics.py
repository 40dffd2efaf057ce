"""Topics as the hourly search keeps them: what forms one, who sees it, what is never in one."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from gezhi.base import clock
from gezhi.base.actor import NOBODY, system
from gezhi.base.refusal import NotAllowed, NotFound
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.triage import actions, jobs
from gezhi.triage.actions import roots
from gezhi.triage.actions import topics as finding
from gezhi.triage.models import Topic, TopicCase, TopicRun
from gezhi.triage.reads import topics as reads
from gezhi.triage.reads.topics_rises import rises
from gezhi.triage.rules import topics as rules
from gezhi.triage.rules.runs import LOST_AFTER, RunState
from gezhi.triage.tests.board import ROAD, WATER, tell, tell_all
from gezhi.triage.tests.named import FAR_GRID, add_names
from tests.cast import COUNTY, FAR_VILLAGE, GRID, OTHER, SETTING_UP, TOWN, VILLAGE, County

FAR = f"{FAR_VILLAGE}001"
WAGES = (
    "包工头四个月没发工资，打电话不接",
    "包工头欠我四个月工资，打电话也不接",
    "四个月的工资包工头一直没发，电话不接",
    "包工头四个月的工资不发，电话也打不通",
)
KIND, OTHER_KIND = "utility.water.quality", "traffic.road.collapse"


@pytest.fixture
def now(county: County) -> datetime:
    return clock.now()


@pytest.fixture
def water(now: datetime) -> list[Case]:
    return tell_all(WATER, at=GRID, now=now, category=KIND)


@pytest.fixture
def road(now: datetime) -> list[Case]:
    return tell_all(ROAD, at=FAR, now=now, category=OTHER_KIND)


def find() -> None:
    finding.run_hourly(COUNTY)


def members(topic: Topic) -> set[Any]:
    return set(TopicCase.objects.filter(topic=topic).values_list("case_id", flat=True))


def test_the_hour_finds_what_many_speak_of(water: list[Case], road: list[Case]) -> None:
    jobs.find_topics_hourly(0)
    here, there = Topic.objects.order_by("path")
    assert (here.path, here.category, here.cases, here.reports) == (GRID, KIND, 4, 4)
    assert (there.path, there.cases, sum(there.days)) == (FAR, 3, 3)
    assert members(here) == {case.id for case in water}
    assert here.first_at == water[0].opened_at
    run = TopicRun.objects.get()
    assert (run.state, run.done, run.total, run.found) == (RunState.DONE, 7, 7, 2)


def test_a_second_search_changes_nothing_but_the_hour(water: list[Case]) -> None:
    find()
    before = Topic.objects.get()
    kept = members(before)
    find()
    after = Topic.objects.get()
    assert after.id == before.id
    assert members(after) == kept


def test_a_topic_that_grows_keeps_its_name(water: list[Case], now: datetime) -> None:
    find()
    before = Topic.objects.get()
    tell("柳树村自来水又发黄了，铁锈味很重", opened_at=now, category=KIND)
    find()
    assert Topic.objects.get().id == before.id
    assert Topic.objects.get().cases == 5


def test_a_topic_that_nobody_speaks_of_any_more_is_closed(
    water: list[Case], monkeypatch: Any
) -> None:
    find()
    later = clock.now() + timedelta(weeks=5)
    monkeypatch.setattr(clock, "now", lambda: later)
    find()
    assert not Topic.objects.get().is_open
    monkeypatch.setattr(clock, "now", lambda: later + timedelta(days=200))
    find()
    assert not Topic.objects.exists()


def test_followers_and_likes_make_it_hotter(water: list[Case], road: list[Case]) -> None:
    find()
    before = Topic.objects.get(category=KIND)
    cases.follow(water[0].id, channel="portal", county=COUNTY, actor=NOBODY)
    find()
    followed = Topic.objects.get(category=KIND)
    assert (followed.reports, followed.cases) == (before.reports + 1, before.cases)
    assert followed.heat > before.heat + 0.4
    actions.note_likes(water[1].id, likes=5, dislikes=1, county=COUNTY)
    actions.note_likes(water[1].id, likes=99, dislikes=0, county=COUNTY)
    find()
    liked = Topic.objects.get(category=KIND)
    assert liked.likes == 99
    assert liked.heat > followed.heat + 1


def test_what_is_secret_sensitive_or_taken_back_is_in_no_topic(
    county: County, now: datetime
) -> None:
    for what in WATER:
        tell(what, opened_at=now, category=KIND, is_secret=True)
    for what in ROAD:
        tell(what, at=FAR, opened_at=now, category="safety.theft")
    find()
    assert not Topic.objects.exists()


def test_what_is_everybody_s_own_affair_is_no_topic_of_a_place(
    county: County, now: datetime
) -> None:
    for what in WAGES:
        tell(what, opened_at=now, category="labour.wage")
    find()
    assert not Topic.objects.exists()


def test_more_of_one_kind_in_many_places_is_a_rise_and_no_topic(
    county: County, now: datetime
) -> None:
    """The same words in two towns: each its own lamp, and more of them than before."""
    for at in (GRID, FAR):
        for ago in range(5):
            tell("路灯不亮，晚上走路看不见", at=at, opened_at=now - timedelta(days=ago, hours=1),
                 category="utility.lamp")  # fmt: skip
    tell("路灯不亮", opened_at=now - timedelta(days=20), category="utility.lamp")
    find()
    assert {one.path for one in Topic.objects.all()} == {GRID, FAR}

    def risen(login: str, **more: str) -> list[tuple[str, int, int, int]]:
        found = rises(county.actor(login), county=COUNTY, now=now, **more)
        return [(one.category, one.week, one.before, one.towns) for one in found]

    assert risen("du") == [("utility.lamp", 10, 1, 2)]
    assert risen("zhendu") == [], "five and one may be chance"
    assert risen("du", category=KIND) == risen("du", path=f"{FAR_VILLAGE}") == []
    Case.objects.filter(path=FAR).update(is_secret=True)
    assert risen("du") == []
    with pytest.raises(NotAllowed):
        risen("shui")


def test_what_becomes_secret_later_is_not_shown(county: County, water: list[Case]) -> None:
    find()
    topic = Topic.objects.get()
    Case.objects.filter(pk__in=[case.pk for case in water[:3]]).update(is_secret=True)
    shown = reads.members_of(county.actor("du"), topic)
    assert [member.case_id for member in shown] == [water[3].id]
    Case.objects.filter(pk=water[3].pk).update(category="safety.theft")
    with pytest.raises(NotFound):
        reads.topic_for(county.actor("du"), topic.id, county=COUNTY)


def test_each_sees_the_topics_of_their_area(
    county: County, water: list[Case], road: list[Case]
) -> None:
    find()

    def seen(login: str) -> set[str]:
        return {one.path for one in reads.topics(county.actor(login), county=COUNTY)}

    assert seen("du") == {GRID, FAR}
    assert seen("zhendu") == {GRID}
    assert seen("bie") == {FAR}
    for login in ("shui", "wang", "guan", "shen"):
        with pytest.raises(NotAllowed):
            seen(login)


def test_of_a_topic_of_two_towns_each_reads_the_words_of_their_own(
    county: County, now: datetime
) -> None:
    """Reports without a village are the county's own; a town sees those that lie in it."""
    text = "全县自来水发黄有铁锈味，水厂什么时候修好"
    tell(text, at=COUNTY, opened_at=now, category=KIND)
    tell(text, at=TOWN, opened_at=now, category=KIND)
    tell(text + "，高塬村也一样", at=COUNTY, opened_at=now, category=KIND)
    find()
    topic = Topic.objects.get()
    assert reads.members_of(county.actor("du"), topic).count() == 3
    assert reads.members_of(county.actor("zhen"), topic).count() == 1
    assert reads.seen_of(county.actor("zhen"), [topic], county=COUNTY)[topic.id].cases == 1
    assert (topic.path, topic.towns) == (COUNTY, [TOWN])
    with pytest.raises(NotFound):
        reads.topic_for(county.actor("bie"), topic.id, county=COUNTY)


def test_a_topic_is_told_by_what_several_say_and_keeps_nobody_s_words(
    county: County, water: list[Case]
) -> None:
    find()
    topic = Topic.objects.get()
    assert topic.words == ["自来水", "铁锈", "发黄"]
    told = reads.members_of(county.actor("du"), topic)
    assert all(reads.clause_of(one) in one.case.what for one in told)
    cases.anonymise_report(water[0].reports.get().id, reason="asked", actor=system("tests"))
    topic.refresh_from_db()
    assert topic.words == []
    assert not TopicCase.objects.filter(case=water[0]).exclude(start=0, end=0).exists()


def test_a_road_through_two_towns_is_one_thing_to_both(county: County, now: datetime) -> None:
    """An estate of each town is not, nor one of which nobody knows which it is."""
    add_names()
    for at in (GRID, FAR_GRID):
        for what in ("滨河大道洒水车半夜按喇叭，扰民睡不着", "滨河大道洒水车天天按喇叭扰民"):
            tell(what, at=at, opened_at=now, category="env.noise")
    tell("阳光小区停水", opened_at=now, category="utility.water.pipe")
    tell("阳光小区停水", at=COUNTY, opened_at=now, category="utility.water.pipe")
    tell("金桂花园停水", at=COUNTY, opened_at=now, category="utility.water.pipe")
    told = reads.reports_told(COUNTY, since=now - timedelta(days=1), until=now + timedelta(days=1))
    assert sorted((one.path[:9], one.names) for one in told) == [
        (COUNTY, ()),
        (COUNTY, ("金桂花园",)),
        *[(TOWN, ("滨河大道",))] * 2,
        (TOWN, ("阳光小区",)),
        *[(OTHER, ("滨河大道",))] * 2,
    ]
    find()
    topic = Topic.objects.get()
    assert (topic.path, topic.place, topic.cases) == (COUNTY, "滨河大道", 4)


def test_a_search_under_way_is_not_begun_twice_and_a_lost_one_is(
    county: County, monkeypatch: Any
) -> None:
    actor = county.actor("du")
    first = actions.ask_run(county=COUNTY, actor=actor)
    assert actions.ask_run(county=COUNTY, actor=actor).id == first.id
    later = clock.now() + LOST_AFTER + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    second = actions.ask_run(county=COUNTY, actor=actor)
    assert second.id != first.id
    finding.work_on(first.id)
    assert TopicRun.objects.get(pk=first.id).state == RunState.FAILED
    jobs.find_topics(str(second.id))
    assert TopicRun.objects.get(pk=second.id).state == RunState.DONE
    with pytest.raises(NotAllowed):
        actions.ask_run(county=COUNTY, actor=county.actor("zhen"))


def test_who_asks_in_the_same_moment_gets_the_search_of_the_other(
    county: County, monkeypatch: Any
) -> None:
    first = actions.ask_run(county=COUNTY, actor=county.actor("du"))
    monkeypatch.setattr(reads, "working_run", lambda _county: None)  # not there yet when looked for
    assert actions.ask_run(county=COUNTY, actor=county.actor("zhendu")).id == first.id
    assert TopicRun.objects.count() == 1


def test_a_search_that_fails_says_so_and_leaves_what_there_was(
    water: list[Case], monkeypatch: Any
) -> None:
    find()
    monkeypatch.setattr(rules, "find_topics", lambda *args, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        find()
    assert Topic.objects.get().is_open
    assert reads.newest_run(COUNTY).state == RunState.FAILED  # type: ignore[union-attr]


def test_topics_follow_their_area(water: list[Case]) -> None:
    find()
    roots.rewrite_paths([(VILLAGE, f"{OTHER}299")], actor=SETTING_UP, now=clock.now())
    assert Topic.objects.get().path == f"{OTHER}299001"
