"""Peers, for programs: other cities to which cases are handed, and how these are doing there."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from gezhi.base.api import (
    NO_ZERO,
    Answer,
    Input,
    Paged,
    Paging,
    Shown,
    Text48,
    Text64,
    Text200,
    Words,
    give,
    give_page,
)
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.exchange import actions, reads
from gezhi.exchange.models import Handover, Peer
from gezhi.exchange.reads import WithPeer
from gezhi.exchange.rules import Reach, peers
from gezhi.record.api import answer_once

router = Router(tags=["peers"])

TheirText = Annotated[str, StringConstraints(max_length=peers.LONGEST_NUMBER, pattern=NO_ZERO)]
Services = Annotated[dict[Text64, TheirText], Field(max_length=1000)]
_ADDRESS = "Its Open311 without `requests.json`: https, at most 500 signs."
_KEY = "The key it gave us. It is kept sealed and never shown again."


class PeerSent(Input):
    """Another city, and the unit here for which it stands."""

    name: Text48
    unit: UUID = Field(description="What is handed to this unit is sent there. One peer for each.")
    address: Words = Field(description=_ADDRESS)
    jurisdiction: Text64 = Field("", description="Its `jurisdiction_id`, where it asks for one.")
    key: Text200 = Field("", description=_KEY)


class PeerPatch(Input):
    """What is to be changed; what isn't named stays."""

    name: Text48 = Field("")
    unit: UUID | None = Field(None)
    address: Words = Field("", description=_ADDRESS)
    jurisdiction: Text64 = Field("")
    key: Text200 = Field("", description=_KEY)
    services: Services = Field({}, description="Its code of a service for each of our categories.")
    others: TheirText = Field("", description="Its code for all other categories; empty for none.")


class PeerOffer(Shown):
    """A service as the peer lists it."""

    code: str
    name: str
    group: str
    has_questions: bool
    type: str


class PeerShown(Shown):
    """A peer. `form` is what it speaks, `json` or `xml`; empty until it was looked at.

    `open` are the cases with it, `waiting` those on their way, `dead` those that went no further.
    """

    id: UUID
    name: str
    unit: UUID
    address: str
    jurisdiction: str
    has_key: bool
    services: dict[str, str]
    others: str
    is_active: bool
    form: str
    has_updates: bool
    looked_at: datetime | None
    look_error: str
    open: int
    waiting: int
    dead: int
    due: datetime | None
    well_at: datetime | None
    failed_at: datetime | None
    error: str
    made_by: str
    made_at: datetime
    changed_at: datetime


class PeerList(Shown):
    items: list[PeerShown]
    next: str | None


class PeerGone(Shown):
    """Which one is no longer there."""

    id: UUID


class PeerOfferList(Shown):
    items: list[PeerOffer]


class HandoverShown(Shown):
    """A case with a peer, or on its way. `why` says what stopped it or how it ended."""

    id: UUID
    number: str
    reach: str
    why: str
    service: str
    request: str
    tries: int
    due: datetime | None
    status: int | None
    error: str
    expected: datetime | None
    asked_at: datetime
    sent_at: datetime | None
    checked_at: datetime | None
    ended_at: datetime | None


class HandoverList(Shown):
    items: list[HandoverShown]
    next: str | None


class HandoversAsked(Paged):
    """Which of them."""

    reach: Reach | None = Field(None, description="Only those that are so far.")


class HandoverSent(Input):
    """Nothing, to send it again; its number there, to follow that."""

    request: Annotated[TheirText, Field(description="The peer's `service_request_id`.")] = ""


def _shown(found: Peer) -> dict[str, Any]:
    return _told(found, reads.with_peers([found])[found.id])


def _told(found: Peer, counts: WithPeer) -> dict[str, Any]:
    names = (
        "id", "name", "address", "jurisdiction", "services", "others", "is_active", "form",
        "has_updates", "looked_at", "look_error", "due", "well_at", "failed_at", "error",
        "made_by", "made_at", "changed_at",
    )  # fmt: skip
    return {name: getattr(found, name) for name in names} | {
        "unit": found.unit_id,
        "has_key": bool(found.key),
        "open": counts.open,
        "waiting": counts.waiting,
        "dead": counts.dead,
    }


def _handover(one: Handover) -> dict[str, Any]:
    return {name: getattr(one, name) for name in HandoverShown.model_fields}


