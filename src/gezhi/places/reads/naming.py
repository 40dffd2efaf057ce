"""Everything in a county that has a name, and the names that people use for places."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from django.db.models import Q, QuerySet
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.places import rules
from gezhi.places.models import Area, AreaCode, Feature, PlaceName
from gezhi.places.reads.areas import today
from gezhi.places.reads.locating import Index, index_of
from gezhi.places.rules import NamedPlace

_BATCH = 2000
# Points of a road that are asked for the areas it runs through, and how far apart in degrees.
_MOST_STEPS, _STEP = 32, 0.002
_TOGETHER = 0.012  # degrees: pieces of one name so near to each other are one road
_FINE = 0.0002  # degrees a kept course may be off
_COURSES = frozenset({"road", "water"})
_DEGREE = 111_195.0
_VILLAGE = 12  # digits of its path


# Administrators look after the names of their area, and grid workers after those of their grid:
# these count at once where their village is said, everywhere once an administrator has said yes.
CONFIRMING = "area.manage"
NAMING = (CONFIRMING, "place.name")


def may_name(actor: Actor, *, path: str | None = None) -> bool:
    """Whether this actor may write names down: anywhere, or in the area at `path`."""
    return any(actor.may(right, path=path) for right in NAMING)


def must_name(actor: Actor, *, path: str | None = None) -> None:
    """Refuse unless `may_name`."""
    if not may_name(actor, path=path):
        actor.must(NAMING[-1], path=path)


def names_in(county: str) -> QuerySet[PlaceName]:
    """The names that hold today."""
    day = today()
    return PlaceName.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=day), county=county, valid_from__lte=day
    )


def names_for(
    actor: Actor, *, county: str, words: str = "", kind: str = "", is_waiting: bool = False
) -> QuerySet[PlaceName]:
    """Those this actor looks after, by name; with `words` those that hold them."""
    inside = Q()
    for path in frozenset().union(*(actor.paths(right) for right in NAMING)):
        inside |= Q(area__path__startswith=path)
    found = names_in(county).filter(inside) if inside else PlaceName.objects.none()
    if words:
        found = found.filter(Q(name__contains=words) | Q(area__name__contains=words))
    if kind:
        found = found.filter(kind=kind)
    if is_waiting:
        found = found.filter(is_waiting=True)
    return found.select_related("area").order_by("name", "area__path", "id")


def name_to_change(name_id: UUID, *, actor: Actor) -> PlaceName:
    """One name that this actor looks after, held until the transaction ends."""
    held = PlaceName.objects.select_for_update(of=("self",)).filter(id=name_id, valid_to=None)
    found = held.select_related("area").first()
    if found is None or not may_name(actor, path=found.area.path):
        raise NotFound()
    return found


def named_places(county: str) -> Iterator[NamedPlace]:
    """All that has a name: areas and what they were called before, the map, people's names."""
    index = index_of(county)
    spots = _spots_of(index)
    yield from _areas(county, spots)
    yield from _former(county, spots)
    yield from _features(county, index)
    yield from _people_say(county, spots)


_Spot = tuple[tuple[float, float] | None, float]
_NOWHERE: _Spot = (None, 0.0)


def _spots_of(index: Index) -> dict[str, _Spot]:
    """A point inside each outline in force, and how far it reaches from there."""
    if not index.shapes:
        return {}
    points = shapely.get_coordinates(shapely.point_on_surface(np.array(index.shapes)))
    bounds = shapely.bounds(np.array(index.shapes))
    found: dict[str, _Spot] = {}
    for each, (lon, lat), box in zip(index.outlines, points.tolist(), bounds, strict=True):
        found[each.path] = ((lon, lat), _reach(lon, lat, box))
    return found


def _reach(lon: float, lat: float, box: NDArray[np.float64]) -> float:
    """Metres from a point to the farthest corner of the box around it."""
    west, south, east, north = box.tolist()
    wide = max(lon - west, east - lon) * float(np.cos(np.radians(lat)))
    return float(np.hypot(wide, max(lat - south, north - lat))) * _DEGREE


def _areas(county: str, spots: dict[str, _Spot]) -> Iterator[NamedPlace]:
    rows = Area.objects.filter(county=county, valid_to=None).order_by("path")
    for path, name, short, kind in rows.values_list("path", "name", "short_name", "kind"):
        yield NamedPlace(name, kind, path, *spots.get(path, _NOWHERE), short=short)


