"""Laying down who answers for what: named grounds, and whose a thing on them is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from uuid import UUID

import shapely
from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Greatest
from shapely.geometry.base import BaseGeometry

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.refusal import Refusal
from gezhi.base.words import clean
from gezhi.places import reads, rules
from gezhi.places.actions.areas import touch
from gezhi.places.actions.outlines import sound_outline
from gezhi.places.errors import (
    DatesOutOfOrder,
    EndsTooEarly,
    ResponsibilityWrong,
    SaidAlready,
    ZoneTaken,
    ZoneWrong,
)
from gezhi.places.facts import (
    ResponsibilitiesImported,
    ResponsibilityEnded,
    ResponsibilitySet,
    ZoneAdded,
    ZoneEnded,
    ZoneRedrawn,
)
from gezhi.places.models import Area, Responsibility, Zone
from gezhi.places.rules import Datum, Held, NewOwner
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
def redraw_zone(
    zone: UUID,
    *,
    outline: BaseGeometry | None,
    county: str,
    datum: Datum = Datum.WGS84,
    actor: Actor,
) -> Zone:
    """Give a ground another outline, from now on; None leaves it known by its name alone."""
    now = clock.now()
    reads.counties_to_change([county])
    found = reads.zone(county, zone)
    actor.must(_RIGHT, path=found.area.path)
    if found.valid_to is not None and found.valid_to <= reads.today():
        raise DatesOutOfOrder(since=found.valid_from.isoformat())
    shape = shapely.to_wkb(sound_outline(outline, datum)) if outline is not None else None
    found.geometry = shape
    found.save(update_fields=["geometry"])
    touch([county], now=now)
    fact = ZoneRedrawn(county=county, zone=found.id, is_drawn=shape is not None)
    announce(fact, about=f"zone:{found.id}", county=county, actor=actor, now=now)
    return found


@transaction.atomic
def end_zone(zone: UUID, *, county: str, on: date, actor: Actor) -> None:
    """A ground is no more from `on`, nor what was laid down for it."""
    now = clock.now()
    reads.counties_to_change([county])
    found = reads.zone(county, zone)
    actor.must(_RIGHT, path=found.area.path)
    _end(found, on)
    found.save(update_fields=["valid_to"])
    left = Q(valid_to=None) | Q(valid_to__gt=on)
    found.owners.filter(left).update(valid_to=Greatest("valid_from", Value(on)))
    touch([county], now=now)
    fact = ZoneEnded(county=county, zone=found.id, on=on.isoformat())
    announce(fact, about=f"zone:{found.id}", county=county, actor=actor, now=now)


@dataclass(frozen=True)
class OwnersReport:
    """What became of a table; where a line is refused, nothing of it was laid down."""

    added: int
    known: int
    refused: tuple[tuple[int, Refusal], ...]


@transaction.atomic
def add_responsibility(new: NewOwner, *, county: str, actor: Actor) -> Responsibility:
    """Lay down whose something is. That the unit may have cases is for who asks to see to."""
    now = clock.now()
    reads.counties_to_change([county])
    zone = reads.zone(county, new.zone) if new.zone else None
    area = reads.area_by_path(county, new.path) if zone is None else None
    made = _row(new, zone, area, county, actor)
    of_ground = Responsibility.objects.filter(zone=made.zone, area=made.area)
    if any(held.meets(_held_by(made)) for held in _held(of_ground)[_what_of(made)]):
        raise SaidAlready()
    made.save(force_insert=True)
    touch([county], now=now, names_too=False)
    fact = ResponsibilitySet(
        county=county, responsibility=made.id, path=_path_of(made.zone, made.area),
        asset=made.asset, category=made.category, unit=made.unit,
    )  # fmt: skip
    announce(fact, about=f"responsibility:{made.id}", county=county, actor=actor, now=now)
    return made


@transaction.atomic
def import_responsibilities(
    lines: Sequence[tuple[int, NewOwner]], *, county: str, actor: Actor
) -> OwnersReport:
    """Lay down a table at once, all of it or nothing; a line that says what is so is known."""
    now = clock.now()
    reads.counties_to_change([county])
    held = _held(Responsibility.objects.filter(county=county))
    grounds = Zone.objects.filter(county=county).select_related("area")
    zones = grounds.in_bulk({new.zone for _line, new in lines if new.zone})
    area_at = cache(partial(reads.area_by_path, county))
    made: list[Responsibility] = []
    refused: list[tuple[int, Refusal]] = []
    for line, new in lines:
        try:
            zone = zones[new.zone] if new.zone else None
            row = _row(new, zone, None if zone else area_at(new.path), county, actor)
        except Refusal as fault:
            refused.append((line, fault))
            continue
        mine, others = _held_by(row), held[_what_of(row)]
        met = [other for other in others if other.meets(mine)]
        if not met:
            others.append(mine)
            made.append(row)
        elif any(other.unit != mine.unit for other in met):
            refused.append((line, SaidAlready()))
    if made and not refused:
        Responsibility.objects.bulk_create(made, batch_size=1000)
        touch([county], now=now, names_too=False)
        fact = ResponsibilitiesImported(county=county, count=len(made))
        announce(fact, about=f"county:{county}", county=county, actor=actor, now=now)
    known = len(lines) - len(made) - len(refused)
    return OwnersReport(len(made), known, tuple(refused))


def _row(
    new: NewOwner, zone: Zone | None, area: Area | None, county: str, actor: Actor
) -> Responsibility:
    """The row, not kept yet, of what may be laid down by this actor."""
    actor.must(_RIGHT, path=_path_of(zone, area))
    reason, begins = clean(new.reason), new.valid_from or reads.today()
    if not reason or len(reason) > 200 or not new.unit or len(new.unit) > 48:
        raise ResponsibilityWrong()
    if new.valid_to is not None and new.valid_to <= begins:
        raise EndsTooEarly(since=begins.isoformat())
    return Responsibility(
        county=county, zone=zone, area=area, asset=new.asset, category=new.category,
        unit=new.unit, reason=reason, valid_from=begins, valid_to=new.valid_to,
    )  # fmt: skip


def _path_of(zone: Zone | None, area: Area | None) -> str:
    if zone is not None:
        return zone.area.path
    if area is not None:
        return area.path
    raise ResponsibilityWrong()


_What = tuple[UUID | None, UUID | None, str, str]


def _what_of(row: Responsibility) -> _What:
    """One thing on one ground, which one unit has at a time."""
    return row.zone_id, row.area_id, row.asset, row.category


def _held_by(row: Responsibility) -> Held:
    return Held(row.unit, row.valid_from, row.valid_to)


def _held(rows: Iterable[Responsibility]) -> dict[_What, list[Held]]:
    found: dict[_What, list[Held]] = defaultdict(list)
    for row in rows:
        found[_what_of(row)].append(_held_by(row))
    return found


@transaction.atomic
def end_responsibility(id: UUID, *, county: str, on: date, actor: Actor) -> Responsibility:
    """It holds no longer from `on`; what was sent by it stays as it was."""
    now = clock.now()
    reads.counties_to_change([county])
    found = reads.responsibility_to_end(actor, id, county=county)
    _end(found, on)
    found.save(update_fields=["valid_to"])
    touch([county], now=now, names_too=False)
    fact = ResponsibilityEnded(county=county, responsibility=found.id, on=on.isoformat())
    announce(fact, about=f"responsibility:{found.id}", county=county, actor=actor, now=now)
    return found


def _end(row: Zone | Responsibility, on: date) -> None:
    """What has not begun by then never will."""
    if row.valid_to is not None and row.valid_to <= on:
        raise DatesOutOfOrder(since=row.valid_from.isoformat())
    row.valid_to = max(on, row.valid_from)
