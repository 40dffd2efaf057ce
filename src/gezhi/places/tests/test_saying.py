"""How a place is said: levels apart, repetition once, level words for who reads no Chinese."""

from typing import Any

import pytest
from django.utils import translation

from gezhi.base.actor import system
from gezhi.places import actions, reads, rules
from gezhi.places.rules import Kind, NewArea
from gezhi.places.tests.county import START, County

TOWN, VILLAGE = "990177101", "990177101201"
NEW = [
    NewArea("990177", "试二县"),
    NewArea(TOWN, "柳泉镇"),
    NewArea(VILLAGE, "上河村村民委员会"),
    NewArea(f"{VILLAGE}003", "上河村第三网格"),
    NewArea(f"{VILLAGE}901", "柳泉中学专属网格", Kind.EXCLUSIVE, "柳泉中学"),
]


@pytest.fixture
def second(county: County) -> None:
    actions.add_areas(NEW, on=START, actor=system("tests"))


@pytest.mark.parametrize(
    ("path", "zh", "en"),
    [
        ("990177", "试二县", "试二县 (county)"),
        (TOWN, "柳泉镇", "柳泉镇 (town)"),
        (VILLAGE, "柳泉镇 · 上河村", "柳泉镇 · 上河村 (village)"),
        (f"{VILLAGE}003", "柳泉镇 · 上河村 · 第三网格", "柳泉镇 · 上河村 · grid 3"),
        (f"{VILLAGE}901", "柳泉镇 · 上河村 · 柳泉中学", "柳泉镇 · 上河村 · 柳泉中学"),
        ("990177999", "", ""),
    ],
)
@pytest.mark.usefixtures("second")
def test_a_place_is_said_in_one_way_everywhere(path: str, zh: str, en: str) -> None:
    assert reads.words_of([path]) == {path: zh}
    with translation.override("en"):
        assert reads.words_for(path) == en


@pytest.mark.usefixtures("second")
def test_a_new_grid_is_said_at_once() -> None:
    assert reads.names_along(VILLAGE) == ("试二县", "柳泉镇", "上河村")
    assert reads.words_for(f"{VILLAGE}004") == "柳泉镇 · 上河村"
    actions.add_area(f"{VILLAGE}004", "上河村东片网格", on=START, actor=system("tests"))
    assert reads.words_for(f"{VILLAGE}004") == "柳泉镇 · 上河村 · 东片网格"


@pytest.mark.usefixtures("second")
def test_many_places_cost_one_query(django_assert_num_queries: Any) -> None:
    reads.words_for(VILLAGE)
    with django_assert_num_queries(1):
        assert len(reads.words_of([TOWN, VILLAGE, f"{VILLAGE}003", f"{VILLAGE}901"])) == 4


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("柳泉镇", "上河村", "柳泉镇上河村第三网格"), ("柳泉镇", "上河村", "第三网格")),
        (("柳泉镇", "上河村", "上河3网格"), ("柳泉镇", "上河村", "3网格")),
        (("柳泉镇", "柳泉村", "第一网格"), ("柳泉镇", "柳泉村", "第一网格")),
        (("柳泉镇", "柳泉村", "柳泉村委会网格"), ("柳泉镇", "柳泉村", "柳泉村委会网格")),
        (("新桥街道", "新桥社区", "新桥社区"), ("新桥街道", "新桥社区", "新桥社区")),
    ],
)
def test_what_repeats_is_said_once(names: tuple[str, ...], said: tuple[str, ...]) -> None:
    assert rules.said_once(names) == said


@pytest.mark.parametrize(
    ("spot", "said"),
    [
        ("上河村三组", "柳泉镇 · 上河村 · 三组"),
        ("柳泉镇上河村12号附近", "柳泉镇 · 上河村 · 12号附近"),
        ("上河村委会东边", "柳泉镇 · 上河村 · 上河村委会东边"),
        ("上河村口", "柳泉镇 · 上河村 · 上河村口"),
        ("上河村", "柳泉镇 · 上河村"),
        ("上河", "柳泉镇 · 上河村"),
        ("", "柳泉镇 · 上河村"),
    ],
)
def test_a_spot_does_not_say_the_village_again(spot: str, said: str) -> None:
    assert rules.with_spot("柳泉镇 · 上河村", spot) == said
    assert rules.with_spot("", spot) == spot


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("第三网格", 3), ("十二网格", 12), ("第二十一网格", 21), ("第一百零五网格", 105),
        ("第7网格", 7), ("3号网格", 3), ("东片网格", None), ("上河村第三网格", None),
    ],
)  # fmt: skip
def test_numbers_of_grids_are_read(name: str, number: int | None) -> None:
    assert rules.grid_number(name) == number
