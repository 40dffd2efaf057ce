"""Reports come in: by anybody, with or without photos; or somebody joins one that is there."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import h3
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, UploadedFile
from pydantic import ConfigDict, Field

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.api import (
    Answer,
    AreaPath,
    CaseRef,
    ContactSent,
    Datum,
    Input,
    Latitude,
    Longitude,
    Shown,
    Text24,
    Text48,
    Text64,
    Text120,
    Text200,
    WhereSent,
    Words,
    give,
    tag_of,
)
from gezhi.base.http import actor_of
from gezhi.base.masking import mask_text
from gezhi.cases import actions, reads
from gezhi.cases.actions import Contact, Reported, Upload, Where
from gezhi.cases.api.root import router
from gezhi.places import rules as places
from gezhi.record.api import answer_once
from gezhi.rulebook import reads as rulebook

Channel = Literal[
    "portal", "wechat", "api", "desk", "field", "patrol", "inspection", "device", "hotline",
    "mailbox", "board",
]  # fmt: skip
# What somebody without a post may say of where their report comes from.
_OPEN_CHANNELS = frozenset({"portal", "wechat", "api"})
_MOST_NEARBY = 10
# The shortest way across one ring of H3 cells, a little under, to be safe.
_RING_METRES = 250


class ReportSent(Input):
    """What somebody reports."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "what": "村口自来水管破裂，路上全是水",
                    "where": {"lon": 106.91, "lat": 35.61, "place": "村口"},
                    "contact": {"name": "李秀兰", "phone": "13800000000"},
                }
            ]
        }
    )
    what: Words = Field(description="What is wrong, in the reporter's words.")
    where: WhereSent
    category: Text64 = Field("", description="Only proposed; the centre decides.")
    channel: Channel = Field("api", description="Staff and integrators say where it came in.")
    contact: ContactSent = ContactSent()


class ReportForm(Input):
    """The same as one flat form, beside its `photos`."""

    model_config = ConfigDict(extra="ignore")
    what: Words = ""
    lon: Longitude | None = None
    lat: Latitude | None = None
    datum: Datum = "wgs84"
    place: Text200 = ""
    path: AreaPath | Literal[""] = ""
    category: Text64 = ""
    channel: Channel = "api"
    name: Text48 = ""
    phone: Text24 = ""
    address: Text120 = ""
    is_secret: bool = False


class FollowSent(Input):
    """Joining a case that is there already."""

    words: Words = ""
    channel: Channel = "api"
    contact: ContactSent = ContactSent()


class ReportedShown(Shown):
    """The first answer to a reporter. `code` is shown here and nowhere again.

    `call`: numbers to ring at once where the words tell of danger; a call is heard sooner.
    """

    id: UUID
    number: str
    code: str
    report: UUID
    state: str
    proposed_category: str
    holder: str
    opened_at: datetime
    due_at: datetime | None
    call: list[str]
    revision: int


class NearbyShown(Shown):
    """An open case near a point, as a resident may see it."""

    id: UUID
    number: str
    what: str
    place: str
    state: str
    opened_at: datetime
    metres: int


class NearbyList(Shown):
    items: list[NearbyShown]


class NearbyAsked(Input):
    """A point, and what kind of matter."""

    model_config = ConfigDict(extra="ignore")
    lon: Longitude
    lat: Latitude
    datum: Datum = "wgs84"
    category: Text64 = ""


@router.post("/cases", response={201: ReportedShown}, summary="Report a case")
def report_case(request: HttpRequest, body: ReportSent) -> HttpResponse:
    """Open a case. Contact is optional; the answer holds number and tracking code."""
    contact = Contact(**body.contact.model_dump())
    where = Where(**body.where.model_dump())
    return answer_once(
        request, lambda: _report(actor_of(request), body, where, contact, uploads=())
    )


def _report(
    actor: Actor,
    body: ReportSent | ReportForm,
    where: Where,
    contact: Contact,
    *,
    uploads: tuple[Upload, ...],
) -> Answer:
    _may_come_by(actor, body.channel)
    made = actions.report(
        county=settings.COUNTY,
        what=body.what,
        where=where,
        channel=body.channel,
        contact=contact,
        uploads=uploads,
        category=body.category,
        actor=actor,
    )
    return _first_answer(made)


