"""Kinds of which more is reported than before: each report its own matter, so no topic."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, Count, F, Q, When
from django.db.models.functions import Left
from django.utils import timezone

from gezhi.base.actor import Actor
from gezhi.base.days import midnight
from gezhi.cases.rules import State
from gezhi.triage.models import RootCause
from gezhi.triage.reads.topics import RIGHT, shown_cases
from gezhi.triage.rules.rates import Ratio, ratio
from gezhi.triage.rules.topics import LEAST, WEEK, WINDOW

# Of the many kinds that are looked at every week, chance alone makes one look like more now and
# then: at 99.9 % that is one of 165 in three months.
_SURE = 0.999
_TOWN = 9
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rise:
    """A kind with more reports in the last seven days, from `since`, than a week before.

    Days are the city's, today's among them, so that a list can be asked for the same.
    """

    category: str
    since: date
    week: int
    before: int
    towns: int
    ratio: Ratio


def rises(
    actor: Actor, *, county: str, now: datetime, path: str = "", category: str = ""
) -> list[Rise]:
    """Those among the cases this actor is shown, the surest first."""
    actor.must(RIGHT)
    tomorrow = timezone.localdate(now) + _DAY
    week, window = midnight(tomorrow - WEEK), midnight(tomorrow - WINDOW)
    own = RootCause.objects.filter(county=county).values("case")
    kind = Case(When(category="", then=F("proposed_category")), default=F("category"))
    found = (
        shown_cases(actor, county=county)
        .filter(opened_at__gte=window, opened_at__lte=now, path__startswith=path)
        .exclude(state=State.WITHDRAWN)
        .exclude(pk__in=own)
        .annotate(kind=kind, town=Left("path", _TOWN))
        .exclude(kind="")
        .order_by()
    )
    if category:
        found = found.filter(kind=category)
    lately = Count("id", filter=Q(opened_at__gte=week))
    counted: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    rows = found.values_list("kind", "town").annotate(whole=Count("id"), week=lately)
    for key, town, whole, recent in rows:
        counted[key].append((recent, whole - recent, town))
    lengths = (now - week) / _DAY, (week - window) / _DAY
    told = [_rise(key, rows, week, lengths) for key, rows in counted.items()]
    return sorted((one for one in told if one), key=lambda one: (-one.ratio.low, one.category))


def _rise(
    category: str,
    rows: list[tuple[int, int, str]],
    since: datetime,
    lengths: tuple[float, float],
) -> Rise | None:
    week, before = sum(row[0] for row in rows), sum(row[1] for row in rows)
    surely = ratio(week, lengths[0], before, lengths[1], sure=_SURE)
    shown = ratio(week, lengths[0], before, lengths[1])
    if surely is None or shown is None or surely.low <= 1 or week < LEAST:
        return None
    towns = {town for recent, _before, town in rows if recent and len(town) == _TOWN}
    return Rise(category, timezone.localdate(since), week, before, len(towns), shown)
