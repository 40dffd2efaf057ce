"""Reading GeoJSON outlines, bringing them to WGS-84, mending broken rings. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry

from gezhi.places.errors import CodeWrong, OutlinesUnreadable
from gezhi.places.rules.codes import path_of
from gezhi.places.rules.datum import Datum, array_to_wgs84
from gezhi.places.rules.tables import RowError

_CODE_FIELDS = ("code", "adcode", "id", "path")


@dataclass(frozen=True)
class Outline:
    """One outline as a file gives it, still in the file's datum; `number` counts from 1."""

    number: int
    path: str
    geometry: BaseGeometry


def read_outlines(
    data: bytes | str | Mapping[str, Any], *, code: str = ""
) -> tuple[tuple[Outline, ...], tuple[RowError, ...]]:
    """Outlines of a FeatureCollection, a Feature or a bare geometry (which needs `code`)."""
    if not isinstance(data, Mapping):
        data = _parsed(data)
    if data.get("UTF8Encoding"):
        raise OutlinesUnreadable()  # coordinates packed into characters: decode them first
    outlines: list[Outline] = []
    errors: list[RowError] = []
    for number, feature in enumerate(_features(data), start=1):
        read = _outline(number, feature, code)
        if isinstance(read, Outline):
            outlines.append(read)
        else:
            errors.append(read)
    if not outlines and not errors:
        raise OutlinesUnreadable()
    return tuple(outlines), tuple(errors)


def _parsed(data: bytes | str) -> Mapping[str, Any]:
    try:
        parsed = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise OutlinesUnreadable() from error
    if not isinstance(parsed, dict):
        raise OutlinesUnreadable()
    return parsed


def _features(data: Mapping[str, Any]) -> Iterator[Any]:
    features = data.get("features")
    if data.get("type") == "FeatureCollection" and isinstance(features, list):
        yield from features
    elif data.get("type") == "Feature":
        yield data
    elif data.get("type") in {"Polygon", "MultiPolygon"}:
        yield {"type": "Feature", "geometry": data, "properties": {}}


def _outline(number: int, feature: Any, code: str) -> Outline | RowError:
    if not isinstance(feature, Mapping):
        return RowError(number, "geometry_wrong")
    properties = feature.get("properties") or {}
    known = [feature.get("id"), *(properties.get(field) for field in _CODE_FIELDS)]
    found = code or next((str(value) for value in known if value), "")
    try:
        path = path_of(found)
        geometry = shape(feature["geometry"])
    except CodeWrong:
        return RowError(number, "code_wrong", found[:20])
    except (LookupError, TypeError, ValueError, AttributeError, shapely.GEOSException):
        return RowError(number, "geometry_wrong", found[:20])
    if geometry.is_empty or not isinstance(geometry, Polygon | MultiPolygon):
        return RowError(number, "geometry_wrong", found[:20])
    return Outline(number, path, geometry)


def to_wgs84_geometry(geometry: BaseGeometry, datum: Datum) -> BaseGeometry:
    """The same geometry in WGS-84."""
    if datum in {Datum.WGS84, Datum.CGCS2000}:
        return geometry
    return shapely.transform(geometry, lambda points: array_to_wgs84(points, datum))


def is_on_earth(geometry: BaseGeometry) -> bool:
    """Whether every coordinate is a longitude and a latitude."""
    points = shapely.get_coordinates(geometry)
    if not len(points) or not np.isfinite(points).all():
        return False
    return bool((np.abs(points) <= np.array([180.0, 90.0])).all())


def mend(geometry: BaseGeometry) -> tuple[Polygon | MultiPolygon | None, str]:
    """A valid polygon of the same land (None if hopeless), and what was wrong ("": nothing)."""
    flat = shapely.force_2d(geometry)
    if flat.is_valid:
        if isinstance(flat, Polygon | MultiPolygon) and not flat.is_empty:
            return flat, ""
        return None, "not a polygon"
    wrong = shapely.is_valid_reason(flat)
    parts = [
        part
        for part in shapely.get_parts(shapely.make_valid(flat), return_index=False)
        if part.geom_type in {"Polygon", "MultiPolygon"} and part.area > 0
    ]
    land = shapely.union_all(parts) if parts else Polygon()
    if isinstance(land, Polygon | MultiPolygon) and not land.is_empty:
        return land, wrong
    return None, wrong
