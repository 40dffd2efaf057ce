"""What people call places in the county: estates, schools, clinics, markets, squares, bridges."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Polygon

from gezhi.demo.county.divisions import Division
from gezhi.demo.county.plane import Array, Geometry, degrees_of, metres_of

# Before 花园, 小区 and the like. None is the name of an estate that anybody lives in.
_ESTATES = (
    "稷苑", "麦陇", "柳岸", "槐香", "塬景", "禾悦", "鼓楼", "砚湖", "雁南", "鹿鸣", "秋禾", "云麓",
    "书香", "文昭", "丰登", "嘉禾", "迎晖", "康宁", "苇岸", "柏荫", "新桥", "河堤", "东滩", "稷阳",
)  # fmt: skip
_ESTATE_KINDS = ("花园", "小区", "家园", "嘉苑", "家属院")
_TWICE = "康乐小区"  # in the county town and in another: people have to be asked which
_OLD = (
    ("老汽车站", "other"), ("老电影院", "other"), ("粮站家属院", "estate"),
    ("供销社家属楼", "estate"),
    ("百货大楼", "building"), ("稷川大酒店", "building"), ("稷川图书馆", "building"),
    ("稷川广场", "square"), ("鼓楼广场", "square"), ("河堤公园", "square"), ("文昭公园", "square"),
    ("塬上体育场", "square"), ("东滩菜市场", "market"), ("鼓楼早市", "market"),
    ("稷阳便民市场", "market"),
)  # fmt: skip
_BRIDGES = ("稷河大桥", "鼓楼桥", "东滩桥")
_ESTATE_COUNT = 60


@dataclass(frozen=True)
class Named:
    """A name and the point of what bears it, in degrees."""

    name: str
    kind: str
    lon: float
    lat: float


def draw_names(
    blocks: list[Polygon], water: Geometry, divisions: tuple[Division, ...],
    streets: list[Array], chance: np.random.Generator,
) -> tuple[Named, ...]:  # fmt: skip
    """The names of the county town, then those of towns and villages."""
    free = _free(blocks, divisions)
    order = chance.permutation(len(free))
    spots = [np.array(free[int(at)].centroid.coords[0]) for at in order]
    names = [*_estates(chance), *_OLD]
    drawn = [_named(name, kind, spot) for (name, kind), spot in zip(names, spots, strict=False)]
    drawn += _bridges(water, streets)
    drawn += _of_towns(divisions)
    drawn += _of_villages(divisions, chance)
    return tuple(drawn)


def _free(blocks: list[Polygon], divisions: tuple[Division, ...]) -> list[Polygon]:
    """Blocks on which no school or hospital of its own stands."""
    taken = [metres_of(np.array(one.seat)) for one in divisions if one.kind == "exclusive"]
    return [
        block for block in blocks
        if not any(block.contains(shapely.Point(*spot)) for spot in taken)
    ]  # fmt: skip


def _estates(chance: np.random.Generator) -> Iterator[tuple[str, str]]:
    pairs = [first + kind for first in _ESTATES for kind in _ESTATE_KINDS]
    for at in chance.permutation(len(pairs))[:_ESTATE_COUNT]:
        yield pairs[int(at)], "estate"
    yield _TWICE, "estate"


def _named(name: str, kind: str, spot: Array) -> Named:
    lon, lat = degrees_of(np.array([spot]))[0].tolist()
    return Named(name, kind, round(lon, 6), round(lat, 6))


def _beside(seat: tuple[float, float], name: str, kind: str, east: float, north: float) -> Named:
    """So many metres from a seat."""
    return _named(name, kind, metres_of(np.array(seat)) + np.array([east, north]))


def _bridges(water: Geometry, streets: list[Array]) -> Iterator[Named]:
    """Where streets cross the river, from the west."""
    found = []
    for street in streets:
        over = shapely.intersection(shapely.LineString(street), water)
        if not over.is_empty and over.length > 60:
            found.append(np.array(over.centroid.coords[0]))
    found.sort(key=lambda spot: float(spot[0]))
    apart = [
        spot for at, spot in enumerate(found)
        if at == 0 or float(np.hypot(*(spot - found[at - 1]))) > 150
    ]  # fmt: skip
    for name, spot in zip(_BRIDGES, apart, strict=False):
        yield _named(name, "bridge", spot)


def _of_towns(divisions: tuple[Division, ...]) -> Iterator[Named]:
    towns = [one for one in divisions if one.level == "town"]
    for at, town in enumerate(towns[1:]):
        seat, name = town.seat, town.short_name
        yield _beside(seat, f"{name}卫生院", "hospital", 90, 60)
        yield _beside(seat, f"{name}中心小学", "school", -120, 80)
        yield _beside(seat, f"{name}集市", "market", 60, -110)
        yield _beside(seat, f"{name}文化广场", "square", -60, -70)
        if at == 0:
            yield _beside(seat, _TWICE, "estate", 160, -60)


def _of_villages(divisions: tuple[Division, ...], chance: np.random.Generator) -> Iterator[Named]:
    for one in divisions:
        if one.kind == "community":
            yield _beside(one.seat, f"{one.short_name}社区卫生服务站", "hospital", 40, 30)
        elif one.kind == "village":
            yield _beside(one.seat, f"{one.short_name}卫生室", "hospital", 40, 30)
            if chance.random() < 0.4:
                yield _beside(one.seat, f"{one.short_name}小学", "school", -50, 40)
            if chance.random() < 0.5:
                yield _beside(one.seat, f"{one.short_name}文化广场", "square", 30, -50)
