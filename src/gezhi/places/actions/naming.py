"""Writing down what people call places, and ending a name that nobody uses any more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from uuid import UUID

from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.masking import mask_text
from gezhi.base.refusal import Refusal
from gezhi.places import reads, rules
from gezhi.places.actions.areas import touch
from gezhi.places.errors import (
    NamesTooMany,
    OutsideCounty,
    PlaceNamePersonal,
    PlaceNamePlaceless,
    PlaceNameTaken,
    PlaceNameWrong,
)
from gezhi.places.facts import NameConfirmed, NameEnded, NamesAdded
from gezhi.places.models import Area, PlaceName
from gezhi.places.rules import NewName
from gezhi.record.actions import announce

_AreaAt = Callable[[str], Area]


@dataclass(frozen=True)
class NamesReport:
    """What became of a table: how many were added, and the lines that were not, with the reason."""

    added: int
    refused: tuple[tuple[int, str], ...]


@transaction.atomic
def add_name(new: NewName, *, county: str, actor: Actor) -> PlaceName:
    """Write down one name, in an area where the actor may."""
    reads.counties_to_change([county])
    area_at = partial(reads.area_by_path, county)
    made = _row(new, area_at, county, "person", actor, clock.now())
    if reads.names_in(county).filter(area=made.area, name=made.name).exists():
        raise PlaceNameTaken(name=made.name)
    _keep([made], county, actor)
    return made


@transaction.atomic
def import_names(
    rows: Sequence[tuple[int, NewName | None, str]], *, county: str, actor: Actor
) -> NamesReport:
    """Write down the names of a table, line by line; what can't be is told with its line.

    A row is its line, and the name, or None and the code of the reason why it can't be read.
    """
    if len(rows) > rules.MOST_IMPORTED:
        raise NamesTooMany(most=rules.MOST_IMPORTED, count=len(rows))
    reads.counties_to_change([county])
    now = clock.now()
    known = set(reads.names_in(county).values_list("area_id", "name"))
    area_at = cache(partial(reads.area_by_path, county))  # thousands lie in a few areas
    made: list[PlaceName] = []
    refused: list[tuple[int, str]] = []
    for line, new, reason in rows:
        row = None
        if new is not None:
            row, reason = _row_or_reason(new, area_at, county, actor, now)
        if row is not None and (row.area_id, row.name) in known:
            row, reason = None, "name_taken"
        if row is None:
            refused.append((line, reason))
            continue
        known.add((row.area_id, row.name))
        made.append(row)
    if made:
        _keep(made, county, actor)
    return NamesReport(len(made), tuple(refused))


@transaction.atomic
def confirm_name(name_id: UUID, *, actor: Actor) -> None:
    """A name that a grid worker wrote down leads everybody there from now on."""
    found = reads.name_to_change(name_id, actor=actor)
    actor.must(reads.CONFIRMING, path=found.area.path)
    if not found.is_waiting:
        return
    found.is_waiting = False
    found.save(update_fields=["is_waiting"])
    _changed(NameConfirmed(county=found.county, name_id=found.id), actor)


@transaction.atomic
def end_name(name_id: UUID, *, actor: Actor) -> None:
    """From today nobody is led there by it any more."""
    found = reads.name_to_change(name_id, actor=actor)
    found.valid_to = reads.today()
    found.save(update_fields=["valid_to"])
    _changed(NameEnded(county=found.county, name_id=found.id), actor)


def _changed(fact: NameConfirmed | NameEnded, actor: Actor) -> None:
    now = clock.now()
    reads.counties_to_change([fact.county])
    touch([fact.county], now=now)
    announce(fact, about=f"county:{fact.county}", county=fact.county, actor=actor, now=now)


def _keep(made: list[PlaceName], county: str, actor: Actor) -> None:
    now = clock.now()
    PlaceName.objects.bulk_create(made, batch_size=1000)
    touch([county], now=now)
    fact = NamesAdded(county=county, count=len(made))
    announce(fact, about=f"county:{county}", county=county, actor=actor, now=now)


def _row_or_reason(
    new: NewName, area_at: _AreaAt, county: str, actor: Actor, now: datetime
) -> tuple[PlaceName | None, str]:
    try:
        return _row(new, area_at, county, "import", actor, now), ""
    except PlaceNameWrong:
        return None, "name_wrong"
    except PlaceNamePersonal:
        return None, "name_personal"
    except PlaceNamePlaceless:
        return None, "place_missing"
    except Refusal:
        return None, "place_outside"


def _row(
    new: NewName, area_at: _AreaAt, county: str, source: str, actor: Actor, now: datetime
) -> PlaceName:
    name = rules.clean_name(new.name)
    sound = (
        2 <= len(name) <= rules.LONGEST_NAME
        and new.kind in rules.NAME_KINDS
        and 0 <= new.metres <= rules.MOST_METRES
    )
    if not sound:
        raise PlaceNameWrong()
    if mask_text(name) != name:
        raise PlaceNamePersonal()
    area = _area_of(new, area_at, county)
    reads.must_name(actor, path=area.path)
    return PlaceName(
        county=county,
        name=name,
        kind=str(new.kind),
        area=area,
        lon=new.lon,
        lat=new.lat,
        metres=new.metres,
        source=source,
        actor=actor.label[:80],
        added_at=now,
        valid_from=reads.today(),
        is_waiting=not actor.may(reads.CONFIRMING, path=area.path),
    )


def _area_of(new: NewName, area_at: _AreaAt, county: str) -> Area:
    """The point says where it lies; without one the area that was named."""
    if new.lon is not None and new.lat is not None:
        place = reads.place_at(new.lon, new.lat, county=county)
        return area_at(place.path)
    if not new.path:
        raise PlaceNamePlaceless(name=new.name[: rules.LONGEST_NAME])
    area = area_at(rules.path_of(new.path))
    if area.county != county:
        raise OutsideCounty()
    return area
