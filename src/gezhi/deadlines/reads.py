"""Reading promises: of one case, of a list of cases, and what is open."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet

from gezhi.base import rows
from gezhi.base.actor import Actor
from gezhi.cases import reads as cases
from gezhi.deadlines.models import Deadline
from gezhi.deadlines.rules import UNSTOPPED, Kind

if TYPE_CHECKING:
    from gezhi.cases.models import Case

OPEN = Q(met_at__isnull=True, dropped_at__isnull=True)
_STILL_OPEN = "met_at IS NULL AND dropped_at IS NULL"


def open_of(case_id: UUID) -> list[Deadline]:
    """The open promises of a case."""
    return rows.fetch(Deadline, f"case_id = %s AND {_STILL_OPEN}", [case_id])


def of_case(case: "Case") -> QuerySet[Deadline]:
    """Every promise of a case, in the order they were made."""
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
    return rows.fetch(Deadline, f"{merged} AND kind = 'finish' AND {_STILL_OPEN}", [main_id])


def late(actor: Actor, *, now: datetime) -> QuerySet[Deadline]:
    """Broken promises in cases the actor may see, the longest broken first."""
    return (
        Deadline.objects.filter(OPEN, due__lt=now, case__in=cases.visible_to(actor))
        .exclude(kind__in=[*(UNSTOPPED - {Kind.ARRIVE, Kind.ANSWER, Kind.VISIT})])
        .exclude(case__paused_until__isnull=False, kind__in=[*(set(Kind) - UNSTOPPED)])
        .order_by("due")
    )
