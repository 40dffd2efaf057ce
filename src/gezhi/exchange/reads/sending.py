"""For the reader and the sender: places in the book, whose turn it is, what comes next."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from gezhi.exchange import rules
from gezhi.exchange.models import Delivery, Subscription
from gezhi.exchange.rules import Stage, State
from gezhi.people import reads as people
from gezhi.people.models import Account

Place = tuple[int, int]


def _waiting(subscription: UUID | OuterRef) -> QuerySet[Delivery]:
    return Delivery.objects.filter(subscription=subscription, stage=Stage.WAITING.value)


def places_to_read() -> dict[Place, list[UUID]]:
    """The subscriptions by where they stand in the book: those at one place read together.

    Of one with too much waiting the rest waits in the book.
    """
    if not settings.WEBHOOKS:
        return {}
    full = _waiting(OuterRef("pk")).order_by("xid", "line")[rules.MOST_WAITING :]
    found: dict[Place, list[UUID]] = defaultdict(list)
    active = Subscription.objects.filter(~Exists(full), state=State.ACTIVE.value)
    for id, xid, line in active.values_list("id", "xid", "line"):
        found[xid, line].append(id)
    return found


def subscriptions_at(place: Place, ids: Iterable[UUID]) -> list[Subscription]:
    """Those that still stand there and that nobody else moves, held until the transaction ends."""
    xid, line = place
    return list(
        Subscription.objects.filter(
            pk__in=list(ids), xid=xid, line=line, state=State.ACTIVE.value
        )
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("account")
        .defer("address", "secret", "secret_before")  # nothing is called here
        .order_by("id")
    )  # fmt: skip


def reach_of(account: Account) -> list[str]:
    """The areas in which a program's account reads cases today; none once it is closed."""
    if not account.is_active:
        return []
    return sorted(people.acting(account).paths("case.read_area"))


def subscription_to_send(id: UUID, *, now: datetime) -> Subscription | None:
    """One that may be sent to now and that no living process sends for, held."""
    if not settings.WEBHOOKS:
        return None
    is_due = Q(due__isnull=True) | Q(due__lte=now)
    is_free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - rules.CLAIM_HOLDS)
    return (
        Subscription.objects.filter(is_due, is_free, pk=id, state=State.ACTIVE.value)
        .select_for_update(of=("self",))
        .select_related("account")
        .first()
    )


def secrets_in_use(*, now: datetime) -> Iterator[str]:
    """Every secret that signs now, of all the county's subscriptions."""
    found = Subscription.objects.filter(county=settings.COUNTY)
    for each in found.only("secret", "secret_before", "secret_until"):
        yield each.secret
        if each.secret_before and each.secret_until and now < each.secret_until:
            yield each.secret_before


def first_waiting(id: UUID) -> Delivery | None:
    """What goes next: the line that comes first in the book."""
    return _waiting(id).order_by("xid", "line").first()


def has_waiting(id: UUID) -> bool:
    """Whether anything is to be sent."""
    return _waiting(id).exists()


def due_again(*, now: datetime, only: UUID | None = None) -> list[UUID]:
    """Subscriptions whose turn it is and that nobody sends for: a job was lost, or killed."""
    if not settings.WEBHOOKS:
        return []
    is_due = Q(due__isnull=True) | Q(due__lte=now)
    is_free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - rules.CLAIM_HOLDS)
    active = Subscription.objects.filter(
        is_due, is_free, Exists(_waiting(OuterRef("pk"))),
        county=settings.COUNTY, state=State.ACTIVE.value,
    )  # fmt: skip
    if only is not None:
        active = active.filter(pk=only)
    return list(active.values_list("id", flat=True))


def all_narrowed() -> list[Subscription]:
    """Subscriptions of some areas only, held."""
    return list(Subscription.objects.select_for_update(of=("self",)).exclude(areas=[]))
