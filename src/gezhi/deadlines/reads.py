"""Reading promises: of one case, of a list of cases, what is open, and what is to be done.

And rehearsals: past cases as the rules ask for them, what was found in them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from gezhi.base import rows
from gezhi.base.actor import Actor, system
from gezhi.base.refusal import NotFound
from gezhi.cases import reads as cases
from gezhi.cases.facts import CaseFact
from gezhi.deadlines.models import Deadline, Difference, Raised, Rehearsal
from gezhi.deadlines.rules import UNSTOPPED, WINDOWS, Kind, Matter
from gezhi.deadlines.rules import rehearsing as stage
from gezhi.deadlines.rules.rehearsing import Finding, Past, Recorded, RehearsalState, Topic
from gezhi.deadlines.rules.replaying import REPLAYED, Body, Line
from gezhi.people import reads as people
from gezhi.people.rules import UnitKind
from gezhi.places import reads as places
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book

if TYPE_CHECKING:
    from gezhi.cases.models import Case

OPEN = Q(met_at__isnull=True, dropped_at__isnull=True)
_STILL_OPEN = "met_at IS NULL AND dropped_at IS NULL"
# Since a moment, or else since what a simulation of the past leaves to the passing of time.
_COME = (
    "county = %s AND next_at <= %s AND next_at >= coalesce("
    "%s, (SELECT until FROM deadlines_horizon WHERE county = %s), '-infinity'::timestamptz)"
)
_WINDOWS = sorted(kind.value for kind in WINDOWS)


def matter_of(fact: CaseFact) -> Matter:
    """What a fact says of its case. The county is that of the centre in charge."""
    return Matter(
        county=people.unit(fact.centre).county,
        case=fact.case,
        number=fact.number,
        path=fact.path,
        centre=fact.centre,
        holder=fact.holder,
        category=fact.category,
        size=fact.size,
        channel=fact.channel,
        book=fact.book,
    )


def matter_as_is(case: "Case") -> Matter:
    """The same from the case as it stands."""
    return Matter(
        county=case.county,
        case=case.id,
        number=case.number,
        path=case.path,
        centre=case.centre_id,
        holder=case.holder_id,
        category=case.category or case.proposed_category,
        size=case.size,
        channel=case.channel,
        book=case.book,
        is_standing=case.paused_until is not None,
    )


def matters(case_ids: Iterable[UUID]) -> dict[UUID, Matter]:
    """The same from many, in one trip."""
    return {case.id: matter_as_is(case) for case in cases.cases_behind(case_ids)}


def open_of(case_id: UUID) -> list[Deadline]:
    """The open promises of a case."""
    return rows.fetch(Deadline, f"case_id = %s AND {_STILL_OPEN}", [case_id])


def open_to_change(case_id: UUID) -> list[Deadline]:
    """The same, held: whoever takes steps of plans passes over them meanwhile."""
    return rows.fetch(Deadline, f"case_id = %s AND {_STILL_OPEN} FOR UPDATE", [case_id])


def unplanned(*, county: str, most: int) -> list[Deadline]:
    """Open promises without a plan, held; those of others who plan are passed over."""
    return rows.fetch(
        Deadline,
        f"county = %s AND {_STILL_OPEN} AND next_step = '' LIMIT %s FOR UPDATE SKIP LOCKED",
        [county, most],
    )


def to_take(*, county: str, since: datetime | None, now: datetime, most: int) -> list[Deadline]:
    """Promises whose next step has come, the longest waiting first, held for this worker alone."""
    return rows.fetch(
        Deadline,
        f"{_COME} AND kind <> ALL(%s) ORDER BY next_at LIMIT %s FOR UPDATE SKIP LOCKED",
        [county, now, since, county, _WINDOWS, most],
    )


def windows_over(
    *, county: str, since: datetime | None, now: datetime, most: int
) -> list[Deadline]:
    """Windows whose end has come. Not held: their cases come first, as in every act."""
    return rows.fetch(
        Deadline,
        f"{_COME} AND kind = ANY(%s) ORDER BY next_at LIMIT %s",
        [county, now, since, county, _WINDOWS, most],
    )


def still_due(row: Deadline) -> Deadline | None:
    """The row as it stands, held, if its next step is what it was."""
    found = rows.fetch(
        Deadline,
        f"id = %s AND next_at = %s AND {_STILL_OPEN} FOR UPDATE",
        [row.id, row.next_at],
    )
    return found[0] if found else None


def soonest(county: str) -> datetime | None:
    """When the next step of any plan comes."""
    found = rows.ask("SELECT min(next_at) FROM deadlines_deadline WHERE county = %s", [county])
    moment: datetime | None = found[0][0]
    return moment


def raised_of(case: "Case") -> QuerySet[Raised]:
    """Every step that was taken of this case's promises, in order."""
    return (
        Raised.objects.filter(county=case.county, case=case)
        .select_related("deadline")
        .order_by("at", "id")
    )


