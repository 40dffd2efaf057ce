"""Sources for programs: sending messages with a signature; how each source is; what waits."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from gezhi.base.actor import Actor
from gezhi.base.api import (
    Answer,
    Input,
    Paged,
    Shown,
    Text64,
    Text120,
    Text200,
    give,
    give_page,
)
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.cases import reads as cases
from gezhi.intake import actions, rules
from gezhi.intake.actions import Wanted
from gezhi.intake.errors import FAULT_NAMES
from gezhi.intake.models import Received, Source
from gezhi.intake.reads import sources as reads
from gezhi.intake.reads import standing
from gezhi.record.api import answer_once

router = Router(tags=["sources"])
Kind = Literal["mailbox", "board", "webhook", "hotline", "patrol", "inspection", "device"]
FateName = Literal["taken", "joined", "added", "ignored", "refused", "waiting", "dropped"]
_HEADERS = [
    {
        "name": name,
        "in": "header",
        "required": False,
        "description": told,
        "schema": {"type": "string"},
    }
    for name, told in (
        ("webhook-id", "Your name for this delivery; the same when you send it again."),
        ("webhook-timestamp", "Seconds since 1970, now; good for five minutes."),
        (
            "webhook-signature",
            "`v1,` and the Base64 of HMAC-SHA-256 over `id.timestamp.body` with the source's "
            "secret (Standard Webhooks).",
        ),
    )
]


class ReceivedShown(Shown):
    """One message and what became of it. `number` is the sender's, `case` ours."""

    id: UUID
    number: str
    fate: FateName
    reason: str
    message: str
    case: str | None
    times: int
    received_at: datetime
    said_at: datetime | None


class OneSent(ReceivedShown):
    """`code` is the reporter's tracking code, told once, with what went in just now."""

    code: str | None


class SentShown(Shown):
    items: list[OneSent]


class ReceivedList(Shown):
    items: list[ReceivedShown]
    next: str | None


class SourceShown(Shown):
    """A source, how it is, and what came of it in thirty days; never its secret.

    Its settings (map, addresses, user, folders) are told to who manages it, else empty.
    `unsigned_today` are calls that nobody signed rightly: anybody's, and no faults of the source.
    """

    id: UUID
    kind: Kind
    channel: str
    name: str
    way: Literal["push", "pull", "mail"]
    is_active: bool
    field_map: str
    url: str
    host: str
    port: int
    line: str
    user: str
    folder: str
    done_folder: str
    begins_at: datetime | None
    health: Literal["ok", "off", "silent", "faulty"]
    received_at: datetime | None
    asked_at: datetime | None
    faults_today: int
    unsigned_today: int
    last_fault: str
    last_fault_at: datetime | None
    lag_seconds: int | None
    kept: int
    cases: int
    joined: int
    answered: int
    late: int


class SourceMade(SourceShown):
    """`secret` is shown here and nowhere again; empty where somebody gave one."""

    secret: str


class SourceGone(Shown):
    """What was removed."""

    id: UUID


class SourceList(Shown):
    items: list[SourceShown]


class SourceSent(Input):
    """The settings. Those that are not of the kind's way stay empty."""

    name: Annotated[Text64, Field(min_length=1)]
    channel: Text64 = Field("", description="The cases' channel; by the kind if empty.")
    field_map: Annotated[str, Field(max_length=8000, pattern=r"^[^\x00]*$")] = Field(
        "", description="TOML: where in what is sent our fields stand (docs/sources.md)."
    )
    url: Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")] = Field(
        "", description="A board that is asked; `{since}` is the newest moment known."
    )
    host: Text120 = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    line: Literal["tls", "starttls", "plain"] = "tls"
    user: Text120 = ""
    folder: Text64 = "INBOX"
    done_folder: Text64 = ""
    takes_old: bool = Field(
        False, description="Of a new mailbox, or another folder, also what lies there already."
    )
    secret: Text200 = Field("", description="Password, token or key; left as it is if empty.")


class NewSource(SourceSent):
    kind: Kind


class SampleSent(Input):
    """A sample of what would be sent."""

    sample: Annotated[str, Field(max_length=200_000, pattern=r"^[^\x00]*$")]


