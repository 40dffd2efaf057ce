"""Coordinates between WGS-84, CGCS2000, GCJ-02 and BD-09, and the cell a point lies in. Pure.

GCJ-02 has no official description. The formula and its constants (Krasovsky
1940 ellipsoid) are those published in github.com/googollee/eviltransform and
github.com/wandergis/coordtransform; BD-09 is Baidu's second shift as published
in the latter. There is no official inverse: ours is iterated until it stands still.
CGCS2000 and WGS-84 agree within a decimetre in China and are taken as the same.
"""

import math
from enum import StrEnum
from typing import Any

import h3
import numpy as np
from numpy.typing import NDArray

from gezhi.places.errors import CoordinatesWrong, DatumUnknown

_AXIS = 6378245.0
_FLATNESS = 0.00669342162296594323  # first eccentricity squared
_BD = math.pi * 3000.0 / 180.0
_STILL = 1e-10  # degrees: a hundredth of a millimetre
_TURNS = 30
_EARTH = 6371008.8

H3_RESOLUTION = 9  # cells of about 0.1 km²


class Datum(StrEnum):
    """What a pair of coordinates is measured against."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def datum_of(name: str) -> Datum:
    """The datum with this name, however it is written: `GCJ-02`, `gcj02`."""
    plain = name.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
    try:
        return Datum(plain)
    except ValueError as error:
        raise DatumUnknown(name=name[:20], allowed=tuple(Datum)) from error


def _in_china(lon: float, lat: float) -> bool:
    """The published rectangle outside of which GCJ-02 shifts nothing."""
    return 72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271


# `of` is the module that computes: math for one point, numpy for arrays of them.
def _shift(lon: Any, lat: Any, of: Any) -> tuple[Any, Any]:
    x, y = lon - 105.0, lat - 35.0
    pi = math.pi
    root = of.sqrt(of.fabs(x))
    common = (20.0 * of.sin(6.0 * x * pi) + 20.0 * of.sin(2.0 * x * pi)) * 2.0 / 3.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    d_lat += (20.0 * of.sin(y * pi) + 40.0 * of.sin(y / 3.0 * pi)) * 2.0 / 3.0
    d_lat += (160.0 * of.sin(y / 12.0 * pi) + 320.0 * of.sin(y * pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    d_lon += (20.0 * of.sin(x * pi) + 40.0 * of.sin(x / 3.0 * pi)) * 2.0 / 3.0
    d_lon += (150.0 * of.sin(x / 12.0 * pi) + 300.0 * of.sin(x / 30.0 * pi)) * 2.0 / 3.0
    angle = lat / 180.0 * pi
    magic = 1.0 - _FLATNESS * of.sin(angle) ** 2
    d_lat = d_lat * 180.0 / (_AXIS * (1.0 - _FLATNESS) / (magic * of.sqrt(magic)) * pi)
    d_lon = d_lon * 180.0 / (_AXIS / of.sqrt(magic) * of.cos(angle) * pi)
    return d_lon, d_lat


def _gcj02(lon: Any, lat: Any, of: Any) -> tuple[Any, Any]:
    d_lon, d_lat = _shift(lon, lat, of)
    return lon + d_lon, lat + d_lat


def _bd09(lon: Any, lat: Any, of: Any) -> tuple[Any, Any]:
    x, y = _gcj02(lon, lat, of)
    far = of.sqrt(x * x + y * y) + 0.00002 * of.sin(y * _BD)
    turn = (of.arctan2 if of is np else of.atan2)(y, x) + 0.000003 * of.cos(x * _BD)
    return far * of.cos(turn) + 0.0065, far * of.sin(turn) + 0.006


_SHIFTED = {Datum.GCJ02: _gcj02, Datum.BD09: _bd09}


def _checked(lon: float, lat: float) -> tuple[float, float]:
    if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):  # also refuses NaN
        raise CoordinatesWrong()
    return float(lon), float(lat)


def from_wgs84(lon: float, lat: float, datum: Datum) -> tuple[float, float]:
    """A WGS-84 point in `datum`; unchanged outside China, where nothing is shifted."""
    lon, lat = _checked(lon, lat)
    forward = _SHIFTED.get(datum)
    if forward is None or not _in_china(lon, lat):
        return lon, lat
    x, y = forward(lon, lat, math)
    return float(x), float(y)


def to_wgs84(lon: float, lat: float, datum: Datum) -> tuple[float, float]:
    """A point given in `datum` as WGS-84, found by iteration to well under a metre."""
    lon, lat = _checked(lon, lat)
    forward = _SHIFTED.get(datum)
    if forward is None or not _in_china(lon, lat):
        return lon, lat
    x, y = lon, lat
    for _turn in range(_TURNS):
        there = forward(x, y, math)
        d_lon, d_lat = lon - there[0], lat - there[1]
        x, y = x + d_lon, y + d_lat
        if abs(d_lon) < _STILL and abs(d_lat) < _STILL:
            break
    return x, y


def array_to_wgs84(points: NDArray[np.float64], datum: Datum) -> NDArray[np.float64]:
    """Like `to_wgs84` for an (n, 2) array; points outside China stay as they are."""
    forward = _SHIFTED.get(datum)
    if forward is None:
        return points
    lon, lat = points[:, 0], points[:, 1]
    inside = (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)
    wanted = points[inside]
    found = wanted.copy()
    for _turn in range(_TURNS):
        x, y = forward(found[:, 0], found[:, 1], np)
        step = wanted - np.column_stack((x, y))
        found += step
        if not step.size or np.abs(step).max() < _STILL:
            break
    result = points.copy()
    result[inside] = found
    return result


def h3_cell(lon: float, lat: float) -> str:
    """The H3 cell (resolution 9) of a WGS-84 point."""
    return str(h3.latlng_to_cell(lat, lon, H3_RESOLUTION))


def metres_between(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Great-circle distance of two WGS-84 points."""
    a, b = math.radians(lat), math.radians(other_lat)
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * _EARTH * math.asin(math.sqrt(half))
