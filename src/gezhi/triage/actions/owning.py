"""Laying down who answers for what: by hand, and by the table."""

import json
from collections import defaultdict
from dataclasses import replace
from datetime import date
from operator import itemgetter
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
from gezhi.people.rules import UnitKind, covers
from gezhi.places import actions as places
from gezhi.places import reads as place_reads
from gezhi.places.errors import OutlineWrong
from gezhi.places.models import Responsibility, Zone
from gezhi.places.rules import NewOwner, corridor
from gezhi.rulebook import reads as rulebook
from gezhi.triage.errors import (
    DayUnreadable,
    GroundUnknown,
    OwnedUnknown,
    OwnerElsewhere,
    OwnersUnreadable,
    OwnerUnfit,
)
from gezhi.triage.reads.owning import RIGHT

MOST_METRES = 500  # to each side of a line
_MOST_LINES = 5000
_MOST_FAULTS = 20
_COLUMNS = 7


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
    actor.must(RIGHT)
    new = NewOwner(
        unit, reason, asset=asset, category=category, valid_from=valid_from, valid_to=valid_to
    )
    known = _Known(settings.COUNTY)
    return places.add_responsibility(known.on(ground, new), county=known.county, actor=actor)


class _Known:
    """What may be laid down in a county now: its things, its units, its grounds by name."""

    def __init__(self, county: str) -> None:
        self.county = county
        self.book = rulebook.current(county)
        self.zones: dict[str, list[Zone]] = defaultdict(list)
        for zone in place_reads.zones(county).defer("geometry"):
            self.zones[zone.name].append(zone)
            self.zones[str(zone.id)].append(zone)

    def on(self, ground: str, new: NewOwner) -> NewOwner:
        """The same with its ground; refuses what the house doesn't know and who can't act there."""
        self._must_be_owned(new.asset, new.category)
        if ground.isdecimal():
            self._must_be_fit(new.unit, ground)
            return replace(new, path=ground)
        called = self.zones.get(ground, [])
        if len(called) != 1:
            raise GroundUnknown(value=ground)
        self._must_be_fit(new.unit, called[0].area.path)
        return replace(new, zone=called[0].id)

    def _must_be_owned(self, asset: str, category: str) -> None:
        book = self.book
        if asset and asset not in book.assets.by_key:
            raise OwnedUnknown(value=asset)
        if category and category not in book.categories and category not in book.groups:
            raise OwnedUnknown(value=category)

    def _must_be_fit(self, code: str, path: str) -> None:
        """A unit that nobody could send a case from there to would be passed by in silence."""
        try:
            unit = people.unit_by_code(self.county, code)
        except NotFound as error:
            raise OwnerUnfit(unit=code) from error
        if not unit.is_active or unit.kind == UnitKind.CENTRE:
            raise OwnerUnfit(unit=code)
        if not covers(unit.path, path) and not covers(path, unit.path):
            raise OwnerElsewhere(unit=code)


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


def redraw_ground(id: UUID, *, outline: str = "", metres: float = 0, actor: Actor) -> Zone:
    """Give a ground another outline, said as in `add_ground`; "" leaves it without one."""
    actor.must(RIGHT)
    drawn = _drawn(outline.strip(), metres) if outline.strip() else None
    return places.redraw_zone(id, outline=drawn, county=settings.COUNTY, actor=actor)


def end_ground(id: UUID, *, actor: Actor) -> Zone:
    """It is no more, from today, nor what was laid down for it."""
    actor.must(RIGHT)
    places.end_zone(id, county=settings.COUNTY, on=place_reads.today(), actor=actor)
    return place_reads.zone(settings.COUNTY, id)


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
def import_table(data: bytes, *, actor: Actor) -> places.OwnersReport:
    """All lines of a workbook or none; the faults are told with their lines.

    Columns: area code or name of a ground, thing, category, unit, reason, from, to.
    """
    actor.must(RIGHT)
    known, sound = _Known(settings.COUNTY), []
    faults: list[tuple[int, Refusal]] = []
    for number, cells in _lines(data):
        try:
            sound.append((number, _said(cells, known)))
        except Refusal as fault:
            faults.append((number, fault))
    found = places.import_responsibilities(sound, county=known.county, actor=actor)
    faults += found.refused
    if faults:
        raise OwnersUnreadable(why=_in_words(sorted(faults, key=itemgetter(0))))
    return found


def _in_words(faults: list[tuple[int, Refusal]]) -> str:
    told = [
        _("第 %(line)s 行：%(why)s") % {"line": number, "why": fault}
        for number, fault in faults[:_MOST_FAULTS]
    ]
    if len(faults) > _MOST_FAULTS:
        told.append(_("一共 %(n)s 行") % {"n": len(faults)})
    return "；".join(told)


def _lines(data: bytes) -> list[tuple[int, list[str]]]:
    """The lines under the heading with their numbers, each as long as the table is wide."""
    try:
        lines = lines_of(data)
    except (SheetUnreadable, SheetTooLarge):
        lines = []
    if not 0 < len(lines) - 1 <= _MOST_LINES:
        raise OwnersUnreadable(why=_("请用 xlsx，最多 %(most)s 行。") % {"most": _MOST_LINES})
    return [
        (number, [*map(cell_text, cells), *[""] * _COLUMNS][:_COLUMNS])
        for number, cells in enumerate(lines[1:], start=2)
        if is_filled(cells)
    ]


def _said(cells: list[str], known: _Known) -> NewOwner:
    ground, asset, category, unit, reason, begins, ends = cells
    new = NewOwner(
        unit,
        reason,
        asset=asset,
        category=category,
        valid_from=day_of(begins),
        valid_to=day_of(ends),
    )
    return known.on(ground, new)


def day_of(text: str) -> date | None:
    """A day as somebody wrote it; nothing written is none."""
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError as error:
        raise DayUnreadable(day=text[:20]) from error