@router.get("/peers", response=PeerList, summary="Peers")
def list_peers(request: HttpRequest, asked: Paging) -> HttpResponse:
    """For the county's administrator."""
    page = page_of(
        reads.peers_of(actor_of(request)),
        order=("name", "id"),
        cursor=asked.cursor,
        limit=asked.limit,
    )
    counts = reads.with_peers(page.rows)
    return give_page(request, page, lambda each: _told(each, counts[each.id]))


@router.post("/peers", response={201: PeerShown}, summary="Add a peer")
def make_peer(request: HttpRequest, body: PeerSent) -> HttpResponse:
    """What it offers is looked at at once; then say which service each category is."""
    actor, values = actor_of(request), body.model_dump()
    return answer_once(
        request, lambda: Answer(_shown(actions.make_peer(**values, actor=actor)), 201)
    )


@router.get("/peers/{uuid:peer}", response=PeerShown, summary="A peer")
def show_peer(request: HttpRequest, peer: UUID) -> HttpResponse:
    """How it is set, how it is doing."""
    return give(_shown(reads.peer_for(actor_of(request), peer)))


@router.patch("/peers/{uuid:peer}", response=PeerShown, summary="Change a peer")
def change_peer(request: HttpRequest, peer: UUID, body: PeerPatch) -> HttpResponse:
    """`services` replaces the whole map. An empty key leaves the one there is."""
    values = body.model_dump(exclude_unset=True)
    return give(_shown(actions.change_peer(peer, **values, actor=actor_of(request))))


@router.get("/peers/{uuid:peer}/services", response=PeerOfferList, summary="Its services")
def list_peer_services(request: HttpRequest, peer: UUID) -> HttpResponse:
    """As it listed them when it was looked at last. Not paged."""
    return give({"items": reads.peer_for(actor_of(request), peer).offers})


@router.post("/peers/{uuid:peer}/look", response={202: PeerShown}, summary="Look at a peer")
def look_at_peer(request: HttpRequest, peer: UUID) -> HttpResponse:
    """Read its services, and whether it tells updates; what came of it stands in `looked_at`."""
    actor = actor_of(request)
    return answer_once(request, lambda: Answer(_shown(actions.ask_look(peer, actor=actor)), 202))


@router.post("/peers/{uuid:peer}/pause", response=PeerShown, summary="Pause a peer")
def pause_peer(request: HttpRequest, peer: UUID) -> HttpResponse:
    """Nothing is sent to it or asked of it until it is resumed."""
    actor = actor_of(request)
    return answer_once(request, lambda: Answer(_shown(actions.pause_peer(peer, actor=actor))))


@router.post("/peers/{uuid:peer}/resume", response=PeerShown, summary="Resume a peer")
def resume_peer(request: HttpRequest, peer: UUID) -> HttpResponse:
    """It goes on where it was paused."""
    actor = actor_of(request)
    return answer_once(request, lambda: Answer(_shown(actions.resume_peer(peer, actor=actor))))


@router.post("/peers/{uuid:peer}/remove", response=PeerGone, summary="Remove a peer")
def remove_peer(request: HttpRequest, peer: UUID) -> HttpResponse:
    """For good. Not while it has cases."""

    def do() -> Answer:
        actions.remove_peer(peer, actor=actor_of(request))
        return Answer({"id": peer})

    return answer_once(request, do)


@router.get("/peers/{uuid:peer}/handovers", response=HandoverList, summary="Cases with a peer")
def list_handovers(
    request: HttpRequest, peer: UUID, asked: Annotated[HandoversAsked, Query(...)]
) -> HttpResponse:
    """The newest first."""
    found = reads.handovers(reads.peer_for(actor_of(request), peer), reach=asked.reach)
    page = page_of(found, order=("-asked_at", "-id"), cursor=asked.cursor, limit=asked.limit)
    return give_page(request, page, _handover)


@router.post(
    "/peers/{uuid:peer}/handovers/{uuid:handover}/again",
    response={202: HandoverShown},
    summary="Send a case once more",
)
def hand_over_again(
    request: HttpRequest, peer: UUID, handover: UUID, body: HandoverSent
) -> HttpResponse:
    """One that went no further. With `request` it isn't sent, but followed under that number."""
    actor, number = actor_of(request), body.request

    def do() -> Answer:
        done = actions.hand_over_again(peer, handover, request=number, actor=actor)
        return Answer(_handover(done), 202)

    return answer_once(request, do)