def of_case(case: "Case") -> QuerySet[Deadline]:
    """Every promise of a case, in the order they were made; no windows but the reporter's."""
    return all_of_case(case).exclude(kind__in=WINDOWS - {Kind.REPLY})


def all_of_case(case: "Case") -> QuerySet[Deadline]:
    """The same with every window."""
    return Deadline.objects.filter(county=case.county, case=case).order_by("starts", "due")


def target(case: "Case") -> Deadline | None:
    """The promise the resident cares about: by when it is solved. The newest one."""
    return (
        Deadline.objects.filter(county=case.county, case=case, kind=Kind.FINISH)
        .order_by("-starts")
        .first()
    )


def targets(case_ids: Iterable[UUID]) -> dict[UUID, Deadline]:
    """The newest finish promise of each of these cases, in one query."""
    rows = Deadline.objects.filter(case__in=list(case_ids), kind=Kind.FINISH).order_by("starts")
    return {row.case_id: row for row in rows}


def last_finish(case_id: UUID) -> Deadline | None:
    """The finish promise that was met last, for work that goes on."""
    found = rows.fetch(
        Deadline,
        "case_id = %s AND kind = 'finish' AND dropped_at IS NULL ORDER BY \"starts\" DESC LIMIT 1",
        [case_id],
    )
    return found[0] if found else None


def open_of_merged(main_id: UUID) -> list[Deadline]:
    """The finish promises still open towards reporters of cases merged into this one."""
    merged = "case_id IN (SELECT id FROM cases_case WHERE main_id = %s AND state = 'merged')"
    return rows.fetch(
        Deadline, f"{merged} AND kind = 'finish' AND {_STILL_OPEN} FOR UPDATE", [main_id]
    )


def late(actor: Actor, *, now: datetime) -> QuerySet[Deadline]:
    """Broken promises in cases the actor may see, the longest broken first."""
    return due_by(actor, moment=now)


def due_by(actor: Actor, *, moment: datetime) -> QuerySet[Deadline]:
    """What the house owes by then and has not done, the longest due first.

    What was broken before its clock stood is broken still; what was not, is not while it stands.
    """
    standing = Q(case__paused_until__isnull=False, broken_at__isnull=True)
    return (
        Deadline.objects.filter(OPEN, due__lte=moment, case__in=cases.visible_to(actor))
        .exclude(kind__in=WINDOWS)
        .exclude(standing & ~Q(kind__in=UNSTOPPED))
        .order_by("due", "id")
    )


def owing(found: QuerySet[Deadline], *, now: datetime) -> list["Owing"]:
    """These promises counted by who owes them: how many are broken, how many are not yet."""
    counted = (
        found.order_by()
        .values_list("unit_id")
        .annotate(late=Count("id", filter=Q(due__lte=now)), all=Count("id"), first=Min("due"))
        .order_by("-late", "first")
    )
    return [Owing(unit, late, count - late, first) for unit, late, count, first in counted]


class Owing(NamedTuple):
    """What one unit owes: promises that are broken, that are due soon, the longest due."""

    unit: UUID
    late: int
    soon: int
    first: datetime


def climbed(deadlines: Iterable[Deadline]) -> dict[UUID, Raised]:
    """The last step of each promise's ladder that somebody heard of."""
    told = Raised.objects.filter(
        deadline__in=[row.id for row in deadlines], step__startswith="climb:", told__gt=0
    ).order_by("at", "step")
    return {raised.deadline_id: raised for raised in told}


def unheard(actor: Actor, *, since: datetime, most: int) -> list[Raised]:
    """Steps of open promises of which nobody heard, because nobody was at work; the last first."""
    found = (
        Raised.objects.filter(
            told=0,
            unit__isnull=False,
            at__gte=since,
            deadline__met_at__isnull=True,
            deadline__dropped_at__isnull=True,
            case__in=cases.visible_to(actor),
        )
        .select_related("deadline", "case")
        .order_by("-at")
    )
    return list(found[:most])


