"""A mesh of small faces that every boundary of the county follows, so areas meet without a gap.

Areas are sets of faces: the union of neighbouring areas is exact because
both sides of a boundary are the very same points.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import pi

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from gezhi.demo.county.land import HEIGHT, WIDTH
from gezhi.demo.county.plane import Array, Geometry, smooth

AREA = 1_100e6  # square metres of the county
FACE = 380.0  # metres between the middles of neighbouring faces in the open country
_ROOM = shapely.box(-WIDTH / 2 + 1_500, -HEIGHT / 2 + 1_500, WIDTH / 2 - 1_500, HEIGHT / 2 - 1_500)
_SNAP = 0.5  # metres: points nearer than this are one point
Faces = NDArray[np.object_]


@dataclass(frozen=True)
class Mesh:
    """Faces that tile the county, their middles, and which touch which."""

    faces: Faces
    middles: Array
    neighbours: tuple[tuple[int, ...], ...]
    is_urban: NDArray[np.bool_]


def draw_outline(chance: np.random.Generator) -> Polygon:
    """An irregular county of exactly `AREA` that lies well inside the land that is modelled."""
    while True:
        shape = _drawn(chance)
        if shape.within(_ROOM):
            return shape


def _drawn(chance: np.random.Generator) -> Polygon:
    """One try: an ellipse with waves, its sides displaced again and again."""
    angles = np.linspace(0, 2 * pi, 24, endpoint=False)
    reach = np.ones(24)
    for wave in range(2, 8):
        reach += chance.normal(0, 0.27 / wave**0.9) * np.cos(wave * angles + chance.uniform(0, 6.3))
    ring = np.column_stack([1.2 * reach * np.cos(angles), 0.86 * reach * np.sin(angles)])
    ring = np.vstack([ring, ring[:1]])
    for bend in (0.2, 0.2, 0.18, 0.16, 0.15):
        ring = _displaced(ring, bend, chance)
    shape = Polygon(smooth(ring, 1)).buffer(0)
    shape = max(getattr(shape, "geoms", [shape]), key=lambda part: part.area)
    shape = Polygon(shape.exterior)
    times = (AREA / shape.area) ** 0.5
    middle = np.array(shape.centroid.coords[0])
    return Polygon((np.array(shape.exterior.coords) - middle) * times)


def _displaced(ring: Array, bend: float, chance: np.random.Generator) -> Array:
    """Move the middle of every side sideways by about `bend` of its length."""
    side = np.diff(ring, axis=0)
    across = np.column_stack([-side[:, 1], side[:, 0]])
    middle = (ring[:-1] + ring[1:]) / 2 + across * chance.normal(0, bend, (len(side), 1))
    woven = np.empty((2 * len(side) + 1, 2))
    woven[0::2], woven[1::2] = ring, middle
    return woven


def make_mesh(
    outline: Polygon, urban: Geometry, streets: Sequence[Array], chance: np.random.Generator
) -> Mesh:
    """Voronoi cells in the open country, street blocks in the county town."""
    prepared = urban.buffer(FACE * 0.4)
    cells = shapely.voronoi_polygons(
        shapely.multipoints(_scattered(outline, prepared, chance)), only_edges=True
    )
    lines = [
        outline.exterior,
        shapely.difference(shapely.intersection(cells, outline), urban),
        shapely.boundary(urban),
        *[shapely.intersection(shapely.linestrings(street), urban) for street in streets],
    ]
    woven = shapely.union_all(np.array(lines, dtype=object), grid_size=_SNAP)
    found = shapely.get_parts(shapely.polygonize([woven]))
    inside = shapely.contains(outline.buffer(5), found)
    faces = found[inside]
    middles = shapely.get_coordinates(shapely.point_on_surface(faces))
    order = np.lexsort((middles[:, 1], middles[:, 0]))
    faces, middles = faces[order], middles[order]
    is_urban = shapely.contains_xy(urban, middles[:, 0], middles[:, 1])
    return Mesh(faces, middles, touching(faces), is_urban)


def _scattered(outline: Polygon, urban: Geometry, chance: np.random.Generator) -> Array:
    """Points about `FACE` apart, in and around the county but not in its town."""
    west, south, east, north = outline.buffer(2_000).bounds
    x, y = np.meshgrid(np.arange(west, east, FACE), np.arange(south, north, FACE))
    points = np.column_stack([x.ravel(), y.ravel()])
    points += chance.uniform(-0.46, 0.46, points.shape) * FACE
    points = np.round(points, 2)
    outside = ~shapely.contains_xy(urban, points[:, 0], points[:, 1])
    return np.asarray(points[outside], dtype=np.float64)


def smoothed(shapes: Faces, kept: Geometry) -> Faces:
    """The same coverage with softer inner boundaries; those in `kept` and the outline stay.

    Every stretch between two junctions is smoothed once, so both sides still agree.
    """
    outer = shapely.boundary(shapely.union_all(shapes))
    woven = shapely.line_merge(shapely.union_all(shapely.boundary(shapes)))
    stretches = shapely.get_parts(woven)
    middles = shapely.line_interpolate_point(stretches, 0.5, normalized=True)
    stays = (shapely.distance(middles, outer) < 1) | (shapely.distance(middles, kept) < 1)
    soft = [
        stretch if stay else shapely.linestrings(smooth(shapely.get_coordinates(stretch)))
        for stretch, stay in zip(stretches, stays.tolist(), strict=True)
    ]
    found = shapely.get_parts(
        shapely.polygonize([shapely.union_all(np.array(soft, dtype=object), grid_size=_SNAP)])
    )
    tree = shapely.STRtree(shapes)
    pieces: list[list[Polygon]] = [[] for _ in shapes]
    for face in found:
        near = tree.query(face)
        common = shapely.area(shapely.intersection(shapes[near], face))
        pieces[int(near[int(np.argmax(common))])].append(face)
    return np.array([shapely.coverage_union_all(parts) for parts in pieces], dtype=object)


def touching(shapes: Faces) -> tuple[tuple[int, ...], ...]:
    """For every shape of a coverage those that share a side with it."""
    sides: dict[tuple[tuple[float, ...], ...], list[int]] = defaultdict(list)
    for number, shape in enumerate(shapes):
        for part in shapely.get_parts(shape):
            points = [tuple(point) for point in shapely.get_coordinates(part.exterior).tolist()]
            for one, other in zip(points, points[1:], strict=False):
                sides[(min(one, other), max(one, other))].append(number)
    near: list[set[int]] = [set() for _ in shapes]
    for sharing in sides.values():
        for face in sharing:
            near[face].update(other for other in sharing if other != face)
    return tuple(tuple(sorted(others)) for others in near)


def grow(
    neighbours: Sequence[Sequence[int]],
    seeds: Sequence[int],
    cost: Callable[[int, int], float],
    *,
    within: set[int] | None = None,
    weight: Callable[[int], float] = lambda _number: 1.0,
    share: Sequence[float] | None = None,
    balance: float = 0.0,
) -> dict[int, int]:
    """Grow a region from every seed until all that can be reached is taken; number -> region.

    `cost` is the way between neighbours; with `balance` a region that already
    holds much of its `share` of the weight grows more slowly.
    """
    parts = share or [1.0] * len(seeds)
    total = sum(weight(number) for number in (within or range(len(neighbours))))
    target = [total * part / sum(parts) for part in parts]
    held = [0.0] * len(seeds)
    taken: dict[int, int] = {}
    waiting = [(0.0, seed, region, 0.0) for region, seed in enumerate(seeds)]
    heapq.heapify(waiting)
    while waiting:
        _key, number, region, way = heapq.heappop(waiting)
        if number in taken:
            continue
        taken[number] = region
        held[region] += weight(number)
        pressure = 1 + balance * (held[region] / target[region]) ** 2
        for other in neighbours[number]:
            if other not in taken and (within is None or other in within):
                far = way + cost(number, other)
                heapq.heappush(waiting, (far * pressure, other, region, far))
    return taken
