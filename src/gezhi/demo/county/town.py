"""The county town: a bent lattice of streets on both banks of the river, and what stands in it."""

from dataclasses import dataclass
from math import atan2, cos, pi, sin

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from gezhi.demo.county.land import Land
from gezhi.demo.county.plane import Array, Geometry

_ROWS = np.array([-860, -640, -420, -150, 150, 330, 540, 760, 990.0])  # metres from midstream
_RIVER_ROW = 3  # between rows 3 and 4 the river runs
_BRIDGES = (5, 10, 14)
_WIDE_ROWS, _WIDE_COLUMNS = (3, 4, 6), (5, 10)
Mask = NDArray[np.bool_]
_HALF = 2_500.0  # metres up and down the river
_PIECES = 4  # straight pieces in one side of a block


@dataclass(frozen=True)
class Street:
    """A street of the county town as one line; `line` tells which of the lattice it lies on."""

    points: Array
    line: tuple[str, int]
    is_wide: bool


@dataclass(frozen=True)
class Building:
    """A footprint and its height in metres."""

    shape: Polygon
    height: float


class _Frame:
    """Turns (metres along the river, metres to its left) into places on the plane."""

    def __init__(self, land: Land) -> None:
        main = land.main
        step = np.r_[0, np.cumsum(np.hypot(*np.diff(main, axis=0).T))]
        here = int(np.argmin(np.abs(main[:, 0] - 2_600)))
        part = main[np.abs(step - step[here]) < 3_600]
        self.origin = part.mean(axis=0)
        span = part[-1] - part[0]
        self.angle = atan2(span[1], span[0])
        self.along = np.array([cos(self.angle), sin(self.angle)])
        self.left = np.array([-self.along[1], self.along[0]])
        u, v = (part - self.origin) @ self.along, (part - self.origin) @ self.left
        self.bend = np.round(np.polynomial.polynomial.polyfit(u / 3_000, v, 3), 3)
        self.bend[2:] = np.clip(self.bend[2:], -420, 420)

    def settled(self, points: Array) -> Array:
        u, v = (points - self.origin) @ self.along, (points - self.origin) @ self.left
        bend = np.polynomial.polynomial.polyval(u / 3_000, self.bend)
        pull = np.clip((_HALF + 1_000 - np.abs(u)) / 900, 0, 1)
        near = np.clip((900 - np.abs(v - bend)) / 500, 0, 1)
        moved = v + (bend - v) * pull * near * (np.abs(v - bend) < 900)
        return np.asarray(
            self.origin + u[:, None] * self.along + moved[:, None] * self.left, dtype=np.float64
        )

    def at(self, u: Array, v: Array) -> Array:
        offset = np.polynomial.polynomial.polyval(u / 3_000, self.bend)
        slope = np.polynomial.polynomial.polyval(
            u / 3_000, np.polynomial.polynomial.polyder(self.bend)
        )
        normal = np.column_stack([-slope / 3_000, np.ones_like(u)])
        normal /= np.hypot(*normal.T)[:, None]
        flat = np.column_stack([u, offset]) + normal * v[:, None]
        return np.asarray(
            self.origin + flat[:, :1] * self.along + flat[:, 1:] * self.left, dtype=np.float64
        )


@dataclass(frozen=True)
class TownPlan:
    """Where the county town lies, its streets and the river between its banks."""

    extent: Geometry
    streets: tuple[Street, ...]
    borders: tuple[Array, ...]  # sides of blocks that are no streets: across the river
    river: Array
    water: Polygon
    middle: Array
    angle: float  # direction of the river in radians
    frame: _Frame

    def settled(self, points: Array) -> Array:
        """Points of streams moved so that the river runs between its banks in the town."""
        return self.frame.settled(points)


