"""Topics by their rules: what is one matter, how hot, in which words, under which name."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gezhi.triage.rules import topics
from gezhi.triage.rules.clusters import Told
from gezhi.triage.rules.topics import Line, find_topics, heat, keep_identities

NOW = datetime(2026, 11, 17, 4, 0, tzinfo=UTC)
_WATER = (
    "梧桐苑小区三栋自来水发黄，烧开还有铁锈味",
    "梧桐苑的自来水又黄又浑，孩子不敢喝",
    "请查一查梧桐苑小区自来水发黄的原因",
    "梧桐苑小区业主反映：自来水发黄已经一周",
)
_NOISE = (
    "鼎盛广场工地半夜打桩，吵得睡不着",
    "鼎盛广场旁边的工地凌晨打桩扰民",
    "投诉鼎盛广场工地夜间打桩噪音",
)
_ELSE = (
    "老年证在哪里办理，需要带什么材料",
    "建议在图书馆门口加装遮雨棚",
    "医保报销的比例今年有没有变化",
    "红旗路口的红绿灯时间太短了",
    "想问一下农机补贴什么时候发",
)


def _told(text: str, *, id: int = 0, hours: float = 1, **more: Any) -> Told:
    at = NOW - timedelta(hours=hours)
    return Told(id=UUID(int=id) if id else uuid4(), text=text, at=at, **more)


def _board() -> list[Told]:
    texts = [*_WATER, *_NOISE, *_ELSE]
    return [_told(text, id=at + 1, hours=at) for at, text in enumerate(texts)]


def _texts(found: topics.Found) -> set[str]:
    return {one.text for one in found.members}


def test_reports_of_one_matter_in_other_words_are_one_topic() -> None:
    assert {frozenset(_texts(one)) for one in find_topics(_board())} == {
        frozenset(_WATER),
        frozenset(_NOISE),
    }


@given(order=st.permutations(range(len(_board()))))
@settings(max_examples=25, deadline=None)
def test_topics_are_the_same_in_whatever_order_reports_come(order: Sequence[int]) -> None:
    board = _board()
    assert find_topics([board[at] for at in order]) == find_topics(board)


def test_what_few_speak_of_is_no_topic_but_followers_count() -> None:
    alone = _told(_ELSE[0], reports=3)
    assert find_topics([_told(_WATER[0]), _told(_WATER[1])]) == []
    assert [one.members for one in find_topics([alone, _told(_WATER[0])])] == [(alone,)]


def test_the_same_words_in_two_towns_are_two_matters() -> None:
    text = "村口的路灯不亮，晚上走路看不见"
    here = [_told(text, id=at, path="990101101201") for at in (1, 2, 3)]
    there = [_told(text, id=at, path="990101102201") for at in (4, 5, 6)]
    assert [one.path for one in find_topics([*here, *there])] == ["990101101201", "990101102201"]
    unknown = [_told(text, id=at, path="990101") for at in (7, 8, 9)]
    assert len(find_topics([*here, *unknown])) == 1


def test_a_chain_of_reports_each_like_the_next_is_not_one_matter() -> None:
    """Every text shares a half with the next one; the first and the last share nothing."""
    signs = [chr(0x4E00 + at) for at in range(20, 420)]
    random.Random(5).shuffle(signs)
    chain = ["".join(signs[start : start + 40]) for start in range(0, 300, 20)]
    told = [_told(text, id=at + 1) for at, text in enumerate(chain)]
    assert max((len(one.members) for one in find_topics(told)), default=0) <= 4


def test_reports_of_two_villages_are_one_only_of_what_reaches_so_far() -> None:
    text = "停水三天了，家家户户没水做饭"
    villages = ["990101101201", "990101101202", "990101101203"] * 2

    def found(**more: Any) -> list[int]:
        told = [_told(text, id=at + 1, path=path, **more) for at, path in enumerate(villages)]
        return [len(one.members) for one in find_topics(told)]

    assert found(reach=150) == []
    assert found(reach=2000) == [6]
    assert found(reach=150, names=("柳河水厂",)) == [6]


def test_who_only_names_the_town_does_not_make_two_villages_one() -> None:
    text = "村口的路灯不亮，晚上走路看不见"
    paths = ["990101101201"] * 3 + ["990101101202"] * 3 + ["990101101", "990101"]
    told = [_told(text, id=at + 1, path=path) for at, path in enumerate(paths)]
    found = find_topics(told)
    assert sorted(len(one.members) for one in found) == [3, 5]
    assert all(len({one.path for one in each.members} & set(paths[:6])) == 1 for each in found)


def test_what_is_everybody_s_own_is_one_matter_only_where_all_name_one_thing() -> None:
    text = "包工头四个月没发工资，打电话不接"
    own: dict[str, Any] = {"path": "990101101201", "is_personal": True}
    apart = [_told(text, id=at, **own) for at in range(1, 5)]
    assert find_topics(apart) == []
    of_one = [_told(text, id=at, names=("云麓花园工地",), **own) for at in range(1, 5)]
    assert [one.place for one in find_topics(of_one)] == ["云麓花园工地"]


def test_a_topic_is_told_by_words_that_its_reports_share_and_others_do_not() -> None:
    found = next(one for one in find_topics(_board()) if _texts(one) == set(_WATER))
    assert found.words == ("梧桐", "自来水", "发黄")
    for one, line in zip(found.members, found.lines, strict=True):
        assert one.text[line.start : line.end] in one.text


def test_nobody_s_name_and_no_word_of_one_alone_tells_a_topic() -> None:
    texts = [f"王建国在菜市场摆摊占道，{more}" for more in ("推不过车", "城管不管", "吵架")]
    found = find_topics([_told(text, id=at + 1) for at, text in enumerate(texts)])
    assert [one.words for one in found] == [("菜市场", "摆摊")]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("路灯不亮，请修", Line(0, 4), "路灯不亮"),
        ("路灯不亮，请修", Line(0, 0), "路灯不亮"),
        ("短", Line(5, 9), "短"),
        ("", Line(0, 0), ""),
    ],
)
def test_a_clause_that_is_not_there_any_more_is_how_the_words_begin(
    text: str, line: Line, said: str
) -> None:
    assert topics.line_of(text, line) == said


@pytest.mark.parametrize(
    ("paths", "common"),
    [
        (["990101101201001", "990101101201002"], "990101101201"),
        (["990101101201001"] * 4 + ["990101102201001"], "990101101201001"),
        (["990101101201", "990101102201"], "990101"),
        (["990101"], "990101"),
        (["", "990101101"], "990101101"),
        ([], ""),
    ],
)
def test_a_topic_lies_in_the_smallest_area_where_most_of_it_does(
    paths: list[str], common: str
) -> None:
    assert topics.common_path(paths) == common


def test_heat_is_halved_in_a_week_and_a_follower_is_half_a_report() -> None:
    new, old = _told("一", hours=0), _told("二", hours=7 * 24)
    followed = _told("三", hours=0, reports=3)
    liked = _told("四", hours=0, likes=12, dislikes=3)
    disliked = _told("五", hours=0, likes=3, dislikes=12)
    assert heat([new], NOW) == pytest.approx(1)
    assert heat([new, old], NOW) == pytest.approx(1.5)
    assert heat([followed], NOW) == pytest.approx(2)
    assert heat([liked], NOW) == pytest.approx(2)
    assert heat([disliked], NOW) == pytest.approx(1)


@given(
    hours=st.lists(st.floats(0, 600), min_size=1, max_size=8),
    later=st.floats(0.1, 500),
    likes=st.integers(0, 10_000),
)
def test_heat_only_falls_while_nobody_speaks(hours: list[float], later: float, likes: int) -> None:
    told = [_told("一", hours=each, likes=likes) for each in hours]
    assert heat(told, NOW + timedelta(hours=later)) < heat(told, NOW)
    assert topics.peak(told) >= heat(told, NOW) - 1e-9


def test_what_grows_is_told_from_what_chance_makes() -> None:
    since = NOW - topics.WINDOW

    def moments(recent: int, before: int) -> list[datetime]:
        return [NOW - timedelta(hours=1)] * recent + [NOW - timedelta(days=10)] * before

    def grows(recent: int, before: int) -> bool:
        found = topics.trend(moments(recent, before), now=NOW, since=since)
        return topics.is_growing(found, recent)

    assert grows(8, 3)
    assert not grows(3, 3)
    assert not grows(2, 0)
    assert not grows(0, 0)


def test_days_are_counted_back_from_now() -> None:
    told = [NOW, NOW - timedelta(hours=23), NOW - timedelta(hours=25), NOW - timedelta(days=40)]
    assert topics.by_day(told, now=NOW, days=3) == [0, 1, 2]


def test_a_topic_keeps_its_name_while_most_of_it_stays() -> None:
    a, b = uuid4(), uuid4()
    cases = [uuid4() for _ in range(12)]
    known = {a: frozenset(cases[:4]), b: frozenset(cases[4:7])}
    grown, other = frozenset(cases[:9]), frozenset(cases[9:])
    assert keep_identities([other, grown], known) == {1: a}
    split = [frozenset(cases[:1]), frozenset(cases[1:4])]
    assert keep_identities(split, known) == {1: a}
    assert keep_identities([], known) == {}
    stray = frozenset([cases[0], *cases[9:]])
    assert keep_identities([stray], known) == {}


@given(data=st.data())
@settings(deadline=None)
def test_no_two_topics_get_one_name(data: st.DataObject) -> None:
    ids = [UUID(int=at + 1) for at in range(12)]
    sets = st.lists(st.frozensets(st.sampled_from(ids), min_size=1), max_size=5)
    known = {UUID(int=100 + at): one for at, one in enumerate(data.draw(sets))}
    found = data.draw(sets)
    kept = keep_identities(found, known)
    assert len(set(kept.values())) == len(kept)
    assert all(found[at] & known[name] for at, name in kept.items())
    assert keep_identities(list(known.values())[:1], known).get(0, None) in {*known, None}
