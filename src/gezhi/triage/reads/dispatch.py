"""What was sent and came back: the table of a month by rule, category and unit; rules to mend."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from gezhi.base.actor import Actor
from gezhi.base.days import midnight
from gezhi.base.intervals import Share, share
from gezhi.base.refusal import NotAllowed
from gezhi.cases import reads as cases
from gezhi.cases.reads.routing import LAID_DOWN, NAMED, Who
from gezhi.triage.models import Dispatch

RIGHTS = ("case.supervise", "rulebook.manage")
NO_RULE = "-"
Flags = Mapping[tuple[str, UUID | None], int]


@dataclass(frozen=True)
class Asked:
    """Which sendings are asked for; "" or None where all, NO_RULE where none is on record."""

    month: date
    rule: str = ""
    responsibility: UUID | None = None
    category: str = ""
    unit: UUID | None = None
    area: str = ""


@dataclass(frozen=True)
class Row:
    """Sendings by one rule, of one category, to one unit; `by_hand` were not as proposed."""

    rule: str
    responsibility: UUID | None
    category: str
    unit: UUID
    by_hand: int
    back: Share


def may_see_dispatches(actor: Actor) -> bool:
    """Supervisors, and who keeps the rules, each in their areas."""
    return any(actor.may(right) for right in RIGHTS)


def dispatches(actor: Actor, asked: Asked, *, county: str) -> QuerySet[Dispatch]:
    """What was sent in a month in the areas that the actor supervises or keeps the rules of."""
    if not may_see_dispatches(actor):
        raise NotAllowed()
    paths = {path for right in RIGHTS for path in actor.paths(right)}
    found = Dispatch.objects.filter(county=county, month=asked.month)
    if county not in paths and "" not in paths:
        inside = (Q(case__path__startswith=path) for path in sorted(paths))
        found = found.filter(reduce(or_, inside, Q(pk__in=[])))
    if asked.area:
        found = found.filter(case__path__startswith=asked.area)
    if asked.responsibility:
        found = found.filter(responsibility=asked.responsibility)
    if asked.rule == NO_RULE:
        found = found.filter(rule="")
    plain = {
        "rule": asked.rule.removeprefix(NO_RULE), "category": asked.category, "unit": asked.unit,
    }  # fmt: skip
    return found.filter(**{name: value for name, value in plain.items() if value})


def table(found: QuerySet[Dispatch]) -> list[Row]:
    """The rows of the month, those that came back most first."""
    columns = ("rule", "responsibility", "category", "unit")
    counted = found.values(*columns).annotate(
        sent=Count("pk"),
        back=Count("pk", filter=Q(sent_back_at__isnull=False)),
        # Nothing was proposed, or the book didn't say so yet: that is nobody's change by hand.
        by_hand=Count("pk", filter=Q(is_taken=False, proposed__isnull=False)),
    )
    rows = [
        Row(
            one["rule"], one["responsibility"], one["category"], one["unit"], one["by_hand"],
            share(one["back"], one["sent"]),
        )
        for one in counted.order_by("-back", "-sent", *columns)
    ]  # fmt: skip
    return rows


def sum_of(rows: list[Row]) -> Share:
    """All of them together."""
    return share(sum(row.back.count for row in rows), sum(row.back.of for row in rows))


def listed(
    found: QuerySet[Dispatch], actor: Actor, *, sensitive: Collection[str]
) -> QuerySet[Dispatch]:
    """Those that may be named one by one: secret and sensitive ones by who may open them only."""
    is_closed = (
        Q(case__is_secret=True) | Q(category__in=sensitive) | Q(case__category__in=sensitive)
    )
    return found.filter(~is_closed | Q(case__in=cases.visible_to(actor)))


def sent_back(found: QuerySet[Dispatch]) -> QuerySet[Dispatch]:
    """Those that came back, the latest first."""
    return found.filter(sent_back_at__isnull=False).select_related("case").order_by("-sent_back_at")


def flags(county: str, *, at: datetime) -> Flags:
    """How often what a rule proposed, and was done so, came back this month. One query."""
    begins = midnight(timezone.localdate(at).replace(day=1))
    back = Dispatch.objects.filter(county=county, sent_back_at__gte=begins, is_taken=True)
    ruled = back.exclude(rule=NAMED)  # what one sender said is no rule to be mended
    counted = ruled.values_list("rule", "responsibility").annotate(Count("pk")).order_by()
    return {(rule, laid_down): count for rule, laid_down, count in counted}


def times_back(whose: Who, flagged: Flags) -> int:
    """How often what this proposal rests on came back this month."""
    return flagged.get((whose.rule, whose.responsibility), 0)


def flagged_rules(county: str, *, at: datetime) -> dict[str, int]:
    """The rows of routing that came back this month, by their ids."""
    return {rule: count for (rule, _), count in flags(county, at=at).items() if rule != LAID_DOWN}
