"""Webhooks, for programs: subscriptions, their deliveries, replays."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from gezhi.base import clock
from gezhi.base.api import (
    Answer,
    Input,
    Moment,
    Paged,
    Paging,
    Shown,
    Text48,
    Text64,
    Words,
    give,
    give_page,
)
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.exchange import actions, reads
from gezhi.exchange.actions import Made
from gezhi.exchange.models import Delivery, Subscription
from gezhi.exchange.reads import Standing
from gezhi.exchange.rules import TYPES, Stage
from gezhi.record.api import answer_once

router = Router(tags=["webhooks"])

Names = Annotated[list[Text64], Field(max_length=200)]
_TYPES = "Types of events (`gezhi.case.closed`); all where empty."
_CATEGORIES = "Categories of the rulebook; all where empty. The one before a change counts too."
_AREAS = "Codes of areas; all that the account reads where empty."


class WebhookSent(Input):
    """Where to, and what of. What an account may read is what it is told of."""

    name: Text48
    address: Words = Field(description="https, at most 500 signs.")
    account: UUID | None = Field(
        None, description="Another program's account; its own where it subscribes for itself."
    )
    types: Names = Field([], description=_TYPES)
    categories: Names = Field([], description=_CATEGORIES)
    areas: Names = Field([], description=_AREAS)


class WebhookPatch(Input):
    """What is to be changed; what isn't named stays."""

    name: Text48 = Field("")
    address: Words = Field("", description="https, at most 500 signs.")
    types: Names = Field([], description=_TYPES)
    categories: Names = Field([], description=_CATEGORIES)
    areas: Names = Field([], description=_AREAS)


class WebhookPing(Shown):
    """The last test: `error` is empty where the event was taken; both are null until it is over."""

    asked_at: datetime
    pinged_at: datetime | None
    error: str | None


class WebhookReplay(Shown):
    """How far the last replay is, in lines of the book."""

    done: int
    total: int
    seconds_left: int | None


class WebhookShown(Shown):
    """A subscription. `why` is a code where it stopped by itself.

    `waiting` and `dead` count deliveries; `unread` lines of the book it has still to read (no more
    than 10,000 are counted). A secret is never shown again; until `secret_until` the one before it
    signs too.
    """

    id: UUID
    name: str
    address: str
    account: UUID
    types: list[str]
    categories: list[str]
    areas: list[str]
    state: str
    why: str
    waiting: int
    dead: int
    unread: int
    due: datetime | None
    delivered_at: datetime | None
    failed_at: datetime | None
    error: str
    secret_until: datetime | None
    ping: WebhookPing | None
    replay: WebhookReplay | None
    made_by: str
    made_at: datetime
    changed_at: datetime


class WebhookList(Shown):
    items: list[WebhookShown]
    next: str | None


class WebhookGone(Shown):
    """Which one is no longer there."""

    id: UUID


class WebhookMade(Shown):
    """The subscription and its secret, which is shown here and nowhere again."""

    webhook: WebhookShown
    secret: str


class EventType(Shown):
    """A kind of event, and what its `data` holds beside `path`."""

    type: str
    name: str
    fields: list[str]


class EventTypeList(Shown):
    items: list[EventType]


class WebhookDelivery(Shown):
    """One event on its way: its line of the book, how often it was tried, what was said."""

    id: UUID
    line: int
    type: str
    number: str
    at: datetime
    stage: str
    tries: int
    tried_at: datetime | None
    settled_at: datetime | None
    status: int | None
    error: str


class WebhookDeliveryList(Shown):
    items: list[WebhookDelivery]
    next: str | None


class DeliveriesAsked(Paged):
    """Which deliveries."""

    stage: Stage | None = Field(None, description="Only those that wait, arrived or are dead.")


class ReplaySent(Input):
    """From where on: one of the two."""

    since: Moment | None = Field(None, description="A moment.")
    line: Annotated[int, Field(ge=0, le=2**62)] | None = Field(
        None, description="A line of the book: what stands before the dash in an event's id."
    )


def _shown(found: Subscription) -> dict[str, Any]:
    return _told(found, reads.standings_of([found])[found.id])


def _told(found: Subscription, standing: Standing) -> dict[str, Any]:
    now = clock.now()
    far = reads.progress_of(found, now=now)
    names = (
        "id", "name", "address", "categories", "areas", "state", "why", "due", "delivered_at",
        "failed_at", "error", "made_by", "made_at", "changed_at",
    )  # fmt: skip
    shown = {name: getattr(found, name) for name in names}
    return shown | {
        "account": found.account_id,
        "types": [TYPES[kind].name for kind in found.kinds if kind in TYPES],
        "waiting": standing.waiting,
        "dead": standing.dead,
        "unread": standing.unread,
        "secret_until": found.secret_until,
        "ping": _ping(found),
        "replay": (
            {"done": far.done, "total": far.total, "seconds_left": far.seconds} if far else None
        ),
    }


def _ping(found: Subscription) -> dict[str, Any] | None:
    if found.ping_asked_at is None:
        return None
    return {
        "asked_at": found.ping_asked_at,
        "pinged_at": found.pinged_at,
        "error": found.ping_error if found.pinged_at else None,
    }


def _made(made: Made) -> dict[str, Any]:
    return {"webhook": _shown(made.subscription), "secret": made.secret}


def _delivery(one: Delivery) -> dict[str, Any]:
    names = (
        "id", "line", "number", "at", "stage", "tries", "tried_at", "settled_at", "status", "error",
    )  # fmt: skip
    type = TYPES[one.kind].name if one.kind in TYPES else one.kind
    return {name: getattr(one, name) for name in names} | {"type": type}