def plan_town(land: Land, chance: np.random.Generator) -> TownPlan:
    """Lay the lattice, keep its blocks inside a rounded shape, and leave some streets out."""
    frame = _Frame(land)
    columns = np.round(np.linspace(-_HALF, _HALF, 19) + chance.uniform(-45, 45, 19), 1)
    kept = _kept_blocks(columns, chance)
    streets, borders = _lines(frame, columns, kept, chance)
    blocks = [
        Polygon(_ring(frame, columns, column, row))
        for column, row in zip(*np.nonzero(kept), strict=True)
    ]
    extent = shapely.union_all(np.array(blocks, dtype=object), grid_size=0.5)
    reach = np.linspace(-_HALF - 500, _HALF + 500, 80)
    river = frame.at(reach, np.zeros(80))
    banks = np.vstack(
        [frame.at(reach, np.full(80, 75.0)), frame.at(reach, np.full(80, -75.0))[::-1]]
    )
    middle = frame.at(np.zeros(1), np.full(1, 430.0))[0]
    return TownPlan(
        extent, streets, borders, river, Polygon(banks), np.round(middle, 1), frame.angle, frame
    )


def _kept_blocks(columns: Array, chance: np.random.Generator) -> Mask:
    """Which blocks of the lattice are built: a rounded shape, fuller on the northern bank."""
    u = (columns[:-1] + columns[1:]) / 2 / (_HALF * 1.02)
    v = (_ROWS[:-1] + _ROWS[1:]) / 2
    v = np.where(v > 0, v / 1_080, v / 900)
    edge = np.abs(u)[:, None] ** 2.4 + np.abs(v)[None, :] ** 2.4
    kept = edge + chance.uniform(-0.12, 0.12, edge.shape) < 1.02
    for row in range(kept.shape[1]):  # no gaps along a row, and none left alone
        full = np.flatnonzero(kept[:, row])
        if full.size:
            kept[full[0] : full[-1] + 1, row] = True
    kept[:, _RIVER_ROW] = kept[:, _RIVER_ROW + 1] | kept[:, _RIVER_ROW - 1]
    return np.asarray(kept, dtype=np.bool_)


def _side(frame: _Frame, u: tuple[float, float], v: tuple[float, float]) -> Array:
    share = np.linspace(0, 1, _PIECES + 1)
    return frame.at(u[0] + (u[1] - u[0]) * share, v[0] + (v[1] - v[0]) * share)


def _ring(frame: _Frame, columns: Array, column: int, row: int) -> Array:
    west, east = columns[column], columns[column + 1]
    low, high = _ROWS[row], _ROWS[row + 1]
    sides = [
        _side(frame, (west, east), (low, low)),
        _side(frame, (east, east), (low, high)),
        _side(frame, (east, west), (high, high)),
        _side(frame, (west, west), (high, low)),
    ]
    return np.vstack([side[:-1] for side in sides])


def _lines(
    frame: _Frame, columns: Array, kept: Mask, chance: np.random.Generator
) -> tuple[tuple[Street, ...], tuple[Array, ...]]:
    """Streets along and across; inner sides of blocks are left out here and there."""
    padded = np.pad(kept, 1)
    streets: list[Street] = []
    borders: list[Array] = []
    for row, v in enumerate(_ROWS):
        built = padded[1:-1, row] | padded[1:-1, row + 1]
        inner = padded[1:-1, row] & padded[1:-1, row + 1]
        is_wide = row in _WIDE_ROWS
        drop = inner & (chance.random(len(built)) < 0.16) & (not is_wide)
        sides = [_side(frame, pair, (v, v)) for pair in zip(columns, columns[1:], strict=False)]
        streets += _runs(sides, built & ~drop, ("along", row), is_wide)
    for column, u in enumerate(columns):
        built = padded[column, 1:-1] | padded[column + 1, 1:-1]
        inner = padded[column, 1:-1] & padded[column + 1, 1:-1]
        is_wide = column in _WIDE_COLUMNS
        drop = inner & (chance.random(len(built)) < 0.16) & (not is_wide)
        sides = [_side(frame, (u, u), pair) for pair in zip(_ROWS, _ROWS[1:], strict=False)]
        if built[_RIVER_ROW] and column not in _BRIDGES:
            drop[_RIVER_ROW] = True
            borders.append(sides[_RIVER_ROW])
        streets += _runs(sides, built & ~drop, ("across", column), is_wide)
    return tuple(streets), tuple(borders)


