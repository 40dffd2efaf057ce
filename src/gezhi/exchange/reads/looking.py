"""For who looks after subscriptions: the county's administrators all, a program its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from gezhi.base.actor import Actor
from gezhi.base.refusal import NotAllowed, NotFound
from gezhi.base.slices import seconds_left
from gezhi.exchange.models import Delivery, Subscription
from gezhi.exchange.reads.sending import first_waiting
from gezhi.exchange.rules import Stage, State
from gezhi.people import reads as people
from gezhi.people.models import Account
from gezhi.record import reads as record

MANAGE = "webhook.manage"
OWN = "webhook.own"
MOST_UNREAD = 10_000


def may_manage(actor: Actor) -> bool:
    """Whether somebody looks after what the whole county tells others."""
    return actor.may(MANAGE, path=settings.COUNTY)


def is_for_webhooks(actor: Actor) -> bool:
    """Whether somebody has anything to do with subscriptions."""
    return may_manage(actor) or actor.may(OWN)


def must_look(actor: Actor) -> None:
    """Refuse unless `is_for_webhooks`."""
    if not is_for_webhooks(actor):
        raise NotAllowed()


def subscriptions(actor: Actor) -> QuerySet[Subscription]:
    """Those this actor looks after. Lists and single reads both start here."""
    must_look(actor)
    found = Subscription.objects.filter(county=settings.COUNTY).select_related("account")
    return found if may_manage(actor) else found.filter(account=actor.account)


def subscription_for(actor: Actor, id: UUID) -> Subscription:
    """One of them."""
    found = subscriptions(actor).filter(pk=id).first()
    if found is None:
        raise NotFound()
    return found


def subscription_to_change(actor: Actor, id: UUID) -> Subscription:
    """One of them, held until the transaction ends."""
    found = subscriptions(actor).select_for_update(of=("self",)).filter(pk=id).first()
    if found is None:
        raise NotFound()
    return found


def deliveries(subscription: Subscription, *, stage: Stage | None = None) -> QuerySet[Delivery]:
    """What went or is to go to a subscription that the caller was let at."""
    found = Delivery.objects.filter(subscription=subscription)
    return found.filter(stage=stage.value) if stage else found


def delivery_to_send_again(subscription: Subscription, id: UUID) -> Delivery:
    """A dead one of a subscription that the caller holds."""
    found = deliveries(subscription, stage=Stage.DEAD).filter(pk=id).first()
    if found is None:
        raise NotFound()
    return found


def failing() -> list[Subscription]:
    """Those that stopped by themselves, and those of which the last events died, by name."""
    is_dying = Q(state=State.ACTIVE.value, dead_in_row__gt=0)
    found = Subscription.objects.filter(
        Q(state=State.STOPPED.value) | is_dying, county=settings.COUNTY
    )
    return list(found.defer("address", "secret", "secret_before").order_by("name", "id"))


def programs() -> list[Account]:
    """The accounts that do no person's work, of which others may be told: other programs'."""
    return people.programs_of(settings.COUNTY)


@dataclass(frozen=True)
class Standing:
    """How a subscription is doing: how many wait and are dead, lines of the book still unread.

    Of those no more than `MOST_UNREAD` are counted.
    """

    waiting: int
    dead: int
    unread: int


def standings_of(subscriptions: Iterable[Subscription]) -> dict[UUID, Standing]:
    """How much is still to do for each; those at one place in the book have one count of it."""
    found = list(subscriptions)
    open_ones = Delivery.objects.filter(subscription__in=found).exclude(stage=Stage.DELIVERED.value)
    counted = open_ones.order_by().values_list("subscription", "stage").annotate(Count("id"))
    counts = {(id, stage): count for id, stage, count in counted}
    unread = {
        place: record.lines_left(*place, most=MOST_UNREAD)
        for place in {(each.xid, each.line) for each in found}
    }
    return {
        each.id: Standing(
            waiting=counts.get((each.id, Stage.WAITING.value), 0),
            dead=counts.get((each.id, Stage.DEAD.value), 0),
            unread=unread[each.xid, each.line],
        )
        for each in found
    }


@dataclass(frozen=True)
class Progress:
    """How far a replay is, in lines of the book, and how many seconds it may still take."""

    done: int
    total: int
    seconds: int | None

    @property
    def is_over(self) -> bool:
        return self.done >= self.total


def progress_of(subscription: Subscription, *, now: datetime) -> Progress | None:
    """How far its last replay is; None where there was none."""
    begins, ends, at = subscription.replay_from, subscription.replay_to, subscription.replay_at
    if begins is None or ends is None or at is None:
        return None
    waits = first_waiting(subscription.id)
    reached = waits.line - 1 if waits else subscription.line
    total = max(ends - begins, 1)
    done = min(max(reached - begins, 0), total)
    spent = (now - at).total_seconds()
    pace = done / spent if spent > 0 else 0.0
    return Progress(done, total, seconds_left(total=total, done=done, pace=pace))
