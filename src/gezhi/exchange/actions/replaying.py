"""Telling again: of everything since a moment or a line, or what did not arrive."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.exchange import errors, reads
from gezhi.exchange.actions.queueing import leave_to_worker
from gezhi.exchange.actions.stopping import tell
from gezhi.exchange.facts import WebhookReplayed, WebhookSentAgain
from gezhi.exchange.models import Subscription
from gezhi.exchange.rules import Stage
from gezhi.record import reads as record

_BEGUN = {
    "stage": Stage.WAITING.value, "tries": 0, "settled_at": None, "status": None, "error": "",
}  # fmt: skip


@transaction.atomic
def replay(
    id: UUID, *, since: datetime | None = None, line: int | None = None, actor: Actor
) -> Subscription:
    """Put its place in the book back: what stands there goes again, in order, then what is new.

    Events keep their ids, so a system that keeps them knows which it has.
    """
    found, now = reads.subscription_to_change(actor, id), clock.now()
    if (since is None) == (line is None):
        raise errors.PlaceWrong()
    if since and since > now:
        raise errors.MomentAhead()
    if since is not None:
        xid, at = record.place_before(since)
    else:
        xid, at = record.place_before_line(line or 0)
    if (xid, at) > (found.xid, found.line):
        raise errors.PlaceUnread()
    ends = record.last_place()[1]
    found.replay_from, found.replay_to, found.replay_at = at, ends, now
    found.xid, found.line = xid, at
    found.save(update_fields=["replay_from", "replay_to", "replay_at", "xid", "line"])
    tell(WebhookReplayed(webhook=id, line=at), found, actor=actor, now=now)
    return found


@transaction.atomic
def send_again(id: UUID, delivery: UUID, *, actor: Actor) -> Subscription:
    """Have one that did not arrive sent once more, before whatever comes later in the book."""
    found = reads.subscription_to_change(actor, id)
    one = reads.delivery_to_send_again(found, delivery)
    return _begin_anew(found, [one.id], actor)


@transaction.atomic
def send_all_again(id: UUID, *, actor: Actor) -> Subscription:
    """The same with all that did not arrive."""
    found = reads.subscription_to_change(actor, id)
    dead = list(reads.deliveries(found, stage=Stage.DEAD).values_list("id", flat=True))
    if not dead:
        raise errors.NothingDead()
    return _begin_anew(found, dead, actor)


def _begin_anew(found: Subscription, dead: list[UUID], actor: Actor) -> Subscription:
    far = reads.progress_of(found, now=clock.now())
    if far is not None and far.is_over:  # what goes again now is no part of it
        found.replay_from = found.replay_to = found.replay_at = None
        found.save(update_fields=["replay_from", "replay_to", "replay_at"])
    reads.deliveries(found).filter(pk__in=dead).update(**_BEGUN)
    leave_to_worker(found.id, due=found.due)
    fact = WebhookSentAgain(webhook=found.id, count=len(dead))
    tell(fact, found, actor=actor, now=clock.now())
    return found
