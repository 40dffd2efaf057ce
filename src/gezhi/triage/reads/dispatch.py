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
from gezhi.base.intervals import Share, share
from gezhi.base.refusal import NotAllowed
from gezhi.cases import reads as cases
from gezhi.cases.reads.routing import LAID_DOWN, NAMED, Who
from gezhi.rulebook.rules import CameBack, came_back
from gezhi.triage.models import Dispatch

RIGHTS = ("case.supervise", "rulebook.manage")
NO_RULE = "-"
Flags = Mapping[tuple[str, UUID | None], CameBack]
_BACK = Count("pk", filter=Q(sent_back_at__isnull=False))
# Nothing was proposed, or the book didn't say so yet: that is nobody's change by hand.
_BY_HAND = Q(is_taken=False, proposed__isnull=False)


@dataclass(frozen=True)
class Asked:
    """Which sendings are asked for; "" or None where all, NO_RULE where none is on record."""

    month: date
    rule: str = ""
    responsibility: UUID | None = None
    category: str = ""
    unit: UUID | None = None
    area: str = ""
    by_hand: bool = False


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
    if asked.by_hand:
        found = found.filter(_BY_HAND)
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
        back=_BACK,
        by_hand=Count("pk", filter=_BY_HAND),
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
    """The rules of which something came back, of what was sent this month as they said. One query.

    What one sender said is no rule to be mended.
    """
    month = timezone.localdate(at).replace(day=1)
    sent = Dispatch.objects.filter(county=county, month=month, is_taken=True).exclude(rule=NAMED)
    counted = sent.values_list("rule", "responsibility").annotate(sent=Count("pk"), back=_BACK)
    rows = list(counted.order_by())
    all_sent, all_back = sum(row[2] for row in rows), sum(row[3] for row in rows)
    return {
        (rule, laid_down): came_back(share(back, sent), of_all=all_back / all_sent)
        for rule, laid_down, sent, back in rows
        if back
    }


def came_back_of(whose: Who, flagged: Flags) -> CameBack | None:
    """What came back of what this proposal rests on, where that is more than elsewhere."""
    found = flagged.get((whose.rule, whose.responsibility))
    return found if found and found.is_high else None


def flagged_rules(county: str, *, at: datetime) -> dict[str, CameBack]:
    """The rows of routing of which something came back this month, by their ids."""
    return {rule: back for (rule, _), back in flags(county, at=at).items() if rule != LAID_DOWN}
