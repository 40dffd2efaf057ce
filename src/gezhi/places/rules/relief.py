"""Heights: sampling a DEM and packing it into terrain tiles for maps. Pure.

Tiles are in web Mercator, encoded as "terrarium": (red × 256 + green + blue ÷ 256) − 32768 metres.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

TILE = 256


@dataclass(frozen=True)
class Dem:
    """Heights in metres on a regular WGS-84 grid of cell centres; row 0 is the northern edge."""

    west: float
    south: float
    east: float
    north: float
    heights: NDArray[np.float32]


def tile_bounds(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a web Mercator tile."""

    def lat(row: float) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / 2**z))))

    return x / 2**z * 360 - 180, lat(y + 1), (x + 1) / 2**z * 360 - 180, lat(y)


def touches(dem: Dem, z: int, x: int, y: int) -> bool:
    """Whether a tile shows any of the DEM."""
    west, south, east, north = tile_bounds(z, x, y)
    return west < dem.east and east > dem.west and south < dem.north and north > dem.south


def sample(dem: Dem, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heights at points, bilinear between cell centres; beyond the edge the edge goes on."""
    rows, columns = dem.heights.shape
    x = (lon - dem.west) / (dem.east - dem.west) * columns - 0.5
    y = (dem.north - lat) / (dem.north - dem.south) * rows - 0.5
    x, y = np.clip(x, 0, columns - 1), np.clip(y, 0, rows - 1)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right, bottom = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
    across, down = x - left, y - top
    upper = dem.heights[top, left] * (1 - across) + dem.heights[top, right] * across
    lower = dem.heights[bottom, left] * (1 - across) + dem.heights[bottom, right] * across
    return np.asarray(upper * (1 - down) + lower * down, dtype=np.float64)


def deepest_zoom(dem: Dem) -> int:
    """The zoom from which a tile's samples are finer than the DEM's own: maps enlarge that one.

    Enlarged once more from tiles of a deeper zoom, the cells would show as facets.
    """
    cell = (dem.east - dem.west) / dem.heights.shape[1]
    return max(0, min(15, math.ceil(math.log2(360 / TILE / cell))))


def tile(dem: Dem, z: int, x: int, y: int) -> NDArray[np.uint8]:
    """A 256 × 256 × 3 array of terrarium colours.

    Between cells a curve is drawn that keeps its slope from cell to cell, the same one in
    every tile, so that neither cells nor tiles have edges in the shading.
    """
    west, south, east, north = tile_bounds(z, x, y)
    step = (np.arange(TILE) + 0.5) / TILE
    lon = west + (east - west) * step
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (y + step) / 2**z))))
    rows, columns = dem.heights.shape
    lines = _drawn_through(dem.heights, (dem.north - lat) / (dem.north - dem.south) * rows - 0.5)
    points = _drawn_through(lines.T, (lon - dem.west) / (dem.east - dem.west) * columns - 0.5)
    return terrarium(_stepped(points.T, north - south))


def _drawn_through(rows: NDArray[Any], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values `at` places between rows, on curves through four of them (Catmull-Rom)."""
    last = len(rows) - 1
    at = np.clip(at, 0, last)
    first = np.floor(at).astype(int)
    t = (at - first)[:, None]
    parts = (
        ((2 - t) * t - 1) * t / 2,
        ((3 * t - 5) * t * t + 2) / 2,
        ((4 - 3 * t) * t + 1) * t / 2,
        (t - 1) * t * t / 2,
    )
    drawn = [part * rows[np.clip(first + k, 0, last)] for k, part in enumerate(parts, -1)]
    return np.asarray(sum(drawn), dtype=np.float64)


def _stepped(heights: NDArray[np.float64], degrees: float) -> NDArray[np.float64]:
    """Heights in steps too small to see as a slope from one pixel to the next.

    The noise below that would be most of the bytes.
    """
    pixel = degrees / TILE * 111_195
    step = 2.0 ** np.clip(math.floor(math.log2(pixel / 150)), -8, 4)
    return np.asarray(np.round(heights / step) * step)


def terrarium(heights: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Heights as colours, exact to 1/256 m."""
    value = np.round((np.clip(heights, -32768, 32767) + 32768) * 256).astype(np.int64)
    colours = np.stack((value >> 16, (value >> 8) & 255, value & 255), axis=-1)
    return colours.astype(np.uint8)
