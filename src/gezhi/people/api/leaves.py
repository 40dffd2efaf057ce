"""Leave of people, for programs."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from gezhi.base.api import Answer, Input, Moment, Paging, Shown, give_page
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.people import actions, reads
from gezhi.people.models import Leave
from gezhi.record.api import answer_once

router = Router(tags=["accounts"])
LeaveName = Literal["leave", "training", "other"]


class LeaveShown(Shown):
    """Somebody is away from `starts` up to `ends`; one taken back has no length."""

    id: UUID
    account: UUID
    kind: LeaveName
    starts: datetime
    ends: datetime
    substitute: UUID | None


class LeaveList(Shown):
    items: list[LeaveShown]
    next: str | None


class LeaveSent(Input):
    """Leave of a person. Why is said by a code alone."""

    starts: Moment
    ends: Moment
    kind: LeaveName
    substitute: UUID | None = Field(None, description="A colleague of the same unit.")


@router.get("/accounts/{uuid:account}/leaves", response=LeaveList, summary="A person's leave")
def list_leaves(request: HttpRequest, account: UUID, asked: Paging) -> HttpResponse:
    """All of it, the latest first; for the person and who looks after the account."""
    page = page_of(
        reads.leaves(actor_of(request), account),
        order=("-starts", "-id"),
        cursor=asked.cursor,
        limit=asked.limit,
    )
    return give_page(request, page, leave_shown)


def leave_shown(leave: Leave) -> dict[str, Any]:
    return {
        "id": leave.id,
        "account": leave.account_id,
        "kind": leave.kind,
        "starts": leave.starts,
        "ends": leave.ends,
        "substitute": leave.substitute_id,
    }


@router.post("/accounts/{uuid:account}/leaves", response={201: LeaveShown}, summary="Take leave")
def take_leave(request: HttpRequest, account: UUID, body: LeaveSent) -> HttpResponse:
    """Refused where the person is away then already, or the substitute is."""
    actor = actor_of(request)

    def do() -> Answer:
        made = actions.take_leave(account=account, **body.model_dump(), actor=actor)
        return Answer(leave_shown(made), 201)

    return answer_once(request, do)


@router.post("/leaves/{uuid:leave}/end", response=LeaveShown, summary="End a leave")
def end_leave(request: HttpRequest, leave: UUID) -> HttpResponse:
    """Now; one that has not begun is taken back."""
    actor = actor_of(request)
    return answer_once(request, lambda: Answer(leave_shown(actions.end_leave(leave, actor=actor))))
