"""A case and what hangs on it as plain values for programs; the models describe them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpResponse
from pydantic import Field

from gezhi.base import clock
from gezhi.base.api import Answer, Shown, tag_of
from gezhi.base.http import file_answer
from gezhi.base.masking import mask_address, mask_name, mask_phone, mask_text
from gezhi.cases import reads, rules
from gezhi.cases.models import Approval, Attachment, Case, HistoryLine, Leg, Report
from gezhi.people import reads as people
from gezhi.people.models import Unit

StateName = Literal[
    "reported", "accepted", "assigned", "handling", "done", "closed", "refused", "merged",
    "withdrawn",
]  # fmt: skip
Size = Literal["small", "big", "hard"]


class UnitNamed(Shown):
    """A unit as other things name it."""

    id: UUID
    code: str
    name: str


class CaseRow(Shown):
    """A case as lists show it. `revision` is also its ETag."""

    id: UUID
    number: str
    source_number: str = Field(description="Its number in the system it came from, if it has one.")
    state: StateName
    channel: str
    what: str
    place: str
    lon: float | None
    lat: float | None
    path: str
    category: str
    proposed_category: str
    size: str
    is_urgent: bool
    is_public: bool
    centre: UnitNamed
    holder: UnitNamed
    opened_at: datetime
    changed_at: datetime
    due_from: datetime | None
    due_at: datetime | None
    is_late: bool
    paused_until: datetime | None
    revision: int


class ContactMasked(Shown):
    """Who reported, masked. Opening it is an act of its own, on record."""

    name: str
    phone: str
    address: str


class ReportShown(Shown):
    """One person's voice in a case."""

    id: UUID
    at: datetime
    channel: str
    is_first: bool
    is_secret: bool
    words: str
    contact: ContactMasked
    is_solved: bool | None
    rating: int | None
    rating_words: str


class QuestionShown(Shown):
    """A question to the reporter, or a supervisor's demand to the holder."""

    id: UUID
    kind: Literal["question", "demand"]
    words: str
    asked_at: datetime
    answer_by: datetime
    answer: str
    answered_at: datetime | None


class AnsweredShown(Shown):
    """A question of the category it was reported under, and what was answered."""

    code: str
    question: str
    answer: str


class CaseWhole(CaseRow):
    """A case as its page shows it."""

    answers: list[AnsweredShown]
    outcome: str
    answer: str
    is_verified: bool
    sent_back: int
    is_decided_above: bool
    main: UUID | None
    book: int
    accepted_at: datetime | None
    finished_at: datetime | None
    closed_at: datetime | None
    reports: list[ReportShown]
    questions: list[QuestionShown]


class LineShown(Shown):
    """One line of the history. `hash` chains it to the line before."""

    seq: int
    at: datetime
    act: str
    actor: str
    unit: UnitNamed | None
    was: str
    state: StateName
    holder: UnitNamed
    reason: str
    data: dict[str, Any]
    words: str
    is_public: bool
    hash: str


class LegShown(Shown):
    """One unit's stretch of work."""

    id: UUID
    unit: UnitNamed
    role: Literal["lead", "joint", "register"]
    opened_at: datetime
    arrive_by: datetime | None
    arrived_at: datetime | None
    signed_at: datetime | None
    finished_at: datetime | None
    ended_at: datetime | None
    ended_how: str
    result: str


class AttachmentShown(Shown):
    """A file of a case; `href` is where its bytes are."""

    id: UUID
    kind: str
    name: str
    media_type: str
    size: int
    digest: str
    width: int | None
    height: int | None
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    at: datetime
    is_public: bool
    waits_for: str = Field(
        description="The act it came for, until that happens; left_out: it went without the file."
    )
    href: str


class ApprovalShown(Shown):
    """What somebody asks leave for."""

    id: UUID
    case: UUID
    number: str
    act: str
    values: dict[str, Any]
    words: str
    asked_at: datetime
    asked_by: str = Field(description="Who asked; where a key did, the account it acts for.")
    unit: UnitNamed | None


Units = dict[UUID, Unit]
# What a file of a case can be.
MEDIA_TYPES = (
    "image/jpeg", "application/pdf", "application/zip", "audio/ogg", "audio/webm", "audio/mpeg",
    "audio/amr",
)  # fmt: skip


def units_of(cases: Iterable[Case]) -> Units:
    """The units these cases name, from memory."""
    return people.units_by_ids({id for case in cases for id in (case.holder_id, case.centre_id)})


def unit_named(id: UUID, units: Units) -> dict[str, Any]:
    unit = units.get(id) or people.unit(id)
    return {"id": id, "code": unit.code, "name": unit.label}


def _unit_or_none(id: UUID | None) -> dict[str, Any] | None:
    return unit_named(id, {}) if id else None


