"""Deliveries on their way: claimed before the call, settled after it, found after a crash.

One process at a time sends for a subscription, so events arrive in the order of the book.
"""

import time
from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from gezhi.base import clock
from gezhi.base.masking import mask_text
from gezhi.base.slices import SLICE
from gezhi.exchange import adapters, reads, rules
from gezhi.exchange.actions.queueing import leave_to_worker
from gezhi.exchange.actions.stopping import stop, tell_of_dead
from gezhi.exchange.adapters import Said
from gezhi.exchange.models import Delivery, Subscription
from gezhi.exchange.rules import Stage, State, Verdict, Why
from gezhi.record import reads as record

_log = structlog.get_logger("gezhi.exchange")


def send(id: UUID) -> int:
    """Send what waits for a subscription, for a slice of time; how many events that were.

    Whoever comes while another process sends goes away again: that one looks once more for what
    came in between, after it has let go.
    """
    lane, count, until = _claim(id), 0, time.monotonic() + SLICE
    while lane is not None:
        lane, one = _take_next(lane)
        if lane is None or one is None or not _hand_over(lane, one):
            break
        count += 1
        if time.monotonic() > until:
            break
    if lane is not None:
        _let_go(lane)
    return count


@transaction.atomic
def _claim(id: UUID) -> Subscription | None:
    """Committed before the first call; who is killed leaves it behind for as long as it holds."""
    now = clock.now()
    lane = reads.subscription_to_send(id, now=now)
    if lane is None:
        return None
    if not reads.reach_of(lane.account):
        stop(lane, Why.CLOSED)
        return None
    lane.claimed_at = now
    lane.save(update_fields=["claimed_at"])
    return lane


@transaction.atomic
def _take_next(lane: Subscription) -> tuple[Subscription | None, Delivery | None]:
    """The subscription as it is set now, its claim made anew, and what comes first in the book.

    None once it is not ours any more.
    """
    ours = _still_ours(lane).select_for_update(of=("self",)).select_related("account").first()
    if ours is None:
        return None, None
    ours.claimed_at = now = clock.now()
    ours.save(update_fields=["claimed_at"])
    one = reads.first_waiting(ours.id)
    if one is not None:
        one.tries += 1
        one.tried_at = now
        one.save(update_fields=["tries", "tried_at"])
    return ours, one


def _still_ours(lane: Subscription) -> QuerySet[Subscription]:
    return Subscription.objects.filter(
        pk=lane.pk, claimed_at=lane.claimed_at, state=State.ACTIVE.value
    )


def _hand_over(lane: Subscription, one: Delivery) -> bool:
    """One event; true if the next may follow at once."""
    line = record.line_numbered(one.line)
    event = reads.event_of(line, lane, reads.reach_of(lane.account)) if line else None
    if event is None:
        one.delete()  # it is none of theirs any more
        return True
    said = _said(lane, *event)
    found = _verdict(said)
    if not found.is_delivered:
        _log.warning("a webhook failed", webhook=str(lane.id), status=said.status)
    return _settle(lane, one, said, found)


def _said(lane: Subscription, id: str, body: bytes) -> Said:
    """What the other side says to an event. Whatever breaks here, the delivery is on record."""
    now = clock.now()
    secrets = [lane.secret]
    if lane.secret_before and lane.secret_until and now < lane.secret_until:
        secrets.append(lane.secret_before)
    headers = {
        "content-type": f"{rules.MEDIA_TYPE}; charset=utf-8",
        "user-agent": "gezhi-webhooks/1",
        **rules.headers(secrets, id, now, body),
    }
    try:
        return adapters.hand_over(lane.address, headers, body)
    except Exception as error:  # whatever broke, the next try is on record
        _log.exception("a webhook broke", webhook=str(lane.id))
        return Said(None, type(error).__name__)


def _verdict(said: Said) -> Verdict:
    if said.is_inside:
        return Verdict(stops=Why.ELSEWHERE if settings.DEMO else Why.INSIDE)
    return rules.verdict(said.status) if said.status is not None else Verdict()


@transaction.atomic
def _settle(lane: Subscription, one: Delivery, said: Said, found: Verdict) -> bool:
    """The end of one try, if the claim still holds; else whoever took over tries again."""
    now = clock.now()
    held = _still_ours(lane).select_for_update(of=("self",)).first()
    if held is None:
        return False
    if held.address != lane.address and not found.is_delivered:
        return True  # it was changed during the call: what failed there is tried here at once
    wait = rules.wait_before_try(one.tries)
    is_dead = found.is_dead or (found.stops is None and not found.is_delivered and wait is None)
    one.status, one.error = said.status, mask_text(said.words)[: rules.MOST_SAID]
    if found.is_delivered or is_dead:
        one.stage = (Stage.DELIVERED if found.is_delivered else Stage.DEAD).value
        one.settled_at = now
    one.save(update_fields=["stage", "settled_at", "status", "error"])
    held.due = None
    if found.is_delivered:
        held.delivered_at, held.dead_in_row = now, 0
    else:
        held.failed_at, held.error = now, _in_short(said)
        held.dead_in_row += is_dead
        if wait is not None and not is_dead and found.stops is None:
            held.due = now + wait
    held.save(update_fields=["due", "delivered_at", "dead_in_row", "failed_at", "error"])
    return _goes_on(held, said, found, is_dead=is_dead)


def _in_short(said: Said) -> str:
    status = f"HTTP {said.status} " if said.status else ""
    return f"{status}{mask_text(said.words)}"[: rules.MOST_SAID].strip()


def _goes_on(held: Subscription, said: Said, found: Verdict, *, is_dead: bool) -> bool:
    """Whether the next may follow at once; where it may not, who hears of it, or when it may."""
    if found.stops or held.dead_in_row >= rules.MOST_DEAD:
        stop(held, found.stops or Why.FAILED)
        return False
    if held.due:
        leave_to_worker(held.id, due=held.due)
        return False
    if is_dead:
        tell_of_dead(held, _in_short(said))
    return True


def _let_go(lane: Subscription) -> None:
    """Let go, and only then look whether anything came meanwhile: nobody else would."""
    _still_ours(lane).update(claimed_at=None)
    left = reads.due_again(now=clock.now(), only=lane.id)
    if left:
        leave_to_worker(lane.id)


def ping(id: UUID) -> None:
    """Send an event that says nothing; what came of it stands on the subscription."""
    lane = Subscription.objects.select_related("account").filter(pk=id).first()
    if lane is None or lane.ping_asked_at is None or not settings.WEBHOOKS:
        return
    said = _said(lane, *reads.ping_of(lane, lane.ping_asked_at))
    is_fine = _verdict(said).is_delivered
    Subscription.objects.filter(pk=id, ping_asked_at=lane.ping_asked_at).update(
        pinged_at=clock.now(), ping_error="" if is_fine else _in_short(said)
    )


def sweep(now: datetime) -> int:
    """Ask again for what nobody sends: a worker was killed, or a job was lost."""
    left = reads.due_again(now=now)
    for id in left:
        leave_to_worker(id)
    return len(left)
