"""What maps draw: areas, roads, water, buildings as GeoJSON bytes, heights as tiles.

Answers are kept in memory by the county's revision, so drawing is paid for once.
"""

import functools
import io
import json
import zlib
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image
from shapely.geometry.base import BaseGeometry

from gezhi.places.models import Feature, Relief
from gezhi.places.reads.areas import (
    areas_under,
    boundaries_in_force,
    outline,
    today,
)
from gezhi.places.reads.standing import area_by_path
from gezhi.places.rules import relief as relief_rules

LIMIT = 300_000  # bytes of one answer: a second on a slow phone
_DIGITS = 6  # a tenth of a metre
_FIRST_TOLERANCE = {"grid": 0.00002, "village": 0.00003, "town": 0.00008, "county": 0.0001}
_KINDS = {"roads": "road", "water": "water", "buildings": "building", "places": "place"}
LAYERS = ("areas", *_KINDS)

_Row = tuple[dict[str, Any], BaseGeometry]


def layer(
    name: str, *, county: str, revision: UUID | None, level: str = "", path: str = ""
) -> bytes:
    """A layer as a GeoJSON FeatureCollection of at most `LIMIT` bytes.

    It is simplified until it fits; if that is not enough the smallest things are
    left out and `left_out` says how many. `path` narrows areas to those inside it.
    """
    return _layer(name, county, revision, level, path, today().toordinal())


@functools.lru_cache(maxsize=64)
def _layer(
    name: str, county: str, revision: UUID | None, level: str, path: str, _day: int
) -> bytes:
    if name == "areas":
        rows = _area_rows(county, level, path)
        return _fitting(rows, _FIRST_TOLERANCE.get(level, 0.0001), _simplify_tiling)
    return _fitting(_feature_rows(county, _KINDS[name]), 0.000005, _simplify_each)


def _area_rows(county: str, level: str, path: str) -> list[_Row]:
    areas = {each.id: each for each in areas_under(path, county=county, level=level or None)}
    outlines = boundaries_in_force().filter(area__in=areas)
    rows = []
    for area_id, raw in outlines.order_by("area__path").values_list("area_id", "geometry"):
        each = areas[area_id]
        properties = {
            "id": str(each.id),
            "path": each.path,
            "name": each.name,
            "short_name": each.short_name,
            "level": each.level,
            "kind": each.kind,
            "households": each.households,
            "population": each.population,
        }
        rows.append((properties, shapely.from_wkb(bytes(raw))))
    return rows


def _feature_rows(county: str, kind: str) -> list[_Row]:
    rows = Feature.objects.filter(county=county, kind=kind).order_by("rank", "id")
    return [
        (_feature_properties(name, height, rank, kind), shapely.from_wkb(bytes(raw)))
        for name, height, rank, raw in rows.values_list("name", "height", "rank", "geometry")
    ]


def _feature_properties(name: str, height: float, rank: int, kind: str) -> dict[str, Any]:
    properties: dict[str, Any] = {"rank": rank} if kind == "road" else {}
    if name:
        properties["name"] = name
    if kind == "building":
        properties["height"] = round(height, 1)
    return properties


def _simplify_tiling(rows: list[_Row], tolerance: float) -> list[BaseGeometry]:
    """Simplify areas of one kind together, so that neighbours keep their common edge."""
    result: list[BaseGeometry] = [shape for _properties, shape in rows]
    for kind in {(row[0]["level"], row[0]["kind"] == "exclusive") for row in rows}:
        places = [
            at
            for at, (p, _shape) in enumerate(rows)
            if (p["level"], p["kind"] == "exclusive") == kind
        ]
        shapes = np.array([result[at] for at in places], dtype=object)
        simple = shapely.coverage_simplify(shapes, tolerance)
        for at, shape in zip(places, simple, strict=True):
            result[at] = shape if not shape.is_empty else result[at]
    return result


def _simplify_each(rows: list[_Row], tolerance: float) -> list[BaseGeometry]:
    shapes = np.array([shape for _properties, shape in rows], dtype=object)
    return list(shapely.simplify(shapes, tolerance, preserve_topology=True)) if rows else []


