"""Deliveries on their way: claimed before the call, settled after it, found after a crash."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.ids import new_id
from gezhi.base.masking import mask_text
from gezhi.base.slices import queue_many, queue_once
from gezhi.notices import adapters, reads, rules
from gezhi.notices.actions.confirming import forget_checks
from gezhi.notices.actions.threads import forget_code, in_thread
from gezhi.notices.adapters import DeliveryFailed, Gateway, Message
from gezhi.notices.models import Delivery
from gezhi.notices.rules import Channel, State
from gezhi.rulebook import reads as rulebook

_JOB = "gezhi.notices.jobs.send"
_MOST_AT_ONCE = 2000
_log = structlog.get_logger("gezhi.notices")


def leave_to_worker(bundle: UUID, *, due: datetime) -> None:
    """Ask the worker, once, to send a bundle when it is due."""
    queue_once(_JOB, lock=_lock(bundle, due), at=due, bundle=str(bundle))


def leave_new_to_worker(bundles: Mapping[UUID, datetime]) -> None:
    """The same for many in one trip, by when each is due; nobody was asked for one of them yet."""
    queue_many(
        _JOB,
        ((_lock(bundle, due), due, {"bundle": str(bundle)}) for bundle, due in bundles.items()),
    )


def _lock(bundle: UUID, due: datetime) -> str:
    return f"notice:{bundle}:{due.isoformat()}"


def send(bundle: UUID) -> int:
    """Send what is due of a bundle in one message; how many deliveries that were.

    The claim is committed before the call. A process that is killed in between leaves `sending`
    behind: `sweep` finds it and it is sent again under the same key.
    """
    claimed = _claim(bundle)
    if not claimed:
        return 0
    first = claimed[0]
    gateway = adapters.gateway_for(Channel(first.channel), first.address)
    if gateway is None:
        _settle(claimed, State.KEPT)
        return len(claimed)
    try:
        said = gateway.send(_message(claimed), at=clock.now())
    except DeliveryFailed as failure:
        _put_off(claimed, gateway, failure)
    except Exception as error:  # noqa: BLE001  # whatever broke, the delivery is on record
        _log.exception("a delivery broke", bundle=str(bundle))
        _put_off(claimed, gateway, DeliveryFailed(type(error).__name__))
    else:
        _settle(claimed, State.SENT, gateway=gateway.name, answer=said)
    return len(claimed)


@transaction.atomic
def _claim(bundle: UUID) -> list[Delivery]:
    """Mark the deliveries as being sent, if they are due and nobody else has them.

    What waited for its hour is closed by a bundle of its own, so that what comes too late for it
    goes alone; what later news took the place of meanwhile does not go at all. What could not go
    in its time, because no worker ran, wakes nobody now.
    """
    now = clock.now()
    found = reads.deliveries_to_send(bundle, now=now)
    if not found:
        return []
    if (due := _free_from(found[0], now)) > now:
        _hold(found, due)
        return []
    has_waited = found[0].state in rules.PUT_OFF
    if has_waited and not (found := _without_overtaken(found, now)):
        return []
    closed = new_id() if has_waited else bundle
    for row in found:
        row.state, row.bundle, row.claimed_at = State.SENDING.value, closed, now
        row.tries += 1
    Delivery.objects.bulk_update(found, ["state", "bundle", "claimed_at", "tries"])
    return found


def _without_overtaken(found: Sequence[Delivery], now: datetime) -> list[Delivery]:
    """What of it is still news. The rest stays in the outbox, which says why."""
    gone = reads.overtaken(found, now=now)
    why = _("后来的进展已经代替了这条")
    Delivery.objects.filter(pk__in=gone).update(state=State.KEPT.value, answer=why, settled_at=now)
    return [row for row in found if row.id not in gone]


def _hold(found: Sequence[Delivery], due: datetime) -> None:
    """Until the quiet is over; the sweep of that minute finds them."""
    for row in found:
        row.due = due
        if row.state == State.WAITING:
            row.state = State.HELD.value
    Delivery.objects.bulk_update(found, ["state", "due"])


def _message(claimed: Sequence[Delivery]) -> Message:
    """One message: a delivery's own words, or those of all that go together."""
    first = claimed[0]
    subject = first.subject
    if len({row.notice.number for row in claimed}) > 1:
        with translation.override(reads.language_of(first.account_id)):
            subject = _("%(count)s 条通知") % {"count": len(claimed)}
    words = "\n".join(row.words for row in claimed)
    message = Message(to=first.address, subject=subject, words=words, key=str(first.bundle))
    notices = [row.notice for row in claimed]
    return in_thread(message, notices) if first.channel == Channel.MAIL else message


