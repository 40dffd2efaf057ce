"""Reading the book for subscriptions: each from its own place, those at one place together."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from gezhi.base import clock
from gezhi.exchange import reads
from gezhi.exchange.actions.queueing import leave_to_worker
from gezhi.exchange.actions.stopping import stop
from gezhi.exchange.models import Delivery, Subscription
from gezhi.exchange.reads import Told
from gezhi.exchange.rules import Why
from gezhi.record import reads as record
from gezhi.record.models import Line

_BATCH = 500
_BEGUN = ["stage", "tries", "tried_at", "settled_at", "status", "error"]


def read_on() -> bool:
    """Let every subscription that is at work have its next lines; true if any has more to read.

    Those that have read all there is stand at one place, so many cost no more than one. What
    breaks at one place keeps no other from reading.
    """
    more, faults = False, []
    for place, ids in reads.places_to_read().items():
        try:
            more = _read_from(place, ids) or more
        except Exception as fault:  # the others have their turn first
            fault.add_note(f"subscriptions at line {place[1]}")
            faults.append(fault)
    if faults:
        raise ExceptionGroup("subscriptions fell over their lines", faults)
    return more


@transaction.atomic
def _read_from(place: tuple[int, int], ids: Sequence[UUID]) -> bool:
    """Deliveries and the places after them are one transaction: none is left out or doubled."""
    lines = record.lines_after(*place, most=_BATCH)
    held = reads.subscriptions_at(place, ids) if lines else []
    if not held:
        return False
    told = Told(lines)
    for subscription in held:
        reach = reads.reach_of(subscription.account)
        if not reach:
            stop(subscription, Why.CLOSED)
            continue
        _put_on_the_way(subscription, told.wanted_by(subscription.wanted(reach)))
        subscription.xid, subscription.line = lines[-1].xid, lines[-1].id
        subscription.read_at = clock.now()
    Subscription.objects.bulk_update(held, ["xid", "line", "read_at"])
    return len(lines) == _BATCH


def _put_on_the_way(subscription: Subscription, lines: Sequence[Line]) -> None:
    """One that is there already, because the book is read again, goes once more."""
    if not lines:
        return
    Delivery.objects.bulk_create(
        [
            Delivery(
                county=subscription.county, subscription=subscription, xid=line.xid, line=line.id,
                kind=line.kind, number=line.data["number"], at=line.at,
            )
            for line in lines
        ],
        update_conflicts=True,
        unique_fields=["subscription", "line"],
        update_fields=_BEGUN,
    )  # fmt: skip
    leave_to_worker(subscription.id, due=subscription.due)
