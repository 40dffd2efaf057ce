"""Kinds of which more is reported than before: each report its own matter, so no topic."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, F, Q, When
from django.db.models.functions import Left

from gezhi.base.actor import Actor
from gezhi.cases.rules import State
from gezhi.triage.models import RootCause
from gezhi.triage.reads.topics import RIGHT, shown_cases
from gezhi.triage.rules.rates import Ratio, ratio
from gezhi.triage.rules.topics import LEAST, WEEK, WINDOW

# Of the many kinds that are looked at every week, chance alone makes one look like more now and
# then: at 99.9 % that is one of 165 in three months.
_SURE = 0.999
_TOWN = 9


@dataclass(frozen=True)
class Rise:
    """A kind with more reports in the last seven days than in the three weeks before."""

    category: str
    week: int
    before: int
    towns: int
    ratio: Ratio


def rises(
    actor: Actor, *, county: str, now: datetime, path: str = "", category: str = ""
) -> list[Rise]:
    """Those among the cases this actor is shown, the surest first."""
    actor.must(RIGHT)
    own = RootCause.objects.filter(county=county).values("case")
    kind = Case(When(category="", then=F("proposed_category")), default=F("category"))
    found = (
        shown_cases(actor, county=county)
        .filter(opened_at__gt=now - WINDOW, opened_at__lte=now, path__startswith=path)
        .exclude(state=State.WITHDRAWN)
        .exclude(pk__in=own)
        .annotate(kind=kind, town=Left("path", _TOWN))
        .exclude(kind="")
        .order_by()
    )
    if category:
        found = found.filter(kind=category)
    recent = Count("id", filter=Q(opened_at__gt=now - WEEK))
    counted: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    rows = found.values_list("kind", "town").annotate(whole=Count("id"), week=recent)
    for key, town, whole, week in rows:
        counted[key].append((week, whole - week, town))
    told = [_rise(key, rows) for key, rows in counted.items()]
    return sorted((one for one in told if one), key=lambda one: (-one.ratio.low, one.category))


def _rise(category: str, rows: list[tuple[int, int, str]]) -> Rise | None:
    week, before = sum(row[0] for row in rows), sum(row[1] for row in rows)
    lengths = WEEK.days, (WINDOW - WEEK).days
    surely = ratio(week, lengths[0], before, lengths[1], sure=_SURE)
    shown = ratio(week, lengths[0], before, lengths[1])
    if surely is None or shown is None or surely.low <= 1 or week < LEAST:
        return None
    towns = {town for recent, _before, town in rows if recent and len(town) == _TOWN}
    return Rise(category, week, before, len(towns), shown)
