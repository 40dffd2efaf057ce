"""Past cases as the rules ask for them, and what another book would have changed in them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from gezhi.cases import reads as cases
from gezhi.deadlines.models import Deadline
from gezhi.deadlines.rules import rehearsing
from gezhi.deadlines.rules.rehearsing import Finding, Past, Recorded
from gezhi.deadlines.rules.replaying import REPLAYED, Body, Line
from gezhi.people import reads as people
from gezhi.people.rules import UnitKind
from gezhi.places import reads as places
from gezhi.places.rules import Ground
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from gezhi.cases.models import Case

_AT_ONCE = 200


class Rehearsed(NamedTuple):
    """A past case and what another book would have changed in it."""

    case: "Case"
    findings: list[Finding]


def rehearse(
    found: "Collection[Case]", new: Book, *, county: str, now: datetime
) -> list[Rehearsed]:
    """These cases under another book. Four questions, however many cases they are."""
    past = _past_of(found, county=county)
    units = {one.unit for each in past for one in each.promises}
    units |= {line.holder for each in past for line in each.lines}
    here = rehearsing.Here(_bodies(units), _workers(county))

    @cache
    def pair_of(version: int) -> rehearsing.Pair:
        return rehearsing.pair_of(rulebook.book(county, version), new)

    return [
        Rehearsed(case, rehearsing.rehearse(each, pair_of(case.book), here, now=now))
        for case, each in zip(found, past, strict=True)
    ]


def rehearse_all(
    found: "QuerySet[Case]", new: Book, *, county: str, now: datetime, most: int | None = None
) -> Iterator[list[Rehearsed]]:
    """All these cases, the oldest first, some hundred at a time; at most so many."""
    after, left = None, most
    while stretch := cases.next_of(found, after, most=min(_AT_ONCE, left or _AT_ONCE)):
        yield rehearse(stretch, new, county=county, now=now)
        after = (stretch[-1].opened_at, stretch[-1].id)
        if left is not None:
            left -= len(stretch)
            if not left:
                return


def _bodies(units: Iterable[UUID]) -> dict[UUID, Body]:
    known = people.units_by_ids(units)
    return {id: Body(unit.code, unit.level) for id, unit in known.items()}


def _workers(county: str) -> frozenset[str]:
    """The codes of the units that may be sent work to."""
    units = people.units_under("", county=county)
    return frozenset(unit.code for unit in units if unit.kind != UnitKind.CENTRE)


def _past_of(found: "Collection[Case]", *, county: str) -> list[Past]:
    ids = [case.id for case in found]
    lines, clocks = cases.histories(ids, county=county), cases.ledgers(ids, county=county)
    promises, areas = _recorded(ids, county), places.areas_by_paths({case.path for case in found})
    grounds = {case.id: _grounds_of(case) for case in found}
    return [
        Past(
            case=case.id,
            number=case.number,
            channel=case.channel,
            what=case.what,
            proposed=case.proposed_category,
            category=case.category,
            path=case.path,
            area_kind=areas[case.path].kind if case.path in areas else "",
            is_urgent=case.is_urgent,
            zone=grounds[case.id][0].kind if grounds[case.id] else "",
            owners=places.owners(county, case.path, grounds=grounds[case.id]),
            paused_until=case.paused_until,
            paused_at=case.paused_at,
            lines=[Line(*line) for line in lines.get(case.id, ())],
            clock=clocks.get(case.id, ()),
            promises=promises.get(case.id, ()),
        )
        for case in found
    ]


def _grounds_of(case: "Case") -> list[Ground]:
    """The grounds it lies on today; what is laid down for them is kept in memory."""
    return places.grounds_at(
        case.county, case.path, lon=case.lon, lat=case.lat, words=f"{case.place} {case.what}"
    )


def _recorded(case_ids: Collection[UUID], county: str) -> dict[UUID, list[Recorded]]:
    kinds = [kind.value for kind in REPLAYED]
    found: dict[UUID, list[Recorded]] = defaultdict(list)
    made = Deadline.objects.filter(county=county, case__in=case_ids, kind__in=kinds)
    columns = ("case_id", *Recorded._fields[:3], "unit_id", *Recorded._fields[4:])
    row: tuple[Any, ...]
    for row in made.order_by("case", "starts", "id").values_list(*columns):
        found[row[0]].append(Recorded(*row[1:]))
    return found