def case_row(case: Case, units: Units, now: datetime) -> dict[str, Any]:
    """A case as `CaseRow` describes it, masked."""
    point = reads.shown_point(case)
    return {
        "id": case.id,
        "number": case.number,
        "source_number": rules.source_number(case.source_key, case.channel),
        "state": case.state,
        "channel": case.channel,
        "what": mask_text(case.what),
        "place": reads.shown_place(case),
        "lon": point[0] if point else None,
        "lat": point[1] if point else None,
        "path": case.path,
        "category": case.category,
        "proposed_category": case.proposed_category,
        "size": case.size,
        "is_urgent": case.is_urgent,
        "is_public": case.is_public,
        "centre": unit_named(case.centre_id, units),
        "holder": unit_named(case.holder_id, units),
        "opened_at": case.opened_at,
        "changed_at": case.changed_at,
        "due_from": case.due_from,
        "due_at": case.due_at,
        "is_late": is_late(case, now),
        "paused_until": case.paused_until,
        "revision": case.lines,
    }


def is_late(case: Case, now: datetime) -> bool:
    """Whether the next promise is broken."""
    if case.due_at is None:
        return False
    at = rules.measured_at(
        case.due_at,
        paused_until=case.paused_until,
        paused_at=case.paused_at,
        runs_on=case.due_runs_on,
        now=now,
    )
    return rules.is_late(case.due_at, at=at)


def case_whole(case: Case) -> dict[str, Any]:
    """A case as `CaseWhole` describes it."""
    reports, questions = reads.said_in(case)
    return {
        **case_row(case, {}, clock.now()),
        "answers": [
            {"code": one.code, "question": one.name, "answer": said}
            for one, said in reads.told_answers(case)
        ],
        "outcome": case.outcome,
        "answer": mask_text(case.answer),
        "is_verified": case.is_verified,
        "sent_back": case.sent_back,
        "is_decided_above": case.is_decided_above,
        "main": case.main_id,
        "book": case.book,
        "accepted_at": case.accepted_at,
        "finished_at": case.finished_at,
        "closed_at": case.closed_at,
        "reports": [_report(report) for report in reports],
        "questions": [
            {
                "id": each.id,
                "kind": each.kind,
                "words": mask_text(each.words),
                "asked_at": each.asked_at,
                "answer_by": each.answer_by,
                "answer": mask_text(each.answer),
                "answered_at": each.answered_at,
            }
            for each in questions
        ],
    }


def _report(report: Report) -> dict[str, Any]:
    name, phone, address = report.name, report.phone, report.address
    if report.is_secret:
        name = phone = address = ""
    return {
        "id": report.id,
        "at": report.at,
        "channel": report.channel,
        "is_first": report.is_first,
        "is_secret": report.is_secret,
        "words": mask_text(report.words),
        "contact": {
            "name": mask_name(name), "phone": mask_phone(phone), "address": mask_address(address)
        },
        "is_solved": report.is_solved,
        "rating": report.rating,
        "rating_words": mask_text(report.rating_words),
    }  # fmt: skip


def answer_of(case: Case, status: int = 200) -> Answer:
    """The answer after an act: the case as it is now, with its tag."""
    return Answer(case_whole(case), status, {"ETag": tag_of(case.lines)})


def line(row: HistoryLine) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "at": row.at,
        "act": row.act,
        "actor": row.actor,
        "unit": _unit_or_none(row.unit_id),
        "was": row.was,
        "state": row.state,
        "holder": unit_named(row.holder_id, {}),
        "reason": row.reason,
        "data": row.data,
        "words": mask_text(row.words),
        "is_public": row.is_public,
        "hash": bytes(row.hash).hex(),
    }


def leg(row: Leg) -> dict[str, Any]:
    return {
        "id": row.id,
        "unit": unit_named(row.unit_id, {}),
        "role": row.role,
        "opened_at": row.opened_at,
        "arrive_by": row.arrive_by,
        "arrived_at": row.arrived_at,
        "signed_at": row.signed_at,
        "finished_at": row.finished_at,
        "ended_at": row.ended_at,
        "ended_how": row.ended_how,
        "result": mask_text(row.result),
    }


def attachment(row: Attachment) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        # What a resident's phone calls a file, and where it was taken, may say who they are.
        "name": row.name if row.report_id is None else row.kind,
        "media_type": row.media_type,
        "size": row.size,
        "digest": row.digest,
        "width": row.width,
        "height": row.height,
        "taken_at": row.taken_at,
        "lon": row.lon if row.report_id is None else None,
        "lat": row.lat if row.report_id is None else None,
        "at": row.at,
        "is_public": row.is_public,
        "waits_for": row.waits_for,
        "href": f"/api/v1/attachments/{row.id}",
    }


def approval(row: Approval) -> dict[str, Any]:
    return {
        "id": row.id,
        "case": row.case_id,
        "number": row.case.number,
        "act": row.act,
        "values": row.values,
        "words": mask_text(row.words),
        "asked_at": row.asked_at,
        "asked_by": row.asked_by,
        "unit": _unit_or_none(row.unit_id),
    }


def as_download(row: Attachment, data: bytes) -> HttpResponse:
    """The bytes, to be saved and never run by a browser."""
    return file_answer(data, str(row.id), media_type=row.media_type, seconds=3600)
