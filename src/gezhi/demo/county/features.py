"""What is drawn on the map: water, roads, streets, buildings, names of places."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import atan2, pi

import numpy as np
import shapely
from shapely.geometry import Polygon

from gezhi.demo.county import names
from gezhi.demo.county.divisions import Division
from gezhi.demo.county.land import Land, Stream
from gezhi.demo.county.names import Names
from gezhi.demo.county.plane import Array, Geometry, metres_of, smooth, to_degrees
from gezhi.demo.county.roads import Road, lay_roads
from gezhi.demo.county.town import Building, TownPlan, build_hamlet, build_town

_NAMED_STREAM = 35.0  # km² from which a tributary has a name
_HOUSES = 34  # in a village of middling size, with its hamlets
_TOWN_HOUSES = 66  # around the seat of a town other than the first


@dataclass(frozen=True)
class Feature:
    """A road, water, building or named place, in degrees; rank 1 is the most important."""

    kind: str
    geometry: Geometry
    name: str = ""
    height: float = 0.0
    rank: int = 3


@dataclass(frozen=True)
class Ground:
    """What features are drawn from."""

    land: Land
    outline: Polygon
    plan: TownPlan
    blocks: list[Polygon]
    divisions: tuple[Division, ...]


def draw_features(ground: Ground, chance: np.random.Generator) -> tuple[Feature, ...]:
    """Everything on the map, in the order water, roads, buildings, places; in degrees."""
    given = Names(chance)
    hamlets = {
        village.code: _hamlets(ground.land, village, chance)
        for village in ground.divisions
        if village.kind == "village"
    }
    drawn = [
        *_water(ground, given),
        *_roads(ground, hamlets),
        *_streets(ground.plan, given),
        *_buildings(ground, hamlets, chance),
        *_places(ground.divisions),
    ]
    return tuple(replace(one, geometry=to_degrees(one.geometry)) for one in drawn)


def _seat(division: Division) -> Array:
    return metres_of(np.array(division.seat))


def _shape(division: Division) -> Geometry:
    return shapely.transform(division.outline, metres_of)


def _hamlets(land: Land, village: Division, chance: np.random.Generator) -> list[Array]:
    """One to three calm places of the village, away from its seat."""
    shape = _shape(village)
    west, south, east, north = shape.bounds
    spots = chance.uniform((west, south), (east, north), (60, 2))
    spots = spots[shapely.contains_xy(shape.buffer(-250), spots[:, 0], spots[:, 1])]
    chosen = [_seat(village)]
    for spot in spots[np.argsort(_steepness(land, spots), kind="stable")]:
        if len(chosen) < 2 + int(village.code[-1]) % 3:
            apart = min(float(np.hypot(*(spot - other))) for other in chosen)
            if apart > 700:
                chosen.append(np.round(spot, 1))
    return chosen[1:]


def _steepness(land: Land, spots: Array) -> Array:
    if not len(spots):
        return np.zeros(0)
    east, north = np.array([150.0, 0]), np.array([0, 150.0])
    rise = np.abs(land.height_at(spots + east) - land.height_at(spots - east))
    return np.asarray(rise + np.abs(land.height_at(spots + north) - land.height_at(spots - north)))


def _water(ground: Ground, given: Names) -> Iterator[Feature]:
    """Streams inside the county (not under the town), and the river between its banks in it."""
    land, plan = ground.land, ground.plan
    covered = plan.extent.buffer(-20)
    for stream in land.streams:
        course = shapely.LineString(smooth(stream.points, 2))
        line = course.intersection(ground.outline)
        name = names.RIVER if stream.is_main else ""
        if not stream.is_main:
            line = line.difference(covered)
            name = given.stream() if stream.area >= _NAMED_STREAM else ""
        if not line.is_empty:
            yield Feature("water", line, name, rank=_stream_rank(stream))
    yield Feature("water", plan.water.intersection(ground.outline), names.RIVER, rank=1)


def _stream_rank(stream: Stream) -> int:
    return 1 if stream.is_main else 2 if stream.area > 60 else 3


def _roads(ground: Ground, hamlets: dict[str, list[Array]]) -> Iterator[Feature]:
    towns = [one for one in ground.divisions if one.level == "town"]
    villages = [one for one in ground.divisions if one.kind == "village"]
    main = ground.land.main
    inside = main[shapely.contains_xy(ground.outline.buffer(-200), main[:, 0], main[:, 1])]
    roads = lay_roads(
        ground.land,
        ground.plan.middle,
        [inside[0], inside[-1]],
        [_seat(town) for town in towns[1:]],
        [_seat(village) for village in villages],
        [spot for spots in hamlets.values() for spot in spots],
    )
    within = ground.plan.extent.buffer(-60)
    for road in roads:
        line = shapely.LineString(road.points).intersection(ground.outline)
        if road.rank in ("town", "village"):
            line = line.difference(within)
        if not line.is_empty:
            yield _road(road, line)


def _road(road: Road, line: Geometry) -> Feature:
    rank = {"national": 1, "county": 2, "town": 3, "village": 4}[road.rank]
    name = {"national": "国道994线", "county": "稷川县道"}.get(road.rank, "")
    return Feature("road", line, name, rank=rank)


def _streets(plan: TownPlan, given: Names) -> Iterator[Feature]:
    called: dict[tuple[str, int], str] = {}
    for street in plan.streets:
        if street.line not in called:
            along = street.line[0] == "along"
            called[street.line] = given.street(is_wide=street.is_wide, along=along)
        line = shapely.LineString(street.points)
        rank = 2 if street.is_wide else 3
        yield Feature("road", line, called[street.line], rank=rank)


def _buildings(
    ground: Ground, hamlets: dict[str, list[Array]], chance: np.random.Generator
) -> Iterator[Feature]:
    built = build_town(ground.plan, ground.blocks, chance)
    for division in ground.divisions:
        seat = _seat(division)
        if division.level == "town" and division is not ground.divisions[1]:
            built += _around(ground, seat, _TOWN_HOUSES, chance)
        elif division.kind == "village":
            some = int(_HOUSES * chance.uniform(0.6, 1.4))
            spots = hamlets[division.code]
            built += _around(ground, seat, some - some * len(spots) // 5, chance)
            for spot in spots:
                built += _around(ground, spot, max(5, some // 5), chance)
    for one in built:
        yield Feature("building", one.shape, height=one.height)


def _around(
    ground: Ground, spot: Array, houses: int, chance: np.random.Generator
) -> list[Building]:
    """Houses along the slope at `spot`, outside the county town and inside the county."""
    east, north = np.array([[120.0, 0]]), np.array([[0, 120.0]])
    height = ground.land.height_at
    fall = [float((height(spot + step) - height(spot - step))[0]) for step in (east, north)]
    angle = atan2(fall[1], fall[0]) + pi / 2
    made = build_hamlet(spot, houses, angle, chance)
    middles = np.array([one.shape.centroid.coords[0] for one in made])
    in_town = shapely.contains_xy(ground.plan.extent, middles[:, 0], middles[:, 1])
    inside = shapely.contains_xy(ground.outline, middles[:, 0], middles[:, 1])
    return [one for one, good in zip(made, inside & ~in_town, strict=True) if good]


def _places(divisions: tuple[Division, ...]) -> Iterator[Feature]:
    """Names to be written on the map: the county town, towns, villages, schools and works."""
    ranks = {"county": 1, "town": 2, "village": 4, "community": 3, "exclusive": 5}
    for one in divisions:
        if one.kind in ranks and one.kind != "town" or one.code[6:] not in ("", "001"):
            if one.kind == "grid":
                continue
            name = f"{names.COUNTY[1]}县城" if one.kind == "county" else one.short_name
            yield Feature("place", shapely.Point(_seat(one)), name, rank=ranks[one.kind])