class TriedShown(Shown):
    """What the map reads of one message of a sample; `fault` is empty where all is well."""

    fault: str
    number: str
    what: str
    place: str
    lon: float | None
    lat: float | None
    said_at: datetime | None
    name: str
    phone: str
    label: str
    category: str
    photos: int


class TriedList(Shown):
    items: list[TriedShown]


class SwitchSent(Input):
    is_active: bool


class ReceivedAsked(Paged):
    fate: FateName | None = Field(None, description="One fate only.")


@router.post(
    "/sources/{source_id}/messages",
    response={200: SentShown},
    summary="Send messages",
    openapi_extra={
        "parameters": _HEADERS,
        "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
    },
)
def send_messages(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """JSON in the sender's own form; the source's map says where what stands. Signed, no key.

    Every message is answered by itself: `taken`, `joined` (the same matter was there), or why not.
    What was refused is kept and may be sent again; a number that is known adds nothing. With what
    went in comes its reporter's tracking code, this once, for you to pass on.
    """
    rows = actions.take_sent(
        source_id,
        request.read,
        id=request.headers.get("webhook-id", ""),
        timestamp=request.headers.get("webhook-timestamp", ""),
        signatures=request.headers.get("webhook-signature", ""),
    )
    codes = [row.code if row.fate in (rules.Fate.TAKEN, rules.Fate.JOINED) else "" for row in rows]
    shown = zip(_received(rows), codes, strict=True)
    return give({"items": [told | {"code": code or None} for told, code in shown]})


def _received(rows: list[Received]) -> list[dict[str, Any]]:
    behind = cases.cases_behind(row.case_id for row in rows if row.case_id)
    numbers = {case.id: case.number for case in behind}
    return [_received_shown(row, numbers.get(row.case_id) if row.case_id else None) for row in rows]


def _received_shown(row: Received, number: str | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.external,
        "fate": row.fate,
        "reason": row.reason,
        "message": reads.reason_words(row),
        "case": number,
        "times": row.times,
        "received_at": row.received_at,
        "said_at": row.said_at,
    }


@router.get("/sources", response=SourceList, summary="The sources and how they are")
def list_sources(request: HttpRequest) -> HttpResponse:
    """All of the county, not paged: a county has few."""
    actor = actor_of(request)
    return give({"items": _shown(list(reads.sources(actor, county=settings.COUNTY)), actor)})


_PLAIN = ("id", "kind", "channel", "name", "is_active", "received_at", "asked_at")
_SETTINGS = (
    "field_map", "url", "host", "port", "line", "user", "folder", "done_folder", "begins_at",
)  # fmt: skip


def _shown(found: list[Source], actor: Actor) -> list[dict[str, Any]]:
    healths, counts = standing.healths(found), standing.counts(found)
    unset = None if reads.may_manage(actor) else Source(host="", line="", folder="", port=0)
    return [_source_shown(one, unset or one, healths[one.id], counts[one.id]) for one in found]


def _source_shown(
    source: Source, told: Source, health: standing.Health, counted: standing.Counts
) -> dict[str, Any]:
    fault = health.last_fault
    return {
        **{name: getattr(source, name) for name in _PLAIN},
        **{name: getattr(told, name) for name in _SETTINGS},
        "way": reads.way(source).value,
        "health": health.sign,
        "faults_today": health.faults,
        "unsigned_today": health.unsigned,
        "last_fault": str(FAULT_NAMES.get(fault.code, fault.code)) if fault else "",
        "last_fault_at": fault.last_at if fault else None,
        "lag_seconds": round(health.lag.total_seconds()) if health.lag is not None else None,
        "kept": health.kept,
        "cases": counted.cases,
        "joined": counted.joined,
        "answered": counted.answered,
        "late": counted.late,
    }


@router.post("/sources", response={201: SourceMade}, summary="Make a source")
def add_source(request: HttpRequest, body: NewSource) -> HttpResponse:
    """Switched off until its map has read a sample. The answer holds the secret to sign with."""
    actor, kind = actor_of(request), body.kind
    wanted = Wanted(**body.model_dump(exclude={"kind"}))

    def do() -> Answer:
        source, secret = actions.add_source(kind, wanted, actor=actor)
        return Answer({**_shown([source], actor)[0], "secret": secret}, 201)

    return answer_once(request, do)


@router.get("/sources/{source_id}", response=SourceShown, summary="One source")
def get_source(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """Its settings, its health and its counts."""
    actor = actor_of(request)
    return give(_shown([reads.source_for(actor, source_id)], actor)[0])


@router.put("/sources/{source_id}", response=SourceShown, summary="Change a source")
def change_source(request: HttpRequest, source_id: UUID, body: SourceSent) -> HttpResponse:
    """All its settings at once. Another map or mailbox switches it off until it was tried."""
    wanted, actor = Wanted(**body.model_dump()), actor_of(request)
    return give(_shown([actions.change_source(source_id, wanted, actor=actor)], actor)[0])


@router.post("/sources/{source_id}/remove", response=SourceGone, summary="Remove a source")
def remove_source(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """For good, where it never received anything; another one is only switched off."""
    actor = actor_of(request)

    def do() -> Answer:
        actions.remove_source(source_id, actor=actor)
        return Answer({"id": source_id})

    return answer_once(request, do)


@router.post("/sources/{source_id}/try", response=TriedList, summary="Try the map on a sample")
def try_source(request: HttpRequest, source_id: UUID, body: SampleSent) -> HttpResponse:
    """What would be read of it; nothing goes in."""
    found = actions.try_map(source_id, body.sample, actor=actor_of(request))
    return give({"items": [_tried(each) for each in found]})


def _tried(tried: Any) -> dict[str, Any]:
    message = tried.message or rules.Incoming("", "", "")
    names = ("what", "place", "lon", "lat", "said_at", "name", "phone", "label", "category")
    return {
        "fault": tried.fault,
        "number": message.external,
        **{name: getattr(message, name) for name in names},
        "photos": len(message.files),
    }


@router.post("/sources/{source_id}/switch", response=SourceShown, summary="Switch on or off")
def switch_source(request: HttpRequest, source_id: UUID, body: SwitchSent) -> HttpResponse:
    """On only where its map has read a sample, or its mailbox is told whole."""
    actor = actor_of(request)
    source = actions.switch_source(source_id, is_active=body.is_active, actor=actor)
    return give(_shown([source], actor)[0])


@router.post("/sources/{source_id}/secret", response=SourceMade, summary="Another secret")
def renew_source_secret(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """The one before is good for a day more."""
    actor = actor_of(request)

    def do() -> Answer:
        source, secret = actions.renew_secret(source_id, actor=actor)
        return Answer({**_shown([source], actor)[0], "secret": secret})

    return answer_once(request, do)


@router.get("/sources/{source_id}/messages", response=ReceivedList, summary="What it brought")
def list_received(
    request: HttpRequest, source_id: UUID, asked: Annotated[ReceivedAsked, Query(...)]
) -> HttpResponse:
    """The newest first, without anybody's words."""
    actor = actor_of(request)
    source = reads.source_for(actor, source_id)
    page = page_of(
        reads.received_of(actor, source, fates=[asked.fate] if asked.fate else ()).select_related(
            "case"
        ),
        order=("-received_at", "-id"),
        cursor=asked.cursor,
        limit=asked.limit,
    )
    return give_page(
        request, page, lambda row: _received_shown(row, row.case.number if row.case else None)
    )


@router.post("/received/{received_id}/try", response=ReceivedShown, summary="Try again")
def try_received(request: HttpRequest, received_id: UUID) -> HttpResponse:
    """Once more, by the map and the rules of today."""
    actor = actor_of(request)
    return _settled(request, lambda: actions.try_again(received_id, actor=actor))


def _settled(request: HttpRequest, do: Callable[[], Received]) -> HttpResponse:
    return answer_once(request, lambda: Answer(_received([do()])[0]))


@router.post("/received/{received_id}/take", response=ReceivedShown, summary="Make a case of it")
def take_received(request: HttpRequest, received_id: UUID) -> HttpResponse:
    """For who takes in messages and has read this one: it is a matter of its own."""
    actor = actor_of(request)
    return _settled(request, lambda: actions.try_again(received_id, by_person=True, actor=actor))


@router.post("/received/{received_id}/drop", response=ReceivedShown, summary="Nothing to take")
def drop_received(request: HttpRequest, received_id: UUID) -> HttpResponse:
    """For who takes in messages and has read this one: its words are removed."""
    actor = actor_of(request)
    return _settled(request, lambda: actions.drop_message(received_id, actor=actor))