def _runs(sides: list[Array], kept: Mask, line: tuple[str, int], is_wide: bool) -> list[Street]:
    """Neighbouring sides joined into streets."""
    runs: list[list[Array]] = []
    before = False
    for side, keep in zip(sides, kept.tolist(), strict=True):
        if keep and before:
            runs[-1].append(side[1:])
        elif keep:
            runs.append([side])
        before = keep
    return [Street(np.vstack(run), line, is_wide) for run in runs]


def build_town(
    plan: TownPlan, blocks: list[Polygon], chance: np.random.Generator
) -> list[Building]:
    """Fill every block: shops and old houses in the middle, slabs, towers, works at the edges."""
    built: list[Building] = []
    for block in blocks:
        middle = np.array(block.point_on_surface().coords[0])
        inside = shapely.difference(block.buffer(-15), plan.water.buffer(45))
        if inside.area < 2_500 or chance.random() < 0.04:  # a square, a park
            continue
        off = float(np.hypot(*(middle - plan.middle)))
        built += _filled(inside, plan.angle, off, chance)
    return built


# length, depth, gap beside, gap behind, least and most storeys
_OLD = (22.0, 11.0, 9.0, 18.0, 2, 5)
_SLABS = (46.0, 13.0, 16.0, 25.0, 5, 7)
_TOWERS = (30.0, 18.0, 32.0, 46.0, 11, 26)
_WORKS = (62.0, 30.0, 24.0, 26.0, 2, 3)


def _filled(
    inside: Geometry,
    angle: float,
    off: float,
    chance: np.random.Generator,
) -> list[Building]:
    kinds = [_OLD, _SLABS, _TOWERS, _WORKS]
    odds = [0.62, 0.30, 0.08, 0.0] if off < 800 else [0.2, 0.46, 0.24, 0.10]
    if off > 1_900:
        odds = [0.18, 0.26, 0.24, 0.32]
    length, depth, beside, behind, low, high = kinds[int(chance.choice(4, p=odds))]
    turned = shapely.affinity.rotate(inside, -angle, origin=(0, 0), use_radians=True)
    west, south, east, north = turned.bounds
    storeys = int(chance.integers(low, high + 1))
    found: list[Building] = []
    for y in np.arange(south + 2, north - depth, depth + behind):
        for x in np.arange(west + 2, east - length * 0.8, length + beside):
            long = length * chance.uniform(0.8, 1.1)
            deep = depth * chance.uniform(0.9, 1.1)
            shape = shapely.box(x, y, x + long, y + deep)
            if chance.random() < 0.06 or not turned.contains(shape):
                continue
            back = shapely.affinity.rotate(shape, angle, origin=(0, 0), use_radians=True)
            tall = max(1, storeys + int(chance.integers(-1, 2))) * 3.0
            found.append(Building(back, round(tall + 0.6, 1)))
    return found


def build_hamlet(
    middle: Array, houses: int, angle: float, chance: np.random.Generator
) -> list[Building]:
    """Courtyards of farmhouses in two or three crooked rows along the slope."""
    built: list[Building] = []
    rows = 1 + houses // 9
    turn = np.array([[cos(angle), sin(angle)], [-sin(angle), cos(angle)]])
    for number in range(houses):
        row, place = number % rows, number // rows
        spot = np.array([(place - houses / rows / 2) * 26.0, (row - rows / 2) * 34.0])
        spot = (spot + chance.normal(0, 4, 2)) @ turn + middle
        long, deep = chance.uniform(10, 17), chance.uniform(7, 10)
        shape = shapely.box(-long / 2, -deep / 2, long / 2, deep / 2)
        tilt = angle + chance.normal(0, 0.09) + (pi / 2 if chance.random() < 0.15 else 0)
        shape = shapely.affinity.rotate(shape, tilt, origin=(0, 0), use_radians=True)
        shape = shapely.affinity.translate(shape, *spot)
        built.append(Building(shape, round(float(chance.choice([3.4, 3.6, 6.8, 7.1])), 1)))
    return built
