"""Laying down who answers for what: by hand, and by the table."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound, Refusal
from gezhi.base.sheets import SheetTooLarge, SheetUnreadable, cell_text, is_filled, lines_of
from gezhi.people import reads as people
from gezhi.people.rules import UnitKind
from gezhi.places import actions as places
from gezhi.places import reads as place_reads
from gezhi.places.errors import OutlineWrong, SaidAlready
from gezhi.places.models import Responsibility, Zone
from gezhi.places.rules import NewOwner, corridor
from gezhi.rulebook import reads as rulebook
from gezhi.triage.errors import GroundUnknown, OwnedUnknown, OwnersUnreadable, OwnerUnfit
from gezhi.triage.reads.owning import RIGHT

MOST_METRES = 500  # to each side of a line
_MOST_LINES = 5000
_MOST_FAULTS = 20
_COLUMNS = 7


@dataclass(frozen=True)
class Imported:
    """How many lines of a table were new, and how many said what was laid down already."""

    added: int
    known: int


@transaction.atomic
def lay_down(
    *,
    ground: str,
    unit: str,
    reason: str,
    asset: str = "",
    category: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
    actor: Actor,
) -> Responsibility:
    """`ground` is the code of an area, or the name or id of a named ground."""
    county = settings.COUNTY
    actor.must(RIGHT)
    _must_be_known(asset, category)
    try:
        found = people.unit_by_code(county, unit)
    except NotFound as error:
        raise OwnerUnfit(unit=unit) from error
    if not found.is_active or found.kind == UnitKind.CENTRE:
        raise OwnerUnfit(unit=unit)
    zone = None if ground.isdigit() else _zone_called(county, ground)
    new = NewOwner(
        unit, reason, path=ground if zone is None else "", zone=zone, asset=asset,
        category=category, valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    return places.add_responsibility(new, county=county, actor=actor)


def _must_be_known(asset: str, category: str) -> None:
    book = rulebook.current(settings.COUNTY)
    if asset and asset not in book.assets.by_key:
        raise OwnedUnknown(value=asset)
    if category and category not in book.categories and category not in book.groups:
        raise OwnedUnknown(value=category)


def _zone_called(county: str, name: str) -> UUID:
    zones = place_reads.zones(county)
    named = [zone.id for zone in zones if name in (zone.name, str(zone.id))]
    if len(named) != 1:
        raise GroundUnknown(value=name)
    return named[0]


def end(id: UUID, *, on: date | None = None, actor: Actor) -> Responsibility:
    """It holds no longer, from today unless another day is said."""
    actor.must(RIGHT)
    day = on or place_reads.today()
    return places.end_responsibility(id, county=settings.COUNTY, on=day, actor=actor)


@transaction.atomic
def add_ground(
    *, name: str, kind: str, path: str, outline: str = "", metres: float = 0, actor: Actor
) -> Zone:
    """Add a named ground.

    `outline` is GeoJSON of a polygon, or of a line with `metres` to each side of it, or the code
    of an area whose outline it has. Without one it is known by its name.
    """
    actor.must(RIGHT)
    drawn = _drawn(outline.strip(), metres) if outline.strip() else None
    return places.add_zone(
        name, kind, path=path, county=settings.COUNTY, outline=drawn, on=place_reads.today(),
        actor=actor,
    )  # fmt: skip


def _drawn(outline: str, metres: float) -> BaseGeometry:
    if outline.isdecimal():
        area = place_reads.area_by_path(settings.COUNTY, outline)
        boundary = place_reads.boundary_of(area.id)
        if boundary is None:
            raise OutlineWrong(why=outline)
        return shapely.from_wkb(bytes(boundary.geometry))
    try:
        drawn = shape(_geometry(json.loads(outline)))
    except (
        ValueError, TypeError, LookupError, AttributeError, RecursionError, ShapelyError
    ) as error:  # fmt: skip
        raise OutlineWrong(why="GeoJSON") from error
    if drawn.is_empty or not np.isfinite(shapely.get_coordinates(drawn)).all():
        raise OutlineWrong(why="GeoJSON")
    if drawn.geom_type in {"LineString", "MultiLineString"}:
        if not 0 < metres <= MOST_METRES:
            raise OutlineWrong(why=f"0–{MOST_METRES} m")
        return corridor(drawn, metres)
    return drawn


def _geometry(data: dict[str, Any]) -> dict[str, Any]:
    if data["type"] == "FeatureCollection":
        data = data["features"][0]
    return dict(data["geometry"]) if data["type"] == "Feature" else data


@transaction.atomic
def import_table(data: bytes, *, actor: Actor) -> Imported:
    """All lines of a workbook or none; the faults are told with their lines.

    Columns: area code or name of a ground, thing, category, unit, reason, from, to.
    """
    actor.must(RIGHT)
    added, known, faults = 0, 0, []
    for number, cells in _lines(data):
        try:
            with transaction.atomic():
                _lay_down_line(cells, actor)
            added += 1
        except SaidAlready:
            known += 1
        except (Refusal, ValueError) as fault:
            faults.append(_("第 %(line)s 行：%(why)s") % {"line": number, "why": fault})
    if faults:
        raise OwnersUnreadable(why="；".join(faults[:_MOST_FAULTS]))
    return Imported(added, known)


def _lines(data: bytes) -> list[tuple[int, list[str]]]:
    """The lines under the heading with their numbers, each as long as the table is wide."""
    try:
        lines = lines_of(data)
    except (SheetUnreadable, SheetTooLarge):
        lines = []
    if not 1 < len(lines) <= _MOST_LINES:
        raise OwnersUnreadable(why=_("请用 xlsx，最多 %(most)s 行。") % {"most": _MOST_LINES})
    return [
        (number, [*map(cell_text, cells), *[""] * _COLUMNS][:_COLUMNS])
        for number, cells in enumerate(lines[1:], start=2)
        if is_filled(cells)
    ]


def _lay_down_line(cells: list[str], actor: Actor) -> None:
    ground, asset, category, unit, reason, begins, ends = cells
    lay_down(
        ground=ground,
        asset=asset,
        category=category,
        unit=unit,
        reason=reason,
        valid_from=date.fromisoformat(begins[:10]) if begins else None,
        valid_to=date.fromisoformat(ends[:10]) if ends else None,
        actor=actor,
    )
