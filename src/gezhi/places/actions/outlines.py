"""Boundaries: set one, set many, import a file of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import shapely
from django.db import transaction
from django.db.models import F
from shapely.geometry.base import BaseGeometry

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.places import reads, rules
from gezhi.places.actions.areas import touch
from gezhi.places.errors import DatesOutOfOrder, DivisionUnknown, OutlineWrong
from gezhi.places.facts import BoundariesSet
from gezhi.places.models import Area, Boundary
from gezhi.places.rules import Datum, Outline, RowError
from gezhi.places.rules.outlines import is_on_earth
from gezhi.record.actions import announce


@dataclass(frozen=True)
class OutlineReport:
    """What became of each outline; `repaired` holds (path, what was wrong with the ring)."""

    outlines: int
    set: int
    unchanged: int
    repaired: tuple[tuple[str, str], ...]
    errors: tuple[RowError, ...]


@transaction.atomic
def set_boundary(
    area_id: UUID, geometry: BaseGeometry, *, datum: Datum = Datum.WGS84, on: date, actor: Actor
) -> None:
    """Give an area another outline from `on`; the one before keeps its dates."""
    set_boundaries([(area_id, geometry)], datum=datum, on=on, actor=actor)


@transaction.atomic
def set_boundaries(
    outlines: Sequence[tuple[UUID, BaseGeometry]],
    *,
    datum: Datum = Datum.WGS84,
    on: date,
    actor: Actor,
) -> int:
    """Give areas other outlines from `on`; returns how many were not so already."""
    areas = {each.id: each for each in Area.objects.filter(id__in=[at for at, _g in outlines])}
    wanted: dict[UUID, bytes] = {}
    for area_id, geometry in outlines:
        if area_id not in areas:
            raise DivisionUnknown(code=str(area_id))
        wanted[area_id] = shapely.to_wkb(sound_outline(geometry, datum))
    return _write(areas, wanted, datum=datum, on=on, actor=actor)


def sound_outline(geometry: BaseGeometry, datum: Datum) -> BaseGeometry:
    if not is_on_earth(geometry):
        raise OutlineWrong(why="longitude, latitude")
    land, wrong = rules.mend(rules.to_wgs84_geometry(geometry, datum))
    if land is None:
        raise OutlineWrong(why=wrong)
    return land


def _write(
    areas: Mapping[UUID, Area],
    wanted: Mapping[UUID, bytes],
    *,
    datum: Datum,
    on: date,
    actor: Actor,
) -> int:
    now = clock.now()
    for path in sorted({areas[area_id].path for area_id in wanted}):
        actor.must("area.manage", path=path)
    reads.counties_to_change(areas[area_id].county for area_id in wanted)
    standing = {row.area_id: row for row in Boundary.objects.filter(area__in=wanted, valid_to=None)}
    changed = [
        area_id
        for area_id, raw in wanted.items()
        if area_id not in standing or bytes(standing[area_id].geometry) != raw
    ]
    _close(standing, changed, on=on)
    Boundary.objects.bulk_create(
        [
            Boundary(
                area_id=area_id, geometry=wanted[area_id], source_datum=datum.value, valid_from=on
            )
            for area_id in changed
        ],
        batch_size=500,
    )
    _announce([areas[area_id] for area_id in changed], actor=actor, now=now)
    return len(changed)


def _close(standing: Mapping[UUID, Boundary], changed: Iterable[UUID], *, on: date) -> None:
    """End the outlines in force on `on`; one that began that same day was a slip and goes."""
    ending = [standing[area_id] for area_id in changed if area_id in standing]
    late = [row for row in ending if row.valid_from > on]
    if late:
        raise DatesOutOfOrder(since=max(row.valid_from for row in late).isoformat())
    ids = [row.id for row in ending]
    Boundary.objects.filter(id__in=ids).update(valid_to=on)
    Boundary.objects.filter(id__in=ids, valid_from=F("valid_to")).delete()


def _announce(areas: Sequence[Area], *, actor: Actor, now: datetime) -> None:
    counties = {area.county for area in areas}
    touch(counties, now=now)
    for county in sorted(counties):
        paths = tuple(sorted(area.path for area in areas if area.county == county))
        fact = BoundariesSet(county=county, paths=paths)
        announce(fact, about=f"county:{county}", county=county, actor=actor, now=now)


@transaction.atomic
def import_outlines(
    data: bytes | str | Mapping[str, Any], *, datum: Datum, code: str = "", on: date, actor: Actor
) -> OutlineReport:
    """Set the outlines of a GeoJSON file, by the code each carries (or `code` for a bare shape)."""
    outlines, unread = rules.read_outlines(data, code=code)
    known = reads.areas_by_paths(outline.path for outline in outlines)
    errors = list(unread)
    repaired: list[tuple[str, str]] = []
    wanted: dict[UUID, bytes] = {}
    for outline in outlines:
        area = known.get(outline.path)
        if area is None:
            errors.append(RowError(outline.number, "division_unknown", outline.path))
            continue
        land, wrong = _mended(outline, datum)
        if land is None:
            errors.append(RowError(outline.number, "geometry_wrong", outline.path))
            continue
        if wrong:
            repaired.append((outline.path, wrong))
        wanted[area.id] = shapely.to_wkb(land)
    areas = {area.id: area for area in known.values()}
    count = _write(areas, wanted, datum=datum, on=on, actor=actor)
    total = len(outlines) + len(unread)
    return OutlineReport(
        outlines=total,
        set=count,
        unchanged=total - len(errors) - count,
        repaired=tuple(repaired),
        errors=tuple(sorted(errors, key=lambda error: error.line)),
    )


def _mended(outline: Outline, datum: Datum) -> tuple[BaseGeometry | None, str]:
    if not is_on_earth(outline.geometry):
        return None, ""
    return rules.mend(rules.to_wgs84_geometry(outline.geometry, datum))
