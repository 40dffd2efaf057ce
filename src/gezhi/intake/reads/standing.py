"""How sources are and what came of what they brought, with the cases behind each figure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Avg, Count, F, Q, QuerySet
from django.utils import timezone

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.cases import reads as cases
from gezhi.intake import rules
from gezhi.intake.models import Fault, Received, Source
from gezhi.intake.reads.sources import received_of, way
from gezhi.intake.rules import Fate, Way

_SILENT_PULL = timedelta(minutes=10)  # a source that is asked every minute and wasn't for so long
_MEASURED = timedelta(days=1)
COUNTED_DAYS = 30


@dataclass(frozen=True)
class Health:
    """How a source is. `sign` is off, faulty, silent or ok.

    `unsigned` are the calls of today that nobody proved to be its own: no faults of it.
    """

    sign: str
    faults: int
    last_fault: Fault | None
    kept: int
    lag: timedelta | None
    unsigned: int


def healths(found: Collection[Source]) -> dict[UUID, Health]:
    """Of several at once, with three questions."""
    now, ids = clock.now(), [each.id for each in found]
    county = settings.COUNTY
    today = timezone.localdate(now)
    faults: dict[UUID, list[Fault]] = {}
    for fault in Fault.objects.filter(
        county=county, source__in=ids, day__gte=today - timedelta(days=1)
    ).order_by("-last_at"):
        faults.setdefault(fault.source_id, []).append(fault)
    kept = dict(
        Received.objects.filter(county=county, source__in=ids, fate__in=sorted(rules.KEPT))
        .values_list("source")
        .annotate(Count("id"))
    )
    lags = dict(
        Received.objects.filter(
            county=county, source__in=ids, received_at__gte=now - _MEASURED, said_at__isnull=False
        )
        .values_list("source")
        .annotate(lag=Avg(F("received_at") - F("said_at")))
    )
    return {
        each.id: _health(each, faults.get(each.id, []), kept.get(each.id, 0), lags.get(each.id))
        for each in found
    }


def _health(source: Source, found: list[Fault], kept: int, lag: timedelta | None) -> Health:
    now = clock.now()
    faults = [each for each in found if each.code != rules.UNSIGNED]
    last = faults[0] if faults else None
    good = max(filter(None, (source.received_at, source.asked_at)), default=None)
    today = timezone.localdate(now)
    if not source.is_active:
        sign = "off"
    elif last and (good is None or last.last_at > good):
        sign = "faulty"
    elif way(source) != Way.PUSH and (good is None or good < now - _SILENT_PULL):
        sign = "silent"
    else:
        sign = "ok" if source.received_at else "silent"
    count = sum(each.count for each in faults if each.day == today)
    unsigned = sum(each.count for each in found if each.day == today) - count
    return Health(sign, count, last, kept, lag if lag is None else max(lag, timedelta()), unsigned)


def faults_of(source: Source, *, most: int = 20) -> list[Fault]:
    """What went wrong, the newest first."""
    found = Fault.objects.filter(county=source.county, source=source)
    return list(found.exclude(code=rules.UNSIGNED).order_by("-last_at", "-id")[:most])


@dataclass(frozen=True)
class Counts:
    """What became of what a source brought in `COUNTED_DAYS`: cases, of them answered, late."""

    cases: int = 0
    joined: int = 0
    answered: int = 0
    late: int = 0


def counts(found: Collection[Source]) -> dict[UUID, Counts]:
    """Of several at once."""
    now = clock.now()
    rows = (
        Received.objects.filter(
            county=settings.COUNTY,
            source__in=[each.id for each in found],
            received_at__gte=now - timedelta(days=COUNTED_DAYS),
            fate__in=[Fate.TAKEN, Fate.JOINED],
        )  # fmt: skip
        .values("source")
        .annotate(
            taken=Count("id", filter=Q(fate=Fate.TAKEN)),
            joined=Count("id", filter=Q(fate=Fate.JOINED)),
            answered=Count("id", filter=Q(case__finished_at__isnull=False)),
            late=Count("id", filter=_late(now)),
        )
    )
    told = {
        row["source"]: Counts(row["taken"], row["joined"], row["answered"], row["late"])
        for row in rows
    }
    return {each.id: told.get(each.id, Counts()) for each in found}


def _late(now: datetime) -> Q:
    """Not finished by the day that was promised: still open, or finished after it."""
    open_late = Q(
        case__finished_at__isnull=True, case__closed_at__isnull=True, case__finish_by__lt=now
    )
    return open_late | Q(case__finished_at__gt=F("case__finish_by"))


WHICH = ("all", "joined", "answered", "late")


def cases_behind(actor: Actor, source: Source, which: str) -> QuerySet[Received]:
    """The messages behind a figure of `counts`, with their cases, as far as the actor sees them."""
    now = clock.now()
    found = received_of(actor, source, fates=[Fate.TAKEN, Fate.JOINED]).filter(
        received_at__gte=now - timedelta(days=COUNTED_DAYS)
    )
    if which == "joined":
        found = found.filter(fate=Fate.JOINED)
    elif which == "answered":
        found = found.filter(case__finished_at__isnull=False)
    elif which == "late":
        found = found.filter(_late(now))
    return found.filter(case__in=cases.visible_to(actor)).select_related("case")