def _former(county: str, spots: dict[str, _Spot]) -> Iterator[NamedPlace]:
    """What areas were called, and those that were joined to others; their land is theirs now."""
    rows = AreaCode.objects.filter(area__county=county).exclude(valid_to=None).order_by("code")
    values = rows.values_list("name", "area__name", "area__path", "area__kind", "area__valid_to")
    for name, now, path, kind, ended in values:
        if name != now or ended is not None:
            yield NamedPlace(name, kind, path, *spots.get(path, _NOWHERE))


def _people_say(county: str, spots: dict[str, _Spot]) -> Iterator[NamedPlace]:
    rows = names_in(county).order_by("id")
    columns = ("name", "kind", "area__path", "lon", "lat", "metres", "is_waiting")
    for name, kind, path, lon, lat, metres, waits in rows.values_list(*columns).iterator(_BATCH):
        own: _Spot = (None if lon is None else (lon, lat or 0.0), float(rules.REACH[kind]))
        point, far = own if own[0] else spots.get(path, _NOWHERE)
        yield NamedPlace(name, kind, path, point, metres or far, is_waiting=waits)


def _features(county: str, index: Index) -> Iterator[NamedPlace]:
    """Things of the map that have names; the pieces of one road are one."""
    rows = Feature.objects.filter(county=county).exclude(name="").order_by("kind", "name", "id")
    pieces: list[BaseGeometry] = []
    held: tuple[str, str] | None = None
    ready: list[tuple[str, str, BaseGeometry]] = []
    values: Any = rows.values_list("kind", "name", "geometry")
    for kind, name, geometry in values.iterator(_BATCH):
        if held not in (None, (kind, name)):
            ready += [(*held, each) for each in _together(pieces)]
            pieces = []
        held = (kind, name)
        shape = shapely.from_wkb(bytes(geometry))
        pieces += [] if shape.is_empty else [shape]
        if len(ready) >= _BATCH:
            yield from _things(ready, index)
            ready = []
    if held:
        ready += [(*held, each) for each in _together(pieces)]
    yield from _things(ready, index)


def _together(pieces: list[BaseGeometry]) -> list[BaseGeometry]:
    """Pieces that lie near each other as one."""
    if len(pieces) < 2:
        return pieces
    home = list(range(len(pieces)))

    def root(at: int) -> int:
        while home[at] != at:
            home[at] = home[home[at]]
            at = home[at]
        return at

    near = shapely.STRtree(pieces).query(pieces, predicate="dwithin", distance=_TOGETHER)
    for one, other in zip(*near.tolist(), strict=True):
        home[root(one)] = root(other)
    groups: dict[int, list[BaseGeometry]] = {}
    for at, piece in enumerate(pieces):
        groups.setdefault(root(at), []).append(piece)
    return [shapely.union_all(each) for each in groups.values()]


def _things(found: list[tuple[str, str, BaseGeometry]], index: Index) -> Iterator[NamedPlace]:
    points: list[NDArray[np.float64]] = []
    for kind, _name, shape in found:
        middle = shapely.get_coordinates(shapely.point_on_surface(shape))
        along = _along(shape) if kind in _COURSES else middle[:0]
        points.append(np.vstack([middle, along]))
    counts = [len(each) for each in points]
    paths = index.paths_at(np.vstack(points)) if points else []
    at = 0
    for (kind, name, shape), there, count in zip(found, points, counts, strict=True):
        inside = [path for path in paths[at : at + count] if path]
        at += count
        if inside:
            yield _thing(kind, name, shape, there[0], inside)


def _along(shape: BaseGeometry) -> NDArray[np.float64]:
    """Points along a road or a bank, so close that no village between two is left out."""
    fine = shapely.get_coordinates(shapely.segmentize(shape, _STEP))
    chosen = np.linspace(0, len(fine) - 1, min(len(fine), _MOST_STEPS)).astype(int)
    return np.asarray(fine[chosen], dtype=np.float64)


def _thing(
    kind: str, name: str, shape: BaseGeometry, middle: NDArray[np.float64], inside: list[str]
) -> NamedPlace:
    lon, lat = (float(value) for value in middle)
    metres = max(_reach(lon, lat, np.array(shape.bounds)), 60.0 if kind != "place" else 300.0)
    course = shapely.simplify(shape, _FINE) if kind in _COURSES else None
    path = rules.common_path(inside)
    villages = {each[:_VILLAGE] for each in inside if len(path) < _VILLAGE <= len(each)}
    return NamedPlace(
        name, kind, path, (lon, lat), metres, course=course, passes=tuple(sorted(villages))
    )
