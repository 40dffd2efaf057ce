"""The promises of a case, for programs."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from gezhi.base import clock
from gezhi.base.api import CaseRef, Paging, Shown, give_page
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.deadlines import reads, rules
from gezhi.deadlines.models import Deadline

router = Router(tags=["cases"])


class DeadlineShown(Shown):
    """A promise: who must have done what by when. `first_due` never changes."""

    id: UUID
    kind: Literal[
        "accept", "forward", "sign", "finish", "stage", "arrive", "answer", "visit", "reply",
        "pause", "rate", "reopen",
    ]  # fmt: skip
    stage: str = Field(description="The key of the stage it is; empty for other kinds.")
    unit: UUID
    leg: UUID | None
    starts: datetime
    first_due: datetime
    due: datetime
    met_at: datetime | None
    dropped_at: datetime | None
    is_late: bool
    basis: str


class DeadlineList(Shown):
    items: list[DeadlineShown]
    next: str | None


@router.get("/cases/{ref}/deadlines", response=DeadlineList, summary="Its promises")
def list_deadlines(request: HttpRequest, ref: CaseRef, asked: Paging) -> HttpResponse:
    """Every promise made in this case: met, dropped or open."""
    case = cases.case_for(actor_of(request), ref)
    page = page_of(
        reads.all_of_case(case), order=("starts", "id"), cursor=asked.cursor, limit=asked.limit
    )
    now = clock.now()
    return give_page(request, page, lambda row: _shown(row, case, now))


def _shown(row: Deadline, case: Case, now: datetime) -> dict[str, Any]:
    late = rules.is_late(
        row.kind,
        row.due,
        met_at=row.met_at,
        paused_until=case.paused_until,
        paused_at=case.paused_at,
        now=now,
    )
    return {
        "id": row.id,
        "kind": row.kind,
        "stage": row.stage,
        "unit": row.unit_id,
        "leg": row.leg_id,
        "starts": row.starts,
        "first_due": row.first_due,
        "due": row.due,
        "met_at": row.met_at,
        "dropped_at": row.dropped_at,
        "is_late": late and row.dropped_at is None,
        "basis": row.basis,
    }
