"""A small county to try places on: 256 grids on a crooked lattice, 16 villages, 4 towns."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from gezhi.base.actor import Actor
from gezhi.places import actions
from gezhi.places.models import Area
from gezhi.places.rules import NewArea

COUNTY = "990101"
START = date(2020, 1, 1)
SIDE = 16
WEST, SOUTH, STEP = 104.0, 36.0, 0.02


@dataclass(frozen=True)
class County:
    """What the fixture made: areas by path and the outlines they were given."""

    areas: dict[str, Area]
    outlines: dict[str, BaseGeometry]

    def inside(self, path: str) -> tuple[float, float]:
        """A point well inside an area."""
        point = self.outlines[path].representative_point()
        return point.x, point.y


class Lattice:
    """Cells whose crooked edges are shared, so that they tile exactly."""

    def __init__(self, bends: int) -> None:
        self._random = np.random.default_rng(7)
        self._bends = bends
        self._edges: dict[tuple[int, int, int, int], list[tuple[float, float]]] = {}

    def _edge(self, a: tuple[int, int], b: tuple[int, int]) -> list[tuple[float, float]]:
        """Points from a to b without b."""
        first, last = sorted([a, b])
        key = (*first, *last)
        if key not in self._edges:
            along = np.linspace(0, 1, self._bends + 2)
            noise = self._random.normal(0, STEP / 15 / (self._bends + 1), (self._bends + 2, 2))
            noise[[0, -1]] = 0
            points = np.outer(1 - along, first) + np.outer(along, last)
            there = np.array([WEST, SOUTH]) + points * STEP + noise
            self._edges[key] = [(float(x), float(y)) for x, y in there]
        points_there = self._edges[key]
        return points_there[:-1] if a == first else points_there[:0:-1]

    def cell(self, x: int, y: int) -> Polygon:
        corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)]
        ring = [
            point
            for at, corner in enumerate(corners)
            for point in self._edge(corner, corners[(at + 1) % 4])
        ]
        return Polygon(ring)


def _paths(x: int, y: int) -> tuple[str, str, str]:
    """Town, village and grid of a cell: four towns of four villages of sixteen grids."""
    town = f"{COUNTY}{100 + (x // 8) * 2 + y // 8}"
    village = f"{town}{201 + (x % 8 // 4) * 2 + y % 8 // 4}"
    return town, village, f"{village}{1 + (x % 4) * 4 + y % 4:03d}"


def make_county(actor: Actor, *, bends: int = 3) -> County:
    lattice = Lattice(bends)
    outlines: dict[str, BaseGeometry] = {}
    parts: dict[str, list[BaseGeometry]] = {}
    names = {COUNTY: "试县"}
    for x in range(SIDE):
        for y in range(SIDE):
            town, village, grid = _paths(x, y)
            outlines[grid] = lattice.cell(x, y)
            names |= {town: f"镇{town[-2:]}镇", village: f"村{village[-3:]}村村委会"}
            names[grid] = f"第{int(grid[-3:])}网格"
            for path in (COUNTY, town, village):
                parts.setdefault(path, []).append(outlines[grid])
    outlines |= {path: shapely.union_all(each) for path, each in parts.items()}
    own = outlines[f"{COUNTY}100201001"].centroid.buffer(STEP / 10)
    outlines[f"{COUNTY}100201901"] = own
    names[f"{COUNTY}100201901"] = "试县中学"
    new = [NewArea(path, name) for path, name in names.items()]
    areas = {each.path: each for each in actions.add_areas(new, on=START, actor=actor)}
    actions.set_boundaries(
        [(areas[path].id, shape) for path, shape in outlines.items()], on=START, actor=actor
    )
    return County(areas, outlines)
