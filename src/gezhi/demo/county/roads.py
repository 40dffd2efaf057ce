"""Roads: cheapest ways over the relief from the county town, so they share valleys and meet.

National and county roads first; town and village roads join what is there.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gezhi.demo.county.land import HEIGHT, WIDTH, Land
from gezhi.demo.county.plane import Array, smooth

_ACROSS, _DOWN = 216, 178
_STEPS = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]
_RANK = {"national": 0, "county": 1, "town": 2, "village": 3}
_ON_ROAD = 0.35  # what a step costs where a road already is


@dataclass(frozen=True)
class Road:
    """A road between two junctions."""

    points: Array
    rank: str


class _Raster:
    """The land as cells with the cost of a step between them."""

    def __init__(self, land: Land) -> None:
        x = ((np.arange(_ACROSS) + 0.5) / _ACROSS - 0.5) * WIDTH
        y = (0.5 - (np.arange(_DOWN) + 0.5) / _DOWN) * HEIGHT
        self.middles = np.column_stack([a.ravel() for a in np.meshgrid(x, y)])
        self.height = land.height_at(self.middles).tolist()
        river = shapely.LineString(land.main)
        off = shapely.distance(shapely.points(self.middles), river)
        self.wet: list[bool] = np.asarray(off < 150).tolist()
        # Ground is not the same everywhere: roads that wander a little look drawn by feet.
        east, north = self.middles.T / 420.0
        waves = np.sin(east * 1.3 + np.sin(north)) + np.sin(north * 1.7 + np.sin(east * 0.8))
        self.rough = (1 + 0.3 * waves).tolist()

    def cell(self, point: Array) -> int:
        column = int(np.clip((point[0] / WIDTH + 0.5) * _ACROSS, 0, _ACROSS - 1))
        row = int(np.clip((0.5 - point[1] / HEIGHT) * _DOWN, 0, _DOWN - 1))
        return row * _ACROSS + column

    def tree(self, sources: Iterable[int], roads: set[int]) -> list[int]:
        """For every cell the one before it on the cheapest way from a source."""
        height, wet, rough = self.height, self.wet, self.rough
        size = WIDTH / _ACROSS
        steps = [(dy, dx, size * (dy * dy + dx * dx) ** 0.5) for dy, dx in _STEPS]
        before = [-1] * (_ACROSS * _DOWN)
        cost = [float("inf")] * (_ACROSS * _DOWN)
        waiting = [(0.0, source) for source in sorted(sources)]
        for _zero, source in waiting:
            cost[source] = 0
        while waiting:
            far, here = heapq.heappop(waiting)
            if far > cost[here]:
                continue
            row, column = divmod(here, _ACROSS)
            for dy, dx, length in steps:
                y, x = row + dy, column + dx
                if not (0 <= y < _DOWN and 0 <= x < _ACROSS):
                    continue
                other = y * _ACROSS + x
                slope = (height[other] - height[here]) / length
                step = length * (rough[other] + 130 * slope * slope + (2.2 if wet[other] else 0))
                if other in roads and here in roads:
                    step *= _ON_ROAD
                if far + step < cost[other]:
                    cost[other] = far + step
                    before[other] = here
                    heapq.heappush(waiting, (far + step, other))
        return before


class _Network:
    """Sides between neighbouring cells, each with the highest rank that runs over it."""

    def __init__(self) -> None:
        self.sides: dict[tuple[int, int], str] = {}

    @property
    def cells(self) -> set[int]:
        return {cell for side in self.sides for cell in side}

    def add(self, way: Sequence[int], rank: str) -> None:
        for one, other in zip(way, way[1:], strict=False):
            side = (min(one, other), max(one, other))
            if side not in self.sides or _RANK[rank] < _RANK[self.sides[side]]:
                self.sides[side] = rank

    def stretches(self) -> list[tuple[list[int], str]]:
        """Ways of one rank between junctions and ends."""
        near: dict[int, list[int]] = defaultdict(list)
        for one, other in self.sides:
            near[one].append(other)
            near[other].append(one)

        def is_node(cell: int) -> bool:
            ranks = {self.sides[min(cell, o), max(cell, o)] for o in near[cell]}
            return len(near[cell]) != 2 or len(ranks) > 1

        found: list[tuple[list[int], str]] = []
        seen: set[tuple[int, int]] = set()
        for start in sorted(cell for cell in near if is_node(cell)):
            for second in sorted(near[start]):
                if (min(start, second), max(start, second)) in seen:
                    continue
                way = [start, second]
                while not is_node(way[-1]):
                    ahead = [cell for cell in near[way[-1]] if cell != way[-2]]
                    way.append(ahead[0])
                seen.update((min(a, b), max(a, b)) for a, b in zip(way, way[1:], strict=False))
                found.append((way, self.sides[min(start, second), max(start, second)]))
        return found


def lay_roads(
    land: Land, middle: Array, edges: Sequence[Array], seats: Sequence[Array],
    villages: Sequence[Array], hamlets: Sequence[Array],
) -> tuple[Road, ...]:  # fmt: skip
    """A connected network: `edges` lie on the county's outline, where the national road leaves."""
    raster = _Raster(land)
    network = _Network()
    tree = raster.tree([raster.cell(middle)], set())
    for edge in edges:
        network.add(_way(tree, raster.cell(edge)), "national")
    tree = raster.tree([raster.cell(middle)], network.cells)
    for seat in seats:
        network.add(_way(tree, raster.cell(seat)), "county")
    _join_neighbours(raster, network, seats)
    for places, rank in ((villages, "town"), (hamlets, "village")):
        tree = raster.tree(network.cells, network.cells)
        for place in places:
            network.add(_way(tree, raster.cell(place)), rank)
    return tuple(Road(_softened(raster.middles[way]), rank) for way, rank in network.stretches())


def _join_neighbours(raster: _Raster, network: _Network, seats: Sequence[Array]) -> None:
    """A second way between towns that lie side by side, so the network is more than a tree."""
    spots = np.array(seats)
    for number in range(0, len(spots), 4):
        off = np.hypot(*(spots - spots[number]).T)
        tree = raster.tree([raster.cell(spots[number])], network.cells)
        for other in np.argsort(off, kind="stable")[1:3]:
            network.add(_way(tree, raster.cell(spots[int(other)])), "town")


def _way(tree: list[int], cell: int) -> list[int]:
    way = [cell]
    while (before := tree[way[-1]]) >= 0:
        way.append(before)
    return way


def _softened(points: Array) -> Array:
    """Without the stairs of the raster."""
    line = shapely.simplify(shapely.LineString(points), 95)
    return smooth(shapely.get_coordinates(line), 2)