# --- rehearsals --------------------------------------------------------------------------------


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
    here = stage.Here(_bodies(units), _workers(county))

    @cache
    def pair_of(version: int) -> stage.Pair:
        return stage.pair_of(rulebook.book(county, version), new)

    return [
        Rehearsed(case, stage.rehearse(each, pair_of(case.book), here, now=now))
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
            is_standing=case.paused_until is not None,
            lines=[Line(*line) for line in lines.get(case.id, ())],
            clock=clocks.get(case.id, ()),
            promises=promises.get(case.id, ()),
        )
        for case in found
    ]


def _recorded(case_ids: Collection[UUID], county: str) -> dict[UUID, list[Recorded]]:
    kinds = [kind.value for kind in REPLAYED]
    found: dict[UUID, list[Recorded]] = defaultdict(list)
    made = Deadline.objects.filter(county=county, case__in=case_ids, kind__in=kinds)
    columns = ("case_id", *Recorded._fields[:3], "unit_id", *Recorded._fields[4:])
    row: tuple[Any, ...]
    for row in made.order_by("case", "starts", "id").values_list(*columns):
        found[row[0]].append(Recorded(*row[1:]))
    return found


_books: dict[str, Book] = {}
_MOST_BOOKS = 4


def book_of(rehearsal: Rehearsal) -> Book:
    """The book that is rehearsed; read once by each process as long as it is asked for."""
    if rehearsal.digest not in _books:
        while len(_books) >= _MOST_BOOKS:
            _books.pop(next(iter(_books)), None)
        _books[rehearsal.digest] = rulebook.read_files(rehearsal.files)
    return _books[rehearsal.digest]


def cases_of(rehearsal: Rehearsal) -> "QuerySet[Case]":
    """All the cases that it looks at."""
    return cases.opened_between(
        rehearsal.since, rehearsal.until, county=rehearsal.county, paths=rehearsal.areas
    )


def rehearsals(actor: Actor, *, county: str) -> QuerySet[Rehearsal]:
    """Those in areas where the actor manages the rulebook, the newest first; without the files."""
    actor.must("rulebook.manage")
    mine = tuple(actor.paths("rulebook.manage"))
    found = Rehearsal.objects.filter(county=county)
    inside = [
        id
        for id, areas in found.values_list("id", "areas")
        if all(area.startswith(mine) for area in areas)
    ]
    return found.filter(id__in=inside).defer("files").order_by("-asked_at", "-id")


def rehearsal_for(actor: Actor, id: UUID, *, county: str) -> Rehearsal:
    """One of them."""
    found = rehearsals(actor, county=county).filter(id=id).first()
    if found is None:
        raise NotFound()
    return found


def rehearsal_held(id: UUID) -> Rehearsal | None:
    """The row until the transaction ends: whoever else works on it waits. None: removed."""
    return Rehearsal.objects.select_for_update().filter(id=id).first()


def may_go_on(rehearsal: Rehearsal) -> bool:
    """Whether who asked still manages the rulebook of those areas."""
    account = people.account(system("deadlines"), rehearsal.account_id)
    actor = people.actor_for(account)
    return all(actor.may("rulebook.manage", path=area) for area in rehearsal.areas)


def rehearsals_silent_since(moment: datetime) -> list[UUID]:
    """What should be under way and nobody has touched since."""
    silent = Rehearsal.objects.filter(state=RehearsalState.WORKING.value, touched_at__lt=moment)
    return list(silent.values_list("id", flat=True))


def differences(
    rehearsal: Rehearsal, topic: Topic, *, show: str = "", **codes: str
) -> QuerySet[Difference]:
    """What was found on one topic: of these verdicts (`rules.SHOWN`), with these codes."""
    found = Difference.objects.filter(
        county=rehearsal.county, rehearsal=rehearsal, topic=topic.value
    )
    if show in stage.SHOWN:
        found = found.filter(verdict__in=[verdict.value for verdict in stage.SHOWN[show]])
    elif show in stage.SIGNS:
        found = found.filter(**{f"minutes__{stage.SIGNS[show]}": 0})
    return found.filter(**{name: code for name, code in codes.items() if code})


def numbers_to_open(actor: Actor, rows: Iterable[Difference]) -> set[str]:
    """Of these cases the ones that the actor may open."""
    ids = {row.case_id for row in rows}
    return set(cases.visible_to(actor).filter(id__in=ids).values_list("number", flat=True))
