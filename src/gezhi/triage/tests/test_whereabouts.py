"""From words to a place: a table of sentences, questions, and what must never happen."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.places import actions as place_actions
from gezhi.places.errors import OutsideCounty
from gezhi.places.rules import NamedPlace, NewName
from gezhi.triage import reads
from gezhi.triage.rules import Gazetteer, Whereabouts, settle
from gezhi.triage.tests.named import (
    FAR_GRID,
    FOURTH_GRID,
    NAMESAKE,
    NEW_TOWN,
    PEACE,
    PEACE_GRID,
    SCHOOL,
    SECOND_GRID,
    THIRD_GRID,
    add_names,
)
from tests.cast import (
    COUNTY,
    FAR_VILLAGE,
    GRID,
    OTHER,
    SECOND,
    SETTING_UP,
    TOWN,
    VILLAGE,
    County,
    point_in,
)

ASKS, NOTHING = "?", "-"

# What somebody writes to say where → the path it is taken for, a question, or nothing.
SENTENCES = [
    # areas: full, official, short, old
    ("柳树村", VILLAGE),
    ("柳树", VILLAGE),
    ("柳树村村口", VILLAGE),
    ("在柳树村委会门口", VILLAGE),
    ("河湾镇", TOWN),
    ("河湾镇政府对面", TOWN),
    ("河湾街上", TOWN),
    ("石坪镇高塬村", FAR_VILLAGE),
    ("高塬", FAR_VILLAGE),
    ("石崖村", FAR_VILLAGE),
    ("朔渭县河湾镇柳树村", VILLAGE),
    ("和平村", PEACE),
    ("石坪和平", PEACE),
    ("新城社区", NEW_TOWN),
    ("新城居委会", NEW_TOWN),
    ("新城社区居委会楼下", NEW_TOWN),
    # grids by number, groups by number
    ("柳树村第二网格", SECOND_GRID),
    ("柳树村2网格", SECOND_GRID),
    ("柳树村 第2网格 路边", SECOND_GRID),
    ("和平村二组", PEACE_GRID),
    ("和平村1社", PEACE),
    ("和平村四组涝池边", f"{PEACE}002"),
    ("柳树村三组", VILLAGE),
    ("石坪镇 和平村 第一组", PEACE_GRID),
    ("河湾镇三组", TOWN),
    # one name in two towns
    ("新庄村", ASKS),
    ("河湾镇新庄村", SECOND),
    ("石坪镇新庄村口", NAMESAKE),
    ("石坪的新庄村", NAMESAKE),
    ("新庄村老粮站", THIRD_GRID),
    # roads and their numbers
    ("东街12号", ASKS),
    ("河湾镇东街12号", VILLAGE),
    ("柳树村东街 12 号", VILLAGE),
    ("石坪镇东街上", FAR_GRID),
    ("建设路", GRID),
    ("建设路路灯不亮", GRID),
    ("滨河大道", COUNTY),
    ("滨河大道高塬村段", FAR_VILLAGE),
    ("我们东街的路灯", ASKS),
    ("河东街12号", NOTHING),
    # crossings, stretches
    ("东街与建设路交叉口", GRID),
    ("建设路东街十字路口", GRID),
    ("建设路和东街路口西南角", GRID),
    ("建设路到和平路之间", VILLAGE),
    ("文化广场到县医院之间", VILLAGE),
    # estates, schools, hospitals, markets, buildings
    ("金桂花园5号楼二单元", SECOND_GRID),
    ("金桂花园五号楼楼下", SECOND_GRID),
    ("金桂花园7号楼旁边", SECOND_GRID),
    ("柳树村阳光小区 3号楼对面", GRID),
    ("金桂花园", SECOND_GRID),
    ("阳光小区3栋", ASKS),
    ("柳树村阳光小区", GRID),
    ("石坪镇阳光小区三号楼", FAR_GRID),
    ("朔渭县第一中学", SCHOOL),
    ("县一中", SCHOOL),
    ("一中门口", SCHOOL),
    ("朔渭一中", SCHOOL),
    ("朔渭县一中操场", SCHOOL),
    ("县第一中学", SCHOOL),
    ("第一中学操场", SCHOOL),
    ("一中对面", GRID),
    ("县医院", SECOND_GRID),
    ("人民医院门诊楼前", SECOND_GRID),
    ("文化广场旁边", GRID),
    ("河湾农贸市场后门", GRID),
    ("农贸市场", GRID),
    ("南桥桥头", FOURTH_GRID),
    ("鸿运大厦", SECOND_GRID),
    ("王家嘴", FAR_VILLAGE),
    ("老粮站附近", THIRD_GRID),
    # common words, pieces of others, nothing
    ("新村", ASKS),
    ("柳树村新村", GRID),
    ("和平路灯坏了", NOTHING),
    ("和平路路灯坏了", SECOND_GRID),
    ("希望大家和平相处", NOTHING),
    ("新城建设得好", NOTHING),
    ("黄家巷口", NOTHING),
    ("家门口", NOTHING),
    ("", NOTHING),
    ("渭水河边", COUNTY),
    ("柳树村渭水河边", VILLAGE),
    ("北京市东城区", NOTHING),
]


def said(found: Whereabouts) -> str:
    if found.spot is not None:
        return found.spot.path
    return ASKS if found.asks else NOTHING


@pytest.fixture
def named(county: County) -> County:
    add_names()
    return county


def test_sixty_sentences_find_their_place(named: County) -> None:
    assert len(SENTENCES) >= 60
    wrong = []
    for words, wanted in SENTENCES:
        found = reads.whereabouts("", words, county=COUNTY)
        if said(found) != wanted:
            wrong.append((words, wanted, said(found), [(s.name, s.path) for s in found.spots]))
    assert not wrong, "\n".join(map(str, wrong))


def test_the_words_of_the_report_say_where_only_if_the_place_says_nothing(named: County) -> None:
    told = "柳树村二组的井盖丢了"
    assert said(reads.whereabouts(told, "", county=COUNTY)) == VILLAGE
    assert said(reads.whereabouts(told, "老粮站", county=COUNTY)) == THIRD_GRID
    assert said(reads.whereabouts("新庄村和高塬村都停水", "", county=COUNTY)) == ASKS
    # An office that is spoken of is not where it is, nor is half a word.
    assert said(reads.whereabouts("找过石坪镇政府，没人管", "", county=COUNTY)) == NOTHING
    assert said(reads.whereabouts("柳树倒了压住电线", "", county=COUNTY)) == NOTHING


def test_the_words_of_the_report_settle_a_name_that_is_there_twice(named: County) -> None:
    found = reads.whereabouts("石坪镇好多人家没水", "新庄村", county=COUNTY)
    assert said(found) == NAMESAKE


@pytest.mark.parametrize(
    ("what", "place", "wanted"),
    [
        ("我是柳树村人，县医疗中心收费太贵", "县医疗中心", ASKS),
        ("去柳树村的班车司机骂人", "汽车站", ASKS),
        ("我家在河湾镇柳树村，孩子在县二中被乱收费", "", ASKS),
        ("柳树村的老李在县城欠薪", "", ASKS),
        ("我是柳树村人，县医院收费太贵", "", SECOND_GRID),
        ("我是石坪镇人，阳光小区没水", "", FAR_GRID),
        ("柳树村的水管漏了", "家门口", VILLAGE),
        ("柳树村的水管漏了", "三组 12号", VILLAGE),
        ("柳树村的小桥塌了", "", VILLAGE),
    ],
)
def test_where_somebody_is_from_is_not_taken_for_where_it_is(
    named: County, what: str, place: str, wanted: str
) -> None:
    assert said(reads.whereabouts(what, place, county=COUNTY)) == wanted
    if wanted == ASKS:
        where = cases.Where(place=place or "不详")
        made = cases.report(
            county=COUNTY, what=what, where=where, channel="portal", actor=SETTING_UP
        )
        assert made.case.path == COUNTY


def test_where_the_reporter_is_settles_a_name_that_is_there_twice(named: County) -> None:
    asked = reads.whereabouts("", "阳光小区", county=COUNTY)
    assert asked.asks
    assert asked.spot is None
    assert {spot.path for spot in asked.spots} == {GRID, FAR_GRID}
    for near, wanted in ((SECOND, GRID), (OTHER, FAR_GRID), (COUNTY, ASKS), ("", ASKS)):
        found = reads.whereabouts("", "阳光小区", county=COUNTY, near=near)
        assert said(found) == wanted, near


def test_a_question_has_at_most_five_answers_else_the_village_is_asked(named: County) -> None:
    """Five of eight would look as if they were all."""

    def add(*paths: str) -> None:
        rows = [(line, NewName("卫生室", "hospital", path), "") for line, path in enumerate(paths)]
        place_actions.import_names(rows, county=COUNTY, actor=SETTING_UP)

    add(VILLAGE, SECOND, NEW_TOWN, FAR_VILLAGE, PEACE)
    found = reads.whereabouts("", "卫生室旁边", county=COUNTY)
    assert found.asks
    assert len(found.spots) == 5
    add(NAMESAKE)
    found = reads.whereabouts("", "卫生室旁边", county=COUNTY)
    assert found.asks
    assert found.spots == ()
    narrowed = reads.whereabouts("", "卫生室旁边", county=COUNTY, near=OTHER)
    assert {spot.path[:12] for spot in narrowed.spots} == {FAR_VILLAGE, PEACE, NAMESAKE}
    assert said(reads.whereabouts("", "和平村卫生室旁边", county=COUNTY)) == PEACE


@pytest.mark.parametrize(
    ("what", "place", "is_certain"),
    [
        ("", "柳树村三社", True),
        ("", "柳树", False),
        ("", "石坪和平", True),
        ("柳树村的水管漏了", "", False),
        ("柳树村的水管漏了", "高塬村口", False),
        ("我是柳树村人，这里的路灯坏了", "高塬村口", True),
        ("", "阳光小区", False),
        ("", "东街与建设路交叉口", True),
    ],
)
def test_it_is_certain_by_a_whole_name_or_two_that_agree(
    named: County, what: str, place: str, is_certain: bool
) -> None:
    found = reads.whereabouts(what, place, county=COUNTY)
    assert (found.is_certain, found.is_certain and not found.is_sure) == (is_certain, False)


def test_relations_are_kept_and_widen_what_is_meant(named: County) -> None:
    for words, relation in (
        ("一中", ""),
        ("一中附近", "near"),
        ("一中的对面", "opposite"),
        ("东街与建设路交叉口", "crossing"),
        ("文化广场到县医院之间", "between"),
    ):
        spot = reads.whereabouts("", words, county=COUNTY).spot
        assert (spot.relation if spot else None) == relation, words
    at, near = (
        reads.whereabouts("", words, county=COUNTY).spot for words in ("老粮站", "老粮站附近")
    )
    assert at
    assert near
    assert at.metres
    assert near.metres
    assert near.metres > at.metres
    crossing = reads.whereabouts("", "东街与建设路交叉口", county=COUNTY).spot
    assert crossing
    assert crossing.lon == pytest.approx(106.91)
    assert crossing.lat == pytest.approx(35.61)
    numbered = reads.whereabouts("", "金桂花园5号楼二单元", county=COUNTY).spot
    assert numbered
    assert numbered.words == "金桂花园5号楼二单元"


def test_a_point_wins_and_is_checked_against_the_words(named: County) -> None:
    here = point_in(GRID)
    found = reads.whereabouts("", "老粮站", county=COUNTY, point=here)
    assert found.spot
    assert found.spot.path == GRID
    assert found.disagrees
    assert [spot.name for spot in found.spots][1:] == ["老粮站"]
    for words in ("柳树村", "建设路", "朔渭县", "不知道是哪", "滨河大道", "东街", "新村"):
        found = reads.whereabouts("", words, county=COUNTY, point=here)
        assert (said(found), found.disagrees) == (GRID, False), words
    assert reads.whereabouts("", "高塬村", county=COUNTY, point=here).disagrees
    with pytest.raises(OutsideCounty):
        reads.whereabouts("", "柳树村", county=COUNTY, point=(100.0, 30.0))


@pytest.mark.parametrize(
    ("words", "channel", "path", "centre"),
    [
        ("柳树村三社", "portal", VILLAGE, VILLAGE),
        ("柳树村三社", "api", VILLAGE, VILLAGE),
        ("东街与建设路交叉口", "portal", GRID, VILLAGE),
        ("石坪镇", "portal", OTHER, OTHER),
        ("新庄村", "portal", COUNTY, COUNTY),
        ("家门口", "portal", COUNTY, COUNTY),
        ("柳树村三社", "hotline", VILLAGE, COUNTY),
    ],
)
def test_a_report_with_words_alone_begins_where_they_are_sure(
    named: County, words: str, channel: str, path: str, centre: str
) -> None:
    made = cases.report(
        county=COUNTY,
        what="路灯坏了",
        where=cases.Where(place=words),
        channel=channel,
        actor=NOBODY,
    )
    assert made.case.path == path
    assert made.case.holder_id == named.unit(f"centre-{centre}")


def test_a_new_name_is_known_at_once_and_an_ended_one_is_not(named: County) -> None:
    assert said(reads.whereabouts("", "石磨坊旁", county=COUNTY)) == NOTHING
    new = NewName("石磨坊", "other", lon=106.95, lat=35.606)
    made = place_actions.add_name(new, county=COUNTY, actor=SETTING_UP)
    assert said(reads.whereabouts("", "石磨坊", county=COUNTY)) == THIRD_GRID
    place_actions.end_name(made.id, actor=SETTING_UP)
    assert said(reads.whereabouts("", "石磨坊", county=COUNTY)) == NOTHING


def test_a_town_that_was_joined_to_another_is_found_in_it(named: County) -> None:
    table = f"{COUNTY},{OTHER},石坪镇,,gone\n"
    place_actions.change_divisions(
        table, on=date(2026, 1, 1), successors={OTHER: TOWN}, actor=SETTING_UP
    )
    assert said(reads.whereabouts("石坪镇路灯坏了", "", county=COUNTY)) == TOWN
    assert said(reads.whereabouts("", "石坪镇高塬村", county=COUNTY)) == f"{TOWN}203"
    assert said(reads.whereabouts("", "河湾镇高塬村", county=COUNTY)) == f"{TOWN}203"


def test_a_county_without_names_knows_nothing(db: None) -> None:
    assert Gazetteer("990101", []).mentions("柳树村", is_place=True) == []


_PIECES = st.sampled_from(
    [words for words, _wanted in SENTENCES]
    + list("与到的之间对面附近第二组网格号楼0123456789，。 ")
)


@pytest.fixture(scope="module")
def names() -> Gazetteer:
    """Names without a database: what they are is nothing to the reading of a text."""
    rows = [
        ("柳树村", "village", VILLAGE, 106.91, 35.61), ("新庄村", "village", SECOND, 106.95, 35.61),
        ("新庄村", "village", NAMESAKE, 106.99, 35.6), ("河湾镇", "town", TOWN, 106.94, 35.6),
        ("东街", "road", VILLAGE, 106.92, 35.61), ("新村", "hamlet", FAR_GRID, 106.98, 35.61),
        ("一二组网格", "grid", GRID, 106.91, 35.61), ("阳光小区", "estate", GRID, 106.9, 35.6),
    ]  # fmt: skip
    return Gazetteer(COUNTY, [NamedPlace(n, k, p, (x, y), 50.0) for n, k, p, x, y in rows])


def test_no_village_is_said_where_none_is_known() -> None:
    """Else every text were read twice as soon as one name in the county waits."""
    waiting = NamedPlace("老磨坊", "other", GRID, (106.9, 35.6), 50.0, is_waiting=True)
    village = NamedPlace("柳树村", "village", VILLAGE, (106.91, 35.61), 50.0)
    names = Gazetteer(COUNTY, [waiting, village])
    nothing, told = (names.mentions(text, is_place=True) for text in ("路灯坏了", "柳树村"))
    assert names.villages_said(nothing, "") == frozenset()
    assert names.villages_said(told, "") == {VILLAGE}
    assert names.villages_said(nothing, GRID) == {VILLAGE}


@given(st.one_of(st.text(max_size=300), st.lists(_PIECES, max_size=12).map("".join)))
def test_any_text_is_read_and_every_place_lies_in_the_county(names: Gazetteer, text: str) -> None:
    for is_place in (True, False):
        found = settle(names, names.mentions(text, is_place=is_place), [])
        assert all(spot.path.startswith(COUNTY) for spot in found.spots)
        assert len(found.spots) <= 5
        assert not found.asks or found.spot is None
        assert found.is_sure is (found.spot is not None)
