"""The lists of the desk: what each tab holds, narrowed, paged by keys, counted up to 999.

Every list starts from what the cases room lets the actor see. The added conditions on
county and path say the same again in a form that the indexes can follow.
"""

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, reduce
from operator import or_
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import Q, QuerySet

from gezhi.base import rows
from gezhi.base.actor import Actor, system
from gezhi.base.refusal import NotFound
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.cases.rules import ENDED, OPEN, State
from gezhi.cases.rules.numbers import is_number
from gezhi.desk.models import Bulk, BulkCase, SavedFilter, Verification
from gezhi.desk.rules import MOST_COUNTED, BulkState, Fate, Sort, Tab, is_id
from gezhi.people import reads as people
from gezhi.record import reads as record
from gezhi.record.errors import KeyReused
from gezhi.record.models import AuditLine

_ENDED = sorted(state.value for state in ENDED)
_OPEN = sorted(state.value for state in OPEN)
_SOON = timedelta(hours=4)
_SERIAL = 6  # digits of a number after the day
DEFAULT_SORT = {Tab.AREA: Sort.NEWEST, Tab.DONE: Sort.NEWEST}


def tabs_for(actor: Actor) -> tuple[Tab, ...]:
    """The tabs this actor has use for."""
    if not actor.may("case.read"):
        return ()
    wide = actor.may("case.read_area")
    wanted = {
        Tab.MINE: any(actor.may(right) for right in ("case.accept", "case.work", "case.assign")),
        Tab.HELPING: actor.may("case.work"),
        Tab.VERIFY: wide and actor.may("case.verify"),
        Tab.LATE: not calls_back_only(actor),
        Tab.AREA: True,
        Tab.DONE: True,
    }
    return tuple(tab for tab, is_wanted in wanted.items() if is_wanted)


def calls_back_only(actor: Actor) -> bool:
    """Whether one's work is to call people back, and nobody else's delay one's own."""
    others = ("case.accept", "case.work", "case.assign", "case.approve", "case.supervise")
    return actor.may("case.visit_back") and not any(actor.may(right) for right in others)


def cases_in(tab: Tab, actor: Actor, *, county: str, now: datetime) -> QuerySet[Case]:
    """The cases of one tab."""
    if tab == Tab.VERIFY:
        mine = _covered(actor, county, "case.verify")
        return mine.filter(cases.unchecked_in(county), state=State.DONE.value)
    if tab == Tab.LATE:
        return (
            _seen(actor, county)
            .exclude(state__in=_ENDED)  # says what the index says
            .filter(cases.late_at(now), state__in=_OPEN)
        )
    return _steady_cases(tab, actor, county)


def to_visit(actor: Actor, *, county: str) -> tuple[QuerySet[Case], QuerySet[Case]]:
    """Whom to call, the longest waiting first; and whom only after a second person's check."""
    found, unchecked = cases.to_visit(actor).filter(county=county), cases.unchecked_in(county)
    return found.exclude(unchecked), found.filter(unchecked)


def _steady_cases(tab: Tab, actor: Actor, county: str) -> QuerySet[Case]:
    """The tabs that ask neither the rulebook nor the hour."""
    if tab == Tab.MINE:
        return _held(actor, county).exclude(state__in=_ENDED).exclude(state=State.DONE.value)
    if tab == Tab.HELPING:
        return cases.called_to_help(actor).filter(county=county, state__in=_OPEN)
    if tab == Tab.DONE:
        return _seen(actor, county).filter(state__in=[State.DONE.value, State.CLOSED.value])
    return _seen(actor, county)


def _held(actor: Actor, county: str) -> QuerySet[Case]:
    units = [post.unit for post in actor.posts if "case.read" in post.rights]
    return cases.held_by(actor).filter(county=county, holder__in=units)


