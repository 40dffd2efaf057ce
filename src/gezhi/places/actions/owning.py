"""Laying down who answers for what: named grounds, and whose a thing on them is."""

from datetime import date
from uuid import UUID

import shapely
from django.db import transaction
from shapely.geometry.base import BaseGeometry

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.words import clean
from gezhi.places import reads, rules
from gezhi.places.actions.areas import touch
from gezhi.places.actions.outlines import sound_outline
from gezhi.places.errors import (
    DatesOutOfOrder,
    ResponsibilityWrong,
    SaidAlready,
    ZoneTaken,
    ZoneWrong,
)
from gezhi.places.facts import ResponsibilityEnded, ResponsibilitySet, ZoneAdded, ZoneEnded
from gezhi.places.models import Area, Responsibility, Zone
from gezhi.places.rules import Datum, NewOwner
from gezhi.record.actions import announce

_RIGHT = "area.manage"


@transaction.atomic
def add_zone(
    name: str,
    kind: str,
    *,
    path: str,
    county: str,
    outline: BaseGeometry | None = None,
    datum: Datum = Datum.WGS84,
    on: date,
    actor: Actor,
) -> Zone:
    """Add a named ground in the area at `path`; without an outline it is known by its name."""
    now, name = clock.now(), clean(name)
    actor.must(_RIGHT, path=path)
    reads.counties_to_change([county])
    area = reads.area_by_path(county, path)
    if not name or len(name) > 60 or kind not in rules.ZONE_KINDS:
        raise ZoneWrong()
    if Zone.objects.filter(county=county, area=area, name=name, valid_to=None).exists():
        raise ZoneTaken(name=name)
    shape = shapely.to_wkb(sound_outline(outline, datum)) if outline is not None else None
    zone = Zone.objects.create(
        county=county, kind=str(kind), name=name, area=area, geometry=shape, valid_from=on
    )
    touch([county], now=now)
    fact = ZoneAdded(county=county, zone=zone.id, kind_of=zone.kind, path=area.path)
    announce(fact, about=f"zone:{zone.id}", county=county, actor=actor, now=now)
    return zone


@transaction.atomic
def end_zone(zone: UUID, *, county: str, on: date, actor: Actor) -> None:
    """A ground is no more from `on`, nor what was laid down for it."""
    now = clock.now()
    reads.counties_to_change([county])
    found = reads.zone(county, zone)
    actor.must(_RIGHT, path=found.area.path)
    _end(found, on)
    found.save(update_fields=["valid_to"])
    touch([county], now=now)
    fact = ZoneEnded(county=county, zone=found.id, on=on.isoformat())
    announce(fact, about=f"zone:{found.id}", county=county, actor=actor, now=now)


@transaction.atomic
def add_responsibility(new: NewOwner, *, county: str, actor: Actor) -> Responsibility:
    """Lay down whose something is. That the unit may have cases is for who asks to see to."""
    now, today = clock.now(), reads.today()
    reads.counties_to_change([county])
    zone = reads.zone(county, new.zone) if new.zone else None
    area = reads.area_by_path(county, new.path) if zone is None else None
    actor.must(_RIGHT, path=_path_of(zone, area))
    reason, begins = clean(new.reason), new.valid_from or today
    if not reason or len(reason) > 200 or not new.unit or len(new.unit) > 48:
        raise ResponsibilityWrong()
    if new.valid_to is not None and new.valid_to < begins:
        raise DatesOutOfOrder(since=begins.isoformat())
    _must_be_new(new, zone, area)
    made = Responsibility.objects.create(
        county=county, zone=zone, area=area, asset=new.asset, category=new.category,
        unit=new.unit, reason=reason, valid_from=begins, valid_to=new.valid_to,
    )  # fmt: skip
    touch([county], now=now)
    fact = ResponsibilitySet(
        county=county, responsibility=made.id, path=_path_of(zone, area), asset=made.asset,
        category=made.category, unit=made.unit,
    )  # fmt: skip
    announce(fact, about=f"responsibility:{made.id}", county=county, actor=actor, now=now)
    return made


def _path_of(zone: Zone | None, area: Area | None) -> str:
    if zone is not None:
        return zone.area.path
    if area is not None:
        return area.path
    raise ResponsibilityWrong()


def _must_be_new(new: NewOwner, zone: Zone | None, area: Area | None) -> None:
    """Of one thing on one ground one unit has it at a time."""
    said = Responsibility.objects.filter(
        zone=zone, area=area, asset=new.asset, category=new.category
    )
    if said.filter(valid_to=None).exists():
        raise SaidAlready()


@transaction.atomic
def end_responsibility(id: UUID, *, county: str, on: date, actor: Actor) -> Responsibility:
    """It holds no longer from `on`; what was sent by it stays as it was."""
    now = clock.now()
    reads.counties_to_change([county])
    found = reads.responsibility_to_end(actor, id, county=county)
    _end(found, on)
    found.save(update_fields=["valid_to"])
    touch([county], now=now)
    fact = ResponsibilityEnded(county=county, responsibility=found.id, on=on.isoformat())
    announce(fact, about=f"responsibility:{found.id}", county=county, actor=actor, now=now)
    return found


def _end(row: Zone | Responsibility, on: date) -> None:
    if on < row.valid_from or (row.valid_to is not None and row.valid_to < on):
        raise DatesOutOfOrder(since=row.valid_from.isoformat())
    row.valid_to = on
