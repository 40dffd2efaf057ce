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