def _seen(actor: Actor, county: str) -> QuerySet[Case]:
    """What the actor sees: the whole of its areas, or what its units hold, led or helped with."""
    whole = cases.in_areas_of(actor) if actor.paths("case.read_area") else cases.visible_to(actor)
    return whole.filter(county=county)


def _covered(actor: Actor, county: str, right: str) -> QuerySet[Case]:
    return _seen(actor, county).filter(_inside(actor.paths(right)))


def _inside(paths: Iterable[str]) -> Q:
    return reduce(or_, (Q(path__startswith=path) for path in paths), Q(pk__in=[]))


@dataclass(frozen=True)
class Filters:
    """What the address asks of a list. Empty values ask for nothing."""

    q: str = ""
    state: str = ""
    group: str = ""
    category: str = ""
    outcome: str = ""
    size: str = ""
    channel: str = ""
    area: str = ""
    holder: UUID | None = None
    pace: str = ""
    since: datetime | None = None
    until: datetime | None = None


def narrow(found: QuerySet[Case], filters: Filters, *, now: datetime) -> QuerySet[Case]:
    """Those of `found` that fit the filters."""
    exact = {
        "state": filters.state,
        "size": filters.size,
        "outcome": filters.outcome,
        "channel": filters.channel,
        "holder": filters.holder,
        "path__startswith": filters.area,
        "opened_at__gte": filters.since,
        "opened_at__lt": filters.until,
    }
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if filters.group:
        start = f"{filters.group}."
        found = found.filter(
            Q(category__startswith=start) | Q(category="", proposed_category__startswith=start)
        )
    if kind := filters.category:
        found = found.filter(Q(category=kind) | Q(category="", proposed_category=kind))
    return _saying(_at_pace(found, filters.pace, now), filters.q.strip())


def _saying(found: QuerySet[Case], typed: str) -> QuerySet[Case]:
    """By number, by its last digits as people read them out, or by words."""
    if typed.isdecimal() and len(typed) <= _SERIAL:
        return found.filter(
            Q(number__endswith=f"-{typed.zfill(_SERIAL)}") | Q(number__startswith=typed)
        )
    return cases.search(found, typed)


def _at_pace(found: QuerySet[Case], pace: str, now: datetime) -> QuerySet[Case]:
    if pace == "paused":
        return found.filter(paused_until__isnull=False)
    if pace == "late":
        return found.filter(cases.late_at(now), state__in=_OPEN)
    if pace == "soon":
        return found.filter(cases.due_between(now, now + _SOON), state__in=_OPEN)
    return found


class Listed(NamedTuple):
    """What a row of a list shows of a case, under the names the case has for it."""

    id: UUID
    number: str
    state: str
    what: str
    place: str
    path: str
    holder_id: UUID
    is_urgent: bool
    opened_at: datetime
    due_from: datetime | None
    due_at: datetime | None
    due_runs_on: bool
    paused_at: datetime | None
    paused_until: datetime | None
    county: str
    book: int
    category: str
    outcome: str
    is_verified: bool
    is_secret: bool
    proposed_category: str


Page = tuple[list[Listed], str]  # the rows, the key of the next page ("" after the last)
_Key = tuple[datetime | None, UUID]


def first_page(
    tab: Tab, sort: Sort, actor: Actor, *, county: str, now: datetime, size: int
) -> Page:
    """A list as it opens, nothing filtered: what is asked for most.

    Where neither the rulebook nor the hour has a say, its SQL is made once for each actor.
    """
    if tab in (Tab.VERIFY, Tab.LATE):
        found = cases_in(tab, actor, county=county, now=now)
        return page_of(found, sort, after="", size=size)
    try:
        statement = _steady_statement(tab, sort, actor, county, size)
    except EmptyResultSet:
        return [], ""
    return _cut(rows.ask(*statement), sort, size)


@lru_cache(maxsize=1000)
def _steady_statement(
    tab: Tab, sort: Sort, actor: Actor, county: str, size: int
) -> tuple[str, tuple[Any, ...]]:
    ordered = _ordered(_steady_cases(tab, actor, county), sort)
    return ordered.values_list(*Listed._fields)[: size + 1].query.sql_with_params()


