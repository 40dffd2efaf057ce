"""The plane the county is drawn on: metres east and north of its middle, and degrees (WGS-84)."""

from math import cos, radians

import numpy as np
import shapely
from numpy.typing import NDArray

MIDDLE = (106.9, 35.6)
_NORTH = 110_950.0  # metres in a degree of latitude here
_EAST = 111_320.0 * cos(radians(MIDDLE[1]))
DIGITS = 7  # decimals of a degree that are kept: about a centimetre

Array = NDArray[np.float64]
Geometry = shapely.geometry.base.BaseGeometry


def to_degrees(geometry: Geometry) -> Geometry:
    """The same shape in degrees, rounded so that every run writes the same bytes."""
    return shapely.transform(geometry, degrees_of)


def degrees_of(points: Array) -> Array:
    """Rows of (metres east, metres north) as rows of (longitude, latitude)."""
    turned = points / np.array([_EAST, _NORTH]) + np.array(MIDDLE)
    return np.asarray(np.round(turned, DIGITS), dtype=np.float64)


def metres_of(points: Array) -> Array:
    """The way back."""
    moved = (points - np.array(MIDDLE)) * np.array([_EAST, _NORTH])
    return np.asarray(moved, dtype=np.float64)


def smooth(line: Array, times: int = 2) -> Array:
    """Cut the corners of an open line (Chaikin's algorithm); its ends stay where they are."""
    for _ in range(times):
        if len(line) < 3:
            return line
        near, far = line[:-1], line[1:]
        cut = np.empty((2 * len(near), 2))
        cut[0::2] = near * 0.75 + far * 0.25
        cut[1::2] = near * 0.25 + far * 0.75
        line = np.vstack([line[:1], cut[1:-1], line[-1:]])
    return line
