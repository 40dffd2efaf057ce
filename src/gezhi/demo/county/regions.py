"""Towns, villages, communities and grids as regions grown over the mesh, not yet named."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gezhi.demo.county.land import Land
from gezhi.demo.county.mesh import Mesh, grow, smoothed
from gezhi.demo.county.plane import Array, Geometry

VILLAGES, COMMUNITIES, GRIDS = 133, 7, 249
_IN_COMMUNITY = 6  # grids of a community
_TOWN_SHARES = [8.0, 22.0, 21.0, 20.0, 19.0, 18.0, 13.0, 12.0]


@dataclass(frozen=True)
class Region:
    """A village or community before it has a code: its town, its grids and its seat."""

    town: int
    is_community: bool
    grids: tuple[int, ...]
    seat: Array
    weight: float  # how many live there, compared with the others of its kind


@dataclass(frozen=True)
class Layout:
    """How the county is divided, on the plane."""

    grids: NDArray[np.object_]
    regions: tuple[Region, ...]

    def shape_of(self, region: Region) -> Geometry:
        return shapely.coverage_union_all(self.grids[list(region.grids)])


def divide(mesh: Mesh, land: Land, town: Geometry, chance: np.random.Generator) -> Layout:
    """Grow villages over the open country and communities over the town, then split them."""
    low = _lowness(mesh, land)
    country = [int(face) for face in np.flatnonzero(~mesh.is_urban)]
    sites = _sites(mesh, low, country, chance)
    way = _way(mesh, land)
    villages = grow(mesh.neighbours, sites, way, within=set(country), balance=0.25)
    held = _members(villages, VILLAGES) + _communities(mesh, chance)
    seats = np.vstack([mesh.middles[sites], [_middle(mesh, held[VILLAGES + n]) for n in range(7)]])
    weights = _weights(held, low, chance)
    towns = _towns(mesh, held, seats, chance)
    parts = _parts(weights)
    faces: list[list[int]] = []
    regions: list[Region] = []
    for number, members in enumerate(held):
        split = _split(mesh, members, parts[number], chance)
        grids = tuple(range(len(faces), len(faces) + len(split)))
        faces += split
        is_community = number >= VILLAGES
        regions.append(Region(towns[number], is_community, grids, seats[number], weights[number]))
    rough = [shapely.coverage_union_all(mesh.faces[some]) for some in faces]
    return Layout(smoothed(np.array(rough, dtype=object), town), tuple(regions))


def _lowness(mesh: Mesh, land: Land) -> Array:
    """From 1 (flat, by the river) to 0 (steep or far from it): where people would settle."""
    near = 400.0
    around = [land.height_at(mesh.middles + np.array(step)) for step in _ring(near)]
    steep = (np.max(around, axis=0) - np.min(around, axis=0)) / (2 * near)
    off = shapely.distance(shapely.points(mesh.middles), shapely.LineString(land.main))
    calm = np.clip(1 - steep / 0.3, 0, 1)
    return np.asarray(0.55 * calm + 0.45 * np.exp(-off / 5_000), dtype=np.float64)


def _ring(size: float) -> list[tuple[float, float]]:
    return [(size, 0), (0, size), (-size, 0), (0, -size)]


def _sites(mesh: Mesh, low: Array, country: list[int], chance: np.random.Generator) -> list[int]:
    """Faces where villages stand: apart from each other, closer together on good land."""
    choices = np.array(country)
    spots, good = mesh.middles[choices], low[choices]
    nearest = np.full(len(choices), np.inf)
    sites: list[int] = []
    for _ in range(VILLAGES):
        some = chance.choice(len(choices), 40, replace=False)
        score = np.minimum(nearest[some], 9_000) * (0.35 + good[some])
        best = int(some[int(np.argmax(score))]) if sites else int(some[0])
        sites.append(int(choices[best]))
        nearest = np.minimum(nearest, np.hypot(*(spots - spots[best]).T))
    return sites


def _way(mesh: Mesh, land: Land) -> Callable[[int, int], float]:
    """The way between faces: farther up and down, much farther across the main river."""
    height = land.height_at(mesh.middles)
    river = shapely.LineString(land.main)
    shapely.prepare(river)

    def way(one: int, other: int) -> float:
        step = mesh.middles[one] - mesh.middles[other]
        far = float(np.hypot(step[0], step[1])) + 7 * abs(float(height[one] - height[other]))
        wet = shapely.intersects(river, shapely.LineString(mesh.middles[[one, other]]))
        return far + (1_200 if wet else 0)

    return way


def _plain(mesh: Mesh) -> Callable[[int, int], float]:
    def way(one: int, other: int) -> float:
        step = mesh.middles[one] - mesh.middles[other]
        return float(np.hypot(step[0], step[1]))

    return way


def _members(taken: dict[int, int], regions: int) -> list[list[int]]:
    held: list[list[int]] = [[] for _ in range(regions)]
    for face, region in sorted(taken.items()):
        held[region].append(face)
    return held


def _middle(mesh: Mesh, members: list[int]) -> Array:
    """The face middle nearest to the middle of all."""
    spots = mesh.middles[members]
    best = int(np.argmin(np.hypot(*(spots - spots.mean(axis=0)).T)))
    return np.asarray(spots[best], dtype=np.float64)


def _communities(mesh: Mesh, chance: np.random.Generator) -> list[list[int]]:
    blocks = [int(face) for face in np.flatnonzero(mesh.is_urban)]
    return _split(mesh, blocks, COMMUNITIES, chance)


def _split(
    mesh: Mesh, members: list[int], parts: int, chance: np.random.Generator
) -> list[list[int]]:
    """`members` in `parts` pieces of about one size, each in one piece."""
    if parts == 1:
        return [members]
    areas = shapely.area(mesh.faces)
    seeds = _spread(mesh.middles, members, parts, chance)
    for _ in range(4):
        taken = grow(
            mesh.neighbours,
            seeds,
            _plain(mesh),
            within=set(members),
            weight=lambda face: float(areas[face]),
            balance=0.8,
        )
        pieces = _members(taken, parts)
        seeds = [_nearest(mesh, piece, _middle(mesh, piece)) for piece in pieces]
    return pieces


def _nearest(mesh: Mesh, members: list[int], spot: Array) -> int:
    return members[int(np.argmin(np.hypot(*(mesh.middles[members] - spot).T)))]


def _spread(spots: Array, members: list[int], count: int, chance: np.random.Generator) -> list[int]:
    """`count` members far from each other."""
    chosen = [members[int(chance.integers(len(members)))]]
    nearest = np.full(len(members), np.inf)
    while len(chosen) < count:
        nearest = np.minimum(nearest, np.hypot(*(spots[members] - spots[chosen[-1]]).T))
        chosen.append(members[int(np.argmax(nearest))])
    return chosen


def _weights(held: list[list[int]], low: Array, chance: np.random.Generator) -> list[float]:
    """How many live in a region, more where the land is good; towns apart from villages."""
    weights = [
        float(low[members].mean() ** 1.4 * len(members) ** 0.4 * chance.lognormal(0, 0.32))
        for members in held
    ]
    return [round(weight, 4) for weight in weights]


def _parts(weights: list[float]) -> list[int]:
    """How many grids each region gets: communities six, the largest villages three or two."""
    spare = GRIDS - COMMUNITIES * _IN_COMMUNITY - VILLAGES
    thirds = spare // 5
    by_size = sorted(range(VILLAGES), key=lambda number: -weights[number])
    parts = [1] * VILLAGES + [_IN_COMMUNITY] * COMMUNITIES
    for place, number in enumerate(by_size[: spare - thirds]):
        parts[number] = 3 if place < thirds else 2
    return parts


def _towns(
    mesh: Mesh, held: list[list[int]], seats: Array, chance: np.random.Generator
) -> list[int]:
    """Which town every region belongs to; the communities and some villages to the first."""
    town_of_face = {face: min(n, VILLAGES) for n, members in enumerate(held) for face in members}
    near: list[set[int]] = [set() for _ in range(VILLAGES + 1)]
    for face, others in enumerate(mesh.neighbours):
        here = town_of_face[face]
        near[here].update(town_of_face[other] for other in others)
    spots = np.vstack([seats[:VILLAGES], seats[VILLAGES:].mean(axis=0)])
    graph = [sorted(others - {number}) for number, others in enumerate(near)]

    def way(one: int, other: int) -> float:
        return float(np.hypot(*(spots[one] - spots[other])))

    seeds = [VILLAGES]
    nearest = np.hypot(*(spots - spots[VILLAGES]).T)
    while len(seeds) < len(_TOWN_SHARES):
        # The farthest regions first, but not at the very edge of the county.
        inner = np.array([len(graph[number]) >= 5 for number in range(VILLAGES + 1)])
        seeds.append(
            int(np.argmax(np.where(inner, nearest * chance.uniform(0.8, 1, len(spots)), 0)))
        )
        nearest = np.minimum(nearest, np.hypot(*(spots - spots[seeds[-1]]).T))
    taken = grow(graph, seeds, way, share=_TOWN_SHARES, balance=1.2)
    return [taken[min(number, VILLAGES)] for number in range(len(held))]