def page_of(found: QuerySet[Case], sort: Sort, *, after: str, size: int) -> Page:
    """One page of any list."""
    ordered = _ordered(found, sort, _read_key(after))
    return _cut(ordered.values_list(*Listed._fields)[: size + 1], sort, size)


def _ordered(found: QuerySet[Case], sort: Sort, key: _Key | None = None) -> QuerySet[Case]:
    if sort == Sort.NEWEST:
        found = found.order_by("-opened_at", "-id")
        if key and key[0]:
            found = found.filter(opened_at__lte=key[0]).exclude(
                Q(opened_at=key[0]) & Q(id__gte=key[1])
            )
    else:
        # What has ended is due no more. PostgreSQL puts what has no due time last, as it should.
        found = found.exclude(state__in=_ENDED).order_by("due_at", "id")
        if key:
            found = found.filter(_later_due(*key))
    return found


def _cut(found: Iterable[tuple[Any, ...]], sort: Sort, size: int) -> Page:
    listed = [Listed._make(each) for each in found]
    if len(listed) <= size:
        return listed, ""
    last = listed[size - 1]
    return listed[:size], _make_key(last.opened_at if sort == Sort.NEWEST else last.due_at, last.id)


def _later_due(due: datetime | None, case_id: UUID) -> Q:
    if due is None:
        return Q(due_at=None, id__gt=case_id)
    return Q(due_at__gt=due) | Q(due_at=due, id__gt=case_id) | Q(due_at=None)