@transaction.atomic
def _settle(
    claimed: Sequence[Delivery],
    state: State,
    *,
    gateway: str = "",
    answer: str = "",
    error: str = "",
) -> None:
    """The end of it. What a gateway says may repeat the number it was given: masked.

    A code that nobody will be told is kept no longer; that of a mail waits while it may come back.
    """
    if state == State.KEPT:
        for row in claimed:
            forget_code(row.notice)
    Delivery.objects.filter(
        pk__in=[row.pk for row in claimed], state=State.SENDING.value
    ).update(
        state=state.value,
        gateway=gateway,
        answer=mask_text(answer)[: rules.MOST_KEPT],
        error=mask_text(error)[: rules.MOST_KEPT],
        settled_at=clock.now(),
    )  # fmt: skip


@transaction.atomic
def _put_off(claimed: Sequence[Delivery], gateway: Gateway, failure: DeliveryFailed) -> None:
    """Try again later, or give up."""
    wait = rules.wait_before_try(
        claimed[0].tries, is_lasting=failure.is_lasting, is_servers=failure.is_servers
    )
    _log.warning("a delivery failed", gateway=gateway.name, gives_up=wait is None)
    if wait is None:
        _settle(claimed, State.FAILED, gateway=gateway.name, error=str(failure))
        return
    due = _free_from(claimed[0], clock.now() + wait)
    Delivery.objects.filter(
        pk__in=[row.pk for row in claimed], state=State.SENDING.value
    ).update(
        state=State.WAITING.value,
        gateway=gateway.name,
        due=due,
        error=mask_text(str(failure))[: rules.MOST_KEPT],
    )  # fmt: skip
    leave_to_worker(claimed[0].bundle, due=due)


def _free_from(row: Delivery, due: datetime) -> datetime:
    """From when nobody is woken: a second try waits for the end of the quiet too."""
    if row.notice.event == rules.LETTER:  # whoever has just written is awake
        return due
    _state, held = rules.when_to_send(
        Channel(row.channel),
        row.notice.event,
        now=timezone.localtime(due),
        is_urgent=reads.is_urgent(row.notice),
        notices=rulebook.current(row.county).notices,
        own_quiet=reads.own_quiet(row.account_id),
    )
    return held


@transaction.atomic
def send_again(delivery: UUID, *, actor: Actor) -> None:
    """Have what failed sent once more, with all that went in one message with it."""
    bundle, now = reads.delivery_to_send_again(actor, delivery).bundle, clock.now()
    failed = Delivery.objects.filter(bundle=bundle, state=State.FAILED.value)
    begun = {"state": State.WAITING.value, "tries": 0, "due": now, "settled_at": None, "error": ""}
    if failed.update(**begun):
        leave_to_worker(bundle, due=now)


@transaction.atomic
def sweep() -> int:
    """Take up what had to wait for its hour, and what a killed process or a lost job left.

    How many bundles that were. Old codes are forgotten.
    """
    now = clock.now()
    broken_off = Delivery.objects.filter(
        state=State.SENDING.value, claimed_at__lt=now - rules.CLAIM_HOLDS
    )
    # Whatever kills the process at every try shall not go on for ever.
    broken_off.filter(tries__gt=len(rules.WAITS)).update(
        state=State.FAILED.value, error=_("每次发送都中断了。"), settled_at=now
    )
    broken_off.update(state=State.WAITING.value, is_again=True, due=now)
    forget_checks()
    left = reads.bundles_left(now=now, most=_MOST_AT_ONCE)
    for bundle in left:
        leave_to_worker(bundle, due=now)
    return len(left)
