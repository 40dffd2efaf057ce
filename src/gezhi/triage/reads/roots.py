"""Root-cause cases: what comes back and could be one, those there are, and what they changed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import Left, TruncWeek
from django.utils import timezone

from gezhi.base.actor import Actor
from gezhi.base.days import midnight
from gezhi.base.refusal import NotFound
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.cases.rules import State
from gezhi.places import reads as places
from gezhi.rulebook import reads as rulebook
from gezhi.triage.models import RootCause
from gezhi.triage.reads.topics import is_open, shown_cases
from gezhi.triage.rules import rates, roots
from gezhi.triage.rules.rates import Candidate, Effect, Series
from gezhi.triage.rules.roots import Recurrence, Watch

SEES, OPENS = "case.read_area", "case.supervise"
_VILLAGE = 12
CHANNEL = "inspection"  # 督查交办: asked for from above, worked like any other


def roots_of(actor: Actor, *, county: str) -> QuerySet[RootCause]:
    """The root-cause cases whose area this actor reads whole, and those their units own."""
    found = _visible_to(actor, county)
    if not actor.may(SEES) and not found.exists():
        actor.must(SEES)
    return found


def _visible_to(actor: Actor, county: str) -> QuerySet[RootCause]:
    shown = Q(owner__in=actor.units)
    for path in actor.paths(SEES):
        shown |= Q(path__startswith=path)
    return RootCause.objects.filter(shown, county=county).select_related("case")


def root_of(actor: Actor, case: Case) -> UUID | None:
    """The root-cause case that this case is of, for who may see it; others cost no query."""
    if case.channel != CHANNEL:
        return None
    found = _visible_to(actor, case.county).filter(case=case)
    return found.values_list("id", flat=True).first()


def root_for(actor: Actor, root: UUID, *, county: str) -> RootCause:
    """One of them."""
    found = roots_of(actor, county=county).filter(pk=root).first()
    if found is None:
        raise NotFound()
    return found


def root_to_change(actor: Actor, root: UUID, *, county: str) -> RootCause:
    """The same, held until the transaction ends."""
    found = roots_of(actor, county=county).select_for_update(of=("self",)).filter(pk=root).first()
    if found is None:
        raise NotFound()
    return found


def open_root(path: str, category: str, *, county: str) -> RootCause | None:
    """The root-cause case that is open for this kind of matter just there."""
    found = RootCause.objects.filter(county=county, path=path, category=category)
    return found.filter(ended_at=None).first()


@dataclass(frozen=True)
class Earlier:
    """A unit that is asked before the owner, in the area or on a ground further in."""

    path: str
    ground: str
    unit: str


def earlier(root: RootCause) -> list[Earlier]:
    """Whose the kind is there all the same: it was laid down before, or more narrowly."""
    if root.ended_at is not None:
        return []
    book, county = rulebook.current(root.county), root.county
    asset = book.asset(root.category, "", is_urgent=False)
    there = places.owners(county, root.path, grounds=())
    first = book.keepers(there, root.category, asset, is_urgent=False)[:1]
    found = [Earlier(root.path, "", one.unit) for one in first]
    for ground, one in places.owners_further_in(county, root.path):
        if book.keepers([one], root.category, asset or one.asset, is_urgent=False):
            path, name = (ground, "") if isinstance(ground, str) else (ground.path, ground.name)
            found.append(Earlier(path, name, one.unit))
    return [one for one in dict.fromkeys(found) if one.unit != root.owner.code]


def first_of(lasting: timedelta, now: datetime) -> datetime:
    """When the first of the days begins that are counted: whole ones, as a list is asked for."""
    return midnight(timezone.localdate(now - lasting))


def recurrences(actor: Actor, *, county: str, now: datetime) -> list[Recurrence]:
    """Kinds of matter that were solved in a village in one week after another, the most first.

    A case that is part of another is not counted for itself; where there is a root-cause case
    already, nothing is proposed. Nor of kinds that are everybody's own affair, or say nothing:
    there is no cause in the place that anybody could remove.
    """
    solved = shown_cases(actor, county=county).filter(
        opened_at__gte=first_of(roots.LONG, now),
        outcome="solved",
        state__in=[State.DONE.value, State.CLOSED.value],
        category__in=_removable(county),
    )
    lately, week = Q(opened_at__gte=first_of(roots.SHORT, now)), TruncWeek("opened_at")
    counted = (
        solved.annotate(village=Left("path", _VILLAGE))
        .order_by()
        .values_list("village", "category")
        .annotate(
            short=Count("id", filter=lately),
            long=Count("id"),
            short_weeks=Count(week, filter=lately, distinct=True),
            long_weeks=Count(week, distinct=True),
        )
    )
    taken = set(
        RootCause.objects.filter(county=county, ended_at=None).values_list("path", "category")
    )
    found = [Recurrence(*row) for row in counted if row[:2] not in taken]
    often = [one for one in found if one.is_recurrent]
    return sorted(often, key=lambda one: (-one.solved, one.days, one.path, one.category))


def _removable(county: str) -> list[str]:
    """Kinds of which the place may hold a cause."""
    kinds = rulebook.current(county).categories.items()
    return [key for key, kind in kinds if not (kind.sensitive or kind.personal or kind.fallback)]


@dataclass(frozen=True)
class Measured:
    """What a root-cause case changed, and the weeks it is read off: own ones and the mean of

    the similar areas, whose paths are told so that everybody can look for themselves.
    """

    effect: Effect
    watched: Watch
    own: list[int]
    others: list[float]
    areas: list[str]


def measure(root: RootCause, *, now: datetime) -> Measured:
    """Reports here before and after, against areas of the same level with about as many.

    What is compared is numbers of areas, so everybody who sees the root-cause case sees them.
    """
    watched = roots.watch(root.opened_at, now=now)
    effect, chosen = _compared([root], now)[root.id]
    moments = _moments(root, [root.path, *chosen], now)
    weekly = [roots.weeks_of(moments[path], watched) for path in chosen]
    mean = [sum(each) / len(chosen) for each in zip(*weekly, strict=True)] if chosen else []
    return Measured(effect, watched, roots.weeks_of(moments[root.path], watched), mean, chosen)


def effects(found: Sequence[RootCause], *, now: datetime) -> dict[UUID, Effect]:
    """What each of these has changed, in as many questions however many they are."""
    return {id: effect for id, (effect, _areas) in _compared(found, now).items()}


def _compared(found: Sequence[RootCause], now: datetime) -> dict[UUID, tuple[Effect, list[str]]]:
    """The effect of each, and the areas that it was held against."""
    counts, busy = _counts(found, now), _busy(found)
    households = {len(root.path): root for root in found}
    of_level = {digits: _households(root) for digits, root in households.items()}
    return {
        root.id: _against(root, counts[root.id], of_level[len(root.path)], busy[root.id], now)
        for root in found
    }


def _against(
    root: RootCause,
    counts: Mapping[str, Series],
    households: Mapping[str, int],
    busy: Collection[str],
    now: datetime,
) -> tuple[Effect, list[str]]:
    none = Series(0, 0)
    areas = {
        path: Candidate(path, counts.get(path, none).before, homes)
        for path, homes in {root.path: 0, **households}.items()
    }
    peers = [one for path, one in areas.items() if path in households and path not in busy]
    chosen = [one.path for one in rates.similar(areas[root.path], peers)]
    weeks = roots.watch(root.opened_at, now=now).weeks
    others = [counts.get(path, none) for path in chosen]
    return rates.effect(counts.get(root.path, none), others, weeks=weeks), chosen


def _counts(found: Sequence[RootCause], now: datetime) -> dict[UUID, dict[str, Series]]:
    """By root-cause case, how much was reported in each area of its level before and after."""
    parts = [_counts_of(one) for one in _reports(found, now)]
    counted: dict[UUID, dict[str, Series]] = defaultdict(dict)
    for id, path, before, after in parts[0].union(*parts[1:], all=True) if parts else ():
        counted[id][path] = Series(before, after)
    return counted


def _counts_of(told: "_Reports") -> QuerySet[Any]:
    after = Q(opened_at__gte=told.root.opened_at)
    found = told.cases.annotate(root=Value(told.root.id))
    counted: QuerySet[Any] = found.values_list("root", "around").annotate(
        before=Count("id", filter=~after), after=Count("id", filter=after)
    )
    return counted


@dataclass(frozen=True)
class _Reports:
    """What was reported of a kind while it is watched, each `around` an area of its level."""

    root: RootCause
    cases: QuerySet[Any]


def _reports(found: Sequence[RootCause], now: datetime) -> list[_Reports]:
    """For each what was reported of its kind, except the root-cause cases themselves."""
    told = []
    seen = is_open(found[0].county) if found else Q()
    for root in found:
        watched = roots.watch(root.opened_at, now=now)
        kind = Q(category=root.category) | Q(category="", proposed_category=root.category)
        own = RootCause.objects.filter(county=root.county).values("case")
        every = cases.opened_between(watched.since, watched.until, county=root.county, paths=[""])
        of_kind = every.filter(kind, seen).exclude(pk__in=own).order_by()
        told.append(_Reports(root, of_kind.annotate(around=Left("path", len(root.path)))))
    return told


def _moments(root: RootCause, paths: Sequence[str], now: datetime) -> dict[str, list[datetime]]:
    found: dict[str, list[datetime]] = defaultdict(list)
    (told,) = _reports([root], now)
    for path, at in told.cases.filter(around__in=paths).values_list("around", "opened_at"):
        found[path].append(at)
    return found


def _households(root: RootCause) -> dict[str, int]:
    """Areas of the same level in the county, and how many households each has."""
    area = places.area_by_path(root.county, root.path)
    found = places.areas_under("", county=root.county, level=area.level)
    return dict(found.values_list("path", "households"))


def _busy(found: Sequence[RootCause]) -> dict[UUID, set[str]]:
    """Areas where somebody works on the same kind of matter at its root: no fair comparison."""
    others = RootCause.objects.filter(
        county__in={root.county for root in found}, category__in={root.category for root in found}
    )
    known = list(others.values_list("id", "category", "path"))
    return {
        root.id: {path for id, key, path in known if key == root.category and id != root.id}
        for root in found
    }


def newest_first(found: QuerySet[RootCause]) -> QuerySet[RootCause]:
    """Those that are open before those that ended, the newest first."""
    return found.order_by(F("ended_at").desc(nulls_first=True), "-opened_at", "-id")
