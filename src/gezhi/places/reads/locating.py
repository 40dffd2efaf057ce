"""Point → grid, in memory. Each process keeps a tree of the boundaries in force.

The tree is thrown away when the county's revision has another token; a process
asks for the token once a second at most. A transaction that has itself changed
places uses a tree of its own, so that nothing uncommitted is ever shared.
"""

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
import shapely
from django.db import connection
from django.db.models import Q
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree

from gezhi.places import rules
from gezhi.places.errors import OutsideCounty
from gezhi.places.models import Boundary
from gezhi.places.reads.areas import area, revision, today

NEAR = 150.0  # metres: how far a sliver between two grids may lie from the next one
LOOK_AGAIN = 1.0  # seconds
_DEGREE = 111_195.0  # metres


@dataclass(frozen=True)
class Place:
    """Where a point lies. `area` is a general grid, or the smallest area known there."""

    area: UUID
    path: str
    level: str
    exclusive: UUID | None
    exclusive_path: str | None
    h3: str


@dataclass(frozen=True)
class _Outline:
    area: UUID
    path: str
    level: str
    kind: str
    starts: date
    ends: date | None


class Index:
    """The boundaries of one county that are in force from `since` until before `until`."""

    def __init__(
        self,
        token: UUID | None,
        since: date,
        until: date,
        outlines: list[_Outline],
        shapes: list[BaseGeometry],
    ) -> None:
        self.token, self.since, self.until = token, since, until
        self.outlines = outlines
        self.shapes = shapes
        shapely.prepare(shapes)
        self.tree = STRtree(shapes)
        self.grids = [at for at, each in enumerate(outlines) if each.level == "grid"]
        self.grid_tree = STRtree([shapes[at] for at in self.grids])

    def find(self, lon: float, lat: float, *, top: int) -> Place | None:
        """The place of a point; None outside the outline of the root, a path of length `top`."""
        point = shapely.Point(lon, lat)
        found = [self.outlines[self.grids[at]] for at in self.grid_tree.query(point, "intersects")]
        general = [each for each in found if each.kind == "grid"]
        smallest = min(general, key=_by_path) if general else self._without_grid(point, top)
        if smallest is None:
            return None
        own = min((e for e in found if e.kind == "exclusive"), key=_by_path, default=None)
        return Place(
            area=smallest.area,
            path=smallest.path,
            level=smallest.level,
            exclusive=own.area if own else None,
            exclusive_path=own.path if own else None,
            h3=rules.h3_cell(lon, lat),
        )

    def paths_at(self, points: NDArray[np.float64]) -> list[str]:
        """The paths of the general grids, or smallest areas, that hold points; "" outside all.

        For many points at once, without what a single one gets beside its path.
        """
        paths = [""] * len(points)
        found, shapes = self.tree.query(shapely.points(points), "intersects")
        for at, shape in zip(found.tolist(), shapes.tolist(), strict=True):
            each = self.outlines[shape]
            if each.kind != "exclusive" and len(each.path) > len(paths[at]):
                paths[at] = each.path
        return paths

    def _without_grid(self, point: shapely.Point, top: int) -> _Outline | None:
        """A point that no general grid holds: the next grid, or the smallest area around it."""
        found = [self.outlines[at] for at in self.tree.query(point, "intersects")]
        held = [each for each in found if each.kind != "exclusive"]
        outside = self._has_root(top) and all(len(each.path) != top for each in held)
        if outside or not held:
            return None
        longest = max(len(each.path) for each in held)
        smallest = min((e for e in held if len(e.path) == longest), key=_by_path)
        return self._nearest_grid(point) or smallest

    @functools.cached_property
    def _tops(self) -> frozenset[int]:
        return frozenset(len(each.path) for each in self.outlines)

    def _has_root(self, top: int) -> bool:
        return top in self._tops

    def _nearest_grid(self, point: shapely.Point) -> _Outline | None:
        """The next general grid within `NEAR`, measured in metres and not in degrees."""
        reach = NEAR / _DEGREE / max(0.1, float(np.cos(np.radians(point.y))))
        near = self.grid_tree.query(point, predicate="dwithin", distance=reach)
        best, least = None, NEAR
        for at in near:
            if self.outlines[self.grids[at]].kind == "exclusive":
                continue
            edge = shapely.shortest_line(point, self.shapes[self.grids[at]]).coords[-1]
            metres = rules.metres_between(point.x, point.y, edge[0], edge[1])
            if metres <= least:
                best, least = self.outlines[self.grids[at]], metres
        return best

    def touching(self, area_id: UUID) -> list[UUID]:
        """Areas of the same level (and, for grids, kind) whose outlines touch this one's."""
        mine = next((at for at, e in enumerate(self.outlines) if e.area == area_id), None)
        if mine is None:
            return []
        near = self.tree.query(self.shapes[mine].buffer(1e-6), predicate="intersects")
        return [
            self.outlines[at].area
            for at in sorted(near)
            if at != mine and self.outlines[at].kind == self.outlines[mine].kind
        ]


