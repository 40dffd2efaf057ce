"""Where things are reported from: built-up places, with the words people use for them."""

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gezhi.places import reads as places
from gezhi.places.models import Area

_EVERY = 0.0008  # degrees between places along a road
_AROUND = 0.00025  # degrees a report lies beside it
_NEAR_HOME = 0.004  # degrees from a village's middle that count as "in the village"


@dataclass(frozen=True)
class Spot:
    """One place: a point in a grid (WGS-84), and how somebody would call it."""

    path: str
    lon: float
    lat: float
    in_town: bool
    words: str


class Spots:
    """All grids with their places, drawn by how many people live there."""

    def __init__(self, county: str) -> None:
        areas = list(places.areas_under(county, county=county))
        self._names = {area.path: area.short_name for area in areas}
        self._kinds = {area.path: area.kind for area in areas}
        self._grids = sorted(
            (area for area in areas if area.level == "grid"), key=lambda area: area.path
        )
        people = np.array([area.population + 5.0 for area in self._grids])
        self._odds = people / people.sum()
        outlines = places.outlines_of(self._grids)
        self._outlines = {area.path: outlines[area.id] for area in self._grids}
        self._points = _points_by_grid(county, self._outlines)

    def draw(self, chance: np.random.Generator) -> Spot:
        """A place somewhere in the county."""
        area = self._grids[int(chance.choice(len(self._grids), p=self._odds))]
        return self.draw_in(area, chance)

    def draw_in(self, area: Area, chance: np.random.Generator) -> Spot:
        """A place in one grid, beside a road or a house."""
        outline = self._outlines[area.path]
        points = self._points[area.path]
        for _ in range(12):
            lon, lat = points[int(chance.integers(len(points)))] + chance.normal(0, _AROUND, 2)
            if shapely.contains_xy(outline, lon, lat):
                break
        else:
            lon, lat = shapely.get_coordinates(shapely.point_on_surface(outline))[0]
        village = area.path[:12]
        return Spot(
            path=area.path,
            lon=round(float(lon), 6),
            lat=round(float(lat), 6),
            in_town=self._kinds[village] == "community",
            words=self._call(area, chance),
        )

    def _call(self, area: Area, chance: np.random.Generator) -> str:
        if area.kind == "exclusive":
            return area.short_name
        village = area.path[:12]
        name = self._names[village]
        if self._kinds[village] == "community":
            return f"{name}社区{1 + int(chance.integers(60))}号附近"
        return f"{name}村{'一二三四五六'[int(chance.integers(6))]}组"


def _points_by_grid(county: str, outlines: dict[str, Any]) -> dict[str, np.ndarray[Any, Any]]:
    """Points on roads and at buildings inside each grid; in the country those near the village."""
    revision = places.revision(county)
    roads = _shapes(places.layer("roads", county=county, revision=revision))
    houses = _shapes(places.layer("buildings", county=county, revision=revision))
    homes = _shapes(places.layer("places", county=county, revision=revision))
    on_roads = shapely.get_coordinates(shapely.segmentize(roads, _EVERY))
    middles = shapely.get_coordinates(shapely.centroid(houses))
    candidates = np.asarray(shapely.points(np.vstack([on_roads, middles])))
    off = shapely.distance(candidates, shapely.union_all(homes))
    candidates = candidates[off < _NEAR_HOME]
    paths = list(outlines)
    tree = shapely.STRtree(candidates)
    grids, found = tree.query([outlines[path] for path in paths], predicate="contains")
    inside: dict[str, list[int]] = defaultdict(list)
    for grid, point in zip(grids.tolist(), found.tolist(), strict=True):
        inside[paths[grid]].append(point)
    everywhere = shapely.get_coordinates(candidates)
    return {
        path: everywhere[sorted(inside[path])]
        if inside[path]
        else shapely.get_coordinates(shapely.point_on_surface(outlines[path]))
        for path in paths
    }


def _shapes(geojson: bytes) -> Any:
    features = json.loads(geojson)["features"]
    return np.array([shapely.geometry.shape(one["geometry"]) for one in features], dtype=object)
