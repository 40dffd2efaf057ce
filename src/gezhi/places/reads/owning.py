"""Who answers for what where: grounds and what is laid down for them, in memory.

Kept like the tree of boundaries, for as long as the county's revision stands and the day lasts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf
from uuid import UUID

import shapely
from django.db.models import F, Q, QuerySet
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree

from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.places import rules
from gezhi.places.models import Responsibility, Zone
from gezhi.places.reads.areas import today
from gezhi.places.reads.locating import index_of
from gezhi.places.reads.standing import token_of
from gezhi.places.rules import Ground, Owner

_LEAST_NAME = 2  # letters: a shorter name is found in too many words


@dataclass(frozen=True)
class _Owning:
    """What is laid down in one county on one day."""

    token: UUID | None
    day: date
    drawn: Sequence[Ground]
    tree: STRtree
    undrawn: Sequence[Ground]
    grounds: Sequence[Ground]
    by_ground: dict[UUID | str, list[Owner]]


_kept: dict[str, _Owning] = {}


def grounds_at(
    county: str, path: str, *, lon: float | None = None, lat: float | None = None, words: str = ""
) -> list[Ground]:
    """The named grounds a place lies on, the innermost first.

    By the point; where there is none, by the names that `words` say it is at, of grounds in the
    area or around it, and only where a name means one ground. A point lies on a ground without an
    outline where the words say so and the point is in its area.
    """
    owning = _owning(county)
    if lon is not None and lat is not None:
        held = owning.tree.query(shapely.Point(lon, lat), "intersects")
        here = (one for one in owning.undrawn if path.startswith(one.path))
        found: Iterable[Ground] = [
            *(owning.drawn[at] for at in held),
            *_named(here, path, words),
        ]
    else:
        found = _named(owning.grounds, path, words)
    return sorted(found, key=_inner_first)


def _inner_first(ground: Ground) -> tuple[float, str]:
    return ground.size, ground.name


def _named(grounds: Iterable[Ground], path: str, words: str) -> list[Ground]:
    found: dict[str, list[Ground]] = {}
    for one in grounds:
        is_near = one.path.startswith(path) or path.startswith(one.path)
        if is_near and len(one.name) >= _LEAST_NAME and rules.is_said(one.name, words):
            found.setdefault(one.name, []).append(one)
    return [ones[0] for ones in found.values() if len(ones) == 1]


def owners(county: str, path: str, *, grounds: Iterable[Ground]) -> list[Owner]:
    """Who answers for whatever there, the innermost first: grounds, then areas."""
    by_ground = _owning(county).by_ground
    places: list[UUID | str] = [one.id for one in grounds]
    places += rules.paths_outwards(path)
    return [owner for place in places for owner in by_ground.get(place, ())]


def owners_further_in(county: str, path: str) -> list[tuple[Ground | str, Owner]]:
    """Who answers for whatever on the grounds in an area and in the areas inside it, by path."""
    owning = _owning(county)
    grounds = {one.id: one for one in owning.grounds}
    found: list[tuple[Ground | str, Owner]] = []
    for place, owned in owning.by_ground.items():
        ground = place if isinstance(place, str) else grounds[place]
        at = ground if isinstance(ground, str) else ground.path
        if at.startswith(path) and ground != path:
            found += [(ground, owner) for owner in owned]
    return found


def _owning(county: str) -> _Owning:
    token, day = token_of(county), today()
    kept = _kept.get(county)
    if kept is None or kept.token != token or kept.day != day:
        # Each act gives a token of its own, so what is not committed yet is found by nobody else.
        kept = _kept[county] = _load(county, token, day)
    return kept


def _load(county: str, token: UUID | None, day: date) -> _Owning:
    held = Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))
    zones = list(Zone.objects.filter(held, county=county).select_related("area").order_by("id"))
    shapes = shapely.from_wkb([bytes(zone.geometry) if zone.geometry else None for zone in zones])
    index = index_of(county)
    areas = {one.path: shape for one, shape in zip(index.outlines, index.shapes, strict=True)}
    grounds = [
        Ground(zone.id, zone.kind, zone.name, zone.area.path,
               _size(shape or areas.get(zone.area.path)))
        for zone, shape in zip(zones, shapes, strict=True)
    ]  # fmt: skip
    undrawn = [ground for ground, shape in zip(grounds, shapes, strict=True) if shape is None]
    drawn = [at for at, shape in enumerate(shapes) if shape is not None]
    shapely.prepare(shapes)
    named = {ground.id for ground in grounds}
    by_ground: dict[UUID | str, list[Owner]] = {}
    # An area that is no more has its successor's path: what held for it holds for no more than it.
    rows = Responsibility.objects.filter(held, county=county, area__valid_to=None)
    rows = rows.order_by("valid_from", "id")
    columns = ("zone_id", "area__path", "id", "asset", "category", "unit", "reason")
    for zone_id, path, *laid_down in rows.values_list(*columns):
        if zone_id is None or zone_id in named:  # not of a ground that is no more
            by_ground.setdefault(zone_id or path, []).append(Owner(*laid_down))
    for owned in by_ground.values():
        owned.sort(key=rules.exactness, reverse=True)
    tree = STRtree([shapes[at] for at in drawn])
    return _Owning(token, day, [grounds[at] for at in drawn], tree, undrawn, grounds, by_ground)


def _size(shape: BaseGeometry | None) -> float:
    """Of a ground without an outline its area's is as much as is known."""
    return inf if shape is None else float(shape.area)


def zones(county: str, *, on: date | None = None) -> QuerySet[Zone]:
    """The named grounds of a county that are in force, by name."""
    day = on or today()
    held = Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))
    return Zone.objects.filter(held, county=county).select_related("area").order_by("name", "id")


def responsibilities(actor: Actor, *, county: str) -> QuerySet[Responsibility]:
    """What is laid down, in the areas the actor administers, the latest first."""
    paths = actor.paths("area.manage")
    inside: Q = Q(pk__in=[])
    for path in paths:
        inside |= Q(area__path__startswith=path) | Q(zone__area__path__startswith=path)
    return (
        Responsibility.objects.filter(inside, county=county)
        .select_related("zone__area", "area")
        .order_by(F("valid_to").asc(nulls_first=True), "-valid_from", "id")
    )


def responsibility_to_end(actor: Actor, id: UUID, *, county: str) -> Responsibility:
    """One of them, held until the transaction ends."""
    found = (
        responsibilities(actor, county=county).filter(id=id).select_for_update(of=("self",)).first()
    )
    if found is None:
        raise NotFound(responsibility=id)
    return found


def zone(county: str, id: UUID) -> Zone:
    """A named ground, in force or not."""
    found = Zone.objects.filter(county=county, id=id).select_related("area").first()
    if found is None:
        raise NotFound(zone=id)
    return found


def reasons_of(ids: Iterable[UUID]) -> dict[UUID, str]:
    """On what these rest, in the words they were laid down with; also those that have ended."""
    return dict(Responsibility.objects.filter(id__in=set(ids)).values_list("id", "reason"))
