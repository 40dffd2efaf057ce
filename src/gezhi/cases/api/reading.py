"""Finding and reading cases, and what waits for somebody: approvals, return visits."""

import io
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import xlsxwriter
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query
from pydantic import Field

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.api import (
    AreaPath,
    CaseRef,
    Input,
    Moment,
    Paged,
    Paging,
    Shown,
    Text64,
    Text200,
    bytes_of,
    give,
    give_page,
    is_known,
    not_modified,
    tag_of,
)
from gezhi.base.http import XLSX, actor_of, file_answer
from gezhi.base.masking import mask_text
from gezhi.base.paging import page_of
from gezhi.base.words import safe_cell
from gezhi.cases import actions, reads, rules
from gezhi.cases.api import showing
from gezhi.cases.api.root import router
from gezhi.cases.api.showing import Size, StateName
from gezhi.cases.models import Case
from gezhi.cases.rules.sealed import Field as SealedField
from gezhi.record import reads as record

_ORDERS = {
    "newest": ("-opened_at", "-id"),
    "changed": ("changed_at", "id"),
    "due": ("due_at", "id"),
}
_MOST_EXPORTED = 20_000


class CaseAsked(Paged):
    """Which cases, in which order."""

    state: list[StateName] = Field([], description="Any of these states.", max_length=9)
    holder: UUID | None = Field(None, description="The unit that has it now.")
    centre: UUID | None = Field(None, description="The centre in charge.")
    mine: bool = Field(False, description="Only open cases with one of my units.")
    category: Text64 = Field("", description="Accepted or, before that, proposed as this.")
    size: Size | None = None
    path: AreaPath | None = Field(None, description="In this area.")
    channel: Text64 = ""
    changed_since: Moment | None = Field(None, description="Changed at this moment or later.")
    opened_since: Moment | None = Field(None, description="Opened at this moment or later.")
    q: Text200 = Field("", description="A number, or words that all occur.")
    late: bool = Field(False, description="Only those whose next promise is broken.")
    sort: Literal["newest", "changed", "due"] = Field(
        "newest", description="`changed` is oldest change first, to keep a copy; `due` leaves out "
        "what has no promise open."
    )  # fmt: skip


class CaseList(Shown):
    items: list[showing.CaseRow]
    next: str | None


class LineList(Shown):
    items: list[showing.LineShown]
    next: str | None


class LegList(Shown):
    items: list[showing.LegShown]
    next: str | None


class ApprovalList(Shown):
    items: list[showing.ApprovalShown]
    next: str | None


class OpeningShown(Shown):
    """Somebody looked at a sealed field."""

    at: datetime
    actor: str
    field: str
    reason: str
    report: UUID


class OpeningList(Shown):
    items: list[OpeningShown]


class OpeningSent(Input):
    """What is to be seen, and why."""

    field: SealedField = Field(description="One thing; each is an opening of its own.")
    reason: Text200 = Field(description="Why it must be seen; the reporter can read this.")


class FieldShown(Shown):
    """One thing about who reported, in clear."""

    field: SealedField
    value: str


@router.get("/cases", response=CaseList, summary="Find cases")
def list_cases(request: HttpRequest, asked: Annotated[CaseAsked, Query(...)]) -> HttpResponse:
    """The cases the asker may see, with filters. To keep a copy, ask with `sort=changed` and
    `changed_since` a minute before the newest change you have."""
    cases = _found(actor_of(request), asked)
    page = page_of(cases, order=_ORDERS[asked.sort], cursor=asked.cursor, limit=asked.limit)
    units, now = showing.units_of(page.rows), clock.now()
    return give_page(request, page, lambda case: showing.case_row(case, units, now))


def _found(actor: Actor, asked: CaseAsked) -> QuerySet[Case]:
    cases = reads.visible_to(actor).filter(county=settings.COUNTY)
    if asked.mine:
        cases = cases.filter(
            holder__in=actor.units, state__in=[str(each) for each in rules.WORKING]
        )
    if asked.category:
        cases = cases.filter(
            Q(category=asked.category) | Q(category="", proposed_category=asked.category)
        )
    if asked.late:
        cases = cases.filter(reads.late_at(clock.now()))
    if asked.sort == "due":
        cases = cases.filter(due_at__isnull=False)
    return reads.search(cases.filter(**_plain_filters(asked)).defer("words"), asked.q)


def _plain_filters(asked: CaseAsked) -> dict[str, Any]:
    wanted = {
        "state__in": asked.state,
        "holder": asked.holder,
        "centre": asked.centre,
        "size": asked.size,
        "path__startswith": asked.path,
        "channel": asked.channel,
        "changed_at__gte": asked.changed_since,
        "opened_at__gte": asked.opened_since,
    }
    return {name: value for name, value in wanted.items() if value}