def _may_come_by(actor: Actor, channel: str) -> None:
    """Only staff and integrators may say that something came by the hotline, say."""
    if channel not in _OPEN_CHANNELS:
        actor.must("case.report")


def _first_answer(made: Reported) -> Answer:
    case = made.case
    body = {
        "id": case.id,
        "number": case.number,
        "code": made.code,
        "report": made.report.id,
        "state": case.state,
        "proposed_category": case.proposed_category,
        "holder": str(case.holder_id),
        "opened_at": case.opened_at,
        "due_at": case.due_at,
        "call": rulebook.book(case.county, case.book).numbers_to_call(case.what),
        "revision": case.lines,
    }
    headers = {"Location": f"/api/v1/cases/{case.number}", "ETag": tag_of(case.lines)}
    return Answer(body, 201, headers)


@router.post(
    "/cases/with-files", response={201: ReportedShown}, summary="Report a case with photos"
)
def report_case_with_files(
    request: HttpRequest,
    form: Annotated[ReportForm, Form(...)],
    photos: File[list[UploadedFile]],
) -> HttpResponse:
    """Like reporting in JSON, as a multipart form with up to as many photos as the rules allow."""
    where = Where(form.lon, form.lat, form.datum, form.place, form.path)
    contact = Contact(form.name, form.phone, form.address, form.is_secret)
    files = tuple(Upload(photo.name or "photo", photo.read()) for photo in photos)
    sent = [form.model_dump_json().encode(), *(file.data for file in files)]
    return answer_once(
        request,
        lambda: _report(actor_of(request), form, where, contact, uploads=files),
        sent=sent,
    )


@router.get("/cases/nearby", response=NearbyList, summary="Is it one of these?")
def cases_nearby(request: HttpRequest, asked: Annotated[NearbyAsked, Query(...)]) -> HttpResponse:
    """Open cases around a point, the nearest first, so that nobody reports the same twice.

    By place, time and kind alone, for anybody: as near and as recent as the rulebook says for
    `category`. What the words say is compared by `POST /triage/propose`, which also finds what has
    no point, and is for those who take reports in. At most ten, without paging: more would help
    nobody to choose.
    """
    book = rulebook.current(settings.COUNTY)
    radius, days = book.similar(asked.category)
    lon, lat = places.to_wgs84(asked.lon, asked.lat, places.datum_of(asked.datum))
    found = reads.alike_nearby(
        county=settings.COUNTY,
        cells=_cells_around(lon, lat, radius),
        since=clock.now() - timedelta(days=days),
        category=asked.category,
    )
    near = [
        {
            "id": case.id,
            "number": case.number,
            "what": mask_text(case.what),
            "place": mask_text(case.place),
            "state": case.state,
            "opened_at": case.opened_at,
            "metres": round(places.metres_between(lon, lat, case.lon, case.lat)),
        }
        for case in found[:200]
        if case.lon is not None and case.lat is not None and reads.is_shown_to_all(book, case)
    ]
    near = [row for row in near if row["metres"] <= radius]
    return give({"items": sorted(near, key=_metres)[:_MOST_NEARBY]})


def _cells_around(lon: float, lat: float, metres: int) -> frozenset[str]:
    return frozenset(h3.grid_disk(places.h3_cell(lon, lat), 1 + metres // _RING_METRES))


def _metres(row: dict[str, Any]) -> int:
    metres: int = row["metres"]
    return metres


@router.post("/cases/{ref}/follow", response={201: ReportedShown}, summary="Join a case")
def follow_case(request: HttpRequest, ref: CaseRef, body: FollowSent) -> HttpResponse:
    """An own tracking code and an own vote in an open case, and no second case."""
    _may_come_by(actor_of(request), body.channel)
    return answer_once(
        request,
        lambda: _first_answer(
            actions.follow(
                ref,
                channel=body.channel,
                words=body.words,
                contact=Contact(**body.contact.model_dump()),
                county=settings.COUNTY,
                actor=actor_of(request),
            )
        ),
    )
