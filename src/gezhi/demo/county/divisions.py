"""The regions as divisions: numbered and named as statistics do, with people in the grids."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Polygon

from gezhi.demo.county import names
from gezhi.demo.county.names import Names
from gezhi.demo.county.plane import Array, Geometry, degrees_of, to_degrees
from gezhi.demo.county.regions import Layout, Region

PEOPLE, HOUSEHOLDS = 149_000, 52_000
_IN_TOWN = 41_000  # of them in the communities of the county town
_FIRST = {"街道": 1, "镇": 100, "乡": 200}  # first number of a kind of town
# What stands in the exclusive grids: name, people, households, whether in the county town
_EXCLUSIVE = (
    ("稷川县第一中学", 3_400, 0, True),
    ("稷川县职业教育中心", 2_100, 0, True),
    ("稷城第一小学", 1_650, 0, True),
    ("稷川县人民医院", 960, 0, True),
    ("稷川县中医医院", 420, 0, True),
    ("稷川客运站", 60, 0, True),
    ("稷川农贸市场", 380, 0, True),
    ("苇塬果汁厂", 540, 0, False),
    ("柏湾建材厂", 310, 0, False),
    ("禾岭镇初级中学", 720, 0, False),
    ("砚川农产品物流园", 260, 0, False),
    ("槐塘煤业生活区", 830, 0, False),
)


@dataclass(frozen=True)
class Division:
    """One area as it will be stored; people and households are counted for grids only."""

    code: str
    level: str
    kind: str
    name: str
    short_name: str
    parent: str
    people: int
    households: int
    outline: Geometry  # degrees
    seat: tuple[float, float]  # degrees; a place inside, where its centre stands


def name_divisions(
    layout: Layout, blocks: list[Polygon], chance: np.random.Generator
) -> tuple[Division, ...]:
    """All divisions from the county down, each before those inside it."""
    given = Names(chance)
    grids = [to_degrees(grid) for grid in layout.grids]
    towns: list[list[Region]] = [
        [region for region in layout.regions if region.town == number]
        for number in range(len(names.TOWNS))
    ]
    counted = _people(layout, chance)
    lower: list[Division] = []
    upper: list[Division] = []
    for number, (short, kind) in enumerate(names.TOWNS):
        code = f"{names.CODE}{_town_number(number):03d}"
        below: list[Division] = []
        for region, tail in _numbered(towns[number]):
            below += _village(f"{code}{tail:03d}", region, grids, counted, layout, given)
        parts = [part.outline for part in below if part.level == "grid"]
        seat = _town_seat(towns[number])
        upper.append(
            Division(
                code,
                "town",
                "town",
                short + kind,
                short,
                names.CODE,
                0,
                0,
                shapely.coverage_union_all(parts),
                _spot(seat),
            )  # fmt: skip
        )
        lower += below
    whole = shapely.coverage_union_all([town.outline for town in upper])
    name, short = names.COUNTY
    county = Division(names.CODE, "county", "county", name, short, "", 0, 0, whole, upper[0].seat)
    exclusive = _exclusive([*upper, *lower], blocks)
    ordered = sorted([*upper, *lower, *exclusive], key=lambda one: (len(one.code), one.code))
    return (county, *ordered)


def _town_number(number: int) -> int:
    kind = names.TOWNS[number][1]
    before = sum(1 for _name, other in names.TOWNS[:number] if other == kind)
    return _FIRST[kind] + before


def _numbered(regions: list[Region]) -> list[tuple[Region, int]]:
    """Communities from 001, villages from 201, from west to east."""
    ordered = sorted(regions, key=lambda region: (float(region.seat[0]), float(region.seat[1])))
    homes = [region for region in ordered if region.is_community]
    farms = [region for region in ordered if not region.is_community]
    return [*zip(homes, range(1, 100), strict=False), *zip(farms, range(201, 400), strict=False)]


def _village(
    code: str,
    region: Region,
    grids: list[Geometry],
    counted: dict[int, tuple[int, int]],
    layout: Layout,
    given: Names,
) -> list[Division]:
    """A village or community and its grids, numbered from west to east, then north to south."""
    kind = "community" if region.is_community else "village"
    short = names.COMMUNITIES[int(code[9:]) - 1] if region.is_community else given.village()
    name = short + ("社区" if region.is_community else "村")
    outline = shapely.coverage_union_all([grids[number] for number in region.grids])
    found = [
        Division(code, "village", kind, name, short, code[:9], 0, 0, outline, _spot(region.seat))
    ]
    middles = {n: shapely.get_coordinates(shapely.centroid(grids[n]))[0] for n in region.grids}
    ordered = sorted(region.grids, key=lambda n: (float(middles[n][0]), -float(middles[n][1])))
    for place, number in enumerate(ordered, 1):
        people, households = counted[number]
        spot = shapely.get_coordinates(shapely.point_on_surface(layout.grids[number]))[0]
        found.append(
            Division(
                f"{code}{place:03d}",
                "grid",
                "grid",
                f"{name}第{_COUNT[place]}网格",
                f"{short}{place}网格",
                code,
                people,
                households,
                grids[number],
                _spot(spot),
            )  # fmt: skip
        )
    return found


_COUNT = "零一二三四五六七八九"


def _spot(point: Array) -> tuple[float, float]:
    east, north = degrees_of(np.array([point]))[0].tolist()
    return east, north


def _town_seat(regions: list[Region]) -> Array:
    """Where the town's centre stands: the heaviest region near the middle of them."""
    spots = np.array([region.seat for region in regions])
    middle = spots.mean(axis=0)
    pull = np.array([region.weight for region in regions])
    off = np.hypot(*(spots - middle).T)
    urban = np.array([region.is_community for region in regions]) * 5.0
    return np.asarray(spots[int(np.argmax(pull / pull.max() + urban - off / 4_000))])