@router.get("/webhooks", response=WebhookList, summary="Webhooks")
def list_webhooks(request: HttpRequest, asked: Paging) -> HttpResponse:
    """All of the county for its administrator; its own for a program."""
    page = page_of(
        reads.subscriptions(actor_of(request)),
        order=("name", "id"),
        cursor=asked.cursor,
        limit=asked.limit,
    )
    standings = reads.standings_of(page.rows)
    return give_page(request, page, lambda each: _told(each, standings[each.id]))


@router.post("/webhooks", response={201: WebhookMade}, summary="Subscribe")
def make_webhook(request: HttpRequest, body: WebhookSent) -> HttpResponse:
    """From now on events are sent there. The answer holds the secret that signs them."""
    actor, values = actor_of(request), body.model_dump()
    return answer_once(
        request, lambda: Answer(_made(actions.subscribe(**values, actor=actor)), 201)
    )


@router.get("/webhooks/types", response=EventTypeList, summary="Types of events")
def list_event_types(request: HttpRequest) -> HttpResponse:
    """What can be subscribed. Not paged."""
    reads.must_look(actor_of(request))
    items = [
        {"type": each.name, "name": str(each.label), "fields": list(each.fields)}
        for each in TYPES.values()
    ]
    return give({"items": items})


@router.get("/webhooks/{uuid:webhook}", response=WebhookShown, summary="A webhook")
def show_webhook(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """How it is set, how it is doing."""
    return give(_shown(reads.subscription_for(actor_of(request), webhook)))


@router.patch("/webhooks/{uuid:webhook}", response=WebhookShown, summary="Change a webhook")
def change_webhook(request: HttpRequest, webhook: UUID, body: WebhookPatch) -> HttpResponse:
    """For events that are read from the book from now on; another address for all that wait."""
    values = body.model_dump(exclude_unset=True)
    return give(_shown(actions.change(webhook, **values, actor=actor_of(request))))


@router.post("/webhooks/{uuid:webhook}/remove", response=WebhookGone, summary="Unsubscribe")
def remove_webhook(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """For good, with its deliveries."""

    def do() -> Answer:
        actions.remove(webhook, actor=actor_of(request))
        return Answer({"id": webhook})

    return answer_once(request, do)


@router.post("/webhooks/{uuid:webhook}/pause", response=WebhookShown, summary="Pause a webhook")
def pause_webhook(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """What happens meanwhile is sent when it is resumed."""
    actor = actor_of(request)
    return answer_once(request, lambda: Answer(_shown(actions.pause(webhook, actor=actor))))


@router.post("/webhooks/{uuid:webhook}/resume", response=WebhookShown, summary="Resume a webhook")
def resume_webhook(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """It goes on where it was paused or stopped."""
    actor = actor_of(request)
    return answer_once(request, lambda: Answer(_shown(actions.resume(webhook, actor=actor))))


@router.post("/webhooks/{uuid:webhook}/secret", response=WebhookMade, summary="Change the secret")
def change_webhook_secret(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """The new one is shown here. For a day each message carries a signature under both."""
    actor = actor_of(request)
    return answer_once(request, lambda: Answer(_made(actions.change_secret(webhook, actor=actor))))


@router.post("/webhooks/{uuid:webhook}/ping", response={202: WebhookShown}, summary="Send a test")
def ping_webhook(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """An event of the type `gezhi.ping`, whatever the state; what came of it stands in `ping`."""
    actor = actor_of(request)
    return answer_once(request, lambda: Answer(_shown(actions.ask_ping(webhook, actor=actor)), 202))


@router.post("/webhooks/{uuid:webhook}/replay", response={202: WebhookShown}, summary="Replay")
def replay_webhook(request: HttpRequest, webhook: UUID, body: ReplaySent) -> HttpResponse:
    """Events since then go again, in order and under their ids; then what is new."""
    actor, values = actor_of(request), body.model_dump()
    return answer_once(
        request, lambda: Answer(_shown(actions.replay(webhook, **values, actor=actor)), 202)
    )


@router.get(
    "/webhooks/{uuid:webhook}/deliveries", response=WebhookDeliveryList, summary="Deliveries"
)
def list_webhook_deliveries(
    request: HttpRequest, webhook: UUID, asked: Annotated[DeliveriesAsked, Query(...)]
) -> HttpResponse:
    """The newest first. Those that arrived are kept for a month."""
    found = reads.deliveries(reads.subscription_for(actor_of(request), webhook), stage=asked.stage)
    page = page_of(found, order=("-at", "-id"), cursor=asked.cursor, limit=asked.limit)
    return give_page(request, page, _delivery)


@router.post(
    "/webhooks/{uuid:webhook}/deliveries/again",
    response={202: WebhookShown},
    summary="Send all dead ones again",
)
def send_dead_again(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """Each with all its tries anew."""
    actor = actor_of(request)
    return answer_once(
        request, lambda: Answer(_shown(actions.send_all_again(webhook, actor=actor)), 202)
    )


@router.post(
    "/webhooks/{uuid:webhook}/deliveries/{uuid:event}/again",
    response={202: WebhookShown},
    summary="Send a dead one again",
)
def send_event_again(request: HttpRequest, webhook: UUID, event: UUID) -> HttpResponse:
    """Before whatever comes later in the book."""
    actor = actor_of(request)
    return answer_once(
        request, lambda: Answer(_shown(actions.send_again(webhook, event, actor=actor)), 202)
    )
