"""Whose a case is: what is laid down for its ground, else what the rulebook says, and why.

The innermost goes first: a ground inside a ground, the grid, the village, the town, the county;
then the rows of routing. Units, grounds and what is laid down are kept in memory, so that asking
costs no query; three where several units are equals.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from gezhi.base.refusal import NotFound
from gezhi.cases.models import Case, HistoryLine, Leg
from gezhi.cases.rules.moves import OPEN, Act
from gezhi.people import reads as people
from gezhi.people.errors import CentreMissing
from gezhi.people.models import Unit
from gezhi.people.rules import UnitKind, covers
from gezhi.places import reads as places
from gezhi.places.errors import DivisionUnknown
from gezhi.rulebook.rules import HIGHEST, LOWEST, Book, Route, codes_meant, resolve_body

# These stand for the rule where no row of routing was asked.
LAID_DOWN = "responsibility"
NAMED = "named"  # whoever sent it back said whose it is
_TOWN, _GRID = 9, 15  # digits of their codes


@dataclass(frozen=True)
class Matter:
    """What is asked about: where it is, which centre sends it (by its level), how it came.

    `not_theirs` are the units that sent it back, `named` the one whose it is as the last said.
    """

    county: str
    path: str
    level: str
    channel: str
    what: str = ""
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    is_urgent: bool = False
    not_theirs: frozenset[UUID] = frozenset()
    named: UUID | None = None


@dataclass(frozen=True)
class Among:
    """How one of several equals was taken: `count` there were, it has `open` cases.

    `at_work`: how many people it has at work now.
    """

    count: int
    at_work: int
    open: int


@dataclass(frozen=True)
class Who:
    """The units that may lead it, the best first, and the rule that says so in its own words.

    `rule` is what goes on record, `name` what people call it; "" where no row of routing says so.
    `is_next`: whom the rule names before the best isn't here, or can't have it.
    """

    units: tuple[Unit, ...]
    rule: str
    why: str
    name: str = ""
    responsibility: UUID | None = None
    among: Among | None = None
    is_next: bool = False

    @property
    def unit(self) -> Unit | None:
        """The best."""
        return self.units[0] if self.units else None


def matter_of(case: Case) -> Matter:
    """What a case asks, as it is now. One that was sent back costs two queries."""
    not_theirs, named = _told_by_senders(case) if case.sent_back else (frozenset[UUID](), None)
    return Matter(
        county=case.county,
        path=case.path,
        level=people.unit(case.centre_id).level,
        channel=case.channel,
        what=case.what,
        place=case.place,
        lon=case.lon,
        lat=case.lat,
        is_urgent=case.is_urgent,
        not_theirs=not_theirs,
        named=named,
    )


def _told_by_senders(case: Case) -> tuple[frozenset[UUID], UUID | None]:
    had = Leg.objects.filter(case=case, role="lead", ended_how="sent_back")
    lines = HistoryLine.objects.filter(case=case, act=Act.SEND_BACK.value).order_by("-seq")
    last = lines.values_list("data", flat=True).first() or {}
    named = UUID(last["proposed"]) if last.get("proposed") else None
    return frozenset(had.values_list("unit_id", flat=True)), named


def first_centre(at: str, path: str, *, county: str) -> Unit:
    """Where a report at `path` begins: the lowest centre that covers it, the highest, or a level's.

    Where the place is not known as far down as that level, the lowest there is.
    """
    if at == HIGHEST:
        return people.centre_for(county, county=county)
    if at != LOWEST:
        with suppress(CentreMissing):
            return people.centre_for(path, county=county, level=at)
    return people.centre_for(path, county=county)


def who(matter: Matter, book: Book, category: str, *, at: datetime) -> Who:
    """Who should have such a matter, and why: active units that cover the place, no centres.

    None that sent it back: sending it there again is for people to decide.
    """
    asset = book.asset(category, matter.what, is_urgent=matter.is_urgent)
    grounds = places.grounds_at(
        matter.county, matter.path, lon=matter.lon, lat=matter.lat,
        words=f"{matter.place} {matter.what}",
    )  # fmt: skip
    there = places.owners(matter.county, matter.path, grounds=grounds)
    owned = [
        (unit, owner)
        for owner in book.keepers(there, category, asset, is_urgent=matter.is_urgent)
        for unit in _units([owner.unit], matter)
    ]
    route = book.route(
        category,
        area_kind=_kind_of_area(matter),
        level=matter.level,
        channel=matter.channel,
        asset=asset,
        zone=grounds[0].kind if grounds else "",
        is_urgent=matter.is_urgent,
    )
    named = [people.unit(matter.named)] if matter.named else []
    named = [unit for unit in named if _may_have(unit, matter)]
    routed, among, is_next = _along(route, matter, at, is_asked=not owned and not named)
    found = [*named, *(unit for unit, _owner in owned), *routed]
    units = tuple({unit.id: unit for unit in found}.values())
    if named:
        return Who(units, NAMED, "")
    if owned:
        owner = owned[0][1]
        return Who(units, LAID_DOWN, owner.reason, responsibility=owner.id)
    return Who(units, route.rule, route.why, route.name, among=among, is_next=is_next)


def _kind_of_area(matter: Matter) -> str:
    try:
        return places.area_by_path(matter.county, matter.path).kind
    except DivisionUnknown:  # the divisions change just now
        return ""


def _along(
    route: Route, matter: Matter, at: datetime, *, is_asked: bool
) -> tuple[list[Unit], Among | None, bool]:
    """The units of the steps that are here; the first step that has several is settled.

    Whether the best is of a later step than the first.
    """
    found: list[Unit] = []
    among, is_next = None, False
    for at_step, step in enumerate(route.steps):
        equals = [unit for unit in _units(_codes(step, matter), matter) if unit not in found]
        if is_asked and not found and len(equals) > 1:
            equals, among = _freest_first(equals, matter.county, at)
        is_next = is_next or bool(equals and not found and at_step)
        found += equals
    return found, among, is_next


def _codes(step: Iterable[str], matter: Matter) -> Iterator[str]:
    town = matter.path[:_TOWN] if len(matter.path) >= _TOWN else None
    grid = matter.path if len(matter.path) == _GRID else None
    for body in step:
        if code := resolve_body(body, town=town, grid=grid):
            if code.endswith("*"):
                around = people.units_covering(matter.path, county=matter.county)
                yield from codes_meant(code, [unit.code for unit in around])
            else:
                yield code


def _units(codes: Iterable[str], matter: Matter) -> list[Unit]:
    """Those of these that are units here and may have it."""
    found: dict[UUID, Unit] = {}
    for code in codes:
        try:
            unit = people.unit_by_code(matter.county, code)
        except NotFound:
            continue
        if _may_have(unit, matter):
            found[unit.id] = unit
    return list(found.values())


def _may_have(unit: Unit, matter: Matter) -> bool:
    """It is open, does work, may at the place, and hasn't sent this back."""
    is_near = covers(unit.path, matter.path) or covers(matter.path, unit.path)
    does_work = unit.is_active and unit.kind != UnitKind.CENTRE
    return does_work and is_near and unit.id not in matter.not_theirs


def _freest_first(equals: list[Unit], county: str, at: datetime) -> tuple[list[Unit], Among]:
    """Who has people at work first, then who has the fewest open cases for each, then by code."""
    ids = [unit.id for unit in equals]
    at_work = people.count_at_work(ids, at=at)
    held = Case.objects.filter(county=county, holder_id__in=ids, state__in=list(OPEN))
    count = dict(held.values_list("holder_id").annotate(Count("pk")).order_by())

    def load(unit: Unit) -> tuple[bool, float, str]:
        people_there = at_work[unit.id]
        return not people_there, count.get(unit.id, 0) / max(1, people_there), unit.code

    equals = sorted(equals, key=load)
    best = equals[0].id
    return equals, Among(len(equals), at_work[best], count.get(best, 0))