@router.get("/cases/export", summary="The same list as xlsx", openapi_extra=bytes_of(XLSX))
def export_cases(request: HttpRequest, asked: Annotated[CaseAsked, Query(...)]) -> HttpResponse:
    """What `GET /cases` finds, as one spreadsheet of at most 20,000 rows, without paging."""
    actor = actor_of(request)
    actor.must("case.export")
    rows = _found(actor, asked).order_by(*_ORDERS[asked.sort])[:_MOST_EXPORTED]
    return file_answer(_workbook(list(rows)), "cases.xlsx")


_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def _workbook(cases: list[Case]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, _OPTIONS)
    sheet = book.add_worksheet()
    units = showing.units_of(cases)
    heads = [_("编号"), _("状态"), _("来源"), _("内容"), _("地点"), _("区划"), _("类别"),
             _("承办单位"), _("上报时间"), _("时限")]  # fmt: skip
    sheet.write_row(0, 0, heads)
    for at, case in enumerate(cases, start=1):
        sheet.write_row(
            at,
            0,
            [
                case.number,
                str(rules.STATE_NAMES[rules.State(case.state)]),
                case.channel,
                safe_cell(mask_text(case.what)),
                safe_cell(reads.shown_place(case)),
                case.path,
                case.category or case.proposed_category,
                units[case.holder_id].label,
                _local(case.opened_at),
                _local(case.due_at),
            ],
        )
    book.close()
    return out.getvalue()


def _local(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


@router.get("/cases/{ref}", response=showing.CaseWhole, summary="Read a case")
def get_case(request: HttpRequest, ref: CaseRef) -> HttpResponse:
    """The case with its reports (masked) and questions. `ETag` is its revision."""
    case = reads.case_for(actor_of(request), ref)
    tag = tag_of(case.lines)
    if is_known(request, tag):
        return not_modified(tag)
    return give(showing.case_whole(case), headers={"ETag": tag})


@router.get("/cases/{ref}/history", response=LineList, summary="Its history")
def list_history(request: HttpRequest, ref: CaseRef, asked: Paging) -> HttpResponse:
    """Every line, oldest first, each with the hash that chains it to the line before."""
    case = reads.case_for(actor_of(request), ref)
    page = page_of(reads.history_of(case), order=("seq",), cursor=asked.cursor, limit=asked.limit)
    return give_page(request, page, showing.line)


@router.get("/cases/{ref}/legs", response=LegList, summary="Who worked on it")
def list_legs(request: HttpRequest, ref: CaseRef, asked: Paging) -> HttpResponse:
    """The legs, leading and joint, in the order they were opened."""
    case = reads.case_for(actor_of(request), ref)
    page = page_of(
        reads.legs_of(case), order=("opened_at", "id"), cursor=asked.cursor, limit=asked.limit
    )
    return give_page(request, page, showing.leg)


@router.get("/cases/{ref}/openings", response=OpeningList, summary="Who looked at the contact")
def list_openings(request: HttpRequest, ref: CaseRef) -> HttpResponse:
    """Every opening of a sealed contact of this case, with its reason. Not paged."""
    actor = actor_of(request)
    case = reads.case_for(actor, ref)
    actor.must("case.approve", path=case.path)
    items = [
        {
            "at": opening.at,
            "actor": opening.actor,
            "field": opening.field,
            "reason": opening.reason,
            "report": report.id,
        }
        for report in reads.reports_of(case)
        for opening in record.openings_about(f"report:{report.id}", county=case.county)
    ]
    return give({"items": items})


@router.post(
    "/cases/{ref}/reports/{uuid:report}/open", response=FieldShown, summary="Open one thing"
)
def open_field(request: HttpRequest, ref: CaseRef, report: UUID, body: OpeningSent) -> HttpResponse:
    """Show one thing that says who reported, in clear. The opening goes on record, and the
    reporter can see it. Where they asked for secrecy, only those named for it may.

    Every call is an opening of its own, so there is no Idempotency-Key here.
    """
    value = actions.open_field(
        ref, report=report, field=body.field, reason=body.reason, actor=actor_of(request)
    )
    answer = give({"field": body.field.value, "value": value})
    answer["Cache-Control"] = "no-store"
    return answer


@router.get("/approvals", response=ApprovalList, summary="What waits for my decision")
def list_approvals(request: HttpRequest, asked: Paging) -> HttpResponse:
    """What others ask leave for in my area, the oldest first."""
    page = page_of(
        reads.approvals_for(actor_of(request)),
        order=("asked_at", "id"),
        cursor=asked.cursor,
        limit=asked.limit,
    )
    return give_page(request, page, showing.approval)


@router.get("/visits", response=CaseList, summary="Whom to visit back")
def list_visits(request: HttpRequest, asked: Paging) -> HttpResponse:
    """Finished cases that wait for a return visit, the longest waiting first.

    Where no reporter left a contact there is no visit: the case waits for their own word.
    """
    page = page_of(
        reads.to_visit(actor_of(request)),
        order=("finished_at", "id"),
        cursor=asked.cursor,
        limit=asked.limit,
    )
    units, now = showing.units_of(page.rows), clock.now()
    return give_page(request, page, lambda case: showing.case_row(case, units, now))
