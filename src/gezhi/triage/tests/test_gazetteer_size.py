"""A large county's names: reading a text takes what its length takes, however many they are."""

import random
import time

import pytest
import shapely

from gezhi.places.rules import NamedPlace
from gezhi.triage.rules import Gazetteer, settle
from tests.cast import COUNTY

_SIGNS = "石柳河山东西南北上下大小高长清白青黄红林泉坪塬沟湾岭坡庄堡店桥井寺台川原田园竹松梅兰桂"
_KINDS = (
    ("小区", "estate"),
    ("路", "road"),
    ("小学", "school"),
    ("大厦", "building"),
    ("庄", "hamlet"),
)
MANY = 60_000


def many_names(count: int) -> list[NamedPlace]:
    """Twenty towns of thirty villages, and names in them; a few are there often."""
    chance = random.Random(7)  # noqa: S311 - no secret
    found = []
    for town in range(20):
        path = f"{COUNTY}{100 + town}"
        name = "".join(chance.sample(_SIGNS, 2))
        found.append(NamedPlace(f"{name}镇", "town", path, (106.0 + town / 20, 35.5), 6000.0))
        for village in range(30):
            inside = f"{path}{201 + village}"
            name = "".join(chance.sample(_SIGNS, chance.choice((2, 2, 3))))
            point = (106.0 + town / 20 + village / 600, 35.4 + chance.random() / 5)
            found.append(NamedPlace(f"{name}村", "village", inside, point, 1200.0))
    villages = [place for place in found if place.kind == "village"]
    while len(found) < count:
        home = chance.choice(villages)
        suffix, kind = chance.choice(_KINDS)
        lon, lat = home.point or (106.0, 35.5)
        lon, lat = lon + chance.gauss(0, 0.004), lat + chance.gauss(0, 0.004)
        name = "".join(chance.sample(_SIGNS, chance.choice((2, 3, 3, 4)))) + suffix
        course = None
        if kind == "road":
            course = shapely.LineString(
                [(lon + step / 3000, lat + chance.gauss(0, 0.0004)) for step in range(20)]
            )
        found.append(NamedPlace(name, kind, f"{home.path}001", (lon, lat), 200.0, course=course))
    return found


@pytest.fixture(scope="module")
def large() -> Gazetteer:
    return Gazetteer(COUNTY, many_names(MANY))


def test_a_look_into_sixty_thousand_names_takes_no_time(large: Gazetteer) -> None:
    """Two milliseconds are asked for; the bound leaves room for a machine that is busy."""
    chance = random.Random(11)  # noqa: S311 - no secret
    towns = [place for place in large.places if place.kind == "town"]
    texts = []
    for _ in range(300):
        place = chance.choice(large.places)
        town = next(each for each in towns if place.path.startswith(each.path))
        texts.append(f"{town.name}{place.name}{chance.randrange(1, 40)}号楼对面")
    what = "您好，这里的路灯坏了好几天，晚上老人和孩子走路都看不见，请尽快派人来修。" * 3
    took, sure = [], 0
    for text in texts:
        begun = time.perf_counter()
        found = settle(
            large, large.mentions(text, is_place=True), large.mentions(what, is_place=False)
        )
        took.append(time.perf_counter() - begun)
        sure += found.is_sure
    took.sort()
    assert took[len(took) // 2] < 0.01, f"median {took[len(took) // 2] * 1000:.2f} ms"
    assert took[int(len(took) * 0.95)] < 0.05, f"p95 {took[int(len(took) * 0.95)] * 1000:.2f} ms"
    assert sure > len(texts) * 0.8


_EVERYWHERE = (
    "卫生室", "供销社", "文化广场", "中心小学", "幼儿园", "农贸市场", "便民超市", "老年食堂",
    "综合服务中心", "信用社", "加油站", "养老院",
)  # fmt: skip


@pytest.fixture(scope="module")
def usual() -> Gazetteer:
    """A county as they are: each of two hundred villages has one of each, some roads too."""
    chance = random.Random(3)  # noqa: S311 - no secret
    places = many_names(9_000)
    villages = [place for place in places if place.kind == "village"]
    roads = [place for place in places if place.kind == "road"]
    for name in _EVERYWHERE:
        for home, road in zip(chance.sample(villages, 200), roads, strict=False):
            inside = f"{home.path}001"
            places.append(NamedPlace(name, "other", inside, home.point, 100.0))
            places.append(
                NamedPlace("环村路", "road", inside, home.point, 900.0, course=road.course)
            )
    return Gazetteer(COUNTY, places)


@pytest.mark.parametrize(
    "text",
    [
        "，".join(_EVERYWHERE),
        "，".join(_EVERYWHERE * 30),
        "卫生室与文化广场之间，环村路和供销社交叉口，" * 80,
        "".join(f"{name}{number}号" for number in range(40) for name in _EVERYWHERE),
        "环村路与环村路交叉口" * 100,
    ],
)
def test_names_that_every_village_has_take_no_time_either(usual: Gazetteer, text: str) -> None:
    """Whoever sends such a text holds a process up; the bound is for a machine that is busy."""
    begun = time.perf_counter()
    found = settle(usual, usual.mentions(text, is_place=True), usual.mentions(text, is_place=False))
    took = time.perf_counter() - begun
    assert took < 0.5, f"{took * 1000:.0f} ms"
    assert len(found.spots) <= 5