def _people(layout: Layout, chance: np.random.Generator) -> dict[int, tuple[int, int]]:
    """Residents and households of every general grid; they sum to the county's."""
    resident = sum(people for _name, people, _households, _town in _EXCLUSIVE)
    weights = np.zeros(len(layout.grids))
    in_town = np.zeros(len(layout.grids), dtype=bool)
    for region in layout.regions:
        for number in region.grids:
            weights[number] = region.weight / len(region.grids) * chance.uniform(0.85, 1.15)
            in_town[number] = region.is_community
    people = np.zeros(len(weights), dtype=int)
    people[in_town] = _shared(weights[in_town], _IN_TOWN - 9_000)
    people[~in_town] = _shared(weights[~in_town], PEOPLE - resident - _IN_TOWN + 9_000)
    households = _shared(people * np.where(in_town, 0.36, 0.345), HOUSEHOLDS)
    return {
        number: (int(people[number]), int(households[number])) for number in range(len(weights))
    }


def _shared(weights: Array, total: int) -> Array:
    """Whole numbers in the proportion of `weights` that sum to `total` (largest remainder)."""
    exact = weights / weights.sum() * total
    whole = np.floor(exact).astype(int)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return np.asarray(whole)


def _exclusive(divisions: list[Division], blocks: list[Polygon]) -> list[Division]:
    """Schools, hospitals, works: each a piece of land inside one grid, numbered from 901."""
    grids = [one for one in divisions if one.level == "grid"]
    by_code = {one.code: one for one in divisions}
    tree = shapely.STRtree([grid.outline for grid in grids])
    lots = [shapely.make_valid(to_degrees(block)) for block in blocks]
    towns = {one.short_name: one for one in divisions if one.level == "town"}
    found: list[Division] = []
    for name, people, households, in_town in _EXCLUSIVE:
        if in_town:
            lot = lots.pop(0)
        else:
            town = next(towns[short] for short, _kind in names.TOWNS if name.startswith(short))
            lot = _yard(town.seat, len(found))
        home = next(
            grids[int(number)]
            for number in tree.query(lot, predicate="intersects")
            if grids[int(number)].outline.contains(lot.centroid)
        )
        lot = shapely.intersection(lot, home.outline.buffer(-2e-5))
        lot = max(shapely.get_parts(lot), key=shapely.area)
        village = by_code[home.parent]
        place = 901 + sum(1 for other in found if other.parent == village.code)
        seat = shapely.get_coordinates(shapely.point_on_surface(lot))[0].tolist()
        found.append(
            Division(
                f"{village.code}{place:03d}",
                "grid",
                "exclusive",
                f"{name}专属网格",
                name,
                village.code,
                people,
                households,
                lot,
                (seat[0], seat[1]),
            )  # fmt: skip
        )
    return found


def _yard(seat: tuple[float, float], number: int) -> Polygon:
    """Walled land about 300 by 220 metres beside a town's seat."""
    east, north = seat[0] + 0.0042, seat[1] + (0.0012 if number % 2 else -0.0032)
    yard = shapely.box(east, north, east + 0.0034, north + 0.0021)
    return shapely.set_precision(yard, 1e-7)
