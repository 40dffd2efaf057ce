"""One's own notices, for programs."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from gezhi.base.api import Answer, Input, Paged, Shown, give_page
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.notices import actions, reads
from gezhi.notices.models import Notice
from gezhi.record.api import answer_once

router = Router(tags=["notices"])


class NoticesAsked(Paged):
    """Which of one's notices."""

    unread: bool = Field(False, description="Only those that were not read yet.")


class NoticeShown(Shown):
    """What the account is told: an event of a case, or of the house itself, in words."""

    id: UUID
    event: str
    audience: str
    case: UUID | None
    number: str
    words: str
    at: datetime
    read_at: datetime | None


class NoticeList(Shown):
    items: list[NoticeShown]
    next: str | None
    unread: int


class ReadIn(Input):
    """Up to which notice, the newest that was seen."""

    until: UUID = Field(..., description="What came after this notice stays unread.")


class ReadShown(Shown):
    read: int


def notice_shown(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "event": notice.event,
        "audience": notice.audience,
        "case": notice.case_id,
        "number": notice.number,
        "words": notice.words,
        "at": notice.at,
        "read_at": notice.read_at,
    }


@router.get("/notices", response=NoticeList, summary="One's own notices")
def list_notices(request: HttpRequest, asked: Annotated[NoticesAsked, Query(...)]) -> HttpResponse:
    """The newest first. `unread` counts all that the account has not read, up to a hundred."""
    actor = actor_of(request)
    found = reads.own_notices(actor)
    if asked.unread:
        found = found.filter(read_at__isnull=True)
    page = page_of(found, order=("-at", "-id"), cursor=asked.cursor, limit=asked.limit)
    return give_page(request, page, notice_shown, unread=reads.unread_count(actor))


@router.post("/notices/{notice_id}/read", response=NoticeShown, summary="Mark one as read")
def read_notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """What was read before keeps its first moment."""

    def do() -> Answer:
        return Answer(notice_shown(actions.mark_read(notice_id, actor=actor_of(request))))

    return answer_once(request, do)


@router.post("/notices/read", response=ReadShown, summary="Mark all as read")
def read_notices(request: HttpRequest, body: ReadIn) -> HttpResponse:
    """All up to one; answers with how many that were."""

    def do() -> Answer:
        count = actions.mark_all_read(until=body.until, actor=actor_of(request))
        return Answer({"read": count})

    return answer_once(request, do)