def _fitting(
    rows: list[_Row],
    tolerance: float,
    simplify: Callable[[list[_Row], float], list[BaseGeometry]],
) -> bytes:
    shapes: list[BaseGeometry] = []
    for _turn in range(6):
        shapes = simplify(rows, tolerance)
        tolerance *= 2.5
        if _guess(shapes) > LIMIT:
            continue
        body = _collection(zip((row[0] for row in rows), shapes, strict=True))
        if len(body) <= LIMIT:
            return body
    largest = sorted(
        zip((row[0] for row in rows), shapes, strict=True),
        key=lambda row: (-row[1].area, -row[1].length),
    )
    keep = min(len(rows), len(rows) * LIMIT // _guess(shapes))
    while True:
        body = _collection(largest[:keep], left_out=len(rows) - keep)
        if len(body) <= LIMIT:
            return body
        keep = keep * 9 // 10


def _guess(shapes: list[BaseGeometry]) -> int:
    """Bytes that these shapes take at least: 19 for a point, 70 around each."""
    return int(shapely.get_num_coordinates(shapes).sum()) * 19 + len(shapes) * 70


def _collection(rows: Iterable[tuple[dict[str, Any], BaseGeometry]], *, left_out: int = 0) -> bytes:
    parts = list(rows)
    shapes = shapely.transform([shape for _properties, shape in parts], _rounded)
    features = ",".join(
        _feature(properties, geometry)
        for (properties, _shape), geometry in zip(parts, shapely.to_geojson(shapes), strict=True)
    )
    rest = f',"left_out":{left_out}' if left_out else ""
    return f'{{"type":"FeatureCollection","features":[{features}]{rest}}}'.encode()


def _feature(properties: dict[str, Any], geometry: str) -> str:
    number = f'"id":{int(properties["path"])},' if "path" in properties else ""
    words = json.dumps(properties, ensure_ascii=False, separators=(",", ":"))
    return f'{{"type":"Feature",{number}"properties":{words},"geometry":{geometry}}}'


def _rounded(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.round(points, _DIGITS)


@functools.lru_cache(maxsize=4)
def _dem(county: str, _revision: UUID | None) -> relief_rules.Dem | None:
    found = Relief.objects.filter(county=county).first()
    if found is None:
        return None
    heights = np.frombuffer(zlib.decompress(bytes(found.heights)), dtype="<f4")
    return relief_rules.Dem(
        west=found.west,
        south=found.south,
        east=found.east,
        north=found.north,
        heights=heights.reshape(found.rows, found.columns),
    )


def elevation(lon: float, lat: float, *, county: str, revision: UUID | None) -> float | None:
    """Metres above the sea at a WGS-84 point; None without relief or beyond it."""
    dem = _dem(county, revision)
    if dem is None or not (dem.west <= lon <= dem.east and dem.south <= lat <= dem.north):
        return None
    return float(relief_rules.sample(dem, np.array([lon]), np.array([lat]))[0])


@functools.lru_cache(maxsize=512)
def terrain_tile(county: str, revision: UUID | None, z: int, x: int, y: int) -> bytes | None:
    """A terrarium PNG; None where the county has no relief."""
    dem = _dem(county, revision)
    if dem is None or not relief_rules.touches(dem, z, x, y):
        return None
    picture = Image.fromarray(relief_rules.tile(dem, z, x, y), mode="RGB")
    out = io.BytesIO()
    picture.save(out, format="PNG", compress_level=4)
    return out.getvalue()


def overview(county: str, *, revision: UUID | None) -> dict[str, Any]:
    """What a map needs before its first layer: bounds of the county, and which layers exist."""
    root = area_by_path(county, county)
    shape = outline(root.id)
    dem = _dem(county, revision)
    kinds = set(Feature.objects.filter(county=county).values_list("kind", flat=True).distinct())
    return {
        "county": county,
        "name": root.name,
        "revision": str(revision or ""),
        "bounds": [round(value, _DIGITS) for value in shape.bounds] if shape else None,
        "layers": [name for name, kind in _KINDS.items() if kind in kinds],
        "relief": [dem.west, dem.south, dem.east, dem.north] if dem else None,
        "relief_zoom": relief_rules.deepest_zoom(dem) if dem else None,
    }
