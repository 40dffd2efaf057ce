"""Areas as they stand: by id, by path, by code on a day, inside one another."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import shapely
from django.conf import settings
from django.db.models import Q, QuerySet
from shapely.geometry.base import BaseGeometry

from gezhi.base import clock, rows
from gezhi.places import rules
from gezhi.places.errors import DivisionUnknown
from gezhi.places.models import Area, AreaCode, Boundary, Revision, Succession

MOST_FOUND = 20


def local_day(moment: datetime) -> date:
    """The day of a moment in the city's zone."""
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def today() -> date:
    """The day in the city's zone."""
    return local_day(clock.now())


def boundaries_in_force() -> QuerySet[Boundary]:
    """The boundaries that hold today."""
    day = today()
    return Boundary.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)


def _current() -> QuerySet[Area]:
    return Area.objects.filter(valid_to=None)


def area(area_id: UUID) -> Area:
    """The area with this id, also if it has ended."""
    found = Area.objects.filter(id=area_id).first()
    if found is None:
        raise DivisionUnknown(code=str(area_id))
    return found


def areas_by_paths(paths: Iterable[str]) -> dict[str, Area]:
    """The areas that stand at these paths today; unknown ones are left out."""
    paths = set(paths)
    counties = {rules.county_of(path) for path in paths}
    return {each.path: each for each in _current().filter(county__in=counties, path__in=paths)}


def area_by_code(code: str, *, on: date | None = None) -> Area:
    """The area that bore this code on a day (today if none is given)."""
    path = rules.path_of(code)
    then = Q(valid_to=None)
    if on is not None:
        then = Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gt=on))
    bearer = AreaCode.objects.filter(then, code=path).select_related("area").first()
    if bearer is None:
        raise DivisionUnknown(code=path)
    return bearer.area


def areas_under(path: str, *, county: str, level: str | None = None) -> QuerySet[Area]:
    """The area at `path` and all inside it that stand today, from the largest down."""
    found = _current().filter(county=county, path__startswith=path)
    if level is not None:
        found = found.filter(level=level)
    return found.order_by("path")


def village_of(path: str) -> Area | None:
    """The village or community a path lies in; None for a path above villages."""
    if len(path) < 12:
        return None
    return _current().filter(county=rules.county_of(path), path=path[:12]).first()


def search_areas(words: str, county: str, *, level: str | None = None) -> list[Area]:
    """Areas whose name holds every word, the largest first; a code or its beginning works too."""
    found = _current().filter(county=county)
    if level is not None:
        found = found.filter(level=level)
    for word in words.replace("\0", "").split()[:5]:
        by_code = Q(path__startswith=word) if word.isdecimal() else Q()
        found = found.filter(Q(name__contains=word) | Q(short_name__contains=word) | by_code)
    return sorted(found.order_by("path")[: MOST_FOUND * 5], key=lambda each: len(each.path))[
        :MOST_FOUND
    ]


def successor_of(area_id: UUID) -> Area:
    """The area that stands where this one stood: itself while it stands, else what it went into."""
    found = area(area_id)
    seen = {found.id}
    while found.valid_to is not None:
        step = (
            Succession.objects.filter(before=found, kind="merged")
            .select_related("after")
            .order_by("-on")
            .first()
        )
        if step is None or step.after_id in seen:
            raise DivisionUnknown(code=found.code)
        found = step.after
        seen.add(found.id)
    return found


def boundary_of(area_id: UUID) -> Boundary | None:
    """The boundary in force, with its date and source datum."""
    return boundaries_in_force().filter(area_id=area_id).first()


def outline(area_id: UUID) -> BaseGeometry | None:
    """The outline in force, in WGS-84; None if none was set."""
    found = boundary_of(area_id)
    return None if found is None else shapely.from_wkb(bytes(found.geometry))


def outlines_of(areas: Collection[Area]) -> dict[UUID, BaseGeometry]:
    """The outlines in force of several areas, by area id."""
    rows = boundaries_in_force().filter(area__in=areas).values_list("area_id", "geometry")
    return {area_id: shapely.from_wkb(bytes(geometry)) for area_id, geometry in rows}


def revision(county: str) -> UUID | None:
    """The token of the county's current state; changes with every change of its places."""
    return revisions(county)[0]


def revisions(county: str) -> tuple[UUID | None, UUID | None]:
    """The same, and that of its names alone."""
    found = rows.fetch(Revision, "county = %s", [county])
    return (found[0].token, found[0].names) if found else (None, None)


def counties_to_change(counties: Iterable[str]) -> None:
    """Hold these counties' places until the transaction ends; always taken in the same order."""
    wanted = sorted(set(counties))
    Revision.objects.bulk_create(
        [Revision(county=county) for county in wanted], ignore_conflicts=True
    )
    rows = Revision.objects.select_for_update().filter(county__in=wanted).order_by("county")
    list(rows.values_list("county"))