def _by_path(outline: _Outline) -> str:
    return outline.path


def build_index(county: str, *, day: date, token: UUID | None = None) -> Index:
    """A fresh index of the boundaries in force on `day`, and for how long it stays right."""
    rows = (
        Boundary.objects.filter(area__county=county)
        .filter(Q(area__valid_to=None) | Q(area__valid_to__gt=day))
        .order_by("area__path", "valid_from")
        .values_list(
            "area_id", "area__path", "area__level", "area__kind", "valid_from", "valid_to",
            "geometry",
        )
    )  # fmt: skip
    since, until = date.min, date.max
    outlines: list[_Outline] = []
    raw: list[bytes] = []
    for area_id, path, level, kind, starts, ends, geometry in rows:
        for edge in (starts, ends):
            if edge is not None and edge <= day:
                since = max(since, edge)
            elif edge is not None:
                until = min(until, edge)
        if starts <= day and (ends is None or day < ends):
            outlines.append(_Outline(area_id, path, level, kind, starts, ends))
            raw.append(bytes(geometry))
    return Index(token, since, until, outlines, list(shapely.from_wkb(raw)))


@dataclass
class _Kept:
    index: Index
    asked: float


_shared: dict[str, _Kept] = {}
_drafts: dict[str, Index] = {}
_forgotten: dict[str, int] = {}


def forget(county: str) -> None:
    """Ask for the county's revision again before the next answer."""
    _forgotten[county] = times_forgotten(county) + 1
    if kept := _shared.get(county):
        kept.asked = -LOOK_AGAIN


def times_forgotten(county: str) -> int:
    """For what else is kept as long as the revision stands."""
    return _forgotten.get(county, 0)


def forget_on_commit(county: str) -> Callable[[], None]:
    """What a change hangs on its commit; while it hangs there, the change is a draft."""
    return functools.partial(forget, county)


def is_draft(county: str) -> bool:
    """Whether this transaction has itself changed the county's places."""
    hanging = (entry[1] for entry in connection.run_on_commit)
    return any(
        isinstance(each, functools.partial) and each.func is forget and each.args == (county,)
        for each in hanging
    )


def _fits(index: Index | None, day: date) -> bool:
    return index is not None and index.since <= day < index.until


def index_of(county: str) -> Index:
    """The county's index for today, no older than a second."""
    day = today()
    if connection.in_atomic_block and is_draft(county):
        return _draft_index(county, day)
    kept = _shared.get(county)
    now = time.monotonic()
    if kept and _fits(kept.index, day) and now - kept.asked < LOOK_AGAIN:
        return kept.index
    token = revision(county)
    if kept and _fits(kept.index, day) and kept.index.token == token:
        kept.asked = now
        return kept.index
    index = build_index(county, day=day, token=token)
    _shared[county] = _Kept(index, now)
    return index


def _draft_index(county: str, day: date) -> Index:
    token = revision(county)
    index = _drafts.get(county)
    if index is None or index.token != token or not _fits(index, day):
        index = _drafts[county] = build_index(county, day=day, token=token)
    return index


def locate(lon: float, lat: float, *, county: str) -> Place | None:
    """Where a WGS-84 point lies; None outside the county."""
    rules.from_wgs84(lon, lat, rules.Datum.WGS84)  # refuses what is no coordinate
    return index_of(county).find(lon, lat, top=len(rules.path_of(county)))


def place_at(lon: float, lat: float, *, county: str) -> Place:
    """Like `locate`, refusing a point outside the county."""
    place = locate(lon, lat, county=county)
    if place is None:
        raise OutsideCounty()
    return place


def path_around(lon: float, lat: float, metres: float, *, county: str) -> str:
    """The path of the smallest area that holds everything so far around; "" outside the county."""
    turns = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    wide = metres / _DEGREE / max(0.1, float(np.cos(np.radians(lat))))
    ring = np.column_stack([lon + wide * np.cos(turns), lat + metres / _DEGREE * np.sin(turns)])
    paths = index_of(county).paths_at(np.vstack([[[lon, lat]], ring]))
    return rules.common_path([path for path in paths if path]) if paths[0] else ""


def neighbours(area_id: UUID) -> list[UUID]:
    """Areas of the same kind that touch this one."""
    return index_of(area(area_id).county).touching(area_id)
