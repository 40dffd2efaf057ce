"""Root-cause cases: what comes back and could be one, those there are, and what they changed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Left

from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.cases.rules import State
from gezhi.places import reads as places
from gezhi.triage.models import RootCause
from gezhi.triage.reads.topics import openly_told, shown_cases
from gezhi.triage.rules import rates, roots
from gezhi.triage.rules.rates import Candidate, Effect, Series
from gezhi.triage.rules.roots import Recurrence, Watch

SEES, OPENS = "case.read_area", "case.supervise"
_VILLAGE = 12


def roots_of(actor: Actor, *, county: str) -> QuerySet[RootCause]:
    """The root-cause cases whose area this actor reads whole."""
    actor.must(SEES)
    inside = Q(pk__in=[])
    for path in actor.paths(SEES):
        inside |= Q(path__startswith=path)
    return RootCause.objects.filter(inside, county=county).select_related("case")


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


def recurrences(actor: Actor, *, county: str, now: datetime) -> list[Recurrence]:
    """Kinds of matter that were solved in a village again and again, the most frequent first.

    A case that is part of another is not counted for itself; where there is a root-cause case
    already, nothing is proposed.
    """
    solved = shown_cases(actor, county=county).filter(
        opened_at__gte=now - roots.LONG,
        outcome="solved",
        state__in=[State.DONE.value, State.CLOSED.value],
    )
    counted = (
        solved.exclude(category="")
        .annotate(village=Left("path", _VILLAGE))
        .order_by()
        .values_list("village", "category")
        .annotate(
            short=Count("id", filter=Q(opened_at__gte=now - roots.SHORT)),
            long=Count("id"),
        )
    )
    taken = set(
        RootCause.objects.filter(county=county, ended_at=None).values_list("path", "category")
    )
    found = [Recurrence(*row) for row in counted if row[:2] not in taken]
    often = [one for one in found if one.is_recurrent]
    return sorted(often, key=lambda one: (-one.short, -one.long, one.path, one.category))


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
    before = _reports_before(root, watched)
    households = _households(root)
    own = Candidate(root.path, before.get(root.path, 0), households.get(root.path, 0))
    busy = _busy(root)
    peers = [
        Candidate(path, before.get(path, 0), count)
        for path, count in households.items()
        if path not in busy
    ]
    chosen = [one.path for one in rates.similar(own, peers)]
    moments = _moments(root, watched, [root.path, *chosen])
    series = {path: _split(moments[path], watched) for path in (root.path, *chosen)}
    effect = rates.effect(series[root.path], [series[path] for path in chosen], weeks=watched.weeks)
    weekly = [roots.weeks_of(moments[path], watched) for path in chosen]
    mean = [sum(each) / len(chosen) for each in zip(*weekly, strict=True)] if chosen else []
    return Measured(effect, watched, roots.weeks_of(moments[root.path], watched), mean, chosen)


def _reports(root: RootCause, watched: Watch, until: datetime) -> QuerySet[Case]:
    """What was reported of this kind, except the root-cause cases themselves."""
    found = cases.opened_between(watched.since, until, county=root.county, paths=[""])
    kind = Q(category=root.category) | Q(category="", proposed_category=root.category)
    own = RootCause.objects.filter(county=root.county).values("case")
    return openly_told(found.filter(kind), root.county).exclude(pk__in=own).order_by()


def _reports_before(root: RootCause, watched: Watch) -> dict[str, int]:
    found = _reports(root, watched, watched.opened).annotate(around=_level_of(root))
    return dict(found.values_list("around").annotate(Count("id")))


def _moments(root: RootCause, watched: Watch, paths: Sequence[str]) -> dict[str, list[datetime]]:
    found: dict[str, list[datetime]] = defaultdict(list)
    told = _reports(root, watched, watched.until).annotate(around=_level_of(root))
    for path, at in told.filter(around__in=paths).values_list("around", "opened_at"):
        found[path].append(at)
    return found


def _level_of(root: RootCause) -> Left:
    """The area of the root-cause case's level in which a case lies."""
    return Left("path", len(root.path))


def _split(moments: Sequence[datetime], watched: Watch) -> Series:
    after = sum(at >= watched.opened for at in moments)
    return Series(len(moments) - after, after)


def _households(root: RootCause) -> dict[str, int]:
    """Areas of the same level in the county, and how many households each has."""
    area = places.area_by_path(root.county, root.path)
    found = places.areas_under("", county=root.county, level=area.level)
    return dict(found.values_list("path", "households"))


def _busy(root: RootCause) -> set[str]:
    """Areas where somebody works on the same kind of matter at its root: no fair comparison."""
    others = RootCause.objects.filter(county=root.county, category=root.category)
    return set(others.exclude(pk=root.pk).values_list("path", flat=True))


def newest_first(found: QuerySet[RootCause]) -> QuerySet[RootCause]:
    """Those that are open before those that ended, the newest first."""
    return found.order_by(F("ended_at").desc(nulls_first=True), "-opened_at", "-id")
