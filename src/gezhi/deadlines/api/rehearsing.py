"""Rehearsals, for programs: begin one, see how far it is, read what it came to."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import ConfigDict, Field, StringConstraints

from gezhi.base.actor import Actor
from gezhi.base.api import Answer, Day, Input, Paged, Paging, Shown, Text64, give, give_page
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.base.slices import seconds_left
from gezhi.deadlines import reads
from gezhi.deadlines.actions import rehearsing as actions
from gezhi.deadlines.models import Difference, Rehearsal
from gezhi.deadlines.rules.rehearsing import Topic
from gezhi.record.api import answer_once
from gezhi.rulebook import reads as rulebook

router = Router(tags=["rulebook"])
_FileText = Annotated[str, StringConstraints(max_length=1_000_000, pattern=r"^[^\x00]*$")]
TopicName = Literal["proposal", "route", "due", "shut"]
Show = Literal[
    "", "better", "worse", "other", "open", "late", "in_time", "still", "moved", "unsure",
    "category", "unit", "year", "late_before", "late_after", "sooner", "later",
]  # fmt: skip


class RehearsalAsked(Input):
    """The changed files, those left out are as in force; the days whose cases are replayed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"files": {}, "since": "2026-09-01", "until": "2026-11-01"}]
        }
    )
    files: dict[Text64, _FileText] = Field(max_length=20)
    since: Day
    until: Day = Field(description="The day after the last.")


class RehearsalShown(Shown):
    """A rehearsal. `sums` counts by table, row and column what was found in the cases `done`."""

    id: UUID
    state: Literal["working", "stopped", "done", "failed"]
    against: int
    digest: str
    since: datetime
    until: datetime
    total: int
    done: int
    seconds_left: int | None
    asked_at: datetime
    finished_at: datetime | None
    sums: dict[str, dict[str, dict[str, int]]]


class RehearsalList(Shown):
    items: list[RehearsalShown]
    next: str | None


class DifferencesAsked(Paged):
    """Which findings."""

    topic: TopicName = "due"
    show: Show = ""
    kind: Literal["", "accept", "forward", "sign", "finish", "stage"] = ""
    category: Text64 = ""
    unit: Text64 = ""


class DifferenceShown(Shown):
    """One thing in one case that would have been otherwise, or late either way."""

    id: UUID
    case: UUID
    number: str
    topic: TopicName
    verdict: str
    kind: str
    category: str
    unit: str
    before: str
    after: str
    due_before: datetime | None
    due_after: datetime | None
    minutes: int


class DifferenceList(Shown):
    items: list[DifferenceShown]
    next: str | None


@router.post(
    "/rulebook/rehearsals", response={202: RehearsalShown}, summary="Rehearse changed files"
)
def start_rehearsal(request: HttpRequest, body: RehearsalAsked) -> HttpResponse:
    """Replays past cases through the files in the background; no case is changed."""
    actor = actor_of(request)

    def do() -> Answer:
        found = actions.start_rehearsal(
            _whole(body, actor),
            since=body.since,
            until=body.until,
            key=uuid4().hex,
            county=settings.COUNTY,
            actor=actor,
        )
        actions.leave_to_worker(found.id)
        return Answer(_shown(found), 202)

    return answer_once(request, do)


def _whole(body: RehearsalAsked, actor: Actor) -> dict[str, str]:
    """The files in force with the sent ones in their places."""
    version = rulebook.current(settings.COUNTY).version
    return {**rulebook.version(actor, version, county=settings.COUNTY).files, **body.files}


@router.get("/rulebook/rehearsals", response=RehearsalList, summary="All rehearsals")
def list_rehearsals(request: HttpRequest, asked: Paging) -> HttpResponse:
    """Those of the last ninety days in one's own areas, the newest first."""
    found = reads.rehearsals(actor_of(request), county=settings.COUNTY)
    page = page_of(found, order=("-asked_at", "-id"), cursor=asked.cursor, limit=asked.limit)
    return give_page(request, page, _shown)


@router.get("/rulebook/rehearsals/{uuid:id}", response=RehearsalShown, summary="One rehearsal")
def get_rehearsal(request: HttpRequest, id: UUID) -> HttpResponse:
    """How far it is and what was found so far."""
    return give(_shown(_found(request, id)))


@router.get(
    "/rulebook/rehearsals/{uuid:id}/differences",
    response=DifferenceList,
    summary="What would have been otherwise",
)
def list_differences(
    request: HttpRequest, id: UUID, asked: Annotated[DifferencesAsked, Query(...)]
) -> HttpResponse:
    """The findings on one topic, in the order the cases were opened."""
    codes = {"kind": asked.kind, "category": asked.category, "unit": asked.unit}
    found = reads.differences(_found(request, id), Topic(asked.topic), show=asked.show, **codes)
    page = page_of(found, order=("id",), cursor=asked.cursor, limit=asked.limit)
    return give_page(request, page, _difference)


@router.post(
    "/rulebook/rehearsals/{uuid:id}/stop", response=RehearsalShown, summary="Stop a rehearsal"
)
def stop_rehearsal(request: HttpRequest, id: UUID) -> HttpResponse:
    """Leaves the rest of the cases; what was found stays. One that is over stays as it is."""

    def do() -> Answer:
        actions.stop_rehearsal(id, county=settings.COUNTY, actor=actor_of(request))
        return Answer(_shown(_found(request, id)))

    return answer_once(request, do)


@router.delete(
    "/rulebook/rehearsals/{uuid:id}", response=RehearsalShown, summary="Remove a rehearsal"
)
def drop_rehearsal(request: HttpRequest, id: UUID) -> HttpResponse:
    """With everything that was found, also while it is under way. Answers with what it was."""

    def do() -> Answer:
        found = _shown(_found(request, id))
        actions.drop_rehearsal(id, county=settings.COUNTY, actor=actor_of(request))
        return Answer(found)

    return answer_once(request, do)


def _found(request: HttpRequest, id: UUID) -> Rehearsal:
    return reads.rehearsal_for(actor_of(request), id, county=settings.COUNTY)


def _shown(row: Rehearsal) -> dict[str, Any]:
    is_working = row.state == "working"
    return {
        "id": row.id,
        "state": row.state,
        "against": row.against,
        "digest": row.digest,
        "since": row.since,
        "until": row.until,
        "total": row.total,
        "done": row.done,
        "seconds_left": seconds_left(total=row.total, done=row.done, pace=row.pace)
        if is_working
        else None,
        "asked_at": row.asked_at,
        "finished_at": row.finished_at,
        "sums": row.sums,
    }


def _difference(row: Difference) -> dict[str, Any]:
    return {
        "id": row.id,
        "case": row.case_id,
        "number": row.number,
        "topic": row.topic,
        "verdict": row.verdict,
        "kind": row.kind,
        "category": row.category,
        "unit": row.unit,
        "before": row.before,
        "after": row.after,
        "due_before": row.due_before,
        "due_after": row.due_after,
        "minutes": row.minutes,
    }
