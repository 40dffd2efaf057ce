"""What the house owes and has not done: what is late or soon, whose it is, who heard of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from gezhi.base.actor import Actor
from gezhi.cases import reads as cases
from gezhi.deadlines.models import Deadline, Raised
from gezhi.deadlines.reads.promises import OPEN
from gezhi.deadlines.rules import UNSTOPPED, WINDOWS, Kind


def late(actor: Actor, *, now: datetime) -> QuerySet[Deadline]:
    """Broken promises in cases the actor may see, the longest broken first."""
    return due_by(actor, moment=now)


def due_by(actor: Actor, *, moment: datetime) -> QuerySet[Deadline]:
    """What the house owes by then and has not done, the longest due first.

    What was late before its clock stood is late still; what was not, is not while it stands.
    """
    counts = cases.not_past_its_pause("due", "case__") | Q(kind__in=UNSTOPPED)
    return (
        Deadline.objects.filter(OPEN, counts, due__lt=moment, case__in=cases.visible_to(actor))
        .exclude(kind__in=WINDOWS)
        .order_by("due", "id")
    )


def owing(found: QuerySet[Deadline], *, now: datetime) -> list["Owing"]:
    """These promises counted by who owes them: how many are broken, how many are not yet."""
    counted = (
        found.order_by()
        .values_list("unit_id")
        .annotate(late=Count("id", filter=Q(due__lt=now)), all=Count("id"), first=Min("due"))
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


def demanded(case_ids: Iterable[UUID], *, county: str) -> dict[UUID, datetime]:
    """By when the holders of these cases must answer what was demanded; of each the soonest."""
    found = Deadline.objects.filter(OPEN, county=county, case__in=list(case_ids), kind=Kind.ANSWER)
    return dict(found.values_list("case_id").annotate(Min("due")))


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
