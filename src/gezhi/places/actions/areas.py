"""Adding areas and counting the people in them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.ids import new_id
from gezhi.places import reads, rules
from gezhi.places.errors import AreaKindWrong, AreaNameMissing, CodeTaken, ParentMissing
from gezhi.places.facts import AreaCounted, AreasAdded
from gezhi.places.models import Area, AreaCode, Revision
from gezhi.places.reads.locating import forget_on_commit
from gezhi.places.rules import Kind, Level, NewArea
from gezhi.record.actions import announce

_RIGHT = "area.manage"
_KINDS_OF = {
    Level.VILLAGE: {Kind.VILLAGE, Kind.COMMUNITY},
    Level.GRID: {Kind.GRID, Kind.EXCLUSIVE},
}


def touch(counties: Iterable[str], *, now: datetime, names_too: bool = True) -> None:
    """Give these counties a new revision: all processes drop what they keep of them.

    `names_too` is false where nothing has another name or lies elsewhere: all names of a county
    take seconds to gather.
    """
    for county in sorted(set(counties)):
        token = new_id()
        names = {"names": token} if names_too else {}
        Revision.objects.filter(county=county).update(token=token, changed_at=now, **names)
        transaction.on_commit(forget_on_commit(county))


@transaction.atomic
def add_area(
    code: str,
    name: str,
    *,
    kind: str = "",
    short_name: str = "",
    households: int = 0,
    population: int = 0,
    on: date,
    actor: Actor,
) -> Area:
    """Add one area from `on`."""
    new = NewArea(code, name, kind, short_name, households, population)
    return add_areas([new], on=on, actor=actor)[0]


@transaction.atomic
def add_areas(new: Sequence[NewArea], *, on: date, actor: Actor) -> list[Area]:
    """Add areas from `on`, in the order given; parents may come anywhere in the list."""
    now = clock.now()
    paths = [rules.path_of(each.code) for each in new]
    counties = {rules.county_of(path) for path in paths}
    for path in _highest(paths):
        actor.must(_RIGHT, path=path)
    reads.counties_to_change(counties)
    known = reads.areas_by_paths([*paths, *map(rules.parent_path, paths)])
    made: dict[str, Area] = {}
    for each, path in zip(new, paths, strict=True):
        if path in known or path in made:
            raise CodeTaken(code=path)
        made[path] = _new_area(each, path, on)
    for path, area in made.items():
        area.parent = _parent(path, made, known)
    rows = sorted(made.values(), key=lambda area: len(area.path))
    Area.objects.bulk_create(rows, batch_size=1000)
    AreaCode.objects.bulk_create(
        [AreaCode(area=row, code=row.path, name=row.name, valid_from=on) for row in rows],
        batch_size=1000,
    )
    touch(counties, now=now)
    for county in sorted(counties):
        codes = tuple(area.path for area in rows if area.county == county)
        fact = AreasAdded(county=county, codes=codes)
        announce(fact, about=f"county:{county}", county=county, actor=actor, now=now)
    return [made[path] for path in paths]


def _highest(paths: Iterable[str]) -> list[str]:
    """The paths that lie in no other of them: enough to ask the actor's right for."""
    highest: list[str] = []
    for path in sorted(set(paths)):
        if not highest or not rules.is_inside(path, highest[-1]):
            highest.append(path)
    return highest


def _new_area(new: NewArea, path: str, on: date) -> Area:
    name = new.name.strip()
    if not name or len(name) > 60 or "\0" in name:
        raise AreaNameMissing()
    level = rules.level_of(path)
    kind = new.kind or rules.kind_of(path, name).value
    if kind not in _KINDS_OF.get(level, {Kind(level)}):
        raise AreaKindWrong(kind=kind[:20], code=path)
    return Area(
        county=rules.county_of(path),
        level=level.value,
        kind=str(kind),
        code=path,
        name=name,
        short_name=new.short_name or rules.short_name_of(name, path),
        path=path,
        valid_from=on,
        households=new.households,
        population=new.population,
    )


def _parent(path: str, made: Mapping[str, Area], known: Mapping[str, Area]) -> Area | None:
    above = rules.parent_path(path)
    parent = made.get(above) or known.get(above)
    if parent is None and len(path) > 6:
        raise ParentMissing(code=path)
    return parent


@transaction.atomic
def count_people(counts: Mapping[UUID, tuple[int, int]], *, county: str, actor: Actor) -> None:
    """Set households and population of areas (id → both numbers)."""
    now = clock.now()
    reads.counties_to_change([county])
    areas = list(Area.objects.filter(county=county, id__in=counts))
    for area in areas:
        actor.must(_RIGHT, path=area.path)
        area.households, area.population = counts[area.id]
    Area.objects.bulk_update(areas, ["households", "population"], batch_size=500)
    touch([county], now=now)
    fact = AreaCounted(county=county, paths=tuple(sorted(area.path for area in areas)))
    announce(fact, about=f"county:{county}", county=county, actor=actor, now=now)