def _make_key(moment: datetime | None, case_id: UUID) -> str:
    text = json.dumps([moment.isoformat() if moment else "", str(case_id)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_key(typed: str) -> _Key | None:
    """The key in an address; None for one that was never given out."""
    try:
        moment, case_id = json.loads(base64.urlsafe_b64decode(typed + "=" * (-len(typed) % 4)))
        at = datetime.fromisoformat(moment) if moment else None
        return None if at and at.tzinfo is None else (at, UUID(case_id))
    except (ValueError, TypeError, AttributeError):
        return None


def count_up_to(found: QuerySet[Any], most: int = MOST_COUNTED) -> int:
    """How many there are, but never counting further than one above `most`."""
    return found.order_by().values("pk")[: most + 1].count()


def chosen(actor: Actor, numbers: Sequence[str], *, county: str) -> list[Case]:
    """Those of these numbers the actor may see, in the order they were chosen."""
    known = [number for number in numbers if is_number(number)]
    found = {
        case.number: case
        for case in cases.visible_to(actor).filter(county=county, number__in=known)
    }
    return [found[number] for number in numbers if number in found]


def saved_filters(actor: Actor) -> list[SavedFilter]:
    """One's own saved filters, by name."""
    return rows.fetch(SavedFilter, "account_id = %s ORDER BY name", [actor.account])


def unit_names(listed: "Iterable[Case | Listed]") -> dict[UUID, str]:
    """What the holders of these cases are called; no query."""
    return people.unit_names({case.holder_id for case in listed})


def unit_label(unit_id: UUID) -> str:
    """What lists call one unit."""
    return people.unit_names([unit_id]).get(unit_id, "")


def bulks(actor: Actor) -> QuerySet[Bulk]:
    """What one has asked for on many cases, the newest first."""
    return Bulk.objects.filter(account=actor.account).order_by("-asked_at", "-id")


def bulk_for(actor: Actor, bulk_id: UUID) -> Bulk:
    """One of one's own."""
    found = bulks(actor).filter(pk=bulk_id).first()
    if found is None:
        raise NotFound()
    return found


def bulk_by_key(actor: Actor, key: str, digest: str) -> Bulk | None:
    """What the same sending of a form has begun before; refuses another one with the same key."""
    found = bulks(actor).filter(key=key).first()
    if found is not None and found.digest != digest:
        raise KeyReused()
    return found


def bulk_held(bulk_id: UUID) -> Bulk:
    """One of anybody's, for who works on it, held until the transaction ends."""
    found = Bulk.objects.select_for_update().filter(pk=bulk_id).first()
    if found is None:
        raise NotFound()
    return found


def next_of(found: Bulk) -> BulkCase | None:
    """The next case nobody has acted on; one that the database broke off is behind the others."""
    waiting = BulkCase.objects.filter(county=found.county, bulk=found, fate=Fate.WAITING.value)
    return waiting.order_by("tries", "position").first()


def cases_of_bulk(found: Bulk) -> list[BulkCase]:
    """All of its cases, in the order they were chosen."""
    return list(BulkCase.objects.filter(county=found.county, bulk=found).order_by("position"))


def asker(found: Bulk) -> Actor:
    """Who asked, with the posts that one holds now."""
    return people.actor_for(people.account(system("desk"), found.account_id))


def bulks_silent_since(moment: datetime) -> list[UUID]:
    """What should be under way and nobody has touched since."""
    silent = Bulk.objects.filter(state=BulkState.WORKING.value, touched_at__lt=moment)
    return list(silent.values_list("id", flat=True))


def verifications(actor: Actor, county: str) -> QuerySet[Verification]:
    """Checks of what is on record, the newest first, for who audits."""
    actor.must("audit.read", path=county)
    return Verification.objects.filter(county=county).order_by("-asked_at")


def running_verification(county: str) -> Verification | None:
    """The check that isn't finished yet."""
    return Verification.objects.filter(county=county, finished_at=None).first()


def verification_to_go_on(id: UUID) -> Verification | None:
    """An unfinished check, held; None when it is finished or another worker is at it."""
    rows = Verification.objects.select_for_update(skip_locked=True)
    return rows.filter(pk=id, finished_at=None).first()


def verifications_left(since: datetime) -> list[Verification]:
    """Unfinished checks that nobody has touched since."""
    return list(Verification.objects.filter(finished_at=None, touched_at__lt=since))


def lines_about(lines: QuerySet[AuditLine], typed: str, *, county: str) -> QuerySet[AuditLine]:
    """The lines of the audit about what somebody typed: a case with all its parts, people, an area.

    A label is meant as it is. Lines name a case by its number, or by a part of it: they were
    written by rooms that know no numbers.
    """
    if ":" in typed:
        return record.narrowed(lines, about=typed)
    case = cases.id_of_number(typed, county=county)
    if case is None:
        labels = people.labels_called(typed, county=county)
        return record.naming(lines, abouts=[typed, *labels], names=[typed])
    reports, files = cases.parts_of(case, county=county)
    abouts = [f"case:{case}", *(f"report:{id}" for id in reports)]
    names = [typed, *map(str, (case, *reports, *files))]
    return record.naming(lines, abouts=abouts, names=names)


def numbers_in(lines: Iterable[AuditLine], *, county: str) -> dict[int, str]:
    """The number of the case that each of these lines is about, by line; without those of none."""
    named = {
        line.id: [line.about.partition(":")[2], *(line.data.get(key) for key in record.NAMING)]
        for line in lines
    }
    ids = {UUID(text) for texts in named.values() for text in texts if is_id(text)}
    numbers = cases.numbers_of(ids, county=county)
    found = {}
    for line, texts in named.items():
        known = (numbers.get(UUID(text)) if is_id(text) else text for text in texts)
        number = next((each for each in known if each and is_number(str(each))), None)
        if number:
            found[line] = str(number)
    return found


def may_be_seen(numbers: Iterable[str], actor: Actor) -> set[str]:
    """Those of the numbers whose case this actor may know about."""
    there = cases.visible_to(actor).filter(number__in=set(numbers))
    return set(there.values_list("number", flat=True))
